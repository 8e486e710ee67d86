"""Table 3 (requests): seven figures a line, matched by the line's own label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from archive import forms
from archive.records import Finding, Grid, GridCell
from pipelines import messages, values
from pipelines.tables import labels
from pipelines.tables.found import (
    Found,
    column_of,
    is_word,
    reached_from_above,
    reaching_down,
    widths_of,
)
from pipelines.tables.request_headings import COLUMNS, KEYS, Header, are_headings
from pipelines.tables.sums import (
    SLIPS,
    Headings,
    are_doubled,
    are_untrue,
    commonest,
    has_sum,
    has_twins,
    is_sum,
    is_torn,
    sums_tell,
)
from pipelines.values import Reading

_ORDER = [row.key for row in forms.form("2021").tables["requests"].rows]
#: Lines whose wording (其他, 总计) says nothing outside their table.
GENERIC = frozenset({"other_other", "concluded", "other"})
#: No number begins so: two figures that have lost what parted them.
_JOINED = re.compile(r"0\d+")
#: Of the headings of the seven columns, so many in one part are this table's; 总计 stands over Table 4 too.
_MIN_HEADINGS = 3


#: Statuses of what says a figure.
_FIGURE = frozenset({"exact", "ambiguous"})


def _figures(readings: Sequence[Reading]) -> int:
    """How many of these say a figure."""
    return sum([reading.status in _FIGURE for reading in readings])


def _is_joined(cell: GridCell) -> bool:
    return len(cell.text) > 1 and _JOINED.fullmatch(cell.text.strip()) is not None


def _leaf(own: Sequence[GridCell], readings: Sequence[Reading]) -> int | None:
    """Index of the last label before the first figure; a serial number may stand before the label."""
    last = None
    for i, reading in enumerate(readings):
        if reading.status in _FIGURE:
            if i == 0:
                continue
            break
        if labels.row("requests", own[i].text) is not None:
            last = i
    return last


class _Line(NamedTuple):
    """One line with its seven figures."""

    key: str
    label: GridCell
    row: int
    seven: list[GridCell]
    readings: list[Reading]
    """What the seven say."""
    numbers: list[int | None]
    """Their figures; ``None`` for what is none."""
    tells: bool
    """Whether its sum can tell something."""


def _key(own: Sequence[GridCell], leaf: int, previous: str | None) -> str | None:
    """The line's key; 其他 and 其他处理 need their surroundings."""
    key = labels.row("requests", own[leaf].text)
    if key == "other_other":
        beside = any(labels.group("requests", cell.text) == "others" for cell in own[:leaf])
        if not beside and previous not in ("other_unpaid_fee", "other_uncorrected"):
            return None
    return key


def _seven(grid: Grid, r: int, cells: Sequence[GridCell], header: Header) -> list[GridCell] | None:
    """The seven value cells: as they stand, or those under their headings if the rest is empty."""
    if len(cells) == len(KEYS):
        return list(cells)
    if not header.whole or header.doubled or len(cells) < len(KEYS):
        return None
    under = [grid.rows[r][header.exact[key]] for key in KEYS]
    picked = [cell for cell in under if cell is not None and cell in cells]
    rest = [cell for cell in cells if cell not in picked]
    if len({cell.origin for cell in picked}) < len(KEYS) or any(cell.text.strip() for cell in rest):
        return None
    # A heading over a figure and an empty cell beside it may be that of the empty one.
    wide = widths_of(grid, r)
    if any(wide[cell.origin] < header.width(grid, key) for key, cell in zip(KEYS, picked, strict=True)):
        return None
    return picked


def may_be(names: Collection[labels.Name]) -> bool:
    """Whether a grid in which just these are named may hold lines of Table 3, or its headings alone."""
    own = [(part, key) for table, part, key in names if table == "requests"]
    lines = [key for part, key in own if part == "rows" and key not in GENERIC]
    return bool(lines) or sum([part == "columns" for part, _ in own]) >= _MIN_HEADINGS


def collect(grid: Grid, found: Found) -> None:
    """Add the lines of Table 3 that this grid holds to ``found``."""
    header = Header()
    if not _speaks(grid):
        # Headings may stand in a part of their own.
        if _has_headings(grid):
            for r in range(len(grid.rows)):
                header.take(grid, r)
            found.disordered |= len(header.exact) >= _MIN_HEADINGS and not header.in_order
        return
    lines: list[_Line] = []
    previous: str | None = None
    begun = bool(found)
    counts: dict[int, int] = {}
    told: list[list[int | None]] = []
    overfull = worded = joined = 0
    in_order = header.in_order
    for r in range(len(grid.rows)):
        own = grid.own(r)
        said = _read(own)
        leaf = _leaf(own, said)
        words = [reading.status for reading in said].count("unreadable")
        if leaf is None or (words > 1 and are_headings(own)):  # no heading is a figure, a dash or a blank
            if header.take(grid, r):
                in_order = header.in_order
            elif begun and _figures(said) >= 2:
                found.findings.append(_unmatched(own, grid, r))
            continue
        key = _key(own, leaf, previous)
        if key is None or (key in GENERIC and not begun):
            continue
        cells = own[leaf + 1 :]
        if not cells:
            # Its figures are gone: those of a line of the same name elsewhere may be another report's.
            if key not in GENERIC:
                gone = messages.cell_count("requests", key, 0, len(KEYS), own[leaf].where)
                found.refuse(key, grid.where, gone)
            continue
        begun, previous = True, key
        readings = said[leaf + 1 :]
        numbers, tells = _numbers(readings), _tells(readings)
        if _figures(readings) or not any(cell.text.strip() for cell in cells):
            counts[r] = len(cells)
            joined += not tells and any(map(_is_joined, cells))
            told += [numbers] if tells else []
        label = own[leaf]
        seven = _seven(grid, r, cells, header)
        reaching = reaching_down(grid, r)
        overfull += seven is None and len(cells) > len(KEYS) and not any(map(is_word, cells))
        if not in_order:
            found.findings.append(messages.columns_out_of_order("requests", grid.where))
        elif seven is None:
            finding = messages.cell_count("requests", key, len(cells), len(KEYS), label.where)
            if key in GENERIC and r not in counts:
                found.findings.append(finding)  # a heading of Table 4: 总计
            else:
                found.refuse(key, grid.where, finding)
        elif not tells and any(map(is_word, seven)):  # no figure, dash or blank is a word
            worded += 1
            found.refuse(key, grid.where, messages.words_for_figures("requests", key, label.where))
        elif (
            reached_from_above(grid, r, column_of(label))
            or not reaching.isdisjoint([cell.origin for cell in seven])
            or (label.origin in reaching and _has_more_rows(grid, r))
        ):
            found.refuse(key, grid.where, messages.merged_figures("requests", key, label.where))
        else:
            if len(seven) < len(cells):
                readings = _read(seven)
                numbers, tells = _numbers(readings), _tells(readings)
            lines.append(_Line(key, label, r, seven, readings, numbers, tells))
    found.disordered |= not in_order
    doubled = header.ends_in_sums and are_doubled(told, joined=joined > SLIPS)
    level = _level(
        grid, lines, counts, found, overfull=overfull, worded=worded, joined=joined, doubled=doubled
    )
    headings: Headings = "no sums" if header.exact else "none"
    if "total" not in header.exact and not sums_tell([line.numbers for line in lines], headings):
        if lines:
            found.findings.append(messages.headings_missing("requests", grid.where))
        return
    for line in _even(grid, level, header, found):
        found.add(line.key, COLUMNS, line.seven, line.readings, grid.where)
        found.where.append(grid.where)
        if not header.exact:
            found.headless.append(line.key)


def _has_more_rows(grid: Grid, r: int) -> bool:
    """Whether a label that reaches down from this row has further rows of figures: this and last year's."""
    below = grid.own(r + 1)
    said = _read(below)
    return _leaf(below, said) is None and (_figures(said) >= 2 or len(below) >= len(KEYS))


def _read(cells: Sequence[GridCell]) -> list[Reading]:
    return values.counts([cell.text for cell in cells])


def _tells(readings: Sequence[Reading]) -> bool:
    """Whether a line's sum can tell something: no cell of it is text that is no number."""
    return "unreadable" not in [reading.status for reading in readings]


def _numbers(readings: Sequence[Reading]) -> list[int | None]:
    return [reading.value for reading in readings]  # type: ignore[misc]  # counts are whole


def _level(
    grid: Grid,
    lines: Sequence[_Line],
    counts: Mapping[int, int],
    found: Found,
    *,
    overfull: int,
    worded: int,
    joined: int,
    doubled: bool,
) -> list[_Line]:
    """Lines with as many cells behind their label as most; one with more or fewer needs its sum.

    So does one with an empty cell or a dash where words stand in the figures' place of
    another (``worded``), and every one where they do so in several, or where two figures of a line
    are one (``joined``: 00).
    Where several lines have gained figures (``overfull``, ``doubled``), or some have lost cells
    and others gained some, one may have done both. Where most have lost cells, one of the right
    number that has a figure beside itself may have lost another and this one be there twice.
    """
    usual = commonest(counts.values(), len(KEYS))
    odd = sum(count != usual for count in counts.values())
    found.ragged |= odd + worded > SLIPS
    # Where this table lost cells as a habit, those of Table 2 are not vouched for.
    found.torn |= usual < len(KEYS)
    told = [line.numbers for line in lines if line.tells]
    # Where every line of a page's table has its cells, sums that fail here and there are the issuer's.
    even = odd + worded + overfull == 0 and joined <= SLIPS and not grid.where.startswith("line ")
    untrue = are_untrue(told)
    if overfull > SLIPS or (doubled and not even) or untrue or is_torn(counts.values(), usual, len(KEYS)):
        found.torn = found.ragged = True
        found.withdrawn += [line.key for line in lines]
        found.findings.append(messages.cells_lost_and_added("requests", grid.where))
        return []
    # A cell of a page has its own boundary, whatever is typed into it, unless it is typed so again and again.
    glued = joined > (0 if grid.where.startswith("line ") else SLIPS)
    level = []
    for line in lines:
        numbers = line.numbers
        doubtful = counts.get(line.row, usual) != usual or (worded > 0 and None in numbers)
        doubtful |= (glued or worded > SLIPS) and not is_sum(numbers)
        if not doubtful or _is_proved(numbers, twins_tell=usual < len(KEYS)):
            level.append(line)
        else:
            where = line.label.where
            finding = messages.uneven_lines("requests", line.key, counts.get(line.row, 0), usual, where)
            found.refuse(line.key, grid.where, finding)
    return level


def _is_proved(numbers: Sequence[int | None], *, twins_tell: bool) -> bool:
    """Whether a line has its sum, or nothing; where ``twins_tell``, no figure stands beside itself."""
    proved = has_sum(numbers) or all(number is None for number in numbers)
    return proved and not (twins_tell and has_twins(numbers))


def _even(grid: Grid, lines: Sequence[_Line], header: Header, found: Found) -> list[_Line]:
    """Lines whose figures are as wide as their headings, or end where those end.

    A figure over two columns beside a cell too many has the right count and stands a
    column off. Where the headings themselves are off, most lines are the measure.
    """

    wide_of = {r: widths_of(grid, r) for r in {*[line.row for line in lines], *[r for r, _ in header.heads]}}

    def shape(cells: Sequence[GridCell], r: int) -> tuple[int, int, tuple[int, ...]]:
        wide = wide_of[r]
        own = tuple([wide[cell.origin] for cell in cells])
        return sum(own), cells[-1].origin[1] + own[-1], own

    whole = [shape(line.seven, line.row) for line in lines]
    if not whole:
        return []
    shapes = [(width, end) for width, end, _ in whole]
    patterns = [own for _, _, own in whole]
    usual = Counter(patterns).most_common(1)[0][0]
    if header.heads:
        usual = tuple([wide_of[r][cell.origin] for r, cell in header.in_form_order])
    widths = {Counter([width for width, _ in shapes]).most_common(1)[0][0]}
    ends = {Counter([end for _, end in shapes]).most_common(1)[0][0]}
    if header.heads:
        over = [shape([cell], r) for r, cell in header.heads]
        width, end = sum(width for width, _, _ in over), max(end for _, end, _ in over)
        if any(w == width or e == end for w, e in shapes):
            widths, ends = {width}, {end}
    even = []
    for line, (width, end), own in zip(lines, shapes, patterns, strict=True):
        # A cell wider than those above and below it may stand for two, wherever its line ends.
        level = own == usual or len(set(own)) == 1 or (width in widths and end in ends)
        if level and (width in widths or end in ends):
            even.append(line)
        else:
            finding = messages.merged_figures("requests", line.key, line.label.where)
            found.refuse(line.key, grid.where, finding)
    return even


def _speaks(grid: Grid) -> bool:
    """Some line of this grid can be no other table's."""
    for r in range(len(grid.rows)):
        for cell in grid.own(r):
            if not cell.text.isdecimal():
                key = labels.row("requests", cell.text)
                if key is not None and key not in GENERIC:
                    return True
    return False


def _has_headings(grid: Grid) -> bool:
    """Whether as many headings of the columns stand anywhere in this grid as make them this table's."""
    rows = range(len(grid.rows))
    texts = {cell.text for r in rows for cell in grid.own(r) if not cell.text.isdecimal()}
    return len({labels.column("requests", text) for text in texts} - {None}) >= _MIN_HEADINGS


def _unmatched(own: Sequence[GridCell], grid: Grid, r: int) -> Finding:
    text = " | ".join(cell.text.strip() for cell in own)
    return messages.unmatched_row("requests", text, f"{grid.where}/row {r + 1}")


def form_of(found: Found, fallback: str) -> str:
    """2021 with three lines under （六）, 2019 with one; ``fallback`` where the table is cut before it."""
    rows = found.rows
    if rows & {"other_uncorrected", "other_unpaid_fee", "other_other"}:
        return "2021"
    return "2019" if "other" in rows else fallback
