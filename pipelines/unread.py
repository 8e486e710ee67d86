"""What stands in the archive for an original that could not be read."""

from __future__ import annotations

from archive.records import Finding, Report, Snapshot
from pipelines.version import PARSER


def unreadable(snapshot: Snapshot, message: str) -> Report:
    """The report of an original that could not be read; ``message`` says why, in Chinese."""
    return Report(
        source=snapshot.url,
        agency=None,
        division=None,
        year=None,
        title=None,
        published_on=None,
        forms={},
        cells=(),
        checks=(),
        findings=(Finding("unreadable", message),),
        sections=(),
        text="",
        parser=PARSER,
        is_report=False,
        error=message,
    )
