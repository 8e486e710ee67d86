"""CSV that Excel opens right: whole tables as a stream, and the tables of one report.

UTF-8 with a byte order mark (without it Excel reads the local code page), CRLF lines
(RFC 4180), and no text that a spreadsheet would run as a formula.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive import schema
from archive.site import words
from archive.site.i18n import Words
from archive.site.report import ReportPage

BOM = "\ufeff"

#: Leading characters a spreadsheet takes for a formula or a command, after OWASP "CSV Injection";
#: the full-width forms are what a Chinese input method types and Excel accepts.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Rows a piece: about 200 KB of a figure table, small beside memory and large beside a system call.
_ROWS = 2000


def harmless(value: object) -> object:
    """Text that a spreadsheet might run gets a leading apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


@dataclass(frozen=True, slots=True)
class Export:
    """A table as people download it: the select, the columns it gives and their Chinese headings."""

    table: schema.TableDef
    select: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    order: tuple[str, ...]
    """Columns of ``select`` to sort by: the table's key, lines of the form in the form's order."""


#: The address of a report's page; ``:site`` is bound when the query runs.
_PAGE = ":site || 'report/' || {report}"


def _joined(column: schema.Column) -> tuple[list[str], list[tuple[str, str, str]]]:
    """(joins, further columns as (SQL, name, Chinese heading)) for a column that points to another table."""
    if column.references is None:
        return [], []
    target = schema.table(column.references)
    alias = f"to_{column.name}"
    joins = [f'left join "{target.name}" as {alias} on {alias}."{target.key[0]}" = t."{column.name}"']
    more = []
    if target.label is not None and target.label != target.key[0]:
        more.append((f'{alias}."{target.label}"', f"{column.name}_label", f"{column.zh}（名称）"))
    if target.name == "reports":
        joins.append(f"left join agencies as issuer on issuer.id = {alias}.agency")
        more += [
            (f"{alias}.agency", "agency", "发布机关"),
            ("issuer.name", "agency_label", "发布机关（名称）"),
            (f"{alias}.province", "province", "省份"),
            (f"{alias}.year", "year", "年度"),
            (_PAGE.format(report=f't."{column.name}"'), "page", "报告页"),
        ]
    return joins, more


def export(table: schema.TableDef) -> Export:
    """One table with the names of what it points to, each beside its number.

    A table that belongs to reports gets the report's issuer, province, year and the address of
    its page: with them a row stands on its own, and Excel keeps them, while it rounds a 16-digit id.
    """
    own = {column.name for column in table.columns}
    fields: dict[str, tuple[str, str]] = {}
    joins: list[str] = []
    for column in table.columns:
        fields[column.name] = (f't."{column.name}"', column.zh)
        further, more = _joined(column)
        joins += further
        for sql, name, zh in more:
            if name not in own:
                fields.setdefault(name, (sql, zh))
    if table.name == "reports":
        fields["page"] = (_PAGE.format(report="t.id"), "报告页")
    chosen = ", ".join(f'{sql} as "{name}"' for name, (sql, _) in fields.items())
    order = table.key
    if "line" in table.key:
        # A report's lines are sorted in memory, report by report: the key's index gives the reports in order.
        chosen += ", to_line.position as line_position"
        order = tuple("line_position" if name == "line" else name for name in table.key)
    select = f'select {chosen} from "{table.name}" as t {" ".join(joins)}'  # noqa: S608 - names of the schema
    return Export(table, select, tuple(fields), tuple(zh for _, zh in fields.values()), order)


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
        clause = f" where {' and '.join(where)}" if where else ""
        order = ", ".join(f'"{name}"' for name in exported.order)
        shown = ", ".join(f'"{name}"' for name in exported.columns)
        self._sql = f"select {shown} from ({exported.select}){clause} order by {order}"  # noqa: S608
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

        Raises ``sqlite3.OperationalError`` when ``close`` is called meanwhile.
        """
        with self._reading:
            if self._cursor is None:
                self._cursor = self._conn.execute(self._sql, self._params)
                return BOM.encode() + _csv([self._headings, *self._cursor.fetchmany(_ROWS)])
            rows = self._cursor.fetchmany(_ROWS)
            return _csv(rows) if rows else b""

    def close(self) -> None:
        """End the query, wherever it is, and free the connection; may be called from any thread."""
        self._conn.interrupt()
        with self._reading:
            self._conn.close()


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


_REPORT_COLUMNS = (
    *("agency", "year", "table", "row", "row_label", "column", "column_label"),
    *("value", "unit", "status", "raw", "readings", "place"),
)
_REPORT_HEADINGS = (
    *("发布机关", "年度", "表", "行目代号", "行目", "列目代号", "列目"),
    *("数值", "单位", "状态", "原文", "可能读法", "原件位置"),
)


def _plain(value: float | int | None) -> float | int | None:
    """94799.5301 and 25, never 25.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


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
                _plain(cell.value),
                cell.unit or words.unit(cell.table, cell.column),
                cell.status,
                cell.raw,
                " | ".join(cell.readings),
                cell.place,
            )


def report_csv(page: ReportPage, labels: Words, *, chinese: bool = False) -> bytes:
    """The tables of one report, one row a cell, in the order of the form."""
    header = _REPORT_HEADINGS if chinese else _REPORT_COLUMNS
    return BOM.encode() + _csv([header, *_report_rows(page, labels)])
