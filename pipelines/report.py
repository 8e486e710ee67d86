"""``parse(Snapshot) -> Report``: the same call on a live page, a file and on replay. Pure.

Bytes → document (``readers``) → cells (``match``) → checks (``identities``), with
the issuer and year (``issuer``) and the six sections (``prose``).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from archive import forms
from archive.divisions import DEFAULT, Divisions
from archive.forms.indicators import TABLE as INDICATORS
from archive.records import Document, Finding, Report, Section, Snapshot
from pipelines import identities, issuer, joined, narrative, prose, readers, scope, structure
from pipelines.confirm import prove
from pipelines.match import Match, match
from pipelines.readers.errors import for_want_of_memory
from pipelines.readers.messages import OUT_OF_MEMORY, quoted
from pipelines.text import squeeze
from pipelines.titled import parse as parse_title
from pipelines.unread import unreadable
from pipelines.version import PARSER

logger = logging.getLogger(__name__)

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
    Figures in an indicator list do so under a report's title only: offices hand in
    the same list every quarter.
    A form without a single figure is a template, not a report of blanks. A page
    that has the title and nearly no text of its own carries the report as an
    attachment or as pictures.
    """
    named = parse_title(title) if title else None
    if named is not None and named.lookalike:
        return Judgement(False, f"标题所指不是年度报告：{named.reason}")
    figures = sum(cell.value is not None for cell in found.cells)
    if found.forms and figures == 0 and not any(cell.raw and cell.raw.strip() for cell in found.cells):
        return Judgement(False, "法定表格内没有任何数字：是空白表样")
    listed = sum(cell.value is not None for cell in found.cells if cell.table == INDICATORS)
    if figures > listed or (listed and named is not None and named.is_report):
        return Judgement(True)
    headings = {section.number for section in sections if section.number}
    if len(headings) >= _MIN_HEADINGS:
        return Judgement(True)
    if named is not None and named.is_report and any(word in document.text for word in _OLD_FORM):
        return Judgement(True)
    if named is not None and named.is_report and not named.bare and len(squeeze(document.text)) < _SHELL:
        return Judgement(True)
    return Judgement(False, "没有法定表格，也没有六个法定标题中的三个")


# Characters of a page that only says "see the attachment" or shows the report as pictures:
# it was published under that title, and nothing on the page speaks against it.
_SHELL = 200
_REPEATED = "heading repeated: "
# What every report up to 2018 speaks of, under headings of its own choice.
_OLD_FORM = ("主动公开", "依申请公开")


def parse(snapshot: Snapshot, divisions: Divisions = DEFAULT) -> Report:
    """Read one original.

    Never raises on any bytes: what cannot be read comes back as a ``Report`` with
    ``error`` set and no cells. A fault of the parser itself is told there too, by
    its name, so that one page cannot end a crawl and the original stays kept.
    """
    try:
        return _parse(snapshot, divisions)
    except Exception as error:  # hostile bytes may raise anything; it is recorded
        if not for_want_of_memory(error):
            logger.exception("Reading %s failed", snapshot.url)
            return unreadable(snapshot, f"读取程序出错{quoted(error)}")
    # Only now is free what the error held.
    return unreadable(snapshot, OUT_OF_MEMORY)


def _parse(snapshot: Snapshot, divisions: Divisions) -> Report:
    try:
        document, apart = joined.read(snapshot)
    except readers.UnreadableError as error:
        return unreadable(snapshot, str(error))
    found = prove(document, match(document))
    who = issuer.identify(
        document, snapshot.context, divisions, url=snapshot.url, fetched_on=snapshot.fetched_at.date()
    )
    cells, foreign = scope.withhold(found.cells, document, scope.Scope.of(who.agency, who.year, who.title))
    found = replace(found, cells=cells, findings=(*found.findings, *foreign))
    checks = identities.check(found.cells, found.forms)
    cut = prose.cut(document)
    sections = cut.sections
    judged = confirm(document, found, sections, who.title or document.title)
    findings = [*(Finding("reader", note) for note in document.notes), *apart]
    findings += [*found.findings, *who.findings]
    findings += _missing_tables(found, judged, structure.headed(sections, who.year))
    if judged.is_report:
        checks += narrative.check(sections, found.cells, found.forms, agency=who.agency, year=who.year)
        repeated = [note.removeprefix(_REPEATED) for note in cut.notes if note.startswith(_REPEATED)]
        findings += structure.check(
            sections, found.cells, found.forms, text=document.text, year=who.year, repeated=repeated
        )
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


def _missing_tables(found: Match, judged: Judgement, headed: frozenset[str]) -> list[Finding]:
    """A report since 2019 has three tables; one that could not be found is said, not passed over.

    Where the text has the heading of a table, ``structure`` says so.
    """
    if not judged.is_report or not found.forms or set(found.forms) == {INDICATORS}:
        return []
    names = {"disclosure": "表二", "requests": "表三", "reviews": "表四"}
    return [
        Finding("table_missing", f"没有找到{name}（{forms.form('2021').tables[key].zh}）")
        for key, name in names.items()
        if key not in found.forms and key not in headed
    ]
