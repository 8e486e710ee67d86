"""Index, totals and counts after any history are what working them out anew gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import derived, replay
from archive.derived import counts, proof, search, tokens, totals
from archive.derived.search import TABLE
from archive.measures import MEASURES
from archive.schema import TABLES, table
from archive.store import Store
from pipelines.across import prove
from tests.archive import kept
from tests.archive.made import put, report, rows

RECEIVED = ("requests", "received", "total")
REFUSED = ("requests", "refused_by_law", "total")
URL = "http://www.zhongyuan.gov.cn/2024/1.html"
MIRROR = "http://www.zhengzhou.gov.cn/2024/9.html"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "gongkai.db") as opened:
        yield opened


def wrong(db: Database) -> list[str]:
    found = [*proof.search_wrong(db), *proof.totals_wrong(db), *proof.counts_wrong(db)]
    return found + proof.search_wrong(db, sample=1000)


def found(db: Database, query: str) -> list[int]:
    match = tokens.expression(tokens.phrases(query))
    sql = (
        f"SELECT s.report FROM {TABLE} JOIN {search.ROWS} AS s ON s.row = {TABLE}.rowid WHERE {TABLE} MATCH ?"
    )
    return sorted(row[0] for row in db.execute(sql, [match]).fetchall())


def test_a_report_is_found_until_its_text_changes(store: Store) -> None:
    first = put(store, URL, "one", report(text="本年度办理行政复议三件。"))
    assert found(store.db, "行政复议") == found(store.db, "中原区人民政府") == [first.report]
    put(store, URL, "two", report(text="本年度办理行政诉讼三件。"), day=9)
    assert found(store.db, "行政复议") == []
    assert found(store.db, "行政诉讼") == [first.report]
    assert wrong(store.db) == []


def test_a_mirror_changes_nothing_in_the_index(store: Store) -> None:
    put(store, URL, "one", report())
    before = store.db.execute(f"SELECT count(*), max(id) FROM {TABLE}_data").fetchall()
    put(store, MIRROR, "mirror", report(), portal="zhengzhou", portal_division="410100")
    assert store.db.execute(f"SELECT count(*), max(id) FROM {TABLE}_data").fetchall() == before
    assert wrong(store.db) == []


def test_another_spelling_of_an_issuer_reaches_all_its_reports(store: Store) -> None:
    one = put(store, URL, "one", report(agency="中原区市场监管局（知识产权局）", year=2022))
    two = put(store, MIRROR, "two", report(agency="中原区市场监管局(知识产权局)", year=2023))
    assert found(store.db, "知识产权局") == sorted([one.report, two.report])  # type: ignore[type-var]
    assert wrong(store.db) == []


def test_newest_rows_come_last(store: Store) -> None:
    days = [(2022, date(2023, 3, 1)), (2023, None), (2023, date(2024, 1, 5)), (2023, date(2024, 3, 1))]
    made = [
        put(
            store, f"http://a/{n}", str(n), report(agency=f"中原区第{n}局", year=year, published_on=day)
        ).report
        for n, (year, day) in enumerate(days)
    ]
    assert [row["report"] for row in rows(store, f"SELECT report FROM {search.ROWS} ORDER BY row")] == made


def test_words_to_filter_by(store: Store) -> None:
    made = put(store, URL, "one", report())
    for code, expected in (("410000", 1), ("410100", 1), ("410102", 1), ("410200", 0), ("420000", 0)):
        sql = f"SELECT count(*) FROM {TABLE} WHERE {TABLE} MATCH ?"
        match = f'about : "{search.division_filter(code)}"'
        assert store.db.execute(sql, [match]).fetchone()[0] == expected, code
    assert made.report is not None


def test_totals_rest_on_reports_that_have_the_figure(store: Store) -> None:
    known = {RECEIVED: 27, ("requests", "granted", "total"): 5, ("requests", "concluded", "total"): 20}
    put(store, "http://a/1", "1", report(known, agency="中原区教育局"))
    put(store, "http://a/2", "2", report({RECEIVED: "blank"}, agency="中原区民政局"))
    put(store, "http://a/3", "3", report({RECEIVED: 10**10}, agency="中原区财政局"))
    [row] = rows(store, "SELECT * FROM totals")
    assert (row["province"], row["year"], row["kind"], row["level"]) == (
        "河南省",
        2023,
        "department",
        "county",
    )
    assert (row["reports"], row["received"], row["received_reports"]) == (3, 27, 1)
    assert (row["granted"], row["granted_reports"], row["granted_of"]) == (5, 3, 20)
    # The form's other lines are 0 in all three.
    assert (row["refused"], row["refused_reports"], row["reviews"], row["reviews_reports"]) == (0, 3, 0, 3)
    put(
        store,
        "http://a/1",
        "1, edited",
        report({**known, RECEIVED: "ambiguous"}, agency="中原区教育局"),
        day=3,
    )
    [row] = rows(store, "SELECT * FROM totals")
    assert (row["received"], row["received_reports"]) == (None, 0)  # no report: empty, not 0
    assert wrong(store.db) == []


def test_every_measure_has_its_columns() -> None:
    names = [column.name for column in table("totals").columns]
    assert names == [*totals.TOTALS.columns]
    assert {m.of for m in MEASURES} - {None} <= {m.key for m in MEASURES}


VALUES = st.sampled_from([0, 3, 40, "blank", "ambiguous"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from([URL, MIRROR, "http://a/1"]),
        st.sampled_from(
            ["中原区人民政府", "中原区 人民政府", "中原区教育局（体育局）", "中原区教育局(体育局)"]
        ),
        st.sampled_from([2022, 2023]),
        st.sampled_from([None, date(2024, 1, 2), date(2024, 5, 1)]),
        st.sampled_from(["复议三件。", "诉讼三件。", ""]),
        VALUES,
        st.sampled_from(["410102", "999999", None]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.booleans(), st.sampled_from([0, 1, 3, 8]))
def test_after_any_history(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]], across: bool, together: int
) -> None:
    with Store(tmp_path_factory.mktemp("history") / "gongkai.db") as store, ExitStack() as batch:
        for number, (url, agency, year, day, text, value, division) in enumerate(steps):
            if together and number % together == 0:
                batch.close()
                batch.enter_context(store.writing())
                batch.enter_context(search.together(store.db))
            made = report(
                {RECEIVED: value, REFUSED: value},
                agency=agency,
                year=year,
                published_on=day,
                text=text,
                division=division,
            )
            put(store, url, str(number), made, day=number)
            if across:
                prove(store)
        batch.close()
        store.refresh_coverage(date(2026, 1, 1))
        assert wrong(store.db) == []
        before = [tuple(row) for row in store.db.execute("SELECT * FROM totals ORDER BY 1, 2, 3, 4")]
        with store.writing():
            derived.rebuild(store.db)
        assert wrong(store.db) == []
        assert [tuple(r) for r in store.db.execute("SELECT * FROM totals ORDER BY 1, 2, 3, 4")] == before


def test_what_failed_together_is_not_in_the_index(store: Store) -> None:
    def fail() -> None:
        with store.writing(), search.together(store.db):
            put(store, URL, "one", report(text="办理复议三件。"))
            assert found(store.db, "复议") == []  # made at the end
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert found(store.db, "复议") == []
    made = put(store, URL, "two", report(text="办理诉讼三件。"))
    assert found(store.db, "诉讼") == [made.report]
    assert wrong(store.db) == []


def test_reports_stored_together_are_one_piece_of_the_index(store: Store) -> None:
    with store.writing(), search.together(store.db):
        for number in range(8):
            put(store, f"http://a/{number}", str(number), report(agency=f"中原区第{number}局"))
    [pieces] = store.db.execute(f"SELECT count(DISTINCT segid) FROM {TABLE}_idx").fetchone()
    assert pieces == 1
    assert wrong(store.db) == []


def test_of_two_reports_of_an_issuer_one_is_taken_out_and_put_back(store: Store) -> None:
    """With it goes the issuer's row, and for so long the other one is in no sum and not in the index."""
    put(store, URL, "one", report({REFUSED: 3}, year=2022))
    two = put(store, MIRROR, "two", report({REFUSED: 4}, year=2023))
    before = rows(store, "SELECT * FROM _count_reasons ORDER BY 1, 2, 3")
    assert len(before) > 1
    with store.writing():
        group = replay.Group((), (two.document,), (two.report,), ())  # type: ignore[arg-type]
        agencies = replay.forget(store.db, group)
        put(store, MIRROR, "two", report({REFUSED: 4}, year=2023))
        replay.mend(store.db, group, agencies)
    assert rows(store, "SELECT * FROM _count_reasons ORDER BY 1, 2, 3") == before
    assert wrong(store.db) == []


def test_what_is_forgotten_is_found_no_more(tmp_path: Path) -> None:
    kept.crawl(tmp_path, kept.history())
    with Store(tmp_path / "gongkai.db") as store:
        assert wrong(store.db) == []
        documents = tuple(row["id"] for row in rows(store, "SELECT id FROM documents"))
        reports = tuple(row["id"] for row in rows(store, "SELECT id FROM reports"))
        assert found(store.db, "资阳区") == sorted(reports)
        store.db.begin()
        replay.forget(store.db, replay.Group((), documents, reports, ()))
        assert found(store.db, "资阳区") == []
        assert rows(store, "SELECT * FROM totals") == rows(store, "SELECT * FROM _count_reasons") == []
        store.db.rollback()
        assert found(store.db, "资阳区") == sorted(reports)
        assert wrong(store.db) == []


def test_an_archive_of_the_first_schema_is_led_here(tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    with Store(path) as store:
        put(store, URL, "one", report({RECEIVED: 27}))
        expected = rows(store, "SELECT * FROM totals")
        db = store.db
        for each in TABLES:
            counts.drop(db, each)
        for name in ("totals", TABLE, search.ROWS):
            db.execute(f'DROP TABLE "{name}"')
        db.execute("DELETE FROM _sqlite_migrations WHERE name = '0002_derived'")
        db.execute("PRAGMA user_version = 1")
        db.conn.commit()
    with Store(path) as store:
        assert rows(store, "SELECT * FROM totals") == expected
        assert wrong(store.db) == []


def test_sums_of_an_older_archive_are_made_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gongkai.db"
    with Store(path) as store:
        for year in range(2015, 2024):
            put(store, f"http://a/{year}", str(year), report({RECEIVED: year}, year=year))
        tables = [f"SELECT * FROM {kept.table} ORDER BY 1, 2, 3, 4" for kept in totals.EVERY]
        expected = [rows(store, sql) for sql in tables]
        assert [len(found) for found in expected] == [9, 9]
        store.db.execute("DROP TABLE _count_places")
    monkeypatch.setattr(totals, "_END_OF_PART", totals._END_OF_PART.replace("10000", "2"))
    with Store(path) as store:
        assert [rows(store, sql) for sql in tables] == expected
        with store.writing():
            totals.rebuild(store.db)
        assert [rows(store, sql) for sql in tables] == expected
        assert wrong(store.db) == []


def test_a_report_that_moves_takes_its_figures_along(store: Store) -> None:
    made = put(store, URL, "one", report({RECEIVED: 27})).report
    assert made is not None
    with store.writing(), derived.following(store.db, made):
        store.db.execute("UPDATE reports SET division = '410103'")
    [row] = rows(store, "SELECT * FROM _count_places")
    assert (row["division"], row["year"], row["reports"], row["received"]) == ("410103", 2023, 1, 27)
    assert wrong(store.db) == []


DAMAGE = {
    "search": "UPDATE sections SET text = 'another'",
    "row": f"DELETE FROM {search.ROWS}",
    "stale": f"INSERT INTO {TABLE} (rowid, title) VALUES (5, 'never')",
    "totals": "UPDATE totals SET received = 26",
    "counts": "UPDATE _count_reports SET n = 2",
    "filing": "INSERT INTO _count_filing VALUES ('', '', 2023, 'late', 1)",
    "reasons": "UPDATE _count_reasons SET cases = cases + 1",
    "no reasons": "DELETE FROM _count_reasons",
    "places": "UPDATE _count_places SET granted_of = 26",
    "no places": "DELETE FROM _count_places",
    "another place": "UPDATE _count_places SET division = '410101'",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_told(store: Store, kind: str) -> None:
    put(store, URL, "one", report({RECEIVED: 27}))
    assert wrong(store.db) == []
    with store.writing():
        store.db.execute(DAMAGE[kind])
    assert wrong(store.db) != []


def test_counts_follow_a_changed_facet_and_are_made_anew_for_other_facets(store: Store) -> None:
    put(store, URL, "one", report())
    with store.writing():
        store.db.execute("UPDATE reports SET verdict = 'fail'")
        store.db.execute("UPDATE reports SET province = NULL")
    assert proof.counts_wrong(store.db) == []
    assert counts.ensure(store.db) == []
    with store.writing():
        store.db.execute("DROP TRIGGER _count_reports_update")
        store.db.execute("UPDATE reports SET verdict = 'pass'")
    assert proof.counts_wrong(store.db) != []
    assert counts.ensure(store.db) == ["reports"]
    assert proof.counts_wrong(store.db) == []


def test_a_failed_write_leaves_index_and_sums_alone(store: Store) -> None:
    put(store, URL, "one", report(text="办理复议三件。"))
    store.db.begin()
    put(store, URL, "two", report(text="办理诉讼三件。"), day=4)
    assert found(store.db, "诉讼") != []
    store.db.rollback()
    assert found(store.db, "诉讼") == []
    assert wrong(store.db) == []
