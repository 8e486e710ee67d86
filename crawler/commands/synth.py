"""``gongkai synth``: an archive of any size, invented, to measure with."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import click
from tqdm import tqdm

from archive.errors import ArchiveError
from crawler import synth as synthesis
from demo.synth.plan import Rates
from pipelines.items import DATABASE

_RATES = Rates()


def _rates() -> str:
    names = {"identity": "fail an identity", "carried": "carry over another number than the year before"}
    names |= {
        "blank": "leave zeros blank",
        "dash": "write dashes for them",
        "glued": "have a line in one box",
    }
    names |= {
        "unreadable": "have an unreadable cell",
        "late": "late",
        "undated": "undated",
        "gap": "years missing",
    }
    return "\n".join(f"      {getattr(_RATES, f.name):>5.0%}  {names[f.name]}" for f in fields(_RATES))


@click.command(
    help=f"""Make an archive of invented reports, as large as you like.

    Bodies of all real divisions, years 2019 to 2025, both forms, cells of every status,
    prose, findings, coverage. The archive says that it is a demonstration; it has no
    originals. The same number and seed give the same rows.

    \b
    Of the reports:
{_rates()}

    \b
    Exit codes: 0 made, 1 there is an archive already, or no so many bodies
    """
)
@click.option("--reports", type=click.IntRange(min=1), required=True, metavar="N", help="How many reports.")
@click.option("--seed", default=1, show_default=True, help="Decides everything that is invented.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    help="Processes that make reports.  [default: one a core]",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for gongkai.db; real archives lie elsewhere.",
)
def synth(reports: int, seed: int, workers: int, data: Path) -> None:
    path = data / DATABASE
    with tqdm(total=reports, unit=" reports", disable=None) as bar:

        def told(done: int) -> None:
            bar.update(done - bar.n)

        try:
            synthesis.make(path, reports, seed=seed, workers=workers, told=told)
        except (ArchiveError, ValueError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{path}: {reports:,} reports, {path.stat().st_size:,} bytes")
