"""An index of the WARC files in CDXJ, as pywb reads it: ``index.cdxj`` beside them.

One line a record: key (``archive.surt``), 14 digits of time (UTC), and JSON with url, mime, status,
digest, length, offset and filename; sorted by bytes, so that an address is found by halving the
file. A WARC file that is closed gets a list of its own (``NAME.cdxj``); ``merge`` takes these into
the index. The index can be thrown away and made again at any time (``rebuild``).
"""

from __future__ import annotations

import heapq
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.records import WarcLocation
from archive.surt import surt
from archive.warc_files import SUFFIX, members, on_disk, plain_name

INDEX = "index.cdxj"
ENDING = ".cdxj"
_TYPES = ("response", "revisit", "resource")
REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    url: str
    timestamp: str
    """14 digits, UTC."""
    mime: str
    digest: str
    location: WarcLocation


def lines(path: Path) -> list[bytes]:
    """The index of one WARC file, sorted. Records that cannot be read have no line."""
    found = []
    for offset, length, member in members(path):
        try:
            record = next(iter(ArchiveIterator(BytesIO(member))))
        except (ArchiveLoadFailed, StopIteration):
            continue
        if record.rec_type in _TYPES:
            found.append(_line(record, WarcLocation(plain_name(path.name), offset, length)))
    return sorted(found)


def _line(record: object, location: WarcLocation) -> bytes:
    headers = record.rec_headers  # type: ignore[attr-defined]
    http = record.http_headers  # type: ignore[attr-defined]
    url = headers.get_header("WARC-Target-URI")
    stamp = "".join(c for c in headers.get_header("WARC-Date") if c.isdigit())[:14]
    stated = http.get_header("Content-Type") if http else headers.get_header("Content-Type")
    revisit = record.rec_type == "revisit"  # type: ignore[attr-defined]
    fields = {
        "url": url,
        "mime": REVISIT if revisit else (stated or "unk").split(";")[0].strip() or "unk",
        "status": http.get_statuscode() if http else None,
        "digest": headers.get_header("WARC-Payload-Digest"),
        "length": str(location.length),
        "offset": str(location.offset),
        "filename": location.file,
    }
    block = json.dumps({name: value for name, value in fields.items() if value})
    return f"{surt(url)} {stamp} {block}\n".encode()


def write(path: Path) -> None:
    """The list of one WARC file beside it."""
    _put(path.with_name(plain_name(path.name) + ENDING), lines(path))


def merge(folder: Path) -> int:
    """Take the lists of closed WARC files into the index; gives how many. Read line by line, never whole."""
    own = sorted(path for path in folder.glob("*" + SUFFIX + ENDING))
    if not own:
        return 0
    index = folder / INDEX
    with ExitStack() as stack:
        paths = [*own, index] if index.exists() else own
        streams: list[IO[bytes]] = [stack.enter_context(path.open("rb")) for path in paths]
        _put(index, _once(heapq.merge(*streams)))
    with on_disk(folder):
        for path in own:
            path.unlink()
    return len(own)


def rebuild(folder: Path) -> int:
    """Make the index anew from the WARC files that are closed; gives how many these are."""
    paths = sorted(folder.glob("*" + SUFFIX))
    for path in paths:
        write(path)
    with on_disk(folder):
        (folder / INDEX).unlink(missing_ok=True)
    merge(folder)
    return len(paths)


def files_named(folder: Path) -> set[str]:
    """WARC files that the index knows, and those with a list still beside them."""
    named = {path.name.removesuffix(ENDING) for path in folder.glob("*" + SUFFIX + ENDING)}
    index = folder / INDEX
    if index.exists():
        with index.open("rb") as stream:
            named |= {_entry(line).location.file for line in stream}
    return named


def find(folder: Path, url: str) -> Iterator[Entry]:
    """Captures of an address, oldest first."""
    index = folder / INDEX
    if not index.exists():
        return
    key = surt(url).encode() + b" "
    with index.open("rb") as stream:
        for line in _from(stream, key):
            if not line.startswith(key):
                return
            entry = _entry(line)
            if entry.url == url:
                yield entry


def _entry(line: bytes) -> Entry:
    _, stamp, block = line.decode().split(" ", 2)
    fields = json.loads(block)
    return Entry(
        url=fields["url"],
        timestamp=stamp,
        mime=fields["mime"],
        digest=fields.get("digest", ""),
        location=WarcLocation(fields["filename"], int(fields["offset"]), int(fields["length"])),
    )


def _from(stream: IO[bytes], key: bytes) -> Iterator[bytes]:
    """Lines from the first that is not before ``key`` on."""
    low, high = 0, stream.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        stream.seek(middle)
        if middle:
            stream.readline()  # the rest of the line in which it lies
        line = stream.readline()
        if line and line < key:
            low = middle + 1
        else:
            high = middle
    stream.seek(low)
    if low:
        stream.readline()
    for line in stream:
        if line >= key:
            yield line


def _once(sorted_lines: Iterable[bytes]) -> Iterator[bytes]:
    """A file that was indexed twice has its lines twice, next to each other."""
    before = b""
    for line in sorted_lines:
        if line != before:
            yield line
        before = line


def _put(path: Path, content: Iterable[bytes]) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    with on_disk(path.parent):
        try:
            with part.open("wb") as stream:
                stream.writelines(content)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)  # on a full disk it would take the last of the room
            raise
