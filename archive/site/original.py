"""Archived originals, served so that they can harm no reader.

A portal's page comes as the bytes it was, with the charset it really has, in a
sandbox without scripts, forms or requests; any other type comes as a file to save.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from archive import warc
from archive.bodies import text_encoding
from archive.errors import ArchiveError, DamagedError
from archive.records import WarcLocation
from archive.site.rows import Row, one

#: No script, frame, form or request; pictures only from within the page itself.
POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_TYPES = {
    "pdf": ("application/pdf", ".pdf"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "ofd": ("application/ofd", ".ofd"),
    "zip": ("application/zip", ".zip"),
    "png": ("image/png", ".png"),
    "jpg": ("image/jpeg", ".jpg"),
    "tif": ("image/tiff", ".tif"),
    "text": ("text/plain; charset={charset}", ".txt"),
    "html": ("text/html; charset={charset}", ".html"),
}
_OTHER = ("application/octet-stream", ".bin")

_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
#: HTML declares its encoding within the first 1024 bytes (WHATWG HTML, 4.2.5.4); real portals are later.
_PRESCAN = 8192

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))

#: Encodings tried where nothing declared fits: nearly every page on a Chinese portal is one of the two.
#: gb18030 holds all of gb2312 and gbk, so it also reads the pages that say gb2312 and are not.
_USUAL = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Original:
    """What to answer: bytes, content type and headers."""

    body: bytes
    content_type: str
    headers: dict[str, str]


class OriginalError(Exception):
    """Why an original cannot be shown: a key of ``i18n.yml`` with its values."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def _errors(body: bytes, charset: str) -> int:
    return body.decode(charset, "replace").count("\ufffd")


def _declared(body: bytes) -> str | None:
    found = _META_CHARSET.search(body[:_PRESCAN])
    if found is None:
        return None
    name = text_encoding(found[1].decode("ascii"))
    # WHATWG Encoding: the labels gb2312 and gbk mean the larger set.
    return "gb18030" if name in ("gb2312", "gbk") else name


def charset(body: bytes) -> str:
    """The encoding ``body`` really has: a byte order mark, else the reading that breaks fewest characters.

    UTF-8 goes first, as text in another encoding almost never happens to be valid UTF-8.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    declared = _declared(body)
    candidates = ["utf-8", *([declared] if declared and declared not in _USUAL else []), "gb18030"]
    return min(candidates, key=lambda name: _errors(body, name))


def file_name(url: str, kind: str | None) -> str:
    """A file name for saving: the last part of the address, without anything a file system minds."""
    suffix = _TYPES.get(kind or "", _OTHER)[1]
    try:
        last = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    except ValueError:
        last = ""
    # \w keeps Chinese names; control, bidi and path characters go. 120: well under any name limit in UTF-8.
    stem = re.sub(r"[^\w.-]+", "_", last).strip("._")[:120] or "original"
    return stem if stem.lower().endswith(suffix) else stem + suffix


def answer(body: bytes, kind: str | None, url: str, *, download: bool = False) -> Original:
    """The response for an original of this kind: HTML is shown in a sandbox, everything else saved."""
    template, _ = _TYPES.get(kind or "", _OTHER)
    content_type = template.format(charset=charset(body)) if "{" in template else template
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    if kind != "html" or download:
        name = file_name(url, kind)
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
        headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Original(body, content_type, headers)


def find(conn: sqlite3.Connection, document: int) -> Row | None:
    """The row of a document, or ``None``."""
    return one(conn, "select * from documents where id = ?", (document,))


def read(document: Row, folder: Path, *, download: bool = False) -> Original:
    """The archived bytes of a document as a response.

    ``folder`` is the WARC folder. Raises ``OriginalError`` where there are no bytes, the
    file is gone, the record does not read, or the bytes are not those the digest was taken of.
    """
    name = document["warc_file"]
    if not name:
        raise OriginalError("error.nobytes")
    location = WarcLocation(name, document["warc_offset"], document["warc_length"])
    try:
        body = warc.read(folder, location).body
    except DamagedError as error:
        raise OriginalError("error.badwarc", file=name, message=str(error)) from error
    except (ArchiveError, OSError) as error:
        # Their texts name folders of this machine, which are nobody's business on a public page.
        raise OriginalError("error.nowarc", file=name) from error
    if hashlib.sha256(body).hexdigest() != document["sha256"]:
        raise OriginalError("error.digest")
    return answer(body, document["kind"], document["url"], download=download)
