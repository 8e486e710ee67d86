"""Files named on the command line → snapshots."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from archive.records import Context, Snapshot

#: As much as the crawler takes of one answer: reports are below 1 MB, scans of them tens of MB.
MAX_BYTES = 64 * 1024 * 1024


class FileRefused(Exception):
    """The file could not be taken in at all: missing, a folder, not permitted, too large."""


def snapshot(path: str, context: Context) -> Snapshot:
    """The file's bytes as a snapshot; its time is that of the file's last change.

    Raises ``FileRefused`` with a message that names the file.
    """
    file = Path(path)
    try:
        stat = file.stat()
        if stat.st_size > MAX_BYTES:
            raise FileRefused(f"{path}: {stat.st_size:,} bytes, more than the {MAX_BYTES:,} that are read")
        body = file.read_bytes()
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror or error}") from error
    changed = datetime.fromtimestamp(stat.st_mtime, tz=UTC).replace(microsecond=0)
    return Snapshot(url=path, body=body, fetched_at=changed, context=context)
