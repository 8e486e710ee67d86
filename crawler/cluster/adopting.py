"""What a shard brings is taken into the archive, as if the visit had been made here.

First its files: WARCs, their lists and the log. Then the database, a visit in one transaction: its run, its
originals in the order in which they were noted, and how it ended. A shard that was taken in half is
taken in again from the start, and one that was taken in twice changes nothing.
"""

from __future__ import annotations

import filecmp
import logging
import re
import shutil
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive import ledger, notes
from archive.durable import sync_file, sync_folder
from archive.errors import ArchiveError, WrongArchiveError
from archive.notes import Original, OriginalNote
from archive.store import Store
from archive.warc import WarcWriter
from archive.warc_files import SUFFIX, Torn, on_disk
from crawler import carried, logs
from crawler.books import Books, Ended
from crawler.cluster import ClusterError, away
from crawler.cluster.shards import DamagedShardError, Shards
from crawler.summary import PortalRun
from pipelines.items import COUNTED, WARCS
from pipelines.keep import keep
from pipelines.reading import Loaded, Located, Parsers
from spiders.links import clipped, plain

log = logging.getLogger(__name__)

#: Folders of the data folder for what is being taken in.
_INCOMING = "shard-"
#: A WARC file and its list have the name that the worker gave them, which no other writer gives.
_FILE = re.compile(r"gongkai-[0-9a-f]{12}-[0-9-]+\.warc\.gz(?:\.cdxj)?|(?P<log>crawl-\w+-\d+\.jsonl)")


@dataclass(frozen=True, slots=True)
class Archive:
    """Where it is taken in."""

    store: Store
    readers: Parsers
    at_once: int
    """Originals that the readers have at a time."""
    writer: WarcWriter
    """Notes how visits ended."""

    @property
    def data(self) -> Path:
        return self.store.path.parent

    @property
    def warcs(self) -> Path:
        return self.data / WARCS


def adopt(archive: Archive, shards: Shards, name: str) -> list[PortalRun]:
    """Take in a shard, then take it away; gives its visits that ended.

    Raises ``DamagedShardError`` and ``WrongArchiveError`` for one that must not be taken in, which stays
    where it is, and ``ArchiveError`` if the archive cannot be written.
    """
    with TemporaryDirectory(prefix=_INCOMING, dir=archive.data) as folder:
        incoming = Path(folder)
        about = shards.take(name, incoming)
        try:
            ends = dict(away.from_json(one) for one in about["ends"])
            runs = {state["run"]["id"]: state for state in about["runs"]}
            kind, counted = about["kind"], about["carried"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedShardError(f"{name}: says not how its visits went ({error})") from error
        if kind != archive.store.about["kind"]:
            raise WrongArchiveError(
                f"{name}: a shard of a {kind}, and this is a {archive.store.about['kind']}"
            )
        found = _originals(incoming)
        _take_files(archive, incoming)
    carried.lay(archive.data, counted)
    ended = [_visit(archive, state, ends.get(run), found) for run, state in runs.items()]
    shards.remove(name)
    return [run for run in ended if run is not None]


def clear(data: Path) -> None:
    """Throw away what one that was killed had copied from a shard; the shard is still there."""
    for folder in data.glob(f"{_INCOMING}*"):
        shutil.rmtree(folder)


def _originals(folder: Path) -> dict[str | None, list[Original]]:
    """Portal → originals noted in the WARCs of a folder, in the order in which they were."""
    torn: list[Torn] = []
    unread: list[str] = []
    found: dict[str | None, list[Original]] = {}
    for note in notes.read_notes(folder, torn=torn, unread=unread):
        if isinstance(note, OriginalNote):
            found.setdefault(note.original.context.portal, []).append(note.original)
    for said in (*unread, *(f"{one.file}: {one.cut} bytes at its end are no whole record" for one in torn)):
        log.error("%s", said)
    return found


def _take_files(archive: Archive, incoming: Path) -> None:
    """Lists before their WARCs: a file without a list is in the index (``archive.cdxj``)."""
    folders = {archive.warcs, archive.data / logs.FOLDER}
    places = {path: _place(archive, path) for path in incoming.iterdir()}
    with on_disk(archive.data):
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        for path, place in sorted(places.items(), key=lambda one: (one[0].name.endswith(SUFFIX), one[0])):
            sync_file(path)
            path.replace(place)
        for folder in folders:
            sync_folder(folder)


def _place(archive: Archive, path: Path) -> Path:
    """Where a shard's file belongs; what would take the place of another file is refused."""
    kind = _FILE.fullmatch(path.name)
    if kind is None:
        raise DamagedShardError(f"{path.name}: no file that a visit leaves")
    place = (archive.data / logs.FOLDER if kind["log"] else archive.warcs) / path.name
    if place.exists() and not filecmp.cmp(place, path, shallow=False):
        raise DamagedShardError(f"{path.name}: {place.parent} has another file of that name")
    return place


def _visit(
    archive: Archive,
    state: Mapping[str, Any],
    ended: Ended | None,
    found: Mapping[str | None, Sequence[Original]],
) -> PortalRun | None:
    """One visit, in one transaction; ``None`` for one that never ended, whose run stays open as it was."""
    store, run = archive.store, state["run"]["id"]
    there = next(iter(store.db.query("SELECT finish_reason FROM runs WHERE id = ?", [run])), None)
    if there is not None and there["finish_reason"] is not None:
        log.info("visit %s is in the archive already", run)
        return None
    came = None
    with store.writing():
        store.add_portals([{**state["portal"], "start": state["portal"]["url"]}])
        ledger.put_run(store.db, {**state, "portal": None})  # of the portal the archive knows more
        visit = _Taking(archive, run, ended)
        visit.keep(found.get(state["run"]["portal"], ()))
        if ended is not None:
            came = Books(store).close(run, ended, visit.done, visit.say)
    noted(archive.writer, store, run)
    return came


def noted(writer: WarcWriter, store: Store, run: int) -> None:
    """Have the WARC tell how a visit ended."""
    try:
        notes.write_run(writer, store.run_state(run))
    except ArchiveError as error:
        # The database has it; only a database made anew from the WARCs will show the run as cut short.
        log.error("how the visit ended could not be written to the WARC: %s", error)


class _Taking:
    """The originals of one visit on their way into the archive."""

    def __init__(self, archive: Archive, run: int, ended: Ended | None) -> None:
        self._archive = archive
        self._run = run
        self._ended = ended
        #: What became of them, by the values of ``COUNTED``.
        self.done: Counter[str] = Counter()

    def keep(self, originals: Iterable[Original]) -> None:
        archive = self._archive
        for original, reading in _read_ahead(archive, originals):
            try:
                snapshot, read = reading.result()
            except ClusterError:  # of the readers, not of the original: the shard is taken in another time
                raise
            except ArchiveError as error:  # its record is damaged; the others are not
                self.say("error", original.url, str(error))
                continue
            outcome = keep(archive.store, snapshot, read, parse=archive.readers.read, warcs=archive.warcs)
            self.done[COUNTED[outcome.action]] += 1
            if outcome.action in ("unassigned", "unreadable"):
                self.say(outcome.action, outcome.url, outcome.reason or outcome.action)

    def say(self, kind: str, url: str, message: str) -> None:
        """As ``FamilySpider.issue``, of a visit that was made elsewhere."""
        listed = (kind, clipped(url), plain(message))
        if self._ended is not None:
            noted = self._ended.visit.note(*listed)
            if noted is None:
                return
            listed = noted
        log.warning("%s: %s", listed[0], listed[2], extra={"url": listed[1], "run": self._run})
        self._archive.store.add_issue(self._run, *listed)


def _read_ahead(archive: Archive, originals: Iterable[Original]) -> Iterator[tuple[Original, Future[Loaded]]]:
    """The originals in their order, each already in the hands of the readers."""
    waiting: deque[tuple[Original, Future[Loaded]]] = deque()
    with ThreadPoolExecutor(archive.at_once) as threads:
        try:
            for original in originals:
                reading = threads.submit(archive.readers.load, Located(original, archive.warcs))
                waiting.append((original, reading))
                if len(waiting) > archive.at_once:
                    yield waiting.popleft()
            yield from waiting
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
