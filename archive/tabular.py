"""Tables as people take them away: the select, the columns it gives, and CSV that Excel opens right.

UTF-8 with a byte order mark (without it Excel reads the local code page), CRLF lines
(RFC 4180), and no text that a spreadsheet would run as a formula. The site's downloads
and ``gongkai export`` both write this.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive import schema

BOM = "\ufeff"

#: Leading characters a spreadsheet takes for a formula or a command, after OWASP "CSV Injection";
#: the full-width forms are what a Chinese input method types and Excel accepts.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Whole numbers up to this one a double holds exactly.
_WHOLE = 2**53


def harmless(value: object) -> object:
    """Text that a spreadsheet might run gets a leading apostrophe; numbers stay numbers, 21 for 21.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return int(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV lines, without a byte order mark."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Export:
    """A table as people download it: the select and the columns it gives."""

    table: schema.TableDef
    select: str
    fields: tuple[schema.Column, ...]
    """The table's own columns and what is added to them, in order."""
    order: tuple[str, ...]
    """Columns of ``select`` to sort by: the table's key, lines of the form in the form's order."""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns' Chinese headings."""
        return tuple(field.zh for field in self.fields)

    def sql(self, where: Sequence[str] = ()) -> str:
        """The whole query, rows in order; ``:site`` is asked of whoever runs it if pages are shown."""
        clause = f" where {' and '.join(where)}" if where else ""
        order = ", ".join(f'"{name}"' for name in self.order)
        shown = ", ".join(f'"{name}"' for name in self.columns)
        return f"select {shown} from ({self.select}){clause} order by {order}"  # noqa: S608


#: The address of a report's page; ``:site`` is bound when the query runs.
_PAGE = ":site || 'report/' || {report}"


def _page(report: str) -> tuple[str, schema.Column]:
    return _PAGE.format(report=report), schema.Column("page", "text", "报告页", "Page of the report")


def _named(sql: str, column: schema.Column, target: schema.TableDef, name: str) -> tuple[str, schema.Column]:
    """The name of what a column points to."""
    assert target.label is not None
    of = f"{column.en}: {target.column(target.label).en}"
    return sql, schema.Column(name, "text", f"{column.zh}（名称）", of)


def _joined(column: schema.Column) -> tuple[list[str], list[tuple[str, schema.Column]]]:
    """(joins, further columns with their SQL) for a column that points to another table."""
    if column.references is None:
        return [], []
    target = schema.table(column.references)
    alias = f"to_{column.name}"
    joins = [f'left join "{target.name}" as {alias} on {alias}."{target.key[0]}" = t."{column.name}"']
    more = []
    if target.label is not None and target.label != target.key[0]:
        more.append(_named(f'{alias}."{target.label}"', column, target, f"{column.name}_label"))
    if target.name == "reports":
        issuer = schema.table("reports").column("agency")
        joins.append(f"left join agencies as issuer on issuer.id = {alias}.agency")
        more += [
            (f"{alias}.agency", issuer),
            _named("issuer.name", issuer, schema.table("agencies"), "agency_label"),
            *((f"{alias}.{name}", schema.table("reports").column(name)) for name in ("province", "year")),
            _page(f't."{column.name}"'),
        ]
    return joins, more


def export(table: schema.TableDef, *, pages: bool = True) -> Export:
    """One table with the names of what it points to, each beside its number.

    A table that belongs to reports gets the report's issuer, province, year and, with ``pages``,
    the address of its page: with them a row stands on its own, and Excel keeps them, while it
    rounds a 16-digit id.
    """
    own = {column.name for column in table.columns}
    fields: dict[str, tuple[str, schema.Column]] = {}
    joins: list[str] = []
    for column in table.columns:
        fields[column.name] = (f't."{column.name}"', column)
        further, more = _joined(column)
        joins += further
        for sql, added in more:
            if added.name not in own:
                # Of another table: it may be empty here though it never is there.
                fields.setdefault(added.name, (sql, replace(added, required=False)))
    if table.name == "reports":
        fields["page"] = _page("t.id")
    if not pages:
        fields.pop("page", None)
    chosen = ", ".join(f'{sql} as "{name}"' for name, (sql, _) in fields.items())
    order = table.key
    if "line" in table.key:
        # A report's lines are sorted in memory, report by report: the key's index gives the reports in order.
        chosen += ", to_line.position as line_position"
        # A province's own lines have no position; the key after it leaves no row's place open.
        order = (*("line_position" if name == "line" else name for name in table.key), "line")
    select = f'select {chosen} from "{table.name}" as t {" ".join(joins)}'  # noqa: S608 - names of the schema
    return Export(table, select, tuple(column for _, column in fields.values()), order)
