"""Servers that answer with whatever bytes a test wants, HTTP or not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

#: The answer, or what gives it for a target, whole or piece by piece.
Answer = bytes | Callable[[str], bytes | Iterator[bytes]]


def http(
    body: bytes = b"",
    status: str = "200 OK",
    *,
    kind: str = "text/html; charset=utf-8",
    length: object = None,
    headers: bytes = b"",
) -> bytes:
    """An HTTP/1.1 answer; ``length`` states another length than the body has."""
    stated = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {stated}\r\n".encode()
    return head + headers + b"Connection: close\r\n\r\n" + body


def redirect(to: str) -> bytes:
    return http(b"", "302 Found", headers=f"Location: {to}\r\n".encode())


class RawServer:
    """One request a connection; ``routes`` by path, ``*`` for all others, 404 where there is none."""

    def __init__(self, address: str, routes: dict[str, Answer], *, reset: bool = False) -> None:
        self.routes = routes
        self.asked: list[str] = []
        #: Bytes that went out.
        self.sent = 0
        self._reset = reset
        self._socket = socket.create_server((address, 0))
        self.base = f"http://{address}:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):  # the crawler has had enough
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(65536)
                if not part:
                    return
                request += part
            target = request.split(b" ")[1].decode("latin-1")
            self.asked.append(target)
            found = self.routes.get(
                target.partition("?")[0], self.routes.get("*", http(b"", "404 Not Found"))
            )
            answer = found(target) if callable(found) else found
            for part in [answer] if isinstance(answer, bytes) else answer:
                connection.sendall(part)
                self.sent += len(part)
            if self._reset and "robots" not in target and target != "/nb/":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        self._socket.close()
