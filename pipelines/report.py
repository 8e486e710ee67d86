"""``parse(Snapshot) -> Report``: the same call on a live page, a file and on replay. Pure.

Bytes → document (``readers``) → cells (``match``) → checks (``identities``), with
the issuer and year (``issuer``) and the six sections (``prose``).
"""

from __future__ import annotations

from dataclasses import dataclass

from archive.divisions import DEFAULT, Divisions
from archive.records import Document, Finding, Report, Section, Snapshot
from archive.titles import parse as parse_title
from pipelines import identities, issuer, prose, readers
from pipelines.match import Match, match

#: Raised with every change that can change a stored value.
PARSER = "1"

# Three of the six statutory headings are more than any look-alike shows in that order.
_MIN_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the content is a report, and if not why."""

    is_report: bool
    reason: str = ""


def confirm(document: Document, found: Match, sections: tuple[Section, ...], title: str | None) -> Judgement:
    """Is this the report itself, by what it contains?

    A title that names another thing (a notice, an explanation, a form to fill in)
    settles it; else figures in a statutory table do, or three of the six headings.
    A form without a single figure is a template, not a report of blanks.
    """
    named = parse_title(title) if title else None
    if named is not None and named.lookalike:
        return Judgement(False, f"the title names another kind of text: {named.reason}")
    figures = sum(cell.value is not None for cell in found.cells)
    if found.forms and figures == 0 and not any(cell.raw and cell.raw.strip() for cell in found.cells):
        return Judgement(False, "the statutory tables hold no figure: an empty form")
    if figures:
        return Judgement(True)
    headings = {section.number for section in sections if section.number}
    if len(headings) >= _MIN_HEADINGS:
        return Judgement(True)
    if named is not None and named.is_report and any(word in document.text for word in _OLD_FORM):
        return Judgement(True)
    return Judgement(False, "neither a statutory table nor three of the six headings")


# What every report up to 2018 speaks of, under headings of its own choice.
_OLD_FORM = ("主动公开", "依申请公开")


def parse(snapshot: Snapshot, divisions: Divisions = DEFAULT) -> Report:
    """Read one original.

    Never raises on any bytes: what cannot be read comes back as a ``Report`` with
    ``error`` set and no cells.
    """
    try:
        document = readers.read(
            snapshot.body, media_type=snapshot.media_type, charset=snapshot.charset, name=snapshot.url
        )
    except readers.UnreadableError as error:
        return _unreadable(snapshot, str(error))
    found = match(document)
    checks = identities.check(found.cells, found.forms)
    sections = prose.sections(document)
    who = issuer.identify(
        document, snapshot.context, divisions, url=snapshot.url, fetched_on=snapshot.fetched_at.date()
    )
    judged = confirm(document, found, sections, who.title or document.title)
    findings = [*(Finding("reader", note) for note in document.notes), *found.findings, *who.findings]
    findings += _missing_tables(found, judged)
    if not judged.is_report:
        findings.insert(0, Finding("not_a_report", judged.reason))
    return Report(
        source=snapshot.url,
        agency=who.agency,
        division=who.division,
        year=who.year,
        title=who.title,
        published_on=who.published_on,
        forms=found.forms,
        cells=found.cells,
        checks=checks,
        findings=tuple(findings),
        sections=sections,
        text=document.text,
        parser=PARSER,
        is_report=judged.is_report,
    )


def _missing_tables(found: Match, judged: Judgement) -> list[Finding]:
    """A report since 2019 has three tables; one that could not be found is said, not passed over."""
    if not judged.is_report or not found.forms:
        return []
    names = {"disclosure": "Table 2", "requests": "Table 3", "reviews": "Table 4"}
    return [
        Finding("table_missing", f"{name} ({key}) was not found")
        for key, name in names.items()
        if key not in found.forms
    ]


def _unreadable(snapshot: Snapshot, message: str) -> Report:
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
