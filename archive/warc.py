"""Originals as WARC 1.1 (ISO 28500:2017): written here, read back by ``warc_read``.

One gzip member a record, so any record can be read by offset and length alone.
A file carries the suffix ``.open`` while it is written and loses it when it is
closed; a location names the file without the suffix and holds either way. The
suffix tells at a glance which files a killed process left behind: ``mend``
looks at those only, cuts a torn tail and closes them.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from io import BytesIO
from itertools import count
from pathlib import Path
from urllib.parse import quote

from warcio.recordbuilder import RecordBuilder
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import cdxj, times
from archive.durable import sync_folder
from archive.errors import ArchiveError
from archive.records import WarcLocation
from archive.warc_files import OPEN, SUFFIX, Torn, members, on_disk, plain_name
from archive.warc_read import WarcRecord, iter_records, payload_digest, read, record_headers

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; there mend leaves open files alone
    fcntl = None  # type: ignore[assignment]

__all__ = ["Torn", "WarcRecord", "WarcWriter", "iter_records", "mend", "read"]

#: The size most crawlers rotate at.
ROTATE_AT = 1_000_000_000
#: Records whose identifiers a writer knows: a note follows soon after what it is on.
_REMEMBERED = 1_000
_VERSION = "1.1"
#: Bytes of a payload up to which a record is in memory twice, as it is and compressed.
_IN_ONE_PIECE = 4 << 20
#: What makes zlib write a gzip member (zlib.h, deflateInit2: 16 more than the window's 15 bits).
_GZIP = 16 + zlib.MAX_WBITS
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")

#: Over all writers of this process: two that begin in one millisecond still get names of their own.
_serials = count(1)

Headers = Iterable[tuple[str | bytes, str | bytes]]


class WarcWriter:
    """Writes one WARC file after another into a folder.

    What was written is on the disk when ``write`` returns, unless a later one or ``close`` is to bring it
    there. A write that fails leaves the file as it was before. Each writer has files of its own; two
    writers never share one. Not for use by several threads at once.
    """

    def __init__(self, folder: Path, prefix: str, *, rotate_at: int = ROTATE_AT) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]+", prefix):
            raise ValueError(f"prefix {prefix!r}: letters, digits, dot, hyphen and underscore only")
        self.folder = folder
        self.prefix = prefix
        self.rotate_at = rotate_at
        self._name = ""
        self._handle: int | None = None
        self._size = 0
        self._unsynced = False
        self._maker = RecordBuilder(warc_version=_VERSION)
        self._ids: dict[WarcLocation, str] = {}
        with on_disk(folder):
            folder.mkdir(parents=True, exist_ok=True)
        #: Files that a killed writer left behind, and what was cut off them.
        self.mended: tuple[Torn, ...] = mend(folder)

    def __enter__(self) -> WarcWriter:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def write(
        self,
        *,
        url: str,
        fetched_at: datetime,
        status: int,
        headers: Headers,
        body: bytes,
        reason: str = "",
        method: str = "GET",
        request_headers: Headers = (),
        request_body: bytes = b"",
        ip: str | None = None,
        synced: bool = True,
    ) -> WarcLocation:
        """Write one exchange; returns where the response record lies.

        Not ``synced``: in the file, and on the disk with the next record that is, or by ``close``; for
        whoever writes a note of it before anybody relies on it.

        ``body`` is the payload as received: de-chunked, still under its
        Content-Encoding. Transfer-Encoding is therefore dropped from the
        headers and Content-Length set to what is there. Raises
        ``DiskFullError``, ``ReadOnlyError`` or ``ArchiveError``; nothing of the
        exchange is kept then. Where the index has the same payload of this address, a ``revisit``
        that refers to it is written in place of the response.
        """
        common = {"WARC-Date": times.text(fetched_at)}
        if ip:
            common["WARC-IP-Address"] = ip
        replaced = ("transfer-encoding", "content-length")
        kept = [(name, value) for name, value in _text(headers) if name.lower() not in replaced]
        kept.append(("Content-Length", str(len(body))))
        http = StatusAndHeaders(f"{status} {reason}".rstrip(), kept, protocol="HTTP/1.1")
        digest = payload_digest(body)
        response = self._revisit(url, body, digest, http, common) if method == "GET" else None
        if response is None:
            response = self._maker.create_warc_record(
                target_uri(url),
                "response",
                payload=BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_headers_dict={**common, "WARC-Payload-Digest": digest},
            )
            http.compute_headers_buffer()
            said = response.rec_headers
            # Told from the beginning, so that warcio makes none; said where warcio would say it.
            said.remove_header("WARC-Payload-Digest")
            said.add_header("WARC-Payload-Digest", digest)
            said.add_header("WARC-Block-Digest", payload_digest(http.headers_buff, body))
        request = self._maker.create_warc_record(
            target_uri(url),
            "request",
            payload=BytesIO(request_body),
            length=len(request_body),
            http_headers=StatusAndHeaders(
                f"{method} {_path(url)} HTTP/1.1", _text(request_headers), is_http_request=True
            ),
            warc_headers_dict={
                **common,
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )
        return self._keep(response, request, synced=synced)

    def _revisit(
        self, url: str, body: bytes, digest: str, http: StatusAndHeaders, common: Mapping[str, str]
    ) -> ArcWarcRecord | None:
        """A revisit record, where the index knows the same payload of this address and it is sound."""
        for entry in cdxj.find(self.folder, target_uri(url)):
            if not body or entry.digest != digest or entry.mime == cdxj.REVISIT:
                continue
            try:
                said = record_headers(self.folder, entry.location).get_header
            except ArchiveError:  # gone or damaged: the bytes are kept once more
                continue
            if said("WARC-Payload-Digest") != digest or said("WARC-Target-URI") != entry.url:
                continue
            return self._maker.create_revisit_record(
                entry.url,
                digest,
                entry.url,
                said("WARC-Date"),
                http_headers=http,
                warc_headers_dict={**common, "WARC-Refers-To": said("WARC-Record-ID")},
            )
        return None

    def write_resource(
        self, *, name: str, body: bytes, fetched_at: datetime, media_type: str | None = None
    ) -> WarcLocation:
        """Write a file that did not come over HTTP; ``name`` is its address or file name."""
        record = self._maker.create_warc_record(
            target_uri(name),
            "resource",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type=media_type or "application/octet-stream",
            warc_headers_dict={"WARC-Date": times.text(fetched_at)},
        )
        return self._keep(record)

    def write_note(self, *, target: str, block: bytes, refers_to: str | None = None) -> WarcLocation:
        """Write a ``metadata`` record of JSON (see ``archive.notes``); ``refers_to`` is a WARC-Record-ID."""
        headers = {"WARC-Date": times.text(times.now())}
        if refers_to:
            headers["WARC-Refers-To"] = refers_to
        record = self._maker.create_warc_record(
            target,
            "metadata",
            payload=BytesIO(block),
            length=len(block),
            warc_content_type="application/json",
            warc_headers_dict=headers,
        )
        return self._keep(record)

    def close(self) -> None:
        """End the present file. The writer may be used on and then begins another."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        try:
            if self._unsynced:
                with on_disk(self.folder):
                    os.fsync(handle)
                self._unsynced = False
            _finish(self._part)
        finally:
            os.close(handle)  # and with it goes the lock

    @property
    def _part(self) -> Path:
        return self.folder / (self._name + OPEN)

    def _keep(self, *records: ArcWarcRecord, synced: bool = True) -> WarcLocation:
        if self._handle is not None and self._size >= self.rotate_at:
            self.close()
        if self._handle is None:
            self._begin()
        return self._append(*records, synced=synced)

    def _begin(self) -> None:
        stamp = times.now().strftime("%Y%m%d%H%M%S%f")[:17]
        self._name = f"{self.prefix}-{stamp}-{next(_serials):05d}-{os.getpid()}{SUFFIX}"
        with on_disk(self.folder):
            # O_EXCL: a name that exists is never appended to, whoever made it.
            self._handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            self._size = 0
            if fcntl is not None:
                fcntl.flock(self._handle, fcntl.LOCK_EX)
                if not _same_file(self._handle, self._part):
                    # Another process mended it away between creation and lock.
                    os.close(self._handle)
                    return self._begin()
            sync_folder(self.folder)
        about = {
            "software": f"gongkai/{version('gongkai')} warcio/{version('warcio')}",
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        }
        try:
            self._append(self._maker.create_warcinfo_record(self._name, about))
        except BaseException:
            handle, self._handle = self._handle, None
            self._part.unlink()
            os.close(handle)
            raise
        return None

    def _append(self, *records: ArcWarcRecord, synced: bool = True) -> WarcLocation:
        """Append records, on the disk if ``synced``; gives the place of the first. All or nothing."""
        assert self._handle is not None
        made = [self._member(record) for record in records]
        start = self._size
        try:
            with on_disk(self.folder):
                for member in made:
                    rest = memoryview(member)
                    while rest:  # write(2) may take a part only
                        rest = rest[os.write(self._handle, rest) :]
                if synced:
                    os.fsync(self._handle)
        except BaseException:
            os.ftruncate(self._handle, start)
            os.lseek(self._handle, start, os.SEEK_SET)
            raise
        self._size = start + sum(map(len, made))
        self._unsynced = not synced
        location = WarcLocation(self._name, start, len(made[0]))
        self._ids[location] = records[0].rec_headers.get_header("WARC-Record-ID")
        if len(self._ids) > _REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return location

    def _member(self, record: ArcWarcRecord) -> bytes:
        """A record as a gzip member, compressed in one piece where it is not large.

        warcio hands zlib a few kilobytes at a time. Each time the thread gives up the interpreter, and has to
        wait for it again while others work; so it does over digests, which are made in one piece as well.
        """
        out = BytesIO()
        large = (record.payload_length or 0) > _IN_ONE_PIECE
        WARCWriter(out, gzip=large, warc_version=_VERSION).write_record(record)
        if large:
            return out.getvalue()
        return zlib.compress(out.getbuffer(), zlib.Z_BEST_COMPRESSION, wbits=_GZIP)

    def id_of(self, location: WarcLocation) -> str | None:
        """WARC-Record-ID of a record that this writer wrote not long ago."""
        return self._ids.get(location)


def mend(folder: Path) -> tuple[Torn, ...]:
    """Close the files of writers that are gone: cut a torn tail, drop the ``.open`` suffix.

    No row points into what is cut, for a row is written only after its record
    is whole and on the disk. Files that a living writer holds are left alone.
    """
    if fcntl is None:
        return ()
    found = []
    for path in sorted(folder.glob("*" + SUFFIX + OPEN)):
        with on_disk(folder):
            torn = _mended(path)
        if torn is not None:
            found.append(torn)
    return tuple(found)


def _mended(path: Path) -> Torn | None:
    """One of them; what was cut off, if anything was."""
    assert fcntl is not None
    try:
        stream = path.open("r+b")
    except FileNotFoundError:  # its writer closed it just now
        return None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return None
        if not _same_file(stream.fileno(), path):
            return None
        end = 0
        for offset, length, _member in members(path):
            end = offset + length
        cut = stream.seek(0, os.SEEK_END) - end
        if cut:
            stream.truncate(end)
            os.fsync(stream.fileno())
        if end:
            _finish(path)
        else:
            path.unlink()
        return Torn(plain_name(path.name), end, cut) if cut else None


def _finish(part: Path) -> None:
    """Take the mark off a file that nobody writes to any more, while the lock on it still holds.

    Its list is made first: every file without the mark is in the index or has its list beside it,
    whenever this is killed.
    """
    cdxj.write(part)
    with on_disk(part.parent):
        part.rename(part.with_name(plain_name(part.name)))
        sync_folder(part.parent)


def _same_file(handle: int, path: Path) -> bool:
    """Whether ``path`` still names the file that is open as ``handle``."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)


def target_uri(url: str) -> str:
    """WARC-Target-URI: an address as it is, a file name as ``file:`` URI."""
    return url.replace(" ", "%20") if _SCHEME.match(url) else "file:" + quote(url)


def _path(url: str) -> str:
    """Request target (RFC 9112 §3.2.1): path and query, in ASCII."""
    rest = url.split("://", 1)[-1].split("#", 1)[0]
    start = min((i for i in (rest.find("/"), rest.find("?")) if i >= 0), default=len(rest))
    path = quote(rest[start:], safe="%/?#[]@!$&'()*+,;=:-._~|")
    return path if path.startswith("/") else "/" + path


def _text(headers: Headers) -> list[tuple[str, str]]:
    return [(_line(name), _line(value)) for name, value in headers]


def _line(value: str | bytes) -> str:
    """One header name or value as a line of ASCII.

    Servers send raw UTF-8 and GBK in Location and Content-Disposition; warcio
    refuses such a header, so each byte beyond ASCII is percent-encoded.
    """
    raw = value if isinstance(value, bytes) else value.encode()
    if raw.isascii():  # as nearly all are
        text = raw.decode("ascii")
    else:
        text = "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
    return re.sub(r"[\r\n\0]+", " ", text)
