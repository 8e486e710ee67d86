"""The identities of the three tables, worked out again from the stored cells."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from sqlite_utils import Database

from archive import forms
from archive.check import Checked
from archive.records import Check
from archive.rows import Row, check_row
from archive.table_cells import TableCells
from pipelines import identities

_SEED = 20240101  # as in archive.check: a sample taken again is the same
_COMPARED = ("identity", "verdict", "at", "left", "right", "blame")
#: Of lists of indicators, prose, years and issuers; these are in ``findings`` too.
_OTHERS = ("I", "N", "Y", "H")


def identities_again(db: Database, *, sample: int | None) -> Checked:
    """Every report's cells give the failures and open checks that stand in ``findings``, and no other."""
    reports = list(db.query("SELECT * FROM reports ORDER BY id"))
    if sample is not None and sample < len(reports):
        chosen = set(random.Random(_SEED).sample(range(len(reports)), sample))  # noqa: S311 - no secret
        reports = [row for number, row in enumerate(reports) if number in chosen]
    wrong = [line for report in reports for line in _differences(db, report)]
    return Checked("identities", len(reports), "reports", tuple(wrong))


def _differences(db: Database, report: Row) -> Iterator[str]:
    rows = {
        name: list(db.table(name).rows_where("report = ?", [report["id"]]))
        for name in (*forms.TABLES, "cell_notes")
    }
    found = {name: report[f"{name}_form"] for name in forms.TABLES if report[f"{name}_form"] is not None}
    again = list(identities.check(list(TableCells(rows).values()), found))
    where = "report = ? AND kind = 'identity' AND scope = 'report'"
    stored = db.table("findings").rows_where(where, [report["id"]])
    want, have = _keys(check_row(check) for check in _open(again)), _keys(stored)
    name = f"{report['title']} ({report['id']})"
    for key in sorted(want - have, key=repr):
        yield f"{name}: {_told(key)} by its cells, and no finding says so"
    for key in sorted(have - want, key=repr):
        yield f"{name}: {_told(key)} is a finding, and not so by its cells"
    passed = sum(check.verdict == "pass" for check in again)
    if report["checks_passed"] < passed:
        yield f"{name}: {report['checks_passed']} checks passed as stored, at least {passed} by its cells"


def _open(checks: Iterable[Check]) -> Iterator[Check]:
    return (check for check in checks if check.verdict != "pass")


def _keys(rows: Iterable[Row]) -> set[tuple[object, ...]]:
    return {
        tuple(row[name] for name in _COMPARED) for row in rows if not str(row["identity"]).startswith(_OTHERS)
    }


def _told(key: tuple[object, ...]) -> str:
    identity, verdict, at, left, right, _ = key
    return f"{identity} at {at}: {verdict} ({left}, {right})"
