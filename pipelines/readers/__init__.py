"""Bytes → ``Document``: one reader a carrier, chosen by content.

``read`` touches no network, clock or disk, ends in bounded time, and raises
nothing but ``UnreadableError``.
"""

from __future__ import annotations

from archive.records import Document
from pipelines.readers import docx, encoding, html, pdf, sniff, text
from pipelines.readers.errors import UnreadableError, megabytes

__all__ = ["UnreadableError", "read"]


def read(
    body: bytes, *, media_type: str | None = None, charset: str | None = None, name: str | None = None
) -> Document:
    """Read HTML, PDF, DOCX or plain text, whatever header and file name say.

    ``charset`` and ``media_type`` are what the server said, ``name`` the file's
    name: hints, used only where the content does not decide, and noted where it
    contradicts them. Raises ``UnreadableError`` naming what the bytes are where
    no reader fits.
    """
    kind = sniff.binary(body)
    if kind == "pdf":
        return pdf.read(body, _contradiction("pdf", media_type, name))
    if kind == "docx":
        return docx.read(body, _contradiction("docx", media_type, name))
    if len(body) > html.MAX_CHARACTERS:
        raise UnreadableError(
            f"text or HTML of {megabytes(len(body))} is over the limit of {megabytes(html.MAX_CHARACTERS)}"
        )
    decoded = encoding.decode(body, charset)
    found = sniff.textual(decoded.text)
    notes = (*decoded.notes, *_contradiction(found, media_type, name))
    return html.read(decoded.text, notes) if found == "html" else text.read(decoded.text, notes)


#: What a media type or file name ending promises.
_PROMISES = {
    "html": ("html", "htm", "shtml"),
    "pdf": ("pdf",),
    "docx": ("docx", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "text": ("plain", "txt", "md", "markdown"),
}


def _contradiction(kind: str, media_type: str | None, name: str | None) -> tuple[str, ...]:
    """A note where type or name promise something else than the content is."""
    said = {
        "media type": (media_type or "").partition(";")[0].strip().lower().rpartition("/")[2],
        "name": (name or "").partition("?")[0].rpartition(".")[2].lower(),
    }
    promised = {
        source: other
        for source, word in said.items()
        for other, words in _PROMISES.items()
        if word in words and other != kind
    }
    return tuple(f"{source} says {other}, the content is {kind}" for source, other in promised.items())
