"""Nothing that is asked again and again goes through a table that grows with the archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from archive import overlay
from archive.queries import QUERIES
from archive.schema import TABLES, TableDef
from archive.site import division, feeds, filing, front
from archive.site.memo import Memo
from archive.site.paged import narrowest, settled
from archive.store import Store
from pipelines.across import prove
from tests.archive.made import put, report

#: Tables whose rows are as many as divisions, portals or kinds of things, however many reports there are;
#: lists of what is still to do; and figures altered after publication, which are few.
_SMALL = re.compile(
    r"_count_\w+|totals|lines|divisions|portals|about|_uncovered|_covered|_unproved|_signed|changes|json_each|sqlite_\w+"
)
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
#: What a statement works out by itself and then goes through is no table.
_OWN = re.compile(r"(?:MATERIALIZE|CO-ROUTINE) (\w+)")


def scanned(db: Database, sql: str, values: Any = ()) -> set[str]:
    """Tables that a statement goes through from end to end, by their own names."""
    plan = [row[3] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    # Read in the order of an index, and no further than a page is long.
    stops = "LIMIT" in sql.upper() and "USE TEMP B-TREE FOR ORDER BY" not in plan
    found = re.findall(r"\b(?:FROM|JOIN)\s+\"?(\w+)\"?\s+AS\s+(\w+)", sql, re.IGNORECASE)
    names = {alias: table for table, alias in found}
    own = {name for line in plan for name in _OWN.findall(line)}
    tables = {row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    partial = {row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE sql LIKE '% WHERE %'")}
    seen = {
        names.get(name, name)
        for line in plan
        for name, index in _SCAN.findall(line)
        if name not in own and not (stops and index) and index not in partial
    }
    return {name for name in seen if name in tables and not _SMALL.fullmatch(name)}


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store(tmp_path / "gongkai.db") as opened:
        for year in (2022, 2023):
            put(opened, f"http://a/{year}", str(year), report(year=year))
        yield opened


@pytest.mark.parametrize("name", [query.name for query in QUERIES])
def test_canned_queries(store: Store, name: str) -> None:
    query = next(one for one in QUERIES if one.name == name)
    assert scanned(store.db, query.sql, dict.fromkeys(query.params, "")) == set()


def asked(store: Store, work: Callable[[], object]) -> list[str]:
    """The statements that a piece of work puts to the database, their values filled in."""
    said: list[str] = []
    store.db.conn.set_trace_callback(said.append)
    try:
        work()
    finally:
        store.db.conn.set_trace_callback(None)
    return [
        sql
        for sql in said
        if sql.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"))
    ]


def test_the_beginning_and_the_end_of_a_crawl(store: Store) -> None:
    store.refresh_coverage(date(2024, 6, 1))
    prove(store)
    store.db.conn.commit()

    def work() -> None:
        store.known("zhongyuan")
        put(store, "http://a/2021", "2021", report(year=2021))
        prove(store)
        store.refresh_coverage(date(2024, 6, 2))

    said = asked(store, work)
    assert len(said) > 50
    assert {sql: found for sql in said if (found := scanned(store.db, sql))} == {}


def test_a_government_and_the_bodies_below_it(store: Store) -> None:
    [agency] = store.all_agencies()
    said = asked(store, lambda: (overlay.superiors(store.db, agency), overlay.subordinates(store.db, agency)))
    assert len(said) == 2
    assert {sql: found for sql in said if (found := scanned(store.db, sql))} == {}


def test_pages_of_the_country_and_of_a_province(store: Store) -> None:
    conn = store.db.conn

    def work() -> None:
        front.load(conn)
        filing.by_province(conn)
        filing.by_part(conn, "410000")
        division.provinces(conn)
        division.load(conn, "410000", Memo(store.path))

    said = asked(store, work)
    assert len(said) > 10
    assert {sql: found for sql in said if (found := scanned(store.db, sql))} == {}


def test_pages_of_divisions_look_at_no_figures_of_reports(store: Store) -> None:
    """A prefecture's are those of some dozen counties, a province's of a hundred thousand reports."""

    def work() -> None:
        for code in ("410000", "410100", "410102"):
            division.load(store.db.conn, code, Memo(store.path))

    said = asked(store, work)
    assert any("_count_places" in sql for sql in said)
    assert {sql: found for sql in said if (found := scanned(store.db, sql))} == {}
    figures = re.compile(r"\b(?:from|join) (?:requests|reviews|indicators)\b", re.IGNORECASE)
    assert [sql for sql in said if figures.search(sql)] == []


@pytest.mark.parametrize("kind", ["reports", "findings"])
@pytest.mark.parametrize("province", [None, "河南省"])
def test_feeds_end_with_their_last_entry(store: Store, kind: feeds.Kind, province: str | None) -> None:
    """Which of the states are the latest is read from the index alone, and they are not sorted."""
    said = asked(store, lambda: feeds.load(store.db.conn, kind, province, None))
    assert {sql: found for sql in said if (found := scanned(store.db, sql))} == {}
    plan = [row[3] for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {said[0]}")]
    covering = "COVERING INDEX idx_revisions_seen_at_report_number"
    assert [line for line in plan if covering in line][1:] == [f"SCAN w USING {covering}"]
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan


FACETS = ("province", "form", "verdict")


@pytest.mark.parametrize("column", ["", *FACETS])
@pytest.mark.parametrize("later", [False, True])
def test_pages_of_the_table_of_reports_sort_nothing(store: Store, column: str, later: bool) -> None:
    """The first page, and one after it, of all reports and of those with one value."""
    conditions = [f'"{column}" = :p0'] * bool(column)
    conditions += ["(year < :p1 or year is null or (year = :p1 and id > :p2))"] * later
    where = f"where {' and '.join(conditions)} " if conditions else ""
    order = "year desc, id" if later else "year desc"
    sql = settled(f"select id, title, year from reports {where}order by {order} limit 51")
    plan = [row[3] for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(_PARAMS, 1))]
    assert len(plan) == 1
    assert f"idx_reports_{column}_year_desc".replace("__", "_") in plan[0]
    if column and later:
        assert plan[0].endswith(f"({column}=? AND year<?)")


@pytest.mark.parametrize("table", [table for table in TABLES if table.sort is not None], ids=lambda t: t.name)
def test_the_first_page_of_a_table_is_read_in_its_order(store: Store, table: TableDef) -> None:
    """Only the few rows that are alike in the column it is sorted by are put in order."""
    assert table.sort is not None
    order = re.sub(r"-(\w+)", r"\1 desc", table.sort)
    names = ", ".join(f"[{column.name}]" for column in table.columns)
    sql = settled(f"select {names} from {table.name} order by {order} limit 101")
    plan = [row[3] for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan or _SMALL.fullmatch(table.name)


@pytest.mark.parametrize("led", FACETS)
def test_pages_of_several_facets_walk_the_one_that_leads(store: Store, led: str) -> None:
    where = " and ".join(f'"{column}" = :p{n}' for n, column in enumerate(FACETS))
    found = narrowest(settled(f"select id, title from reports where {where} order by year desc limit 51"))
    assert found is not None
    sql = found[1][FACETS.index(led)]
    plan = [row[3] for row in store.db.conn.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(_PARAMS, 1))]
    assert plan == [f"SEARCH reports USING INDEX idx_reports_{led}_year_desc ({led}=?)"]


_PARAMS = ("p0", "p1", "p2")


def test_a_scan_is_seen(store: Store) -> None:
    assert scanned(store.db, "SELECT count(*) FROM reports AS r WHERE r.title = ''") == {"reports"}
    assert scanned(store.db, "SELECT * FROM requests AS q JOIN reports AS r ON r.id = q.report") == {
        "requests"
    }
