"""A bound on what a server may send before the body: status line, headers, and 1xx answers before them.

Twisted keeps headers for as long as they come, and Scrapy's limit of size begins with the body; until the
time-out a fast server could fill the memory with headers alone.
"""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, DONE, ParseError

#: Bytes. Browsers take 256 KiB (Chromium's limit); portals send two.
MOST = 256 * 1024


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's protocol, which gives up a server whose answer does not come to its body."""

    _head = 0

    def request(self, request: Any) -> Deferred[Any]:
        self._head = 0  # a connection is used again
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        if self._parser is None:  # it was given up; what is still on its way is nobody's
            return
        if self._parser.state not in (BODY, DONE):
            # The piece in which the head ends may hold a part of the body: it is let in, however large.
            if self._head > MOST:
                self._give_up()
                return
            self._head += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _give_up(self) -> None:
        # At once: over TLS an orderly end waits for the other side, which has no reason to end.
        self.transport.abortConnection()  # type: ignore[union-attr]
        error = ParseError(f"more than {MOST} bytes before the body", b"")  # type: ignore[no-untyped-call]
        self._disconnectParser(Failure(error))  # type: ignore[no-untyped-call]


class BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes ``BoundedProtocol``."""

    noisy = False

    def buildProtocol(self, addr: Any) -> BoundedProtocol:
        return BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
