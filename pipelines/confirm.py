"""Figures that OCR read, proved or taken back by the identities. Pure.

What OCR is unsure of arrives as a proposal (``ambiguous`` with one reading). It
becomes ``inferred`` only if every identity it takes part in holds with all
proposals put in, and one of them leaves it no other value: two figures misread
alike would balance each other, one against certain ones cannot.
What OCR is sure of stays ``exact`` unless an identity it takes part in fails:
then it may be our misreading, and no figure of that identity stands.
Every figure leaves with a place that says it was recognised, see ``pictures``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from archive import forms
from archive.forms import indicators
from archive.records import Cell, Document, Finding
from pipelines.identities import sums_of_list
from pipelines.match import Match
from pipelines.pictures import marked

Place = tuple[str, str, str]

_NAMES = {"disclosure": "表二", "requests": "表三", "reviews": "表四", "indicators": "统计表"}
_INTEGER = re.compile(r"-?\d{1,9}")


@dataclass(frozen=True, slots=True)
class Sum:
    """An identity at one place: the figures on both sides add up to the same."""

    left: tuple[Place, ...]
    right: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        return self.left + self.right

    def holds(self, values: Mapping[Place, int]) -> bool | None:
        """``None`` where a figure is not known."""
        if not all(place in values for place in self.places):
            return None
        return sum(values[p] for p in self.left) == sum(values[p] for p in self.right)


def sums(found: Mapping[str, str], cells: Sequence[Cell] = ()) -> Iterator[Sum]:
    """R1, R2, R3 and V1 of the tables found (table key → form key), I1 to I6 of the list in ``cells``."""
    yield from _sums_of_tables(found)
    if indicators.TABLE in found:
        yield from _sums_of_list([cell for cell in cells if cell.table == indicators.TABLE])


def _sums_of_list(cells: Sequence[Cell]) -> Iterator[Sum]:
    """Where a line of the issuer's own may be a further part, a sum says nothing about the figures."""
    lines = list(dict.fromkeys(cell.row for cell in cells))
    for column in dict.fromkeys(cell.column for cell in cells):
        for identity, whole in sums_of_list(lines):
            if whole:
                parts = tuple((indicators.TABLE, part, column) for part in identity.parts)
                yield Sum(parts, ((indicators.TABLE, identity.total, column),))


def _sums_of_tables(found: Mapping[str, str]) -> Iterator[Sum]:
    for key in ("requests", "reviews"):
        if key not in found:
            continue
        table = forms.form(found[key]).tables[key]
        columns = [term.key for term in table.blocks[0].columns]
        for row in table.rows:
            parts = tuple((key, row.key, column) for column in columns[:-1])
            yield Sum(parts, ((key, row.key, columns[-1]),))
        if key == "requests":
            for column in columns:
                yield Sum(
                    ((key, "received", column), (key, "carried_in", column)),
                    ((key, "concluded", column), (key, "carried_out", column)),
                )
                outcomes = tuple((key, row, column) for row in table.outcome_rows)
                yield Sum(outcomes, ((key, "concluded", column),))


def prove(document: Document, found: Match) -> Match:
    """Confirm or take back what OCR read; other documents come back as they are."""
    if document.kind != "scan":
        return found
    doubted = _unsure_places(document)
    cells = {(cell.table, cell.row, cell.column): cell for cell in found.cells}
    certain = {
        place: cell.value
        for place, cell in cells.items()
        if isinstance(cell.value, int) and _is_certain(cell, doubted)
    }
    proposed = {
        place: value
        for place, cell in cells.items()
        if place not in certain and (value := _proposal(cell)) is not None
    }
    of_place: dict[Place, list[Sum]] = {}
    for one in sums(found.forms, found.cells):
        for place in one.places:
            of_place.setdefault(place, []).append(one)
    confirmed = _confirmed(certain, proposed, of_place)
    refuted = _refuted(certain, proposed, confirmed, of_place)
    settled = [
        replace(_settled(cell, place, doubted, confirmed, refuted), where=marked(cell.where))
        for place, cell in cells.items()
    ]
    return replace(found, cells=tuple(settled), findings=(*found.findings, *_findings(settled, refuted)))


def _unsure_places(document: Document) -> frozenset[str]:
    return frozenset(
        cell.where for grid in document.grids for row in grid.rows for cell in row if cell and not cell.sure
    )


def _is_certain(cell: Cell, doubted: frozenset[str]) -> bool:
    """Read with its own boundary, from a cell whose characters the reader vouches for.

    Lines of text are not read twice, so figures found in them are unsure.
    """
    return cell.status == "exact" and "/table[" in (cell.where or "") and cell.where not in doubted


def _proposal(cell: Cell) -> int | None:
    if cell.value is not None:
        return cell.value if isinstance(cell.value, int) else None
    if cell.status == "ambiguous" and len(cell.readings) == 1 and _INTEGER.fullmatch(cell.readings[0]):
        return int(cell.readings[0])
    return None


def _confirmed(
    certain: Mapping[Place, int], proposed: Mapping[Place, int], of_place: Mapping[Place, Sequence[Sum]]
) -> dict[Place, int]:
    """Proposals that hold in every identity, each proved by one that leaves it no other value."""
    held = dict(proposed)
    while True:
        values = {**held, **certain}
        failing = [
            p for p in held if not all(one.holds(values) for one in of_place.get(p, ())) or p not in of_place
        ]
        if not failing:
            break
        for place in failing:
            del held[place]
    proved: dict[Place, int] = {}
    while True:
        known = {**certain, **proved}
        new = {
            place: value
            for place, value in held.items()
            if place not in proved and any(_proves(one, place, held, known) for one in of_place[place])
        }
        if not new:
            return proved
        proved |= new


def _proves(one: Sum, place: Place, held: Mapping[Place, int], known: Mapping[Place, int]) -> bool:
    """Whether an identity that holds leaves a proposal no other value.

    It does if everything else in it is certain, and also if all that is open
    stands on one side and adds up to 0: no count is negative, so each is 0.
    """
    open_ = {other for other in one.places if other not in known}
    one_side = open_ <= set(one.left) or open_ <= set(one.right)
    return open_ == {place} or (one_side and not any(held[other] for other in open_))


def _refuted(
    certain: Mapping[Place, int],
    proposed: Mapping[Place, int],
    confirmed: Mapping[Place, int],
    of_place: Mapping[Place, Sequence[Sum]],
) -> set[Place]:
    """Figures OCR was sure of that take part in an identity that fails.

    One that fails with proposals in it is most likely their fault, so it takes
    only those figures with it that no other identity bears out.
    """
    known = {**certain, **confirmed}
    everything = {**proposed, **known}
    refuted: set[Place] = set()
    for place in known:
        own = of_place.get(place, ())
        if any(one.holds(known) is False for one in own) or (
            any(one.holds(everything) is False for one in own) and not any(one.holds(known) for one in own)
        ):
            refuted.add(place)
    return refuted


def _settled(
    cell: Cell,
    place: Place,
    doubted: frozenset[str],
    confirmed: Mapping[Place, int],
    refuted: set[Place],
) -> Cell:
    if place in refuted:
        return _taken_back(cell)
    if place in confirmed:
        return replace(cell, value=confirmed[place], status="inferred", readings=())
    if cell.value is not None and not _is_certain(cell, doubted):
        return _taken_back(cell)
    return cell


def _taken_back(cell: Cell) -> Cell:
    readings = cell.readings or (() if cell.value is None else (str(cell.value),))
    return replace(cell, value=None, status="ambiguous", readings=readings)


def _findings(cells: Sequence[Cell], refuted: set[Place]) -> Iterator[Finding]:
    """What a reader of the archive should know of a scan's tables."""
    for table in dict.fromkeys(cell.table for cell in cells):
        own = [cell for cell in cells if cell.table == table]
        name = _NAMES.get(table, table)
        open_ = sum(
            cell.status == "ambiguous" and (cell.table, cell.row, cell.column) not in refuted for cell in own
        )
        proved = sum(cell.status == "inferred" for cell in own)
        taken = sum((cell.table, cell.row, cell.column) in refuted for cell in own)
        if proved:
            yield Finding("ocr_confirmed", f"{name}有 {proved} 个文字识别不确定的数字由勾稽关系证实")
        if open_:
            yield Finding("ocr_unsure", f"{name}有 {open_} 个数字文字识别不确定，未采用")
        if taken:
            yield Finding(
                "ocr_contradicted",
                f"{name}有 {taken} 个数字与勾稽关系不符，可能是识别有误，未采用",
                None,
                "possibly_ours",
            )
