"""HTTP/1.1 servers for the sample portals, on loopback addresses only."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, cast

from demo import certificate
from demo.portal import Answer, Portal, Request

#: Last number of the first portal's address; the others follow it.
_FIRST_ADDRESS = 11
#: An idle connection is closed after this many seconds, so that a client gone without a word holds no thread.
_IDLE = 30.0
#: Seconds between two looks at the stop flag; the default of 0.5 would make closing a dozen servers slow.
_POLL = 0.05
#: First byte of a TLS handshake (RFC 8446 §5.1, ContentType); no HTTP request begins with it.
_HANDSHAKE = b"\x16"
#: A form is a few hundred bytes; more than this is not read.
_LARGEST_BODY = 65_536


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as it was answered; times in seconds since the epoch."""

    time_started: float
    time_ended: float
    host: str
    """Address and port of the portal."""
    method: str
    path: str
    """With the query, as sent."""
    user_agent: str
    status: int
    """0 and no path: a connection over a scheme that the portal does not speak."""
    scheme: str = "http"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.host}{self.path}"


class PortalServer(ThreadingHTTPServer):
    """One portal's server; it answers between ``start`` and ``stop``."""

    daemon_threads = True
    # The default of 5 drops connections when a client opens several at once.
    request_queue_size = 64

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.portal: Portal | None = None
        self.log: list[LoggedRequest] = []
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._thread: threading.Thread | None = None

    @property
    def netloc(self) -> str:
        """Address and port."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"

    def start(self, portal: Portal) -> None:
        """Answer for this portal, in a thread of its own."""
        self.portal = portal
        if not portal.speaks:
            self._refuse()
            return
        self._thread = threading.Thread(
            target=self.serve_forever, args=(_POLL,), name=portal.site.key, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Answer no more and give the port back."""
        # shutdown() waits for a serving loop, so it may be called only where one runs.
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
            self._thread = None
        self._hang_up()
        self.server_close()

    def _refuse(self) -> None:
        """Take no connections, and keep the port: bound and not listening, so a connection is refused."""
        address = self.server_address
        self.socket.close()
        self.socket = socket.socket()
        self.socket.bind(address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer over http and https on one port, or hang up on the one the portal does not speak."""
        assert self.portal is not None, "a server is started with its portal"
        started = time.time()
        request.settimeout(_IDLE)
        scheme = "https" if request.recv(1, socket.MSG_PEEK) == _HANDSHAKE else "http"
        if scheme not in self.portal.speaks:
            request.recv(_LARGEST_BODY)
            with self.lock:
                self.log.append(LoggedRequest(started, time.time(), self.netloc, "", "", "", 0, scheme))
            return
        if scheme == "http":
            super().finish_request(request, client_address)
            return
        secure = certificate.context().wrap_socket(request, server_side=True)
        with self.lock:
            self._open.add(secure)
        try:
            super().finish_request(secure, client_address)
        finally:
            self.shutdown_request(secure)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that the base class makes: it may ask a name server."""
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), port

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours; anything else is printed as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def _hang_up(self) -> None:
        """Close connections that a client keeps open."""
        with self.lock:
            left = tuple(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by its own thread in the meantime


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    timeout = _IDLE
    # Head and body leave in one piece: in two, the client's delayed acknowledgement costs 40 ms a page.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        started = time.time()
        server = cast(PortalServer, self.server)
        assert server.portal is not None, "a server is started with its portal"
        body = self._body()
        if body is None:
            self.close_connection = True
            answer = Answer(b"", status=413)
        else:
            path, _, query = self.path.partition("?")
            referer = self.headers.get("Referer", "")
            answer = server.portal.answer(Request(self.command, path, query, body, referer, self._scheme))
        # Logged before it is sent, so that whoever has the answer finds it in the log.
        entry = LoggedRequest(
            time_started=started,
            time_ended=time.time(),
            host=server.netloc,
            method=self.command,
            path=self.path,
            user_agent=self.headers.get("User-Agent", ""),
            status=answer.status,
            scheme=self._scheme,
        )
        with server.lock:
            server.log.append(entry)
        self._send(answer)

    @property
    def _scheme(self) -> str:
        return "https" if isinstance(self.connection, ssl.SSLSocket) else "http"

    def _body(self) -> bytes | None:
        """The request's body; ``None`` if its length is missing its meaning or its measure."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are kept in the server's log, not printed."""


def bind(number: int, port: int = 0) -> PortalServer:
    """A server on an address of its own and a free port, or this; on 127.0.0.1 where there is no other."""
    try:
        return PortalServer((f"127.0.0.{_FIRST_ADDRESS + number}", port))
    except OSError:
        return PortalServer(("127.0.0.1", port))
