"""What a query finds is what stands in the text."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.derived import tokens
from archive.derived.search import COLUMNS, DDL, TABLE

#: Few letters, so that what is looked for is often there.
TEXT = st.text("复议信息公开 2021a\n，。ＡＢ㈠々𠮷é", max_size=40)


def finds(text: str, query: str) -> bool:
    db = sqlite3.connect(":memory:")
    db.execute(DDL[TABLE])
    db.execute(f"INSERT INTO {TABLE} (rowid, text) VALUES (1, ?)", [tokens.tokens(text)])
    match = tokens.expression(tokens.phrases(query))
    found = db.execute(f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ?", [match]).fetchall()
    db.close()
    return bool(found)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("申请行政复议三件", "复议", True),
        ("申请行政复议三件", "行政复议", True),
        ("申请行政复议三件", "政复", True),
        ("申请行政复议三件", "议复", False),
        ("行政，复议", "行政复议", False),
        ("行政，复议", "行政、复议", True),
        ("行政\n复议", "行政复议", True),
        ("行 政 复 议", "行政复议", True),
        ("行政诉讼和复议", "行政 复议", True),
        ("行政诉讼和复议", '"行政 复议"', False),
        ("行政诉讼和复议", "“诉讼和复议”", True),
        ("申请复议", "议", True),
        ("申请复议。", "议", True),
        ("议案", "议", True),
        ("申请复核", "议", False),
        ("2021年度报告", "2021年", True),
        ("2021年度报告", "2021", True),
        ("2021年度报告", "202", False),
        ("本年度2021件", "年度2021", True),
        ("甲类A证书", "类a证", True),
        ("ＡＢＣ　网站", "abc", True),
        ("Weibo and WeChat", "wechat", True),
        ("二〇二一年", "二〇二一", True),
        ("𠮷林", "𠮷林", True),
        ("第㈠项", "(一)项", True),
        ("龦公开", "龦公", True),  # a character younger than SQLite's tables (Unicode 6.1)
    ],
)
def test_a_query_finds_what_stands_there(text: str, query: str, expected: bool) -> None:
    assert finds(text, query) is expected


def test_what_the_index_holds() -> None:
    assert (
        tokens.tokens("行政复议 12件，ＧＢ标准\n第〇号。")
        == "行政 政复 复议 议 12 件 gb 标准 准第 第〇 〇号 号"
    )
    assert tokens.tokens("国") == "国"
    assert tokens.tokens("，。") == tokens.tokens(None) == ""


@settings(deadline=None)
@given(TEXT, st.integers(0, 40), st.integers(1, 12))
def test_every_stretch_of_a_text_is_found(text: str, start: int, length: int) -> None:
    stretch = "".join(tokens.runs(text))[start : start + length]
    folded = "".join(tokens.fold(text).split())
    if not stretch or not tokens.is_han(stretch) or any(not tokens.is_han(c) for c in stretch):
        return
    assert finds(text, stretch) == (stretch in folded)


@settings(deadline=None)
@given(st.text(max_size=150))
def test_nothing_typed_is_an_error_or_an_operator(query: str) -> None:
    found = tokens.phrases(query)
    assert len(found) <= tokens.PHRASES
    if not found:
        return
    finds("", query)
    inside = "".join(char for char in tokens.expression(found) if char not in '" *')
    assert not any(unicodedata.category(char).startswith("P") for char in inside)
    assert tokens.MARK not in inside


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("a AND", ["a", "and"]),
        ("NOT 复议", ["not", "复议"]),
        ("NEAR(", ["near"]),
        ("title:复议", ["title 复议"]),
        ("复*", ["复"]),
        ("-复议", ["复议"]),
        ("{a}:", ["a"]),
        ("^复议 OR", ["复议", "or"]),
        ("'复\"议", ["复", "议"]),
        ("'' ( \" \"", []),
        ("复议 复议", ["复议"]),
    ],
)
def test_operators_are_words_or_nothing(query: str, meant: list[str]) -> None:
    found = tokens.phrases(query)
    assert [phrase.text for phrase in found] == meant
    assert not found or finds(" ".join(meant), query)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_the_pattern_marks_what_the_index_finds(text: str, query: str) -> None:
    found = tokens.phrases(query)
    if not found:
        return
    folded = tokens.fold(text)
    assert finds(text, query) == all(tokens.pattern(phrase).search(folded) for phrase in found)


def test_words_to_filter_by_are_in_no_text() -> None:
    assert tokens.tokens(f"{tokens.filter_token('p', '河南省')} ·f2021").split() == [
        "p",
        "河南",
        "南省",
        "省",
        "f2021",
    ]
    assert COLUMNS[-1] == "about"


def test_texts_of_any_number_of_runs_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "行政，复议a公开。" * 50
    whole = tokens.tokens(text)
    monkeypatch.setattr(tokens, "_AT_ONCE", 7)
    assert tokens.tokens(text) == whole == " ".join(["行政 政 复议 议 a 公开 开"] * 50)
