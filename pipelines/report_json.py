"""A report as one JSON object: the contract of ``gongkai parse --json``."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from archive.indicators import IndicatorCell
from archive.records import Cell, Check, Finding, Report


def number(value: int | Decimal | None) -> int | float | None:
    """JSON has one kind of number: a decimal becomes the float that prints the same digits."""
    return float(value) if isinstance(value, Decimal) else value


def _cell(cell: Cell) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "table": cell.table,
        "row": cell.row,
        "column": cell.column,
        "value": number(cell.value),
        "raw": cell.raw,
        "status": cell.status,
        "where": cell.where,
    }
    if isinstance(cell, IndicatorCell):
        entry |= {"label": cell.label, "unit": cell.unit}
    if cell.readings:
        entry["readings"] = list(cell.readings)
    return entry


def _check(check: Check) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "identity": check.identity,
        "at": check.at,
        "verdict": check.verdict,
        "left": number(check.left),
        "right": number(check.right),
    }
    if check.blame:
        entry["blame"] = check.blame
    return entry


def _finding(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": finding.kind, "message": finding.message, "where": finding.where}
    if finding.blame:
        entry["blame"] = finding.blame
    return entry


def as_dict(report: Report) -> dict[str, Any]:
    """The report, or ``{"source", "error"}`` where the file could not be read.

    ``readings`` is present on ambiguous cells only, ``blame`` on failures only,
    ``label`` and ``unit`` on the figures of an indicator list only.
    """
    if report.error is not None:
        return {"source": report.source, "error": report.error}
    return {
        "source": report.source,
        "agency": report.agency,
        "division": report.division,
        "year": report.year,
        "title": report.title,
        "published_on": report.published_on.isoformat() if report.published_on else None,
        "forms": dict(report.forms),
        "cells": [_cell(cell) for cell in report.cells],
        "checks": [_check(check) for check in report.checks],
        "findings": [_finding(finding) for finding in report.findings],
        "sections": [
            {"number": section.number, "heading": section.heading, "text": section.text}
            for section in report.sections
        ],
        "parser": report.parser,
    }


def dumps(report: Report) -> str:
    """One line of JSON, Chinese as it is."""
    return json.dumps(as_dict(report), ensure_ascii=False)
