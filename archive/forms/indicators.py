"""The form of 2014 as data: one long list of indicators, and its arithmetic.

``2014.yml`` says what every line is called, what it counts and what it is counted
beneath. The list has no lines and columns as the later tables have, so it is no
``forms.Table``; it has a key of its own, ``indicators``.

Source: 国办发〔2014〕32号, annex 《政府信息公开情况统计表》.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from archive.forms import Kind, Term
from archive.packaged import read_yaml

#: Key of the list wherever tables have keys.
TABLE = "indicators"
#: Form keys: the national list, and one that shares less than half of its lines.
NATIONAL = "2014"
PROVINCIAL = "provincial"
#: Of a line that only a province's list has: ``raw:`` and the source's own wording.
RAW = "raw:"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A line of the list."""

    key: str
    zh: str
    """Official wording with its enumerator, without the note."""
    en: str
    note: str | None
    """What the official wording adds in brackets."""
    unit: str | None
    """``None`` for a heading."""
    kind: Kind
    under: str | None
    variants: tuple[str, ...]

    @property
    def heading(self) -> bool:
        """A line without a figure of its own."""
        return self.unit is None

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every wording to match, the official one first, the note left out."""
        return (self.zh, *self.variants)

    @property
    def full(self) -> str:
        """The wording as the form prints it, note included."""
        return f"{self.zh}（{self.note}）" if self.note else self.zh


@dataclass(frozen=True, slots=True)
class Identity:
    """A total and the parts that make it up."""

    key: str
    """I1 … I6."""
    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IndicatorList:
    """The whole form."""

    key: str
    basis: str
    issued_for: tuple[int, int]
    zh: str
    en: str
    lines: Mapping[str, Indicator]
    """Key → line, in the order of the form."""
    columns: tuple[Term, ...]
    """``year`` and, where a province has it, ``cumulative``."""
    heads: Mapping[str, tuple[str, ...]]
    """``label``, ``unit`` and ``code`` → what such a column is called."""
    identities: tuple[Identity, ...]

    @property
    def figures(self) -> tuple[Indicator, ...]:
        """The lines that have a figure."""
        return tuple(line for line in self.lines.values() if not line.heading)

    def part(self, key: str) -> str:
        """The part of the form a line stands in: its uppermost line, e.g. ``lawsuits``."""
        line = self.lines[key]
        return key if line.under is None else self.part(line.under)

    def depth(self, key: str) -> int:
        """How many lines it is counted beneath."""
        under = self.lines[key].under
        return 0 if under is None else 1 + self.depth(under)


def _indicator(key: str, entry: Mapping[str, Any]) -> Indicator:
    heading = entry.get("heading", False)
    if heading == ("unit" in entry):
        raise ValueError(f"2014.yml: {key} needs a unit or is a heading, not both")
    return Indicator(
        key=key,
        zh=entry["zh"],
        en=entry["en"],
        note=entry.get("note"),
        unit=entry.get("unit"),
        kind=entry.get("kind", "count"),
        under=entry.get("under"),
        variants=tuple(entry.get("variants", ())),
    )


@cache
def national() -> IndicatorList:
    """The national list."""
    data = read_yaml("archive.forms", "2014.yml")
    first, last = data["issued_for"]
    return IndicatorList(
        key=data["form"],
        basis=data["basis"],
        issued_for=(first, last),
        zh=data["zh"],
        en=data["en"],
        lines={key: _indicator(key, entry) for key, entry in data["indicators"].items()},
        columns=tuple(
            Term(key, entry["zh"], entry["en"], tuple(entry.get("variants", ())), unit="")
            for key, entry in data["columns"].items()
        ),
        heads={role: tuple(words) for role, words in data["heads"].items()},
        identities=tuple(
            Identity(key, entry["total"], tuple(entry["parts"])) for key, entry in data["identities"].items()
        ),
    )


def is_raw(line: str) -> bool:
    """Whether a line key is that of a line only a province's list has."""
    return line.startswith(RAW)


def raw_line(label: str, occurrence: int) -> str:
    """Key of a line the national list has not: its wording, numbered where a list repeats it."""
    return f"{RAW}{label}" if occurrence == 1 else f"{RAW}{label}#{occurrence}"


def label(line: str) -> str | None:
    """Official wording of a line, the source's own for a raw one; ``None`` for a key no list has."""
    if is_raw(line):
        return line.removeprefix(RAW)
    known = national().lines.get(line)
    return known.full if known else None
