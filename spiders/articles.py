"""What hangs on an article, and what an article is called. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from scrapy.http import TextResponse
from scrapy.utils.response import get_base_url

from spiders.links import bounded, clean, plain, text_of
from spiders.subcolumns import OTHER_FRAME
from spiders.titles import judge

#: Ends of a file name under which an original may be published.
DOCUMENTS = frozenset(("pdf", "doc", "docx", "wps", "xls", "xlsx", "et", "ofd", "rtf", "txt"))

# Programs of the CMS families that hand out an attachment by number or hash of one kind or another.
_DOWNLOAD = re.compile(
    r"(?i)/downfile\.jsp|/download\.jsp|/downloadAttach|/AnnualReport/download/|OpennessAnnualReport/download/"
    r"|/group\d+/M00/|/attachment/|/attach/"
)
_VIEWER = re.compile(r"(?i)viewer\.html$")
_PDF_SOURCE = re.compile(r"""(?i)\bpdfsrc\s*=\s*["']([^"'<>]+)["']""")

# Where an article's text lies, family by family, and how blocks of attachments are called.
_BODY_MARK = re.compile(
    r"UCAP-?CONTENT|ivs_content|TRS_Editor|trs_editor_view|\b[zZ]oom(con)?\b|j-fontContent|v_news_content"
    r"|vsb_content|article[-_]?content|Custom_UnionStyle|m-txt-article|main-txt|\bcontent\b"
)
_ATTACHED = re.compile(r"(?i)fujian|\bfj|attach|appendix|insertfile|附件|downloadfile")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on an article."""

    url: str
    name: str
    """Text of its link; empty for a frame or viewer."""
    inside: bool
    """Whether it stands in the article's body or among its attachments, and not elsewhere on the page."""


def is_document(url: str) -> bool:
    """Whether an address, by its looks, is a file and not a page; what it really is, its bytes say."""
    parts = urlsplit(url)
    names = [parts.path]
    for values in parse_qs(parts.query).values():
        names.extend(values)
    return bool(_DOWNLOAD.search(url)) or any(_extension(name) in DOCUMENTS for name in names)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def unwrap(url: str) -> str:
    """The file behind a viewer (``viewer.html?file=…``, pdf.js), or the address itself."""
    parts = urlsplit(url)
    files = parse_qs(parts.query).get("file") if _VIEWER.search(parts.path) else None
    # A viewer's file is encoded once for the query; some pages encode it twice.
    inner = clean(unquote(files[0]), url) if files else None
    return inner or url


def attachments(page: TextResponse) -> tuple[Attachment, ...]:
    """Files that hang on an article: links, frames and viewers, each address once, in order.

    Raises ``links.TooManyLinksError``.
    """
    base = get_base_url(page)
    found: dict[str, Attachment] = {}
    for element in bounded(page.selector.root.iter("a", "iframe", "embed", "object")):
        source = element.get("href") or element.get("src") or element.get("data")
        wrapped = clean(source, base) if source else None
        url = unwrap(wrapped) if wrapped else None
        if url is None or not (is_document(url) or url != wrapped or _is_text(element, url, page)):
            continue
        name = text_of(element) if element.tag == "a" else ""
        inside = element.tag != "a" or element.get("appendix") == "true" or _in_article(element)
        found.setdefault(url, Attachment(url, name, inside))
    for match in _PDF_SOURCE.finditer(page.text):
        url = clean(match.group(1), base)
        if url is not None:
            found.setdefault(unwrap(url), Attachment(unwrap(url), "", True))
    found.pop(page.url, None)
    return tuple(found.values())


def _is_text(element: Any, url: str, page: TextResponse) -> bool:
    """Whether a frame holds the article's text: one of the portal's own host, where the text should be."""
    own = urlsplit(url).netloc == urlsplit(page.url).netloc
    return element.tag == "iframe" and own and not OTHER_FRAME.search(url) and _in_article(element)


def _in_article(element: Any) -> bool:
    for around in element.iterancestors():
        marks = f"{around.get('id') or ''} {around.get('class') or ''}"
        if _BODY_MARK.search(marks) or _ATTACHED.search(marks):
            return True
    return False


# Names that say nothing: the file is what its page is. Atomic, so that no name is tried in two ways:
# digits alone could be cut in any number of them.
_BARE = re.compile(
    r"(?i)(?>p0\w+|[0-9a-f-]{16,}|相关|点击|请|在线|全文|此处|这里|附件|下载|查看|浏览|打开|阅读|原文|正文|文件|文档|版|格式"
    r"|pdf|word|docx?|wps|ofd|[\s\d一二三四五:：.、()（）\[\]【】])*+"
)


def belongs(file: Attachment, title: str) -> str | None:
    """Why a file is not to be taken with its article; ``None`` if it is."""
    name = _stem(file.name)
    if _BARE.fullmatch(name):
        return None if file.inside else "attachment outside of the article"
    if _folded(name) == _folded(title):
        return None
    judgement = judge(name, column=None)
    return None if judgement.is_candidate else f"attachment: {judgement.reason}"


def _stem(name: str) -> str:
    name = re.sub(r"^\s*附件\s*[\d一二三四五]*\s*[:：.、]?\s*", "", name)
    return PurePosixPath(name).stem if _extension(name) in DOCUMENTS else name


def _folded(text: str) -> str:
    return "".join(text.split())


def page_title(page: TextResponse) -> str | None:
    """Title of an article: meta ArticleTitle (国办发〔2017〕47号), else its first headline."""
    for meta in page.xpath("//meta[@content]"):
        name = (meta.attrib.get("name") or meta.attrib.get("property") or "").lower()
        if name == "articletitle" and meta.attrib["content"].strip():
            return plain(meta.attrib["content"])
    for headline in page.xpath("//ucaptitle | //*[@id='ivs_title'] | //h1"):
        text = plain("".join(headline.xpath(".//text()").getall()))
        if text:
            return text
    return None


def sniff(body: bytes) -> Literal["html", "file"]:
    """Whether bytes are a page or a file, by what they are and not by what the server calls them."""
    head = body[:4096].replace(b"\0", b"")  # UTF-16 has a zero beside every ASCII character
    if head.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        return "file"
    return "html" if _TAG.search(head) else "file"


_TAG = re.compile(rb"(?i)<(!doctype\s+html|html|head|body|meta|div|table|p|span|script|ucap\w+)\b")
