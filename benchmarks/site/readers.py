"""Readers of a site: several at once, each asking for one page after another."""

from __future__ import annotations

import http.client
import math
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.site.servers import Server


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds from asking to the last byte."""

    p50: float
    p95: float
    cpu: float
    """Milliseconds of the server's processor time an answer; other work on the machine hardly alters it."""

    @classmethod
    def of(cls, milliseconds: Sequence[float], cpu: float) -> Times:
        ordered = sorted(milliseconds)

        def at(share: float) -> float:
            return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

        return cls(at(0.5), at(0.95), cpu)


def read(server: Server, paths: Sequence[str], readers: int) -> Times:
    """``readers`` at once share the pages; raises ``RuntimeError`` for an answer that is none."""

    def reader(own: Sequence[str]) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        spent = []
        for path in own:
            started = time.perf_counter()
            connection.request("GET", path, headers={"Accept-Language": "zh"})
            response = connection.getresponse()
            body = response.read()
            spent.append((time.perf_counter() - started) * 1000)
            if response.status != 200 or not body:
                raise RuntimeError(f"{path}: {response.status}")
        connection.close()
        return spent

    before = server.cpu()
    with ThreadPoolExecutor(readers) as pool:
        every = list(pool.map(reader, [paths[number::readers] for number in range(readers)]))
    cpu = (server.cpu() - before) * 1000 / len(paths)
    return Times.of([one for spent in every for one in spent], cpu)


@dataclass(frozen=True, slots=True)
class Stream:
    """A download, or its beginning."""

    bytes: int
    seconds: float
    whole: bool

    @property
    def rate(self) -> float:
        """Megabytes (10^6) a second."""
        return self.bytes / self.seconds / 1e6


def download(server: Server, path: str, seconds: float) -> Stream:
    """Read a download to its end, or for so long."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}")
    size = 0
    while piece := response.read(1 << 16):
        size += len(piece)
        if time.perf_counter() - started > seconds:
            connection.close()
            return Stream(size, time.perf_counter() - started, False)
    connection.close()
    return Stream(size, time.perf_counter() - started, True)


def leave(server: Server, path: str, *, size: int, after: float, watched: float) -> float:
    """Processor seconds that a server goes on spending when its reader has left.

    Reads ``size`` bytes, hangs up, waits ``after`` seconds and looks at the next ``watched``.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        left = size
        while left > 0 and (piece := connection.recv(1 << 16)):
            left -= len(piece)
    time.sleep(after)
    before = server.cpu()
    time.sleep(watched)
    return server.cpu() - before
