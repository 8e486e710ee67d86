"""The process that reads: the child of ``pipelines.reading``."""

from __future__ import annotations

import logging
import os
import signal
import sys
from dataclasses import replace

from archive.derived.tokens import tokens
from archive.divisions import DEFAULT, Divisions
from archive.errors import ArchiveError
from archive.records import Report, Snapshot
from archive.rows import Reading, reading
from pipelines.near import signed
from pipelines.pipes import asked_for, reply, sealed, taken
from pipelines.readers import html  # noqa: F401 - most of what comes; loaded before memory is bounded
from pipelines.readers.messages import OUT_OF_MEMORY
from pipelines.reading import FULL, Limits, Located
from pipelines.report import parse

#: Seconds by which the child's own alarm is later than the parent's limit.
_LATER = 30.0


def main(limits: Limits) -> None:
    """The child: divisions first, then an original and what it says by turns, until its input ends."""
    asked, answers = taken()
    _bound(limits.megabytes)
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    extra = asked_for(asked)
    divisions = DEFAULT.with_extra(extra) if extra else DEFAULT
    while True:
        try:
            original, whole = asked_for(asked)
        except EOFError:
            return
        _alarm(limits.seconds + _LATER)
        try:
            reply(answers, sealed(_answer(original, divisions, whole=whole)))
        except MemoryError:  # not even for that
            os._exit(FULL)
        _alarm(0)


def _answer(original: Snapshot | Located, divisions: Divisions, *, whole: bool) -> object:
    """The report, or what there is to be stored of it; beside the original, where that had to be loaded."""
    if not isinstance(original, Located):
        report = _read(original, divisions)
        return report if whole else ready(original, report)
    try:
        snapshot = original.load()
    except ArchiveError as error:
        return error
    return snapshot.without_bytes(), ready(snapshot, _read(snapshot, divisions))


def _read(snapshot: Snapshot, divisions: Divisions) -> Report:
    report = parse(snapshot, divisions)
    if report.error == OUT_OF_MEMORY:
        os._exit(FULL)
    return report


def ready(snapshot: Snapshot, report: Report) -> Reading:
    """All that can be made of it here, on a core of its own, and not by the one who stores."""
    read = reading(snapshot, report)
    texts = (section["text"] for section in read.rows.get("sections", ()))
    return replace(read, words={text: tokens(text) for text in texts}, signed=signed(read))


def _bound(megabytes: int) -> None:
    """No more memory than this, for the child and each process that it starts."""
    if sys.platform != "linux":  # elsewhere the limit is not there, or not kept
        return
    import resource

    # Memory of its own, and not what is mapped: libraries take gigabytes of addresses.
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _alarm(seconds: float) -> None:
    """End in so many seconds, whatever native code is doing then (SIGALRM kills); 0: do not."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main(Limits(float(sys.argv[1]), int(sys.argv[2])))
