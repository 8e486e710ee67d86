"""Who is told: a webhook on loopback and a command. Each keeps what came, and the moment of the year."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .clock import Clock


@dataclass(frozen=True)
class Heard:
    """One piece of news as it came."""

    at: datetime
    state: str
    portal: str
    outcome: str


def _heard(at: datetime, body: bytes) -> list[Heard]:
    return [
        Heard(at, one["state"], one.get("portal", one["key"]), one.get("outcome", ""))
        for one in json.loads(body)["news"]
    ]


class Hook(ThreadingHTTPServer):
    """A webhook; between two moments it answers 500 and keeps nothing."""

    daemon_threads = True

    def __init__(self, clock: Clock, down: tuple[datetime, datetime]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[Heard] = []
        self.refused = 0
        self._clock, self._down = clock, down
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def take(self, body: bytes) -> int:
        """Takes a body and gives the status of the answer."""
        now = self._clock.now
        if self._down[0] <= now < self._down[1]:
            self.refused += 1
            return 500
        self.heard += _heard(now, body)
        return 204

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.send_response(self.server.take(self.rfile.read(int(self.headers["Content-Length"]))))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """What comes is kept, not printed."""


class Program:
    """A command that keeps its standard input, a line each time, with the real time before it."""

    def __init__(self, clock: Clock, folder: Path) -> None:
        self._clock, self._out = clock, folder / "told"
        script = folder / "tell.py"
        script.write_text(
            "import sys, time\n"
            f"with open({str(self._out)!r}, 'ab') as out:\n"
            "    out.write(f'{time.time()} '.encode() + sys.stdin.buffer.read() + b'\\n')\n",
            encoding="utf-8",
        )
        self.words = f"{sys.executable},{script}"

    @property
    def heard(self) -> list[Heard]:
        lines = self._out.read_bytes().splitlines() if self._out.exists() else []
        parts = (line.partition(b" ") for line in lines)
        return [one for real, _, body in parts for one in _heard(self._clock.at(float(real)), body)]
