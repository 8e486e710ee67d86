"""Small disks to fill up, and disks that take nothing: tmpfs, where this machine lets us mount it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A disk of its own at ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def leave(self, kilobytes: int) -> None:
        """Fill it up but for so much."""
        self.clear()
        state = os.statvfs(self.folder)
        free = state.f_bavail * state.f_frsize - kilobytes * 1024
        with self._filler.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, free)

    def clear(self) -> None:
        """Give back what was filled."""
        self._filler.unlink(missing_ok=True)

    def lock(self) -> None:
        """Nothing can be written to it from now on."""
        _mounted("-o", "remount,ro", str(self.folder))

    def unlock(self) -> None:
        """It can be written to again."""
        _mounted("-o", "remount,rw", str(self.folder))


@contextmanager
def small_disk(folder: Path, megabytes: int = 64) -> Iterator[Disk]:
    """A disk of that size, mounted at ``folder`` within the block; skips where that is not allowed."""
    folder.mkdir(parents=True)
    try:
        _mounted("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mounted(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
