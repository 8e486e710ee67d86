"""Datasette's own CSV, of filtered tables and of queries, made such that a spreadsheet opens it right.

It has no byte order mark, so that Excel reads Chinese by the local code page, and hands a text that
begins like a formula on as one. What ``tabular`` does for our downloads is done here to its lines as
they pass.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable

from archive.site.language import App, Message, Receive, Scope, Send
from archive.tabular import BOM, harmless

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_TYPES = (b"text/plain; charset=utf-8", b"text/csv; charset=utf-8")


class Lines:
    """CSV in pieces of any length, rewritten line by line: ``feed`` each."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._open = ""
        """What has come of a line that has not ended yet."""
        self._begun = False

    def feed(self, piece: bytes, *, last: bool = False) -> bytes:
        """All lines that have ended so far, the first with the byte order mark before it."""
        text = self._open + self._decoder.decode(piece, last)
        whole = len(text) if last else _ended(text)
        self._open = text[whole:]
        if not whole:
            return b""
        mark = "" if self._begun else BOM
        self._begun = True
        out = io.StringIO(newline="")
        csv.writer(out).writerows(map(_safe, csv.reader(io.StringIO(text[:whole], newline=""))))
        return f"{mark}{out.getvalue()}".encode()


def _safe(row: list[str]) -> list[object]:
    # All cells of a CSV are texts; a number with a sign is what a spreadsheet should take for one.
    return [cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in row]


def _ended(text: str) -> int:
    """Where the last line ends that is whole: no CRLF within quotes ends one."""
    before, end = text.count('"'), len(text)
    while (at := text.rfind("\r\n", 0, end)) >= 0:
        before -= text.count('"', at, end)
        if before % 2 == 0:
            return at + 2
        end = at
    return 0


class Spreadsheets:
    """Wraps an ASGI application; ``under`` begins the addresses whose CSV is rewritten."""

    def __init__(self, app: App, under: str) -> None:
        self.app = app
        self._under = under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.endswith(".csv") or not path.startswith(self._under):
            await self.app(scope, receive, send)
            return
        lines: Lines | None = None

        async def rewritten(message: Message) -> None:
            nonlocal lines
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers, plain = _headers(message.get("headers", ()), path)
                lines = Lines() if plain else None
                message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and lines is not None:
                if message.get("body", b"").startswith(codecs.BOM_UTF8):
                    lines = None  # one of our own files, which is right as it is
                    await send(message)
                    return
                last = not message.get("more_body", False)
                message = {**message, "body": lines.feed(message.get("body", b""), last=last)}
            await send(message)

        await self.app(scope, receive, rewritten)


def _headers(headers: Iterable[tuple[bytes, bytes]], path: str) -> tuple[list[tuple[bytes, bytes]], bool]:
    """The headers of a file to save, and whether it is plain CSV; anything else is left as it is."""
    found = {name.lower(): value for name, value in headers}
    if found.get(b"content-type") not in _TYPES:
        return list(headers), False
    name = re.sub(r"\W+", "-", path.removesuffix(".csv"), flags=re.ASCII).strip("-")
    found[b"content-type"] = b"text/csv; charset=utf-8"
    found[b"content-disposition"] = f'attachment; filename="{name}.csv"'.encode()
    found.pop(b"content-length", None)
    return list(found.items()), True
