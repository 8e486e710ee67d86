"""The search page on an archive made by the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from archive.derived.tokens import phrases
from archive.serve import build_app
from archive.site import search
from archive.site.search import ask, hits
from archive.site.search.ask import PAGES, Ask, parse
from archive.site.search.near import shorter
from archive.store import Store
from tests.archive.made import put, report
from tests.archive.site.conftest import Get, _getter

TEXTS = (
    ("长沙市岳麓区人民政府", "430104", 2022, "全年行政复议案件六件，结果纠正一件。"),
    ("长沙市岳麓区人民政府", "430104", 2023, "全年行政复议案件五件，均予维持。"),
    ("长沙市教育局（语言文字办）", "430100", 2023, "行政诉讼一件。本机关不掌握所申请的信息。"),
    ("中原区人民政府", "410102", 2023, "没有复议。<script>alert(1)</script>\u202e倒序 & 其他。"),
    ("复议研究中心", "410102", 2021, "本机关没有收到申请。"),
)


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    path = tmp_path_factory.mktemp("search") / "gongkai.db"
    with Store(path) as store:
        for number, (agency, division, year, text) in enumerate(TEXTS):
            title = f"{agency}{year}年政府信息公开工作年度报告"
            day = date(year + 1, 1, 10 + number)
            made = report(
                agency=agency, division=division, year=year, text=text, title=title, published_on=day
            )
            put(store, f"http://a/{number}", str(number), made)
    return _getter(build_app(path))


Found = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def found(get: Get) -> Found:
    def ask_for(q: str = "", **more: Any) -> dict[str, Any]:
        response = get("/search.json", params={"q": q, **more})
        assert response.status_code == 200
        body: dict[str, Any] = response.json()
        return body

    return ask_for


def names(page: dict[str, Any]) -> list[tuple[str, int]]:
    return [(row["agency_name"][:3], row["year"]) for row in page["reports"]]


def test_title_and_issuer_come_before_the_text(found: Found) -> None:
    page = found("复议")
    assert names(page)[0] == ("复议研", 2021)
    assert page["total"] == 4
    assert page["years"] == [
        {"year": 2023, "reports": 2},
        {"year": 2022, "reports": 1},
        {"year": 2021, "reports": 1},
    ]
    assert names(found("复议", sort="newest")) == [
        ("中原区", 2023),
        ("长沙市", 2023),
        ("长沙市", 2022),
        ("复议研", 2021),
    ]


def test_too_many_to_rank_are_named_ones_first_then_the_newest(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "RANKED", 2)
    order = [("复议研", 2021), ("中原区", 2023), ("长沙市", 2023), ("长沙市", 2022)]
    assert names(found("复议")) == order
    for module in (hits, search, ask):
        monkeypatch.setattr(module, "SIZE", 1)
    pages = [found("复议", page=number) for number in (1, 2, 3, 4, 5)]
    assert [names(page) for page in pages] == [[one] for one in order] + [[]]
    assert [page["next"] is not None for page in pages] == [True, True, True, False, False]


def test_too_many_to_count_are_told_as_such(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "COUNTED", 3)
    page = found("复议")
    assert (page["total"], page["total_is_exact"], page["years_are_complete"]) == (3, False, False)
    assert page["years"] == [{"year": 2023, "reports": 2}, {"year": 2022, "reports": 1}]
    # The year asked for is counted first, and to its end.
    page = found("复议", year=2021)
    assert (page["total"], page["total_is_exact"], names(page)) == (1, True, [("复议研", 2021)])
    monkeypatch.setattr(hits, "COUNTED", 1)
    page = found("复议", year=2023)
    assert (page["total"], page["total_is_exact"]) == (1, False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"year": 2022}, [("长沙市", 2022)]),
        ({"province": "河南省"}, [("中原区", 2023), ("复议研", 2021)]),
        ({"province": "河南省", "year": 2023}, [("中原区", 2023)]),
        ({"form": "2021", "division": "430104"}, [("长沙市", 2022), ("长沙市", 2023)]),
        ({"division": "430000"}, [("长沙市", 2022), ("长沙市", 2023)]),
        ({"form": "2019"}, []),
        ({"year": 1999}, []),
        ({"province": '"河南省" OR'}, []),
    ],
)
def test_filters(found: Found, given: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    page = found("复议", **given)
    assert sorted(names(page)) == sorted(expected)
    assert page["total"] == len(expected)


def test_filters_alone_list_the_newest(found: Found) -> None:
    assert names(found(division="430100")) == [("长沙市", 2023), ("长沙市", 2023), ("长沙市", 2022)]
    assert names(found(year=2021)) == [("复议研", 2021)]


def test_an_issuer_and_a_place_stand_on_top(get: Get, found: Found) -> None:
    page = found("长沙")
    assert [row["name"] for row in page["issuers"]] == ["长沙市岳麓区人民政府", "长沙市教育局（语言文字办）"]
    assert page["issuers"][0]["reports"] == 2
    assert [(row["full_name"], row["reports"]) for row in page["divisions"]] == [
        ("湖南省长沙市", 3),
        ("湖南省长沙市长沙县", 0),
    ]
    assert [row["name"] for row in found("长沙市教育局(语言文字办)")["issuers"]] == [
        "长沙市教育局（语言文字办）"
    ]
    assert [row["code"] for row in found("长沙市岳麓区")["divisions"]] == ["430104"]
    [issuer] = found("复议研究中心")["issuers"]
    assert names(found(issuer=issuer["id"])) == [("复议研", 2021)]
    # A place with another word: that word, in the place.
    text = get("/search?q=长沙 诉讼").text
    assert "在该地区检索“诉讼”" in text
    assert "/search?q=%E8%AF%89%E8%AE%BC&amp;division=430100" in text
    assert found("诉讼", division="430100")["total"] == 1


def test_snippets_are_marked_and_harmless(get: Get, found: Found) -> None:
    [row] = [row for row in found("alert")["reports"] if row["agency_name"] == "中原区人民政府"]
    [snippet] = row["snippets"]
    begin, end = snippet["marks"][0]
    assert snippet["text"][begin:end] == "alert"
    text = get("/search?q=alert").text
    assert "&lt;script&gt;<mark>alert</mark>(1)" in text
    assert "<script>alert" not in text
    assert "\ufffd倒序" in text
    assert "\u202e" not in text


def test_no_result_helps_on(get: Get, found: Found) -> None:
    page = found("行政复议案例", province="湖南省")
    assert page["total"] == 0
    assert [(other["query"], other["reports"]) for other in page["others"]] == [("行政复", 2)]
    assert "没有找到含有“行政复议案例”的报告" in get("/search?q=行政复议案例").text
    page = found("复议", year=2019)
    assert [(other["query"], other["reports"]) for other in page["others"]] == [("复议", 4)]
    page = found("纠正 诉讼")
    assert [(other["query"], other["reports"]) for other in page["others"]] == [("纠正", 1), ("诉讼", 1)]


@pytest.mark.parametrize(
    "q",
    [
        '"',
        "NOT",
        "(",
        "复*",
        "^",
        "title:x",
        "{issuer}:",
        "' or 1=1 --",
        "·p河南省",
        "，",
        "\x00",
        "\ud800"[:0],
    ],
)
def test_nothing_typed_is_an_error(get: Get, q: str) -> None:
    for path in ("/search", "/search.json", "/gongkai/reports.json"):
        assert get(path, params={"q": q, "_search": q}).status_code == 200


def test_what_cannot_be_read_is_left_out() -> None:
    unreadable = {
        "year": "20x3",
        "form": "<b>",
        "issuer": "9" * 30,
        "division": "43",
        "sort": "x",
        "page": "-1",
    }
    assert parse(unreadable) == Ask()
    assert parse({"page": "99999", "q": " 复 \n 议 "}) == Ask(q="复 议", page=PAGES)
    assert parse({"year": "²"}) == Ask()
    assert Ask(q="复议", year=2020, page=3).query(year=None) == "q=%E5%A4%8D%E8%AE%AE"
    assert Ask(q="a", page=3).query(page=4) == "q=a&page=4"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("行政复议纠错率", ["行政复议 纠错率", "行政复议", "纠错率"]),
        ("2021年度", ["2021 年度", "2021", "年度"]),
        ("纠错率", ["纠错", "错率"]),
        ("复议", []),
    ],
)
def test_words_taken_apart(query: str, expected: list[str]) -> None:
    assert shorter(phrases(query)) == expected


def test_the_box_above_the_table_asks_the_same_index(get: Get) -> None:
    page = get("/gongkai/reports.json?_search=复议&_shape=objects&year=2023").json()
    assert [row["year"] for row in page["rows"]] == [2023, 2023]
    assert page["filtered_table_rows_count"] == 2
    assert 'name="_search" value="复议"' in get("/gongkai/reports?_search=复议").text
    assert get("/gongkai/agencies?_search=复议").status_code == 200


def test_every_page_has_one_box(get: Get) -> None:
    for path in ("/", "/search", "/gongkai/reports", "/report/1"):
        text = get(path).text
        assert text.count('role="search"') == 1, path
        assert 'action="/search"' in text
