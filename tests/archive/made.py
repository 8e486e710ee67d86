"""Originals and reports made for tests: real forms, figures of our own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from archive import forms
from archive.candidates import Outcome
from archive.records import Cell, Check, Context, Finding, Report, Role, Section, Snapshot, WarcLocation
from archive.schema import TABLES
from archive.store import Store
from pipelines.keep import keep

START = datetime(2024, 2, 1, 8, 0, tzinfo=UTC)
Values = Mapping[tuple[str, str, str], int | Decimal | str | None]


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def cells(
    values: Values | None = None, *, form: str = "2021", tables: tuple[str, ...] = forms.TABLES
) -> list[Cell]:
    """Every cell of the form: 0 where nothing is said; a string is a status."""
    values = values or {}
    made = []
    for number, name in enumerate(tables, start=1):
        for line, (row, column) in enumerate(forms.form(form).tables[name].cells(), start=1):
            value = values.get((name, row.key, column.key), 0)
            where = f"table[{number}]/tr[{line}]/td[{column.key}]"
            if isinstance(value, str):
                raw = {"blank": "", "dash": "/", "missing": None}.get(value, "约三件")
                made.append(Cell(name, row.key, column.key, None, raw, value, where))  # type: ignore[arg-type]
            else:
                made.append(Cell(name, row.key, column.key, value, str(value), "exact", where))
    return made


def report(
    values: Values | None = None,
    *,
    agency: str | None = "中原区人民政府",
    division: str | None = "410102",
    year: int | None = 2023,
    form: str = "2021",
    tables: tuple[str, ...] = forms.TABLES,
    text: str = "本年度主动公开信息若干条。",
    published_on: date | None = date(2024, 3, 1),
    parser: str = "t1",
    checks: tuple[Check, ...] = (),
    findings: tuple[Finding, ...] = (),
    is_report: bool = True,
    error: str | None = None,
    title: str | None = "中原区2023年政府信息公开工作年度报告",
) -> Report:
    return Report(
        source="source",
        agency=agency,
        division=division,
        year=year,
        title=title,
        published_on=published_on,
        forms=dict.fromkeys(tables, form),
        cells=tuple(cells(values, form=form, tables=tables)) if error is None else (),
        checks=checks,
        findings=findings,
        sections=(Section(1, "一、总体情况", text),),
        text=text,
        parser=parser,
        is_report=is_report,
        error=error,
    )


def snapshot(
    url: str,
    body: bytes | str = "正文",
    *,
    day: int = 0,
    role: Role = "page",
    page_url: str | None = None,
    portal: str | None = "zhongyuan",
    portal_division: str | None = "410102",
    warc: WarcLocation | None = None,
) -> Snapshot:
    return Snapshot(
        url=url,
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=at(day),
        media_type="text/html",
        role=role,
        context=Context(
            portal=portal,
            division=portal_division,
            page_url=page_url,
            link_text="2023年年报",
            list_date=date(2024, 3, 1),
        ),
        warc=warc,
    )


def put(store: Store, url: str, body: str, made: Report, **where: Any) -> Outcome:
    return keep(store, snapshot(url, body, **where), made)


def dump(path: Path, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order that does not depend on how they came."""
    import sqlite3

    connection = sqlite3.connect(path)
    names = [t.name for t in TABLES] + ["_states", "_readings"]
    found = {
        name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
        for name in names
        if name not in without
    }
    connection.close()
    return found


def rows(store: Store, sql: str, *args: Any) -> list[dict[str, Any]]:
    return list(store.db.query(sql, list(args)))
