"""The process that stores: the child of ``pipelines.storing``."""

from __future__ import annotations

import logging
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from logging.handlers import QueueHandler
from pathlib import Path
from typing import NoReturn

from archive.candidates import Outcome
from archive.derived import search
from archive.errors import ArchiveError
from archive.records import Snapshot
from archive.rows import document_id
from archive.store import PATIENCE, Store
from pipelines.across import prove
from pipelines.keep import Parse, keep
from pipelines.pipes import asked_for, reply, sealed, taken
from pipelines.reading import Limits, Reader, as_reading
from pipelines.storing import WARCS, Answers, Asked, Meant, Parsed, Prove

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
            archive.carry_out(what)


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
    """The parent's archive; tells what is to last before it does."""

    def __init__(self, path: Path, *, demo: bool, meant: Callable[[Outcome], None]) -> None:
        super().__init__(path, demo=demo, timeout=PATIENCE, lent=True)
        self._meant = meant

    def about_to_last(self, outcome: Outcome) -> None:
        self._meant(outcome)


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
        #: Place and identifier of the original that is stored by itself.
        self._alone: tuple[int, int] | None = None

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._open is not None:
            store, reader = self._open
            reader.close()
            store.close()

    def carry_out(self, what: Asked) -> None:
        """Answers for each original in their order, or for the one thing that was asked for."""
        if isinstance(what, Prove):
            self._say(Answers((_answer(lambda: prove(self._opened()[0])),)))
            return
        done = 0
        while done < len(what.some):
            several = _apart(what.some[done:])
            answers = self._together(done, several) if len(several) > 1 else None
            if answers is None:
                for number, parsed in enumerate(several, start=done):
                    self._say(Answers((_answer(partial(self._one, number, parsed)),)))
                done += len(several)
            else:
                self._say(Answers(answers))
                done += len(answers)

    def _together(self, first: int, some: Sequence[Parsed]) -> tuple[Outcome, ...] | None:
        """As many as there is time for in one transaction; or none, for one may be out of the ordinary."""
        outcomes: list[Outcome] = []
        try:
            store, _ = self._opened()
            with store.writing():
                with search.together(store.db):
                    until = time.monotonic() + _HELD
                    for parsed in some:
                        outcomes.append(self._keep(store, parsed, _not_now))
                        if time.monotonic() > until:
                            break
                self._say(Meant(first, tuple(outcomes)))
            return tuple(outcomes)
        except Exception as error:  # noqa: BLE001 - each is stored by itself, and has an answer of its own
            expected = isinstance(error, _HasToBeReadError)
            level = logging.DEBUG if expected else logging.WARNING
            log.log(level, "%s originals are stored one by one: %s", len(some), error)
            self._say(Meant(first, ()))
            return None

    def _one(self, number: int, parsed: Parsed) -> Outcome:
        store, reader = self._opened()
        self._alone = number, document_id(parsed.snapshot.url, parsed.snapshot.sha256)
        try:
            return self._keep(store, parsed, reader.read)
        finally:
            self._alone = None

    def _meant(self, outcome: Outcome) -> None:
        """What was held and is stored anew with an original has its own answer, or had one long ago."""
        if self._alone is not None and self._alone[1] == outcome.document:
            self._say(Meant(self._alone[0], (outcome,)))

    def _keep(self, store: Store, parsed: Parsed, parse: Parse) -> Outcome:
        warcs = self._path.parent / WARCS
        return keep(store, parsed.snapshot, as_reading(parsed.read), parse=parse, warcs=warcs)

    def _opened(self) -> tuple[_Lent, Reader]:
        """Raises ``ArchiveError``."""
        if self._open is None:
            store = _Lent(self._path, demo=self._demo, meant=self._meant)
            # For what is held already and has to be read again, which is rare.
            self._open = store, Reader(store.extra_divisions(), limits=self._limits)
        return self._open


def _apart(some: Sequence[Parsed]) -> Sequence[Parsed]:
    """The first of them, up to one of an article that another is of already.

    If the child is killed, those of a transaction are asked for again one by one. That gives the same only
    as long as nothing that came later from the same address, page or file beside it, is stored by then.
    """
    seen: set[str] = set()
    for number, parsed in enumerate(some):
        article = parsed.snapshot.context.page_url or parsed.snapshot.url
        if article in seen:
            return some[:number]
        seen.add(article)
    return some


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        demo=bool(int(sys.argv[2])),
        limits=Limits(float(sys.argv[3]), int(sys.argv[4])),
    )
