"""Reading WARC files back: one record by its location, or every record of a folder."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive import cdxj, times
from archive.bodies import decode_body
from archive.errors import ArchiveError, DamagedError
from archive.records import Context, Role, Snapshot, WarcLocation
from archive.warc_files import Torn, bytes_of, iter_members


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One original as it lies in a WARC."""

    type: str
    """``response``, ``revisit``, ``resource``, ``request``, ``metadata`` or ``warcinfo``."""
    url: str
    """Address, or the file's name for a resource; empty for ``warcinfo``."""
    fetched_at: datetime
    """UTC, with time zone."""
    status: int | None
    """HTTP status; ``None`` for a resource."""
    headers: tuple[tuple[str, str], ...]
    """HTTP headers in the order received; names keep their case."""
    body: bytes
    """Payload, its Content-Encoding undone."""
    location: WarcLocation

    def header(self, name: str) -> str | None:
        """First value of an HTTP header, whatever its case."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def snapshot(self, *, role: Role = "page", context: Context | None = None) -> Snapshot:
        """The original as a parser takes it."""
        stated = self.header("Content-Type") or ""
        found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", stated, re.IGNORECASE)
        return Snapshot(
            url=self.url,
            body=self.body,
            fetched_at=self.fetched_at,
            media_type=stated.split(";")[0].strip() or None,
            charset=found[1] if found else None,
            role=role,
            context=context or Context(),
            warc=self.location,
        )


def read(folder: Path, location: WarcLocation) -> WarcRecord:
    """The record at ``location``, its digests checked.

    Of a ``revisit`` the body is that of the record it refers to. Raises ``ArchiveError`` if
    a file is not there, ``DamagedError`` if the bytes are not one whole record or a digest does not fit.
    """
    record, payload = _open(_member(folder, location), location)
    if record.rec_type == "revisit":
        payload = _referred(folder, record, location)
    return _made(record, payload, location)


def record_headers(folder: Path, location: WarcLocation) -> Any:
    """The WARC headers of a record (warcio's ``StatusAndHeaders``)."""
    return _open(_member(folder, location), location)[0].rec_headers


def _member(folder: Path, location: WarcLocation) -> bytes:
    member = bytes_of(folder, location)
    where = f"{location.file} at {location.offset}"
    inflated = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflated.decompress(member)
    except zlib.error as error:
        raise DamagedError(f"{where}: no gzip record ({error})") from error
    if not inflated.eof:
        raise DamagedError(f"{where}: the record is cut short")
    return plain


def iter_records(
    folder: Path, torn: list[Torn] | None = None, unread: list[str] | None = None
) -> Iterator[WarcRecord]:
    """Every response, revisit and resource of every WARC file, in the order of file names.

    A file that ends in the middle of a record gives all records before that;
    what is torn is appended to ``torn``, or raised as ``DamagedError`` after
    the last whole record of the file where no list is given. A file that is
    being written just now may end anywhere and is not reported.

    A record that is whole and whose body cannot be had (a bomb, a broken coding:
    what a server sent is kept as it came) hides no other: why is appended to
    ``unread``, or raised as ``DamagedError`` after the last record of all.
    """
    messages: list[str] = [] if unread is None else unread
    for location, member in iter_members(folder, torn):
        try:
            record = record_of(member, location)
            if record.type == "revisit":
                record = read(folder, location)
        except ArchiveError as error:
            messages.append(str(error))
            continue
        if record.type in ("response", "revisit", "resource"):
            yield record
    if unread is None and messages:
        raise DamagedError("; ".join(messages))


def record_of(member: bytes, location: WarcLocation) -> WarcRecord:
    """An inflated member as a record, its digests checked; raises ``DamagedError`` or ``ArchiveError``.

    A ``revisit`` has no body of its own; ``read`` gives it that of the record it refers to.
    """
    return _made(*_open(member, location), location)


def payload_digest(*payload: bytes) -> str:
    """As WARC-Payload-Digest has it: SHA-1 in Base32, what all WARC tools compare."""
    digest = hashlib.sha1(usedforsecurity=False)
    for piece in payload:
        digest.update(piece)
    return "sha1:" + base64.b32encode(digest.digest()).decode()


def _open(member: bytes, location: WarcLocation) -> tuple[Any, bytes]:
    """warcio's record and its payload, content codings still on."""
    where = f"{location.file} at {location.offset}"
    try:
        record = next(iter(ArchiveIterator(BytesIO(member), check_digests=True)))
        payload = record.raw_stream.read()
    except (ArchiveLoadFailed, StopIteration) as error:
        raise DamagedError(f"{where}: no WARC record ({error})") from error
    if record.digest_checker.passed is False:
        raise DamagedError(f"{where}: {'; '.join(record.digest_checker.problems)}")
    return record, payload


def _made(record: Any, payload: bytes, location: WarcLocation) -> WarcRecord:
    http = record.http_headers
    headers: tuple[tuple[str, str], ...] = tuple(http.headers) if http else ()
    status = None
    if record.rec_type in ("response", "revisit") and http:
        status = int(http.get_statuscode())
        # A header in several lines is one list (RFC 9110 §5.3).
        codings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
        payload = decode_body(payload, codings, where=f"{location.file} at {location.offset}")
    elif record.rec_type == "resource":
        headers = (("Content-Type", record.content_type),)
    return WarcRecord(
        type=record.rec_type,
        url=_source(record.rec_headers.get_header("WARC-Target-URI")),
        fetched_at=times.read(record.rec_headers.get_header("WARC-Date")),
        status=status,
        headers=headers,
        body=payload,
        location=location,
    )


def _referred(folder: Path, revisit: Any, location: WarcLocation) -> bytes:
    """The payload that a revisit stands for (WARC 1.1 §6.7.2: identical payload digest)."""
    said = revisit.rec_headers.get_header
    where = f"{location.file} at {location.offset}"
    url, moment = said("WARC-Refers-To-Target-URI"), said("WARC-Refers-To-Date")
    digest = said("WARC-Payload-Digest")
    if not (url and moment and digest):
        raise DamagedError(f"{where}: a revisit that does not say of what")
    for member, place in _at(folder, url, moment):
        record, payload = _open(member, place)
        right = (record.rec_headers.get_header(n) for n in ("WARC-Target-URI", "WARC-Date"))
        if record.rec_type in ("response", "resource") and tuple(right) == (url, moment):
            if payload_digest(payload) != digest:
                raise DamagedError(f"{where}: what it refers to, in {place.file}, has another digest")
            return payload
    raise DamagedError(f"{where}: the record it refers to ({url} of {moment}) is in no WARC file")


def _at(folder: Path, url: str, moment: str) -> Iterator[tuple[bytes, WarcLocation]]:
    """Records of an address and time by the index; all of them where the index does not know it."""
    stamp = "".join(c for c in moment if c.isdigit())[:14]
    for entry in cdxj.find(folder, url):
        if entry.timestamp == stamp and entry.mime != cdxj.REVISIT:
            try:
                member = _member(folder, entry.location)
            except ArchiveError:  # an index older than the files: they themselves are looked through below
                continue
            yield member, entry.location
    # A tear elsewhere is no concern of this record.
    for location, member in iter_members(folder, []):
        if url.encode() in member[: member.find(b"\r\n\r\n")]:
            yield member, location


def _source(uri: str | None) -> str:
    return unquote(uri.removeprefix("file:")) if uri and uri.startswith("file:") else uri or ""
