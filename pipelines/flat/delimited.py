"""Text with one row of a table a line, its cells parted by ``|``, tabs or commas → grids.

Group labels that stood in one tall cell are in the first of their lines only, so
lines differ in length and columns prove nothing: the cells behind a label are counted.
Such a grid is believed for a table only where it holds every line of the form
(``find``): a line broken in two or a cell without a trace shows somewhere.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive import forms
from archive.records import Grid, GridCell
from pipelines import values
from pipelines.flat import headings
from pipelines.flat import requests as flat_requests
from pipelines.flat.folded import Folded, marks
from pipelines.flat.twice import proved
from pipelines.tables import disclosure, labels, requests, reviews
from pipelines.tables.found import Found
from pipelines.text import fold

#: A line under a heading of Markdown.
_RULE = re.compile(r"[\s|:+—–-]*-{2}[\s|:+—–-]*")
#: A number with nothing beside it: a page's, or the end of a broken line.
_BARE = re.compile(r"\s*[\d.,]+\s*")
_MARKS = ("|", "\t", ",")
#: Places of one text: the statutory tables have fewer than 300, a long annex some thousands.
_MAX_CELLS = 100_000
#: Characters of one line; the longest row of a table has 200.
_LONGEST = 5_000
_PLACES = [
    (row.key, term.key)
    for row in forms.form("2021").tables["reviews"].rows
    for term in forms.form("2021").tables["reviews"].blocks[0].columns
]
#: Figures, or headings, that are no accident in a row.
_FEW = 5
_PROCEDURES = list(dict.fromkeys(row for row, _ in _PLACES))
_COLUMNS = [term.key for term in forms.form("2021").tables["requests"].blocks[0].columns]
#: The headings of Table 3 read row by row: the sum stands in the upper row.
_BY_ROWS = ["natural_person", "total", *_COLUMNS[1:-1]]

Line = tuple[int, list[str]]
"""Its number in the text, 1-based, and its cells."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Statutory tables found whole in delimited text."""

    found: dict[str, Found]
    by_line: dict[str, str]
    """Line of Table 2 → form."""
    rest: str
    """The text without the lines of these tables."""


def find(source: str) -> Tables:
    """Every statutory table that stands in this text one row a line, whole."""
    raw = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = Folded.of(source).text.split("\n")
    found: dict[str, Found] = {}
    by_line: dict[str, str] = {}
    used: set[int] = set()
    # A full-width comma is punctuation: only the source's own ASCII comma parts cells.
    blocks = [block for mark in _MARKS for block in _blocks(raw if mark == "," else lines, mark)]
    if not blocks:
        return Tables({}, {}, source)
    read = _read(blocks)
    third = next(table for table, _, _ in read if table.table == "requests")
    whole = {
        table.table: (table, lines_of_two)
        for table, own, lines_of_two in read
        if _is_whole(table, own, lines_of_two)
    }
    if third.headless and headings.stand_otherwise(source):
        whole.pop("requests", None)
    ragged = third.ragged and not _is_told(source)
    for key, (table, lines_of_two) in whole.items():
        own = _lines_of(table, blocks)
        sound = "requests" in whole and not third.ragged and not _is_broken(own, lines)
        if not sound:
            if key == "disclosure":
                continue  # no line of it has a sum
            cells, findings = proved(list(table.cells.values()), ragged=ragged)
            table.cells.update({(cell.row, cell.column): cell for cell in cells})
            table.findings += findings
        found[key] = table
        used |= own
        by_line = lines_of_two or by_line
    return Tables(found, by_line, "\n".join("" if i in used else line for i, line in enumerate(raw, 1)))


def _is_told(source: str) -> bool:
    """Whether the text's Table 3 is whole where labels tell its lines: they may be broken over several."""
    flat = flat_requests.find(source)
    return flat is not None and flat.manner is not None


def grids(block: Sequence[Line]) -> tuple[list[Grid], set[int]]:
    """The statutory tables that lines of cells hold whole, and the numbers of their lines of figures."""
    whole: list[Grid] = []
    lines: set[int] = set()
    for table, own, by_line in _read([block]):
        if _is_whole(table, own, by_line):
            whole += own
            lines |= {int(cell.where.removeprefix("line ")) for cell in table.cells.values() if cell.where}
    return whole, lines


def _read(blocks: Sequence[Sequence[Line]]) -> list[tuple[Found, list[Grid], dict[str, str]]]:
    """(table, its grids, line of Table 2 → form) of each table, whole or not."""
    # As grids are asked (``match``): a run of marks alone may be as long as the text. Not so Table 4, of
    # which a second may stand among figures that nothing names.
    named = [(block, labels.named({text for _, cells in block for text in cells})) for block in blocks]
    readings: dict[str, list[Grid]] = {
        "disclosure": [_grid(block) for block, names in named if disclosure.may_be(names)],
        "requests": [
            _grid(_unpadded(_with_flat_head(block))) for block, names in named if requests.may_be(names)
        ],
        "reviews": _reviews(blocks),
    }
    read = []
    for key, own in readings.items():
        table, by_line = Found(key), dict[str, str]()
        for grid in own:
            if key == "disclosure":
                disclosure.collect(grid, table, by_line)
            elif key == "requests":
                requests.collect(grid, table)
            else:
                reviews.collect(grid, table)
        table.settle()
        read.append((table, own, by_line))
    return read


def _blocks(lines: Sequence[str], mark: str) -> list[list[Line]]:
    """Runs of lines that hold the mark, as cells; blank lines and page numbers between them part none."""
    blocks: list[list[tuple[int, str]]] = []
    total = 0
    for number, line in enumerate(lines, 1):
        total += line.count(mark)
        if total > _MAX_CELLS:
            break
        if mark not in line or len(line) > _LONGEST:
            continue
        if blocks and all(map(_is_nothing, lines[blocks[-1][-1][0] : number - 1])):
            blocks[-1].append((number, line))
        else:
            blocks.append([(number, line)])
    return [_cut(block, mark) for block in blocks]


def _is_nothing(line: str) -> bool:
    return not line.strip() or _BARE.fullmatch(line) is not None or values.is_page_number(line)


def _cut(block: Sequence[tuple[int, str]], mark: str) -> list[Line]:
    lines = [(number, line) for number, line in block if not (mark == "|" and _RULE.fullmatch(line))]
    if mark == ",":
        return [
            (number, [fold(cell.translate(marks())).strip() for cell in next(csv.reader([line]), [])])
            for number, line in lines
        ]
    # A border is one only where every line has it: else it parts an empty cell.
    left = mark == "|" and all(line.lstrip().startswith(mark) for _, line in lines)
    right = mark == "|" and all(line.rstrip().endswith(mark) for _, line in lines)
    cut = []
    for number, line in lines:
        body = line.lstrip()[1:] if left else line
        body = body.rstrip()[:-1] if right else body
        cut.append((number, [cell.strip() for cell in body.split(mark)]))
    return cut


def _grid(block: Sequence[Line]) -> Grid:
    rows = []
    width = max((len(cells) for _, cells in block), default=0)
    for r, (number, cells) in enumerate(block):
        row = [GridCell(text, f"line {number}", (r, c)) for c, text in enumerate(cells)]
        rows.append((*row, *(None,) * (width - len(cells))))
    return Grid(tuple(rows), f"line {block[0][0]}" if block else "line 1")


def _with_flat_head(block: Sequence[Line]) -> list[Line]:
    """Table 3 with the two rows of its headings in one, if the form's two rows they are."""
    heads = [i for i, (_, cells) in enumerate(block) if _is_head(cells)]
    named = [(i, text) for i in heads for text in block[i][1] if labels.column("requests", text)]
    keys = [labels.column("requests", text) for _, text in named]
    if len(heads) != 2 or keys != _BY_ROWS:
        return list(block)
    texts = {key: text for key, (_, text) in zip(keys, named, strict=True)}
    flat = (block[heads[-1]][0], [texts[key] for key in _COLUMNS])
    return [flat if i == heads[-1] else line for i, line in enumerate(block) if i not in heads[:-1]]


def _unpadded(block: Sequence[Line]) -> list[Line]:
    """Lines without the empty places that pad them to the width of the table (``| 6 | ||``).

    Where lines differ in width nothing pads them: an empty place more is a cell's.
    """
    ends = [_end(cells) for _, cells in block]
    widths = {len(cells) for (_, cells), end in zip(block, ends, strict=True) if end is not None}
    if len(widths) > 1:
        return list(block)
    return [
        (number, cells[:end] if end is not None and not any(cells[end:]) else cells)
        for (number, cells), end in zip(block, ends, strict=True)
    ]


def _end(cells: Sequence[str]) -> int | None:
    """Where the seven figures behind a line's label end."""
    label = max((i for i, text in enumerate(cells) if labels.row("requests", text)), default=None)
    return None if label is None else label + 1 + len(_COLUMNS)


def _is_head(cells: Sequence[str]) -> bool:
    """A row of headings only; 其他 or 总计 alone may be a line's label."""
    named = [labels.column("requests", text) for text in cells]
    over = [labels.group("requests", text) in ("organisations", "applicants") for text in cells]
    return sum(map(bool, named)) + sum(over) >= 2


def _reviews(blocks: Sequence[Sequence[Line]]) -> list[Grid]:
    """Each Table 4: its headings laid over fifteen columns, and the row below them.

    Without spans the three rows of headings are told by the order in which they are read.
    None at all where fifteen figures stand under headings that are broken, or other than fifteen
    under whole ones: nobody knows which are the report's.
    """
    grids = []
    for block in blocks:
        for i, (number, cells) in enumerate(block):
            figures = cells[: len(_PLACES)]
            head = block[max(0, i - 4) : i]
            fifteen = _are_fifteen(cells)
            if not fifteen and len(_outcomes(head[-1:])) < _FEW:
                continue
            rows = [key for _, texts in head for text in texts if (key := labels.row("reviews", text))]
            if _outcomes(head) != [column for _, column in _PLACES] or rows != _PROCEDURES:
                if (fifteen and any(figures)) or sum(map(_is_figure, cells)) >= _FEW:
                    return []
                continue
            if not fifteen:
                return []
            grids.append(_grid([*_official_head(head[0][0]), (number, figures)]))
    return grids


def _outcomes(head: Sequence[Line]) -> list[str]:
    """The outcomes that these lines name, in their order."""
    return [key for _, texts in head for text in texts if (key := labels.column("reviews", text))]


def _is_figure(text: str) -> bool:
    return values.read(text, "count").status == "exact"


def _are_fifteen(cells: Sequence[str]) -> bool:
    """Fifteen places, none of them a word, nothing behind them."""
    figures = cells[: len(_PLACES)]
    return (
        len(figures) == len(_PLACES)
        and not any(cells[len(_PLACES) :])
        and all(values.read(text, "count").status != "unreadable" for text in figures)
    )


def _official_head(number: int) -> list[Line]:
    terms = forms.terms("reviews")
    over = [terms["rows"][row].zh if column == "upheld" else "" for row, column in _PLACES]
    return [(number, over), (number, [terms["columns"][column].zh for _, column in _PLACES])]


def _is_broken(own: set[int], lines: Sequence[str]) -> bool:
    """Whether a bare number stands between the table's lines: a page's, or the end of a broken line.

    Then a figure may have lost digits to it, or have it for its own where lines were joined.
    """
    between = range(min(own), min(max(own) + 2, len(lines) + 1))
    return any(number not in own and _BARE.fullmatch(lines[number - 1]) for number in between)


def _is_whole(found: Found, own: Sequence[Grid], by_line: Mapping[str, str]) -> bool:
    """Whether every line of a form is there and none was refused or met twice with other figures."""
    if not found or found.refused or found.differing or _ends_in_words(found) or _lost_labels(found, own):
        return False
    if found.table == "reviews":
        return len(found.cells) == len(_PLACES)
    if found.table == "disclosure":
        return any(
            found.rows == {row.key for block in form.tables["disclosure"].blocks for row in block.rows}
            for form in _with("disclosure", set(by_line.values()))
        )
    return any(found.rows == {row.key for row in form.tables["requests"].rows} for form in _with("requests"))


def _lost_labels(found: Found, own: Iterable[Grid]) -> bool:
    """Whether a line's label stands in more lines than the line was read from: another one was broken."""
    if found.table == "reviews":
        return False  # counted with its headings, see ``_reviews``
    met: Counter[str] = Counter()
    for grid in own:
        for row in grid.rows:
            met.update({key for cell in row if cell and (key := labels.row(found.table, cell.text))})
    return any(met[row] > len(grids) for row, grids in found.sources.items() if row not in requests.GENERIC)


def _ends_in_words(found: Found) -> bool:
    """Whether a line's last cell is no figure: a remark, before which a cell was lost without a trace."""
    last = dict(list(found.cells))  # line → its last column
    return any(found.cells[row, column].status == "unreadable" for row, column in last.items())


def _with(table: str, keys: Iterable[str] = ("2019", "2021")) -> list[forms.Form]:
    return [forms.form(key) for key in keys if table in forms.form(key).tables]


def _lines_of(found: Found, blocks: Sequence[Sequence[Line]]) -> set[int]:
    """Numbers of the lines between the first and the last that hold a cell of the table, its headings too."""
    own = {int(cell.where.removeprefix("line ")) for cell in found.cells.values() if cell.where}
    used: set[int] = set()
    for block in blocks:
        numbers = [number for number, _ in block]
        if own & set(numbers):
            used |= {number for number in numbers if number <= max(own & set(numbers))}
    return used
