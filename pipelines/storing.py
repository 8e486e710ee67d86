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
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from archive.candidates import Outcome
from archive.errors import StoppedError
from archive.records import Snapshot
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
    """Originals to be stored in their order, as many in one transaction as may be."""

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
    """What is to last in a moment, said before it does: of the transaction that is open, and of no other.

    The child may be killed when it has stored and not yet answered. Who asks again is then told that
    nothing is new, which is true and would be a wrong count.
    """

    first: int
    """Which of the originals asked for the first is, counted from 0."""
    outcomes: tuple[Outcome, ...]
    """None: what was meant is undone."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What lasts, or went wrong: for the next of those that were asked for."""

    some: tuple[object, ...]


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
        answer = await asyncio.wrap_future(self._put(what))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _put(self, what: Parsed | Prove) -> Future[object]:
        future: Future[object] = Future()
        self._asked.put((what, future))
        # A turn for each: some find that what they are for was done with others.
        self._thread.submit(self._turn)
        return future

    def _turn(self) -> None:
        """Carry out what waits, as much as may be carried out at once."""
        taken: list[tuple[Parsed | Prove, Future[object]]] = []
        try:
            self._gather(taken)
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            for _, future in taken:
                future.set_result(error)
            return
        some = [(what, future) for what, future in taken if isinstance(what, Parsed)]
        if some:
            self._carry_out(Keep(tuple(parsed for parsed, _ in some)), [future for _, future in some])
        for what, future in taken:
            if isinstance(what, Prove):
                self._carry_out(what, [future])

    def _carry_out(self, what: Asked, futures: Sequence[Future[object]]) -> None:
        """Each who waits for it gets an answer, whatever happens."""
        try:
            found = dict(zip(futures, self._ask(what), strict=True))
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for it
            found = dict.fromkeys(futures, error)
        for future, answer in found.items():
            future.set_result(answer)

    def _gather(self, taken: list[tuple[Parsed | Prove, Future[object]]]) -> None:
        """Take what waits, and what comes while others are read: a part of it, and nothing after a proof."""
        until = time.monotonic() + _LINGER
        for number in range(_TOGETHER):
            left = until - time.monotonic()
            wait = number > 0 and left > 0 and self._coming() > 0
            try:
                what, future = self._asked.get(block=wait, timeout=left if wait else None)
            except queue.Empty:
                return
            if future.set_running_or_notify_cancel():  # or nobody wants it any more
                taken.append((what, future))
            if isinstance(what, Prove):
                return

    def _ask(self, what: Asked) -> list[object]:
        """An answer for each original, or the one that was asked for."""
        told = _Told([], {})
        try:
            self._tried(what, told)
            return told.answers
        except _EndedError as ended:
            logger.error("%s; it is begun anew", ended)
        except OSError as error:
            return [self._not_begun(error)] * _number(what)
        # Which of the others it was is not known, so each is asked for by itself.
        left = what.some[len(told.answers) :] if isinstance(what, Keep) else ()
        rest: Sequence[Asked] = [Keep((one,)) for one in left] if isinstance(what, Keep) else [what]
        first = len(told.answers)
        again = [self._again(one, told.meant.get(first + number)) for number, one in enumerate(rest)]
        return told.answers + again

    def _again(self, what: Asked, meant: Outcome | None) -> object:
        """Asked for the second time, by itself; ``meant`` was to last when the child ended."""
        told = _Told([], {})
        try:
            self._tried(what, told)
        except _EndedError as ended:
            return StoppedError(f"{ended}, and when it was begun anew")
        except OSError as error:
            return self._not_begun(error)
        [answer] = told.answers
        if meant is None or not isinstance(answer, Outcome) or answer.action != "unchanged":
            return answer
        return meant if meant.document == answer.document else answer

    def _not_begun(self, error: OSError) -> StoppedError:
        """No memory, too many processes or open files."""
        return StoppedError(f"{self._path}: the process that stores cannot be begun ({error})")

    def _tried(self, what: Asked, told: _Told) -> None:
        """Has the child answer; raises ``_EndedError``, and ``OSError`` where none can be begun."""
        child = self._child = self._child or self._begin()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with self._bounded(what, child):
                ask(child.stdin, what)
            while len(told.answers) < _number(what):
                with self._bounded(what, child):
                    said = opened(receive(child.stdout))
                told.hear(said)
        except (EOFError, OSError) as error:
            self._child = None
            ended = end(child)
            raise _EndedError(f"{self._path}: the process that stores ended ({ended}) over {what}") from error
        except BaseException:
            # What it still has to say would be taken for the answer to something else.
            self._child = None
            child.kill()
            end(child)
            raise

    def _bounded(self, what: Asked, child: subprocess.Popen[bytes]) -> AbstractContextManager[None]:
        """Whoever stopped it, or whatever disk it waits for: an original holds up the others so long only.

        What reports say of each other may take any time, and nothing waits behind it.
        """
        if isinstance(what, Prove):
            return nullcontext()
        return DEADLINES.within(_READINGS * self._limits.seconds, child.kill)

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


def _number(what: Asked) -> int:
    """How many answers there are to be."""
    return len(what.some) if isinstance(what, Keep) else 1


@dataclass(frozen=True, slots=True)
class _Told:
    """What a child has said so far."""

    answers: list[object]
    meant: dict[int, Outcome]
    """Place among those asked for → what is to last of the transaction that is open."""

    def hear(self, said: object) -> None:
        """Take in one thing it says; its log lines go into our log."""
        if isinstance(said, Answers):
            self.answers.extend(said.some)
            self.meant.clear()
        elif isinstance(said, Meant):
            self.meant.clear()
            self.meant.update(enumerate(said.outcomes, start=said.first))
        else:
            assert isinstance(said, logging.LogRecord)
            logging.getLogger(said.name).handle(said)
