"""The pages that are timed: one report in several carriers, shaped as real portals shape it.

Each comes in as many variants as are asked for: another issuer, other figures, other
words in every sentence, so that nothing remembered from one helps with the next.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from archive import forms
from archive.divisions import DEFAULT, Divisions
from benchmarks.figures import made
from tests import layouts_files
from tests.layouts import _AFTER, _BEFORE, _TITLES, official, table_html

#: number → bytes of that variant.
Page = Callable[[int], bytes]
FORM = "2019"
YEAR = 2019
_STYLE_OF_FIGURES = "mostly zero"
_SENTENCES = (
    "本机关全年按照{mark}条例的规定，公开了应当公开的信息，并及时更新了目录和指南，方便公众查询和利用。",
    "收到的申请均在规定的期限内答复，对需要补正的申请一次性告知了{mark}补正的内容和期限。",
    "网站、公报和政务新媒体的栏目按{mark}季度检查，发现的错误链接和过期信息当月改正。",
    "全年通过网站发布{mark}政务动态和通知{received}条，制发规范性文件{concluded}件，均附有解读材料。",
    "下一年将继续培训各单位的经办人员，统一{mark}文书的格式，减少因文书瑕疵引起的争议。",
)
#: In the real reports that were read for this project every seventh sentence has a figure, every seventieth
#: one of applications.
_OF_APPLICATIONS = (
    "本年度收到政府信息公开申请{received}件，答复{concluded}件（含依法延期的），其中予以公开3件。"
)
_SENTENCES_EACH = 3
_OF_APPLICATIONS_EVERY = 70 // _SENTENCES_EACH
#: Chinese characters one after another from where marks begin.
_MARKS = 16_000
_STYLE = (
    "FONT-SIZE: 16pt; FONT-FAMILY: 仿宋_GB2312; COLOR: black; LETTER-SPACING: 0pt; "
    "mso-hansi-font-family: 宋体; mso-bidi-font-family: 宋体; mso-font-kerning: 0pt"
)
#: Variants there are: one place for each.
VARIANTS = 400
PREFECTURE = "990900"


#: Characters that end the names of divisions and of what governs them.
_TELLING = "省市县區区旗州盟乡镇村街道局委办厅部处会院所站中心社团场城港园岛關於"


def place(number: int) -> str:
    """Name of a variant's county: invented, as its figures are."""
    name = chr(0x4E00 + 7 * number)
    # 样区县 would be read as a district.
    return f"样{name if name not in _TELLING else chr(ord(name) + 1)}县"


def division_rows(counties: int = VARIANTS) -> list[dict[str, object]]:
    """The invented province with so many counties, as the table of divisions has them."""
    rows: list[dict[str, object]] = [
        {"code": "990000", "name": "计时省", "level": "province", "parent": None},
        {"code": PREFECTURE, "name": "计时市", "level": "prefecture", "parent": "990000"},
    ]
    return rows + [
        {"code": f"99{1000 + number}", "name": place(number), "level": "county", "parent": PREFECTURE}
        for number in range(counties)
    ]


@cache
def divisions() -> Divisions:
    """The registry with the counties of the variants in it."""
    return DEFAULT.with_extra(division_rows())


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


def _plain(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a portal wraps an article."""

    paragraph: Callable[[str], str] = _plain
    cell: Callable[[str], str] = html.escape
    opening: str = '<div class="TRS_Editor">'
    closing: str = "</div>"


@dataclass(frozen=True, slots=True)
class _Issued:
    """Whose report on what year a page is."""

    issuer: str
    year: int = YEAR

    @property
    def title(self) -> str:
        return f"{self.issuer}{self.year}年政府信息公开工作年度报告"

    @property
    def day(self) -> str:
        return f"{self.year + 1}-01-20"


def _chrome(issued: _Issued, body: str) -> str:
    said = issued.title
    links = "".join(f'<li><a href="/col/col{n}/index.html">栏目{n}</a></li>' for n in range(60))
    return (
        f'<html><head><meta charset="utf-8"><title>{said}</title>'
        f'<meta name="ArticleTitle" content="{said}"><meta name="PubDate" content="{issued.day} 09:00">'
        f'<meta name="ContentSource" content="{issued.issuer}"></head><body>'
        f'<div class="head"><ul>{links}</ul></div>'
        f'<div class="crumb">您现在的位置：<a href="/">首页</a> &gt; <a href="/xxgk">政府信息公开</a></div>'
        f"<h1>{said}</h1>"
        f"<div class=info>发布时间：{issued.day} 来源：{issued.issuer} 字体：大 中 小</div>"
        f"{body}<div class=foot><ul>{links}</ul>版权所有</div></body></html>"
    )


def _mark(number: int) -> str:
    """Characters that no other variant has in this place."""
    first, second = number % _MARKS, number // _MARKS
    return chr(0x5E00 + first) + (chr(0x4E00 + second) if second else "")


def _prose(number: int, paragraphs: int) -> list[str]:
    words = {"mark": _mark(number), "received": 20 + number, "concluded": 10 + number}
    texts = []
    for n in range(paragraphs):
        sentences = [_SENTENCES[(n * _SENTENCES_EACH + k) % len(_SENTENCES)] for k in range(_SENTENCES_EACH)]
        if n % _OF_APPLICATIONS_EVERY == 0:
            sentences[0] = _OF_APPLICATIONS
        texts.append("".join(sentences).format(**words))
    return texts


def _report(shape: _Shape, paragraphs: int, number: int, issued: _Issued | None = None) -> bytes:
    """A variant, of its county's government unless it is said whose."""
    issued = issued or _Issued(f"{place(number)}{OFFICES[0]}")
    form = FORM if issued.year < 2021 else "2021"
    tables = official(made(form, _STYLE_OF_FIGURES, number).figures, form)
    body = [shape.paragraph(_BEFORE), *map(shape.paragraph, _prose(number, paragraphs))]
    for key in forms.TABLES:
        body += [shape.paragraph(_TITLES[key]), table_html(tables[key], shape.cell)]
    for heading in _AFTER:
        body += [shape.paragraph(heading), *map(shape.paragraph, _prose(number, max(1, paragraphs // 4)))]
    return _chrome(issued, f"{shape.opening}{''.join(body)}{shape.closing}").encode()


@cache
def _paragraphs(shape: _Shape, size: int) -> int:
    """The fewest that make a page of at least ``size`` bytes."""
    return next(n for n in range(1, 2_000) if len(_report(shape, n, 0)) >= size)


def _page(shape: _Shape, size: int) -> Page:
    paragraphs = _paragraphs(shape, size)
    return cache(lambda number: _report(shape, paragraphs, number))


def _file(render: Callable[..., bytes]) -> Page:
    return cache(lambda number: render(made(FORM, _STYLE_OF_FIGURES, number).figures, FORM))


_APPENDED = '<p><a href="./P020200120.docx">附件：2019年政府信息公开工作年度报告.docx</a></p></div>'
#: name → shape and least bytes: a page pasted from Word, plain ones, two that trafilatura must judge.
_LAYOUTS: dict[str, tuple[_Shape, int]] = {
    "Word page, 107 KB": (_Shape(_word_paragraph, _word_cell), 107_000),
    "plain page, 60 KB": (_Shape(), 60_000),
    "plain page, 20 KB": (_Shape(), 20_000),
    "no known container, 60 KB": (_Shape(opening='<div class="main">'), 60_000),
    "link in the article, 60 KB": (_Shape(closing=_APPENDED), 60_000),
}


@cache
def pages() -> dict[str, Page]:
    """name → its variants: pages by layout, then files."""
    return {
        **{name: _page(shape, size) for name, (shape, size) in _LAYOUTS.items()},
        "DOCX": _file(layouts_files.docx()),
        "PDF": _file(layouts_files.pdf()),
    }


#: Counties there are names for: one character each.
COUNTIES = 2_900
#: Years of which there are reports before this was written; a later one would be taken for a slip.
_YEARS = 7
#: Who reports in a county.
OFFICES = ("人民政府", "民政局", "教育局", "财政局", "水利局")
#: Reports there are: an issuer and a year each.
REPORTS = COUNTIES * _YEARS * len(OFFICES)
#: The layouts of a portal's reports in their turns. What links to a file would make a crawl ask for it.
_CRAWLED = ("Word page, 107 KB", "plain page, 60 KB", "plain page, 20 KB", "no known container, 60 KB")


def _issued(number: int) -> _Issued:
    """Another county each; when there are no more another year, then another office."""
    years, county = divmod(number, COUNTIES)
    office, year = divmod(years, _YEARS)
    return _Issued(f"{place(county)}{OFFICES[office]}", YEAR + year)


def listed(number: int) -> tuple[str, str]:
    """Title and day of one of ``REPORTS``, as a list has them."""
    issued = _issued(number)
    return issued.title, issued.day


def report(number: int) -> bytes:
    """Page of one of ``REPORTS``."""
    shape, size = _LAYOUTS[_CRAWLED[number % len(_CRAWLED)]]
    return _report(shape, _paragraphs(shape, size), number, _issued(number))
