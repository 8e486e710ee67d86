"""Which part of an article's page an element stands in: its body, a box beside it, or none at all. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from lxml import etree

# Where an article's text lies, family by family, and how blocks of attachments are called.
_BODY_MARK = re.compile(
    r"UCAP-?CONTENT|ivs_content|TRS_Editor|trs_editor_view|\b[zZ]oom(con)?\b|j-fontContent|v_news_content"
    r"|vsb_content|article[-_]?content|Custom_UnionStyle|m-txt-article|main-txt|\bcontent\b"
)
_ATTACHED = re.compile(r"(?i)fujian|\bfj|attach|appendix|insertfile|附件|downloadfile")
#: How boxes are called that show other articles, tools and what belongs to the site.
_ASIDE_MARK = re.compile(
    r"(?i)relat|xgyd|xgxx|xgwz|recommend|tuijian|\btj\b|\bhot|rank|paihang|sidebar|\baside|share|fenxiang"
    r"|\bewm|qr-?code|erweima|footer|\bfoot\b|\bheader\b|\bnav\b|\bmenu|friend|banner|\blogo|changyong"
)
_ASIDE_HEAD = re.compile(
    r"(?:相关(?:阅读|推荐|链接|信息|文章|新闻|报道|解读)|推荐(?:阅读|下载|文章)?|热门\w{0,4}|猜你\w{0,4}|下载排行\w?"
    r"|常用(?:下载|表格|软件)|友情链接|办事指南|使用帮助|帮助(?:文档|中心)?|上一篇\W*|下一篇\W*)[:：\s]*"
)
_OUTSIDE_TAGS = frozenset(("aside", "footer", "nav", "header"))
_UNSEEN = ("script", "style", "noscript")
_ALL_TEXTS = etree.XPath(".//text()", smart_strings=False)
_TEXTS = etree.XPath(
    f".//text()[not({' or '.join(f'parent::{tag}' for tag in _UNSEEN)})]", smart_strings=False
)
#: Levels looked at; real pages are nested fifty deep at most.
_LEVELS = 100
#: Elements among which an article's body is sought: a long report has 4,000, its body comes early.
_MOST = 20_000
#: Characters of what elements are called: sites use the same few names on each page, and those are short.
_REMEMBERED = 200
#: Levels above an element at which the heading of its box is looked for: <a>, <li>, <ul>, the box.
_HEADED = 5


@dataclass(frozen=True, slots=True)
class _Called:
    """What an element's id and classes say it is."""

    attached: bool
    aside: bool
    body: bool


def _called(element: Any) -> _Called:
    marks = f"{element.get('id') or ''} {element.get('class') or ''}"
    return _says(marks) if len(marks) <= _REMEMBERED else _says.__wrapped__(marks)


@lru_cache(maxsize=4096)
def _says(marks: str) -> _Called:
    return _Called(*(bool(mark.search(marks)) for mark in (_ATTACHED, _ASIDE_MARK, _BODY_MARK)))


def in_article(element: Any) -> bool:
    """Whether an element stands in an article's body or among its attachments.

    What is nearest decides: a box of related articles inside the body is no part of it.
    """
    for level, around in enumerate(islice(element.iterancestors(), _LEVELS)):
        called = _called(around)
        if called.attached:
            return True
        if called.aside or around.tag in _OUTSIDE_TAGS or (level < _HEADED and _headed(around)):
            return False
        if called.body:
            return True
    return False


def is_aside(element: Any) -> bool:
    """Whether an element or the box it stands in is called like one of other articles, tools or logos."""
    for around in (element, *islice(element.iterancestors(), _LEVELS)):
        called = _called(around)
        if called.aside or around.tag in _OUTSIDE_TAGS:
            return True
        if called.body or called.attached:
            return False
    return False


class _Told(dict[str | None, bool]):
    """Whether an article's body is called so: a page's thousand cells and paragraphs share a few names."""

    def __missing__(self, name: str | None) -> bool:
        self[name] = found = bool(name and _BODY_MARK.search(name))
        return found


@lru_cache(maxsize=1)  # asked several times of one page, one after the other
def article(root: Any) -> Any:
    """The element with most of an article's text among those called like its body; else the page's body."""
    told = _Told()
    ucap = frozenset(root.iter("ucapcontent"))
    called = (
        element
        for element in islice(root.iter("div", "td", "ucapcontent", "article", "section", "p"), _MOST)
        if (element.keys() and (told[element.get("class")] or told[element.get("id")])) or element in ucap
    )
    bodies = [element for element in called if not is_aside(element)]
    if bodies:
        # A body of nothing but pictures has no text; the first of equals is the outer one.
        return bodies[0] if len(bodies) == 1 else max(bodies, key=lambda element: len(visible(element)))
    body = root.find(".//body")
    return body if body is not None else root


def visible(element: Any) -> str:
    """Text of an element without its scripts and styles, white space left out."""
    shown = next(element.iter(*_UNSEEN), None) is None
    texts: Any = (_ALL_TEXTS if shown else _TEXTS)(element)
    return "".join("".join(texts).split())


def says_more(element: Any, than: int) -> bool:
    """Whether an element's ``visible`` text has more characters than that; looks no further than needed."""
    seen = 0
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.tag not in _UNSEEN:
            seen += len("".join((inner.text or "").split()))
        if inner is not element and inner.tail and inner.getparent().tag not in _UNSEEN:
            seen += len("".join(inner.tail.split()))
        if seen > than:
            return True
    return False


def in_template(element: Any) -> bool:
    """Whether an element only waits for a script to fill it in, or for a browser without scripts."""
    return any(around.tag in ("template", "noscript") for around in islice(element.iterancestors(), _LEVELS))


def _headed(box: Any) -> bool:
    """Whether a box begins with, or follows, a heading such as 相关阅读."""
    if box.tag in ("body", "html", "table", "tbody", "tr"):
        return False
    first = next(iter(box), None)
    for head in (first, box.getprevious()):
        if head is None or not isinstance(head.tag, str) or head.tag in ("a", "ul", "script", "style"):
            continue
        text = "".join("".join(islice(head.itertext(), 8))[:40].split())
        if _ASIDE_HEAD.fullmatch(text):
            return True
    return False
