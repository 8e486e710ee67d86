"""Originals read in a process of their own: a crash or a page that never ends costs one page.

Readers are native code in part (PDF, OCR, lxml), and what they read comes from
anywhere. A child process that dies, or reads longer than it may, is replaced, and
its original is kept as ``unreadable`` with the reason.
"""

from __future__ import annotations

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from archive.divisions import DEFAULT
from archive.records import Report, Snapshot
from pipelines.report import parse, unreadable

logger = logging.getLogger(__name__)

#: Seconds for one original. A scan of 30 pages takes two minutes on one slow core.
SECONDS = 600.0

Divisions = Sequence[Mapping[str, object]]


class Reader:
    """One child process that reads originals, one at a time.

    ``extra``: divisions that the packaged list has not. The child begins with the
    first original, ends with ``close`` or with this process, however that ends.
    """

    def __init__(self, extra: Divisions = (), *, seconds: float = SECONDS) -> None:
        self._extra = list(extra)
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._told = False

    def parse(self, snapshot: Snapshot) -> Report:
        """``report.parse`` in the child; like it, never raises on any bytes."""
        child = self._child = self._child or _start()
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        watch = threading.Timer(self._seconds, stop)
        watch.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            if not self._told:
                _send(child.stdin, self._extra)
                self._told = True
            _send(child.stdin, snapshot)
            report = pickle.load(child.stdout)  # noqa: S301  (from our own child)
            assert isinstance(report, Report)
            return report
        except (EOFError, OSError, pickle.UnpicklingError):
            child.kill()
            ended = child.wait()
            self._forget()
            message = _TOO_LONG.format(self._seconds) if late.is_set() else _DIED.format(_how(ended))
            logger.error("%s: %s", snapshot.url, message)
            return unreadable(snapshot, message)
        finally:
            watch.cancel()

    def close(self) -> None:
        """End the child."""
        child = self._child
        if child is None:
            return
        assert child.stdin is not None
        try:
            child.stdin.close()  # its end of input
            child.wait(timeout=5)
        except (OSError, subprocess.TimeoutExpired):
            child.kill()
            child.wait()
        self._forget()

    def _forget(self) -> None:
        if self._child is not None:
            for stream in (self._child.stdin, self._child.stdout):
                if stream is not None and not stream.closed:
                    try:
                        stream.close()
                    except BrokenPipeError:  # what was buffered for a child that is gone
                        logger.debug("the reading process had ended before its input did")
            self._child, self._told = None, False


_TOO_LONG = "读取超过 {:g} 秒，已中止"
_DIED = "读取程序异常退出（{}）"


def _how(ended: int) -> str:
    return f"信号 {signal.Signals(-ended).name}" if ended < 0 else f"退出码 {ended}"


class Readers:
    """Several readers; whoever asks waits for one that is free."""

    def __init__(self, number: int, extra: Divisions = (), *, seconds: float = SECONDS) -> None:
        self._all = [Reader(extra, seconds=seconds) for _ in range(number)]
        self._users = 1
        self._free: queue.SimpleQueue[Reader] = queue.SimpleQueue()
        for reader in self._all:
            self._free.put(reader)

    def parse(self, snapshot: Snapshot) -> Report:
        """Read with the next reader that is free; may be called from several threads."""
        with self._one() as reader:
            return reader.parse(snapshot)

    @contextmanager
    def _one(self) -> Iterator[Reader]:
        reader = self._free.get()
        try:
            yield reader
        finally:
            self._free.put(reader)

    @classmethod
    def shared(cls, extra: Divisions = ()) -> Readers:
        """This process's readers: made for the first who asks, closed by the last."""
        if _shared:
            _shared[0]._users += 1
            return _shared[0]
        # One core is left to whoever asks.
        readers = cls(max(1, (os.cpu_count() or 1) - 1), extra)
        _shared.append(readers)
        return readers

    def close(self) -> None:
        """End all children; nobody may be reading. Shared ones end with their last user."""
        self._users -= 1
        if self._users:
            return
        if self in _shared:
            _shared.remove(self)
        for reader in self._all:
            reader.close()


_shared: list[Readers] = []


def _start() -> subprocess.Popen[bytes]:
    # -P: a folder in which somebody stands is no place to import from.
    command = [sys.executable, "-P", "-m", "pipelines.reading"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603


def _send(stream: IO[bytes], what: object) -> None:
    pickle.dump(what, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def main() -> None:
    """The child: divisions first, then an original and its report by turns, until its input ends."""
    # What a library prints must not run into the answers.
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    # Ctrl-C reaches the whole group; the parent decides when reading ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    extra = pickle.load(asked)  # noqa: S301  (from our own parent)
    divisions = DEFAULT.with_extra(extra) if extra else DEFAULT
    while True:
        try:
            snapshot = pickle.load(asked)  # noqa: S301
        except EOFError:
            return
        _send(answers, parse(snapshot, divisions))


if __name__ == "__main__":
    main()
