"""``gongkai export``: the archive as CSV and Parquet with a description."""

from __future__ import annotations

import json
from pathlib import Path

import click

from archive.errors import ArchiveError
from archive.export import FORMATS, Summary, names
from archive.export import export as export_archive
from archive.serve import NoArchiveError, check
from crawler.commands.ending import stoppable
from crawler.commands.options import data_folder
from pipelines.items import DATABASE


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--tables", metavar="NAMES", help="Only these, with commas between: reports,requests,figures.")
@click.option(
    "--format",
    "format_",
    type=click.Choice([*FORMATS, "both"]),
    default="both",
    show_default=True,
    help="Parquet needs the extra: pip install gongkai[export].",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
@data_folder
def export(folder: Path, tables: str | None, format_: str, as_json: bool, data: Path) -> None:
    """Write the archive to DIR: every table, and all figures in one long table (figures).

    CSV that Excel opens right, Parquet with types, datapackage.json (Frictionless) with
    what each column means, its unit and what it points to, and README.txt. An earlier
    export in DIR is replaced as a whole; a folder with anything else in it is refused. A
    crawl may go on writing meanwhile. The same archive always gives the same bytes.

    Exit codes: 0 written, 1 there is no archive or DIR cannot be written, 2 no such table,
    130 interrupted.
    """
    chosen = [name.strip() for name in tables.split(",") if name.strip()] if tables is not None else None
    unknown = sorted(set(chosen or ()) - set(names()))
    if unknown or chosen == []:
        told = f"no table {', '.join(unknown)}" if unknown else "no table is named"
        raise click.BadParameter(f"{told}; known: {', '.join(names())}", param_hint="--tables")
    database = data / DATABASE
    try:
        check(database)
        formats = [one for one in FORMATS if format_ in (one, "both")]
        with stoppable(f"{folder} is as it was"):
            summary = export_archive(database, folder, tables=chosen, formats=formats)
    except (ArchiveError, NoArchiveError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        json.dumps(_as_json(summary, folder), ensure_ascii=False) if as_json else _in_words(summary, folder)
    )


def _as_json(summary: Summary, folder: Path) -> dict[str, object]:
    tables: dict[str, dict[str, object]] = {}
    for file in summary.files:
        entry = tables.setdefault(file.sheet.name, {"rows": file.rows})
        entry[file.format] = {"path": file.path, "bytes": file.bytes, "sha256": file.sha256}
    return {"folder": str(folder), "created": summary.created, "bytes": summary.bytes, "tables": tables}


def _in_words(summary: Summary, folder: Path) -> str:
    sizes: dict[str, dict[str, int]] = {}
    rows: dict[str, int] = {}
    for file in summary.files:
        sizes.setdefault(file.sheet.name, {})[file.format] = file.bytes
        rows[file.sheet.name] = file.rows
    formats = sorted({file.format for file in summary.files})
    heads = "".join(f"{format_ + ' bytes':>16}" for format_ in formats)
    lines = [f"{'table':<14}{'rows':>12}{heads}"]
    for name, entry in sizes.items():
        lines.append(f"{name:<14}{rows[name]:>12,}" + "".join(f"{entry[f]:>16,}" for f in formats))
    lines.append(f"{folder}: {len(rows)} tables, {summary.bytes:,} bytes")
    return "\n".join(lines)
