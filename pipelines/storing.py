"""Originals stored by a process of their own, beside the one that fetches them.

To fetch is the reactor's, to read is done by others (``pipelines.reading``); storing, some five milliseconds
a report, would take its turn on the reactor's interpreter. The process that fetches holds the archive's lock
and keeps its books; its child stores, and nobody else does.
"""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from archive import times
from archive.candidates import Outcome
from archive.errors import ArchiveError, StoppedError
from archive.records import Snapshot
from archive.store import Store
from pipelines.across import Proof, prove
from pipelines.keep import keep
from pipelines.pipes import ask, asked_for, begin, end, opened, receive, reply, sealed, taken
from pipelines.reading import Limits, Reader, as_report

logger = logging.getLogger(__name__)

WARCS = "warc"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An original with what was read from it, as it came from its reader (``reading.as_report``)."""

    snapshot: Snapshot
    read: bytes


@dataclass(frozen=True, slots=True)
class Prove:
    """What the new reports say of others, and others of them."""


Asked = Parsed | Prove


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
        for again in (True, False):
            child = self._child = self._child or self._begin()
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                ask(child.stdin, what)
                return opened(receive(child.stdout))
            except (EOFError, OSError):
                self._child = None
                ended = end(child)
                about = what.snapshot.url if isinstance(what, Parsed) else "what reports say of each other"
                said = f"{self._path}: the process that stores ended ({ended}) over {about}"
                if not again:
                    return StoppedError(f"{said}, and when it was begun anew")
                logger.error("%s; it is begun anew", said)
        raise AssertionError("the second end is the last")

    def _begin(self) -> subprocess.Popen[bytes]:
        later = times.shifted().total_seconds()
        limits = self._limits
        given = (self._path, int(self._demo), later, limits.seconds, limits.megabytes)
        return begin("pipelines.storing", *given)

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


# -- in the child ------------------------------------------------------------------------


def main(path: Path, *, demo: bool, later: timedelta, limits: Limits) -> None:
    """The child: carries out what it is asked, until nothing more is."""
    asked, answers = taken()
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    times.shift(later)
    with _Archive(path, demo, limits) as archive:
        while True:
            try:
                what: Asked = asked_for(asked)
            except EOFError:
                return
            reply(answers, _answer(archive.carry_out, what))


def _answer(work: Callable[[Asked], object], what: Asked) -> bytes:
    """What it came to, or the exception that it ended with."""
    try:
        return sealed(work(what))
    except ArchiveError as error:
        return sealed(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know
        # Not every exception can be made again from its arguments, and where it was raised is lost.
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note("".join(traceback.format_tb(error.__traceback__)))
        return sealed(told)


class _Archive:
    """The archive, opened when it is first asked for, so that whatever is wrong with it is an answer."""

    def __init__(self, path: Path, demo: bool, limits: Limits) -> None:
        self._path, self._demo, self._limits = path, demo, limits
        self._open: tuple[Store, Reader] | None = None

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._open is not None:
            store, reader = self._open
            reader.close()
            store.close()

    def carry_out(self, what: Asked) -> object:
        """Raises ``ArchiveError``."""
        if self._open is None:
            store = Store(self._path, demo=self._demo, lent=True)
            # For what is held already and has to be read again, which is rare.
            self._open = store, Reader(store.extra_divisions(), limits=self._limits)
        store, reader = self._open
        if isinstance(what, Prove):
            return prove(store)
        warcs = self._path.parent / WARCS
        return keep(store, what.snapshot, as_report(what.read), parse=reader.parse, warcs=warcs)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        demo=bool(int(sys.argv[2])),
        later=timedelta(seconds=float(sys.argv[3])),
        limits=Limits(float(sys.argv[4]), int(sys.argv[5])),
    )
