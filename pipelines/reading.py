"""Originals read in a process of their own: a crash or a page that never ends costs one page.

Readers are native code in part (PDF, OCR, lxml), and what they read comes from
anywhere. A child process that dies twice, reads longer than it may or wants more memory
than it may is replaced, and its original is kept as ``unreadable`` with the reason.

This is the parent's side, which knows no parser: the child is ``pipelines.reader``.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archive.errors import ArchiveError
from archive.records import Report, Snapshot
from archive.rows import Reading, reading
from pipelines.deadlines import DEADLINES
from pipelines.pipes import ask, begin, end, opened, receive, sealed
from pipelines.unread import unreadable

if TYPE_CHECKING:
    from pathlib import Path

    # Who only reads what is sent needs no WARC.
    from archive.notes import Original

logger = logging.getLogger(__name__)

Divisions = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one original may take."""

    seconds: float = 600.0
    """A scan of 30 pages takes two minutes on one slow core."""
    megabytes: int = 3072
    """Of memory. A picture of 100 million pixels, the most that is let in, takes 2,000."""


@dataclass(frozen=True, slots=True)
class Located:
    """An original in its WARC record, for a reader that can load it by itself."""

    original: Original
    warcs: Path

    @property
    def url(self) -> str:
        """Its address."""
        return self.original.url

    def load(self) -> Snapshot:
        """With its bytes; raises ``ArchiveError``."""
        return self.original.load(self.warcs)


#: An original without its bytes, and what was read from it.
Loaded = tuple[Snapshot, Reading]


class Parsers(Protocol):
    """Whoever reads originals for several threads: children of this process, or other machines."""

    def read(self, snapshot: Snapshot) -> Reading:
        """What ``report.parse`` makes of it, ready to be stored; like it, never raises on any bytes."""

    def load(self, located: Located) -> Loaded:
        """The same of an original that is to be loaded first; raises ``ArchiveError`` if it cannot be."""

    def stop(self) -> None:
        """Nothing that is being read is wanted any more; ``close`` is still to be called."""

    def close(self) -> None:
        """End; nobody may be reading."""


class Reader:
    """One child process that reads originals, one at a time.

    ``extra``: divisions that the packaged list has not. The child begins with the
    first original, ends with ``close`` or with this process, however that ends.
    """

    def __init__(self, extra: Divisions = (), *, limits: Limits | None = None) -> None:
        self._extra = list(extra)
        self._limits = limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._told = False
        self._stopped = False

    def parse(self, snapshot: Snapshot) -> Report:
        """``report.parse`` in the child; like it, never raises on any bytes."""
        report = opened(self._answer(snapshot, whole=True))
        assert isinstance(report, Report)
        return report

    def read(self, snapshot: Snapshot) -> Reading:
        """The same, ready to be stored: its rows and words are made in the child too."""
        return as_reading(self.passed_on(snapshot))

    def passed_on(self, snapshot: Snapshot) -> bytes:
        """The same for whoever passes it on unread, to be opened by ``as_reading``."""
        return self._answer(snapshot, whole=False)

    def load(self, located: Located) -> Loaded:
        """The same of an original that the child is to load; raises ``ArchiveError`` if it cannot."""
        loaded = opened(self._answer(located, whole=False))
        if isinstance(loaded, ArchiveError):
            raise loaded
        snapshot, read = loaded
        return snapshot, read

    def _answer(self, asked: Snapshot | Located, *, whole: bool) -> bytes:
        if isinstance(asked, Snapshot) and asked.bare:
            raise ValueError(f"{asked.url}: its bytes are not at hand")
        # Twice: a child that somebody killed, perhaps the system for want of memory, says nothing of
        # what it was reading.
        for again in (True, False):
            answer = self._ask(asked, whole=whole)
            if isinstance(answer, bytes):
                return answer
            logger.error("%s: %s", asked.url, answer)
            if not (again and answer.startswith(_DIED)) or self._stopped:
                return sealed(_unread(asked, answer, whole=whole))
        raise AssertionError("the second answer is the last")

    def _ask(self, asked: Snapshot | Located, *, whole: bool) -> bytes | str:
        """The child's answer, or why there is none; a child without an answer is gone."""
        child = self._child = self._child or begin(
            "pipelines.reader", self._limits.seconds, self._limits.megabytes
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with DEADLINES.within(self._limits.seconds, stop):
                if not self._told:
                    ask(child.stdin, self._extra)
                    self._told = True
                ask(child.stdin, (asked, whole))
                return receive(child.stdout)
        except (EOFError, OSError):
            ended = self._end()
            if late.is_set() or ended == -_ALARM:
                return _TOO_LONG.format(self._limits.seconds)
            if ended == FULL:
                return _TOO_MUCH.format(self._limits.megabytes)
            return f"{_DIED}（{_how(ended)}）"
        except BaseException:
            # Ctrl-C: its answer would be taken for that of the next.
            child.kill()
            self._end()
            raise

    def _end(self) -> int:
        """End the child; gives how it ended."""
        assert self._child is not None
        child, self._child, self._told = self._child, None, False
        return end(child)

    def stop(self) -> None:
        """End the child in the midst of what another thread waits for, for good."""
        self._stopped = True
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._end()


def _unread(asked: Snapshot | Located, message: str, *, whole: bool) -> object:
    """What the child would have answered of an original that cannot be read."""
    if isinstance(asked, Located):
        try:
            snapshot = asked.load()
        except ArchiveError as error:
            return error
        return snapshot.without_bytes(), reading(snapshot, unreadable(snapshot, message))
    failed = unreadable(asked, message)
    return failed if whole else reading(asked, failed)


_TOO_LONG = "读取超过 {:g} 秒，已中止"
_TOO_MUCH = "读取所需内存超过 {} MB，已中止"
_DIED = "读取程序异常退出"
#: What the child sets itself for want of a parent that counts the seconds; there is none on Windows.
_ALARM = getattr(signal, "SIGALRM", 0)
#: Exit code of a child that had no memory left; what it took it would not give back.
FULL = 86


def _how(ended: int) -> str:
    return f"信号 {signal.Signals(-ended).name}" if ended < 0 else f"退出码 {ended}"


class Readers:
    """Several readers; whoever asks waits for one that is free."""

    def __init__(self, number: int, extra: Divisions = (), *, limits: Limits | None = None) -> None:
        self._all = [Reader(extra, limits=limits) for _ in range(number)]
        self._users = 1
        self._under_way: set[Future[bytes]] = set()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="reading")
        self._free: queue.SimpleQueue[Reader] = queue.SimpleQueue()
        for reader in self._all:
            self._free.put(reader)

    def read(self, snapshot: Snapshot) -> Reading:
        """Read with the next reader that is free; may be called from several threads."""
        return as_reading(self.passed_on(snapshot))

    def passed_on(self, snapshot: Snapshot) -> bytes:
        """The same for whoever passes it on unread, to be opened by ``as_reading``."""
        with self._one() as reader:
            return reader.passed_on(snapshot)

    def load(self, located: Located) -> Loaded:
        """``Reader.load`` by the next reader that is free; may be called from several threads."""
        with self._one() as reader:
            return reader.load(located)

    def submit(self, snapshot: Snapshot) -> Future[bytes]:
        """``passed_on`` in its turn: first come, first read."""
        reading = self._threads.submit(self.passed_on, snapshot)
        self._under_way.add(reading)
        reading.add_done_callback(self._under_way.discard)
        return reading

    @contextmanager
    def _one(self) -> Iterator[Reader]:
        reader = self._free.get()
        try:
            yield reader
        finally:
            self._free.put(reader)

    def stop(self) -> None:
        """Nothing that is being read is wanted any more; ``close`` is still to be called."""
        for reader in self._all:
            reader.stop()

    @classmethod
    def shared(
        cls, extra: Divisions = (), *, number: int | None = None, limits: Limits | None = None
    ) -> Readers:
        """This process's readers, one a core or so many: made for the first who asks, closed by the last."""
        if _shared:
            _shared[0]._users += 1
            return _shared[0]
        # Whoever asks leaves half a core of two: fetching and storing take less than reading.
        readers = cls(number or os.cpu_count() or 1, extra, limits=limits)
        _shared.append(readers)
        return readers

    def close(self) -> None:
        """End all children; nobody may be reading. Shared ones end with their last user."""
        if self.leave():
            self.end()

    def leave(self) -> bool:
        """One user less; says whether it was the last, who is then to ``end`` them."""
        self._users -= 1
        if self._users:
            return False
        if self in _shared:
            _shared.remove(self)
        return True

    def end(self) -> None:
        """Wait until all children have ended."""
        self._threads.shutdown(cancel_futures=True)
        for reader in self._all:
            reader.close()


_shared: list[Readers] = []


def under_way() -> int:
    """How many originals were submitted to the shared readers of this process and are not read yet."""
    return sum(len(readers._under_way) for readers in _shared)


#: Divisions beyond the packaged list → readers that know them, and how many originals they read at once.
MakeReaders = Callable[[Divisions], tuple[Parsers, int]]


def children(number: int, *, limits: Limits | None = None) -> MakeReaders:
    """So many child processes of this one."""
    return lambda extra: (Readers(number, extra, limits=limits), number)


def as_reading(passed_on: bytes) -> Reading:
    """What a reader has read."""
    read = opened(passed_on)
    assert isinstance(read, Reading)
    return read
