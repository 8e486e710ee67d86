"""Reading WARC files back: one record by its location, or every record of a folder."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive import times
from archive.bodies import decode_body
from archive.errors import ArchiveError, DamagedError
from archive.records import Context, Role, Snapshot, WarcLocation

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; there an open file always counts as in use
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".warc.gz"
#: Added to the name while the file is written.
OPEN = ".open"
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One original as it lies in a WARC."""

    type: str
    """``response``, ``resource``, ``request`` or ``warcinfo``."""
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


@dataclass(frozen=True, slots=True)
class Torn:
    """A file that ends in the middle of a record."""

    file: str
    kept: int
    """Bytes of whole records."""
    cut: int
    """Bytes after the last whole record."""


def read(folder: Path, location: WarcLocation) -> WarcRecord:
    """The record at ``location``, its digests checked.

    Raises ``ArchiveError`` if the file is not there, ``DamagedError`` if the
    bytes are not one whole record or a digest does not fit.
    """
    path = _find(folder, location.file)
    with path.open("rb") as stream:
        stream.seek(location.offset)
        member = stream.read(location.length)
    where = f"{location.file} at {location.offset}"
    inflated = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = inflated.decompress(member)
    except zlib.error as error:
        raise DamagedError(f"{where}: no gzip record ({error})") from error
    if not inflated.eof:
        raise DamagedError(f"{where}: the record is cut short")
    return _record(plain, location)


def iter_records(
    folder: Path, torn: list[Torn] | None = None, unread: list[str] | None = None
) -> Iterator[WarcRecord]:
    """Every response and resource of every WARC file, in the order of file names.

    A file that ends in the middle of a record gives all records before that;
    what is torn is appended to ``torn``, or raised as ``DamagedError`` after
    the last whole record of the file where no list is given. A file that is
    being written just now may end anywhere and is not reported.

    A record that is whole and whose body cannot be had (a bomb, a broken coding:
    what a server sent is kept as it came) hides no other: why is appended to
    ``unread``, or raised as ``DamagedError`` after the last record of all.
    """
    messages: list[str] = [] if unread is None else unread
    paths = [*folder.glob("*" + SUFFIX), *folder.glob("*" + SUFFIX + OPEN)]
    for path in sorted(paths, key=lambda p: plain_name(p.name)):
        end = 0
        for offset, length, member in members(path):
            end = offset + length
            try:
                record = _record(member, WarcLocation(plain_name(path.name), offset, length))
            except ArchiveError as error:
                messages.append(str(error))
                continue
            if record.type in ("response", "resource"):
                yield record
        tail = path.stat().st_size - end
        if tail > 0 and not (path.name.endswith(OPEN) and in_use(path)):
            found = Torn(plain_name(path.name), end, tail)
            if torn is None:
                raise DamagedError(f"{found.file}: {tail} bytes after offset {end} are no whole record")
            torn.append(found)
    if unread is None and messages:
        raise DamagedError("; ".join(messages))


def members(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(offset, length, inflated bytes) of every whole gzip member; stops at the first that is not."""
    with path.open("rb") as stream:
        start = 0
        block = stream.read(_BLOCK)
        while block:
            inflated = zlib.decompressobj(16 + zlib.MAX_WBITS)
            parts, used = [], 0
            while block and not inflated.eof:
                try:
                    parts.append(inflated.decompress(block))
                except zlib.error:
                    return
                used += len(block) - len(inflated.unused_data)
                block = inflated.unused_data or stream.read(_BLOCK)
            if not inflated.eof:
                return
            yield start, used, b"".join(parts)
            start += used


def in_use(path: Path) -> bool:
    """Whether a living writer holds the file; ``True`` where the system cannot tell."""
    if fcntl is None:
        return True
    with path.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def plain_name(name: str) -> str:
    """The file's name without the mark of an open file."""
    return name.removesuffix(OPEN)


def _record(member: bytes, location: WarcLocation) -> WarcRecord:
    where = f"{location.file} at {location.offset}"
    try:
        record = next(iter(ArchiveIterator(BytesIO(member), check_digests=True)))
        payload = record.raw_stream.read()
    except (ArchiveLoadFailed, StopIteration) as error:
        raise DamagedError(f"{where}: no WARC record ({error})") from error
    if record.digest_checker.passed is False:
        raise DamagedError(f"{where}: {'; '.join(record.digest_checker.problems)}")
    http = record.http_headers
    headers: tuple[tuple[str, str], ...] = tuple(http.headers) if http else ()
    status = None
    if record.rec_type == "response" and http:
        status = int(http.get_statuscode())
        # A header in several lines is one list (RFC 9110 §5.3).
        codings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
        payload = decode_body(payload, codings, where=where)
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


def _find(folder: Path, name: str) -> Path:
    if Path(name).name != name:
        raise ArchiveError(f"{name!r} is no file name")
    # The plain name twice: the file may be closed, and so renamed, between two looks.
    for candidate in (folder / name, folder / (name + OPEN), folder / name):
        if candidate.is_file():
            return candidate
    raise ArchiveError(f"{folder}: no WARC file {name}")


def _source(uri: str | None) -> str:
    return unquote(uri.removeprefix("file:")) if uri and uri.startswith("file:") else uri or ""
