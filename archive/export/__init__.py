"""The archive as files that need no gongkai: CSV, Parquet and a description of both.

One read transaction, so all tables are of one moment whatever is written meanwhile;
rows go through as they are read, so memory does not grow with the archive; nothing
but the archive enters the files, so two exports of one archive are equal to the byte.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from archive.errors import ArchiveError, named
from archive.export.folder import DESCRIPTOR, README, replaced
from archive.export.package import File, package, provenance
from archive.export.parquet import ParquetFile, arrow
from archive.export.readme import readme
from archive.export.sheets import Sheet, sheets
from archive.tabular import BOM, csv_bytes

Format = Literal["csv", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "parquet")


class NoTableError(ArchiveError):
    """A table was asked for that no export has."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written."""

    created: str | None
    files: tuple[File, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def names() -> tuple[str, ...]:
    """What can be exported."""
    return tuple(sheet.name for sheet in sheets())


def export(
    database: Path, folder: Path, *, tables: Sequence[str] | None = None, formats: Sequence[Format] = FORMATS
) -> Summary:
    """Write an archive to ``folder``, in place of an earlier export there.

    ``tables``: only these (``names``); references to others are left out of the description.
    Raises ``NoTableError``, ``NoParquetError``, the errors of ``folder.replaced`` and those of
    ``archive.errors`` for the database.
    """
    chosen = _chosen(tables)
    if "parquet" in formats:
        arrow()  # before anything is written
    with named(database):
        conn = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
        with closing(conn), replaced(folder) as made:
            conn.execute("BEGIN")
            origin = provenance(conn)
            files = [file for sheet in chosen for file in _write(conn, sheet, made, formats)]
            descriptor = package(origin, files)
            text = json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n"
            (made / DESCRIPTOR).write_bytes(text.encode())
            (made / README).write_bytes(readme(origin, files).encode())
    return Summary(origin.changed, tuple(files))


def _chosen(tables: Sequence[str] | None) -> list[Sheet]:
    every = sheets()
    if tables is None:
        return list(every)
    unknown = sorted(set(tables) - set(names()))
    if unknown:
        raise NoTableError(f"no table {', '.join(unknown)}; known: {', '.join(names())}")
    return [sheet for sheet in every if sheet.name in tables]


class _Counted:
    """A binary file that knows its size and digest; pyarrow writes through it too."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False
        self.abandoned = False
        """An error is under way: what pyarrow still writes to end its file goes nowhere."""

    def write(self, data: bytes) -> int:
        if self.abandoned:
            return len(data)
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def _abandon(files: Iterable[_Counted]) -> Callable[[object, object, object], bool]:
    def end(kind: object, error: object, trace: object) -> bool:
        for file in files:
            file.abandoned = error is not None
        return False

    return end


def _write(conn: sqlite3.Connection, sheet: Sheet, folder: Path, formats: Sequence[Format]) -> list[File]:
    """One table in every format, its rows read once."""
    out: dict[Format, _Counted] = {}
    count = 0
    with ExitStack() as stack:
        for format_ in FORMATS:
            if format_ in formats:
                path = folder / format_ / f"{sheet.name}.{format_}"
                path.parent.mkdir(exist_ok=True)
                out[format_] = _Counted(stack.enter_context(path.open("wb")))
        stack.push(_abandon(out.values()))
        table = ParquetFile(sheet, out["parquet"]) if "parquet" in out else None
        if "csv" in out:
            out["csv"].write(BOM.encode() + csv_bytes([[field.name for field in sheet.fields]]))
        for rows in sheet.read(conn):
            count += len(rows)
            if "csv" in out:
                out["csv"].write(csv_bytes(rows))
            if table is not None:
                table.write(rows)
        if table is not None:
            table.close()
    return [
        File(sheet, format_, f"{format_}/{sheet.name}.{format_}", count, file.size, file.sha256)
        for format_, file in out.items()
    ]
