"""What other reports say of a report, laid over its own reading, and taken off again.

The tables show a report with everything the archive knows of it: cells that the
issuer's other years settle, findings across years and issuers, counts that include
them. None of that is the report's own, and all of it ends when its evidence does.
So it is never mixed in, but laid over:

- the *base* is what the current original says by itself. Where the tables differ
  from it, ``_base`` keeps the rows they had; ``shelf.take`` gives these, so that
  dedupe, revisions and every later overlay see base readings only.
- an *overlay* is computed from the bases of all reports concerned and from nothing
  else; ``lay`` replaces the one before it as a whole. An empty overlay restores
  the base. Nothing is written where nothing differs.
- placing an original refills its report's tables with the base (``shelf.fill``) and
  puts its issuer into ``_unproved`` in the same transaction. ``pipelines.across``
  works that list off, so a killed run is made good by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlite_utils import Database

from archive import derived, forms, near, shelf, statements
from archive.candidates import CellKey
from archive.near import Near
from archive.records import Verdict
from archive.rows import FILLED, Row, Rows, prose
from archive.schema import table
from archive.shelf import STANDING, numbered, pack, replace
from archive.table_cells import TableCells


@dataclass(frozen=True)
class Held:
    """One report's base: what its current original says by itself."""

    report: int
    year: int
    rows: Rows
    document: int = 0
    """Its current original; 0 for a report that is in no database yet."""
    kept: frozenset[str] = frozenset()
    """Tables that show something else now."""

    @property
    def forms(self) -> Mapping[str, str]:
        """Table → form, for the statutory tables that were found."""
        row = self.rows["reports"][0]
        return {name: row[f"{name}_form"] for name in forms.TABLES if row[f"{name}_form"] is not None}

    @cached_property
    def cells(self) -> TableCells:
        """The cells of its statutory tables."""
        return TableCells(self.rows)

    @cached_property
    def text(self) -> str:
        """The prose of all sections."""
        return prose(self.rows)


@dataclass(frozen=True, slots=True)
class SettledCell:
    """A cell that is ``ambiguous`` by itself and that other reports decide."""

    cell: CellKey
    value: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is laid over one report."""

    settled: tuple[SettledCell, ...] = ()
    findings: tuple[Row, ...] = ()
    """Findings across years and issuers, as rows."""
    own: tuple[Row, ...] | None = None
    """The report's own findings as they are once the cells are settled; ``None``: as in the base."""
    counts: tuple[int, int, int] = (0, 0, 0)
    """Checks passed, failed and not assessable, to be added to those of the base."""
    repetition: float | None = None
    """Sentences that stand in the report of the year before, in %."""
    near: tuple[Near, ...] = ()
    """Other places with nearly the same text and no other figure, under another issuer or none."""


def series(db: Database, agency: int) -> list[Held]:
    """The bases of all reports of one issuer, oldest first."""
    sql = "SELECT id, year, document FROM reports WHERE agency = ? ORDER BY year"
    found = []
    for row in statements.rows(db, sql, [agency]):
        instead = shelf.kept(db, row["id"])
        base = shelf.own(db, row["id"], instead)
        found.append(Held(row["id"], row["year"], base, row["document"], frozenset(instead)))
    return found


def shown(db: Database, agency: int, year: int) -> Held | None:
    """One report as the tables show it, settled cells included; ``None`` where it is not held."""
    sql = "SELECT * FROM reports WHERE agency = ? AND year = ?"
    row = statements.first(db, sql, [agency, year])
    if row is None:
        return None
    rows: dict[str, list[Row]] = {"reports": [row]}
    for name in (*forms.TABLES, "cell_notes", "sections"):
        rows[name] = statements.rows(db, f'SELECT * FROM "{name}" WHERE report = ?', [row["id"]])  # noqa: S608
    return Held(row["id"], year, rows, row["document"])


def lay(db: Database, held: Held, overlay: Overlay) -> bool:
    """Make this the report's overlay, in place of the one it has; gives whether anything was written.

    Raises ``ValueError`` if it would set a cell that is not ``ambiguous`` in the base.
    """
    report, base, kept = held.report, held.rows, held.kept
    found = _stored(db, "findings", report)
    laid = over(base, overlay)
    wanted = shown_rows(laid, overlay, [row for row in found if row["kind"] in STANDING])
    # What nothing is laid over, and nothing was, is shown as it is: it was taken from these tables.
    moved = [name for name in FILLED if name == "findings" or name in kept or laid[name] != base[name]]
    there = {name: found if name == "findings" else _stored(db, name, report) for name in moved}
    differing = {name: wanted[name] for name in moved if not _same(name, there[name], wanted[name])}
    row = laid["reports"][0] | {"repetition": overlay.repetition}
    stands = statements.get(db, "reports", "id", report)
    differs = {column: value for column, value in row.items() if stands[column] != value}
    changed = bool(differing or differs)
    if changed:
        with derived.totals_following(db, report):
            for name, rows in differing.items():
                replace(db, name, report, rows)
            if differs:
                statements.update(db, "reports", "id", report, differs)
    beside = near.lay(db, report, overlay.near)
    return _keep(db, report, differing_base(base, laid)) or beside or changed


def _keep(db: Database, report: int, kept: Rows) -> bool:
    """Keep the base rows of the tables that now show something else."""
    packed = pack(kept) if kept else None
    there = statements.first(db, "SELECT rows FROM _base WHERE report = ?", [report])
    if (there["rows"] if there else None) == packed:
        return False
    if packed is None:
        statements.delete(db, "_base", "report", report)
    else:
        statements.insert(db, "_base", {"report": report, "rows": packed}, replace=True)
    return True


def shown_rows(laid: Rows, overlay: Overlay, standing: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of the tables besides ``reports``; ``standing`` findings tell how the report is held."""
    wanted = {name: list(laid[name]) for name in FILLED if name != "findings"}
    return wanted | {"findings": numbered(laid["findings"], standing, overlay.findings)}


def differing_base(base: Rows, laid: Rows) -> dict[str, list[Row]]:
    """The base rows of the tables that show something else."""
    return {name: list(base[name]) for name in ("reports", *FILLED) if base[name] != laid[name]}


def over(base: Rows, overlay: Overlay) -> dict[str, list[Row]]:
    """A report's own rows with the overlay on them; its findings across reports come apart.

    Raises ``ValueError`` if it would set a cell that is not ``ambiguous`` in the base.
    """
    # Only what is changed below is copied: a report has a hundred rows, and most overlays touch one.
    touched = ("reports", *((*forms.TABLES, "cell_notes") if overlay.settled else ()))
    laid = {
        name: [dict(row) for row in rows] if name in touched else list(rows) for name, rows in base.items()
    }
    notes = {(n["table_key"], n["line"], n["column_key"]): n for n in laid["cell_notes"]}
    lines = {(name, row["line"]): row for name in forms.TABLES for row in laid[name]}
    for one in overlay.settled:
        note = notes.get(one.cell)
        if note is None or note["status"] != "ambiguous":
            raise ValueError(f"{'.'.join(one.cell)}: only an ambiguous cell can be settled")
        note |= {"status": "inferred", "evidence": one.evidence}
        lines[one.cell.table, one.cell.line][one.cell.column] = one.value
    if overlay.own is not None:
        laid["findings"] = [dict(row) for row in overlay.own]
    row = laid["reports"][0]
    for column, more in zip(("passed", "failed", "not_assessable"), overlay.counts, strict=True):
        row[f"checks_{column}"] += more
    row["figures"] += len(overlay.settled)
    row["verdict"] = _verdict(row)
    return laid


def _verdict(row: Row) -> Verdict:
    if row["checks_failed"]:
        return "fail"
    return "pass" if row["checks_passed"] else "not_assessable"


def _stored(db: Database, name: str, report: int) -> list[Row]:
    order = ", ".join(f'"{column}"' for column in table(name).key)
    rows = statements.rows(db, f'SELECT * FROM "{name}" WHERE report = ? ORDER BY {order}', [report])  # noqa: S608
    return [{column: value for column, value in row.items() if column != "report"} for row in rows]


def _same(name: str, there: Iterable[Row], rows: Iterable[Row]) -> bool:
    blank: dict[str, Any] = dict.fromkeys(c.name for c in table(name).columns if c.name != "report")
    keys = [column for column in table(name).key if column != "report"]

    def place(row: Row) -> list[Any]:
        return [row[column] for column in keys]

    wanted = sorted((blank | row for row in rows), key=place)
    return sorted(there, key=place) == wanted


# -- issuers whose reports changed --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer to be proved."""

    id: int
    name: str
    kind: str


def to_prove(db: Database, agencies: Iterable[int] | None = None) -> list[Issuer]:
    """Issuers to be proved and the governments above them, all put on the list.

    ``agencies`` are added to those on it already; ``None`` adds nothing. Governments
    come last, the lower before the higher, for the higher add up the lower.
    """
    listed = {row["agency"] for row in statements.rows(db, "SELECT agency FROM _unproved")}
    chosen = listed | set(agencies or ())
    chosen |= {above for agency in chosen for above in superiors(db, agency)}
    for agency in sorted(chosen - listed):
        statements.insert(db, "_unproved", {"agency": agency})
    found = [_issuer(db, agency) for agency in chosen]
    return [issuer for _, issuer in sorted(found, key=lambda entry: (entry[0], entry[1].id))]


def issuers(db: Database, agencies: Iterable[int]) -> list[Issuer]:
    """These issuers."""
    return [_issuer(db, agency)[1] for agency in agencies]


def _issuer(db: Database, agency: int) -> tuple[int, Issuer]:
    """An issuer and its place in the order: 0; a government by the height of its division."""
    row = statements.get(db, "agencies", "id", agency)
    rank = 0
    if row["kind"] == "government":
        level = statements.first(db, "SELECT level FROM divisions WHERE code = ?", [row["division"]])
        rank = {"prefecture": 2, "province": 3}.get(level["level"] if level else "", 1)
    return rank, Issuer(row["id"], row["name"], row["kind"])


def unmark(db: Database, agency: int) -> None:
    """Take an issuer off that list."""
    statements.delete(db, "_unproved", "agency", agency)


# Two questions each and not one with OR: that would be put to every issuer there is, for every issuer.


def superiors(db: Database, agency: int) -> list[int]:
    """Governments whose consolidated figures this issuer's are part of."""
    sql = """
        SELECT g.id FROM agencies AS a CROSS JOIN agencies AS g ON g.division = a.division
        WHERE a.id = ?1 AND g.kind = 'government' AND g.id <> a.id
        UNION SELECT g.id FROM agencies AS a CROSS JOIN divisions AS d ON d.code = a.division
        CROSS JOIN agencies AS g ON g.division = d.parent
        WHERE a.id = ?1 AND a.kind IN ('government', 'zone') AND g.kind = 'government' AND g.id <> a.id
        ORDER BY 1
    """
    return [row["id"] for row in statements.rows(db, sql, [agency])]


def subordinates(db: Database, government: int) -> list[Row]:
    """Issuers whose figures a government's consolidated report adds up: id, name, kind."""
    sql = """
        SELECT a.id AS id, a.name AS name, a.kind AS kind
        FROM agencies AS g CROSS JOIN agencies AS a ON a.division = g.division
        WHERE g.id = ?1 AND a.id <> g.id
        UNION SELECT a.id, a.name, a.kind FROM agencies AS g CROSS JOIN divisions AS d
        ON d.parent = g.division CROSS JOIN agencies AS a ON a.division = d.code
        WHERE g.id = ?1 AND a.kind IN ('government', 'zone') AND a.id <> g.id
        ORDER BY name, id
    """
    return statements.rows(db, sql, [government])
