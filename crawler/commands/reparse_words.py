"""What a replay changed, as a table for people."""

from __future__ import annotations

from collections import Counter

from pipelines.replay import Made, Replayed

#: Reports that are named; --json has all.
_NAMED = 50


def in_words(done: Replayed, *, dry_run: bool) -> str:
    """Totals, then the reports that changed, then what was left."""
    rows = _changed(done) if done.made is None else _made(done, done.made)
    rows += [
        ("decisions", f"{done.decisions:,} carried out, {len(done.asleep):,} without effect today"),
        ("changed by others", f"{done.proved:,} reports, across years and issuers"),
        ("left as it was", f"{len(done.left):,}"),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    lines += _named(done)
    lines += [f"left: {why}" for why in done.left]
    lines += [f"without effect: {what}" for what in done.asleep]
    if dry_run:
        lines.append("dry run: nothing was changed")
    return "\n".join(lines)


def _made(done: Replayed, made: Made) -> list[tuple[str, str]]:
    """Totals of a database that was made anew."""
    return [
        ("originals read", f"{done.originals:,}, in {done.groups:,} groups"),
        ("reports", f"{made.reports:,} new"),
        ("originals", f"{sum(made.outcomes.values()):,}"),
        *((f"  {name}", f"{count:,}") for name, count in made.outcomes.items()),
    ]


def _changed(done: Replayed) -> list[tuple[str, str]]:
    """Totals of what reads otherwise."""
    reports = [change for group in done.changes for change in group.reports]
    outcomes = [change for group in done.changes for change in group.outcomes]
    what = Counter(change.what for change in reports)
    statuses: Counter[str] = Counter()
    for change in reports:
        statuses.update(change.statuses)
    added = sum(len(change.findings_added) for change in reports)
    gone = sum(len(change.findings_gone) for change in reports)
    became = Counter(f"{one.before or 'not held'} → {one.after or 'not held'}" for one in outcomes)
    return [
        ("originals read", f"{done.originals:,}, in {done.groups:,} groups"),
        ("groups changed", f"{len(done.changes):,}"),
        (
            "reports",
            f"{what['new']:,} new, {what['gone']:,} gone, {what['changed'] + what['joined']:,} changed",
        ),
        ("cells changed", f"{sum(change.cells for change in reports):,}"),
        *((f"  {name}", f"{count:,}") for name, count in statuses.most_common()),
        ("findings", f"{added:,} more, {gone:,} fewer"),
        ("originals changed", f"{len(outcomes):,}"),
        *((f"  {name}", f"{count:,}") for name, count in became.most_common()),
    ]


def _named(done: Replayed) -> list[str]:
    """The reports that read otherwise by name, as many as a screen takes."""
    reports = [change for group in done.changes for change in group.reports]
    named = [change for change in reports if change.what in ("changed", "gone")]
    if not named:
        return []
    lines = ["", f"{'report':<17} {'year':<5} {'cells':>5} {'findings':>9}  title"]
    for change in named[:_NAMED]:
        found = f"+{len(change.findings_added)} -{len(change.findings_gone)}"
        mark = "" if change.what == "changed" else f" ({change.what})"
        lines.append(
            f"{change.report:<17} {change.year or '':<5} {change.cells:>5} {found:>9}  {change.title}{mark}"
        )
    if len(named) > _NAMED:
        lines.append(f"… and {len(named) - _NAMED} more; --json has all")
    return lines
