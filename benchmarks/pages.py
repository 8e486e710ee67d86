"""The pages that are timed: one report in five carriers, shaped as real portals shape it."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache

from archive import forms
from benchmarks.figures import made
from tests import layouts_files
from tests.layouts import _AFTER, _BEFORE, _TITLES, official, table_html

_TITLE = "样本县人民政府2019年政府信息公开工作年度报告"
_SENTENCES = (
    "本机关全年按照条例的规定，公开了应当公开的信息，并及时更新了目录和指南，方便公众查询和利用。",
    "收到的申请均在规定的期限内答复，对需要补正的申请一次性告知了补正的内容和期限。",
    "网站、公报和政务新媒体的栏目按季度检查，发现的错误链接和过期信息当月改正。",
    "下一年将继续培训各单位的经办人员，统一答复文书的格式，减少因文书瑕疵引起的争议。",
)
_STYLE = (
    "FONT-SIZE: 16pt; FONT-FAMILY: 仿宋_GB2312; COLOR: black; LETTER-SPACING: 0pt; "
    "mso-hansi-font-family: 宋体; mso-bidi-font-family: 宋体; mso-font-kerning: 0pt"
)


def _span(text: str) -> str:
    return f'<SPAN lang=EN-US style="{_STYLE}">{html.escape(text)}</SPAN>'


def _word_cell(text: str) -> str:
    style = "TEXT-ALIGN: center; LINE-HEIGHT: 20pt; mso-line-height-rule: exactly"
    return f'<P class=MsoNormal style="{style}" align=center>{_span(text)}</P>'


def _word_paragraph(text: str) -> str:
    half = len(text) // 2
    return (
        f'<P class=MsoNormal style="TEXT-INDENT: 32pt; LINE-HEIGHT: 30pt">'
        f"{_span(text[:half])}{_span(text[half:])}</P>"
    )


def _chrome(body: str) -> str:
    links = "".join(f'<li><a href="/col/col{n}/index.html">栏目{n}</a></li>' for n in range(60))
    return (
        f'<html><head><meta charset="utf-8"><title>{_TITLE}</title>'
        f'<meta name="ArticleTitle" content="{_TITLE}"><meta name="PubDate" content="2020-01-20 09:00">'
        '<meta name="ContentSource" content="样本县人民政府"></head><body>'
        f'<div class="head"><ul>{links}</ul></div>'
        f'<div class="crumb">您现在的位置：<a href="/">首页</a> &gt; <a href="/xxgk">政府信息公开</a></div>'
        f"<h1>{_TITLE}</h1><div class=info>发布时间：2020-01-20 来源：样本县人民政府 字体：大 中 小</div>"
        f'<div class="TRS_Editor">{body}</div><div class=foot><ul>{links}</ul>版权所有</div></body></html>'
    )


def _prose(paragraphs: int) -> list[str]:
    return ["".join(_SENTENCES[(n + k) % len(_SENTENCES)] for k in range(3)) for n in range(paragraphs)]


def _page(paragraph: Callable[[str], str], cell: Callable[[str], str], paragraphs: int) -> bytes:
    tables = official(made("2019", "mostly zero", 1).figures, "2019")
    body = [paragraph(_BEFORE), *map(paragraph, _prose(paragraphs))]
    for key in forms.TABLES:
        body += [paragraph(_TITLES[key]), table_html(tables[key], cell)]
    for heading in _AFTER:
        body += [paragraph(heading), *map(paragraph, _prose(max(1, paragraphs // 4)))]
    return _chrome("".join(body)).encode()


def _grown(make: Callable[[int], bytes], size: int) -> bytes:
    """The page with the fewest paragraphs that has at least ``size`` bytes."""
    return next(page for n in range(1, 2_000) if len(page := make(n)) >= size)


def _plain(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


@cache
def pages() -> dict[str, bytes]:
    """name → bytes: 107 KB pasted from Word, 60 KB and 20 KB of plain HTML, DOCX, PDF."""
    figures = made("2019", "mostly zero", 1).figures
    return {
        "Word page, 107 KB": _grown(lambda n: _page(_word_paragraph, _word_cell, n), 107_000),
        "plain page, 60 KB": _grown(lambda n: _page(_plain, html.escape, n), 60_000),
        "plain page, 20 KB": _grown(lambda n: _page(_plain, html.escape, n), 20_000),
        "DOCX": layouts_files.docx()(figures, "2019"),
        "PDF": layouts_files.pdf()(figures, "2019"),
    }
