"""Pages of a table have every row once, and the same rows however they are found."""

from __future__ import annotations

import pytest

from archive.site.counted import CountedDatabase
from archive.site.paged import in_order, narrowest, settled
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
    documents = 'select id, url from documents where "outcome" = :p0 order by url limit 51'
    assert in_order(settled(documents)) is not None


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


SORTED = "select id, year from reports {}order by {} limit 51"


@pytest.mark.parametrize(
    ("where", "order", "expected"),
    [
        ("", "year desc", "year desc, [id]"),
        ('where "form" = :p0 ', "published_on", "published_on, [id]"),
        ("where title like '%order by year desc limit 3' ", "[year] desc", "[year] desc, [id]"),
        ("", "id", "id"),
        ("", "id desc", "id desc"),
        ("", "year desc, id", "year desc, id"),
        ("", "random()", "random()"),
        ("", "nowhere", "nowhere"),
        ("where 1 union select id, year from reports ", "year", "year"),
        ("where 1 group by year ", "year", "year"),
    ],
)
def test_an_order_is_whole(where: str, order: str, expected: str) -> None:
    assert settled(SORTED.format(where, order)) == SORTED.format(where, expected)


def test_other_questions_keep_their_order() -> None:
    for sql in (
        "select x from nowhere order by x limit 3",
        "select id from reports order by year",
        "select 1",
    ):
        assert settled(sql) == sql
    assert settled("select report from requests order by report limit 3").endswith(
        "order by report, [line] limit 3"
    )


def test_a_column_that_is_never_empty_is_not_asked_whether_it_is() -> None:
    later = "({0} < :p1 or {0} is null or ({0} = :p1 and id > :p2)) "
    year = SORTED.format("where " + later.format("year"), "year desc, id")
    assert settled(year) == year.replace(" or year is null", "")
    day = SORTED.format("where " + later.format("published_on"), "published_on desc, id")
    assert settled(day) == day


NEWEST = 'select id, year from reports where "form" = :p0 and {}order by year desc, id limit 51'


def test_the_rarest_value_leads() -> None:
    found = narrowest(NEWEST.format('"verdict" = :p1 and "year" < :p2 '))
    assert found is not None
    count, pages = found
    assert count == (
        'select coalesce(sum(case when "form" = :p0 and "year" < :p2 then n end), 0), '
        'coalesce(sum(case when "verdict" = :p1 and "year" < :p2 then n end), 0) from _count_reports'
    )
    assert pages == [
        NEWEST.format('+"verdict" = :p1 and "year" < :p2 '),
        NEWEST.format('"verdict" = :p1 and "year" < :p2 ').replace('"form"', '+"form"'),
    ]
    later = narrowest(NEWEST.format('"verdict" != :p1 and (year < :p2 or (year = :p2 and id > :p3)) '))
    assert later is not None
    assert later[1] == [NEWEST.format('+"verdict" != :p1 and (year < :p2 or (year = :p2 and id > :p3)) ')]


@pytest.mark.parametrize(
    "sql",
    [
        NEWEST.replace(" and {}", " "),
        NEWEST.format('"title" = :p1 '),
        NEWEST.format('"verdict" = :p1 ').replace("year desc, id", "year, id"),
        NEWEST.format('"verdict" = :p1 ').replace(" = :", " != :"),
        NEWEST.format('"verdict" = :p1 ').replace("from reports", "from findings"),
    ],
)
def test_where_there_is_no_choice(sql: str) -> None:
    assert narrowest(sql) is None
