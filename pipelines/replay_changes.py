"""What a replay changed, report by report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from archive.candidates import CellState
from archive.replay import State
from archive.rows import Row, Rows, figures

_MISSING = CellState(None, "missing")


@dataclass(frozen=True, slots=True)
class ReportChange:
    """How one report reads otherwise."""

    report: int
    title: str
    year: int | None
    what: str
    """``new``, ``gone``, ``changed``, or ``joined``: it was there already, with originals of other groups;
    then nothing else is told."""
    cells: int
    """Cells with another value or another status."""
    statuses: Mapping[str, int]
    """``ambiguous → exact`` and the like, with how many cells."""
    findings_added: tuple[str, ...]
    """Messages of the report's own findings; the same for those that are gone."""
    findings_gone: tuple[str, ...]
    otherwise: tuple[str, ...]
    """Columns and tables besides cells and findings that differ."""


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """An original that became something else; ``None`` where it is not in the database."""

    url: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """How one group reads otherwise."""

    reports: tuple[ReportChange, ...]
    outcomes: tuple[OutcomeChange, ...]
    otherwise: tuple[str, ...]
    """Tables of the group beyond its reports that differ."""


def changes(before: State, after: State, shared: Collection[int]) -> Changes:
    """What differs between two states of a group; ``shared`` are reports with originals of other groups."""
    ids = sorted({*before.reports, *after.reports})
    found = (
        _report(one, before.reports.get(one), after.reports.get(one), shared=one in shared) for one in ids
    )
    documents = sorted({*before.documents, *after.documents})
    outcomes = []
    for one in documents:
        was, is_ = before.documents.get(one), after.documents.get(one)
        then, now = (row["outcome"] if row else None for row in (was, is_))
        if then != now:
            url = (is_ or was or {})["url"]
            outcomes.append(OutcomeChange(url, then, now))
    rest = [name for name in after.rest if before.rest.get(name) != after.rest[name]]
    if any(before.documents.get(one) != after.documents.get(one) for one in documents):
        rest.append("documents")
    return Changes(
        reports=tuple(change for change in found if change is not None),
        outcomes=tuple(outcomes),
        otherwise=tuple(sorted(rest)),
    )


def _report(report: int, before: Rows | None, after: Rows | None, *, shared: bool) -> ReportChange | None:
    if before == after:
        return None
    joined = before is None and shared
    old, new = (after if joined else before) or {}, after or {}
    was, is_ = figures(old), figures(new)
    statuses: Counter[str] = Counter()
    cells = 0
    for cell in {*was, *is_}:
        then, now = was.get(cell, _MISSING), is_.get(cell, _MISSING)
        if then != now:
            cells += 1
            if then.status != now.status:
                statuses[f"{then.status} → {now.status}"] += 1
    then_said, now_said = _messages(old), _messages(new)
    row = (new or old)["reports"][0]
    return ReportChange(
        report=report,
        title=row["title"],
        year=(new or old)["stands"][0]["year"],
        what="joined" if joined else "new" if before is None else "gone" if after is None else "changed",
        cells=cells,
        statuses=dict(sorted(statuses.items())),
        findings_added=tuple(sorted((now_said - then_said).elements())),
        findings_gone=tuple(sorted((then_said - now_said).elements())),
        otherwise=tuple(sorted(_otherwise(old, new))) if before and after else (),
    )


def _messages(rows: Rows) -> Counter[str]:
    return Counter(str(row["message"]) for row in rows.get("findings", ()))


def _otherwise(old: Rows, new: Rows) -> list[str]:
    """Columns of ``reports`` and ``stands`` by name, other tables as such."""
    found = [name for name in new if name not in ("reports", "stands") and old.get(name) != new[name]]
    for name in ("reports", "stands"):
        was: Row = old[name][0]
        is_: Row = new[name][0]
        found += [column for column in is_ if was.get(column) != is_[column]]
    return found
