"""Reports damaged at random in several ways at once: figures read right, null and silently wrong.

``python -m benchmarks.fuzz [--reports N] [--seed S]`` makes N reports from the seeds S, S+1, …,
reads each, and prints a line for each shape. It exits with 1 where a single figure is wrong and
names each such report by its seed: ``--show SEED`` prints that one. ``--damage NAME`` (one or
several) does that damage to every report: what goes wrong only where two meet is met sooner.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import click

from benchmarks.score import Score, cells_of, score
from tests.fuzz.damages import DAMAGES
from tests.fuzz.reports import Damaged, report

# Wrong reports that are written out; the count says the rest.
_SHOWN = 20


def measure(seed: int, aimed: Sequence[str] = ()) -> tuple[Damaged, Score]:
    """The report of this seed, and how its figures were read."""
    made = report(seed, aimed)
    return made, score(cells_of(made.body, f"seed {seed}"), made.figures, f"seed {seed}")


def _line(name: str, reports: int, whole: Score) -> str:
    return f"{name:40}{reports:>8}{whole.cells:>10}{whole.right:>10}{whole.null:>10}{whole.wrong:>8}"


@click.command(help=__doc__)
@click.option("--reports", default=10_000, help="How many.", show_default=True)
@click.option("--seed", default=0, help="The first one's seed.", show_default=True)
@click.option("--show", type=int, help="Print the report of this seed and each of its wrong figures.")
@click.option("--damage", "aimed", multiple=True, type=click.Choice(sorted(DAMAGES)), help="Done to each.")
@click.option("--jobs", default=os.cpu_count() or 1, help="Processes.", show_default=True)
def main(reports: int, seed: int, show: int | None, aimed: tuple[str, ...], jobs: int) -> None:
    if show is not None:
        made, one = measure(show, aimed)
        click.echo(made.body.decode())
        click.echo("\n".join([f"{made.shape}; {', '.join(made.damages) or 'no damage'}", *one.faults]))
        sys.exit(one.wrong > 0)
    click.echo(f"{'':40}{'reports':>8}{'cells':>10}{'right':>10}{'null':>10}{'wrong':>8}")
    scores: dict[str, Score] = {}
    numbers: Counter[str] = Counter()
    bad: list[tuple[Damaged, Score]] = []
    with ProcessPoolExecutor(jobs) as pool:
        for made, one in pool.map(partial(measure, aimed=aimed), range(seed, seed + reports), chunksize=16):
            scores.setdefault(made.shape, Score()).add(one)
            numbers[made.shape] += 1
            if one.wrong:
                bad.append((made, one))
    whole = Score()
    for shape in sorted(scores):
        whole.add(scores[shape])
        click.echo(_line(shape, numbers[shape], scores[shape]))
    click.echo(_line("all", reports, whole))
    for made, one in bad[:_SHOWN]:
        click.echo(f"WRONG: {one.faults[0]} ({made.shape}; {', '.join(made.damages)})")
    click.echo(f"{len(bad)} of {reports} reports with a wrong figure")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
