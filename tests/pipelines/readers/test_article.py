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


def _link(text: str, before: str = "", after: str = "") -> str:
    return f'<p>{before}<span><a href="./P1.docx" target="_blank">{text}</a></span>{after}</p>'


_ATTACHMENTS = (
    _link("附件：报告.docx"),
    _link("报告.docx", before="附件："),
    _link("附件" * 20) + "<p>　</p>",
    _link("附件" * 20) + "<p></p>",
    _link("附件" * 20) + _link("附表"),
    _link("附件" * 20, after="（点击下载）"),
    _link("附件" * 14) + _TABLE + f"<p>{_LINES[0]}</p>",
    _link("附件" * 40),
    _link("附件" * 60),
    _link("附件" * 60, before=_LINES[0]),
    _link("", before="附件"),
)


@pytest.mark.parametrize("more", _ATTACHMENTS)
@pytest.mark.parametrize("before", [True, False])
def test_attachments_of_a_long_text_are_judged_as_by_trafilatura(
    more: str, before: bool, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _paragraphs() * 4
    inside = f"{more}{text}" if before else f"{text}{more}"
    ours = _read(inside)
    assert asked == []
    monkeypatch.setattr(article, "_beside_links", lambda body, data: None)
    assert _read(inside).text == ours.text
    assert asked == ["asked"]


@pytest.mark.parametrize(
    "more",
    [
        _link("附件：报告.docx") + "行间的字",
        _link("附件：报告.docx").replace("<span>", '<span class="share">'),
        _link("附件：报告.docx", before='<a href="x">另一件</a>'),
        f"<div>{_link('附件：报告.docx')}</div>",
        f"<p>{_LINES[0]}&#8203;</p>" + _link("附件：报告.docx"),
        _link("附件：报告.docx") + '<p style="display:none">隐藏的一行</p>',
    ],
)
def test_more_than_attachments_is_given_to_trafilatura(more: str, asked: list[str]) -> None:
    _read(_paragraphs() * 4 + more)
    assert asked == ["asked"]


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
