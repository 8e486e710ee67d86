"""A portal on loopback that answers as fast as it can: lists of twenty rows, and the reports they lead to.

``with Portal(…) as portal``: a process of its own, so that it shares no interpreter with what is timed.
Pages are made before the first is asked for, or, ``lazy``, each when it is asked for.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType

from benchmarks.pages import PREFECTURE, listed, report
from spiders.portals import Portal as Entry
from spiders.portals import from_entry

_ROWS = 20
#: Pages of a list that a spider reads are 30 (``spiders.base.MAX_PAGES``).
_COLUMN = 25 * _ROWS
_HEAD = "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Share:
    """The reports that one of several portals has."""

    first: int
    last: int

    @property
    def columns(self) -> list[range]:
        """The reports by list."""
        return [
            range(start, min(start + _COLUMN, self.last)) for start in range(self.first, self.last, _COLUMN)
        ]


def shares(reports: int, portals: int) -> list[Share]:
    """So many reports, divided among so many portals."""
    bounds = [reports * number // portals for number in range(portals + 1)]
    return [Share(*pair) for pair in pairwise(bounds)]


def lists(share: Share) -> dict[str, bytes]:
    """Path → list page; the columns are at ``/nb0/``, ``/nb1/`` …"""
    made: dict[str, bytes] = {}
    for number, column in enumerate(share.columns):
        pages = [column[start : start + _ROWS] for start in range(0, len(column), _ROWS)]
        for page, rows in enumerate(pages):
            path = f"/nb{number}/" + (f"index_{page}.html" if page else "")
            made[path] = _list(rows, page, len(pages)).encode()
    return made


def _list(rows: range, page: int, pages: int) -> str:
    lines = "".join(
        f"<li><a href='/report/{number}.html'>{title}</a><span>{day}</span></li>"
        for number, (title, day) in ((number, listed(number)) for number in rows)
    )
    head = "<head><meta charset='utf-8'><meta name='ColumnName' content='政府信息公开年报'></head>"
    pager = f'<script>createPageHTML({pages}, {page}, "index", "html");</script>'
    return f"<html>{head}<body><ul>{lines}</ul>{pager}</body></html>"


class _Answers(asyncio.Protocol):
    """HTTP/1.1 as far as Scrapy speaks it: requests without a body, connections kept."""

    def __init__(self, page: Callable[[str], bytes | None]) -> None:
        self._page = page
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._asked += data
        while b"\r\n\r\n" in self._asked:
            head, _, self._asked = self._asked.partition(b"\r\n\r\n")
            body = self._page(head.split(b" ", 2)[1].decode())
            status, sent = ("200 OK", body) if body is not None else ("404 Not Found", b"<h1>404</h1>")
            self._transport.write(_HEAD.format(status, len(sent)).encode() + sent)


async def _serve(reports: int, portals: int, *, lazy: bool) -> None:
    loop = asyncio.get_running_loop()
    servers = []
    for number, share in enumerate(shares(reports, portals)):
        page = _pages(share, lazy=lazy)
        servers.append(await loop.create_server(lambda page=page: _Answers(page), _host(number), 0))  # type: ignore[misc]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    # Ends with the parent, which holds the other end.
    await loop.run_in_executor(None, sys.stdin.read)


def _pages(share: Share, *, lazy: bool) -> Callable[[str], bytes | None]:
    """What answers a path, ``None`` where nothing is there."""
    held = lists(share)
    if not lazy:
        held |= {f"/report/{number}.html": report(number) for number in range(share.first, share.last)}

    def page(path: str) -> bytes | None:
        found = held.get(path)
        if found is None and lazy and path.startswith("/report/"):
            return report(int(path.removeprefix("/report/").removesuffix(".html")))
        return found

    return page


def _host(number: int) -> str:
    return f"127.0.77.{1 + number}"


class Portal:
    """So many reports on so many portals, answered for by a child process."""

    def __init__(self, reports: int, portals: int, *, lazy: bool = False) -> None:
        self._shares = shares(reports, portals)
        given = [str(reports), str(portals), *(["lazy"] if lazy else [])]
        command = [sys.executable, "-m", "benchmarks.portal", *given]
        self._child = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout is not None
        ports = self._child.stdout.readline().split()
        if len(ports) != portals:
            raise RuntimeError("the portal did not start")
        #: ``http://127.0.77.1:PORT`` of each.
        self.bases = [f"http://{_host(number)}:{port}" for number, port in enumerate(ports)]

    def __enter__(self) -> Portal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(timeout=10)

    def entries(self) -> list[Entry]:
        """The portals as the registry has them."""
        return [
            from_entry(
                {
                    "key": f"timed{number}",
                    "name": "计时市人民政府",
                    "family": "trs",
                    "division": PREFECTURE,
                    "level": "prefecture",
                    "start": [f"{base}/nb{column}/" for column in range(len(share.columns))],
                    "status": "unverified",
                    "evidence": "timed portal on loopback",
                }
            )
            for number, (base, share) in enumerate(zip(self.bases, self._shares, strict=True))
        ]

    def addresses(self) -> list[list[str]]:
        """Everything a crawl of each asks for, robots.txt left out: lists, then reports."""
        return [
            [base + path for path in lists(share)]
            + [f"{base}/report/{number}.html" for number in range(share.first, share.last)]
            for base, share in zip(self.bases, self._shares, strict=True)
        ]


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), lazy="lazy" in sys.argv[3:]))
