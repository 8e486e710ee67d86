"""The lines of an indicator list (form 2014): which one a label names, what its figure says.

A label that is not the official wording, apart from enumerators, 其中, white
space and a closing 数, keeps its own wording (``raw:``): what a province means by
it is not guessed. The same wording stands under 行政复议 and 行政诉讼; the part of
the form that was entered last decides between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, lru_cache

from archive.forms import indicators as form
from archive.indicators import IndicatorCell
from archive.records import Cell, Finding, Status
from pipelines import messages, values
from pipelines.text import fold, squeeze
from pipelines.values import Reading

#: Lines of one list: the national one has 65, the longest provincial ones seen some 120.
MOST_LINES = 400
#: Characters of a label: the longest official one has 46; more is a paragraph in a table.
LONGEST_LABEL = 120

_PREFIX = re.compile(
    r"^(?:其中[:,;]?|[一二三四五六七八九十]{1,3}[、.,]|\([一二三四五六七八九十]{1,3}\)[、.]?"
    r"|\d{1,2}[.、)](?!\d)|\(\d{1,2}\)|\d{1,2}(?=[^\d.,%])|[*★●·•—-]+(?=.))"
)
_TOP = re.compile(r"^[一二三四五六七八九十]{1,3}[、.]")
_MARKS = re.compile(r"[\"'“”‘’「」『』《》〈〉、,，。;；:：·.．]")
_BRACKET = re.compile(r"\(([^()]*)\)$")
_CLOSING = re.compile(r"(?:数量|数)$")
#: What a figure may be counted in.
UNITS = (
    *("人次", "件次", "批次", "万元", "亿元", "元", "条", "件", "次", "篇"),
    *("个", "人", "期", "份", "项", "部", "家", "%"),
)
#: Units of a province's own (批, 人/次): short words.
_SHORT_WORD = re.compile(r"[㐀-鿿/%]{1,3}")
_UNIT_NOTE = re.compile(rf"(?:单位:?)?({'|'.join(UNITS)})")
#: Such a unit multiplies a count, or is none.
_SCALED = re.compile(r"[万亿千百元%‰]")
_MONEY = re.compile(r"(?:亿|万)?元")
# So much of a note in brackets shows that it is the official one, reworded at its end.
_NOTE_HEAD = 8
# Nine digits are the most a count may have, see ``pipelines.values``.
_DECIMAL = re.compile(r"((?:0|[1-9]\d{0,2}(?:,\d{3}){1,2}|[1-9]\d{0,8})(?:\.\d{1,6})?)(\D*)")
# A line break inside a number: it may be one or two.
_BROKEN = re.compile(r"[\d.]\s*\n\s*[\d.]")
_DASHED = re.compile(r"[-—–―/\\]*")


def shown(text: str) -> str:
    """A label as the source writes it, the white space of its layout left out."""
    return "".join(text.split())


def wording(text: str) -> tuple[str, str | None]:
    """(what is compared, what stands in brackets at its end)."""
    body = squeeze(text)
    while (match := _PREFIX.match(body)) is not None and match.end() < len(body):
        body = body[match.end() :]
    note = _BRACKET.search(body)
    if note is not None and note.start():
        body = body[: note.start()]
    body = _CLOSING.sub("", _MARKS.sub("", body))
    return body, _MARKS.sub("", note[1]) if note is not None else None


@cache
def _index() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in form.national().lines.values():
        for one in line.wordings:
            keys = found.setdefault(wording(one)[0], [])
            if line.key not in keys:
                keys.append(line.key)
    return {body: tuple(keys) for body, keys in found.items()}


@lru_cache(maxsize=4096)
def candidates(text: str) -> tuple[str, ...]:
    """Keys of the lines this label may name."""
    body, note = wording(text)
    keys = _index().get(body, ())
    if note is None or _UNIT_NOTE.fullmatch(note):
        return keys
    return tuple(key for key in keys if _same_note(note, form.national().lines[key].note))


def _same_note(note: str, official: str | None) -> bool:
    """Any other bracket may change what is counted."""
    return official is not None and note[:_NOTE_HEAD] == _MARKS.sub("", squeeze(official))[:_NOTE_HEAD]


def is_unit(text: str) -> bool:
    """Whether a cell holds a unit, the dash of a heading, or nothing."""
    own = squeeze(text)
    return own in UNITS or bool(_DASHED.fullmatch(own) or _SHORT_WORD.fullmatch(own))


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one place in the source; ``None`` where the source has no such cell."""

    text: str | None
    where: str
    sure: bool = True
    """Whether the reader is certain of the characters, see ``GridCell.sure``."""


def _with_note(reading: Reading, note: str) -> Reading:
    return Reading("unreadable", note=note) if reading.status in ("exact", "ambiguous") else reading


def _read_own(line: form.Indicator, text: str, unit: str, label: str) -> Reading:
    """A figure of an official line, in the unit of the form."""
    if line.kind == "amount":
        stated = unit if _MONEY.fullmatch(unit) else label
        reading = values.read(text, "amount", stated)
        strange = bool(unit) and not _MONEY.fullmatch(unit)
    else:
        reading = values.read(text, "count", label)
        strange = _SCALED.search(unit) is not None
    if strange and reading.value != 0:
        return _with_note(reading, f"单位写作“{unit}”，与法定格式的“{line.unit}”不同")
    return reading


def _read_raw(text: str, unit: str) -> Reading:
    """A figure of any other line, in the unit the source names."""
    reading = values.read(text, "count")
    if reading.status not in ("exact", "unreadable"):
        return reading
    match = _DECIMAL.fullmatch(squeeze(text))
    if match is None or _BROKEN.search(fold(text)):
        return Reading("unreadable")
    suffix = match[2]
    if suffix and (suffix not in UNITS or suffix != (unit or suffix)):
        return Reading("unreadable")
    return Reading("exact", values.normal(Decimal(match[1].replace(",", ""))))


def _doubted(text: Text, reading: Reading) -> Reading:
    """What there is no cell for is missing; what OCR is not certain of is only proposed."""
    if text.text is None:
        return Reading("missing")
    if text.sure or reading.status == "unreadable":
        return reading
    return Reading("ambiguous", readings=(text.text.strip(),))


def _suffix(text: str) -> str:
    return squeeze(text).lstrip("0123456789,.")


def _unmerged(cells: list[IndicatorCell]) -> list[IndicatorCell]:
    """A number with a blank in it beside an empty cell may be both cells' figures."""
    if len(cells) < 2 or all(cell.status != "blank" for cell in cells):
        return cells
    made = []
    for cell in cells:
        raw = cell.raw or ""
        if cell.status == "exact" and values.has_gap(raw):
            readings = ("".join(raw.split()), " | ".join(raw.split()))
            cell = replace(cell, value=None, status="ambiguous", readings=readings)
        made.append(cell)
    return made


@dataclass(slots=True)
class Listing:
    """The lines of one list as they are found, in the order of the source."""

    cells: dict[tuple[str, str], IndicatorCell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    columns: tuple[str, ...] = ("year",)
    source: str = ""
    """The table that is being read."""
    _sources: dict[str, set[str]] = field(default_factory=dict)
    _apart: bool = False
    _part: str | None = None
    _seen: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.cells)

    @property
    def rows(self) -> list[str]:
        """Keys of the lines found, in the order of the source."""
        return list(dict.fromkeys(row for row, _ in self.cells))

    @property
    def own(self) -> list[str]:
        """Those of them that the national list has."""
        return [row for row in self.rows if not form.is_raw(row)]

    def enter(self, text: str) -> None:
        """A heading: of the form's parts, or of one that the form has not."""
        keys = {form.national().part(key) for key in candidates(text)}
        if len(keys) == 1:
            self._part = keys.pop()
        elif not keys and _TOP.match(squeeze(text)):
            self._part = None

    def key(self, text: str) -> str | None:
        """The line this label names here; ``None`` for one that is not the form's, or not for certain."""
        keys = candidates(text)
        if len(keys) > 1:
            keys = tuple(key for key in keys if form.national().part(key) == self._part)
        return keys[0] if len(keys) == 1 else None

    def add(self, label: str, unit: str, texts: Sequence[Text], *, inferred: bool = False) -> None:
        """Read one line; ``texts`` holds one place a column of ``columns``.

        ``inferred``: the figures' boundaries are not the source's own.
        """
        key = self.key(label)
        self.enter(label)
        filled = any(text.text and not _DASHED.fullmatch(squeeze(text.text)) for text in texts)
        line = form.national().lines[key] if key else None
        own_unit = squeeze(unit)
        own_unit = "" if _DASHED.fullmatch(own_unit) else own_unit
        if not filled and (line is None or line.heading) and not own_unit:
            return
        if len(self.rows) >= MOST_LINES or len(shown(label)) > LONGEST_LABEL:
            self.findings.append(messages.unmatched_row(form.TABLE, label, texts[0].where))
            return
        if line is not None and not line.heading:
            self._own(line, label, own_unit, texts, inferred)
        elif shown(label):
            self._raw(label, own_unit, texts)

    def _own(
        self, line: form.Indicator, label: str, unit: str, texts: Sequence[Text], inferred: bool
    ) -> None:
        made = []
        for column, text in zip(self.columns, texts, strict=True):
            reading = _doubted(text, _read_own(line, text.text or "", unit, label))
            if inferred and reading.status == "exact":
                reading = replace(reading, status="inferred")
            made.append(self._cell(line.key, column, text, reading, shown(label), line.unit))
        made = _unmerged(made)
        known = self._sources.setdefault(line.key, set())
        elsewhere = bool(known - {self.source})
        known.add(self.source)
        if (line.key, self.columns[0]) not in self.cells:
            self.cells.update({(cell.row, cell.column): cell for cell in made})
            return
        differ = False
        for cell in made:
            old = self.cells.get((cell.row, cell.column))
            if old is None or (old.status, old.value) == (cell.status, cell.value):
                self.cells.setdefault((cell.row, cell.column), cell)
                continue
            differ = True
            readings = tuple(dict.fromkeys((old.raw or "", cell.raw or "")))
            self.cells[cell.row, cell.column] = replace(
                old, value=None, status="ambiguous", readings=readings
            )
        if differ:
            self._apart = self._apart or elsewhere
            self.findings.append(messages.indicator_twice(shown(label), texts[0].where))

    def _raw(self, label: str, unit: str, texts: Sequence[Text]) -> None:
        name = shown(label)
        self._seen[name] += 1
        row = form.raw_line(name, self._seen[name])
        while (row, self.columns[0]) in self.cells:
            self._seen[name] += 1
            row = form.raw_line(name, self._seen[name])
        note = _BRACKET.search(squeeze(label))
        named = _UNIT_NOTE.fullmatch(note[1]) if note else None
        stated = unit or (named[1] if named else "")
        self._sources[row] = {self.source}
        made = []
        for column, text in zip(self.columns, texts, strict=True):
            # 数（万条) beside 条: whether it counts bundles is open
            counted = values.read(text.text or "", "count", label if unit else "")
            open_unit = counted.status == "ambiguous" and values.bundle(unit) is None
            reading = _doubted(text, counted if open_unit else _read_raw(text.text or "", stated))
            of_cell = stated or (_suffix(text.text or "") if reading.status == "exact" else "")
            made.append(self._cell(row, column, text, reading, name, of_cell or None))
        self.cells.update({(cell.row, cell.column): cell for cell in _unmerged(made)})

    def _cell(
        self, row: str, column: str, text: Text, reading: Reading, label: str, unit: str | None
    ) -> IndicatorCell:
        if reading.note:
            self.findings.append(messages.indicator_unit(label, text.text or "", reading.note, text.where))
        return IndicatorCell(
            form.TABLE, row, column, reading.value, text.text, reading.status, text.where, reading.readings,
            label=label, unit=unit,
        )  # fmt: skip

    def settle(self) -> None:
        """Withdraw what may be another office's or another year's, once everything has been read.

        Where two lists differ, a line that only one of them shows has a figure of
        nobody knows which.
        """
        if not self._apart:
            return
        alone = {row for row, sources in self._sources.items() if len(sources) == 1}
        for place, cell in self.cells.items():
            if cell.row in alone and cell.value is not None:
                self.cells[place] = replace(cell, value=None, status="ambiguous", readings=(cell.raw or "",))
        if alone:
            where = next((cell.where for cell in self.cells.values() if cell.where), None) or ""
            self.findings.append(messages.several_tables(form.TABLE, len(alone), where))

    def lose(self, label: str, text: Text, readings: Sequence[str] = ()) -> None:
        """A line whose figures cannot be told from what stands around them."""
        key = self.key(label)
        self.enter(label)
        line = form.national().lines[key] if key else None
        if line is None or line.heading:
            return
        raw = (text.text or "").strip()
        status: Status = "ambiguous" if any(char.isdigit() for char in raw) else "unreadable"
        for column in self.columns:
            cell = IndicatorCell(
                form.TABLE, line.key, column, None, raw, status, text.where, tuple(readings),
                label=shown(label), unit=line.unit,
            )  # fmt: skip
            self.cells[line.key, column] = cell


def complete(listing: Listing) -> tuple[str, tuple[Cell, ...]]:
    """(form, cells in order): the national list's lines that the source has not are ``missing``.

    A list that has less than half of the national one's lines is a province's
    own: nothing is missing from it.
    """
    national = form.national()
    rows = listing.rows
    if 2 * len(listing.own) < len(national.figures):
        return form.PROVINCIAL, tuple(listing.cells.values())
    at = -1
    for line in national.figures:
        if line.key in rows:
            at = rows.index(line.key)
        else:
            at += 1
            rows.insert(at, line.key)
    cells = []
    for row in rows:
        for column in listing.columns:
            cell = listing.cells.get((row, column))
            if cell is None:
                line = national.lines[row]
                cell = IndicatorCell(
                    form.TABLE, row, column, None, None, "missing", None, label=line.full, unit=line.unit
                )
            cells.append(cell)
    return form.NATIONAL, tuple(cells)
