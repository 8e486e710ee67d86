from __future__ import annotations

import pytest

from archive.site import cite, safety, words
from archive.site.i18n import Words
from archive.site.report import days_after, web_address

ZH, EN = Words("zh"), Words("en")


def test_a_failed_check_in_plain_words() -> None:
    text = words.check(ZH, "R1", "requests.received", "fail", 21.0, 27.0)
    assert text == "「一、本年新收政府信息公开申请数量」一行：各类申请人之和为 21，总计写作 27，相差 6。"
    assert "difference 6" in (words.check(EN, "R1", "requests.received", "fail", 21.0, 27.0) or "")
    assert "「总计」一列" in (words.check(ZH, "R3", "requests.*.total", "fail", 5, 6) or "")


def test_a_check_that_could_not_be_made_says_so() -> None:
    text = words.check(ZH, "V1", "reviews.reconsideration", "not_assessable", None, None)
    assert text is not None
    assert "无法核对" in text
    assert words.check(ZH, "R1", "requests.received", "fail", None, 3) is not None


def test_an_identity_without_a_sentence_is_left_to_its_message() -> None:
    assert words.check(ZH, "Z9", "somewhere", "fail", 1, 2) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "0"), (-55, "-55"), (27.0, "27"), (94799.5301, "94799.5301"), (0.37, "0.37")],
)
def test_numbers_are_shown_exactly(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("deadline", "published", "days"),
    [
        ("2021-03-31", "2021-04-09", 9),
        ("2022-01-31", "2022-01-20", -11),
        ("2022-01-31", "2022-01-31", 0),
        (None, "2022-01-31", None),
        ("2022-01-31", "十二月", None),
        ("2022-01-31", None, None),
    ],
)
def test_days_after_the_deadline(deadline: str | None, published: str | None, days: int | None) -> None:
    assert days_after(deadline, published) == days


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "报告.docx",
        "//host/x",
        "http://",
        "http://[x",
        "",
    ],
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_address(url) is None


def test_web_addresses_are_kept_as_they_are() -> None:
    assert web_address("https://portal.example/年报?x=1&y=2") == "https://portal.example/年报?x=1&y=2"


def test_directional_controls_are_made_visible_in_text_and_markup() -> None:
    from markupsafe import Markup

    assert safety.plain("a\u202eb\u2066c\u200f") == "a\ufffdb\ufffdc\ufffd"
    kept = safety.plain(Markup("<b>\u202e</b>"))
    assert isinstance(kept, Markup)
    assert kept == "<b>\ufffd</b>"
    assert safety.plain(7) == 7


def test_bibtex_fields_cannot_break_out_of_their_braces() -> None:
    row = {
        "id": 7,
        "agency": 1,
        "agency_name": "A}, evil = {1",
        "title": "100% \\input{x} & more_",
        "year": 2020,
        "published_on": None,
        "url": "http://portal.example/}{",
        "revision": None,
    }
    entry = cite.bibtex(row, "http://site.example/report/7")
    assert entry.startswith("@techreport{gongkai7,\n")
    depth = 0
    for position, character in enumerate(entry):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth > 0 or position in (entry.index("{") - 1, *range(entry.index("{")), len(entry) - 1)
    assert depth == 0
    assert "\\input" not in entry
    assert "%7D%7B" in entry
    assert "100\\%" in entry
