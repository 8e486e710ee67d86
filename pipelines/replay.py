"""Readings made anew from the WARCs alone: no network, all cores, one writer.

The unit is a group (``archive.replay``): everything that bears upon one another is taken out
and put back through ``keep`` in the order in which it was noted, in one transaction. Where
that leaves a group as it was, the transaction is undone and nothing has been written. So
a replay may end at any moment and be begun again, and what an archive holds afterwards
depends on its WARCs and on the parser, not on the way that led there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from archive import merges, replay
from archive.derived import search
from archive.errors import ArchiveError
from archive.notes import DecisionNote, Original, OriginalNote
from archive.placing import rearrange
from archive.replay import Group
from archive.store import Store
from pipelines import copies
from pipelines.across import prove
from pipelines.dedupe import arrange
from pipelines.keep import keep
from pipelines.reading import Loaded, Located, MakeReaders, Parsers
from pipelines.replay_changes import Changes, changes

#: Groups that are read ahead of the one being stored, for each worker: enough that none waits, few
#: enough that what was read does not fill the memory.
_AHEAD = 4
#: Groups to a transaction where a database is made anew: what is new is written once and not with each group.
_TOGETHER = 50


class Unchanged(Exception):
    """Undoes the transaction of a group that came out as it was."""


@dataclass(frozen=True, slots=True)
class Made:
    """A database that was made anew."""

    reports: int
    outcomes: dict[str, int]
    """What its originals are → how many."""


@dataclass(slots=True)
class Replayed:
    """What a replay did."""

    groups: int = 0
    originals: int = 0
    """Originals read."""
    changes: list[Changes] = field(default_factory=list)
    """Of the groups that changed; none where the database is new, and everything in it."""
    made: Made | None = None
    """What a database that was made anew holds."""
    left: list[str] = field(default_factory=list)
    """What could not be replayed, and why; the database has it as it was."""
    proved: int = 0
    """Reports of which other reports say something else now."""
    decisions: int = 0
    """Decisions of people that the database did not have yet, or had no longer."""
    asleep: list[str] = field(default_factory=list)
    """Decisions without effect as the originals read today."""
    lines: int = 0
    """Lines of a province's own that nothing has any more."""


@dataclass(slots=True)
class _Reading:
    """A group being read."""

    group: Group
    read: list[tuple[Original, Future[Loaded]]]


def replay_into(
    store: Store,
    chosen: Sequence[Group],
    warcs: Path,
    *,
    readers: MakeReaders,
    whole: bool,
    anew: bool = False,
    decided: Sequence[DecisionNote] = (),
    told: Callable[[Group], None] = lambda _: None,
) -> Replayed:
    """Replay these groups, ``whole`` if they are all there are, and all that was ``decided``.

    ``anew``: into a database that has nothing yet, and is thrown away if this does not come to its end; no
    group is compared with what it was, many share a transaction, and sums and counts are made at the end.

    ``told`` is called after each group. Ctrl-C between two groups ends the replay as an
    exception; what is stored then is sound, and a later replay does the rest.
    """
    done = Replayed()
    made, at_once = readers(store.extra_divisions())
    threads = ThreadPoolExecutor(at_once)
    try:
        with store.afresh() if anew else nullcontext(), ExitStack() as together:
            for number, reading in enumerate(_ahead(chosen, made, threads, warcs, _AHEAD * at_once)):
                if anew and number % _TOGETHER == 0:
                    together.close()
                    together.enter_context(store.writing())
                    together.enter_context(search.together(store.db))
                _one(store, reading, made, warcs, done, anew=anew)
                told(reading.group)
    except BaseException:
        made.stop()
        raise
    finally:
        threads.shutdown(cancel_futures=True)
        made.close()
    moved, asleep = copies.carry_out(store, decided)
    done.decisions = len(moved)
    done.asleep = [f"{one.url}: split of {one.agency} {one.year} ({one.reason})" for one in asleep]
    done.proved = prove(store).changed
    if whole:
        with store.writing():
            done.lines = replay.drop_lines(store.db)
    store.refresh_coverage()
    return done


def _ahead(
    chosen: Sequence[Group], readers: Parsers, threads: ThreadPoolExecutor, warcs: Path, number: int
) -> Iterator[_Reading]:
    """The groups in their order, each already in the hands of the readers."""
    waiting: deque[_Reading] = deque()
    for group in chosen:
        same: dict[object, Future[Loaded]] = {}
        for note in group.notes:
            key = _matter(note.original)
            if key not in same:
                same[key] = threads.submit(readers.load, Located(note.original, warcs))
        waiting.append(_Reading(group, [(one.original, same[_matter(one.original)]) for one in group.notes]))
        if len(waiting) > number:
            yield waiting.popleft()
    yield from waiting


def _matter(original: Original) -> tuple[object, ...]:
    """All that a reading depends on: of the time the day, of the record nothing."""
    return (
        original.url,
        original.sha256,
        original.fetched_at.date(),
        original.media_type,
        original.charset,
        original.role,
        original.context,
        tuple(_matter(part) for part in original.parts),
    )


def _one(
    store: Store, reading: _Reading, readers: Parsers, warcs: Path, done: Replayed, *, anew: bool
) -> None:
    """Read a group and put it in place of what the database has of it."""
    group = reading.group
    done.groups += 1
    if group.without_note:
        done.left += [f"{url}: no WARC file tells how it was found" for url in group.without_note]
        return
    reports: list[tuple[Original, Loaded]] = []
    damaged = []
    for original, future in reading.read:
        try:
            reports.append((original, future.result()))
        except ArchiveError as error:
            damaged.append(f"{original.url}: {error}")
    done.left += dict.fromkeys(damaged)
    done.originals += len({original.id for original, _ in reports})
    if damaged and group.documents:  # rather an old reading than none
        return
    if anew:
        with store.writing():
            _put_back(store, group, reports, readers, warcs)
        return
    before = replay.state(store.db, group.documents)
    try:
        with store.writing():
            _put_back(store, group, reports, readers, warcs)
            after = replay.state(store.db, replay.documents_at(store.db, replay.addresses(group)))
            if after == before:
                raise Unchanged
    except Unchanged:
        return
    done.changes.append(changes(before, after, replay.shared(store.db, after)))


def _put_back(
    store: Store,
    group: Group,
    reports: Sequence[tuple[Original, Loaded]],
    readers: Parsers,
    warcs: Path,
) -> None:
    agencies = replay.forget(store.db, group)
    for original, (same, read) in reports:
        keep(store, original.like(same), read, parse=readers.read, warcs=warcs)
    for report_id in replay.mend(store.db, group, agencies):
        rearrange(store.db, arrange(merges.originals(store.db, report_id)), report_id)


def older(version: str, than: str) -> bool:
    """Whether a parser version comes before another: numbers by size, point by point."""
    return _number(version) < _number(than)


def _number(version: str) -> tuple[tuple[int, str], ...]:
    # What is no number sorts before all numbers: a version nobody released.
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in version.split("."))


def read_before(store: Store, groups: Sequence[Group], parser: str) -> list[Group]:
    """Groups with an original that a parser before ``parser`` read, or that was set aside or never read.

    By which parser an original was refused is not kept, so these are read again each time.
    """
    old = {
        row["document"]
        for row in store.db.query("SELECT document, parser FROM _readings")
        if older(row["parser"], parser)
    }
    aside = "SELECT id FROM documents WHERE outcome IN ('refused', 'unassigned', 'unreadable')"
    old |= {row["id"] for row in store.db.query(aside)}
    return [group for group in groups if not group.documents or old & set(group.documents)]


def notes_of(notes: Sequence[object]) -> list[OriginalNote]:
    """The notes of originals among all."""
    return [note for note in notes if isinstance(note, OriginalNote)]
