"""The indicator list (form 2014) in grids: a label, a unit and one figure a line, or two.

Columns are told from their headings, so codes, units and 历年累计 may stand
anywhere; a column whose heading is not known could be another year or another
office, and then nothing of the list is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.forms import indicators as form
from archive.records import Grid, GridCell
from pipelines import messages, values
from pipelines.tables.found import reaches_down
from pipelines.tables.indicator_lines import Listing, Text, candidates, is_unit
from pipelines.text import squeeze

# Captions, the office that fills it in and the like stand above the header.
_HEADER_WITHIN = 10
# A list without a header, or with lines of a province's own, shows so many official lines …
_MIN_OWN = 5
# … or is at least so long, and half of its labels speak of what such lists are about.
_MIN_LINES = 5
_SUBJECT = re.compile(r"公开|申请|信息|复议|诉讼|答复|咨询|举报|解读|查阅")
_YEAR = re.compile(r"^(?:截[至止])?20\d\d(?:年度|年|度)?")
_SINCE = re.compile(r"^(?:自?20\d\d年?(?:\d{1,2}月)?(?:以来|起)?|历年)?累计(?:数|数量)?$")
_REMARK = frozenset({"备注", "说明", "填报说明"})


@dataclass(frozen=True, slots=True)
class Columns:
    """How the cells of a row are laid out, by what its header calls them."""

    before: int
    """Cells left of the label (codes)."""
    after: tuple[str, ...]
    """Roles of the cells right of it: unit, year, cumulative, code, remark."""

    @property
    def figures(self) -> tuple[str, ...]:
        return tuple(role for role in ("year", "cumulative") if role in self.after)


@cache
def _words() -> dict[str, str]:
    national = form.national()
    words = {squeeze(word): role for role, known in national.heads.items() for word in known}
    words.update({squeeze(word): term.key for term in national.columns for word in term.wordings})
    return words


def role(text: str) -> str:
    """What a heading says its column holds; ``?`` where it says something else."""
    # a figure too short for a year is no heading
    return "?" if len(text) < 4 and text.isdecimal() else _role(text)


@lru_cache(maxsize=4096)
def _role(text: str) -> str:
    own = re.sub(r"\([^()]*\)", "", squeeze(text))
    if not own:
        return "blank"
    if values.bundle(text):
        return "?"  # 统计数（万件）
    known = _words().get(own)
    if known:
        return known
    if own in _REMARK:
        return "remark"
    if _SINCE.match(own):
        return "cumulative"
    rest = _YEAR.sub("", own)
    if rest != own and (not rest or _words().get(rest) == "year"):
        return "year"
    return "?"


def _leaves(grid: Grid, first: int, last: int) -> list[str]:
    """The undermost heading of every column, a heading that spans several taken once."""
    found: list[tuple[tuple[int, int], str]] = []
    for c in range(len(grid.rows[first])):
        cell = grid.rows[last][c] or grid.rows[first][c]
        if cell is None:
            continue
        if not found or found[-1][0] != cell.origin:
            found.append((cell.origin, cell.text))
        elif role(cell.text) in ("year", "cumulative") and _parts(grid, last + 1, c):
            found.append((cell.origin, cell.text))  # one heading over two columns of figures
    return [text for _, text in found]


def _parts(grid: Grid, start: int, c: int) -> bool:
    """Whether some line has a cell of its own on each side of the left edge of column ``c``."""
    for row in grid.rows[start:]:
        left, right = row[c - 1], row[c]
        if left is not None and right is not None and left.origin != right.origin:
            return True
    return False


def columns_of(roles: Sequence[str]) -> Columns | None:
    """The layout of a row, or ``None`` where the headings leave it open."""
    labels = [i for i, one in enumerate(roles) if one == "label"]
    if not labels or roles.count("year") != 1 or roles.count("cumulative") > 1 or roles.count("unit") > 1:
        return None
    first, last = labels[0], labels[-1]
    # An empty heading beside the label is the place of 其中 or of an enumerator.
    while last + 1 < len(roles) and roles[last + 1] in ("blank", "label"):
        last += 1
    before, after = roles[:first], roles[last + 1 :]
    if not {"code", "blank"}.issuperset(before) or not {"?", "blank", "label"}.isdisjoint(after):
        return None
    return Columns(len(before), tuple(after))


def _header(grid: Grid) -> tuple[int, list[str]] | None:
    """(last row of the header, its headings from left to right)."""
    # each text once first, and no figure: most tables have no such heading anywhere
    if "label" not in [_role(text) for text in grid.texts if not text.isdecimal()]:
        return None
    for r in range(min(len(grid.rows), _HEADER_WITHIN)):
        roles = [role(cell.text) for cell in grid.own(r)]
        if roles.count("label") == 0 or len(roles) < 2:
            continue
        last = r
        if r + 1 < len(grid.rows):
            under = [role(cell.text) for cell in grid.own(r + 1)]
            if under and all(one in ("year", "cumulative", "unit") for one in under):
                last = r + 1
        headings = _leaves(grid, r, last)
        if any(role(text) in ("year", "cumulative", "unit") for text in headings):
            return last, headings
    return None


def _without_header(grid: Grid) -> Columns | None:
    """Label, unit, figure: told from enough official labels with their units beside them."""
    fit = 0
    if len(grid.rows) < _MIN_OWN:
        return None
    for r in range(len(grid.rows)):
        own = grid.own(r)
        if len(own) == 3 and candidates(own[0].text) and is_unit(own[1].text) and squeeze(own[1].text):
            fit += 1
    return Columns(0, ("unit", "year")) if fit >= _MIN_OWN else None


def _is_code(text: str) -> bool:
    own = squeeze(text)
    return not own or (own.isalnum() and own.isascii())


def _split(
    own: Sequence[GridCell], columns: Columns
) -> tuple[Sequence[GridCell], dict[str, GridCell]] | None:
    """(label cells, role → cell) of one row; ``None`` where its cells do not fit the header."""
    before = columns.before if own and _is_code(own[0].text) else 0
    width = len(columns.after)
    cells = list(own[before:])
    while len(cells) > width + 1 and not _fits(cells, columns) and not cells[-1].text.strip():
        cells.pop()
    if len(cells) <= width or not _fits(cells, columns):
        return None
    return cells[: len(cells) - width], dict(zip(columns.after, cells[len(cells) - width :], strict=True))


def _fits(cells: Sequence[GridCell], columns: Columns) -> bool:
    """Words where words belong: no figure among the labels, a unit in the unit's place."""
    width = len(columns.after)
    labels, rest = cells[: len(cells) - width], cells[len(cells) - width :]
    by_role = dict(zip(columns.after, rest, strict=True))
    if any(values.read(cell.text, "count").status == "exact" for cell in labels):
        return False
    return "unit" not in by_role or is_unit(by_role["unit"].text)


def collect(grid: Grid, listing: Listing, columns: Columns | None) -> Columns | None:
    """Add the lines this grid holds; gives the layout for a grid that goes on with the same list.

    ``columns`` is that of the grid before; it is used where this one has no
    header of its own and official labels.
    """
    header = _header(grid)
    start = 0
    if header is not None:
        start = header[0] + 1
        found = columns_of([role(text) for text in header[1]])
        if found is None:
            if _own_labels(grid) >= 3:
                text = " | ".join(header[1])
                listing.findings.append(messages.unknown_headings(form.TABLE, text, grid.where))
            return columns
        chosen = found
    else:
        continued = columns if columns is not None and _own_labels(grid) else None
        guessed = continued or _without_header(grid)
        if guessed is None:
            return columns
        chosen = guessed
    if not _about(grid, start, chosen, continued=columns is not None):
        return columns
    if not listing:
        listing.columns = chosen.figures
    elif listing.columns != chosen.figures:
        return columns
    listing.source = grid.where
    for r in range(start, len(grid.rows)):
        _row(grid, r, chosen, listing)
    return chosen


def _own_labels(grid: Grid) -> int:
    cells = {cell.origin: cell.text for row in grid.rows for cell in row if cell is not None}
    return sum(bool(candidates(text)) for text in cells.values())


def _about(grid: Grid, start: int, columns: Columns, *, continued: bool) -> bool:
    """Whether this is a list of indicators on open government information at all."""
    own = _own_labels(grid)
    if own >= _MIN_OWN or (continued and own):
        return True
    labels = []
    for r in range(start, len(grid.rows)):
        split = _split(grid.own(r), columns)
        if split is not None:
            labels.append(split[0][-1].text)
    speaking = sum(_SUBJECT.search(squeeze(text)) is not None for text in labels)
    return "unit" in columns.after and len(labels) >= _MIN_LINES and 2 * speaking >= len(labels)


def _row(grid: Grid, r: int, columns: Columns, listing: Listing) -> None:
    own = grid.own(r)
    filled = [cell for cell in own if cell.text.strip()]
    if not filled or any(role(cell.text) == "label" for cell in filled):
        return  # a border, or the header again on a new page
    split = _split(own, columns)
    if split is None:
        if len(filled) == 1 or not any(values.read(cell.text, "count").value is not None for cell in filled):
            for cell in filled:
                listing.enter(cell.text)
            return
        text = " | ".join(cell.text.strip() for cell in own)
        listing.findings.append(messages.unmatched_row(form.TABLE, text, own[0].where))
        return
    labels, by_role = split
    if reaches_down(grid, r, [by_role[one] for one in columns.figures]):
        listing.findings.append(messages.indicator_merged(labels[-1].text, own[0].where))
        return
    named = [cell for cell in labels if cell.text.strip()]
    if not named:
        if any(by_role[one].text.strip() for one in columns.figures):
            text = " | ".join(cell.text.strip() for cell in own)
            listing.findings.append(messages.unmatched_row(form.TABLE, text, own[0].where))
        return
    for cell in named[:-1]:
        listing.enter(cell.text)
    unit = by_role["unit"].text if "unit" in by_role else ""
    texts = [Text(by_role[one].text, by_role[one].where, by_role[one].sure) for one in columns.figures]
    listing.add(named[-1].text, unit, texts)


def find(grids: Iterable[Grid]) -> Listing:
    """The list in these grids; empty where there is none."""
    listing = Listing()
    columns: Columns | None = None
    for grid in grids:
        columns = collect(grid, listing, columns)
    listing.settle()
    return listing
