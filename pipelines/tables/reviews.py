"""Table 4 (reviews): fifteen figures in one row, three procedures by five outcomes."""

from __future__ import annotations

import re
from collections.abc import Collection

from archive import forms
from archive.records import Finding, Grid, GridCell
from pipelines import messages, values
from pipelines.tables import labels
from pipelines.tables.found import Found, column_of, is_word, widths_of
from pipelines.text import squeeze

_TABLE = forms.form("2021").tables["reviews"]
_OUTCOMES = _TABLE.blocks[0].columns
_PROCEDURES = _TABLE.rows
_PLACES = [(row.key, term.key) for row in _PROCEDURES for term in _OUTCOMES]
# A real header has five outcomes at least; fewer are words in some other table.
_MIN_OUTCOMES = 5


#: A row of last year's figures says so.
_OTHER_YEAR = re.compile(r"^(?:上一?年|去年|前年|往年|历年|同比|增减)")


def _header(grid: Grid) -> tuple[list[tuple[int, str]], int] | None:
    """The outcome headings from left to right with their grid columns, and the last row of the header."""
    found: list[tuple[int, str, int]] = []
    for r in range(len(grid.rows)):
        for cell in grid.own(r):
            if cell.text.isdecimal():
                continue  # as most are
            key = labels.column("reviews", cell.text)
            if key is not None:
                found.append((column_of(cell), key, r))
    if len(found) < _MIN_OUTCOMES:
        return None
    # 总计 stands in Table 3 too, which may be part of the same <table>.
    first = min((r for _, key, r in found if key != "total"), default=None)
    if first is None:
        return None
    found = [entry for entry in found if first <= entry[2] <= first + 2]
    return sorted((at, key) for at, key, _ in found), max(r for _, _, r in found)


def _widths(grid: Grid, last: int, columns: list[int]) -> list[int]:
    """How many columns each outcome's heading covers."""
    ends = [*columns[1:], len(grid.rows[last])]
    return [end - at for at, end in zip(columns, ends, strict=True)]


def _is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(key in rest for key in part)


def _procedures(grid: Grid, last: int) -> list[str]:
    # The header has three rows, with an empty one four.
    found = [
        (column_of(cell), key)
        for r in range(max(0, last - 4), last + 1)
        for cell in grid.own(r)
        if (key := labels.row("reviews", cell.text)) is not None
    ]
    return [key for _, key in sorted(found)]


#: What a label beside the figures may say without making them another table's.
_PLAIN = re.compile(
    r"(?:20\d\d年?度?|本年度?|当年|全年|本[级部市县区]|行政复议|行政诉讼|合计|总计|共计|案件|数量|件数|数据|数字|情况|统计|数"
    r"|[件宗起]|[(（)）、:：/])*"
)


def _figures(own: list[GridCell], columns: list[int]) -> list[GridCell]:
    """The row's fifteen figures: as they stand, or those under the headings if the rest is empty or plain."""
    if len(own) <= len(_PLACES) or len(columns) != len(_PLACES):
        return own
    under = [cell for cell in own if column_of(cell) in columns]
    rest = [cell for cell in own if cell not in under]
    if all(_is_plain(cell.text) for cell in rest):
        return under
    return own


def _is_plain(text: str) -> bool:
    """Whether a label says no more than that here are the figures; an office's name or 较上年 says more."""
    return values.read(text, "count").status in ("blank", "unreadable") and bool(
        _PLAIN.fullmatch(squeeze(text))
    )


def _reaches_beyond(grid: Grid, r: int, last: int) -> bool:
    """Whether the row has cells where the header has none: one of its own may be missing before them."""
    return any(
        cell is not None and head is None for cell, head in zip(grid.rows[r], grid.rows[last], strict=True)
    )


def may_be(names: Collection[labels.Name]) -> bool:
    """Whether a grid in which just these are named may hold Table 4; the heading 总计 is Table 3's too."""
    return bool(
        [key for table, part, key in names if (table, part) == ("reviews", "columns") and key != "total"]
    )


def collect(grid: Grid, found: Found) -> None:
    """Add Table 4 to ``found`` if this grid holds it."""
    header = _header(grid)
    if header is None:
        return
    headings, last = header
    outcomes = [key for _, key in headings]
    procedures = _procedures(grid, last)
    if not procedures:
        return
    found.where.append(grid.where)
    if not _is_subsequence(outcomes, [term for _, term in _PLACES]) or not _is_subsequence(
        procedures, [term.key for term in _PROCEDURES]
    ):
        found.findings.append(messages.columns_out_of_order("reviews", grid.where))
        return
    whole = len(outcomes) == len(_PLACES)
    head_widths = _widths(grid, last, [at for at, _ in headings])
    bare = _follow_again(grid, last)
    for r in range(last + 1, len(grid.rows)):
        texts = [cell.text for cell in grid.own(r) if not cell.text.isdecimal()]
        if any(_OTHER_YEAR.search(squeeze(text)) for text in texts):
            finding = messages.unmatched_row("reviews", grid.own(r)[0].text, f"{grid.where}/row {r + 1}")
            _refuse(found, grid, finding)
            continue
        own = _figures(grid.own(r), [at for at, _ in headings])
        if not any(map(_is_figure, values.counts([cell.text for cell in own]))):
            if len(own) != len(_PLACES):
                continue
            if found and not any(cell.text.strip() for cell in own):
                continue
        where = own[0].where if own else grid.where
        if len(own) != len(_PLACES):
            _refuse(found, grid, messages.cell_count("reviews", None, len(own), len(_PLACES), where))
            continue
        if any(map(is_word, own)):
            _refuse(found, grid, messages.words_for_figures("reviews", None, where))
            continue
        if bare:
            _refuse(found, grid, messages.headings_missing("reviews", grid.where))
            continue
        wide = widths_of(grid, r)
        own_widths = [wide[cell.origin] for cell in own]
        if len(set(own_widths)) > 1 and own_widths != head_widths:
            _refuse(found, grid, messages.merged_figures("reviews", "reconsideration", where))
            continue
        beyond = len(grid.own(r)) > len(own) and _reaches_beyond(grid, r, last)
        if (not whole or beyond) and not _sums_hold(own):
            _refuse(found, grid, messages.headings_missing("reviews", grid.where))
            continue
        readings = values.counts([cell.text for cell in own])
        for i, row in enumerate(_PROCEDURES):
            start, stop = i * len(_OUTCOMES), (i + 1) * len(_OUTCOMES)
            beside = [*own[max(0, start - 1) : start], *own[stop : stop + 1]]
            found.add(row.key, _OUTCOMES, own[start:stop], readings[start:stop], grid.where, beside=beside)


def _follow_again(grid: Grid, last: int) -> bool:
    """Whether the headings come again with no figure in between: whose figures follow, nobody knows."""
    for r in range(last + 1, len(grid.rows)):
        own = grid.own(r)
        if any(_says_a_figure(cell) for cell in own):
            return False
        if sum(labels.column("reviews", cell.text) is not None for cell in own) >= _MIN_OUTCOMES:
            return True
    return False


def _says_a_figure(cell: GridCell) -> bool:
    return _is_figure(values.read(cell.text, "count"))


def _is_figure(reading: values.Reading) -> bool:
    return reading.status in ("exact", "ambiguous", "dash")


def _refuse(found: Found, grid: Grid, finding: Finding) -> None:
    for row in _PROCEDURES:
        found.refuse(row.key, grid.where, finding)
    del found.findings[-len(_PROCEDURES) + 1 :]  # one row of the source, said once


def _sums_hold(own: list[GridCell]) -> bool:
    """V1 for every procedure, blanks as zeros: what tells the columns where headings are missing."""
    numbers = [values.read(cell.text, "count").value or 0 for cell in own]
    width = len(_OUTCOMES)
    return all(
        sum(numbers[i : i + width - 1]) == numbers[i + width - 1] for i in range(0, len(numbers), width)
    )
