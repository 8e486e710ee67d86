"""Datasette's pages show kept counts, and they are what counting gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive import forms, metadata
from archive.serve import build_app
from archive.served import ServedDatabase
from archive.site.counted import answered
from archive.site.paged import NEXT
from archive.store import Store
from tests.archive.made import put, report
from tests.archive.site.conftest import Get, _getter


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counted") / "gongkai.db"
    bodies = ("中原区人民政府", "410102"), ("岳麓区人民政府", "430104"), ("某局", None)
    with Store(path) as store:
        for number, (agency, division) in enumerate(bodies):
            for year in (2019, 2020, 2022):
                form = "2019" if year < 2021 else "2021"
                values = {("requests", "received", "total"): "blank" if number else 3}
                made = report(values, agency=agency, division=division, year=year, form=form)
                put(store, f"http://a/{number}/{year}", f"{number} {year}", made)
        store.refresh_coverage()
    return path


@pytest.fixture(scope="module")
def get(path: Path) -> Get:
    return _getter(build_app(path))


@pytest.fixture(scope="module")
def plain(path: Path) -> Get:
    """The same pages, every count counted."""
    app = Datasette(
        [], metadata=metadata.build(), settings={"default_facet_size": 40, "suggest_facets": False}
    )
    plain = ServedDatabase(app, path, published=False, warcs=path.parent)
    app.add_database(plain, name="gongkai")
    plain.renew()
    return _getter(app)


PAGES = (
    "reports",
    "reports?year=2020",
    "reports?year=2020&province=河南省",
    "reports?province__isnull=1",
    "reports?year__gt=2019&verdict__not=fail",
    "reports?title__contains=中原",
    "reports?year=2020&title__contains=中原",
    "reports?_where=year=2020 or year=2019",
    "reports?year=none",
    "reports?_facet=agency",
    "reports?_facet_size=1",
    "requests?line=received",
    "requests?_sort=total",
    "coverage",
    "cell_notes?status=blank",
    "findings",
    "divisions",
    "sections",
    "totals",
    "about",
)


#: Of rows with the same value in the column they are sorted by, Datasette shows those first that it meets.
TIED = {"requests?_sort=total": "total", "totals": "year"}


@pytest.mark.parametrize("page", PAGES)
def test_counts_are_those_of_counting(get: Get, plain: Get, page: str) -> None:
    address = re.sub(r"^(\w+)", r"/gongkai/\1.json", page)
    ours, theirs = (one(address).json() for one in (get, plain))
    assert ours["filtered_table_rows_count"] == theirs["filtered_table_rows_count"]
    told = [
        {
            name: [(v["value"], v["count"], v["selected"]) for v in facet["results"]]
            for name, facet in page_["facet_results"].items()
        }
        for page_ in (ours, theirs)
    ]
    assert told[0] == told[1]
    if page in TIED:
        at = ours["columns"].index(TIED[page])
        assert [row[at] for row in ours["rows"]] == [row[at] for row in theirs["rows"]]
    else:
        assert ours["rows"] == theirs["rows"]


def test_what_is_answered_from_the_counts() -> None:
    def counted(where: str) -> bool:
        return answered(f"select count(*) from reports {where}") is not None

    assert counted("")
    assert counted('where "year" = :p0 and "province" is null ')
    for where in ('"title" = :p0', '"year" = 2020 or 1', "id in (select 1)", '"year" = :p0 and id > :p1'):
        assert not counted(f"where {where} ")
    assert answered("select count(*) from sqlite_master ") is None
    assert answered("select * from reports") is None
    assert answered("select count(*) from reports limit 1") is None


@pytest.mark.parametrize(
    "query", ["", "_sort=title", "_sort_desc=published_on", "_sort=province", "year=2020&_sort=province"]
)
def test_facets_do_not_depend_on_the_page(get: Get, query: str) -> None:
    page = get(f"/gongkai/reports.json?_size=2&{query}").json()
    first, seen = page["facet_results"], 0
    while page["next_url"]:
        address = re.sub("^https?://[^/]+", "", page["next_url"])
        page = get(address).json()
        seen += 1
        assert {
            n: [(v["value"], v["count"]) for v in f["results"]] for n, f in page["facet_results"].items()
        } == {n: [(v["value"], v["count"]) for v in f["results"]] for n, f in first.items()}
    assert seen >= 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "province=河南省",
        "form=2021",
        "verdict__not=fail&form=2021",
        "_sort=verdict",
        "_sort_desc=published_on",
        "_sort_desc=verdict",
        "_sort=repetition",
    ],
)
def test_every_row_comes_once(get: Get, query: str) -> None:
    found: list[int] = []
    address = f"/gongkai/reports.json?_size=1&{query}"
    while address:
        page = get(address).json()
        found += [row[0] for row in page["rows"]]
        address = (page.get("next_url") or "").removeprefix("http://localhost")
    assert len(found) == len(set(found)) == page["filtered_table_rows_count"]
    assert len(found) > 1


def test_a_table_with_two_keys_too(get: Get) -> None:
    page = get("/gongkai/requests.json?_size=20").json()
    later = get(re.sub("^https?://[^/]+", "", page["next_url"])).json()
    assert (
        later["facet_results"]["line"]["results"][0]["count"]
        == page["facet_results"]["line"]["results"][0]["count"]
    )


def test_only_the_place_of_the_page_is_taken_off() -> None:
    sql = 'select id from reports where "year" = :p0 and (title > :p1 or (title = :p1 and id > :p2)) '
    assert NEXT.sub("", sql).strip() == 'select id from reports where "year" = :p0'
    assert NEXT.sub("", "select id from reports where id > :p0 ").strip() == "select id from reports"


def test_the_list_of_tables_has_every_count(get: Get, path: Path) -> None:
    tables = {table["name"]: table for table in get("/gongkai.json").json()["tables"]}
    assert tables["reports"]["count"] == 9
    lines = {key: len(forms.form(key).tables["requests"].rows) for key in ("2019", "2021")}
    assert tables["requests"]["count"] == 6 * lines["2019"] + 3 * lines["2021"]
    assert all(table["hidden"] for name, table in tables.items() if name.startswith("_"))


def test_a_page_tells_what_was_stored_a_moment_ago(get: Get, path: Path) -> None:
    before = get("/gongkai/reports.json").json()["filtered_table_rows_count"]
    with Store(path) as store:
        put(store, "http://b/1", "b", report(agency="新来的局", division="410102"))
    page = get("/gongkai/reports.json").json()
    assert page["filtered_table_rows_count"] == before + 1
    assert sum(value["count"] for value in page["facet_results"]["year"]["results"]) == before + 1


def test_nothing_but_the_archive_is_shown(get: Get) -> None:
    for path in ("/_internal", "/_internal/databases", "/_internal.json?sql=select+1"):
        assert get(path).status_code in (403, 404), path
    assert get("/gongkai.json?sql=select+1").status_code == 200


def test_a_changed_schema_is_seen(path: Path) -> None:
    get = _getter(build_app(path))
    assert get("/gongkai/about.json").json()["columns"] == ["key", "value"]
    assert get("/gongkai/added.json").status_code == 404
    with Store(path) as store:
        store.db.execute("CREATE TABLE added (one INTEGER)")
    assert get("/gongkai/added.json").json()["columns"] == ["rowid", "one"]
    with Store(path) as store:
        store.db.execute("ALTER TABLE added ADD COLUMN two INTEGER")
    assert get("/gongkai/added.json").json()["columns"] == ["rowid", "one", "two"]
    with Store(path) as store:
        store.db.execute("DROP TABLE added")
    assert get("/gongkai/added.json").status_code == 404
