"""The same report twice, a mirror, an attachment, a revision: who carries the figures, and who copies.

Pure. Issuer and year make a report, never an address. All originals of one
report are weighed together, so the outcome does not depend on the order in
which they came; only the states of one and the same address must come in the
order of their time, as a crawl gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from archive import wording
from archive.candidates import (
    Action,
    Arrangement,
    Candidate,
    CellState,
    Change,
    Copy,
    CopyReason,
    Decision,
    DocumentOutcome,
    Held,
    Revision,
)
from archive.records import Report

_MISSING = CellState(None, "missing")


class _State(NamedTuple):
    """An address began to show an original."""

    seen_at: str
    original: Candidate


def classify(report: Report) -> Decision | None:
    """The decision on an original that carries no report of its own; ``None`` for all others.

    ``unreadable``: the bytes could not be read. ``refused``: the content is no
    annual report. ``unassigned``: it is one, but issuer or year could not be
    established.
    """
    if report.error is not None:
        return Decision("unreadable", "unreadable", report.error)
    if not report.is_report:
        said = [f.message for f in report.findings if f.kind == "not_a_report"]
        return Decision("refused", "refused", _words("内容不是政府信息公开工作年度报告", said))
    unknown = [
        word for word, value in (("发布机关", report.agency), ("年度", report.year)) if value in (None, "")
    ]
    if unknown:
        said = [f.message for f in report.findings]
        return Decision("unassigned", "unassigned", _words(f"未能确定{'和'.join(unknown)}", said))
    return None


def _words(verdict: str, said: Sequence[str]) -> str:
    """The verdict with what the findings add to it, at a length a table cell can show."""
    count = f"（共 {len(said)} 条发现）" if len(said) > 1 else ""
    return f"{verdict}：{'；'.join(dict.fromkeys(said))[:500]}{count}" if said else verdict


def set_aside(held: Sequence[Held], sha256: str, content_hash: str | None, decision: Decision) -> Decision:
    """A ``classify`` decision beside the originals already held from the same address.

    Known bytes are never counted as less than they were before: what one list
    leads to without a hint may be assigned through another's. Other bytes with
    the same content and outcome are no new original.
    """
    same = next((known for known in held if known.sha256 == sha256), None)
    if same is not None:
        more = _WORTH.get(same.outcome, _ASSIGNED) > _WORTH.get(decision.outcome, _ASSIGNED)
        if more or (same.outcome, same.content_hash) == (decision.outcome, content_hash):
            return Decision("unchanged", same.outcome, document=same.document)
        return decision
    for known in held:
        if content_hash is not None and (known.outcome, known.content_hash) == (
            decision.outcome,
            content_hash,
        ):
            return Decision("unchanged", known.outcome, document=known.document)
    return decision


#: How much is known of an original with this outcome.
_WORTH = {"unreadable": 0, "refused": 1, "unassigned": 2}
_ASSIGNED = 3  # every other outcome: it is known what it belongs to


def decide(held: Sequence[Candidate], new: Candidate) -> Decision:
    """What to do with ``new`` beside the originals already held for the same issuer and year.

    - its address shows what it showed before, be it in other bytes: ``unchanged``
    - the same bytes read by another parser version: ``reread``
    - its address shows something else now: ``revised`` if it carries the
      figures, else the copy is brought up to date (``copied``)
    - another address: ``copied``, whichever of them carries the figures then
    - nothing held: ``stored``

    What an address that was taken out of the report shows now is taken out too.
    """
    new = replace(new, split=any(c.split for c in held if c.url == new.url))
    same = next((c for c in held if (c.url, c.sha256) == (new.url, new.sha256)), None)
    others = [c for c in held if c is not same]
    if same is not None:
        new = replace(new, document=same.document)
        if (same.parser, same.content_hash) != (new.parser, new.content_hash):
            new = replace(new, seen=same.seen)
            return _decision("reread", new, arrange([*others, new]))
    before = _shown(held, new.url, until=new.seen[0])
    if before is not None and before.content_hash == new.content_hash:
        return _unchanged(held, before)
    if same is not None:
        if before is None:  # these bytes, known from a later time
            return _unchanged(held, same)
        new = replace(new, seen=tuple(sorted({*same.seen, *new.seen})))
    elif before is None:
        after = _states(c for c in held if c.url == new.url)
        if after and after[0].original.content_hash == new.content_hash:
            return _unchanged(held, after[0].original)
    arrangement = arrange([*others, new])
    if not held:
        return _decision("stored", new, arrangement)
    current = next(c for c in (*others, new) if c.document == arrangement.current)
    revised = current.url == new.url and any(c.url == new.url for c in held)
    return _decision("revised" if revised else "copied", new, arrangement)


def _unchanged(held: Sequence[Candidate], known: Candidate) -> Decision:
    return Decision("unchanged", _outcome(known, arrange(held)), document=known.document)


def _decision(action: Action, new: Candidate, arrangement: Arrangement) -> Decision:
    outcome = _outcome(new, arrangement)
    reason = next(
        (wording.COPY_REASONS[c.reason] for c in arrangement.copies if c.document == new.document), None
    )
    if outcome in ("superseded", "split"):
        reason = wording.SUPERSEDED if outcome == "superseded" else wording.SPLIT
    return Decision(action, outcome, reason, arrangement, new.document)


def _outcome(original: Candidate, arrangement: Arrangement) -> DocumentOutcome:
    if original.document == arrangement.current:
        return "current"
    if original.document in arrangement.split:
        return "split"
    return "superseded" if original.document in arrangement.superseded else "copy"


def _states(originals: Iterable[Candidate]) -> list[_State]:
    """The states of one address in the order of time."""
    states = [_State(seen_at, original) for original in originals for seen_at in original.seen]
    return sorted(states, key=lambda state: (state.seen_at, state.original.sha256))


def _shown(held: Sequence[Candidate], url: str, *, until: str) -> Candidate | None:
    """What an address showed at a time, as far as is known."""
    states = [state for state in _states(c for c in held if c.url == url) if state.seen_at <= until]
    return states[-1].original if states else None


def arrange(originals: Sequence[Candidate]) -> Arrangement:
    """How originals of one report stand to each other, by these rules alone.

    Of each address its latest state counts. Among these the figures are taken
    from the one with most of them; then rather a page than an attachment, the
    portal of the issuer's own division, the earlier date of publication, the
    smaller address. What was taken out by decision takes no part, as long as something
    else is held: no report stands without an original.
    """
    split = [c for c in originals if c.split]
    if len(split) == len(originals):
        split = []
    originals = [c for c in originals if c not in split]
    latest = [
        _states(c for c in originals if c.url == url)[-1].original for url in {c.url for c in originals}
    ]
    current = min(latest, key=_rank)
    copies = [_copy(current, other) for other in latest if other is not current]
    standing = {c.document for c in latest}
    return Arrangement(
        current=current.document,
        copies=tuple(sorted(copies, key=lambda copy: copy.url)),
        superseded=tuple(sorted(c.document for c in originals if c.document not in standing)),
        revisions=_revisions(_states(c for c in originals if c.url == current.url)),
        split=tuple(sorted(c.document for c in split)),
    )


def _rank(original: Candidate) -> tuple[int, bool, bool, str, str]:
    """Smaller is better; a report without a date stands behind all dated ones."""
    return (
        -original.valued,
        original.role != "page",
        not original.home,
        original.published_on or "9999-99-99",
        original.url,
    )


def _copy(current: Candidate, other: Candidate) -> Copy:
    ours, theirs = current.figures, other.figures
    pairs = {
        cell: (ours.get(cell, _MISSING).value, theirs.get(cell, _MISSING).value) for cell in {*ours, *theirs}
    }
    valued = {cell: pair for cell, pair in pairs.items() if pair != (None, None)}
    both = {cell: pair for cell, pair in valued.items() if None not in pair}
    differing = tuple(sorted(cell for cell, (our, their) in both.items() if our != their))
    agreeing = len(both) - len(differing)
    return Copy(
        document=other.document,
        url=other.url,
        reason=_reason(current, other, differs=bool(differing), agrees=agreeing > 0),
        likeness=agreeing / len(valued) if valued else 1.0,
        differing=differing,
    )


def _reason(current: Candidate, other: Candidate, *, differs: bool, agrees: bool) -> CopyReason:
    """A contradiction outweighs everything; then how they hang together; then what they share."""
    if differs:
        return "differs"
    if current.page_url == other.url:
        return "page"
    if other.page_url is not None and other.page_url in (current.url, current.page_url):
        return "attachment"
    return "mirror" if agrees or current.content_hash == other.content_hash else "no_figures"


def _revisions(states: Sequence[_State]) -> tuple[Revision, ...]:
    made = []
    for number, (seen_at, original) in enumerate(states, start=1):
        before = states[number - 2].original if number > 1 else None
        comparable = before is not None and before.parser == original.parser
        made.append(
            Revision(
                number=number,
                document=original.document,
                seen_at=seen_at,
                content_hash=original.content_hash,
                changes=_changes(before, original) if before and comparable else None,
                text_changed=before.text_hash != original.text_hash if before and comparable else None,
            )
        )
    return tuple(made)


def _changes(before: Candidate, after: Candidate) -> tuple[Change, ...]:
    """The cells whose value or status differs."""
    cells = sorted({*before.figures, *after.figures})
    pairs = ((cell, before.figures.get(cell, _MISSING), after.figures.get(cell, _MISSING)) for cell in cells)
    return tuple(Change(cell, old, new) for cell, old, new in pairs if old != new)
