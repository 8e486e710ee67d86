"""The two sites that are measured, each a real process, and what such a process costs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Seconds a server may take to answer for the first time.
_START = 120
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A site that answers."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of processor time it has used."""
        # proc(5): the name in brackets may hold blanks; utime and stime are the 14th and 15th field.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def memory(self) -> int:
        """Bytes it keeps in memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self, database: Path) -> int:
        """How often it has the database's file open."""
        found = 0
        for entry in Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                found += entry.readlink() == database.resolve()
            except FileNotFoundError:
                continue  # closed meanwhile
        return found


@contextmanager
def ours(data: Path) -> Iterator[Server]:
    """``gongkai serve``."""
    command = [sys.executable, "-m", "crawler.cli", "serve", "--data", str(data), "--port", "0"]
    with _running(command) as process:
        assert process.stderr is not None
        found = re.search(r":(\d+)/", process.stderr.readline())
        if found is None:
            raise RuntimeError("gongkai serve did not say where it listens")
        server = Server(process.pid, int(found[1]))
        _wait(server)
        yield server


@contextmanager
def plain(database: Path, port: int) -> Iterator[Server]:
    """Datasette as anyone would start it on the same file, with no setting but the port."""
    command = [sys.executable, "-m", "datasette", "serve", str(database), "-p", str(port)]
    with _running(command) as process:
        server = Server(process.pid, port)
        _wait(server)
        yield server


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # plain Datasette, while it streams to nobody
            process.kill()
            process.wait()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + _START
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/-/versions.json", timeout=10).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
