"""``gongkai parse``: read reports from files, store nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

import click

from archive.records import Context, Report
from crawler.commands.files import FileRefused, snapshot
from crawler.commands.options import read_limits
from pipelines.reading import Reader
from pipelines.report_json import dumps

#: Exit code when at least one file could not be read; the others were.
EXIT_UNREADABLE = 3


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, in the order given.")
@click.option(
    "--portal-name", metavar="NAME", help="Who runs the site the file came from, e.g. 郑州市二七区人民政府."
)
@click.option("--division", metavar="CODE", help="Division code of that site, e.g. 410103.")
@click.pass_context
def parse(
    context: click.Context,
    files: tuple[str, ...],
    as_json: bool,
    portal_name: str | None,
    division: str | None,
) -> None:
    """Read reports from files (.html .txt .pdf .docx, told by content) and print what they say.

    Nothing is stored. With --json each line is one report: its issuer, year,
    forms, every cell with its status, the checks, findings and sections. A file
    that cannot be read gives {"source", "error"}; the others still come.

    Exit codes: 0 all files read, 3 at least one could not be read.
    """
    failed = False
    reader = Reader(limits=read_limits())
    try:
        for path in files:
            try:
                report = reader.parse(snapshot(path, Context(portal_name=portal_name, division=division)))
            except FileRefused as error:
                failed = True
                click.echo(
                    json.dumps({"source": path, "error": str(error)}, ensure_ascii=False)
                    if as_json
                    else str(error)
                )
                continue
            failed = failed or report.error is not None
            click.echo(dumps(report) if as_json else _in_words(report))
    finally:
        reader.close()
    if failed:
        context.exit(EXIT_UNREADABLE)


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    return ", ".join(f"{count} {name}" for name, count in ordered) or "none"


def _in_words(report: Report) -> str:
    if report.error is not None:
        return f"{report.source}: cannot be read: {report.error}"
    statuses: Counter[str] = Counter(cell.status for cell in report.cells)
    verdicts: Counter[str] = Counter(check.verdict for check in report.checks)
    tables = ", ".join(f"{key} (form {form})" for key, form in report.forms.items())
    lines = [
        f"{report.source}",
        f"  title      {report.title or '–'}",
        f"  issuer     {report.agency or '–'} ({report.division or 'division unknown'})",
        f"  year       {report.year or '–'}",
        f"  published  {report.published_on or '–'}",
        f"  tables     {tables or 'none'}",
        f"  cells      {_counted(statuses)}",
        f"  checks     {_counted(verdicts)}",
    ]
    for check in report.checks:
        if check.verdict == "fail":
            lines.append(f"  ✗ {check.identity} at {check.at}: {check.left} ≠ {check.right} ({check.blame})")
    lines += [
        f"  · {finding.kind}: {finding.message}" + (f" [{finding.where}]" if finding.where else "")
        for finding in report.findings
    ]
    return "\n".join(lines)
