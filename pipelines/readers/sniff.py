"""What the bytes are, by content; names and headers only lie."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from itertools import islice
from typing import Literal

from pipelines.readers.errors import MAX_BYTES, UnreadableError, megabytes

Kind = Literal["html", "pdf", "docx", "text"]

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an OLE file (DOC, XLS or WPS of before 2007)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image (needs OCR)"),
    (b"\xff\xd8\xff", "a JPEG image (needs OCR)"),
    (b"GIF8", "a GIF image (needs OCR)"),
    (b"II*\x00", "a TIFF image (needs OCR)"),
    (b"MM\x00*", "a TIFF image (needs OCR)"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"{\\rtf", "an RTF file"),
    (b"%!PS", "a PostScript file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
)
#: First entry whose name begins so → what the ZIP file is.
_ZIP_KINDS: tuple[tuple[str, str], ...] = (
    ("xl/", "an XLSX workbook"),
    ("ppt/", "a PPTX presentation"),
    ("OFD.xml", "an OFD file"),
    ("content.xml", "an OpenDocument file"),
)
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
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f�]")
#: Text may hold a stray control or undecodable character, not one in twenty.
_MAX_CONTROL_SHARE = 0.05


def binary(body: bytes) -> Literal["pdf", "docx"] | None:
    """``pdf`` or ``docx`` by magic bytes, ``None`` for what may be text.

    Raises ``UnreadableError`` naming any other known kind, an empty or an oversized body.
    """
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise UnreadableError("empty file" if not body else "nothing but white space")
    if len(body) > MAX_BYTES:
        raise UnreadableError(f"file of {megabytes(len(body))} is over the limit of {megabytes(MAX_BYTES)}")
    start = body[:_PDF_WINDOW]
    at = start.find(b"%PDF-")
    if at >= 0 and b"<" not in start[:at]:
        return "pdf"
    if body.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(body)
    for magic, what in _MAGIC:
        if body.startswith(magic):
            raise UnreadableError(f"{what}, no reader for it")
    if body.startswith(b"BM") and len(body) > 26 and body[6:10] == b"\0\0\0\0":
        raise UnreadableError("a BMP image (needs OCR), no reader for it")
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        raise UnreadableError("a WebP image (needs OCR), no reader for it")
    if re.match(rb"\s*MIME-Version:|\s*From: <Saved by", start, re.I):
        raise UnreadableError("an MHTML file, no reader for it")
    if b"<?mso-application" in start:
        raise UnreadableError("an Office XML file of 2003, no reader for it")
    return None


def _zip(body: bytes) -> Literal["docx"]:
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
        raise UnreadableError(f"damaged ZIP file: {error}") from error
    if "word/document.xml" in names:
        return "docx"
    for prefix, what in _ZIP_KINDS:
        if any(name.startswith(prefix) for name in names):
            raise UnreadableError(f"{what}, no reader for it")
    raise UnreadableError(f"a ZIP archive of {len(names)} files, no reader for it")


def textual(text: str) -> Literal["html", "text"]:
    """Whether decoded text is HTML or plain text; raises ``UnreadableError`` for what is neither."""
    sample = text[:_TAG_WINDOW]
    bad = len(_CONTROL.findall(sample))
    if bad > len(sample) * _MAX_CONTROL_SHARE:
        raise UnreadableError("binary data of an unknown kind")
    if _DOCUMENT_TAG.search(sample):
        return "html"
    tags = sum(1 for _ in islice(_ANY_TAG.finditer(sample), 3))
    # a Markdown table may hold a <br>; markup proper has more, or begins with a tag
    return "html" if tags >= 3 or (tags and _STARTS_WITH_TAG.match(sample[:8192])) else "text"
