"""The process that stores: the child of ``pipelines.storing``."""

from __future__ import annotations

import logging
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from logging.handlers import QueueHandler
from pathlib import Path
from typing import NoReturn

from archive.candidates import Outcome
from archive.derived import search
from archive.errors import ArchiveError
from archive.records import Snapshot
from archive.store import PATIENCE, Store
from pipelines.across import prove
from pipelines.keep import Parse, keep
from pipelines.pipes import asked_for, reply, sealed, taken
from pipelines.reading import Limits, Reader, as_reading
from pipelines.storing import WARCS, Asked, Meant, Parsed, Prove

log = logging.getLogger(__name__)

Say = Callable[[object], None]


def main(path: Path, *, demo: bool, limits: Limits) -> None:
    """Carries out what the parent asks, until nothing more is."""
    asked, answers = taken()
    # Who ends all processes of a service at once means its crawl, which ends in order, and this one with it.
    # A function and not SIG_IGN, which processes begun from here would inherit.
    signal.signal(signal.SIGTERM, lambda *_: None)

    def say(what: object) -> None:
        reply(answers, sealed(what))

    logging.getLogger().addHandler(_Passing(say))
    logging.captureWarnings(True)
    with _Archive(path, demo, limits, say) as archive:
        while True:
            try:
                what: Asked = asked_for(asked)
            except EOFError:
                return
            say(archive.carry_out(what))


def _answer(work: Callable[[], object]) -> object:
    """What it comes to, or the exception that it ends with."""
    try:
        return work()
    except ArchiveError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to know
        # Not every exception can be made again from its arguments, and where it was raised is lost.
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note("".join(traceback.format_tb(error.__traceback__)))
        return told


class _Passing(QueueHandler):
    """Log lines belong into the log of the crawl, which the parent keeps."""

    def __init__(self, say: Say) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._say = say

    def enqueue(self, record: logging.LogRecord) -> None:
        self._say(record)


class _Lent(Store):
    """The parent's archive; says what is to last before it does (``Meant``)."""

    def __init__(self, path: Path, *, demo: bool, say: Say) -> None:
        super().__init__(path, demo=demo, timeout=PATIENCE, lent=True)
        self._say = say
        self._meant: list[Outcome] | None = None

    def about_to_last(self, outcome: Outcome) -> None:
        if self._meant is None:
            self._say(Meant((outcome,)))
        else:
            self._meant.append(outcome)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is applied within is one transaction, and what is to last is said once before its end."""
        meant = self._meant = []
        try:
            with self.writing():
                with search.together(self.db):
                    yield
                self._say(Meant(tuple(meant)))
        finally:
            self._meant = None


#: Seconds after which a transaction takes no further original: the crawl's books wait for its end.
_HELD = 0.02


class _HasToBeReadError(Exception):
    """An original has to be read again, for which no transaction waits: it may take minutes."""


def _not_now(snapshot: Snapshot) -> NoReturn:
    raise _HasToBeReadError(snapshot.url)


class _Archive:
    """The archive, opened when it is first asked for, so that whatever is wrong with it is an answer."""

    def __init__(self, path: Path, demo: bool, limits: Limits, say: Say) -> None:
        self._path, self._demo, self._limits, self._say = path, demo, limits, say
        self._open: tuple[_Lent, Reader] | None = None

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._open is not None:
            store, reader = self._open
            reader.close()
            store.close()

    def carry_out(self, what: Asked) -> list[object]:
        """An answer for each original in their order, or the one that was asked for."""
        if isinstance(what, Prove):
            return [_answer(lambda: prove(self._opened()[0]))]
        answers: list[object] = []
        rest = what.some
        while len(rest) > 1:
            try:
                answers += self._together(rest)
            except Exception as error:  # noqa: BLE001 - each is asked for again, and has an answer of its own
                log.debug("%s originals are stored one by one: %s", len(rest), error)
                break
            rest = what.some[len(answers) :]
        return answers + [_answer(partial(self._one, parsed)) for parsed in rest]

    def _together(self, some: Sequence[Parsed]) -> list[Outcome]:
        """As many as there is time for in one transaction; or none, for one may be out of the ordinary."""
        store, _ = self._opened()
        outcomes: list[Outcome] = []
        with store.together():
            until = time.monotonic() + _HELD
            for parsed in some:
                outcomes.append(self._keep(store, parsed, _not_now))
                if time.monotonic() > until:
                    break
        return outcomes

    def _one(self, parsed: Parsed) -> Outcome:
        store, reader = self._opened()
        return self._keep(store, parsed, reader.read)

    def _keep(self, store: Store, parsed: Parsed, parse: Parse) -> Outcome:
        warcs = self._path.parent / WARCS
        return keep(store, parsed.snapshot, as_reading(parsed.read), parse=parse, warcs=warcs)

    def _opened(self) -> tuple[_Lent, Reader]:
        """Raises ``ArchiveError``."""
        if self._open is None:
            store = _Lent(self._path, demo=self._demo, say=self._say)
            # For what is held already and has to be read again, which is rare.
            self._open = store, Reader(store.extra_divisions(), limits=self._limits)
        return self._open


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        demo=bool(int(sys.argv[2])),
        limits=Limits(float(sys.argv[3]), int(sys.argv[4])),
    )
