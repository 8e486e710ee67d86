"""Receivers that refuse, are silent, drip or die fail in bounded time; hostile text stays text."""

from __future__ import annotations

import json
import os
import smtplib
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from crawler import config
from crawler.config import ConfigError
from crawler.notify.channels import ChannelError, Command, Mail, Webhook
from crawler.notify.login import log_in
from crawler.notify.news import News, Told

SECONDS = 1.0
#: What a busy machine takes besides.
PATIENCE = 20.0
HOSTILE = "示例\r\nBcc: x@example.org\r\n\r\n.\r\n`id`$(id);|&'\"\0\x1b[2J\ud800"
NEWS = [Told("new", News("portal:a", "broken", "示例县", ("没有",)))]


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers each connection so; gives its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=_answered, args=(connection, answer), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _answered(connection: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    with connection, suppress(OSError):
        answer(connection)


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def drip(part: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        while True:
            connection.sendall(part)
            time.sleep(0.1)  # no time-out between two pieces would notice

    return answer


def closing(_: socket.socket) -> None:
    pass


def saying(words: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(words)

    return answer


def mail(port: int) -> Mail:
    return Mail(("a@example.org",), "b@example.org", "127.0.0.1", port, "none", "", "", SECONDS)


def webhook(port: int) -> Webhook:
    return Webhook(f"http://127.0.0.1:{port}/t0ken", SECONDS)


@pytest.mark.parametrize(
    ("channel", "answer", "said"),
    [
        (mail, silent, "imed ?out|not done"),
        (mail, drip(b"220-x\r\n"), "not done after 1 s"),
        (mail, drip(b"2"), "not done after 1 s"),
        (mail, closing, "Connection unexpectedly closed"),
        (mail, saying(b"554 no\r\n"), "."),
        (webhook, silent, "imed ?out|not done"),
        (webhook, drip(b"HTTP/1.1 200 OK\r\nX: "), "not done after 1 s|more than|LineTooLong|got more"),
        (webhook, drip(b"HTTP/1.1 100 Continue\r\n\r\n"), "not done after 1 s"),
        (webhook, closing, "RemoteDisconnected|reset|Broken pipe"),
        (webhook, saying(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), "HTTP Error 500"),
        (webhook, saying(b"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), "HTTP Error 302"),
        (webhook, saying(b"SSH-2.0\r\n"), "BadStatusLine"),
    ],
)
def test_a_receiver_that_fails_is_a_failure_in_time(
    channel: Callable[[int], Mail | Webhook], answer: Callable[[socket.socket], None], said: str
) -> None:
    begun = time.monotonic()
    with serving(answer) as port, pytest.raises(ChannelError, match=said) as raised:
        channel(port).send(NEWS)
    assert time.monotonic() - begun < SECONDS + PATIENCE
    assert "t0ken" not in str(raised.value)


def taking_its_time(connection: socket.socket) -> None:
    """Takes what comes; the parting drips."""
    stream = connection.makefile("rwb")
    stream.write(b"220 here\r\n")
    stream.flush()
    data = False
    for line in stream:
        if data and line != b".\r\n":
            continue
        if line.upper().startswith(b"QUIT"):
            drip(b"221-x\r\n")(connection)
        data = line.upper().startswith(b"DATA")
        stream.write(b"354 go on\r\n" if data else b"250 ok\r\n")
        stream.flush()


def test_what_was_taken_is_told_however_the_parting_goes() -> None:
    with serving(taking_its_time) as port:
        mail(port).send(NEWS)
    with serving(saying(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        webhook(port).send(NEWS)


@pytest.mark.parametrize("channel", [mail, webhook])
def test_nobody_listens(channel: Callable[[int], Mail | Webhook]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ChannelError, match="refused"):
        channel(port).send(NEWS)


def test_a_command_that_does_not_end_is_ended_with_what_it_has_started(tmp_path: Path) -> None:
    script = "import subprocess, sys, time\np = subprocess.Popen(['sleep', '600'])\n"
    script += "open(sys.argv[1], 'w').write(str(p.pid))\ntime.sleep(600)"
    pid = tmp_path / "pid"
    with pytest.raises(ChannelError, match="not done after 5 s; it was ended"):
        Command((sys.executable, "-c", script, str(pid)), 5).send(NEWS)
    until = time.monotonic() + PATIENCE
    while _lives(int(pid.read_text())):
        assert time.monotonic() < until
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/nowhere/tell",), "No such file"),
        (("/etc/passwd",), "Permission denied"),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "ended with code -9"),
        ((sys.executable, "-c", "import sys; sys.exit('no room')"), "ended with code 1: no room"),
    ],
)
def test_a_command_that_fails(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(ChannelError, match=said):
        Command(words, PATIENCE).send(NEWS)


def test_a_command_gets_its_words_as_they_stand_and_hostile_text_on_its_input_only(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = "import json, sys; json.dump([sys.argv[2:], json.load(sys.stdin)], open(sys.argv[1], 'w'))"
    words = ("$(id)", "; touch x", "--urgent", "a b", "*")
    given = [Told("new", News("portal:a", "broken", HOSTILE, (HOSTILE,)))]
    Command((sys.executable, "-c", script, str(out), *words), PATIENCE).send(given)
    argv, payload = json.loads(out.read_text())
    assert argv == list(words)
    assert payload["news"][0]["title"] == HOSTILE


class Kept:
    """As much of SMTP as one mail needs, kept as it came over the wire."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        stream = connection.makefile("rwb")
        stream.write(b"220 here\r\n")
        stream.flush()
        data = False
        for line in stream:
            self.lines.append(line)
            if data and line != b".\r\n":
                continue
            data = line.upper().startswith(b"DATA")
            stream.write(b"354 go on\r\n" if data else b"250 ok\r\n")
            stream.flush()


def test_hostile_text_reaches_no_header_and_no_envelope_of_a_mail() -> None:
    kept = Kept()
    given = [Told("new", News("portal:a\r\nBcc: y@example.org", "broken", HOSTILE, (HOSTILE,)))]
    with serving(kept) as port:
        Mail(("a@example.org",), "b@example.org", "127.0.0.1", port, "none", "", "", PATIENCE).send(given)
    envelope = [line for line in kept.lines if line[:4].upper() in (b"MAIL", b"RCPT")]
    assert [line.split()[1].partition(b":")[2] for line in envelope] == [
        b"<b@example.org>",
        b"<a@example.org>",
    ]
    begins = next(n for n, line in enumerate(kept.lines) if line.upper().startswith(b"DATA"))
    ends = kept.lines.index(b".\r\n")
    assert [line for line in kept.lines[ends + 1 :] if not line.lower().startswith(b"quit")] == []
    message = message_from_bytes(b"".join(kept.lines[begins + 1 : ends]), policy=default)
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert message["Subject"] == "gongkai：新问题 1"
    assert "`id`$(id);|&" in message.get_content()


def test_a_password_beyond_ascii_wants_auth_plain() -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        connection.recv(65536)
        connection.sendall(b"250-here\r\n250 AUTH LOGIN\r\n")
        connection.recv(65536)  # QUIT
        connection.sendall(b"221 bye\r\n")

    with (
        serving(answer) as port,
        smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as server,
        pytest.raises(smtplib.SMTPNotSupportedError, match="beyond ASCII"),
    ):
        log_in(server, "a", "pässword")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "data:,x", "http://", "http://a b/", "http://a/\r\nHost: b", "ftp://a/"]
)
def test_a_webhook_that_is_no_web_address_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigError, match="GONGKAI_NOTIFY_WEBHOOK: the value is no plain") as refused:
        config.current({"GONGKAI_NOTIFY_WEBHOOK": address})
    assert address == "http://" or address not in str(refused.value)
