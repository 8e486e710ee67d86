"""Coverage brought up to date from what was noted is what working it out anew gives; its counts too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import coverage
from archive.derived import filing
from archive.migrations import connect
from archive.store import Store
from tests.archive.made import put, report

AGENCIES, YEARS, PORTALS, ORIGINALS = (1, 2), range(2021, 2024), ("p", "q", "r"), (1, 2, 3)
DIVISIONS = (None, "110000")
#: Between most of them no deadline passes, so that what changed is all that is looked at.
_DAYS = st.sampled_from((date(2024, 4, 1), date(2024, 6, 1), date(2025, 1, 1), date(2025, 2, 1)))
_AGENCY, _YEAR, _PORTAL = st.sampled_from(AGENCIES), st.sampled_from(YEARS), st.sampled_from(PORTALS)
_DIVISION, _ORIGINAL = st.sampled_from(DIVISIONS), st.sampled_from(ORIGINALS)
_DATE = st.sampled_from((None, "2024-01-31", "2024-02-01", "2024-04-01"))
_KIND = st.sampled_from((None, "government", "office", "department"))
_STATUS = st.sampled_from(("ok", "gone", "blocked:waf", "blocked:challenge"))

#: Name of a step → its arguments.
STEPS = {
    "file": (_AGENCY, _YEAR, _DATE),
    "file before its issuer": (_AGENCY, _YEAR, _DATE, _KIND),
    "date": (_AGENCY, _YEAR, _DATE),
    "withdraw": (_AGENCY, _YEAR),
    "reassign": (_AGENCY, _YEAR, _AGENCY),
    "kind": (_AGENCY, _KIND),
    "move": (_AGENCY, _DIVISION),
    "dissolve": (_AGENCY,),
    "dissolve backwards": (_AGENCY,),
    "go and come": (_AGENCY,),
    "open": (_PORTAL, _DIVISION, _STATUS),
    "status": (_PORTAL, _STATUS),
    "portal moves": (_PORTAL, _DIVISION),
    "close": (_PORTAL,),
    "original": (_ORIGINAL, _PORTAL, _AGENCY, _YEAR),
    "original goes": (_ORIGINAL,),
    "refresh": (_DAYS,),
    "lose a row": (_AGENCY, _YEAR),
    "alter a row": (_AGENCY, _YEAR),
    "add a row": (_AGENCY, _YEAR),
}


def step(db: Database, name: str, *given_: Any) -> None:
    """One step; what cannot be done does nothing."""
    if name == "refresh":
        coverage.refresh(db, *given_)
        return
    if name == "file":
        agency, year, day = given_
        db.execute("INSERT OR IGNORE INTO agencies (id, name) VALUES (?1, 'a' || ?1)", [agency])
        sql = "INSERT OR IGNORE INTO reports (id, title, agency, year, published_on) VALUES (?, '', ?, ?, ?)"
        db.execute(sql, [_report(agency, year), agency, year, day])
    elif name == "file before its issuer":
        agency, year, day, kind = given_
        sql = "INSERT OR IGNORE INTO reports (id, title, agency, year, published_on) VALUES (?, '', ?, ?, ?)"
        db.execute(sql, [_report(agency, year), agency, year, day])
        db.execute(
            "INSERT OR IGNORE INTO agencies (id, name, kind) VALUES (?1, 'a' || ?1, ?2)", [agency, kind]
        )
    elif name in ("dissolve", "dissolve backwards"):
        # An issuer goes with its last report, and its rows with it, in whatever order.
        order = (("coverage", "agency"), ("reports", "agency"), ("agencies", "id"))
        for table, column in order if name == "dissolve" else order[::-1]:
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", given_)
    elif name == "go and come":
        [agency] = given_
        row = db.execute("SELECT id, name, kind, division FROM agencies WHERE id = ?", [agency]).fetchone()
        db.execute("DELETE FROM agencies WHERE id = ?", [agency])
        if row is not None:
            db.execute("INSERT INTO agencies (id, name, kind, division) VALUES (?, ?, ?, ?)", row)
    elif name == "original":
        original, portal, agency, year = given_
        sql = """
            INSERT INTO documents (id, url, fetched_at, sha256, portal, report)
            VALUES (?1, ?1, '', '', ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET portal = excluded.portal, report = excluded.report
        """
        db.execute(sql, [original, portal, _report(agency, year)])
    else:
        db.execute(_SQL[name], given_)


def _report(agency: int, year: int) -> int:
    return 10_000 * agency + year


_SQL = {
    "date": "UPDATE reports SET published_on = ?3 WHERE agency = ?1 AND year = ?2",
    "withdraw": "DELETE FROM reports WHERE agency = ? AND year = ?",
    "reassign": "UPDATE OR IGNORE reports SET agency = ?3 WHERE agency = ?1 AND year = ?2"
    " AND ?3 IN (SELECT id FROM agencies)",
    "kind": "UPDATE agencies SET kind = ?2 WHERE id = ?1",
    "move": "UPDATE OR IGNORE agencies SET division = ?2, province = ?2 WHERE id = ?1",
    "open": "INSERT OR IGNORE INTO portals (key, name, family, division, status) VALUES (?1, ?1, '', ?2, ?3)",
    "status": "UPDATE portals SET status = ?2 WHERE key = ?1",
    "portal moves": "UPDATE portals SET division = ?2 WHERE key = ?1",
    "close": "DELETE FROM portals WHERE key = ?",
    "lose a row": "DELETE FROM coverage WHERE agency = ? AND year = ?",
    "alter a row": "UPDATE coverage SET status = 'late' WHERE agency = ? AND year = ?",
    "add a row": "INSERT OR IGNORE INTO coverage (agency, year, status) SELECT id, ?2 - 3, 'late'"
    " FROM agencies WHERE id = ?1",
    "original goes": "DELETE FROM documents WHERE id = ?",
}


#: Two issuers with a year between their reports for which nothing is there, one of them behind a portal
#: that is blocked: few steps from here each change what is said of that year.
START: list[tuple[Any, ...]] = [
    *(("file", agency, year, None) for agency in AGENCIES for year in (2021, 2023)),
    ("move", 2, "110000"),
    ("open", "p", None, "blocked:waf"),
    ("open", "q", None, "ok"),
    ("original", 1, "p", 1, 2021),
    ("refresh", date(2024, 4, 1)),
]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Database]]:
    """Gives an empty archive within a transaction that is undone when the next is asked for."""
    db = connect(tmp_path_factory.mktemp("followed") / "gongkai.db", kind="archive")

    def begin() -> Database:
        db.conn.rollback()
        db.conn.execute("BEGIN")
        return db

    yield begin
    db.conn.rollback()
    db.close()


def rows(db: Database) -> list[tuple[Any, ...]]:
    return sorted(db.execute("SELECT * FROM coverage").fetchall())


_STEP = st.sampled_from(sorted(STEPS)).flatmap(lambda name: st.tuples(st.just(name), *STEPS[name]))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=1, max_size=6), today=_DAYS)
def test_as_made_anew(fresh: Callable[[], Database], steps: list[tuple[Any, ...]], today: date) -> None:
    db = fresh()
    for name, *given_ in START:
        step(db, name, *given_)
    for name, *given_ in steps:
        step(db, name, *given_)
        assert filing.wrong(db) == []
    coverage.refresh(db, today)
    assert filing.wrong(db) == []
    followed = rows(db)
    assert list(coverage.wrong(db, today)) == []
    assert db.execute("SELECT count(*) FROM _uncovered").fetchone() == (0,)
    assert coverage.refresh(db, today) == 0
    coverage.drop(db)
    coverage.ensure(db)
    db.execute("DELETE FROM coverage")
    coverage.refresh(db, today)
    assert rows(db) == followed


def test_what_did_not_change_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    bring = coverage._bring

    def watched(db: Database, issuers: Any, until: Any) -> int:
        looked.extend(issuers)
        return bring(db, issuers, until)

    monkeypatch.setattr(coverage, "_bring", watched)
    with Store(tmp_path / "gongkai.db") as store:
        for number, agency in enumerate(("中原区财政局", "中原区教育局", "中原区民政局")):
            put(store, f"http://a/{number}", str(number), report(year=2023, agency=agency))
        assert store.refresh_coverage(date(2024, 6, 1)) == 3
        assert len(looked) == 3
        looked.clear()
        # An original that says the same, and a day on which no deadline has passed.
        put(store, "http://a/0", "0", report(year=2023, agency="中原区财政局"))
        assert store.refresh_coverage(date(2024, 9, 1)) == 0
        assert looked == []
        put(store, "http://a/9", "9", report(year=2022, agency="中原区教育局"))
        assert store.refresh_coverage(date(2024, 9, 1)) == 1
        assert len(looked) == 1
        # A report for a later year makes that year due for all, once its deadlines have passed.
        put(store, "http://a/10", "10", report(year=2024, agency="中原区教育局"))
        looked.clear()
        assert store.refresh_coverage(date(2025, 1, 20)) == 1
        assert len(looked) == 1
        looked.clear()
        assert store.refresh_coverage(date(2025, 2, 1)) == 2
        assert len(looked) == 3


def test_an_archive_without_notes_is_looked_at_whole(tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    with Store(path) as store:
        put(store, "http://a/1", "1", report(year=2022))
        store.refresh_coverage(date(2024, 6, 1))
        coverage.drop(store.db)  # as earlier versions left it
        put(store, "http://a/2", "2", report(year=2023))
    with Store(path) as store:
        assert store.refresh_coverage(date(2024, 6, 1)) == 1
        assert list(coverage.wrong(store.db, date(2024, 6, 1))) == []
        store.db.execute("DROP TRIGGER _uncovered_report_insert")
        put(store, "http://a/3", "3", report(year=2024))
        store.refresh_coverage(date(2024, 6, 1))
        assert len(list(coverage.wrong(store.db, date(2024, 6, 1)))) == 1
