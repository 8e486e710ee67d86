"""A seed → one damaged report and the figures it was made from."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive import forms
from benchmarks import figures as made_figures
from tests.fuzz.damages import CONTRARY, DAMAGES, EVERYWHERE, HEADLESS, WHOLE
from tests.layouts import (
    _AFTER,
    _BEFORE,
    _PROSE,
    _TITLES,
    Figures,
    Row,
    Table,
    official,
    page,
    table_html,
)
from tests.layouts_text import SHAPES

Lots = random.Random

_ROWS: dict[str, Callable[[Row], str]] = {
    "|": lambda row: "|".join(box.text for box in row),
    "tab": lambda row: "\t".join(box.text for box in row),
    "lines": lambda row: "\n".join(box.text for box in row),
    "spaces": lambda row: " ".join(box.text for box in row),
    "wide spaces": lambda row: "   ".join(box.text for box in row),
    "glued": lambda row: "".join(box.text for box in row),
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """One report."""

    seed: int
    body: bytes
    figures: Figures
    """What it was made from: a figure read from it is one of these, in its place, or wrong."""
    shape: str
    damages: tuple[str, ...]


def _mixed(table: Table, rng: Lots) -> str:
    """Lines flattened in two ways, as a text put together by hand."""
    ways = rng.sample(sorted(_ROWS), 2)
    share = rng.choice((0.05, 0.3))
    return "\n".join(_ROWS[ways[rng.random() < share]](row) for row in table)


def _padded(table: Table, rng: Lots) -> str:
    """Padded with blanks to columns; an empty cell is a wide gap."""
    return "\n".join("".join(f"{box.text:<8}" for box in row).rstrip() for row in table)


def _label_then_figures(table: Table, rng: Lots) -> str:
    """The label on a line of its own, the figures on the next, parted by blanks."""
    out = []
    for row in table:
        labels = [box.text for box in row if not box.figure]
        figures = [box.text for box in row if box.figure]
        out += ["".join(labels), " ".join(figures)] if figures else [" ".join(labels)]
    return "\n".join(out)


def _shape(name: str) -> Callable[[Table, Lots], str]:
    return lambda table, rng: SHAPES[name](table)


_SHAPES: dict[str, Callable[[Table, Lots], str]] = {
    **{name: _shape(name) for name in SHAPES},
    "mixed": _mixed,
    "padded": _padded,
    "label, then figures": _label_then_figures,
}
_HTML = "HTML"


def _page_numbers(lines: list[str], rng: Lots) -> list[str]:
    """Page numbers and running titles between lines, growing as they go."""
    share, number, out = rng.choice((0.01, 0.05, 0.1)), 0, []
    way = rng.choice(("{}", "— {} —", "-{}-", "第{}页", "{}/9", "样本县人民政府\n{}"))
    for line in lines:
        out.append(line)
        if rng.random() < share:
            number += 1
            out.append(way.format(number))
    return out


def _equal_lines(lines: list[str], rng: Lots) -> list[str]:
    return [line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]]


def _empty_lines_gone(lines: list[str], rng: Lots) -> list[str]:
    share = rng.choice((0.1, 0.5, 1.0))
    return [line for line in lines if line.strip() or rng.random() >= share]


def _empty_lines_more(lines: list[str], rng: Lots) -> list[str]:
    share = rng.choice((0.02, 0.2))
    return [part for line in lines for part in ((line, "") if rng.random() < share else (line,))]


def _lines_lost(lines: list[str], rng: Lots) -> list[str]:
    share = rng.choice((0.005, 0.03))
    return [line for line in lines if rng.random() >= share]


def _lines_joined(lines: list[str], rng: Lots) -> list[str]:
    share, by = rng.choice((0.02, 0.2, 1.0)), rng.choice(("", " "))
    out = lines[:1]
    for line in lines[1:]:
        if rng.random() < share:
            out[-1] += by + line
        else:
            out.append(line)
    return out


def _lines_wrapped(lines: list[str], rng: Lots) -> list[str]:
    """Broken at a width, as a terminal or a mail program does; at a blank where there is one."""
    width = rng.choice((12, 24, 40))
    out = []
    for line in lines:
        while len(line) > width:
            cut = line.rfind(" ", 1, width)
            cut = cut if cut > 0 else width
            out.append(line[:cut])
            line = line[cut:]
        out.append(line)
    return out


_TEXT: dict[str, Callable[[list[str], Lots], list[str]]] = {
    "page numbers": _page_numbers,
    "equal lines dropped": _equal_lines,
    "empty lines gone": _empty_lines_gone,
    "empty lines more": _empty_lines_more,
    "lines lost": _lines_lost,
    "lines joined": _lines_joined,
    "lines wrapped": _lines_wrapped,
}


def report(seed: int, aimed: Sequence[str] = ()) -> Damaged:
    """The report of this seed; the same on every machine. ``aimed``: done to it whatever the lots say."""
    rng = random.Random(f"damaged {seed}")
    sample = made_figures.made(
        rng.choice(("2019", "2021")), rng.choice(made_figures.STYLES), rng.randrange(10**6)
    )
    shape = rng.choice((*_SHAPES, _HTML, _HTML))
    names = rng.sample(sorted(DAMAGES), rng.choice((0, 1, 1, 2, 2, 3)))
    names = [*dict.fromkeys([*rng.sample(aimed, len(aimed)), *names])] if aimed else names
    if set(names) >= CONTRARY:
        names = [name for name in names if name not in CONTRARY]
    moved = [name for name in names if name in WHOLE]
    if moved:
        names = [moved[0], *(name for name in names if name not in WHOLE | HEADLESS)]
    tables = official(sample.figures, sample.form)
    for name in names:
        # Some damages are done to the whole document, some to one of its tables.
        hit = forms.TABLES if name in EVERYWHERE or rng.random() < 0.6 else (rng.choice(forms.TABLES),)
        tables = {key: DAMAGES[name](t, rng) if key in hit else t for key, t in tables.items()}
    if shape == _HTML:
        body = page({key: table_html(table) for key, table in tables.items()})
        return Damaged(seed, body.encode(), sample.figures, shape, tuple(names))
    more = [
        name
        for name in rng.sample(sorted(_TEXT), rng.choice((0, 0, 1, 1, 2)))
        if not (moved and name == "lines lost")  # the headings that tell the order of columns
    ]
    lines = _lines(tables, _SHAPES[shape], rng)
    for name in more:
        lines = _TEXT[name](lines, rng)
    return Damaged(seed, "\n".join(lines).encode(), sample.figures, shape, (*names, *more))


def _lines(tables: dict[str, Table], shape: Callable[[Table, Lots], str], rng: Lots) -> list[str]:
    lines = ["样本县人民政府2022年政府信息公开工作年度报告", _BEFORE, _PROSE]
    for key in forms.TABLES:
        lines += [_TITLES[key], *shape(tables[key], rng).split("\n")]
    return [*lines, *(part for heading in _AFTER for part in (heading, _PROSE))]
