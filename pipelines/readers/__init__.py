"""Bytes → ``Document``: one reader a carrier, chosen by content.

``read`` touches no network and no clock, ends in bounded time, and raises nothing
but ``UnreadableError``. It touches no disk either, with one exception: DOC, WPS
and RTF are converted by LibreOffice in a private temporary directory (``office``).

Each reader is loaded with the first of its kind: the libraries behind them take longer to
load than a page to read, and who only wants to know what bytes are needs none.
"""

from __future__ import annotations

from archive.records import Document
from pipelines.readers import encoding, messages, sniff
from pipelines.readers.errors import MAX_PAGE, UnreadableError

__all__ = ["UnreadableError", "read"]


def read(
    body: bytes, *, media_type: str | None = None, charset: str | None = None, name: str | None = None
) -> Document:
    """Read a document, whatever header and file name say it is.

    HTML, plain text, PDF, OFD, DOCX, XLSX and XLS; DOC, WPS, RTF and OpenDocument
    where LibreOffice is installed; scans where the extra ``ocr`` is; a ZIP of any
    of these. ``charset`` and ``media_type`` are what the server said, ``name`` the
    file's name: hints, used only where the content does not decide, and noted
    where it contradicts them. Raises ``UnreadableError`` naming what the bytes
    are where no reader fits.
    """
    found = sniff.binary(body)
    if found is not None:
        return _binary(body, found, _contradiction(found.ending, media_type, name))
    return _textual(body, media_type, charset, name)


def _binary(body: bytes, found: sniff.Binary, notes: tuple[str, ...]) -> Document:
    match found.kind:
        case "pdf":
            from pipelines.readers import pdf

            return pdf.read(body, notes)
        case "docx":
            from pipelines.readers import docx

            return docx.read(body, notes)
        case "ofd":
            from pipelines.readers import ofd

            return ofd.read(body, notes)
        case "xlsx":
            from pipelines.readers import xlsx

            return xlsx.read(body, notes)
        case "xls":
            from pipelines.readers import xls

            return xls.read(body, notes)
        case "image":
            from pipelines.readers import ocr

            return ocr.read(body, found.what, notes)
        case "zip":
            from pipelines.readers import archive_zip

            return archive_zip.read(body, read, notes)
        case "office":
            from pipelines.readers import office

            return office.read(body, found, notes)


def _textual(body: bytes, media_type: str | None, charset: str | None, name: str | None) -> Document:
    if len(body) > MAX_PAGE:
        raise UnreadableError(messages.too_large("文本或网页", len(body), MAX_PAGE))
    decoded = encoding.decode(body, charset)
    kind = sniff.textual(decoded.text, decoded.source)
    notes = (*decoded.notes, *_contradiction(kind, media_type, name))
    if kind == "html":
        from pipelines.readers import html

        return html.read(decoded.text, notes, decoded.source)
    from pipelines.readers import text

    return text.read(decoded.text, notes)


#: What a media type or file name ending promises.
_PROMISES = {
    "html": ("html", "htm", "shtml"),
    "pdf": ("pdf",),
    "docx": ("docx", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ofd": ("ofd",),
    "text": ("plain", "txt", "md", "markdown"),
    "doc": ("doc",),
    "rtf": ("rtf",),
    "xls": ("xls",),
    "xlsx": ("xlsx", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": ("zip", "x-zip-compressed"),
    "png": ("png",),
    "jpg": ("jpg", "jpeg"),
    "tif": ("tif", "tiff"),
}


def _contradiction(kind: str, media_type: str | None, name: str | None) -> tuple[str, ...]:
    """A note where type or name promise something else than the content is."""
    said = {
        "网页服务器": (media_type or "").partition(";")[0].strip().lower().rpartition("/")[2],
        "文件名": (name or "").partition("?")[0].rpartition(".")[2].lower(),
    }
    promised = {
        source: other
        for source, word in said.items()
        for other, words in _PROMISES.items()
        if word in words and other != kind
    }
    return tuple(messages.contradiction(source, other, kind) for source, other in promised.items())
