"""What an HTML page says about its article: meta tags, title, date, publisher, breadcrumb, body container."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import islice

from lxml.etree import _Element

from archive.folding import dense
from pipelines.dom import bearers, in_order, is_hidden, select, text_of
from pipelines.readers import lines
from pipelines.text import calm

#: Body containers of the portal families, the most telling first.
CONTAINERS: tuple[str, ...] = (
    "#UCAP-CONTENT", "ucapcontent", "#ivs_content", ".TRS_Editor", ".trs_editor_view", "#zoom", "#Zoom",
    "#zoomcon", ".j-fontContent", ".v_news_content", "#vsb_content*", ".article-content", ".article_content",
    ".Custom_UnionStyle", ".m-txt-article", "[wzades=正文]", ".bt_content", ".content",
)  # fmt: skip
_IDS = frozenset(s[1:] for s in CONTAINERS if s.startswith("#") and not s.endswith("*"))
_ID_PREFIXES = tuple(s[1:-1] for s in CONTAINERS if s.startswith("#") and s.endswith("*"))
_CLASSES = frozenset(s[1:] for s in CONTAINERS if s.startswith("."))
_BY_TAG = frozenset(s for s in CONTAINERS if s[0] not in "#.[")
#: Wordings only the body of a report has; none is short enough to be a menu entry.
MARKS: tuple[str, ...] = (
    "主动公开政府信息情况", "收到和处理政府信息公开申请", "行政复议、行政诉讼", "存在的主要问题",
    "其他需要报告的事项", "第二十条第",
    "本年新收政府信息公开申请", "结转下年度继续办理", "未经复议直接起诉", "行政事业性收费",
)  # fmt: skip
#: A page pasted from Word has this class on every paragraph; one comparison is sooner made than many.
_NO_WORD = "[not(. = 'MsoNormal')]"
_OF_CONTAINERS = " or ".join(
    f"contains(., '{name}')"
    for name in sorted(_CLASSES)
    if not any(other in name for other in _CLASSES if other != name)
)
#: Attributes that may make an element a container, from the attribute and not from the element, which is
#: several times sooner than asking every element.
_NAMED = (
    "descendant-or-self::*/@id",
    f"descendant-or-self::*/@class{_NO_WORD}[{_OF_CONTAINERS}]"
    "[not(starts-with(., 'Mso')) or contains(normalize-space(.), ' ')]",
    "descendant-or-self::*/@wzades",
)
_SPACE = re.compile(r"\s+")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_TITLE_PATHS: tuple[str, ...] = (
    "//ucaptitle", "//*[@id='ivs_title']", "//h1",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' title ')]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' articleTitle ')]",
    "//*[@id='title']", "//h2",
)  # fmt: skip
_DETAIL = re.compile(r"\bDETAIL[\"']?\s*[:=]\s*(?=\{)")
_CONTENT = re.compile(r"[\"']?content[\"']?\s*:\s*(\"[^\"\\]*(?:\\.[^\"\\]*)*\")", re.S)
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Detail:
    """The article a gkmlpt page keeps in its script: HTML of the body and what goes with it."""

    content: str
    title: str | None = None
    publisher: str | None = None
    published: str | None = None


def squeeze(text: str) -> str:
    """White space folded to single spaces, outer white space gone."""
    return " ".join(text.split())


def meta(root: _Element) -> dict[str, str]:
    """``<meta>`` name or property (lower case) → content; the first non-empty one of a name counts."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        content = squeeze(element.get("content") or "")
        if name and (content or name not in found) and not found.get(name):
            found[name] = content
    return found


def gkmlpt_detail(root: _Element) -> Detail | None:
    """``DETAIL`` of ``window._CONFIG`` (广东 gkmlpt), whose HTML is a JSON string, if there is one."""
    for script in root.iter("script"):
        code = script.text or ""
        match = _DETAIL.search(code) if "_CONFIG" in code else None
        if match:
            return _json_detail(code, match.end()) or _content_only(code, match.end())
    return None


def _json_detail(code: str, start: int) -> Detail | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(code, start)
    except (ValueError, RecursionError):
        return None  # a JavaScript object, not JSON: the caller reads its one string by itself
    content = value.get("content")
    if not isinstance(content, str):
        return None
    return Detail(
        content, _text(value, "title"), _text(value, "publisher"), _moment(value.get("create_time"))
    )


def _content_only(code: str, start: int) -> Detail | None:
    match = _CONTENT.search(code, start)
    if match is None:
        return None
    try:
        return Detail(json.loads(match[1], strict=False))
    except ValueError:
        return None  # a broken string literal: the page has no readable DETAIL


def _text(value: Mapping[str, object], key: str) -> str | None:
    text = value.get(key)
    return squeeze(text) or None if isinstance(text, str) else None


def _moment(seconds: object) -> str | None:
    """A Unix time (gkmlpt's create_time) as Chinese calendar time."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 2**32:
        return None
    return datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M")


def containers(root: _Element) -> Iterator[_Element]:
    """Elements that a known family uses for the body of an article, each once, in document order."""
    found = [element for path in _NAMED for element in bearers(root, path) if _is_container(element)]
    yield from in_order(root, [*found, *root.iter(*_BY_TAG)])


def _is_container(element: _Element) -> bool:
    name = element.get("id")
    return (
        (name is not None and (name in _IDS or name.startswith(_ID_PREFIXES)))
        or not _CLASSES.isdisjoint((element.get("class") or "").split())
        or element.get("wzades") == "正文"
    )


def marks(text: str, among: Collection[str] = MARKS) -> frozenset[str]:
    """Which ``MARKS`` a text has, of those ``among`` which there may be any; white space does not matter."""
    found = [mark for mark in among if mark in text]
    if len(found) < len(among):
        whole = dense(text)
        found = [mark for mark in among if mark in whole]
    return frozenset(found)


#: A page has a handful of containers; a hostile one has thousands, each costing a pass over its text.
_MAX_CONTAINERS = 40
#: Steps upwards from a container: real pages spread a report over siblings two or three levels down.
_MAX_CLIMB = 10
#: Characters looked at in all while choosing: a hundred times the text of a long report.
_CHOICE_BUDGET = 10_000_000


def body_of(root: _Element) -> tuple[_Element, bool]:
    """The element that holds the article, and whether it is a known container.

    Of the known containers the one with most of the report's own wordings, the
    smallest of equals; then upwards until nothing of the report lies outside
    it (one report may be spread over several containers). Else the whole body.
    """
    page = root.find(".//body")
    whole = page if page is not None else root
    text = text_of(whole)
    everything = marks(text)
    budget = _CHOICE_BUDGET
    best: tuple[int, int] | None = None
    chosen: _Element | None = None
    held: frozenset[str] = frozenset()
    for number, element in enumerate(containers(whole)):
        if number >= _MAX_CONTAINERS or budget <= 0:
            break
        text = text_of(element)
        budget -= len(text)
        if not text.strip() and element.find(".//table") is None:
            continue
        # without any mark (no report, or only an attachment) the longest text is the article
        own = marks(text, everything) if everything else frozenset()
        rank = (len(own), -len(text) if everything else len(text))
        if best is None or rank > best:
            best, chosen, held = rank, element, own
    if chosen is None:
        return whole, False
    for _ in range(_MAX_CLIMB):
        if everything <= held:
            return chosen, chosen is not whole
        parent = chosen.getparent()
        if parent is None or budget <= 0:
            break
        chosen = parent
        text = text_of(chosen)
        budget -= len(text)
        held = marks(text, everything)
    return whole, False


def title(root: _Element, tags: Mapping[str, str]) -> str | None:
    """ArticleTitle, else a headline, else ``<title>`` without the site's name."""
    article = squeeze(_TAGS.sub("", tags.get("articletitle", "")))
    if article:
        return article
    headline: str | None = None
    for path in _TITLE_PATHS:
        for element in select(root, path)[:20]:
            text = squeeze(" ".join(str(part) for part in element.itertext()))
            if is_hidden(element) or not 4 <= len(text) <= 120:
                continue
            if lines.looks_like_title(text) and not lines.is_generic(text):
                return text
            headline = headline or text
    named = root.find(".//title")
    whole = squeeze(text_of(named)) if named is not None else ""
    return _without_site(whole, tags.get("sitename", "")) or headline


def _without_site(text: str, site: str) -> str:
    parts = [part for part in re.split(r"\s*[_|｜–—-]+\s*", text) if part]
    telling = [part for part in parts if lines.looks_like_title(part)]
    if telling:
        return telling[0]
    rest = [part for part in parts if part != site]
    return (rest or parts or [""])[0]


def stamps(root: _Element, limit: int = 200_000) -> str:
    """Text of the page with ``\\x1f`` between elements, for labels such as 来源 and 发布时间.

    ``limit`` bounds what is searched; such lines stand at the top or the bottom of an article, and a page
    of 100 KB has some 10,000 characters of text.
    """
    pieces: list[str] = []
    size = 0
    for text in map(str, root.itertext()):
        folded = _SPACE.sub(" ", text) if "\n" in text or "\t" in text else text
        if folded.strip():
            pieces.append(folded)
            size += len(folded)
            if size > limit:
                break
    return calm("\x1f".join(pieces))


_CRUMBS = f"descendant-or-self::*/@class{_NO_WORD}[contains(., 'CurrChnlCls') or contains(., 'crumb')]"
#: The search ends at the first such text. Of the elements around it those with another before or behind come
#: first in the order of the page.
_FIRST_PLACE = "descendant::text()[contains(., '位置')][1]/ancestor::*[text()[contains(., '位置')]]"
_PLACES = "descendant::text()[contains(., '位置')]"


def _crumb_holders(root: _Element) -> Iterator[_Element]:
    """Elements that may hold the 当前位置 line, in document order; nearly always the first does."""
    crumbs, places = bearers(root, _CRUMBS), select(root, _FIRST_PLACE)
    first = in_order(root, [*crumbs, *places])
    known = first[: first.index(places[-1]) + 1] if places else first
    yield from known
    if places:
        yield from in_order(root, [*crumbs, *bearers(root, _PLACES)])[len(known) :]


def breadcrumb(root: _Element) -> tuple[str, ...]:
    """Steps of the 当前位置 line, outermost first."""
    for element in islice(_crumb_holders(root), 10):
        holder: _Element | None = element
        for _ in range(3):  # the label may stand in a span of its own beside the links
            if holder is None or holder.tag in ("body", "html"):
                break
            text = squeeze(text_of(holder))
            if len(text) > 300:
                break
            steps = lines.breadcrumb(text)
            links = [squeeze(text_of(a)) for a in holder.iter("a")]
            if not steps and ("位置" in text or holder is element) and len(links) > 1:
                steps = tuple(link for link in links if link)
            if steps:
                return steps
            holder = holder.getparent()
    return ()
