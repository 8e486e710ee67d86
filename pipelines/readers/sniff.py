"""What the bytes are, by content; names and headers only lie."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Literal

import olefile

from pipelines.readers import messages
from pipelines.readers.errors import MAX_BYTES, UnreadableError, for_want_of_memory

Kind = Literal["pdf", "docx", "ofd", "xlsx", "xls", "office", "zip", "image"]


@dataclass(frozen=True, slots=True)
class Binary:
    """What binary data are: the reader that takes them, and their name for people."""

    kind: Kind
    what: str
    ending: str
    """The file name ending that goes with it."""


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG 图片", "png"),
    (b"\xff\xd8\xff", "JPEG 图片", "jpg"),
    (b"GIF8", "GIF 图片", "gif"),
    (b"II*\x00", "TIFF 图片", "tif"),
    (b"MM\x00*", "TIFF 图片", "tif"),
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"Rar!\x1a\x07", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip 压缩包"),
    (b"\x1f\x8b", "gzip 压缩数据"),
    (b"%!PS", "PostScript 文件"),
    (b"MZ", "Windows 程序"),
    (b"\x7fELF", "程序文件"),
)
#: First entry whose name begins so → what the ZIP file is.
_ZIP_KINDS: tuple[tuple[str, str], ...] = (("ppt/", "PPTX 演示文稿"),)
#: What the first entry of an OpenDocument package says (OpenDocument 1.3, part 2, section 3.3).
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
#: A PDF may be preceded by other bytes within its first kilobyte (PDF Reference 1.7, appendix H.3.4.1).
_PDF_WINDOW = 1024
#: Where tags are looked for: long enough to pass any comment or script block in front.
_TAG_WINDOW = 256 * 1024
_DOCUMENT_TAG = re.compile(r"<!doctype html|<(?:html|head|body|meta|table|frameset)[\s>/]", re.I)
_ANY_TAG = re.compile(
    r"</?(?:p|div|span|br|a|b|strong|font|h[1-6]|ul|ol|li|td|tr|th|tbody|section|article|center|img|script|"
    r"style|link|title|form|input|ucapcontent|ucaptitle)(?:\s[^<>]*)?/?>",
    re.I,
)
_STARTS_WITH_TAG = re.compile(r"\s*(?:<!--(?:(?!-->).)*-->\s*)*<[a-z!/][^<>]*>", re.I | re.S)
#: Control characters that no text has, each one byte in UTF-8.
_CONTROL = bytes({*range(0x20), 0x7F} - {*range(0x09, 0x0E)})
#: Text may hold a stray control or undecodable character, not one in twenty.
_MAX_CONTROL_SHARE = 0.05


def binary(body: bytes) -> Binary | None:
    """What the bytes are by their magic, ``None`` for what may be text.

    Raises ``UnreadableError`` naming a kind that no reader takes, an empty or an oversized body.
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise UnreadableError(messages.ONLY_BLANKS if body else messages.EMPTY_FILE)
    if len(body) > MAX_BYTES:
        raise UnreadableError(messages.too_large("文件", len(body), MAX_BYTES))
    # before the PDF, which may lie unpacked within the first kilobyte of an archive
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(body)
    if body.startswith(_OLE):
        return _ole(body)
    start = body[:_PDF_WINDOW]
    at = start.find(b"%PDF-")
    if at >= 0 and b"<" not in start[:at]:
        return Binary("pdf", "PDF 文件", "pdf")
    if body.startswith(b"{\\rtf"):
        return Binary("office", "RTF 文件", "rtf")
    for magic, what, ending in _IMAGES:
        if body.startswith(magic):
            return Binary("image", what, ending)
    for magic, what in _MAGIC:
        if body.startswith(magic):
            raise UnreadableError(messages.no_reader(what))
    if body.startswith(b"BM") and len(body) > 26 and body[6:10] == b"\0\0\0\0":
        return Binary("image", "BMP 图片", "bmp")
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return Binary("image", "WebP 图片", "webp")
    if re.match(rb"\s*MIME-Version:|\s*From: <Saved by", start, re.I):
        raise UnreadableError(messages.no_reader("MHTML 文件"))
    if b"<?mso-application" in start:
        raise UnreadableError(messages.no_reader("Office 2003 的 XML 文件"))
    return None


def _zip(body: bytes) -> Binary:
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise UnreadableError(messages.damaged("ZIP", error)) from error
    if "word/document.xml" in names:
        return Binary("docx", "DOCX 文件", "docx")
    if "xl/workbook.xml" in names:
        return Binary("xlsx", "XLSX 工作簿", "xlsx")
    if any(name.lower() == "ofd.xml" for name in names):  # GB/T 33190-2016, 7.3
        return Binary("ofd", "OFD 文件", "ofd")
    for prefix, what in _ZIP_KINDS:
        if any(name.startswith(prefix) for name in names):
            raise UnreadableError(messages.no_reader(what))
    if _OPEN_DOCUMENT in body[:200]:
        text = _OPEN_DOCUMENT + b"text" in body[:200]
        return Binary("office", "OpenDocument 文件", "odt" if text else "ods")
    return Binary("zip", f"含 {len(names)} 个文件的 ZIP 压缩包", "zip")


def _ole(body: bytes) -> Binary:
    """By the streams of its directory: Word and WPS have ``WordDocument``, Excel and ET ``Workbook``.

    Source: [MS-DOC] 2.1 and [MS-XLS] 2.1.2; Excel 5 calls the stream ``Book``.
    """
    try:
        with olefile.OleFileIO(BytesIO(body)) as file:
            streams = {entry[0].lower() for entry in file.listdir() if len(entry) == 1}
            storages = {entry[0].lower() for entry in file.listdir(streams=True, storages=True)}
    except Exception as error:  # olefile raises many kinds on damaged files
        if for_want_of_memory(error):
            raise
        raise UnreadableError(messages.damaged("OLE（2007 年以前的 DOC、XLS 或 WPS）", error)) from error
    if "worddocument" in streams:
        return Binary("office", "DOC 文件", "doc")
    if streams & {"workbook", "book"}:
        return Binary("xls", "XLS 工作簿", "xls")
    if "encryptedpackage" in streams:
        raise UnreadableError(messages.encrypted("Office"))
    named = "、".join(sorted(storages)[:5])
    raise UnreadableError(messages.other_office_file(named))


def textual(text: str, source: bytes | None = None) -> Literal["html", "text"]:
    """Whether decoded text is HTML or plain text; raises ``UnreadableError`` for what is neither.

    ``source`` is the text in UTF-8 where that is at hand.
    """
    sample = text[:_TAG_WINDOW]
    if source is None or len(sample) < len(text):
        source = sample.encode("utf-8", "surrogatepass")
    bad = len(source) - len(source.translate(None, _CONTROL)) + sample.count("�")
    if bad > len(sample) * _MAX_CONTROL_SHARE:
        raise UnreadableError(messages.UNKNOWN_BYTES)
    if _DOCUMENT_TAG.search(sample):
        return "html"
    tags = sum(1 for _ in islice(_ANY_TAG.finditer(sample), 3))
    # a Markdown table may hold a <br>; markup proper has more, or begins with a tag
    return "html" if tags >= 3 or (tags and _STARTS_WITH_TAG.match(sample[:8192])) else "text"
