"""Originals stored by a process of their own, beside the one that fetches them.

To fetch is the reactor's, to read is done by others (``pipelines.reading``); storing, some five milliseconds
a report, would take its turn on the reactor's interpreter. The process that fetches holds the archive's lock
and keeps its books; its child (``pipelines.storer``) stores, and nobody else does.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
from concurrent.futures import ThreadPoolExecutor
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
from pipelines.reading import Limits

logger = logging.getLogger(__name__)

WARCS = "warc"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original with what was read from it, as it came from its reader (``reading.as_reading``)."""

    snapshot: Snapshot
    read: bytes


@dataclass(frozen=True, slots=True)
class Prove:
    """What the new reports say of others, and others of them."""


Asked = Parsed | Prove

#: To store one original may mean to read others again that have waited for it, each twice at most.
_READINGS = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """What is to last in a moment, said before it does.

    The child may be killed when it has stored and not yet answered. Who asks again is then told that
    nothing is new, which is true and would be a wrong count.
    """

    outcome: Outcome


class Storing:
    """The one process that stores what all spiders of this process bring, in the order in which it comes.

    It begins with the first original, and ends with its last user or with this process, however that
    ends. This process must have the archive open (``Store``) for as long.
    """

    _shared: ClassVar[dict[Path, Storing]] = {}

    def __init__(self, path: Path, *, demo: bool = False, limits: Limits | None = None) -> None:
        self._path, self._demo, self._limits = path, demo, limits or Limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._users = 1
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
        outcome = await self._asked(parsed)
        assert isinstance(outcome, Outcome)
        return outcome

    async def prove(self) -> Proof:
        """``pipelines.across.prove`` when all that was asked for before is done; raises as it does."""
        proof = await self._asked(Prove())
        assert isinstance(proof, Proof)
        return proof

    async def _asked(self, what: Asked) -> object:
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, what)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ask(self, what: Asked) -> object:
        meant: list[Outcome] = []
        for again in (True, False):
            try:
                child = self._child = self._child or self._begin()
            except OSError as error:  # no memory, too many processes or open files
                return StoppedError(f"{self._path}: the process that stores cannot be begun ({error})")
            assert child.stdin is not None
            assert child.stdout is not None
            before = list(meant)
            try:
                with self._bounded(what, child):
                    ask(child.stdin, what)
                    return _came(what, _answer(child.stdout, meant), before)
            except (EOFError, OSError):
                self._child = None
                ended = end(child)
                about = what.snapshot.url if isinstance(what, Parsed) else "what reports say of each other"
                said = f"{self._path}: the process that stores ended ({ended}) over {about}"
                if not again:
                    return StoppedError(f"{said}, and when it was begun anew")
                logger.error("%s; it is begun anew", said)
        raise AssertionError("the second end is the last")

    def _bounded(self, what: Asked, child: subprocess.Popen[bytes]) -> AbstractContextManager[None]:
        """Whoever stopped it, or whatever disk it waits for: one original holds up the others so long only.

        What reports say of each other may take any time, and nothing waits behind it.
        """
        if not isinstance(what, Parsed):
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


def _answer(stream: IO[bytes], meant: list[Outcome]) -> object:
    """What the child answers in the end; what it said before that goes into ``meant`` and into our log."""
    while True:
        said = opened(receive(stream))
        if isinstance(said, Meant):
            meant.append(said.outcome)
        elif isinstance(said, logging.LogRecord):
            logging.getLogger(said.name).handle(said)
        else:
            return said


def _came(what: Asked, answer: object, before: list[Outcome]) -> object:
    """The answer, or what a child that ended before it could answer had stored."""
    if not isinstance(what, Parsed) or not isinstance(answer, Outcome) or answer.action != "unchanged":
        return answer
    own = document_id(what.snapshot.url, what.snapshot.sha256)
    stored = (one for one in before if one.document == own == answer.document)
    return next(stored, answer)
