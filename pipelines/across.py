"""The later pass over the archive: what reports say of each other. Writes through the store only.

For every issuer whose reports changed: Y1 to Y3, the cells its years settle (and,
with them, its reports' own checks anew), how much of its prose is last year's; for
the governments above it H1; which other originals have nearly its text (``alike``).
The result is an overlay on the reports' own readings (``archive.overlay`` says how it
is laid and taken off), a function of these readings alone: the order in which reports
came, and how often this ran, leave no trace in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.candidates import CellKey
from archive.near import Near
from archive.overlay import Held, Issuer, Overlay, SettledCell
from archive.records import Check, Finding, Section, Verdict
from archive.rows import Row, check_row, finding_row
from archive.store import Store
from pipelines import alike, hierarchy, identities, narrative, settle, structure, years
from pipelines.chains import Settled
from pipelines.years import Year

#: From here on a reader should know that the prose is mostly last year's.
_MOSTLY = 80.0
_VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "not_assessable")


@dataclass(frozen=True, slots=True)
class Proof:
    """What a pass did."""

    issuers: int
    changed: int
    """Reports whose overlay is another now."""


def prove(store: Store, agencies: Iterable[int] | None = None) -> Proof:
    """Bring the overlays of these issuers up to date, and of the governments above them.

    ``None``: of all issuers whose reports changed since the last time. Each issuer
    is one transaction; what a killed pass leaves undone is on the store's list.
    """
    alike.sign_aside(store)
    chosen = store.to_prove(agencies)
    changed: set[int] = set()
    queue = deque(chosen)
    waiting = {one.id for one in chosen}
    while queue:
        agency = queue.popleft()
        waiting.discard(agency.id)
        series = store.series(agency.id)
        # Who meets a text that was signed just now is proved again, or for the first time.
        again = set(alike.sign(store, agency.id, series)) - waiting
        laid = _overlays(store, agency, series)
        changed.update(store.lay(agency.id, ((one, laid[one.report]) for one in series)))
        queue.extend(store.issuers(sorted(again)))
        waiting |= again
    alike.finish(store)
    return Proof(len(chosen), len(changed))


def _overlays(store: Store, agency: Issuer, series: Sequence[Held]) -> dict[int, Overlay]:
    """Report → its overlay, for all reports of one issuer."""

    def consolidated(one: Held, now: Year) -> Sequence[hierarchy.Assessed]:
        return _consolidated(store, agency.id, one, now) if agency.kind == "government" else ()

    return overlays(series, agency.name, consolidated, lambda one: alike.finding(store, agency.id, one))


def overlays(
    held: Sequence[Held],
    name: str,
    consolidated: Callable[[Held, Year], Sequence[hierarchy.Assessed]],
    near: Callable[[Held], Sequence[tuple[Near, str | None]]] = lambda _: (),
    alone: Sequence[Year] | None = None,
) -> dict[int, Overlay]:
    """The same from the readings alone. Pure.

    ``consolidated`` gives what the issuers below say of one report's figures (H1), ``near`` its near
    copies, with a sentence where one is another issuer's report. ``alone``: the figures of each, for whoever
    has them and need not have them read from the rows.
    """
    if alone is None:
        alone = [Year(one.year, one.forms, one.cells) for one in held]
    settled = settle.settle(alone)
    known = [settle.applied(year, settled.get(year.year, {})) for year in alone]
    checks = years.check(known)
    made = {}
    before: Held | None = None
    for one, base, now in zip(held, alone, known, strict=True):
        found = list(checks.get(one.year, ()))
        rows = [_row(check, before, one) for check in found if check.verdict != "pass"]
        assessed = consolidated(one, now)
        found += [entry.check for entry in assessed]
        rows += [check_row(e.check, e.message) for e in assessed if e.check.verdict != "pass"]
        share = _repeated(before, one)
        if share is not None and share >= _MOSTLY:
            message = f"正文 {share}% 的句子与{one.year - 1}年报告相同（不计数字）"
            rows.append(finding_row(Finding("repeated_prose", message)))
        beside = near(one)
        rows += [finding_row(Finding("near_copy", message)) for _, message in beside if message is not None]
        counts = _counts(found)
        own = None
        if one.year in settled:
            own, more = _own(one, base, now, name)
            counts = [a + b for a, b in zip(counts, more, strict=True)]
        made[one.report] = Overlay(
            settled=tuple(_settled(settled.get(one.year, {}))),
            findings=tuple(rows),
            own=own,
            counts=(counts[0], counts[1], counts[2]),
            repetition=share,
            near=tuple(copy for copy, _ in beside),
        )
        before = one
    return made


def _settled(found: Mapping[CellKey, Settled]) -> list[SettledCell]:
    return [SettledCell(cell, one.value, one.evidence) for cell, one in sorted(found.items())]


def _row(check: Check, before: Held | None, now: Held) -> Row:
    """A check across years as a finding; where the year before is missing, that is said."""
    if before is not None and before.year < now.year - 1:
        return check_row(check, f"缺少{now.year - 1}年报告，{check.identity} 无法核对")
    return check_row(check)


def _counts(checks: Iterable[Check]) -> list[int]:
    verdicts = [check.verdict for check in checks]
    return [verdicts.count(verdict) for verdict in _VERDICTS]


def _own(one: Held, base: Year, now: Year, name: str) -> tuple[tuple[Row, ...], list[int]]:
    """The report's own findings once its cells are settled, and by how much its counts change."""
    before, after = _checks(one, base, name), _checks(one, now, name)
    places = {(check.identity, check.at) for check in (*before, *after)}
    kept = [row for row in one.rows["findings"] if (row["identity"], row["at"]) not in places]
    rows = [check_row(check) for check in after if check.verdict != "pass"]
    more = [b - a for a, b in zip(_counts(before), _counts(after), strict=True)]
    return (*rows, *kept), more


def _checks(one: Held, year: Year, name: str) -> tuple[Check, ...]:
    """What ``report.parse`` checks of the three tables, on these cells."""
    sections = [Section(s["number"], s["heading"] or "", s["text"] or "") for s in one.rows["sections"]]
    ordered = sorted(sections, key=lambda section: section.number)
    own = list(year.cells.values())
    said = narrative.check(ordered, own, year.forms, agency=name, year=year.year)
    return (*identities.check(own, year.forms), *said)


def _repeated(before: Held | None, now: Held) -> float | None:
    if before is None or before.year != now.year - 1:
        return None
    found = structure.repetition(now.text, before.text)
    return None if found is None else found.percent


def _consolidated(store: Store, agency: int, one: Held, now: Year) -> Sequence[hierarchy.Assessed]:
    """H1 of a government's report; nothing where it has no Table 3."""
    if "requests" not in now.forms:
        return ()
    says = hierarchy.consolidates(one.text)
    parts = []
    for row in store.subordinates(agency) if says else ():
        report = store.shown(row["id"], one.year)
        whole = row["kind"] != "government" or (report is not None and hierarchy.consolidates(report.text))
        parts.append(hierarchy.Part(row["name"], report.cells if report else None, whole))
    return hierarchy.check(now.cells, parts, says=says)
