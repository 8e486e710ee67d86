from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.derived.tokens import phrases
from archive.site.search.snippets import SHOWN, lead, marked, snippets


def show(text: str, query: str) -> list[str]:
    """Snippets with their marks in brackets."""
    found = snippets([(4, text)], phrases(query))
    return ["".join(f"[{p.text}]" if p.marked else p.text for p in snippet.pieces) for snippet in found]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("本年度行政复议三件。", "复议", ["本年度行政[复议]三件。"]),
        ("行政复议、行政诉讼各一件。", "行政复议 诉讼", ["[行政复议]、行政[诉讼]各一件。"]),
        ("甲事。复议三件。乙事。", "复议", ["[复议]三件。"]),
        ("第㈠项：ＡＢＣ公司……复议", "abc 复议", ["第㈠项：[ＡＢＣ]公司……[复议]"]),
        ("行政\n复议", "行政复议", ["[行政 复议]"]),
        ("2021年复议", "2021年", ["[2021年]复议"]),
        ("12021年", "2021", []),
        ("没有。", "复议", []),
        ("复" * 200 + "议", "复议", ["复" * 28 + "[复议]"]),
    ],
)
def test_what_is_marked(text: str, query: str, expected: list[str]) -> None:
    assert show(text, query) == expected


def test_every_phrase_is_shown_before_any_twice() -> None:
    far = "。" + "其他事项。" * 40
    text = f"复议一。{far}复议二。{far}复议三。{far}诉讼四。"
    assert show(text, "复议 诉讼") == ["[复议]一。", "[复议]二。", "[诉讼]四。"]


def test_sections_in_the_report_s_order() -> None:
    found = snippets([(1, "诉讼一件。"), (4, "复议一件。")], phrases("复议 诉讼"))
    assert [(one.section, one.text, one.marks) for one in found] == [
        (1, "诉讼一件。", [(0, 2)]),
        (4, "复议一件。", [(0, 2)]),
    ]


@settings(deadline=None)
@given(
    st.text("复议信息公开 2021a\n，。ＡＢ㈠々…<>", max_size=300), st.text("复议信息 2021a一。", max_size=12)
)
def test_snippets_are_stretches_of_the_text(text: str, query: str) -> None:
    words = phrases(query)
    found = snippets([(1, text)], words)
    assert len(found) <= SHOWN
    plain = text.replace("\n", " ")
    for one in found:
        assert one.text in plain
        assert any(piece.marked for piece in one.pieces)
    assert "".join(piece.text for piece in marked(text, words)) == text


def test_lead() -> None:
    assert lead([(0, " "), (1, "本\n年度。")]) == "本 年度。"
    assert lead([(1, "长" * 200)]) == "长" * 90 + "…"
    assert lead([]) == ""
