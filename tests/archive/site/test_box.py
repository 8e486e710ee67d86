"""The box above the table of reports: with a bound it finds what it finds without."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.utils import MultiParams

from archive.derived import tokens
from archive.serve import build_app
from archive.site import box, counted, having, searched, walked
from archive.site.search.ask import Ask
from archive.store import Store
from tests.archive.made import put, report
from tests.archive.site.conftest import Get, _getter

BODIES = (
    ("中原区人民政府", "410102"),
    ("岳麓区人民政府", "430104"),
    ("郑州市公安局", "410100"),
    ("某局", None),
)
TEXTS = (
    "本年度主动公开信息若干条，行政复议一件。",
    "全年公开政府信息三十条。",
    "没有收到申请，Ａbc 部门没有诉讼。",
    "公开、复议、诉讼各一件。",
    "本机关依申请公开二件，\n复 议零件。",
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("box") / "gongkai.db"
    with Store(path) as store:
        for number, (body, year) in enumerate(product(range(len(BODIES)), range(2017, 2025))):
            agency, division = BODIES[body]
            made = report(
                agency=agency,
                division=division,
                year=year,
                form="2019" if year < 2021 else "2021",
                text=TEXTS[number * number // 3 % len(TEXTS)],
                title=f"{agency}{year}年政府信息公开工作年度报告" if number % 3 else "年度报告",
                published_on=date(year + 1, 1, 1 + number % 4) if number % 7 else None,
            )
            put(store, f"http://a/{number}", str(number), made)
    return path


@pytest.fixture(scope="module")
def get(path: Path) -> Get:
    return _getter(build_app(path))


Bound = Callable[..., None]


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Bound:
    """``bound(most, counted)``: no more hits than these are gone over and counted."""

    def to(most: int, at_most: int = 10) -> None:
        monkeypatch.setattr(box, "MOST", most)
        monkeypatch.setattr(searched, "COUNTED", at_most)

    return to


def having_words(path: Path, words: tuple[str, ...]) -> set[int]:
    """Reports with all of the words, by their texts and without the index."""
    conn = sqlite3.connect(path)
    sql = """select r.id, r.title || char(10) || a.name || char(10) ||
        coalesce((select group_concat(text, char(10)) from sections where report = r.id), '')
        from reports as r join agencies as a on a.id = r.agency"""
    rows = [(id_, "".join(tokens.fold(text).split())) for id_, text in conn.execute(sql)]
    conn.close()
    return {id_ for id_, text in rows if all(word in text for word in words)}


def pages(get: Get, address: str) -> list[dict[str, Any]]:
    found = []
    next_ = address
    while next_:
        found.append(get(next_).json())
        next_ = (found[-1]["next_url"] or "").removeprefix("http://localhost")
    return found


#: Filters and order as they are asked for, and as SQL of a test's own.
QUERIES = (
    ("", "1", "year desc, id"),
    ("year=2022", "year = 2022", "year desc, id"),
    ("province=河南省", "province = '河南省'", "year desc, id"),
    ("province=河南省&form=2021", "province = '河南省' and form = '2021'", "year desc, id"),
    ("year__gte=2019&form=2019", "year >= 2019 and form = '2019'", "year desc, id"),
    ("verdict__not=fail&year=2021", "verdict <> 'fail' and year = 2021", "year desc, id"),
    ("title__contains=政府", "title like '%政府%'", "year desc, id"),
    ("province__isnull=1", "province is null", "year desc, id"),
    ("form=MIXED", "0", "year desc, id"),
    ("_sort=year", "1", "year, id"),
    ("_sort=id", "1", "id"),
    ("_sort_desc=id", "1", "id desc"),
    ("_sort=title", "1", "title, id"),
    ("_sort_desc=title&province=河南省", "province = '河南省'", "title desc, id"),
    ("_sort=published_on", "1", "published_on, id"),
    ("_sort_desc=published_on", "1", "published_on desc, id"),
    ("_sort=province&year=2020", "year = 2020", "province, id"),
    ("_sort_desc=form", "1", "form desc, id"),
    ("_sort=repetition", "1", "repetition, id"),
)
#: How a page is found: one after the other, all hits put in order, and the second after the first.
WAYS = {
    "as it comes": {},
    "asked": {"_FEW": 10**6},
    "gathered": {"_FEW": 1, "_TIMES": 10**6},
    "given up": {"_FEW": 2, "_TIMES": 1, "_PATIENCE": 0},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", [("公开",), ("公开", "诉讼"), ("行政复议",), ("公", "复议")])
def test_rows_are_those_that_have_the_words(
    get: Get,
    path: Path,
    bound: Bound,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    words: tuple[str, ...],
) -> None:
    conn = sqlite3.connect(path)
    expected = having_words(path, words)
    assert expected
    for name, value in WAYS[way].items():
        monkeypatch.setattr(walked, name, value)
    for query, where, order in QUERIES:
        rows = [row[0] for row in conn.execute(f"select id from reports where {where} order by {order}")]
        asked = f"/gongkai/reports.json?_size=5&_search={quote(' '.join(words))}&{query}"
        for most in (0, 10**6):
            bound(most, most or 10)
            found = pages(get, asked)
            ids = [row[0] for page in found for row in page["rows"]]
            assert ids == [id_ for id_ in rows if id_ in expected], (query, most)
            if most:
                assert found[0]["filtered_table_rows_count"] == len(ids)
            elif ids:
                assert {page["filtered_table_rows_count"] for page in found} == {None}
                assert all(page["facet_results"] == {} for page in found)
                assert not any(page["truncated"] for page in found)
    conn.close()


def test_columns_and_labels_are_those_of_any_page(get: Get, bound: Bound) -> None:
    columns = "_labels=on&_col=title&_col=agency&_col=year"
    asked = f"/gongkai/reports.json?_search=公开&_size=4&{columns}&_sort=year"
    found = []
    for most in (0, 10**6):
        bound(most)
        page = get(asked).json()
        found.append((page["columns"], page["rows"], page["next"], page["query"]["params"].keys()))
    assert found[0] == found[1]


def test_a_bound_is_not_passed_in_silence(get: Get, bound: Bound) -> None:
    def told(query: str, lang: str = "zh") -> tuple[str, str, str]:
        size = "" if "_size=" in query else "_size=3&"
        text = get(f"/gongkai/reports?_search=公开&{size}{query}", lang).text
        number = re.search(r'<p class="export-links">\s*(?:<strong>(.*?)</strong>)?', text)
        line = re.search(r'<p class="hint wide" role="status">(.*?)\s*<a href="(.*?)">', text)
        assert number is not None
        assert line is None or 'class="facet-info"' not in text
        return number[1] or "", *((line[1], line[2]) if line is not None else ("", ""))

    bound(10**6)
    every, in_2022 = (int(told(query)[0].removesuffix(" 行")) for query in ("", "year=2022"))
    assert every > 20
    assert told("")[1:] == ("", "")
    assert 'id="facet-year"' in get("/gongkai/reports?_search=公开").text
    bound(2, 10)
    search = "/search?q=%E5%85%AC%E5%BC%80"
    assert told("") == ("超过 10 行", "超过 10 份报告含有“公开”，这里不计总数，也不计算分面。", search)
    assert told("", "en") == (
        "more than 10 rows",
        "More than 10 reports have “公开”: rows are not counted here and facets are left out.",
        search,
    )
    assert told("_facet=agency")[0] == "超过 10 行"
    # What is counted is told, of all pages; what the index cannot tell is not.
    known = (f"{in_2022} 行", "超过 2 份报告含有“公开”，这里不计算分面。", f"{search}&amp;year=2022")
    assert told("year=2022") == known
    assert told("year=2022&_next=2022,1") == known
    assert told("year=2022", "en")[:2] == (
        f"{in_2022} rows",
        "More than 2 reports have “公开”: facets are left out here.",
    )
    assert told("title__contains=政府")[0] == ""
    assert told("title__contains=政府")[1] == "超过 10 份报告含有“公开”，这里不计总数，也不计算分面。"
    assert told('_through={"table":"sections","column":"number","value":"1"}')[0] == ""
    # Of few rows all are on the page.
    assert told("title__contains=中原区人民政府2019&_size=50")[0] in ("0 行", "1 行")
    for nothing in ("_size=0", "_size=00", "_size=%2B0"):
        assert told(nothing)[0] == "超过 10 行"
        assert told(f"title__contains=政府&{nothing}")[0] == ""
        assert told(f"year=2022&{nothing}")[0] == f"{in_2022} 行"


def test_as_many_as_the_bound_are_gone_over(get: Get, path: Path, bound: Bound) -> None:
    hits = len(having_words(path, ("诉讼",)))
    for most, facets in ((hits, True), (hits - 1, False)):
        bound(most, 1000)
        page = get("/gongkai/reports.json?_search=诉讼").json()
        assert page["filtered_table_rows_count"] == (hits if facets else None)
        assert bool(page["facet_results"]) == facets


def test_files_are_whole(get: Get, path: Path, bound: Bound) -> None:
    bound(0)
    expected = having_words(path, ("公开",))
    for address in ("/gongkai/reports.csv?_stream=on&_size=4", "/gongkai/reports.csv?_size=max"):
        lines = get(f"{address}&_search=公开").content.decode("utf-8-sig").splitlines()
        assert {int(line.split(",")[0]) for line in lines[1:]} == expected
        assert len(lines) == 1 + len(expected)
    # Our own download knows no word, and is whole whatever stands in the box.
    lines = get("/download/reports.csv?year=2022&_search=公开").text.splitlines()
    assert len(lines) == 1 + len(BODIES)


def test_conditions_of_a_readers_own_are_not_narrowed(get: Get, path: Path, bound: Bound) -> None:
    conn = sqlite3.connect(path)
    bound(0)
    page = get("/gongkai/reports.json?_search=诉讼&form=2021&_where=year=2022 or year=2018").json()
    marks = ",".join(map(str, having_words(path, ("诉讼",))))
    sql = (
        f"select count(*) from reports where form = '2021' and year = 2022 or year = 2018 and id in ({marks})"
    )
    assert page["filtered_table_rows_count"] == conn.execute(sql).fetchone()[0]
    conn.close()


def test_time_is_bounded_all_the_same(get: Get, bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    bound(0)

    def slow(*_: object) -> bool:
        time.sleep(0.02)
        return False

    monkeypatch.setattr(having.Words, "of", slow)
    for path in ("reports?", "reports?_sort=published_on&"):
        page = get(f"/gongkai/{path}_search=公开&_timelimit=30")
        assert page.status_code == 400
        assert "查询超过时间限制，请缩小范围。" in page.text
    answer = get("/gongkai/reports.json?_search=公开&_timelimit=30", "en")
    assert answer.json()["error"] == "The query took too long; please narrow it."


def test_a_character_is_looked_for_in_the_texts(path: Path) -> None:
    conn = sqlite3.connect(path)
    ids = [row[0] for row in conn.execute("select id from reports")]
    letters = {one for text in (*TEXTS, *(body for body, _ in BODIES)) for one in tokens.fold(text)}
    for letter in sorted(letters | {"犇"}):
        expression = tokens.expression(tokens.phrases(letter))
        if not expression:
            continue
        words = having.Words(expression)
        assert words.characters == ([letter] if expression.endswith("*") else [])
        sql = f"select id from reports where {box.AMONG}"
        found = {row[0] for row in conn.execute(sql, {"search": expression})}
        assert {id_ for id_ in ids if words.of(conn, id_)} == found, letter
    assert having.Words(tokens.expression(tokens.phrases("公"))).of_most(conn, {})
    assert not having.Words(tokens.expression(tokens.phrases("诉"))).of_most(conn, {"year": 1999})
    conn.close()


def test_a_single_character_is_not_counted(get: Get, path: Path, bound: Bound) -> None:
    bound(5, 10)
    text = get("/gongkai/reports?_search=公&_size=3").text
    assert "“公”含有单字，清点很慢，这里不计总数，也不计算分面。" in text
    assert "行</strong>" not in text
    text = get("/gongkai/reports?_search=公&_size=3", "en").text
    assert "“公” has a single character, which takes long to count: rows are not counted here and" in text
    # Of few reports all are asked, however rare the character.
    few = having_words(path, ("诉",)) & having_words(path, ("某局",))
    agency = get("/gongkai/agencies.json?name=某局&_shape=objects").json()["rows"][0]["id"]
    bound(9, 10)
    text = get(f"/gongkai/reports?_search=诉&agency={agency}").text
    assert few
    assert f"<strong>{len(few)} 行</strong>" in text
    assert "“诉”含有单字，清点很慢，这里不计算分面。" in text
    # A rare one is counted, and so is any in a small archive.
    rare = having_words(path, ("诉",))
    bound(len(rare), 31)
    page = get("/gongkai/reports.json?_search=诉").json()
    assert page["filtered_table_rows_count"] == len(rare) < len(BODIES) * 8 / 2
    assert page["facet_results"]
    bound(10**6, 10**6)
    assert 'id="facet-year"' in get("/gongkai/reports?_search=公").text


@pytest.mark.parametrize(
    ("query", "ask", "whole"),
    [
        ("", Ask(q="公 开"), True),
        ("year=2022&province=河南省", Ask(q="公 开", year=2022, province="河南省"), True),
        ("form__exact=2021&agency=12", Ask(q="公 开", form="2021", issuer=12), True),
        ("year=2022&year=2021", Ask(q="公 开", year=2022), False),
        ("year=２０２２", Ask(q="公 开"), False),
        ("year=2022.0", Ask(q="公 开"), False),
        ("year__gt=2020", Ask(q="公 开"), False),
        ("form=MIXED", Ask(q="公 开"), False),
        ("province=河 南", Ask(q="公 开"), False),
        ("agency=012", Ask(q="公 开"), False),
        ("_through={}&year=2021", Ask(q="公 开", year=2021), False),
        ("_fts_table=x", Ask(q="公 开"), False),
        ("_sort=title&_size=3", Ask(q="公 开"), True),
    ],
)
def test_what_the_index_knows(query: str, ask: Ask, whole: bool) -> None:
    args: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        args.setdefault(key, []).append(value)
    assert box.typed(" 公  开 ", MultiParams(args)) == box.Box(ask, whole)


@pytest.mark.parametrize("key", ["_where", "nothing", 'year" = 1 or "year', "_x__exact"])
def test_what_is_no_filter_is_not_bounded(key: str) -> None:
    assert box.typed("公开", MultiParams({key: ["1"]})) is None


PAGE = "select id, year from reports where {} order by year desc, id limit 51"


def test_a_page_taken_apart() -> None:
    params = {"p0": "河南省", "p1": "2021", "p2": "x", "search": '"公开"'}
    filters = '"province" = :p0 and "title" like :p2'
    found = box.page(PAGE.format(f"{filters} and {box.AMONG} and (year < :p3)"), params)
    assert found is not None
    assert (found.filters, found.order, found.falls, found.size) == (Ask(province="河南省"), "year", True, 51)
    assert found.every == '("公开") AND about : "·p河南省"'
    assert found.years([2020, 2021]) == [2021, 2020]
    assert found.candidates(None) == PAGE.format(f"{filters} and (year < :p3)")
    assert found.candidates(2021) == PAGE.format(f'{filters} and "year" = :of_year and (year < :p3)')
    assert box.among("every", 2021) in found.gathered(2021)
    found = box.page(PAGE.format(f'"year" = :p1 and {box.AMONG}'), params)
    assert found is not None
    assert found.years([2020, 2021]) == [2021]
    assert found.candidates(2021) == PAGE.format('"year" = :p1')
    for where in (box.AMONG, f"{box.AMONG} and (year < :p3)"):
        found = box.page(PAGE.format(where), params)
        assert found is not None
        assert found.candidates(None) == PAGE.format(where).replace(box.AMONG, "1").replace(
            "1 and ", ""
        ).replace("where 1 ", "")
    assert box.page(f"select count(*) from reports where {box.AMONG} ", params) is None
    assert box.page(PAGE.format('"year" = :p1'), params) is None


def test_the_sql_that_is_shown_is_answered_as_it_stands(get: Get, path: Path, bound: Bound) -> None:
    bound(0)
    query = get("/gongkai/reports.json?_search=公开&year=2022").json()["query"]
    for sql in (query["sql"], f"select count(*) from reports where year = 2022 or {box.AMONG}"):
        answer = get("/gongkai.json", params={"sql": sql, "_shape": "arrays", **query["params"]}).json()
        conn = sqlite3.connect(path)
        assert answer["rows"] == [list(row) for row in conn.execute(sql, query["params"])]
        assert answer["rows"]
        conn.close()


def test_every_facet_is_bounded(get: Get, bound: Bound) -> None:
    bound(0)
    query = "_search=公开&_facet=title&_facet_date=published_on&_facet_array=title"
    assert get(f"/gongkai/reports.json?{query}").json()["facet_results"] == {}
    assert all(issubclass(one, counted._Bounded) for one in counted.FACETS)
