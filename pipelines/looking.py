"""An original read again for somebody who wants to see a figure in its place: ``archive.seen``.

It is read in a process of its own, with bounded time and memory, because what it reads comes
from anywhere and who asks is a web site's visitor. The process is made for one original and
ends with it: no state, and nothing left over if the site is killed.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
from dataclasses import dataclass

from archive.records import Snapshot
from archive.seen import Seen
from pipelines import joined, readers
from pipelines.confirm import prove
from pipelines.match import match

logger = logging.getLogger(__name__)


def look(snapshot: Snapshot) -> Seen:
    """Read one original; what cannot be read has an ``error``. Raises nothing on any bytes."""
    try:
        document, _ = joined.read(snapshot)
        found = prove(document, match(document))
    except readers.UnreadableError as error:
        return Seen(error=str(error))
    except Exception as error:  # hostile bytes may raise anything
        logger.exception("Looking at %s failed", snapshot.url)
        return Seen(error=type(error).__name__)
    places = {(c.table, c.row, c.column): c.where for c in found.cells if c.where is not None}
    return Seen(document.blocks, places)


@dataclass(frozen=True, slots=True)
class Looker:
    """``look`` in a child process."""

    seconds: float = 20.0
    """A visitor waits no longer. A report of 30 PDF pages takes five; scans take minutes and are not read."""
    megabytes: int = 1024
    """Of memory; the largest page that is read takes a third of it."""

    def __call__(self, snapshot: Snapshot) -> Seen:
        # -P: a folder in which somebody stands is no place to import from.
        command = [sys.executable, "-P", "-m", "pipelines.looking", str(self.seconds), str(self.megabytes)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command,
                input=pickle.dumps(snapshot, protocol=pickle.HIGHEST_PROTOCOL),
                stdout=subprocess.PIPE,
                timeout=self.seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            return Seen(error=f"读取超过 {self.seconds:g} 秒，已中止")
        except subprocess.CalledProcessError as error:
            logger.error("Looking at %s ended with %s", snapshot.url, error.returncode)
            return Seen(error="读取程序异常退出")
        seen = pickle.loads(done.stdout)  # noqa: S301 - from our own child
        assert isinstance(seen, Seen)
        return seen


def main(seconds: float, megabytes: int) -> None:
    """The child: an original in, what it looks like out."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not run into the answer
    if sys.platform == "linux":
        import resource

        # Also when nobody is left to stop it: seconds of work, and memory of its own.
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1,) * 2)
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    snapshot = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    pickle.dump(look(snapshot), answer, protocol=pickle.HIGHEST_PROTOCOL)
    answer.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
