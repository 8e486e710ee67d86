"""The real commands as processes of their own: started, killed in several ways, started again."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOOKS = Path(__file__).resolve().parent / "hooks"
#: Seconds that a command may take, on a slow and busy machine.
PATIENCE = 240.0
#: Seconds in which what a killed command leaves behind has to end by itself.
ORPHANS = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    seconds: float


class Command:
    """``gongkai`` with some words, in a session of its own, so that all it starts can be found."""

    def __init__(self, *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path) -> None:
        self.words = [str(word) for word in words]
        cwd.mkdir(parents=True, exist_ok=True)
        self._log = cwd / "command.log"
        self._began = time.monotonic()
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "crawler.cli", *self.words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )

    def wait(self, seconds: float = PATIENCE) -> Ended:
        """Waits for its end; a command that does not end is killed and fails the test."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill("all")
            raise AssertionError(f"gongkai {self.words} did not end in {seconds} s:\n{self.out}") from None
        self._settle()
        return Ended(code, self.out, time.monotonic() - self._began)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself before so many seconds have passed since it began."""
        try:
            self._process.wait(max(0.0, self._began + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self, how: str, chance: random.Random | None = None) -> None:
        """SIGKILL to ``all`` its processes at once, to its ``main`` one, or to one of its ``child``ren.

        Waits until none is left: those that were spared have to notice, and end.
        """
        members = _session(self._process.pid)
        children = [pid for pid in members if pid != self._process.pid]
        if how == "child" and children:
            _kill((chance or random.Random(0)).choice(children))
            self._process.wait(PATIENCE)
        elif how == "main":
            _kill(self._process.pid)
        else:
            while members:
                for pid in members:
                    _kill(pid)
                self._process.poll()
                members = [pid for pid in _session(self._process.pid) if pid != self._process.pid]
        self._process.wait()
        self._settle()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All of it stands still for the length of the block, with whatever it holds."""
        for pid in _session(self._process.pid):
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in _session(self._process.pid):
                os.kill(pid, signal.SIGCONT)

    def _settle(self) -> None:
        deadline = time.monotonic() + ORPHANS
        while left := _session(self._process.pid):
            if time.monotonic() > deadline:
                for pid in left:
                    _kill(pid)
                raise AssertionError(f"gongkai {self.words} is gone, and these of it live on: {left}")
            time.sleep(0.05)

    @property
    def out(self) -> str:
        """What it said so far, on stdout and stderr."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def run(*words: str | Path, env: Mapping[str, str] | None = None, cwd: Path) -> Ended:
    """A command from its beginning to its end."""
    return Command(*words, env=env, cwd=cwd).wait()


def dying(
    step: int,
    under: Path,
    *,
    tear: bool = False,
    count: Path | None = None,
    of: str | None = None,
    once: Path | None = None,
) -> dict[str, str]:
    """Variables that let a command die before its ``step``-th step in the folder ``under``.

    ``of``: a module of its processes, whose steps alone count. ``once``: a file that says that one has died.
    """
    path = os.environ.get("PYTHONPATH")
    return {
        "PYTHONPATH": os.pathsep.join([str(HOOKS), *([path] if path else [])]),
        "TORTURE_STEP": str(step),
        "TORTURE_UNDER": str(under),
        **({"TORTURE_TEAR": "1"} if tear else {}),
        **({"TORTURE_COUNT": str(count)} if count else {}),
        **({"TORTURE_OF": of} if of else {}),
        **({"TORTURE_ONCE": str(once)} if once else {}),
    }


def largest_child() -> int:
    """Megabytes of the largest process that has ended so far, of all that this one started."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def _session(leader: int) -> list[int]:
    """Living processes of a session."""
    found = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            # The name, in brackets, may hold anything; what follows are fields (proc(5)).
            fields: Sequence[str] = (path / "stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.append(int(path.name))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
