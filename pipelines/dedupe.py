"""The same report twice, a mirror, an attachment, a revision: who carries the figures, and who copies.

Pure. Issuer and year make a report, never an address. All originals of one
report are weighed together, so the outcome does not depend on the order in
which they came; only the states of one and the same address must come in the
order of their time, as a crawl gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from archive import textdiff, wording
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
from archive.rows import Reading
from pipelines import moves
from pipelines.likeness import likeness

_MISSING = CellState(None, "missing")


class _State(NamedTuple):
    """An address began to show an original."""

    seen_at: str
    original: Candidate


def classify(read: Reading) -> Decision | None:
    """The decision on an original that carries no report of its own; ``None`` for all others.

    ``unreadable``: the bytes could not be read. ``refused``: the content is no
    annual report. ``unassigned``: it is one, but issuer or year could not be
    established.
    """
    if read.error is not None:
        return Decision("unreadable", "unreadable", read.error)
    if not read.is_report:
        said = [f.message for f in read.findings if f.kind == "not_a_report"]
        return Decision("refused", "refused", _words("内容不是政府信息公开工作年度报告", said))
    unknown = [
        word for word, value in (("发布机关", read.agency), ("年度", read.year)) if value in (None, "")
    ]
    if unknown:
        said = [f.message for f in read.findings]
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

    - its address shows what it showed before, be it in other bytes: ``unchanged``; so is what
      lacks a further page or a picture that came before
    - the same bytes read by another parser version, or with a part that was lacking: ``reread``
    - its address shows something else now: ``revised`` if it carries the
      figures, else the copy is brought up to date (``copied``)
    - another address: ``copied``, whichever of them carries the figures then
    - nothing held: ``stored``

    What an address that was taken out of the report shows now is taken out too.
    """
    new = replace(new, split=any(c.split for c in held if c.url == new.url))
    same = next((c for c in held if _is_same(c, new)), None)
    others = [c for c in held if c is not same]
    if same is not None:
        new = replace(new, document=same.document)
        if _is_past(same, held) and new.seen[0] > same.seen[-1]:
            # What the page went on in before, again: its reading of then is read anew with it.
            new = replace(new, seen=(*same.seen, *new.seen))
            return _decision("revised", new, arrange([*others, new]))
        if _weighed(same) != _weighed(new):
            new = replace(new, seen=same.seen)
            return _decision("reread", new, arrange([*others, new]))
    gone = _replaced(held).get(new.url)
    if gone is not None and gone < new.seen[0]:
        # Its page led to another file in between, and leads to this one again.
        seen = (*same.seen, *new.seen) if same is not None else new.seen
        new = replace(new, seen=tuple(sorted(set(seen))))
        return _decision("revised", new, arrange([*others, new]))
    before = _shown(held, new.url, until=new.seen[0])
    if before is not None and (before.content_hash == new.content_hash or (before.whole and not new.whole)):
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
    revised = (
        current.url == new.url
        and (
            any(c.url == new.url for c in held)
            # In place of another file, and it says something else.
            or any(row.document == new.document for row in arrangement.revisions[1:])
        )
    )
    return _decision("revised" if revised else "copied", new, arrangement)


def _is_same(known: Candidate, new: Candidate) -> bool:
    """Whether a held original is this one: the same bytes, going on in the same others.

    Where some of these did not come, it is not known what they were: then it is completed.
    """
    same = (known.url, known.sha256) == (new.url, new.sha256)
    return same and (known.parts == new.parts or (new.whole and not known.whole))


def _is_past(one: Candidate, held: Sequence[Candidate]) -> bool:
    """Whether the same bytes went on in others later."""
    return any(c.document == one.document and c.seen[-1] > one.seen[-1] for c in held)


def _weighed(one: Candidate) -> tuple[str, str, str]:
    return one.parser, one.content_hash, one.parts


def _unchanged(held: Sequence[Candidate], known: Candidate) -> Decision:
    return Decision("unchanged", _outcome(known, arrange(held)), document=known.document)


def _decision(action: Action, new: Candidate, arrangement: Arrangement) -> Decision:
    outcome = _outcome(new, arrangement)
    reason = next(
        (wording.COPY_REASONS[c.reason] for c in arrangement.copies if c.document == new.document), None
    )
    if outcome in ("superseded", "split"):
        reason = wording.SUPERSEDED if outcome == "superseded" else wording.SPLIT
        reason = wording.REPLACED if new.document in arrangement.replaced else reason
        reason = wording.MOVED if new.document in arrangement.moved else reason
    return Decision(action, outcome, reason, arrangement, new.document)


def _outcome(original: Candidate, arrangement: Arrangement) -> DocumentOutcome:
    if original.document == arrangement.current:
        return "current"
    if original.document in arrangement.split:
        return "split"
    out = (*arrangement.superseded, *arrangement.replaced, *arrangement.moved)
    return "superseded" if original.document in out else "copy"


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

    Of each address its latest state counts, of the files on a page those that it leads to
    still, of a page whose portal has moved the new one once it has changed there (``moves``). Among these
    the figures are taken from the one with most of them; then rather a page than an attachment, the
    portal of the issuer's own division, the earlier date of publication, the
    address that was known on an earlier day, so that a report keeps its history when its portal is rebuilt
    or moves; the smaller address. What was taken out by decision takes no part, as long as something
    else is held: no report stands without an original.
    """
    split = [c for c in originals if c.split]
    if len(split) == len(originals):
        split = []
    originals = [c for c in originals if c not in split]
    all_latest = _latest(originals)
    gone, left = _replaced(originals), moves.followed(originals)
    latest = [c for url, c in all_latest.items() if url not in gone and url not in left]
    since = _since(originals)
    current = min(latest, key=lambda c: _rank(c, since))
    copies = [_copy(current, other) for other in latest if other is not current]
    standing = {c.document for c in all_latest.values()}
    line = _line(all_latest, current, since)
    line |= {url for url in left if moves.end(left, url) in line}
    return Arrangement(
        current=current.document,
        copies=tuple(sorted(copies, key=lambda copy: copy.url)),
        superseded=tuple(sorted({c.document for c in originals if c.document not in standing})),
        revisions=_revisions(_states(c for c in originals if c.url in line)),
        replaced=tuple(sorted(c.document for url, c in all_latest.items() if url in gone)),
        moved=tuple(sorted(c.document for url, c in all_latest.items() if url in left and url not in gone)),
        split=tuple(sorted(c.document for c in split)),
    )


def _latest(originals: Iterable[Candidate]) -> dict[str, Candidate]:
    """Address → what it showed last."""
    return {state.original.url: state.original for state in _states(originals)}


def _replaces(new: Candidate, old: Candidate) -> bool:
    """Whether a page led to one file, and no more to the other, when it was last found to be changed."""
    return (
        new.page_url is not None
        and new.page_url == old.page_url
        and new.url != old.url
        and new.siblings is not None
        and old.url not in new.siblings
        and old.seen[-1] < new.seen[-1]
    )


def _replaced(originals: Iterable[Candidate]) -> dict[str, str]:
    """Addresses of files in whose place their pages lead to others now, and when that was last seen."""
    files = {url: c for url, c in _latest(originals).items() if c.page_url is not None}
    found: dict[str, str] = {}
    for url, old in files.items():
        later = [new.seen[-1] for new in files.values() if _replaces(new, old)]
        if later:
            found[url] = max(later)
    return found


def _line(latest: Mapping[str, Candidate], current: Candidate, since: Mapping[str, str]) -> set[str]:
    """The addresses that carried the report one after the other: of a file on a page, those it replaced.

    Of several files that gave way together the one of the same kind counts, then the better one.
    """
    line = {current.url}
    one = current
    while True:
        before = [c for c in latest.values() if c.url not in line and _replaces(one, c)]
        nearest = [c for c in before if not any(_replaces(other, c) for other in before)]
        if not nearest:
            return line
        kind = one.url.rpartition(".")[2].lower()
        one = min(nearest, key=lambda c: (c.url.rpartition(".")[2].lower() != kind, _rank(c, since)))
        line.add(one.url)


def _since(originals: Iterable[Candidate]) -> dict[str, str]:
    """Address → the day on which it was first known. Within a day it is chance which was asked first."""
    return {state.original.url: state.seen_at[:10] for state in reversed(_states(originals))}


def _rank(original: Candidate, since: Mapping[str, str]) -> tuple[int, bool, bool, str, str, str]:
    """Smaller is better; a report without a date stands behind all dated ones."""
    return (
        -original.valued,
        original.role != "page",
        not original.home,
        original.published_on or "9999-99-99",
        since[original.url],
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
        text_likeness=likeness("\n".join(current.sentences), "\n".join(other.sentences)),
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
    made: list[Revision] = []
    before: Candidate | None = None
    for seen_at, original in states:
        if before is not None and before.url != original.url and before.content_hash == original.content_hash:
            before = original  # the same under a new address
            continue
        comparable = (
            before is not None and before.parser == original.parser and before.whole == original.whole
        )
        changed = before.text_hash != original.text_hash if before and comparable else None
        made.append(
            Revision(
                number=len(made) + 1,
                document=_brought_by(before, original),
                seen_at=seen_at,
                content_hash=original.content_hash,
                changes=_changes(before, original) if before and comparable else None,
                text_changed=changed,
                text_diff=textdiff.unified(before.sentences, original.sentences)
                if before and changed
                else None,
            )
        )
        before = original
    return tuple(made)


def _brought_by(before: Candidate | None, after: Candidate) -> int:
    """The original that is new in a state: of a page that stayed, the first further page or picture."""
    if before is None or before.document != after.document:
        return after.document
    known = before.parts.split()
    return next((int(part) for part in after.parts.split() if part not in known), after.document)


def _changes(before: Candidate, after: Candidate) -> tuple[Change, ...]:
    """The cells whose value or status differs."""
    cells = sorted({*before.figures, *after.figures})
    pairs = ((cell, before.figures.get(cell, _MISSING), after.figures.get(cell, _MISSING)) for cell in cells)
    return tuple(Change(cell, old, new) for cell, old, new in pairs if old != new)
