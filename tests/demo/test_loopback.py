"""The servers themselves: whole answers, kept connections, bad requests, one address or many."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from demo import loopback
from demo.server import DemoPortals


def _netloc(portals: DemoPortals) -> str:
    return urlsplit(portals.registry[0]["start"][0]).netloc


def test_a_connection_is_kept_for_the_next_request(portals: DemoPortals) -> None:
    connection = http.client.HTTPConnection(_netloc(portals), timeout=10)
    connection.connect()
    used = connection.sock
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, urlsplit(portals.registry[0]["start"][0]).path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.version == 11
        assert bool(body) == (method == "GET")
        assert int(answer.headers["Content-Length"]) > 500
        assert connection.sock is used
    connection.close()


@pytest.mark.parametrize("length", ["-1", "many", "99999999999"])
def test_a_body_of_no_sensible_length_is_refused(portals: DemoPortals, length: str) -> None:
    connection = http.client.HTTPConnection(_netloc(portals), timeout=10)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_client_that_hangs_up_is_no_error(portals: DemoPortals, capfd: pytest.CaptureFixture[str]) -> None:
    host, _, port = _netloc(portals).partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    connection = http.client.HTTPConnection(_netloc(portals), timeout=10)
    connection.request("GET", "/nowhere")
    assert connection.getresponse().status == 404
    connection.close()
    assert capfd.readouterr().err == ""


def test_one_address_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real_bind = loopback.PortalServer.server_bind

    def only_the_first(server: loopback.PortalServer) -> None:
        if server.server_address[0] != "127.0.0.1":
            raise OSError(99, "Cannot assign requested address")
        real_bind(server)

    monkeypatch.setattr(loopback.PortalServer, "server_bind", only_the_first)
    with DemoPortals(seed=1) as running:
        hosts = [urlsplit(entry["start"][0]) for entry in running.registry]
        assert {host.hostname for host in hosts} == {"127.0.0.1"}
        assert len({host.port for host in hosts}) == len(hosts)
        connection = http.client.HTTPConnection(hosts[-1].netloc, timeout=10)
        connection.request("GET", hosts[-1].path)
        assert connection.getresponse().status == 200
        connection.close()


def test_stopping_closes_kept_connections_and_may_be_done_twice() -> None:
    running = DemoPortals(seed=1)
    with running:
        connection = http.client.HTTPConnection(_netloc(running), timeout=10)
        connection.request("GET", "/")
        connection.getresponse().read()
    running.close()
    sock = connection.sock
    assert sock.recv(1) == b"", "the server's side is closed"
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        connection.connect()
