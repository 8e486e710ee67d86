"""Table 3 (requests): seven figures a line, matched by the line's own label."""

from __future__ import annotations

from collections.abc import Sequence

from archive import forms
from archive.records import Finding, Grid, GridCell
from pipelines import messages, values
from pipelines.tables import labels
from pipelines.tables.found import Found, column_of, own_cells

_COLUMNS = forms.form("2021").tables["requests"].blocks[0].columns
_KEYS = [term.key for term in _COLUMNS]
_ORDER = [row.key for row in forms.form("2021").tables["requests"].rows]
#: Lines whose wording (其他, 总计) says nothing outside their table.
_GENERIC = frozenset({"other_other", "concluded", "other"})


def _is_figure(cell: GridCell) -> bool:
    return values.read(cell.text, "count").status in ("exact", "ambiguous")


def _leaf(own: Sequence[GridCell]) -> int | None:
    """Index of the last label before the first figure."""
    last = None
    for i, cell in enumerate(own):
        if _is_figure(cell):
            break
        if labels.row("requests", cell.text) is not None:
            last = i
    return last


def _header(grid: Grid, r: int) -> dict[str, int]:
    """Column headings that stand in this row: key → grid column."""
    found: dict[str, int] = {}
    for cell in own_cells(grid, r):
        key = labels.column("requests", cell.text)
        if key is not None and key not in found:
            found[key] = column_of(cell)
    return found


def _key(own: Sequence[GridCell], leaf: int, previous: str | None) -> str | None:
    """The line's key; 其他 and 其他处理 need their surroundings."""
    key = labels.row("requests", own[leaf].text)
    if key == "other_other":
        beside = any(labels.group("requests", cell.text) == "others" for cell in own[:leaf])
        if not beside and previous not in ("other_unpaid_fee", "other_uncorrected"):
            return None
    return key


def _seven(grid: Grid, r: int, cells: Sequence[GridCell], header: dict[str, int]) -> list[GridCell] | None:
    """The seven value cells: as they stand, or those under their headings if the rest is empty."""
    if len(cells) == len(_KEYS):
        return list(cells)
    if len(header) < len(_KEYS) or len(cells) < len(_KEYS):
        return None
    under = [grid.rows[r][header[key]] for key in _KEYS]
    picked = [cell for cell in under if cell is not None and cell in cells]
    rest = [cell for cell in cells if cell not in picked]
    if len({cell.origin for cell in picked}) == len(_KEYS) and not any(cell.text.strip() for cell in rest):
        return picked
    return None


def _in_order(header: dict[str, int]) -> bool:
    placed = [header[key] for key in _KEYS if key in header]
    return placed == sorted(placed)


def collect(grid: Grid, found: Found) -> None:
    """Add the lines of Table 3 that this grid holds to ``found``."""
    if not _speaks(grid):
        return
    header: dict[str, int] = {}
    previous: str | None = None
    begun = bool(found)
    for r in range(len(grid.rows)):
        own = own_cells(grid, r)
        leaf = _leaf(own)
        if leaf is None or _heads(own):
            part = _header(grid, r)
            if len(part) >= 2 or (header and part):
                header.update(part)
            elif begun and sum(map(_is_figure, own)) >= 2:
                found.findings.append(_unmatched(own, grid, r))
            continue
        key = _key(own, leaf, previous)
        if key is None or (key in _GENERIC and not begun):
            continue
        cells = own[leaf + 1 :]
        if not cells:
            continue
        begun, previous = True, key
        if not _in_order(header):
            found.findings.append(messages.columns_out_of_order("requests", grid.where))
            continue
        seven = _seven(grid, r, cells, header)
        if seven is None:
            found.findings.append(
                messages.cell_count("requests", key, len(cells), len(_KEYS), own[leaf].where)
            )
            continue
        found.add(key, _COLUMNS, seven, [term.zh for term in _COLUMNS])
        found.where.append(grid.where)


def _speaks(grid: Grid) -> bool:
    """Some line of this grid can be no other table's."""
    keys = (labels.row("requests", cell.text) for row in grid.rows for cell in row if cell is not None)
    return any(key is not None and key not in _GENERIC for key in keys)


def _heads(own: Sequence[GridCell]) -> bool:
    """A header row: 总计 or 其他 in it is a column's heading, not a line's label."""
    return sum(labels.column("requests", cell.text) is not None for cell in own) >= 2


def _unmatched(own: Sequence[GridCell], grid: Grid, r: int) -> Finding:
    text = " | ".join(cell.text.strip() for cell in own)
    return messages.unmatched_row("requests", text, f"{grid.where}/row {r + 1}")


def form_of(found: Found, fallback: str) -> str:
    """2021 with three lines under （六）, 2019 with one; ``fallback`` where the table is cut before it."""
    rows = found.rows
    if rows & {"other_uncorrected", "other_unpaid_fee", "other_other"}:
        return "2021"
    return "2019" if "other" in rows else fallback
