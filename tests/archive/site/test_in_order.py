"""Pages of rows that fit facets are the same rows, however they are found."""

from __future__ import annotations

import pytest

from archive.site.counted import CountedDatabase, in_order
from tests.archive.site.conftest import Get

PAGE = 'select report, number, [left] from findings where "verdict" = :p0 order by report, number limit 51'


def test_a_page_in_the_order_of_the_key_can_be_walked() -> None:
    assert in_order(PAGE) == (
        'select coalesce(sum(case when "verdict" = :p0 then n end), 0), coalesce(sum(n), 0)'
        " from _count_findings",
        51,
        PAGE.replace('where "verdict"', 'where +"verdict"'),
    )
    next_ = PAGE.replace("= :p0", "= :p0 and ((report > :p1)\n  or\n(report = :p1 and number > :p2))")
    found = in_order(next_)
    assert found is not None
    assert found[0] == in_order(PAGE)[0]  # type: ignore[index]
    assert found[2] == next_.replace('where "verdict"', 'where +"verdict"')
    assert in_order('select id, url from documents where "outcome" = :p0 order by url limit 51') is not None


@pytest.mark.parametrize(
    "sql",
    [
        PAGE.replace('"verdict"', '"message"'),  # no facet
        PAGE.replace("report, number limit", "message limit"),
        PAGE.replace("report, number limit", "report desc limit"),
        PAGE.replace(' where "verdict" = :p0', ""),
        PAGE.replace("findings", "nothing"),
        'select id, name from agencies where "kind" = :p0 order by name limit 51',
        'select id, year from reports where "verdict" = :p0 order by year desc, id limit 51',
    ],
)
def test_others_are_left_as_they_are(sql: str) -> None:
    assert in_order(sql) is None


@pytest.mark.parametrize(
    "path",
    [
        "findings.json?verdict=fail&_size=1",
        "requests.json?line=received&_size=2",
        "coverage.json?status=filed&year=2021",
        "documents.json?outcome=current",
        "reviews.json?line=reconsideration&_size=1&_next=",
    ],
)
def test_walked_or_sorted_the_rows_are_the_same(get: Get, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """All pages of it, one after the other."""

    def rows() -> list[object]:
        found, address = [], f"/gongkai/{path}"
        while address:
            page = get(address).json()
            found += page["rows"]
            address = (page.get("next_url") or "").removeprefix("http://localhost")
        return found

    async def walked(self: CountedDatabase, sql: str, _params: object) -> str:
        page = in_order(sql)
        told.append(page is not None)
        return sql if page is None else page[2]

    async def as_asked(self: CountedDatabase, sql: str, _params: object) -> str:
        return sql

    told: list[bool] = []
    monkeypatch.setattr(CountedDatabase, "_in_order", as_asked)
    expected = rows()
    monkeypatch.setattr(CountedDatabase, "_in_order", walked)
    assert rows() == expected
    assert expected
    assert any(told)
