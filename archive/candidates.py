"""What dedupe decides on and what it decides: plain records between ``pipelines.dedupe`` and the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from archive.records import Role

#: What became of a document (column ``documents.outcome``).
#: ``split``: of a report's issuer and year, and taken out of it by decision (table ``splits``).
DocumentOutcome = Literal[
    "current", "copy", "superseded", "split", "refused", "unassigned", "unreadable", "part"
]

#: What storing one original did. ``reread``: the same bytes, read by another parser version.
Action = Literal["stored", "unchanged", "reread", "revised", "copied", "refused", "unassigned", "unreadable"]

#: Why a document counts as a copy (column ``copies.reason``): ``attachment`` hangs on the page the
#: figures are from, ``page`` is the page whose attachment the figures are from, ``mirror`` says the
#: same elsewhere, ``differs`` contradicts in at least one figure, ``no_figures`` shares no figure and
#: not the prose, so that only issuer and year join it; ``near`` has nearly the same text and no other
#: figure, and is another issuer's as it reads, or nobody's (``pipelines.near``).
CopyReason = Literal["attachment", "page", "mirror", "differs", "no_figures", "near"]


class CellKey(NamedTuple):
    """Table, line and column of one figure."""

    table: str
    line: str
    column: str


class CellState(NamedTuple):
    """What one original says at one place: a number, or none with the status that says why."""

    value: int | float | None
    status: str


Figures = Mapping[CellKey, CellState]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One original that carries, or would carry, a report."""

    document: int
    url: str
    sha256: str
    role: Role
    page_url: str | None
    home: bool
    """Whether it lies on the portal of the issuer's own division."""
    published_on: str | None
    content_hash: str
    text_hash: str
    parser: str
    figures: Figures
    seen: tuple[str, ...]
    """When its address began to show it: once, or again after another text stood there (UTC)."""
    split: bool = False
    """Whether its address was taken out of the report by decision."""
    sentences: tuple[str, ...] = ()
    """Its prose, headings included."""
    parts: str = ""
    """The originals it goes on in (``rows.parts_of``)."""
    whole: bool = True
    """Whether all of these came and were read."""
    siblings: tuple[str, ...] | None = None
    """For a file on a page: the other files that page led to when this one was found, if that is known."""
    portal: str | None = None
    """Key of the portal it was found on."""

    @property
    def valued(self) -> int:
        """Number of cells with a value."""
        return sum(state.value is not None for state in self.figures.values())


@dataclass(frozen=True, slots=True)
class Copy:
    """Another place with the same report."""

    document: int
    url: str
    reason: CopyReason
    likeness: float
    """Equal cells among those with a value in either, 0 to 1; 1 where neither has any."""
    differing: tuple[CellKey, ...] = ()
    """Cells with a value in both, and not the same."""
    text_likeness: float | None = None
    """How alike the prose is, 0 to 1; ``None`` where a side has none."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell an issuer altered."""

    cell: CellKey
    old: CellState
    new: CellState


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a report at its address."""

    number: int
    """1 = as first seen."""
    document: int
    seen_at: str
    content_hash: str
    changes: tuple[Change, ...] | None
    """Against the state before; ``None`` for the first, and where two parser versions read the two."""
    text_changed: bool | None
    text_diff: str | None = None
    """Unified diff of the prose, sentence by sentence, where it changed."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the originals of one report stand to each other."""

    current: int
    """The document whose figures are the report's."""
    copies: tuple[Copy, ...]
    superseded: tuple[int, ...]
    """Earlier states of addresses that show something else now."""
    revisions: tuple[Revision, ...]
    replaced: tuple[int, ...] = ()
    """Files in whose place their page leads to others now."""
    moved: tuple[int, ...] = ()
    """What stood at addresses that their portal has left, and goes on elsewhere."""
    split: tuple[int, ...] = ()
    """Originals taken out of the report by decision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with one original."""

    action: Action
    outcome: DocumentOutcome
    reason: str | None = None
    arrangement: Arrangement | None = None
    """All originals of the report, this one included; ``None`` where it carries none or nothing changes."""
    document: int | None = None
    """The original it is about: for ``unchanged`` the one already held, which may be other bytes."""


@dataclass(frozen=True, slots=True)
class Held:
    """An original that is already held, whatever it carries."""

    document: int
    sha256: str
    outcome: DocumentOutcome
    content_hash: str | None
    report: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What storing one original did."""

    url: str
    action: Action
    document: int
    """The original, or the one already held that says the same."""
    report: int | None
    findings: int
    """Findings of the report, if this original is its current one."""
    reason: str | None = None
    portal: str | None = None
