"""Told once, and once more when it is over: each channel against a receiver of its own on loopback."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.store import Store
from crawler import config
from crawler.cli import main
from crawler.notify import memory
from crawler.notify.channels import ChannelError, Webhook
from crawler.notify.telling import Notifier

HOSTILE = "$(touch /tmp/x); `id` \r\nBcc: a@example.org 公开"


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as one client needs; keeps what comes."""

    server: Any

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                self._say("354 go on")
                body = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    body += line
                self.server.got.append(body)
                self._say("250 ok" if not self.server.refuse else "451 not now")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(body)
        self.send_response(500 if self.server.refuse else 204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=["mail", "webhook", "command"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A channel's name, its settings, what came, and a switch that lets it fail."""
    if request.param == "command":
        yield Program(tmp_path)
        return
    made: Any = (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
        if request.param == "mail"
        else HTTPServer(("127.0.0.1", 0), Hook)
    )
    made.got, made.refuse, made.name = [], False, request.param
    port = made.server_address[1]
    made.settings = (
        {
            "GONGKAI_NOTIFY_MAIL_TO": "a@example.org",
            "GONGKAI_NOTIFY_SMTP_HOST": "127.0.0.1",
            "GONGKAI_NOTIFY_SMTP_PORT": str(port),
        }
        if request.param == "mail"
        else {"GONGKAI_NOTIFY_WEBHOOK": f"http://127.0.0.1:{port}/s3cret"}
    )
    thread = threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


class Program:
    """A command that keeps its standard input, or fails."""

    name = "command"

    def __init__(self, folder: Path) -> None:
        self._out, self._fail = folder / "got", folder / "refuse"
        script = folder / "tell.py"
        script.write_text(
            "import pathlib, sys\n"
            f"with open({str(self._out)!r}, 'ab') as out: out.write(sys.stdin.buffer.read() + b'\\n')\n"
            f"sys.exit(pathlib.Path({str(self._fail)!r}).exists())\n"
        )
        self.settings = {"GONGKAI_NOTIFY_COMMAND": f"{sys.executable},{script},$(id)"}

    @property
    def got(self) -> list[bytes]:
        return self._out.read_bytes().splitlines() if self._out.exists() else []

    @property
    def refuse(self) -> bool:
        return self._fail.exists()

    @refuse.setter
    def refuse(self, value: bool) -> None:
        self._fail.touch() if value else self._fail.unlink(missing_ok=True)


def visit(folder: Path, outcome: str, kind: str = "none_found") -> None:
    """One more visit of the portal ``a``."""
    with Store(folder / "data/gongkai.db") as store:
        store.add_portals([{"key": "a", "name": "示例县人民政府", "family": "trs", "status": "ok"}])
        run = store.start_run("a", mode="new")
        if outcome != "ok":
            store.add_issue(run, kind, "http://a.example/", HOSTILE)
        store.finish_run(run, reason="finished", outcome=outcome)


def told(receiver: Any) -> list[str]:
    """What came, as text; mails decoded."""
    if receiver.name != "mail":
        return [json.loads(body)["text"] for body in receiver.got]
    mails = [message_from_bytes(body, policy=default) for body in receiver.got]
    assert all(mail["Bcc"] is None and mail["To"] == "a@example.org" for mail in mails)
    return [mail.get_content() for mail in mails]


def test_told_once_when_it_changes_and_when_it_is_over(receiver: Any, tmp_path: Path) -> None:
    ours = {"GONGKAI_DATA": str(tmp_path / "data"), **receiver.settings}
    visit(tmp_path, "ok")
    Notifier.of(config.current(ours)).after("")
    assert told(receiver) == []
    visit(tmp_path, "broken")
    for _ in range(3):  # each as after a restart: nothing is remembered but on the disk
        Notifier.of(config.current(ours)).after("")
    [first] = told(receiver)
    assert "【新问题】示例县人民政府（a）：失灵" in first
    assert "none_found：$(touch /tmp/x); `id`" in first
    assert "（http://a.example/）" in first
    visit(tmp_path, "broken")  # the same again is no news
    Notifier.of(config.current(ours)).after("")
    visit(tmp_path, "blocked", "all_refused")
    Notifier.of(config.current(ours)).after("")
    visit(tmp_path, "ok")
    for _ in range(2):
        Notifier.of(config.current(ours)).after("")
    assert len(told(receiver)) == 3
    assert "【有变化】" in told(receiver)[1]
    assert "【已恢复】" in told(receiver)[2]


def test_a_failure_is_recorded_waits_and_is_made_up_for(receiver: Any, tmp_path: Path) -> None:
    ours = {"GONGKAI_DATA": str(tmp_path / "data"), **receiver.settings}
    visit(tmp_path, "gone")
    receiver.refuse = True
    for _ in range(2):
        Notifier.of(config.current(ours)).after("")
    assert len(receiver.got) == 1  # the second time it waits
    failure = memory.load(tmp_path / "data").failures[receiver.name]
    assert failure.times == 1
    assert failure.again > failure.last
    assert "s3cret" not in failure.error
    failed = CliRunner().invoke(main, ["notify"], env=ours)
    assert failed.exit_code == 1
    assert "failed" in failed.output
    assert memory.load(tmp_path / "data").failures[receiver.name].times == 2
    receiver.refuse = False
    done = CliRunner().invoke(main, ["notify"], env=ours)
    assert (done.exit_code, "told 1 pieces" in done.output) == (0, True)
    assert len(receiver.got) == 3
    assert memory.load(tmp_path / "data").failures == {}


def test_a_round_that_could_not_be_made_is_told_and_its_end(receiver: Any, tmp_path: Path) -> None:
    ours = {"GONGKAI_DATA": str(tmp_path / "data"), **receiver.settings}
    for failed in ("disk full: 3 bytes", "disk full: 2 bytes", "", ""):
        Notifier.of(config.current(ours)).after(failed)
    assert ["【新问题】定时抓取无法进行" in told(receiver)[0], "【已恢复】" in told(receiver)[1]] == [
        True
    ] * 2
    assert len(receiver.got) == 2


def test_a_damaged_memory_is_put_aside(tmp_path: Path) -> None:
    tmp_path.joinpath(memory.FILE).write_text('{"told": [')
    assert memory.load(tmp_path) == memory.Memory()
    assert tmp_path.joinpath("notified.damaged").exists()


def test_no_channel_is_an_error_and_a_dry_run_is_none(tmp_path: Path) -> None:
    ours = {"GONGKAI_DATA": str(tmp_path / "data")}
    assert CliRunner().invoke(main, ["notify"], env=ours).exit_code == 2
    visit(tmp_path, "broken")
    shown = CliRunner().invoke(main, ["notify", "--dry-run"], env=ours)
    assert (shown.exit_code, "失灵" in shown.output) == (0, True)
    status = CliRunner().invoke(main, ["status", "--json"], env=ours)
    assert status.exit_code == 3
    found = json.loads(status.output)
    assert (found["outcomes"]["broken"], found["oldest"]["portal"]) == (1, "a")
    assert "broken   a 示例县人民政府" in CliRunner().invoke(main, ["status"], env=ours).output


@pytest.mark.parametrize("scheme", ["file", "ftp", "data"])
def test_a_webhook_knows_no_other_scheme(scheme: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("x", encoding="utf-8")
    with pytest.raises(ChannelError, match="unknown url type"):
        Webhook(f"{scheme}:{there}" if scheme == "data" else f"{scheme}://{there}", 5).send([])
