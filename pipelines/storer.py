"""The process that stores: the child of ``pipelines.storing``."""

from __future__ import annotations

import logging
import signal
import sys
import traceback
from collections.abc import Callable
from logging.handlers import QueueHandler
from pathlib import Path

from archive.candidates import Outcome
from archive.errors import ArchiveError
from archive.store import PATIENCE, Store
from pipelines.across import prove
from pipelines.keep import keep
from pipelines.pipes import asked_for, reply, sealed, taken
from pipelines.reading import Limits, Reader, as_reading
from pipelines.storing import WARCS, Asked, Meant, Prove

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

    def about_to_last(self, outcome: Outcome) -> None:
        self._say(Meant(outcome))


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

    def carry_out(self, what: Asked) -> object:
        """Raises ``ArchiveError``."""
        if self._open is None:
            store = _Lent(self._path, demo=self._demo, say=self._say)
            # For what is held already and has to be read again, which is rare.
            self._open = store, Reader(store.extra_divisions(), limits=self._limits)
        store, reader = self._open
        if isinstance(what, Prove):
            return prove(store)
        warcs = self._path.parent / WARCS
        return keep(store, what.snapshot, as_reading(what.read), parse=reader.read, warcs=warcs)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        demo=bool(int(sys.argv[2])),
        limits=Limits(float(sys.argv[3]), int(sys.argv[4])),
    )
