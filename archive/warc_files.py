"""WARC files as files: their names, the gzip members in them, what a killed writer leaves."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, DamagedError, DiskFullError, ReadOnlyError
from archive.records import WarcLocation

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; there an open file always counts as in use
    fcntl = None  # type: ignore[assignment]

SUFFIX = ".warc.gz"
#: Added to the name while the file is written.
OPEN = ".open"
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Torn:
    """A file that ends in the middle of a record."""

    file: str
    kept: int
    """Bytes of whole records."""
    cut: int
    """Bytes after the last whole record."""


def files(folder: Path) -> list[Path]:
    """The WARC files of a folder, those being written included, in the order of their names."""
    paths = [*folder.glob("*" + SUFFIX), *folder.glob("*" + SUFFIX + OPEN)]
    return sorted(paths, key=lambda path: plain_name(path.name))


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


def iter_members(folder: Path, torn: list[Torn] | None = None) -> Iterator[tuple[WarcLocation, bytes]]:
    """Place and inflated bytes of every whole record of every WARC file; ``torn`` as in ``iter_records``."""
    for path in files(folder):
        end = 0
        for offset, length, member in members(path):
            end = offset + length
            yield WarcLocation(plain_name(path.name), offset, length), member
        tail = path.stat().st_size - end
        if tail > 0 and not (path.name.endswith(OPEN) and in_use(path)):
            found = Torn(plain_name(path.name), end, tail)
            if torn is None:
                raise DamagedError(f"{found.file}: {tail} bytes after offset {end} are no whole record")
            torn.append(found)


def bytes_of(folder: Path, location: WarcLocation) -> bytes:
    """The bytes at ``location`` as they lie there; raises ``ArchiveError`` if the file is not there."""
    with _find(folder, location.file).open("rb") as stream:
        stream.seek(location.offset)
        return stream.read(location.length)


def _find(folder: Path, name: str) -> Path:
    if Path(name).name != name:
        raise ArchiveError(f"{name!r} is no file name")
    # The plain name twice: the file may be closed, and so renamed, between two looks.
    for candidate in (folder / name, folder / (name + OPEN), folder / name):
        if candidate.is_file():
            return candidate
    raise ArchiveError(f"{folder}: no WARC file {name}")


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Turn what the system says of a folder's files into errors of ``archive.errors``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFullError(f"{folder}: no room left; nothing of this step kept ({error})") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise ReadOnlyError(f"{folder}: cannot be written to ({error})") from error
        raise ArchiveError(f"{folder}: {error}") from error
