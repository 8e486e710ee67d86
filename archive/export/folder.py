"""A folder written beside the one it is to be, and put in its place whole.

Whoever reads the folder meanwhile sees the one before or the one after, never half of
one; what goes wrong leaves the one before.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import ArchiveError, DiskFullError, ReadOnlyError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock; there what a killed export left stays
    fcntl = None  # type: ignore[assignment]

DESCRIPTOR = "datapackage.json"
README = "README.txt"

#: Endings of the folders beside the one that is replaced: the next, and the one before where two
#: folders cannot change names.
_PART, _OLD = ".part", ".old"
_WITHIN = "export"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class ForeignFolderError(ArchiveError):
    """The folder holds something that no export put there."""


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder to write into; it takes the place of ``folder`` when the block ends without error.

    Raises ``ForeignFolderError`` before anything is written, ``DiskFullError`` and
    ``ReadOnlyError`` for what the disk refuses.
    """
    folder = Path(os.path.realpath(folder))
    with _said(folder):
        _sweep(folder)
        _inspect(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=_PART, dir=folder.parent))
        try:
            with _claimed(made):
                yield made
                made.chmod(0o777 & ~_umask())  # mkdtemp's own is for its owner alone
                _sync(made)
                _inspect(folder)  # again: hours may have passed
                _swap(made, folder)
        finally:
            # What was written and did not come so far, or what it took the place of.
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(f"{folder}: the disk is full; nothing was kept of this export") from error
        if error.errno in _CLOSED:
            raise ReadOnlyError(f"{folder}: it cannot be written there ({error.strerror})") from error
        raise ArchiveError(f"{folder}: it cannot be written there ({error})") from error


def _inspect(folder: Path) -> None:
    """Only what is missing, empty or an export may be replaced."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ForeignFolderError(f"{folder}: a file; an export is a folder")
    held = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    foreign = sorted(held - _own(folder))
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise ForeignFolderError(
            f"{folder}: it holds {foreign[0]}{more}, which no export put there; choose an empty folder"
        )


def _own(folder: Path) -> set[str]:
    """What the export in a folder consists of, by its own account."""
    try:
        descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
        if not str(descriptor["name"]).startswith("gongkai"):
            return set()
        described = list(descriptor["resources"])
        described += [resource["parquet"] for resource in described if "parquet" in resource]
        return {DESCRIPTOR, README, *(str(one["path"]) for one in described)}
    except (OSError, ValueError, KeyError, TypeError):
        return set()  # then every file is foreign, this one too


def _sync(folder: Path) -> None:
    """Everything on the disk before it is shown: a power cut after the swap must not leave empty files."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _swap(made: Path, folder: Path) -> None:
    if not folder.exists():
        made.rename(folder)
    elif not _exchanged(made, folder):
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=_OLD, dir=folder.parent))
        with _claimed(old):
            folder.rename(old / _WITHIN)
            try:
                made.rename(folder)
            except OSError:
                (old / _WITHIN).rename(folder)
                old.rmdir()
                raise
        shutil.rmtree(old, ignore_errors=True)
    _sync_name(folder.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Two folders change names at one stroke; ``False`` where the system cannot do it (renameat2(2))."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if swap is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _sync_name(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """A folder held while it is written, so that no other export takes it for a dead one's."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Clear away what killed exports into ``folder`` left; one that was out of its place goes back."""
    if fcntl is None or not folder.parent.is_dir():
        return
    ours = re.compile(rf"\.{re.escape(folder.name)}\.[a-z0-9_]{{8}}({re.escape(_PART)}|{re.escape(_OLD)})")
    for left in sorted(path for path in folder.parent.iterdir() if ours.fullmatch(path.name)):
        try:
            with _claimed(left):
                if (left / _WITHIN).is_dir() and not folder.exists():
                    (left / _WITHIN).rename(folder)
                shutil.rmtree(left)
        except BlockingIOError:
            continue  # it is being written


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
