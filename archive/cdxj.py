"""An index of the WARC files in CDXJ, as pywb reads it: ``index.cdxj`` beside them.

A large index has further, smaller parts (``index-1.cdxj`` …): what a crawl brings is merged with those that
are not much larger than it, so that a crawl's end does not take longer for all the crawls before it.

One line a record: key (``archive.surt``), 14 digits of time (UTC), and JSON with url, mime, status,
digest, length, offset and filename; sorted by bytes, so that an address is found by halving the
file. A WARC file that is closed gets a list of its own (``NAME.cdxj``); ``merge`` takes these into
the index. The index can be thrown away and made again at any time (``rebuild``).
"""

from __future__ import annotations

import heapq
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, count, takewhile
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.records import WarcLocation
from archive.surt import surt
from archive.warc_files import SUFFIX, members, on_disk, plain_name

INDEX = "index.cdxj"
ENDING = ".cdxj"
_PART = re.compile(r"index(?:-\d+)?\.cdxj")
#: Bytes up to which the index is in one part: 50,000 records, merged in the twentieth of a second.
_SMALL = 16 << 20
#: How many times as large as what is new a part may be to be merged with it. So each part is some times as
#: large as the next, there are few, and a line is written anew a few times in each of them.
_TIMES = 4
#: A merge takes parts away within milliseconds; a file that is never there is none that a merge took.
_ATTEMPTS = 1000
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


def parts(folder: Path) -> list[Path]:
    """The files of the index, the largest first."""
    return sorted(_named(folder), key=lambda path: (-path.stat().st_size, path.name))


def _named(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"index*{ENDING}") if _PART.fullmatch(path.name)]


def merge(folder: Path) -> int:
    """Take the lists of closed WARC files into the index; gives how many. Read line by line, never whole."""
    own = sorted(path for path in folder.glob("*" + SUFFIX + ENDING))
    if not own:
        return 0
    there = parts(folder)
    taken: list[Path] = []
    size = sum(path.stat().st_size for path in own)
    for part in reversed(there):
        if part.stat().st_size > max(_SMALL, _TIMES * size):
            break
        taken.append(part)
        size += part.stat().st_size
    # The part of that name is the oldest, and with it the largest.
    target = folder / INDEX if folder / INDEX in taken else taken[-1] if taken else _free(folder, there)
    with ExitStack() as stack:
        streams: list[IO[bytes]] = [stack.enter_context(path.open("rb")) for path in (*own, *taken)]
        _put(target, _once(heapq.merge(*streams)))
    with on_disk(folder):
        # Killed before this, lines are in two files; whoever looks for them takes each once.
        for path in {*own, *taken} - {target}:
            path.unlink()
    return len(own)


def _free(folder: Path, there: Sequence[Path]) -> Path:
    """The name of a new part."""
    names = chain([INDEX], (f"index-{number}{ENDING}" for number in count(1)))
    return next(path for path in map(folder.joinpath, names) if path not in there)


def rebuild(folder: Path) -> int:
    """Make the index anew, in one part, from the WARC files that are closed; gives how many these are."""
    paths = sorted(folder.glob("*" + SUFFIX))
    for path in paths:
        write(path)
    with on_disk(folder):
        for part in parts(folder):
            part.unlink()
    merge(folder)
    return len(paths)


def files_named(folder: Path) -> set[str]:
    """WARC files that the index knows, and those with a list still beside them."""
    named = {path.name.removesuffix(ENDING) for path in folder.glob("*" + SUFFIX + ENDING)}
    with _opened(folder) as streams:
        for stream in streams:
            named |= {_entry(line).location.file for line in stream}
    return named


def find(folder: Path, url: str) -> Iterator[Entry]:
    """Captures of an address, oldest first."""
    key = surt(url).encode() + b" "
    with _opened(folder) as streams:
        for line in _once(heapq.merge(*(_having(stream, key) for stream in streams))):
            entry = _entry(line)
            if entry.url == url:
                yield entry


@contextmanager
def _opened(folder: Path) -> Iterator[list[IO[bytes]]]:
    """All parts as they are at one moment, whatever another process merges meanwhile."""
    for attempt in count(1):
        with ExitStack() as stack:
            try:
                there = parts(folder)
                streams: list[IO[bytes]] = [stack.enter_context(part.open("rb")) for part in there]
                same = all(_is(stream, part) for stream, part in zip(streams, there, strict=True))
            except FileNotFoundError:  # merged with another just now
                if attempt >= _ATTEMPTS:
                    raise
                continue
            if same and len(_named(folder)) == len(there):
                yield streams
                return


def _is(stream: IO[bytes], path: Path) -> bool:
    return os.path.samestat(os.fstat(stream.fileno()), path.stat())


def _having(stream: IO[bytes], key: bytes) -> Iterator[bytes]:
    return takewhile(lambda line: line.startswith(key), _from(stream, key))


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
