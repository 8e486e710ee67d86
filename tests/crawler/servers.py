"""Small scripted web servers on loopback, and the portals they stand for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from spiders.portals import Portal, from_entry


@dataclass
class Reply:
    """What is sent back; ``chunks`` sends the body with Transfer-Encoding: chunked."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False

    @property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass
class Asked:
    """One request, as it came over the wire."""

    at: float
    target: str
    headers: dict[str, str]


Pages = dict[str, Reply | Callable[[int], Reply]]


class Server(ThreadingHTTPServer):
    """Answers by path; a callable gets the number of the request for its path, from 1."""

    daemon_threads = True

    def __init__(self, address: str, pages: Pages) -> None:
        super().__init__((address, 0), _Handler)
        self.pages = pages
        self.asked: list[Asked] = []
        self.busy = 0
        self.most_at_once = 0
        self.lock = threading.Lock()
        self.base = f"http://{address}:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def targets(self) -> list[str]:
        return [asked.target for asked in self.asked]

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.asked.append(Asked(time.monotonic(), self.path, dict(self.headers.items())))
            self.server.busy += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.busy)
        try:
            path = self.path.partition("?")[0]
            page = self.server.pages.get(path, Reply("<h1>404</h1>", 404))
            times = sum(target.partition("?")[0] == path for target in self.server.targets)
            reply = page(times) if callable(page) else page
            self._send(reply)
        finally:
            with self.server.lock:
                self.server.busy -= 1

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Type": "text/html; charset=utf-8"} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(reply.raw)))
        self.end_headers()
        if not reply.chunked:
            self.wfile.write(reply.raw)
            return
        for start in range(0, len(reply.raw), 50):
            part = reply.raw[start : start + 50]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are kept, not printed."""


def portal(key: str, start: str, family: str = "trs") -> Portal:
    """A registry entry for one report column."""
    return from_entry(
        {
            "key": key,
            "name": "示例县人民政府",
            "family": family,
            "division": "990102",
            "level": "county",
            "start": [start],
            "status": "unverified",
            "evidence": "scripted server on loopback",
        }
    )


def listing(*names: str) -> str:
    """A list page with one report link a name: ``2023.html`` is the report on 2023."""
    rows = "".join(
        f"<li><a href='{name}'>示例县{name[:4]}年政府信息公开工作年度报告</a>"
        f"<span>{int(name[:4]) + 1}-01-29</span></li>"
        for name in names
    )
    head = "<head><meta name='ColumnName' content='政府信息公开年报'></head>"
    return f"<html>{head}<body><ul>{rows}</ul></body></html>"
