"""Figures to lay out: those of real reports, and made ones that are hard to read.

Made figures are true to R1–R3 and V1 unless their style says otherwise, and come from a
seed: the same seed gives the same figures on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from archive import forms
from demo import real
from tests.layouts import Figures, Value

Rows = dict[str, dict[str, Value]]
Draw = Callable[[random.Random], int]


@dataclass(frozen=True, slots=True)
class Sample:
    """One report's figures under a name."""

    name: str
    form: str
    figures: Figures


def _mostly_zero(rng: random.Random) -> int:
    return rng.choice((0, 0, 0, 0, 0, rng.randint(1, 9), rng.randint(10, 400)))


def _repeated(rng: random.Random) -> int:
    """Digits that can be cut in many ways: 1, 11, 111, 100, 101."""
    return rng.choice((0, 1, 1, 11, 10, 100, 101, 110, 111, 1111, 2, 22))


#: style → how one figure is drawn.
DRAWS: dict[str, Draw] = {
    "zeros": lambda rng: 0,
    "mostly zero": _mostly_zero,
    "large": lambda rng: rng.randint(1_000, 99_999),
    "equal digits": _repeated,
    "one figure": lambda rng: 1 if rng.random() < 0.02 else 0,
    "round": lambda rng: rng.choice((0, 10, 20, 100, 1_000, 10_000)),
    "last column only": _mostly_zero,
    "with blanks": _mostly_zero,
    "total only": _mostly_zero,
    "issuer's errors": _mostly_zero,
}
STYLES = tuple(DRAWS)


def _requests(form: str, draw: Draw, rng: random.Random, *, only_last: bool) -> Rows:
    """Table 3, true to R1, R2 and R3."""
    table = forms.form(form).tables["requests"]

    def six() -> list[int]:
        return [0] * 5 + [draw(rng)] if only_last else [draw(rng) for _ in range(6)]

    rows = {key: six() for key in table.outcome_rows}
    rows["concluded"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    rows["carried_out"] = six()
    inflow = [a + b for a, b in zip(rows["concluded"], rows["carried_out"], strict=True)]
    rows["carried_in"] = [rng.randint(0, whole) if rng.random() < 0.4 else 0 for whole in inflow]
    rows["received"] = [a - b for a, b in zip(inflow, rows["carried_in"], strict=True)]
    keys = [term.key for term in table.blocks[0].columns]
    return {row.key: dict(zip(keys, [*rows[row.key], sum(rows[row.key])], strict=True)) for row in table.rows}


def _reviews(draw: Draw, rng: random.Random) -> Rows:
    table = forms.form("2021").tables["reviews"]
    keys = [term.key for term in table.blocks[0].columns]
    rows: Rows = {}
    for row in table.rows:
        parts = [draw(rng) for _ in range(4)]
        rows[row.key] = dict(zip(keys, [*parts, sum(parts)], strict=True))
    return rows


def _disclosure(form: str, draw: Draw, rng: random.Random) -> Rows:
    rows: Rows = {}
    for block in forms.form(form).tables["disclosure"].blocks:
        for row in block.rows:
            line: dict[str, Value] = {}
            for term in block.columns:
                number = draw(rng)
                if term.kind == "amount":
                    line[term.key] = Decimal(number) / 100 if number else 0
                elif term.kind == "change":
                    line[term.key] = rng.choice((-1, 1)) * number
                else:
                    line[term.key] = number
            rows[row.key] = line
    return rows


def _blanked(rows: Rows, rng: random.Random, share: float) -> Rows:
    return {
        row: {key: None if rng.random() < share else value for key, value in line.items()}
        for row, line in rows.items()
    }


def _total_only(rows: Rows) -> Rows:
    """Rows with nothing but the total: what an issuer fills in who does not ask who applied."""
    return {
        row: {key: value if key == "total" else None for key, value in line.items()}
        for row, line in rows.items()
    }


def _tampered(rows: Rows, rng: random.Random) -> Rows:
    """Some figures off, as issuers' sums are."""

    def off(value: Value) -> Value:
        return value + rng.randint(1, 9) if isinstance(value, int) and rng.random() < 0.05 else value

    return {row: {key: off(value) for key, value in line.items()} for row, line in rows.items()}


def made(form: str, style: str, seed: int) -> Sample:
    """One report's figures in a style of ``STYLES``."""
    rng = random.Random(f"{form} {style} {seed}")  # noqa: S311  (figures, not secrets)
    draw = DRAWS[style]
    tables = {
        "disclosure": _disclosure(form, draw, rng),
        "requests": _requests(form, draw, rng, only_last=style == "last column only"),
        "reviews": _reviews(draw, rng),
    }
    if style == "with blanks":
        tables = {key: _blanked(rows, rng, 0.25) for key, rows in tables.items()}
    elif style == "total only":
        tables["requests"] = _total_only(tables["requests"])
        tables["reviews"] = _total_only(tables["reviews"])
    elif style == "issuer's errors":
        tables = {key: rows if key == "disclosure" else _tampered(rows, rng) for key, rows in tables.items()}
    return Sample(f"{style} {form} #{seed}", form, tables)


def published() -> Iterator[Sample]:
    """The figures of real reports that the repository keeps."""
    for report in real.load_all():
        yield Sample(report.name, report.form, report.cells)


def samples(seeds: int) -> tuple[Sample, ...]:
    """Real figures, and ``seeds`` made reports of each style, the two forms by turns."""
    several = (
        made(("2019", "2021")[(number + seed) % 2], style, seed)
        for seed in range(seeds)
        for number, style in enumerate(STYLES)
    )
    return (*published(), *several)
