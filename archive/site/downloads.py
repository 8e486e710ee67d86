"""The site's downloads in ``tabular``'s CSV: whole tables as a stream, and the tables of one report."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from datasette.utils import sqlite_timelimit

from archive.site import words
from archive.site.i18n import Words
from archive.site.report import ReportPage
from archive.tabular import BOM, Export, csv_bytes

#: Rows a piece: about 200 KB of a figure table, small beside memory and large beside a system call.
_ROWS = 2000
#: Seconds a piece may take. Of a whole table it takes milliseconds; a filter that hardly anything fits has
#: the whole table searched, which is worth some seconds and not a thread for as long as somebody likes.
_SECONDS = 30


class RowStream:
    """CSV of a query in pieces, read straight from a connection of its own.

    ``site`` is the site's absolute URL, with a slash at the end.

    The connection is read-only and held only while the stream is open: a reader who
    leaves frees it at once, and a running crawl is not kept from writing.
    """

    def __init__(
        self,
        database: Path,
        exported: Export,
        where: Sequence[str] = (),
        params: Mapping[str, object] | None = None,
        *,
        site: str = "/",
        chinese: bool = False,
    ) -> None:
        self._sql = exported.sql(where)
        self._params = {**(params or {}), "site": site}
        self._headings = exported.headings if chinese else exported.columns
        # Pieces are read on whichever worker thread is free, one at a time.
        self._conn = sqlite3.connect(
            f"{database.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._cursor: sqlite3.Cursor | None = None
        self._reading = threading.Lock()

    def piece(self) -> bytes:
        """The next piece, the first with the header; empty at the end.

        Raises ``sqlite3.OperationalError`` when it takes too long or ``interrupt`` is called meanwhile.
        """
        with self._reading, sqlite_timelimit(self._conn, 1000 * _SECONDS):
            if self._cursor is None:
                self._cursor = self._conn.execute(self._sql, self._params)
                return BOM.encode() + csv_bytes([self._headings, *self._cursor.fetchmany(_ROWS)])
            rows = self._cursor.fetchmany(_ROWS)
            return csv_bytes(rows) if rows else b""

    def interrupt(self) -> None:
        """End the query, wherever it is; may be called from any thread, and does not wait."""
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed already
            self._conn.interrupt()

    def close(self) -> None:
        """End the query and free the connection; may be called from any thread."""
        self.interrupt()
        with self._reading:
            self._conn.close()


_REPORT_COLUMNS = (
    *("agency", "year", "table", "row", "row_label", "column", "column_label"),
    *("value", "unit", "status", "raw", "readings", "place"),
)
_REPORT_HEADINGS = (
    *("发布机关", "年度", "表", "行目代号", "行目", "列目代号", "列目"),
    *("数值", "单位", "状态", "原文", "可能读法", "原件位置"),
)


def _report_rows(page: ReportPage, labels: Words) -> Iterator[tuple[object, ...]]:
    for table in page.tables:
        for cell in table.figures.values():
            yield (
                page.row["agency_name"],
                page.row["year"],
                cell.table,
                cell.row,
                words.label(labels, cell.table, "row", cell.row, table.form),
                cell.column,
                words.label(labels, cell.table, "column", cell.column, table.form),
                cell.value,
                cell.unit or words.unit(cell.table, cell.column),
                cell.status,
                cell.raw,
                " | ".join(cell.readings),
                cell.place,
            )


def report_csv(page: ReportPage, labels: Words, *, chinese: bool = False) -> bytes:
    """The tables of one report, one row a cell, in the order of the form."""
    header = _REPORT_HEADINGS if chinese else _REPORT_COLUMNS
    return BOM.encode() + csv_bytes([header, *_report_rows(page, labels)])
