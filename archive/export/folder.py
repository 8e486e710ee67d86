"""A folder written beside the one it is to be, and put in its place whole.

Whoever reads the folder meanwhile sees the one before or the one after, never half of
one; what goes wrong leaves the one before.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import ArchiveError, DiskFullError, ReadOnlyError

DESCRIPTOR = "datapackage.json"
README = "README.txt"

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
        _inspect(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            yield made
            made.chmod(0o777 & ~_umask())  # mkdtemp's own is for its owner alone
            _sync(made)
            _inspect(folder)  # again: hours may have passed
            _swap(made, folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise


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
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent))
    folder.rename(old / "export")
    try:
        made.rename(folder)
    except OSError:
        (old / "export").rename(folder)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
