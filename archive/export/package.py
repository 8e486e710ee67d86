"""``datapackage.json``: what every file of an export holds, as Data Package v2 (datapackage.org) says it.

A table is a resource; its Parquet file stands beside the CSV file as the resource's property
``parquet``, for both hold the same rows and the standard has no word for that. Everything is a
function of the archive: the package is ``created`` when the archive last changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from archive import agencies, forms, metadata, schema, wording
from archive.candidates import CopyReason, DocumentOutcome
from archive.export.sheets import Kind, Sheet, kind
from archive.forms import indicators
from archive.records import Blame, Role, Status, Verdict

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TABLES = (*forms.TABLES, indicators.TABLE)
_TYPES: Mapping[Kind, str] = {
    "text": "string",
    "integer": "integer",
    "real": "number",
    "date": "date",
    "datetime": "datetime",
}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}

#: Columns whose values the archive knows beforehand.
_ENUMS: Mapping[tuple[str, str], Sequence[str]] = {
    ("agencies", "kind"): agencies.KINDS,
    ("reports", "verdict"): get_args(Verdict),
    ("documents", "role"): get_args(Role),
    ("documents", "outcome"): get_args(DocumentOutcome),
    ("lines", "table_key"): _TABLES,
    ("cell_notes", "table_key"): _TABLES,
    ("cell_notes", "status"): tuple(status for status in get_args(Status) if status != "exact"),
    ("changes", "table_key"): _TABLES,
    ("changes", "old_status"): get_args(Status),
    ("changes", "new_status"): get_args(Status),
    ("findings", "verdict"): tuple(verdict for verdict in get_args(Verdict) if verdict != "pass"),
    ("findings", "blame"): get_args(Blame),
    ("copies", "reason"): get_args(CopyReason),
    ("indicators", "status"): get_args(Status),
    ("figures", "table"): _TABLES,
    ("figures", "status"): get_args(Status),
}


@dataclass(frozen=True, slots=True)
class File:
    """One written file."""

    sheet: Sheet
    format: str
    path: str
    """Within the package, with slashes."""
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the archive says of itself."""

    about: Mapping[str, str]
    originals: int
    first_fetched: str | None
    last_fetched: str | None
    changed: str | None
    """When the archive last changed: the latest of its own times (UTC)."""
    portals: tuple[tuple[str, str | None], ...]
    """Name and address of the portals that originals came from."""

    @property
    def demonstration(self) -> bool:
        return self.about.get("kind") == "demonstration"


def provenance(conn: sqlite3.Connection) -> Provenance:
    """Read it from the archive."""
    times = [
        f'select max("{column.name}") from "{table.name}"'  # noqa: S608 - names of the schema
        for table in schema.TABLES
        for column in table.columns
        if kind(column) == "datetime"
    ]
    found = [conn.execute(sql).fetchone()[0] for sql in times]
    originals, first, last = conn.execute(
        "select count(*), min(fetched_at), max(fetched_at) from documents"
    ).fetchone()
    portals = conn.execute(
        "select name, url from portals where key in (select portal from documents) order by key"
    ).fetchall()
    about = dict(conn.execute("select key, value from about order by key").fetchall())
    return Provenance(about, originals, first, last, max(filter(None, found), default=None), tuple(portals))


def package(origin: Provenance, files: Sequence[File]) -> dict[str, Any]:
    """The descriptor."""
    texts = metadata.build()
    tables: dict[str, dict[str, File]] = {}
    for file in files:
        tables.setdefault(file.sheet.name, {})[file.format] = file
    made: dict[str, Any] = {
        "$schema": PROFILE,
        "name": "gongkai-demonstration" if origin.demonstration else "gongkai",
        "title": "政府信息公开工作年度报告：数字与核对（演示数据）"
        if origin.demonstration
        else "政府信息公开工作年度报告：数字与核对",
        "description": f"{texts['description']}\n\n{_CAUTION_DEMO if origin.demonstration else _CAUTION}",
    }
    if origin.changed is not None:
        made["created"] = origin.changed
    made |= {
        "keywords": ["政府信息公开", "年度报告", "open government information", "China"],
        "licenses": [{"name": "other-open", "title": texts["license"]}],
        "sources": [
            {"title": texts["source"]},
            *({"title": name, **({"path": url} if url else {})} for name, url in origin.portals),
        ],
        "provenance": {
            "archive": dict(origin.about),
            "originals": origin.originals,
            "first_fetched": origin.first_fetched,
            "last_fetched": origin.last_fetched,
            "note": "每个数字的原件见 documents 表：网址、抓取时间、SHA-256、WARC 文件和偏移。 — "
            "Originals are in the table documents: address, time, SHA-256, WARC file and offset.",
        },
        "resources": [_resource(written, tables.keys()) for written in tables.values()],
    }
    return made


_CAUTION = (
    "没有数字的为空而不是 0；政府的汇总报告可能包含其下属机关，合计会重复计算。 "
    "A figure that is not known is empty, never 0. A government's consolidated report may include its "
    "departments: sums can count a case twice."
)
_CAUTION_DEMO = f"演示数据，请勿引用。 Demonstration data: do not cite. {_CAUTION}"


def _resource(written: Mapping[str, File], exported: Collection[str]) -> dict[str, Any]:
    file = written.get("csv") or written["parquet"]
    table = file.sheet.table
    note = " ".join(metadata.notes(table.name)).strip()
    made: dict[str, Any] = {
        "name": table.name,
        "type": "table",
        "title": table.zh,
        "description": f"{metadata.title(table)}{'. ' + note if note else ''}",
        **_place(file),
        "rows": file.rows,
    }
    if file.format == "csv":
        made["encoding"] = "utf-8"
        made["dialect"] = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
        if "parquet" in written:
            made["parquet"] = _place(written["parquet"])
    made["schema"] = _schema(file.sheet, exported)
    return made


def _place(file: File) -> dict[str, Any]:
    return {
        "path": file.path,
        "format": file.format,
        "mediatype": _MEDIA[file.format],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }


def _schema(sheet: Sheet, exported: Collection[str]) -> dict[str, Any]:
    table = sheet.table
    made: dict[str, Any] = {
        "fields": [_field(table, column) for column in sheet.fields],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.unique:
        made["uniqueKeys"] = [list(names) for names in table.unique]
    foreign = [
        {
            "fields": [column.name],
            "reference": {
                # A table that points to itself does so by an empty name (Table Schema, foreignKeys).
                "resource": "" if column.references == table.name else column.references,
                "fields": [schema.table(column.references).key[0]],
            },
        }
        for column in sheet.fields
        if column.references is not None and column.references in exported
    ]
    if foreign:
        made["foreignKeys"] = foreign
    return made


def _field(table: schema.TableDef, column: schema.Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if table.key == (column.name,):
        constraints["unique"] = True
    if (table.name, column.name) in _ENUMS:
        constraints["enum"] = list(_ENUMS[table.name, column.name])
    made: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[kind(column)],
        "title": column.zh,
        "description": metadata.describe(table, column),
    }
    if (table.name, column.name) == ("copies", "reason"):
        made["categories"] = [{"value": key, "label": zh} for key, zh in wording.COPY_REASONS.items()]
    if column.unit is not None:
        made["unit"] = column.unit
    if constraints:
        made["constraints"] = constraints
    return made
