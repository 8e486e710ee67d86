"""The prose against the tables: N1 … N7. Pure.

- N1 applications received: received, or received + carried in
- N2 answered: concluded (办理: also what was received)
- N3 carried in, carried out
- N4 by kind of applicant
- N5 by outcome: lines of Table 3 and their sums
- N6 shares in %, over concluded, received, or received + carried in, as rounded or cut off in print
- N7 reconsiderations and law suits: total, or total − pending

A check fails only if all its readings can be assessed and none fits; ``at`` and the
right side are then those of the nearest. Where the prose names several figures for
one thing, those that fit pass and the others say nothing: they may count something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from math import floor

from archive import forms
from archive.records import Blame, Cell, Check, Section
from pipelines.statements import Statement, read

Cells = Mapping[tuple[str, str, str], Cell]
#: Signed cells that add up to one reading.
Terms = tuple[tuple[tuple[str, str, str], int], ...]

_ORGANISATIONS = tuple(
    term.key for term in forms.columns("requests") if term.key not in ("natural_person", "total")
)
_IDENTITY = {"received": "N1", "concluded": "N2", "handled": "N2", "carried_in": "N3", "carried_out": "N3"}
_DENOMINATORS = (("concluded",), ("received",), ("received", "carried_in"))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to find a figure of the prose in the tables."""

    at: str
    terms: Terms


def check(
    sections: Iterable[Section],
    cells: Iterable[Cell],
    found: Mapping[str, str],
    *,
    agency: str | None = None,
    year: int | None = None,
) -> tuple[Check, ...]:
    """Every figure of the prose that the tables should bear out.

    ``found`` maps table key → form key; a table that was not found is not asked.
    """
    if not found.keys() & {"requests", "reviews"}:
        return ()
    by_fact: dict[tuple[str, bool], list[Statement]] = {}
    for statement in read(sections, agency=agency, year=year):
        by_fact.setdefault((statement.fact, statement.share), []).append(statement)
    if not by_fact:
        return ()
    by_place = {(c.table, c.row, c.column): c for c in cells if c.table in ("requests", "reviews")}
    checks: list[Check] = []
    for statements in by_fact.values():
        one_figure = len({statement.value for statement in statements}) == 1
        for statement in dict.fromkeys(statements):
            made = (
                _share(statement, by_place, found) if statement.share else _count(statement, by_place, found)
            )
            if made is not None and (made.verdict == "pass" or one_figure):
                checks.append(made)
    return tuple(dict.fromkeys(checks))


def readings(fact: str, found: Mapping[str, str]) -> tuple[Reading, ...]:
    """Where the tables may have what a statement counts; empty where its table was not found."""
    if fact in ("reconsideration", "litigation", "litigation_direct", "litigation_after_reconsideration"):
        return _of_reviews(fact) if "reviews" in found else ()
    form = found.get("requests")
    return _in_requests(fact, form) if form in forms.FORM_KEYS else ()


@cache
def _in_requests(fact: str, form: str) -> tuple[Reading, ...]:
    """Facts and forms are few."""
    kind, _, detail = fact.partition(".")
    if kind == "applicant":
        columns = _ORGANISATIONS if detail == "organisations" else (detail,)
        lines = (("received",), ("received", "carried_in"), ("concluded",))
        return tuple(_of_requests(line, columns) for line in lines)
    if kind == "outcome":
        return _of_outcome(detail, form)
    return {
        "received": (_of_requests(("received",)), _of_requests(("received", "carried_in"))),
        "concluded": (_of_requests(("concluded",)),),
        "handled": tuple(_of_requests(lines) for lines in _DENOMINATORS),
    }.get(fact, (_of_requests((fact,)),))


def _of_requests(lines: Sequence[str], columns: Sequence[str] = ("total",)) -> Reading:
    terms = tuple((("requests", line, column), 1) for line in lines for column in columns)
    return Reading(f"requests.{'+'.join(lines)}.{'+'.join(columns)}", terms)


def _of_outcome(outcome: str, form: str) -> tuple[Reading, ...]:
    """A line of Table 3, two of them together, or a group of lines."""
    if outcome == "granted":
        return _of_requests(("granted",)), _of_requests(("granted", "granted_in_part"))
    if outcome == "granted_both":
        return (_of_requests(("granted", "granted_in_part")),)
    if outcome == "others" and form == "2019":
        return (_of_requests(("other",)),)
    table = forms.form(form).tables["requests"]
    members = tuple(row.key for row in table.rows if row.group == outcome)
    terms = _of_requests(members or (outcome,)).terms
    return (Reading(f"requests.{outcome}.total", terms),)


@cache
def _of_reviews(fact: str) -> tuple[Reading, ...]:
    lines = ("litigation_direct", "litigation_after_reconsideration") if fact == "litigation" else (fact,)
    totals = tuple((("reviews", line, "total"), 1) for line in lines)
    pending = tuple((("reviews", line, "pending"), -1) for line in lines)
    at = f"reviews.{'+'.join(lines)}.total"
    return Reading(at, totals), Reading(f"{at}-pending", (*totals, *pending))


def _value(terms: Terms, cells: Cells) -> Decimal | None:
    """The sum of a reading; ``None`` where a cell of it has no figure."""
    total = Decimal(0)
    for place, sign in terms:
        cell = cells.get(place)
        if cell is None or cell.value is None:
            return None
        total += sign * Decimal(cell.value)
    return total


def _blame(terms: Iterable[tuple[tuple[str, str, str], int]], cells: Cells) -> Blame:
    return "issuer" if all(cells[place].status == "exact" for place, _ in terms) else "possibly_ours"


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _count(statement: Statement, cells: Cells, found: Mapping[str, str]) -> Check | None:
    fact = statement.fact
    ways = readings(fact, found)
    if not ways:
        return None
    kind = fact.partition(".")[0]
    identity = _IDENTITY.get(fact, {"applicant": "N4", "outcome": "N5"}.get(kind, "N7"))
    values = [(_value(way.terms, cells), way) for way in ways]
    for value, way in values:
        if value == statement.value:
            return Check(identity, way.at, "pass", _number(statement.value), _number(value))
    known = [(value, way) for value, way in values if value is not None]
    if len(known) < len(values):
        return Check(identity, ways[0].at, "not_assessable", None, None)
    nearest, way = min(known, key=lambda entry: abs(entry[0] - statement.value))
    blame = _blame([term for one in ways for term in one.terms], cells)
    return Check(identity, way.at, "fail", _number(statement.value), _number(nearest), blame)


def _share(statement: Statement, cells: Cells, found: Mapping[str, str]) -> Check | None:
    parts = readings(statement.fact, found)
    if not parts or statement.fact in _IDENTITY or "requests" not in found:
        return None
    wholes = [_of_requests(lines) for lines in _DENOMINATORS]
    numerators: list[tuple[Decimal | None, Reading]]
    numerators = [(statement.count, parts[0])] if statement.count is not None else []
    numerators += [(_value(part.terms, cells), part) for part in parts]
    denominators = [(_value(whole.terms, cells), whole) for whole in wholes]
    ways = [
        (Fraction(part * 100) / Fraction(whole), f"{at.at}/{of.at.split('.')[1]}")
        for part, at in numerators
        for whole, of in denominators
        if part is not None and whole
    ]
    decimals = _decimals(statement.value)
    for ratio, at_ in ways:
        if _as_printed(ratio, statement.value, decimals):
            return Check("N6", at_, "pass", _number(statement.value), _number(statement.value))
    unknown = any(value is None for value, _ in (*numerators, *denominators))
    if unknown or not ways:
        return Check("N6", parts[0].at, "not_assessable", None, None)
    ratio, at_ = min(ways, key=lambda entry: abs(entry[0] - Fraction(statement.value)))
    exact = Decimal(ratio.numerator) / Decimal(ratio.denominator)
    nearest = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    blame = _blame([term for reading in (*parts, *wholes) for term in reading.terms], cells)
    return Check("N6", at_, "fail", _number(statement.value), _number(nearest), blame)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _as_printed(ratio: Fraction, printed: Decimal, decimals: int) -> bool:
    """Whether a ratio is what was printed, rounded half up or cut off."""
    scaled, shown = ratio * 10**decimals, Fraction(printed) * 10**decimals
    return bool(abs(scaled - shown) <= Fraction(1, 2)) or floor(scaled) == shown
