"""Onto the disk, so that a power cut does not undo what was reported as done."""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """The content of a file."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """The names in a folder: a new one is on the disk only when its folder is (fsync(2))."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
