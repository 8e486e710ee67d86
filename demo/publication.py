"""One report as a portal publishes it: whose, when, with which figures, in which guise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from archive import forms
from archive.forms.indicators import TABLE as INDICATORS
from demo.figures import Cells, Place, Value
from demo.indicators import Listed

Carrier = Literal["html", "pdf", "docx", "ofd", "zip", "pictures"]
Markup = Literal["plain", "word", "nested", "th"]
Numbers = Literal["plain", "commas", "fullwidth", "signed"]

_FULLWIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is marked up."""

    tables: Markup = "plain"
    numbers: Numbers = "plain"
    blank: str = ""
    """HTML that stands in an empty cell."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An identity the issuer's own figures fail."""

    identity: str
    at: str
    """Where, as in ``archive.records.Check.at``: ``requests.granted``, ``requests.*.total``."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A report and all that its page shows."""

    agency: str
    division: str
    year: int
    title: str
    published_on: date
    form_of: Mapping[str, str]
    """Table → form."""
    cells: Cells
    """What is to be scored; ``None`` where the cell is blank or a dash."""
    shown: Cells
    """What is printed: ``cells`` and the rows that are not scored."""
    raw: Mapping[Place, str] = field(default_factory=dict)
    glued: Mapping[tuple[str, str], str] = field(default_factory=dict)
    extra: tuple[tuple[str, ...], ...] = ()
    carrier: Carrier = "html"
    style: Style = Style()
    real: bool = False
    broken: tuple[Broken, ...] = ()
    headline: bool = True
    """Whether the body repeats the title."""
    listed: Listed | None = None
    """The indicator list of a report for 2014 to 2018, which has none of the later tables."""

    @property
    def form(self) -> str:
        """The form of Tables 2 and 3, or ``mixed``; of a list, its own."""
        if self.listed is not None:
            return self.form_of[INDICATORS]
        used = {self.form_of["disclosure"], self.form_of["requests"]}
        return used.pop() if len(used) == 1 else "mixed"

    def figure(self, table: str, row: str, column: str) -> int | Decimal:
        """The figure for the narrative: a blank counts as nothing."""
        value = self.shown[table][row][column]
        return 0 if value is None else value

    def printed(self, table: str, row: str, column: str) -> str:
        """Text of the cell as this issuer writes it; empty for a blank."""
        place = (table, row, column)
        if place in self.raw:
            return self.raw[place]
        kind = next(c.kind for c in forms.columns(table) if c.key == column)
        return written(self.shown[table][row][column], kind, self.style.numbers)

    def glued_in(self, table: str) -> dict[str, str]:
        """Rows of this table whose figures stand in one box."""
        return {row: text for (where, row), text in self.glued.items() if where == table}


def written(value: Value, kind: forms.Kind, numbers: Numbers) -> str:
    """A figure as text: ``1,234`` / ``１２３４`` / ``+19`` where that is the issuer's habit."""
    if value is None:
        return ""
    if numbers == "commas":
        return f"{value:,}"
    if numbers == "fullwidth" and kind == "count":
        return str(value).translate(_FULLWIDTH)
    if numbers == "signed" and kind == "change" and value > 0:
        return f"+{value}"
    return str(value)
