"""A report by what a person says of it: its identifier, or issuer and year."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.keys import normalise
from archive.rows import Row

#: As many as fit on a screen beside the sentence.
_SHOWN = 8


class NoSuchReportError(ArchiveError):
    """No report is meant by these words, or more than one."""


def report(db: Database, words: str) -> Row:
    """The report that ``words`` name: an identifier, or issuer and year with a blank between them.

    Columns of ``reports``, and ``agency_name``. The issuer's name is compared without blanks
    and with brackets of either width; its other spellings count too. Raises
    ``NoSuchReportError``, which lists what may have been meant.
    """
    if re.fullmatch(r"\d+", words.strip()):
        found = _reports(db, "r.id = ?", int(words))
        if not found:
            raise NoSuchReportError(f"no report has the identifier {words.strip()}")
        return found[0]
    match = re.fullmatch(r"\s*(.*\S)\s*?(\d{4})\s*年?\s*", words)
    if match is None:
        raise NoSuchReportError(f"{words!r} is neither a report's identifier nor an issuer and a year")
    name, year = normalise(match[1]), int(match[2])
    agencies = [row for row in db.query("SELECT * FROM agencies ORDER BY name, id") if name in _names(row)]
    found = [row for agency in agencies for row in _reports(db, "r.agency = ?", agency["id"])]
    of_year = [row for row in found if row["year"] == year]
    if len(of_year) == 1:
        return of_year[0]
    if of_year:
        raise NoSuchReportError(f"{len(of_year)} reports fit; say which by its identifier:{_listed(of_year)}")
    if found:
        years = ", ".join(str(row["year"]) for row in found)
        raise NoSuchReportError(f"no report of {match[1]} for {year}; there are those for {years}")
    like = _reports(db, "r.year = ? AND instr(replace(a.name, ' ', ''), ?)", year, name)
    hint = f"; issuers whose names contain it:{_listed(like)}" if like else ""
    raise NoSuchReportError(f"no issuer is called {match[1]}{hint}")


def _names(agency: Row) -> set[str]:
    return {normalise(name) for name in (agency["name"], *json.loads(agency["aliases"] or "[]"))}


def _reports(db: Database, where: str, *values: Any) -> list[Row]:
    sql = f"""
        SELECT r.*, a.name AS agency_name FROM reports AS r JOIN agencies AS a ON a.id = r.agency
        WHERE {where} ORDER BY r.year, a.name, r.id
    """  # noqa: S608 - only conditions of this module's own
    return list(db.query(sql, list(values)))


def _listed(rows: list[Row]) -> str:
    lines = [
        f"\n  {row['id']}  {row['agency_name']} {row['year']} ({row['division'] or 'division unknown'})"
        for row in rows[:_SHOWN]
    ]
    return "".join(lines) + (f"\n  … and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else "")
