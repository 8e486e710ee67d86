"""The portals with one nuisance each do what their name says, over the wire."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urljoin, urlsplit

import pytest

from demo.server import DemoPortals
from tests.demo import pages


def start_of(portals: DemoPortals, key: str) -> str:
    (entry,) = (entry for entry in portals.registry if entry["key"] == key)
    return str(entry["start"][0])


def raw(url: str) -> http.client.HTTPResponse:
    """The very first answer, no redirect followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("key", "status", "mark"),
    [
        ("demo-yanlian", 412, "$_ts"),
        ("demo-202", 202, "$_ts"),
        ("demo-script", 202, "eval("),
        ("demo-521", 521, "document.cookie"),
        ("demo-468", 468, ""),
        ("demo-shell", 200, "location.reload()"),
    ],
)
def test_challenges_answer_everything(portals: DemoPortals, key: str, status: int, mark: str) -> None:
    for path in ("/robots.txt", "/", "/zfxxgk/zfxxgknb/"):
        got = pages.get(urljoin(start_of(portals, key), path))
        assert got.status == status
        assert mark in got.text


@pytest.mark.parametrize(("key", "cookie"), [("demo-itself", True), ("demo-bare", False)])
def test_redirects_lead_to_themselves(portals: DemoPortals, key: str, cookie: bool) -> None:
    answer = raw(urljoin(start_of(portals, key), "/robots.txt"))
    assert (answer.status, answer.getheader("Location")) == (302, "/robots.txt")
    assert (answer.getheader("Set-Cookie") is not None) is cookie


def test_one_challenges_only_after_a_withheld_report() -> None:
    with DemoPortals(seed=1) as own:
        issue = next(issue for issue in own.manifest.issues if issue.portal == "demo-midway")
        start = start_of(own, "demo-midway")
        kept = [report.url for report in own.manifest.reports if report.portal == "demo-midway"]
        assert {pages.get(url).status for url in (start, *kept)} == {200}
        assert pages.get(issue.url).status == 412
        assert {pages.get(url).status for url in (start, *kept)} == {412}


def test_schemes(portals: DemoPortals) -> None:
    def over(key: str, scheme: str) -> str:
        return start_of(portals, key).replace("https:", f"{scheme}:").replace("http:", f"{scheme}:")

    assert raw(over("demo-secure", "http")).getheader("Location") == over("demo-secure", "https")
    assert pages.get(over("demo-secure", "https")).status == 200
    for key, spoken, other in (("demo-only-https", "https", "http"), ("demo-only-http", "http", "https")):
        assert urlsplit(start_of(portals, key)).scheme == other
        assert pages.get(over(key, spoken)).status == 200
        with pytest.raises((OSError, http.client.HTTPException)):
            pages.get(over(key, other))
        last = [
            request for request in portals.requests if request.host == urlsplit(start_of(portals, key)).netloc
        ]
        assert (last[-1].status, last[-1].path, last[-1].scheme) == (0, "", other)
    assert raw(over("demo-pingpong", "http")).getheader("Location") == over("demo-pingpong", "https")


def test_one_takes_no_connection(portals: DemoPortals) -> None:
    parts = urlsplit(start_of(portals, "demo-refused"))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((parts.hostname, parts.port), timeout=10)


def test_one_lies_about_its_charset_in_two_ways(portals: DemoPortals) -> None:
    got = pages.get(start_of(portals, "demo-mislabelled"))
    assert got.media_type == "text/html; charset=utf-8"
    assert b'charset="iso-8859-1"' in got.body
    assert "政府信息公开年报".encode("gb18030") in got.body


def test_refreshes(portals: DemoPortals) -> None:
    looping = [issue.url for issue in portals.manifest.issues if issue.portal == "demo-documents"]
    answers = {url: raw(url) for url in looping if url.startswith("http://127.")}
    assert sorted(answer.status for answer in answers.values()) == [200, 200, 200, 302]
    for url, answer in answers.items():
        if answer.status == 302:
            assert answer.getheader("Location") == urlsplit(url).path
        else:
            assert b'http-equiv="refresh"' in pages.get(url).body
