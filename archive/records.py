"""The records that flow through gongkai, all frozen.

``Snapshot`` (bytes as fetched) → ``Document`` (what a reader made of them) →
``Report`` (figures, checks, findings). Spiders make snapshots, pipelines turn
them into reports, the store keeps both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from archive.kinds import kind_of

Status = Literal["exact", "blank", "dash", "inferred", "ambiguous", "unreadable", "missing"]
Verdict = Literal["pass", "fail", "not_assessable"]
Blame = Literal["issuer", "possibly_ours"]
Role = Literal["page", "attachment"]

#: Kind of the finding that a part of an original could not be read; its ``where`` is that part's address.
PART_UNREAD = "part_unread"
#: Kind of the finding that a part of an original did not come.
PART_MISSING = "part_missing"
#: The only statuses under which a cell has a value.
VALUED: frozenset[str] = frozenset({"exact", "inferred"})


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a document before it is read.

    A list page, a portal entry or the page an attachment hangs on say things
    the document itself may leave out; none of it is proof, all of it is a hint.
    """

    portal: str | None = None
    """Key of the portal's registry entry."""
    portal_name: str | None = None
    """Who runs the portal, e.g. 某县人民政府; resolves 我市, 我区 and bare names."""
    division: str | None = None
    """Division code of the portal (6 or 9 digits)."""
    site_id_code: str | None = None
    """SiteIDCode of the portal, 10 characters."""
    link_text: str | None = None
    """Text (or title attribute) of the link that led here."""
    list_date: date | None = None
    """Publication date as the list gave it."""
    source: str | None = None
    """ContentSource or publisher, where list or API gave one."""
    page_url: str | None = None
    """For an attachment: the page it hangs on."""
    page_title: str | None = None
    """For an attachment: the title of that page."""
    siblings: tuple[str, ...] | None = None
    """For an attachment: the other files that this page led to when this one was found, if that is known."""
    page_agency: str | None = None
    """For an annex that does not say whose it is: the issuer of that page's report, as the archive has it."""
    page_division: str | None = None
    """Its division."""
    page_year: int | None = None
    """Its year."""
    part: int | None = None
    """For an original that goes on with another one: its place, counted from 1."""
    parts: int | None = None
    """For an original that others go on with: how many these are, whether or not all of them came."""


@dataclass(frozen=True, slots=True)
class WarcLocation:
    """Where a record lies: file name (relative to the WARC folder), byte offset and length."""

    file: str
    offset: int
    length: int


class Told(NamedTuple):
    """What is told of an original's bytes."""

    sha256: str
    """Hex digest."""
    size: int
    kind: str | None
    """``archive.kinds.kind_of`` them."""


class Absent(bytes):
    """An original's bytes where they are not at hand, but what is told of them is; empty, if asked for."""

    told: Told

    def __new__(cls, told: Told) -> Absent:
        made = super().__new__(cls)
        made.told = told
        return made

    def __reduce__(self) -> tuple[type[Absent], tuple[Told]]:
        return Absent, (self.told,)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One original: its bytes, where and when they came from."""

    url: str
    """http(s) address, or the file's name when ingested from disk."""
    body: bytes
    fetched_at: datetime
    """UTC, with time zone."""
    media_type: str | None = None
    """Content-Type as the server said it; a hint only."""
    charset: str | None = None
    """Charset as the server said it; a hint only."""
    role: Role = "page"
    context: Context = Context()
    warc: WarcLocation | None = None
    parts: tuple[Snapshot, ...] = ()
    """Originals that this one goes on in: the further pages of its article, then the pictures of its text."""
    _told: list[Told] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def told(self) -> Told:
        """What is told of the bytes; worked out once."""
        if isinstance(self.body, Absent):
            return self.body.told
        if not self._told:
            digest = hashlib.sha256(self.body).hexdigest()
            self._told.append(Told(digest, len(self.body), kind_of(self.body)))
        return self._told[0]

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return self.told.sha256

    @property
    def bare(self) -> bool:
        """Whether its bytes are not at hand."""
        return isinstance(self.body, Absent)

    def without_bytes(self) -> Snapshot:
        """The same for whoever only stores it: no bytes, but all that is told of them, in its parts too."""
        return replace(self, body=Absent(self.told), parts=tuple(part.without_bytes() for part in self.parts))


@dataclass(frozen=True, slots=True)
class GridCell:
    """One place of a table after spans are resolved."""

    text: str
    """The cell's text as the source has it, outer white space kept."""
    where: str
    """Place in the source, e.g. ``table[3]/tr[5]/td[2]``."""
    origin: tuple[int, int]
    """(row, column) of the cell's upper left corner in the grid; equal for all places one span covers."""
    sure: bool = True
    """Whether the reader is certain of the characters; only OCR ever is not."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, rectangular: all rows have as many places; ``None`` where the source has no cell."""

    rows: tuple[tuple[GridCell | None, ...], ...]
    where: str
    notes: tuple[str, ...] = ()
    """What had to be mended to make it rectangular."""
    _own: dict[int, list[GridCell]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _texts: list[frozenset[str]] = field(default_factory=list, init=False, repr=False, compare=False)

    def own(self, r: int) -> list[GridCell]:
        """Cells that begin in this row, left to right: what its ``<tr>`` holds, whatever spans do."""
        known = self._own.get(r)
        if known is None:
            known = [cell for cell in self.rows[r] if cell is not None and cell.origin[0] == r]
            if len({cell.origin for cell in known}) < len(known):  # some cell covers several columns
                known = [
                    cell for at, cell in enumerate(known) if not at or known[at - 1].origin != cell.origin
                ]
            self._own[r] = known
        return known

    @property
    def texts(self) -> frozenset[str]:
        """The texts of all its cells, each once: what none of them says no row needs to be asked for."""
        if not self._texts:
            self._texts.append(frozenset([cell.text for row in self.rows for cell in row if cell]))
        return self._texts[0]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text between tables."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader made of the bytes, before anyone asks what it means."""

    kind: Literal["html", "pdf", "docx", "ofd", "text", "xlsx", "xls", "scan"]
    """The carrier; ``scan`` if any of the text was recognised from pictures."""
    blocks: tuple[Paragraph | Grid, ...]
    """Text and tables of the body in reading order, page chrome included where the reader cannot tell."""
    text: str
    """The body's prose without page chrome, one paragraph a line; tables left out."""
    title: str | None = None
    """Best title: ArticleTitle meta, headline, <title>, document property."""
    published: str | None = None
    """Publication date as text: PubDate meta or the page's date line."""
    source: str | None = None
    """ContentSource meta or the page's source line."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """<meta> name → content, names in lower case."""
    breadcrumb: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader had to mend or leave out."""

    @property
    def grids(self) -> tuple[Grid, ...]:
        return tuple(b for b in self.blocks if isinstance(b, Grid))


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a statutory table: a number, or null with a reason."""

    table: str
    row: str
    column: str
    value: int | Decimal | None
    raw: str | None
    """Text of the cell as the source has it; ``None`` where the source has no such cell."""
    status: Status
    where: str | None
    readings: tuple[str, ...] = ()
    """For ``ambiguous``: the readings that fit."""

    def __reduce__(self) -> tuple[type[Cell], tuple[object, ...]]:
        # What dataclasses do for pickle takes twice as long, and a report has two hundred.
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.status in VALUED):
            raise ValueError(
                f"{self.table}.{self.row}.{self.column}: {self.status} with value {self.value!r}"
            )


@dataclass(frozen=True, slots=True)
class Check:
    """One identity at one place."""

    identity: str
    """R1, R2, R3, V1, Y1 …"""
    at: str
    """Where it was applied, e.g. ``requests.received`` or ``requests.*.total``."""
    verdict: Verdict
    left: int | Decimal | None
    right: int | Decimal | None
    blame: Blame | None = None
    """For ``fail`` only: the issuer's own error, or possibly ours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reader of the archive should know: what and where."""

    kind: str
    message: str
    where: str | None = None
    blame: Blame | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One of the six headings with its text."""

    number: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One issuer's report for one year, as read from one document."""

    source: str
    agency: str | None
    division: str | None
    year: int | None
    title: str | None
    published_on: date | None
    forms: Mapping[str, str]
    """Table key → form key, for the tables that were found."""
    cells: tuple[Cell, ...]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    text: str
    """Prose without chrome, for search."""
    parser: str
    """Version of the parser that made this."""
    is_report: bool
    """Whether the content confirms that this is such a report at all."""
    error: str | None = None
    """Why the bytes could not be read at all; then everything else is empty."""
    _digest: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def verdict(self) -> Verdict:
        """``fail`` if any check failed, ``pass`` if some passed and none failed, else ``not_assessable``."""
        verdicts = {check.verdict for check in self.checks}
        if "fail" in verdicts:
            return "fail"
        return "pass" if "pass" in verdicts else "not_assessable"

    @property
    def content_hash(self) -> str:
        """Digest of what the issuer says: figures and prose, white space folded.

        No address, time or page chrome enters it, so it changes only when the
        issuer changes the report.
        """
        if not self._digest:
            lines = [f"{c.table}.{c.row}.{c.column}={c.status}:{c.value}\n" for c in self.cells]
            said = "".join(lines) + "".join(self.text.split())
            self._digest.append(hashlib.sha256(said.encode()).hexdigest())
        return self._digest[0]

    def figures(self, table: str) -> Mapping[tuple[str, str], int | Decimal | None]:
        """``{(row, column): value}`` of one table."""
        return {(c.row, c.column): c.value for c in self.cells if c.table == table}
