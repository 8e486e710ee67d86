"""Where a portal keeps its annual reports: what one page says of it. Pure.

In the order in which it can be trusted: the page's own ``ColumnType`` or name, what its
family always does, the text of a link, the letters of its address; and if none of these
is there, the links that lead nearer: 政府信息公开, 政务公开.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin, urlsplit

from scrapy.http import TextResponse

from spiders.identity import stated_code
from spiders.links import Link, links
from spiders.lists import column_name, metas
from spiders.titles import is_report_column

#: 国办发〔2017〕47号: the value of ``ColumnType`` for a column of annual reports.
_COLUMN_TYPE = "信息公开年报"

_REPORTS = re.compile(r"信息公开(?:工作)?(?:年报|年度报告)|公开年报")
# These alone may be anything (企业年报); they count on a page about disclosure.
_YEARLY = re.compile(r"^(?:年度报告|年报|工作年度报告)$")
_DISCLOSURE = re.compile(r"信息公开|政务公开")
_NEARER = (
    re.compile(r"^(?:政府)?信息公开(?:专栏|平台)?$"),
    re.compile(r"^政务公开(?:专栏)?$"),
    re.compile(r"^(?:政府信息公开|政务公开|信息公开)"),
)
#: Letters of the column's name in its address.
_LETTERS = re.compile(
    r"(?i)(?:xxgk\w{0,6}n(?:b|dbg)|gkn(?:b|dbg|ianbao)|gkndbg|ndbg|annualreport|nianbao|/nb_20\d\dn)"
)
#: Like them, and something else: reports of web sites, of companies, of institutions.
_OTHER_LETTERS = re.compile(r"(?i)wzgznb|wzgzndbb|wzndbb|sydwfrnb|qynb")
#: A link that leads to a single report or file and not to a column.
_ARTICLE = re.compile(
    r"/t20\d{6}_\d+\.|/art_\d*_?\w+\.html|/content/|/contents/\d+/|/info/\d+/\d+\.htm|"
    r"/\d{6}/(?:c\d\d_)?\w+\.shtml|/\d{17,19}\.html|/public/\d+/\d+\.html|/(?:show|detail|download)/|"
    r"/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.html?$|\.(?:pdf|docx?)$"
)

_HOME = re.compile(r"(?i)/?(?:(?:index|default|home)\.\w+)?")

How = Literal["column_type", "column_name", "family_rule", "link_text", "address", "nearer"]


@dataclass(frozen=True, slots=True)
class Lead:
    """An address worth asking for next, and why."""

    url: str
    how: How
    text: str = ""


def is_column(page: TextResponse) -> How | None:
    """What shows that this very page is a column of annual reports; ``None`` if nothing does."""
    # Some portals write one column's metas on every page, the home page included.
    if _is_article(page) or _HOME.fullmatch(urlsplit(page.url).path):
        return None
    kinds = {content for name, content in metas(page) if name == "columntype"}
    if any(_COLUMN_TYPE in kind for kind in kinds):
        return "column_type"
    name = column_name(page)
    if name and _REPORTS.search(name) and is_report_column(name):
        return "column_name"
    return None


def _is_article(page: TextResponse) -> bool:
    # 国办发〔2017〕47号: both are metas of articles only.
    return any(name in ("articletitle", "pubdate") and content for name, content in metas(page)) or bool(
        _ARTICLE.search(urlsplit(page.url).path)
    )


def by_family(family: str, page: TextResponse) -> Lead | None:
    """The report column by a rule of the family; ``None`` where the family has none or the page no hold."""
    if family == "gkmlpt":
        base, found, _ = page.url.partition("/gkmlpt/")
        at = f"{base}/gkmlpt/index" if found else urljoin(page.url, "/gkmlpt/index")
        return Lead(at, "family_rule")
    if family == "lonsun":
        organ = re.search(r"((?:/[\w-]+)*/public/(?:column/)?)(\d+)", urlsplit(page.url).path)
        if organ:
            path = organ[1] if organ[1].endswith("column/") else f"{organ[1]}column/"
            return Lead(urljoin(page.url, f"{path}{organ[2]}?type=3&action=list"), "family_rule")
    return None


def leads(page: TextResponse) -> list[Lead]:
    """Links of a page that may lead to the report column, the likeliest first."""
    about = _about_disclosure(page)
    ranked: dict[int, list[Lead]] = {rank: [] for rank in range(6)}
    for link in links(page):
        lead = _lead(link, about)
        if lead is not None:
            ranked[lead[0]].append(lead[1])
    return [lead for rank in sorted(ranked) for lead in ranked[rank]]


def _lead(link: Link, about: bool) -> tuple[int, Lead] | None:
    text, path = "".join(link.text.split()), urlsplit(link.url).path
    if _ARTICLE.search(path) or link.date is not None:
        return None
    if _REPORTS.search(text) and is_report_column(text):
        return 0, Lead(link.url, "link_text", text)
    if about and _YEARLY.match(text):
        return 1, Lead(link.url, "link_text", text)
    if _LETTERS.search(path) and not _OTHER_LETTERS.search(path):
        return 2, Lead(link.url, "address", text)
    for rank, pattern in enumerate(_NEARER, 3):
        if pattern.search(text):
            return rank, Lead(link.url, "nearer", text)
    return None


def _about_disclosure(page: TextResponse) -> bool:
    title = page.xpath("string(//title)").get() or ""
    return bool(_DISCLOSURE.search(f"{title} {column_name(page) or ''}")) or bool(
        re.search(r"(?i)xxgk|zwgk|gkmlpt|openness", urlsplit(page.url).path)
    )


@dataclass(frozen=True, slots=True)
class Site:
    """What a page says of the whole site (国办发〔2017〕47号)."""

    name: str | None
    code: str | None
    """网站标识码, ten characters."""


def site(page: TextResponse) -> Site:
    """SiteName and SiteIDCode by the page's metas, the code else by the 找错 widget in its footer."""
    stated = dict(reversed(metas(page)))
    return Site(stated.get("sitename") or None, stated_code(page))
