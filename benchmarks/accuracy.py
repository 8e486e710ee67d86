"""Cells read right, left null with a reason, and silently wrong, layout by layout.

``python -m benchmarks.accuracy [LAYOUT …]`` exits with 1 where a single cell is wrong, or
where a layout gives fewer right cells than the committed floor. ``--accept`` raises the
floor to what was measured, ``--accept-lower`` writes it even where it falls; neither
accepts a wrong cell.

Scans (rows ``scan: …``) are measured with all layouts: each real report is printed, scanned
at 300 dpi and read clean and spoilt in one way, by turns. They need the extra ``ocr``,
Chromium and a Chinese font; where one is missing a line says so. What OCR reads may differ
between machines, so their floor is a share: no report and no way below 95 % right.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context

import click

from benchmarks import baseline, cases, floor
from benchmarks.score import Score, cells_of, score, score_plain

# Wrong cells of one layout that are written out; the count says the rest.
_SHOWN = 10

Result = tuple[str, Score, Score | None]


def measure(name: str) -> Result:
    """One layout with all its figures: our score, and pandas' where the layout is HTML."""
    layout = cases.catalogue()[name]
    ours, plain, is_html = Score(), Score(), False
    for sample in layout.figures():
        body = layout.render(sample.figures, sample.form)
        truth = layout.expected(sample.figures)
        ours.add(score(cells_of(body, name), truth, sample.name))
        is_html = body.lstrip()[:1] == b"<"
        if is_html and _has_pandas():
            plain.add(score_plain(baseline.read(body, sample.form), truth))
    return name, ours, plain if plain.cells else None


def measure_real() -> Iterator[Result]:
    """The real reports beside the repository."""
    for case in cases.real():
        plain = None
        if case.body.lstrip()[:1] == b"<" and _has_pandas():
            plain = score_plain(baseline.read(case.body, case.form), case.figures)
        yield case.name, score(cells_of(case.body, case.name), case.figures, case.name), plain


def _has_pandas() -> bool:
    return find_spec("pandas") is not None


def _row(name: str, ours: Score, plain: Score | None) -> str:
    reasons = ", ".join(f"{status} {count}" for status, count in sorted(ours.reasons.items()))
    beside = f"{plain.right:>8}{plain.null:>8}{plain.wrong:>8}" if plain else " " * 24
    padded = name + " " * max(1, 52 - sum(2 if ord(char) > 0x2E80 else 1 for char in name))
    return f"{padded}{ours.cells:>7}{ours.right:>8}{ours.null:>8}{ours.wrong:>7} |{beside} | {reasons}"


def _no_scans() -> str | None:
    """Why no scan can be measured here, or ``None``."""
    absent = [name for name in ("rapidocr", "onnxruntime", "cv2", "numpy") if find_spec(name) is None]
    if absent:
        return f"the extra ocr is not installed ({', '.join(absent)}): pip install gongkai[ocr]"
    from tests import scans

    return scans.missing()


def measure_scans(pool: ProcessPoolExecutor) -> tuple[list[Result], list[str]]:
    """(a row for each way of spoiling, each report that falls below the floor in words)."""
    from tests import accuracy_scans

    ways: dict[str, Score] = {}
    short = []
    for way, name, one in pool.map(accuracy_scans.measure_job, accuracy_scans.jobs()):
        ways.setdefault(way, Score()).add(one)
        if one.right < floor.LEAST * one.cells:
            short.append(
                f"{floor.SCAN}{way}, {name}: {one.right} of {one.cells} right, the floor is {floor.LEAST:.0%}"
            )
    return [(f"{floor.SCAN}{way}", one, None) for way, one in ways.items()], short


@click.command(help=__doc__)
@click.argument("names", nargs=-1, metavar="[LAYOUT]...")
@click.option(
    "--scans/--no-scans",
    default=None,
    help="Read scans (minutes); they are left out where layouts are named.",
)
@click.option("--accept", is_flag=True, help="Raise the floor to what was measured.")
@click.option("--accept-lower", is_flag=True, help="Write the floor even where it falls.")
@click.option("--jobs", default=os.cpu_count() or 1, help="Processes.", show_default=True)
def main(names: Sequence[str], scans: bool | None, accept: bool, accept_lower: bool, jobs: int) -> None:
    started = time.perf_counter()
    known = list(cases.catalogue())
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.ClickException(f"no layout {unknown[0]!r}; there are: {', '.join(known)}")
    if not _has_pandas():
        click.echo("pandas is not installed: no baseline (make accuracy installs it)")
    click.echo(
        f"{'':52}{'cells':>7}{'right':>8}{'null':>8}{'wrong':>7} | pandas: right    null   wrong | why null"
    )
    results: list[Result] = []
    with ProcessPoolExecutor(jobs) as pool:
        for result in pool.map(measure, names or known):
            results.append(result)
            click.echo(_row(*result))
    for result in () if names else measure_real():
        results.append(result)
        click.echo(_row(*result))
    if not names and not any(name.startswith("real: ") for name, _, _ in results):
        click.echo("the real reports are not beside the repository: left out")
    short: list[str] = []
    if scans or (scans is None and not names):
        reason = _no_scans()
        if reason:
            click.echo(f"scans are left out: {reason}")
        else:
            # spawned: a library with threads of its own does not survive a fork
            with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
                found, short = measure_scans(pool)
            for result in found:
                results.append(result)
                click.echo(_row(*result))
    _summary(results, time.perf_counter() - started)
    scores = {name: ours for name, ours, _ in results}
    sys.exit(_judge(scores, names=names, accept=accept, accept_lower=accept_lower, short=short))


def _summary(results: Sequence[Result], seconds: float) -> None:
    whole, ours, plain = Score(), Score(), Score()
    for _, score_, beside in results:
        whole.add(score_)
        if beside:
            ours.add(score_)
            plain.add(beside)
    click.echo(_row("all", whole, None))
    if plain.cells:
        click.echo(_row("all that pandas can read", ours, plain))
    click.echo(f"{len(results)} layouts and reports, {seconds:.0f} s")


def _judge(
    scores: dict[str, Score],
    *,
    names: Sequence[str],
    accept: bool,
    accept_lower: bool,
    short: Sequence[str] = (),
) -> int:
    wrong = {name: score_ for name, score_ in scores.items() if score_.wrong}
    for name, score_ in wrong.items():
        click.echo(f"SILENTLY WRONG: {name}, {score_.wrong} cells")
        for fault in score_.faults[:_SHOWN]:
            click.echo(f"    {fault}")
    for line in short:
        click.echo(f"BELOW THE FLOOR: {line}")
    if wrong or short:
        return 1
    before = floor.load()
    lower, higher = floor.compare(scores, before)
    for line in lower:
        click.echo(f"BELOW THE FLOOR: {line}")
    if (lower and accept_lower) or (higher and not lower and (accept or accept_lower)):
        known = cases.catalogue()
        absent = {
            name: entry
            for name, entry in before.items()
            if name not in scores and (names or name not in known) and (name in known or ": " in name)
        }
        floor.save(scores, absent)
        click.echo(f"floor written: {floor.PATH.name}")
        return 0
    if higher and not lower:
        click.echo(f"{len(higher)} above the floor or new; --accept raises it")
    return 1 if lower else 0


if __name__ == "__main__":
    main()
