"""Originals stored by a process of their own, beside the one that fetches them.

To fetch is the reactor's, to read is done by others (``pipelines.reading``); storing, some milliseconds
a report, would take its turn on the reactor's interpreter. The process that fetches holds the archive's lock
and keeps its books; its child (``pipelines.storer``) stores, and nobody else does. What comes close together
is stored in one transaction. An outcome is given when it is committed: a kill loses nothing that was told.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from archive.candidates import Outcome
from archive.errors import StoppedError
from archive.records import Snapshot
from archive.rows import document_id
from pipelines.across import Proof
from pipelines.deadlines import DEADLINES
from pipelines.pipes import ask, begin, end, opened, receive
from pipelines.reading import Limits, under_way

logger = logging.getLogger(__name__)

WARCS = "warc"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original with what was read from it, as it came from its reader (``reading.as_reading``)."""

    snapshot: Snapshot
    read: bytes


@dataclass(frozen=True, slots=True)
class Keep:
    """Originals to be stored in their order, in one transaction where nothing stands against it."""

    some: tuple[Parsed, ...]

    def __str__(self) -> str:
        first = self.some[0].snapshot.url
        return first if len(self.some) == 1 else f"{first} and {len(self.some) - 1} more"


@dataclass(frozen=True, slots=True)
class Prove:
    """What the new reports say of others, and others of them."""

    def __str__(self) -> str:
        return "what reports say of each other"


Asked = Keep | Prove

#: Originals stored in one transaction at most. Each takes some milliseconds, and the crawl's own books, which
#: are kept on the reactor, wait for its end.
_TOGETHER = 8
#: Seconds that one waits for others that are being read, so that they are written at once: half of what
#: storing takes is the same for one and for eight.
_LINGER = 0.1
#: To store one original may mean to read others again that have waited for it, each twice at most.
_READINGS = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """What is to last in a moment, said before it does.

    The child may be killed when it has stored and not yet answered. Who asks again is then told that
    nothing is new, which is true and would be a wrong count.
    """

    outcomes: tuple[Outcome, ...]


class _EndedError(Exception):
    """The child ended over what it was asked; the message says how."""


class Storing:
    """The one process that stores what all spiders of this process bring, in the order in which it comes.

    It begins with the first original, and ends with its last user or with this process, however that
    ends. This process must have the archive open (``Store``) for as long.

    ``coming`` says how many originals are being read that may come soon.
    """

    _shared: ClassVar[dict[Path, Storing]] = {}

    def __init__(
        self,
        path: Path,
        *,
        demo: bool = False,
        limits: Limits | None = None,
        coming: Callable[[], int] = under_way,
    ) -> None:
        self._path, self._demo, self._limits = path, demo, limits or Limits()
        self._coming = coming
        self._child: subprocess.Popen[bytes] | None = None
        self._users = 1
        self._asked: queue.SimpleQueue[tuple[Parsed | Prove, Future[object]]] = queue.SimpleQueue()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storing")

    @classmethod
    def shared(cls, path: Path, *, demo: bool = False, limits: Limits | None = None) -> Storing:
        """This process's one for an archive: made for the first who asks, ended by the last who leaves."""
        whole = path.absolute()
        there = cls._shared.get(whole)
        if there is None:
            there = cls._shared[whole] = cls(whole, demo=demo, limits=limits)
        else:
            there._users += 1
        return there

    async def keep(self, parsed: Parsed) -> Outcome:
        """``pipelines.keep`` when all that was asked for before is done; raises as it does.

        ``StoppedError`` where the process ends twice over it: once may be somebody's doing, and what was
        stored before it ended is then found to be there.
        """
        outcome = await self._answered(parsed)
        assert isinstance(outcome, Outcome)
        return outcome

    async def prove(self) -> Proof:
        """``pipelines.across.prove`` when all that was asked for before is done; raises as it does."""
        proof = await self._answered(Prove())
        assert isinstance(proof, Proof)
        return proof

    async def _answered(self, what: Parsed | Prove) -> object:
        future: Future[object] = Future()
        self._asked.put((what, future))
        # A turn for each: some find that what they are for was done with others.
        self._thread.submit(self._turn)
        answer = await asyncio.wrap_future(future)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _turn(self) -> None:
        """Carry out what waits, as much as may be carried out at once."""
        some: list[tuple[Parsed, Future[object]]] = []
        for what, future in self._gathered():
            if isinstance(what, Parsed):
                some.append((what, future))
                continue
            self._store(some)
            some = []
            self._carry_out(what, [future])
        self._store(some)

    def _store(self, some: Sequence[tuple[Parsed, Future[object]]]) -> None:
        if some:
            self._carry_out(Keep(tuple(parsed for parsed, _ in some)), [future for _, future in some])

    def _carry_out(self, what: Asked, futures: Sequence[Future[object]]) -> None:
        """Each who waits gets an answer, whatever happens."""
        try:
            answers = dict(zip(futures, self._ask(what), strict=True))
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            answers = dict.fromkeys(futures, error)
        for future, answer in answers.items():
            future.set_result(answer)

    def _gathered(self) -> Iterator[tuple[Parsed | Prove, Future[object]]]:
        """What waits, and what comes while others are being read; less than all where that is much."""
        until = time.monotonic() + _LINGER
        for number in range(_TOGETHER):
            left = until - time.monotonic()
            wait = number > 0 and left > 0 and self._coming() > 0
            try:
                what, future = self._asked.get(block=wait, timeout=left if wait else None)
            except queue.Empty:
                return
            if future.set_running_or_notify_cancel():  # or nobody wants it any more
                yield what, future
            if isinstance(what, Prove):
                return

    def _ask(self, what: Asked) -> list[object]:
        """An answer for each original, or the one that was asked for."""
        meant: list[Outcome] = []
        try:
            try:
                return self._tried(what, meant)
            except _EndedError as ended:
                logger.error("%s; it is begun anew", ended)
            return [self._again(one, meant) for one in _each(what)]
        except OSError as error:  # no memory, too many processes or open files
            stopped = StoppedError(f"{self._path}: the process that stores cannot be begun ({error})")
            return [stopped for _ in _each(what)]

    def _again(self, what: Asked, meant: list[Outcome]) -> object:
        """One of those over which the child ended, by itself: which of them it was is not known."""
        try:
            [answer] = self._tried(what, [])
        except _EndedError as ended:
            return StoppedError(f"{ended}, and when it was begun anew")
        return _came(what, answer, meant)

    def _tried(self, what: Asked, meant: list[Outcome]) -> list[object]:
        """The child's answers; raises ``_EndedError``, and ``OSError`` where none can be begun."""
        child = self._child = self._child or self._begin()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with self._bounded(what, child):
                ask(child.stdin, what)
                return _answers(child.stdout, meant)
        except (EOFError, OSError) as error:
            self._child = None
            ended = end(child)
            raise _EndedError(f"{self._path}: the process that stores ended ({ended}) over {what}") from error

    def _bounded(self, what: Asked, child: subprocess.Popen[bytes]) -> AbstractContextManager[None]:
        """Whoever stopped it, or whatever disk it waits for: an original holds up the others so long only.

        What reports say of each other may take any time, and nothing waits behind it.
        """
        if isinstance(what, Prove):
            return nullcontext()
        return DEADLINES.within(len(what.some) * _READINGS * self._limits.seconds, child.kill)

    def _begin(self) -> subprocess.Popen[bytes]:
        limits = self._limits
        return begin("pipelines.storer", self._path, int(self._demo), limits.seconds, limits.megabytes)

    def leave(self) -> bool:
        """One user less; says whether it was the last, who is then to ``end`` it."""
        self._users -= 1
        if self._users:
            return False
        if self._shared.get(self._path) is self:
            del self._shared[self._path]
        return True

    def end(self) -> None:
        """Wait until all is stored that was asked for, and the process has ended."""
        self._thread.shutdown()
        child, self._child = self._child, None
        if child is not None:
            end(child)

    def close(self) -> None:
        """``leave``, and ``end`` it if nobody is left."""
        if self.leave():
            self.end()


def _answers(stream: IO[bytes], meant: list[Outcome]) -> list[object]:
    """What the child answers in the end; what it said before that goes into ``meant`` and into our log."""
    while True:
        said = opened(receive(stream))
        if isinstance(said, Meant):
            meant.extend(said.outcomes)
        elif isinstance(said, logging.LogRecord):
            logging.getLogger(said.name).handle(said)
        else:
            assert isinstance(said, list)
            return said


def _each(what: Asked) -> list[Asked]:
    return [Keep((one,)) for one in what.some] if isinstance(what, Keep) else [what]


def _came(what: Asked, answer: object, meant: list[Outcome]) -> object:
    """The answer, or what a child that ended before it could answer had stored.

    An original is looked at once: if the same comes again, it is new no more.
    """
    if not isinstance(what, Keep):
        return answer
    [parsed] = what.some
    own = document_id(parsed.snapshot.url, parsed.snapshot.sha256)
    before = next((one for one in meant if one.document == own), None)
    if before is None:
        return answer
    meant.remove(before)
    lasted = isinstance(answer, Outcome) and answer.action == "unchanged" and answer.document == own
    return before if lasted else answer
