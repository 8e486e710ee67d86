"""When trafilatura is asked for the prose, and when nothing in the article needs judging."""

from __future__ import annotations

import pytest

from archive.records import Document
from pipelines.readers import article, html

_LINES = [f"第{n}段：本机关依照条例的规定公开了应当公开的信息，并按期答复了收到的申请。" for n in range(8)]
_TABLE = "<table><tr><td>信息内容</td><td>本年制发件数</td></tr><tr><td>规章</td><td>3</td></tr></table>"


def _read(inside: str, *, wrap: str = '<div class="TRS_Editor">{}</div>') -> Document:
    menu = '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/a">栏目</a></li></ul></div>'
    return html.read(f"<html><body>{menu}{wrap.format(inside)}<div>版权所有</div></body></html>")


def _paragraphs(attributes: str = "") -> str:
    return "".join(f"<p{attributes}>{line}</p>" for line in _LINES)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What trafilatura was asked for."""
    calls: list[str] = []
    extract = article._extract

    def spy(*arguments: object) -> str:
        calls.append("asked")
        return extract(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(article, "_extract", spy)
    return calls


@pytest.mark.parametrize(
    "inside",
    [
        _paragraphs(),
        _paragraphs(' class="MsoNormal" style="TEXT-INDENT: 32pt"'),
        f'<div class="Custom_UnionStyle">{_paragraphs()}</div>',
        _paragraphs() + _TABLE + "<p><strong>六、其他</strong><br>无。</p>",
    ],
)
def test_a_container_of_paragraphs_is_its_own_prose(inside: str, asked: list[str]) -> None:
    document = _read(inside)
    assert asked == []
    lines = document.text.split("\n")
    assert lines[: len(_LINES)] == _LINES
    assert not any("规章" in line or "版权" in line or "栏目" in line for line in lines)


@pytest.mark.parametrize(
    "more",
    [
        '<p><a href="./P1.docx">附件：报告.docx</a></p>',
        "<ul><li>相关链接</li></ul>",
        '<div class="share">分享</div>',
        '<div id="related">其他文章</div>',
        '<p class="MsoNormal attachment">附件</p>',
        "<form><input></form>",
        "<table><tr><td>" + "排版用的表格" * 300 + "</td></tr></table>",
        _TABLE.replace("<table>", "<table><caption>单位：件</caption>"),
        _TABLE.replace("<table>", "<table>单位：件"),
    ],
)
def test_whatever_may_be_judged_is_given_to_trafilatura(more: str, asked: list[str]) -> None:
    document = _read(_paragraphs() + more)
    assert asked == ["asked"]
    assert document.text.split("\n")[: len(_LINES)] == _LINES


def test_a_page_without_a_known_container_is_given_to_trafilatura(asked: list[str]) -> None:
    document = _read(_paragraphs(), wrap="<div>{}</div>")
    assert asked == ["asked"]
    assert document.text.split("\n")[: len(_LINES)] == _LINES


def test_a_tables_caption_is_no_prose() -> None:
    document = _read(_paragraphs() + _TABLE.replace("<table>", "<table><caption>单位：件</caption>"))
    assert "单位" not in document.text


def test_hidden_lines_stay_out_of_a_plain_container(asked: list[str]) -> None:
    document = _read(_paragraphs() + '<p style="DISPLAY: NONE">隐藏的一行</p>')
    assert asked == []
    assert "隐藏" not in document.text


def test_lines_are_kept_wherever_they_stand_in_the_extract() -> None:
    own = ["乙 段", "甲段", "丙段", "甲段", "丁段"]
    assert article._kept(own, "甲段\n乙段\n甲 段\n丁段") == ["乙 段", "甲段", "甲段", "丁段"]


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_no_tree_may_hold_is_replaced(bad: str) -> None:
    document = _read(f"<p>甲{bad}乙</p>" + _paragraphs())
    assert "甲�乙" in document.text
