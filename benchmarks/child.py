"""One measurement in a process of its own: what it took of time, of processors and of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds from one look at the memory to the next. The system adds up a process's pages each time: ten looks
#: a second took a tenth of a core from a crawl of four processes, and less from a reparse of three.
_EVERY = 0.5


@dataclass(slots=True)
class Ran:
    """What a process and those that it began took."""

    seconds: float = 0.0
    cpu: float = 0.0
    """Seconds of processors."""
    samples: list[tuple[float, int, int]] = field(default_factory=list)
    """Monotonic time, bytes in memory of the process itself, and of those that it began."""

    @property
    def peak(self) -> int:
        """Bytes in memory at most, all processes together; 0 where the system does not tell."""
        return max((own + others for _, own, others in self.samples), default=0)


class FailedError(RuntimeError):
    """A measurement ended with an error, which is on stderr or in its log."""


def run(module: str, *given: object, log: Path | None = None) -> Ran:
    """``python -m MODULE GIVEN…`` from beginning to end; its stderr goes to ``log``."""
    command = [sys.executable, "-m", module, *map(str, given)]
    ran = Ran()
    begun = time.monotonic()
    with (log or Path(os.devnull)).open("wb") as errors:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603
        ended = threading.Event()
        watch = threading.Thread(target=_watch, args=(child.pid, ran, ended), daemon=True)
        watch.start()
        _, status, usage = os.wait4(child.pid, 0)
    ended.set()
    watch.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise FailedError(f"{' '.join(command)} ended with {child.returncode}; see {log}")
    ran.seconds, ran.cpu = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
    return ran


def _watch(pid: int, ran: Ran, ended: threading.Event) -> None:
    while not ended.wait(_EVERY):
        own, others = resident(pid), sum(map(resident, _below(pid)))
        if own:
            ran.samples.append((time.monotonic(), own, others))


def resident(pid: int) -> int:
    """Bytes of a process that are in memory, of what it shares its share (proc(5), Pss).

    So those of several processes add up. 0 where it is gone, or the system is not Linux.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _below(pid: int) -> Sequence[int]:
    """Processes that one began, and those that they began."""
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return found
    for task in tasks:
        try:
            children = (task / "children").read_text(encoding="ascii")
        except OSError:  # a thread that has ended; what it began is another's now
            continue
        for child in map(int, children.split()):
            found += [child, *_below(child)]
    return found
