"""What hangs on an article, and what an article is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree
from scrapy.http import TextResponse

from archive.annexes import names_annex
from spiders.boxes import article, in_article, in_template, says_more
from spiders.links import bounded, clean, plain, text_of
from spiders.subcolumns import OTHER_FRAME
from spiders.titles import judge
from spiders.tree import Tree, tree

#: Ends of a file name under which an original may be published. No reader takes RAR and 7-Zip; they are
#: fetched all the same, so that the original is kept and the archive says what it is.
DOCUMENTS = frozenset(
    ("pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "ofd", "rtf", "txt", "zip", "rar", "7z")
)

# Programs of the CMS families that hand out an attachment by number or hash of one kind or another.
_DOWNLOAD = re.compile(
    r"(?i)/downfile\.jsp|/download\.jsp|/\w*downloadAttach|/AnnualReport/download/"
    r"|/OpennessAnnualReport/download/|/group\d+/M00/|/attachments?/|/attach(?:file)?[/?]"
    r"|/(?:file)?down(?:load)?(?:file|attach)?(?:\.\w{2,5})?\?[^#]*(?:id|file|name|path)=|/file/down(?:load)?[/?]"
)
#: pdf.js and its like: a page that shows the file its query names.
_VIEWER = re.compile(r"(?i)(?:viewer|preview|pdfview|readpdf)\w*(?:\.\w{2,5})?/?$")
_VIEWED = ("file", "url", "pdf", "src", "path", "pdfurl", "fileurl")
_PDF_SOURCE = re.compile(
    r"""(?i)\bpdfsrc\s*=\s*["']([^"'<>]+)["']|\bPDFObject\.embed\(\s*["']([^"'<>]+)["']"""
)
#: Where a script takes the reader to when a link is clicked.
_CLICKED = re.compile(
    r"""(?ix)(?:window\.open|(?:window\.|self\.|top\.|parent\.)?location(?:\.href)?\s*=
        |location\.(?:assign|replace)|\bdown(?:load)?\w*|\bopen\w*|\bpreview\w*)\s*\(?\s*["']([^"'<>]{1,2000})["']"""
)
_SOURCES = ("href", "src", "data", "data-url", "data-href", "data-src")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on an article."""

    url: str
    name: str
    """Text of its link; empty for a frame or viewer."""
    inside: bool
    """Whether it stands in the article's body or among its attachments, and not elsewhere on the page."""


@lru_cache(maxsize=8192)
def is_document(url: str) -> bool:
    """Whether an address, by its looks, is a file and not a page; what it really is, its bytes say."""
    parts = urlsplit(url)
    names = [parts.path]
    for values in parse_qs(parts.query).values():
        names.extend(values)
    return bool(_DOWNLOAD.search(url)) or any(_extension(name) in DOCUMENTS for name in names)


def _extension(name: str) -> str:
    return name.strip().rpartition(".")[2].lower() if "." in name else ""


@lru_cache(maxsize=8192)
def unwrap(url: str) -> str:
    """The file behind a viewer (``viewer.html?file=…``, pdf.js), or the address itself."""
    parts = urlsplit(url)
    if not _VIEWER.search(parts.path):
        return url
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    for name in _VIEWED:
        # A viewer's file is encoded once for the query; some pages encode it twice.
        inner = clean(unquote(query[name]), url) if name in query else None
        if inner is not None and (name == "file" or is_document(inner)):
            return inner
    return url


def attachments(page: TextResponse, *, framed: bool = False) -> tuple[Attachment, ...]:
    """Files that hang on an article: links, frames and viewers, each address once, in order.

    ``framed``: the page is itself a frame of an article, so that all of it is the article.
    Raises ``links.TooManyLinksError``.
    """
    sheet = tree(page)
    plain_links = _PlainLinks(sheet)
    found: dict[str, Attachment] = {}
    for element in bounded(_elements(sheet)):
        if element in plain_links:
            continue
        for wrapped in _addresses(element, sheet.base):
            url = unwrap(wrapped)
            file = is_document(url) or url != wrapped
            shown = element.tag != "a" and not _is_box(element)
            if is_picture(url) and url == wrapped:
                continue  # the pages of one scan, not a file each: ``pieces.pictures``
            if not (file or (shown and _may_be_text(element, url, page)) or _named(element)):
                continue
            inside = framed or element.get("appendix") == "true" or in_article(element)
            if file or inside:
                # No one embeds a neighbour's file.
                name = "" if shown else text_of(element)
                found.setdefault(url, Attachment(url, name, inside or (file and shown)))
    found.pop(page.url, None)
    return tuple(found.values()) or _lone_links(page, sheet)


#: Attributes by which an element may lead elsewhere than its href, or be an attachment by itself.
_MORE = frozenset(("appendix", "onclick", "pdfsrc", *_SOURCES)) - {"href"}


class _PlainLinks:
    """The links of a page that lead to a page or picture and to nothing else, as nearly all do."""

    def __init__(self, sheet: Tree) -> None:
        self._addresses = sheet.addresses
        #: href → whether it leads to a picture; ``None`` where it leads to a file or nowhere.
        self._pictures: dict[str | None, bool | None] = {}

    def __contains__(self, element: Any) -> bool:
        names = element.keys()
        if element.tag != "a" or not _MORE.isdisjoint(names):
            return False
        href = element.get("href")
        if href not in self._pictures:
            url = self._addresses[href]
            plainly = url is not None and unwrap(url) == url and not is_document(url)
            self._pictures[href] = is_picture(url) if url and plainly else None
        picture = self._pictures[href]
        return picture is not None and (picture or not _says_file(element, names))


#: Characters of an article that only says where the report is.
_LITTLE = 200
#: Links followed from such an article.
_MOST_LONE = 2


def _lone_links(page: TextResponse, sheet: Tree) -> tuple[Attachment, ...]:
    """Pages that an article of nearly no text sends its reader to: 点击查看全文."""
    body = article(sheet.root)
    if says_more(body, _LITTLE):
        return ()
    found: dict[str, Attachment] = {}
    for element in bounded(body.iter("a")):
        name = text_of(element)
        if not _POINTING.fullmatch("".join(name.split())) or in_template(element) or not in_article(element):
            continue
        for url in _addresses(element, sheet.base):
            if url != page.url and not is_picture(url):
                found.setdefault(url, Attachment(url, name, inside=True))
    return tuple(found.values())[:_MOST_LONE]


#: What leads to files by itself, and what does so by one of these attributes only.
_LEADING = ("a", "iframe", "frame", "embed", "object", "param", "script")
_BY = ("onclick", "pdfsrc", "data-url", "data-href")


def _elements(sheet: Tree) -> Iterator[Any]:
    """Elements that may lead to a file; what only a script would make part of the page is left out."""
    waiting = sheet.waiting()
    # A report's tables have a thousand boxes, and on most pages none leads anywhere.
    boxes = _BOXES if sheet.may_have(*_BY) else ()
    for element in sheet.root.iter(*_LEADING, *boxes):
        if element.tag == "script":
            text = element.text or ""
            if "pdfsrc" in text or "PDFObject" in text:
                yield element
        elif _is_box(element) and not any(element.get(name) for name in _BY):
            continue
        elif element not in waiting:
            yield element


_BOXES = frozenset(("div", "p", "span", "li", "button", "td"))


def _is_box(element: Any) -> bool:
    return element.tag in _BOXES


def _addresses(element: Any, base: str) -> Iterator[str]:
    """The addresses an element leads to: its own, else the one that a click on it opens."""
    if element.tag == "script":
        sources = [a or b for a, b in _PDF_SOURCE.findall(element.text or "")]
    elif element.tag == "param":
        sources = [element.get("value") or ""] if (element.get("name") or "").lower() in _VIEWED else []
    else:
        sources = [element.get(name) or "" for name in (*_SOURCES, "pdfsrc")]
    urls = [url for source in sources if source and (url := clean(source, base)) is not None]
    if not urls:
        script = f"{element.get('onclick') or ''};{element.get('href') or ''}"
        clicked = (clean(match[1], base) for match in islice(_CLICKED.finditer(script[:5000]), 5))
        urls = [url for url in clicked if url is not None]
    yield from urls[:2]


def _named(element: Any) -> bool:
    """Whether a link says by its own name that it is a file, whatever its address looks like."""
    return element.tag == "a" and _says_file(element, element.keys())


def _says_file(link: Any, attributes: list[str]) -> bool:
    if "download" in attributes:
        return True
    # Nearly all links are a few words without a point; a picture inside would have a text of its own.
    plainly = len(link) == 0 and "." not in (link.text or "")
    if plainly and ("title" not in attributes or "." not in link.get("title")):
        return False
    return _extension(text_of(link)) in DOCUMENTS


def _may_be_text(element: Any, url: str, page: TextResponse) -> bool:
    """Whether a frame may hold the text: one of the page's own host. It must stand in the article as well."""
    own = urlsplit(url).netloc == urlsplit(page.url).netloc
    return element.tag in ("iframe", "frame") and own and not OTHER_FRAME.search(url)


#: What links are called that only point on.
_POINTING = re.compile(
    r"(?:请|欢迎)?(?:点击|点此|戳)?(?:此处|这里|链接)?(?:查看|阅读|浏览|打开|进入)?(?:报告|年报|正文)?(?:全文|原文|详情|正文|内容|页面)[>》。]*"
    r"|(?:请)?(?:点击|点此)(?:此处|这里)?(?:查看|阅读|浏览|进入|打开)?[>》。]*"
)
_PICTURE = re.compile(r"(?i)\.(?:jpe?g|png|bmp|tiff?|webp|gif)$")


@lru_cache(maxsize=8192)
def is_picture(url: str) -> bool:
    """Whether an address, by its looks, is a picture."""
    parts = urlsplit(url)
    values = (value for found in parse_qs(parts.query).values() for value in found)
    return any(_PICTURE.search(name) for name in (parts.path, *values))


# Names that say nothing: the file is what its page is. Atomic, so that no name is tried in two ways:
# digits alone could be cut in any number of them.
_BARE = re.compile(
    r"(?i)(?>p0\w+|[0-9a-f-]{16,}|相关|点击|请|在线|全文|此处|这里|附件|下载|查看|浏览|打开|阅读|原文|正文|文件|文档|版|格式"
    r"|pdf|word|docx?|wps|ofd|zip|rar|[\s\d一二三四五:：.、()（）\[\]【】])*+"
)


def belongs(file: Attachment, title: str) -> str | None:
    """Why a file is not to be taken with its article; ``None`` if it is.

    One that stands elsewhere on the page must carry the article's own title or be the same
    year's report: what a box of recommended downloads offers is another article's.
    """
    name = _stem(file.name)
    if _BARE.fullmatch(name):
        return None if file.inside else "attachment outside of the article"
    if _folded(name) == _folded(title):
        return None
    if file.inside and names_annex(name) and judge(title, column=None).is_candidate:
        return None
    judgement = judge(name, column=None)
    if not judgement.is_candidate:
        return f"attachment: {judgement.reason}"
    own = judge(title, column=None).year
    if own is not None and judgement.year not in (own, None):
        return "attachment: another year's report"
    if not file.inside and judgement.year is None:
        return "attachment outside of the article"
    return None


def names_report(file: Attachment, title: str) -> bool:
    """Whether a file says by its name that it is the article's report."""
    name = _stem(file.name)
    return _folded(name) == _folded(title) or judge(name, column=None).is_candidate


def _stem(name: str) -> str:
    name = re.sub(r"^\s*附件\s*[\d一二三四五]*\s*[:：.、]?\s*", "", name)
    return PurePosixPath(name).stem if _extension(name) in DOCUMENTS else name


def _folded(text: str) -> str:
    return "".join(text.split())


def page_title(page: TextResponse) -> str | None:
    """Title of an article: meta ArticleTitle (国办发〔2017〕47号), else its first headline."""
    root = tree(page).root
    # After </html> another document may begin, with a headline of its own.
    roots = (root, *root.itersiblings())
    for meta in chain.from_iterable(each.iter("meta") for each in roots):
        name = (meta.get("name") or meta.get("property") or "").lower()
        if name == "articletitle" and (title := meta.get("content") or "").strip():
            return plain(title)
    tagged = chain.from_iterable(each.iter("ucaptitle", "h1") for each in roots)
    for headline in _HEADLINES(root) if "ivs_title" in _IDS(root) else tagged:
        text = plain("".join(_TEXTS(headline)))
        if text:
            return text
    return None


_IDS: Any = etree.XPath("//@id", smart_strings=False)
_HEADLINES: Any = etree.XPath("//ucaptitle | //*[@id='ivs_title'] | //h1")
_TEXTS: Any = etree.XPath(".//text()", smart_strings=False)

_FILES = (
    *(b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"Rar!", b"7z\xbc\xaf"),
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*"),
)


def sniff(body: bytes) -> Literal["html", "file"]:
    """Whether bytes are a page or a file, by what they are and not by what the server calls them."""
    if body.startswith(_FILES):
        return "file"
    head = body[:4096].replace(b"\0", b"")  # UTF-16 has a zero beside every ASCII character
    return "html" if _TAG.search(head) else "file"


_TAG = re.compile(rb"(?i)<(!doctype\s+html|html|head|body|meta|div|table|p|span|script|ucap\w+)\b")
