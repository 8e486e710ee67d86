"""Table 2 (disclosure): a stack of small tables, each with a header of its own.

The form is told block by block from the headings, never from the year: one real
page has the first block in the words of 2019 and the rest in those of 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache

from archive import forms
from archive.records import Cell, Grid, GridCell, Status
from pipelines import messages, values
from pipelines.decode import split_readings
from pipelines.tables import labels
from pipelines.tables.found import Found, is_word, reaches_down, widths_of
from pipelines.text import core, fold

_BLOCKS = tuple((form.key, block) for form in forms.forms() for block in form.tables["disclosure"].blocks)
_SUBJECT = "信息内容"


def _is_header(own: Sequence[GridCell]) -> bool:
    if not own:
        return False
    first = core(own[0].text)
    if first and first != _SUBJECT:
        return False  # a label, as on most rows
    texts = [cell.text for cell in own]
    if "exact" in [reading.status for reading in values.counts(texts)]:
        return False
    return bool(first) or any(labels.column("disclosure", text) is not None for text in texts[1:])


def _trimmed(cells: Sequence[GridCell]) -> list[GridCell]:
    """Without empty cells at the end: blocks of two columns stand in a table of four."""
    trimmed = list(cells)
    while trimmed and not trimmed[-1].text.strip():
        trimmed.pop()
    return trimmed


def _block(row: str, headings: tuple[str, ...]) -> tuple[str, forms.Block, bool] | None:
    """(form, block, are all headings as they should be) of the block with this line and these headings."""
    known = sum(map(len, headings)) <= _KNOWN
    return _known_block(row, headings) if known else _find_block(row, headings)


def _find_block(row: str, headings: tuple[str, ...]) -> tuple[str, forms.Block, bool] | None:
    best: tuple[str, forms.Block, bool] | None = None
    for form, block in _BLOCKS:
        if len(block.columns) != len(headings) or all(term.key != row for term in block.rows):
            continue
        fits = [labels.fit(text, term) for text, term in zip(headings, block.columns, strict=True)]
        if all(fit == "same" for fit in fits):
            return form, block, True
        # One heading misread or repeated is made good by its neighbours; more is a guess.
        others = [i for i, fit in enumerate(fits) if fit == "other"]
        mended = not others or (
            len(others) == 1
            and fits.count("same") >= 2
            and labels.is_slip(headings[others[0]], block.columns[others[0]], block.columns)
        )
        if "same" in fits and mended and best is None:
            best = form, block, False
    return best


#: Characters of a row's headings that may be another page's too.
_KNOWN = 200
_known_block = lru_cache(maxsize=1024)(_find_block)


def may_be(names: Collection[labels.Name]) -> bool:
    """Whether a grid in which just these are named may hold lines of Table 2."""
    return ("disclosure", "rows") in [(table, part) for table, part, _ in names]


def collect(grid: Grid, found: Found, forms_found: dict[str, str]) -> None:
    """Add the lines of Table 2 that this grid holds; ``forms_found`` notes line → form."""
    header: list[GridCell] | None = None
    headings: tuple[str, ...] = ()
    above: Mapping[tuple[int, int], int] = {}
    width = cache(lambda: _widest(grid))  # a look at every row, for the few lines that end in a blank
    for r in range(len(grid.rows)):
        own = grid.own(r)
        if _is_header(own):
            header, above = own[1:], widths_of(grid, r)
            headings = tuple([cell.text for cell in _trimmed(header)])
            continue
        row = labels.row("disclosure", own[0].text) if own else None
        if row is None:
            pushed = labels.row("disclosure", own[1].text) if len(own) > 1 and header is not None else None
            if pushed is not None:  # behind a number: it is there, and which cells are its figures is open
                count = messages.cell_count("disclosure", pushed, len(own) - 1, len(own) - 2, own[1].where)
                found.refuse(pushed, grid.where, count)
            continue
        if len(own) < 2:
            # Its figures are gone: those of a line of the same name elsewhere may be another report's.
            if header is not None:
                found.refuse(row, grid.where, messages.cell_count("disclosure", row, 0, 1, own[0].where))
            continue
        if header is None:
            found.findings.append(messages.no_header("disclosure", row, own[0].where))
            found.unheaded.append(row)
            continue
        chosen = _block(row, headings)
        if chosen is None:
            found.findings.append(messages.unknown_headings("disclosure", " | ".join(headings), own[0].where))
            found.unheaded.append(row)
            continue
        form, block, plain = chosen
        cells = _value_cells(own[1:], header, len(block.columns))
        if cells is not None and any(map(is_word, cells)):
            found.refuse(row, grid.where, messages.words_for_figures("disclosure", row, own[0].where))
            continue
        wide = widths_of(grid, r)
        uneven = cells is not None and _uneven(wide, cells, above, header)
        # A label over two rows of figures is one of this year's and last year's, or of two offices'.
        merged = cells is not None and reaches_down(grid, r, [own[0], *cells])
        if cells is not None and (uneven or merged or _is_cut(wide, cells, width)):
            found.refuse(row, grid.where, messages.merged_figures("disclosure", row, own[0].where))
            continue
        if cells is None:
            count = messages.cell_count("disclosure", row, len(own) - 1, len(block.columns), own[0].where)
            found.refuse(row, grid.where, count)
            if len(own) == 2 and own[1].text.strip():
                _glued(found, row, block, own[1])
                forms_found[row] = form
            continue
        if not plain:
            found.findings.append(messages.headings_mended("disclosure", row, own[0].where))
        # 行政许可（万件）, 行政事业性收费（元）: a unit may stand beside the line as well.
        beside = own[0].text if "(" in fold(own[0].text) else ""
        readings = [
            values.read(cell.text, term.kind, f"{text} {beside}".strip())
            for term, cell, text in zip(block.columns, cells, headings, strict=True)
        ]
        found.add(row, block.columns, cells, readings, grid.where)
        found.where.append(grid.where)
        forms_found.setdefault(row, form)


def _uneven(
    wide: Mapping[tuple[int, int], int],
    cells: Sequence[GridCell],
    above: Mapping[tuple[int, int], int],
    header: Sequence[GridCell],
) -> bool:
    """Whether one of the cells is wider than the others and its heading is not: it may stand for two."""
    own = [wide[cell.origin] for cell in cells]
    if len(set(own)) == 1:
        return False
    heads = [above[cell.origin] for cell in header[: len(cells)]]
    # Where the line ends with its headings, spans that differ are sloppy and move no figure.
    return sum(own) != sum(heads)


def _is_cut(wide: Mapping[tuple[int, int], int], cells: Sequence[GridCell], width: Callable[[], int]) -> bool:
    """Whether the row ends before its table does, in an empty cell: the one that fills it up, or a figure's.

    A figure before it may then have gone without a trace. ``wide``: columns of the row's cells,
    ``width``: of the widest row of headings.
    """
    if cells[-1].text.strip():
        return False
    return any(cell.text.strip() for cell in cells) and sum(wide.values()) < width()


def _widest(grid: Grid) -> int:
    """Columns of the widest row of headings that this grid holds."""
    heads = [r for r in range(len(grid.rows)) if _is_header(grid.own(r))]
    return max((sum(widths_of(grid, r).values()) for r in heads), default=0)


def _value_cells(cells: Sequence[GridCell], header: Sequence[GridCell], n: int) -> list[GridCell] | None:
    # A cell less than the heading's row has, and the last one empty: a figure may have gone, or two be one.
    if len(cells) == n and (len(header) <= n or all(cell.text.strip() for cell in cells)):
        return list(cells)
    if len(cells) == len(header) and not any(cell.text.strip() for cell in cells[n:]):
        return list(cells[:n])
    return None


def _glued(found: Found, row: str, block: forms.Block, cell: GridCell) -> None:
    """One cell in the place of several: its text belongs to all of them, its figures to none for certain."""
    readings = split_readings(cell.text, len(block.columns))
    status: Status = "ambiguous" if readings else "unreadable"
    for term in block.columns:
        found.cells[row, term.key] = Cell(
            "disclosure", row, term.key, None, cell.text, status, cell.where, readings
        )
