"""Codes and checks of the database in plain Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from archive import forms
from archive.forms import indicators
from archive.site.i18n import Words


@cache
def _labels(form: str | None) -> Mapping[tuple[str, str, str], forms.Term]:
    """(table, "row" | "column", key) → term, in the wording of ``form`` where it has one."""
    found: dict[tuple[str, str, str], forms.Term] = {}
    for table in forms.TABLES:
        known = forms.terms(table)
        found.update({(table, "row", key): term for key, term in known["rows"].items()})
        found.update({(table, "column", key): term for key, term in known["columns"].items()})
        if form in forms.FORM_KEYS:
            for block in forms.form(form).tables[table].blocks:
                found.update({(table, "row", term.key): term for term in block.rows})
                found.update({(table, "column", term.key): term for term in block.columns})
    return found


def label(words: Words, table: str, part: str, key: str, form: str | None = None) -> str:
    """What the form calls a line (``part`` "row") or column; the key itself if no form has it."""
    if table == indicators.TABLE:
        return _of_list(words, part, key)
    term = _labels(form).get((table, part, key))
    return key if term is None else words.pick(term.zh, term.en)


def _of_list(words: Words, part: str, key: str) -> str:
    """The same for an indicator list; a line of a province's own has the source's words only."""
    national = indicators.national()
    if part == "column":
        term = next((term for term in national.columns if term.key == key), None)
        return key if term is None else words.pick(term.zh, term.en)
    line = national.lines.get(key)
    return words.pick(line.full, line.en) if line else indicators.label(key) or key


def unit(table: str, column: str) -> str:
    """Unit of a column; empty if no form has the column."""
    term = forms.terms(table)["columns"].get(column) if table in forms.TABLES else None
    return "" if term is None else term.unit


def number(value: float | int | None) -> str:
    """A figure as the shortest text that is exactly it: 27865, -55, 94799.5301; empty for none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return repr(value)


def place(at: str | None) -> tuple[str | None, str | None, str | None]:
    """Where an identity was applied, ``requests.received`` or ``requests.*.total``: (table, row, column)."""
    parts = (at or "").split(".")
    table = parts[0] if parts[0] in (*forms.TABLES, indicators.TABLE) else None
    row = parts[1] if len(parts) > 1 and parts[1] != "*" else None
    column = parts[2] if len(parts) > 2 and parts[2] != "*" else None
    return table, row, column


def where(words: Words, at: str | None) -> str:
    """The same in words: 「自然人」一列; the raw text for what is no place in a form."""
    table, row, column = place(at)
    if table is None:
        return at or ""
    parts = []
    if row is not None:
        parts.append(words("at.row", label=label(words, table, "row", row)))
    if column is not None:
        parts.append(words("at.column", label=label(words, table, "column", column)))
    return words("join.list").join(parts) or words(f"table.{table}")


#: Where the sum stands that an identity speaks of, if its place names only the other coordinate.
_SUMS = {"R1": (None, "total"), "V1": (None, "total"), "R2": ("carried_out", None), "R3": ("concluded", None)}


def cell_of(identity: str | None, at: str | None) -> tuple[str, str, str] | None:
    """The one cell to look at for a check; ``None`` where it concerns no single cell of the tables."""
    table, row, column = place(at)
    line, of_line = _SUMS.get(identity or "", (None, None))
    row, column = row or line, column or of_line
    if table is None or row is None or column is None:
        return None
    known = (table, "row", row) in _labels(None) and (table, "column", column) in _labels(None)
    return (table, row, column) if known or table == indicators.TABLE else None


def reading(words: Words, at: str) -> str:
    """Several cells that the prose was held against, ``requests.received+carried_in.total``, in words.

    ``…total-pending`` leaves out what is pending, ``requests.refused/concluded.total`` is a share.
    """
    table, _, rest = at.partition(".")
    lines, _, columns = rest.partition(".")
    columns, share, whole = columns.partition("/")
    columns, less, _ = columns.partition("-")

    def named(part: str, keys: str) -> str:
        groups = forms.terms(table)["groups"] if table in forms.TABLES else {}
        found = [
            words.pick(groups[key].zh, groups[key].en) if key in groups else label(words, table, part, key)
            for key in keys.split("+")
        ]
        return " + ".join(words("at.quoted", label=name) for name in found)

    text = named("row", lines)
    if columns and columns != "total":
        text = words("at.cell", row=text, column=named("column", columns))
    if less:
        text = words("at.without_pending", what=text)
    return words("at.share", part=text, whole=named("row", whole)) if share else text


def check(
    words: Words,
    identity: str,
    at: str | None,
    verdict: str,
    left: float | None,
    right: float | None,
) -> str | None:
    """A check as a sentence, or ``None`` where the finding's own message says more."""
    prose = identity[:1] == "N" and identity[1:].isdigit()
    key = "check.N" if prose else f"check.{identity}"
    # Why H1 could not be assessed (whose report is missing) only its message tells.
    if not words.has(key) or (identity == "H1" and verdict != "fail"):
        return None
    spot = reading(words, at) if prose and at else where(words, at)
    if verdict != "fail" or left is None or right is None:
        return words("check.not_assessable", where=spot, what=words(f"identity.{identity}"))
    unit = "%" if identity == "N6" else ""
    # 12 significant digits: amounts are stored as binary fractions, their difference shows it.
    difference = number(float(f"{abs(left - right):.12g}"))
    return words(key, where=spot, left=number(left) + unit, right=number(right) + unit, difference=difference)


def verdict(words: Words, outcome: str | None, passed: int, failed: int, open_: int) -> str:
    """A report's verdict in a sentence."""
    if outcome == "fail":
        return words("verdict.sentence.fail", failed=failed, passed=passed, open=open_)
    if outcome == "pass" and open_:
        return words("verdict.sentence.partly", passed=passed, open=open_)
    if outcome == "pass":
        return words("verdict.sentence.pass", passed=passed)
    return words("verdict.sentence.none")
