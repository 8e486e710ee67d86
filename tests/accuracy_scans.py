"""How well scans are read: every real report printed, scanned, spoilt and read again.

``python -m tests.accuracy_scans`` prints, for each way of spoiling, how many
cells were right, null with a reason, and silently wrong; ``measure`` gives the
same to other programs. Exits with 1 where a cell is wrong or fewer than
``LEAST`` of a way's cells are right.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import yaml

from archive import forms
from archive.records import Snapshot
from benchmarks.floor import LEAST
from benchmarks.score import Score, cells_of
from benchmarks.score import score as figures_of
from pipelines.report import parse
from tests import scans
from tests.layouts import Figures
from tests.paths import REPOSITORY, SHARED

#: The way of spoiling that is none.
CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Case:
    """A report: its figures, and what is printed of it."""

    name: str
    form: str
    figures: Figures
    pdf: bytes


def _number(value: Any) -> int | Decimal | None:
    return Decimal(str(value)) if isinstance(value, float | str) else value


def _numbers(cells: Mapping[str, Any]) -> Figures:
    return {
        table: {row: {column: _number(value) for column, value in line.items()} for row, line in rows.items()}
        for table, rows in cells.items()
    }


def _complete(figures: Figures, form: str) -> Figures:
    """Lines the truth leaves out are printed blank."""
    return {
        key: {row.key: dict(figures.get(key, {}).get(row.key, {})) for row in table.rows}
        for key, table in forms.form(form).tables.items()
    }


def real_cases(style: str) -> Iterator[Case]:
    """The real reports beside the repository, in their own layout if it is known; else the kept figures."""
    for folder in sorted((SHARED / "real").glob("*/truth.json")):
        truth = json.loads(folder.read_text(encoding="utf-8"))
        figures = _numbers(truth["cells"])
        source = next(folder.parent.glob("input.*"))
        if source.suffix == ".pdf":
            yield Case(f"{folder.parent.name} (own PDF)", truth["form"], figures, source.read_bytes())
        if source.suffix == ".html":
            own = scans.printed(source.read_text(encoding="utf-8", errors="replace"), style)
            yield Case(f"{folder.parent.name} (own page)", truth["form"], figures, own)
        official = scans.official_pdf(_complete(figures, truth["form"]), truth["form"], style)
        yield Case(folder.parent.name, truth["form"], figures, official)
    if not (SHARED / "real").exists():
        yield from kept_cases(style)


def kept_cases(style: str) -> Iterator[Case]:
    """The figures kept in the repository, in the official layout."""
    for path in sorted((REPOSITORY / "demo" / "real").glob("*.yml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = forms.form(data["form"]).tables
        figures = {
            key: {
                row: {t.key: _number(v) for t, v in zip(tables[key].columns_of(row), line, strict=True)}
                for row, line in rows.items()
            }
            for key, rows in data["cells"].items()
        }
        pdf = scans.official_pdf(_complete(figures, data["form"]), data["form"], style)
        yield Case(path.stem, data["form"], figures, pdf)


def ways_of(number: int) -> tuple[str, str]:
    """How the report of this number is measured by default: clean, and in one of the other ways by turns."""
    spoilt = [way for way in scans.SPOILT if way != CLEAN]
    return CLEAN, spoilt[number % len(spoilt)]


def jobs(style: str = "serif") -> list[tuple[Case, str]]:
    """What ``make accuracy`` measures; every way comes at least once, those left over on the first report."""
    cases = list(real_cases(style))
    found = [(case, way) for number, case in enumerate(cases) for way in ways_of(number)]
    never = [way for way in scans.SPOILT if all(way != other for _, other in found)]
    return found + [(cases[n % len(cases)], way) for n, way in enumerate(never)]


def measure_job(job: tuple[Case, str]) -> tuple[str, str, Score]:
    """(way, report, score) of one of ``jobs``."""
    case, way = job
    return way, case.name, scored(case, way)


def scored(case: Case, how: str) -> Score:
    """A report printed, scanned, spoilt and read again."""
    images = scans.spoilt(scans.rendered(case.pdf), how)
    return figures_of(cells_of(scans.image_pdf(images), "scan.pdf"), case.figures, f"{case.name}, {how}")


def score(case: Case, how: str) -> tuple[Counter[str], list[str]]:
    """Counts of right, null, wrong cells and of pages; and every cell that is not right, in words."""
    images = scans.spoilt(scans.rendered(case.pdf), how)
    report = parse(Snapshot("scan.pdf", scans.image_pdf(images), datetime(2026, 1, 1, tzinfo=UTC)))
    cells = {(cell.table, cell.row, cell.column): cell for cell in report.cells}
    counts: Counter[str] = Counter(pages=len(images))
    amiss: list[str] = [f"{case.name} cannot be read: {report.error}"] if report.error else []
    for table, rows in case.figures.items():
        for row, line in rows.items():
            for column, value in line.items():
                cell = cells.get((table, row, column))
                got = cell.value if cell else None
                same = got is None if value is None else got is not None and Decimal(str(got)) == value
                kind = "right" if same else "null" if got is None else "wrong"
                counts[kind] += 1
                if kind != "right":
                    read = f"{cell.status} {cell.raw!r}" if cell else "not found"
                    amiss.append(
                        f"{kind}: {case.name} {table}.{row}.{column} is {value}, read {got} ({read})"
                    )
    return counts, amiss


def measure(
    styles: tuple[str, ...], ways: tuple[str, ...], *, verbose: bool = False
) -> dict[str, Counter[str]]:
    """Way of spoiling → counts over all cases and styles; seconds under ``seconds``."""
    totals: dict[str, Counter[str]] = {way: Counter() for way in ways}
    for style in styles:
        for case in real_cases(style):
            for way in ways:
                started = time.perf_counter()
                counts, amiss = score(case, way)
                counts["milliseconds"] = round((time.perf_counter() - started) * 1000)
                totals[way] += counts
                if verbose:
                    print(f"{style} | {case.name} | {way} | {dict(counts)}", flush=True)
                for line in amiss if verbose else [a for a in amiss if not a.startswith("null")]:
                    print(f"  {line}", flush=True)
    return totals


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", action="append", choices=list(scans.STYLES), help="fonts (default: serif)")
    parser.add_argument("--way", action="append", choices=list(scans.SPOILT), help="spoiling (default: all)")
    parser.add_argument("--verbose", action="store_true", help="name every cell that is not right")
    options = parser.parse_args()
    if reason := scans.missing():
        print(f"no scans can be made here: {reason}")
        return 1
    totals = measure(
        tuple(options.style or ["serif"]), tuple(options.way or scans.SPOILT), verbose=options.verbose
    )
    print(f"{'scan':28}{'cells':>7}{'right':>8}{'%':>8}{'null':>7}{'wrong':>7}{'s/page':>8}")
    failed = False
    for way, counts in totals.items():
        cells = counts["right"] + counts["null"] + counts["wrong"]
        share = counts["right"] / cells if cells else 0.0
        failed |= bool(counts["wrong"]) or share < LEAST
        seconds = counts["milliseconds"] / 1000 / max(1, counts["pages"])
        print(
            f"{way:28}{cells:>7}{counts['right']:>8}{share:>8.1%}{counts['null']:>7}{counts['wrong']:>7}{seconds:>8.1f}"
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
