"""The ways in which news reaches people: e-mail, a webhook, a command. Each sends or raises ``ChannelError``.

What is sent holds text of other people's pages. It is never part of a command, a header or an
address: a command gets it as JSON on its standard input, a mail in its body.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Any, Protocol

from crawler.config import Config, keys
from crawler.notify.deadline import within
from crawler.notify.login import log_in
from crawler.notify.news import Told, subject, text

#: Characters of what a command or server says that are kept with its failure.
_KEPT = 500


class ChannelError(Exception):
    """The news did not get there; the text says why and holds no secret."""


class Channel(Protocol):
    """One way to tell."""

    @property
    def name(self) -> str:
        """What its news is remembered by."""

    def send(self, given: Sequence[Told]) -> None:
        """Tell all of it, or raise ``ChannelError``."""


def payload(given: Sequence[Told]) -> dict[str, Any]:
    """What programs are told: a webhook's body, a command's standard input."""
    return {"subject": subject(given), "text": text(given), "news": [one.as_json() for one in given]}


def _json(given: Sequence[Told]) -> bytes:
    # Half of a pair (U+D800 …) is no UTF-8; as an escape it is JSON.
    return json.dumps(payload(given), ensure_ascii=False).encode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Mail:
    """E-mail over SMTP."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: str
    """``starttls``, ``tls`` or ``none``."""
    user: str
    password: str
    seconds: float
    name: str = "mail"

    def send(self, given: Sequence[Told]) -> None:
        message = EmailMessage()
        message["Subject"] = subject(given)
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="gongkai.invalid")
        # No auto-responder is to answer (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text(given))
        answers: list[Mapping[str, Any]] = []
        try:
            within(self.seconds, lambda: self._sent(message, answers))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            if not answers:  # else it was taken, whatever happened at the parting
                raise ChannelError(f"{self.host}:{self.port}: {_said(error, self.password)}") from error
        if answers[0]:
            raise ChannelError(f"{self.host}:{self.port} refused {', '.join(sorted(answers[0]))}")

    def _sent(self, message: EmailMessage, answers: list[Mapping[str, Any]]) -> None:
        """Puts into ``answers`` which receivers the server refused, once it has taken the mail."""
        server = self._connected()
        try:
            if self.user:
                log_in(server, self.user, self.password)
            answers.append(server.send_message(message))
            server.quit()
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook is told at the address that was set and at no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    """Knows http and https and no other scheme: ``build_opener`` would read files too."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _NoRedirect(),
    ):
        opener.add_handler(handler)
    return opener


@dataclass(frozen=True)
class Webhook:
    """A POST of JSON."""

    url: str
    seconds: float
    name: str = "webhook"

    def send(self, given: Sequence[Told]) -> None:
        request = urllib.request.Request(  # noqa: S310 - http(s), which the setting sees to
            self.url,
            data=_json(given),
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "gongkai"},
            method="POST",
        )
        try:
            within(self.seconds, lambda: self._posted(request))
        except (OSError, HTTPException, ValueError) as error:
            # The address may hold a token, so only what was answered is told.
            raise ChannelError(_said(error, self.url)) from error

    def _posted(self, request: urllib.request.Request) -> None:
        # The status says that it was taken; what else is answered is not waited for.
        _opener().open(request, timeout=self.seconds).close()


@dataclass(frozen=True)
class Command:
    """A program of this machine; the news is JSON on its standard input."""

    words: tuple[str, ...]
    seconds: float
    environment: Mapping[str, str] | None = None
    name: str = "command"

    def send(self, given: Sequence[Told]) -> None:
        # A group of its own, so that what it has started ends with it.
        group: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
        try:
            process = subprocess.Popen(  # noqa: S603 - a list and no shell; the words are the owner's own
                list(self.words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=None if self.environment is None else dict(self.environment),
                **group,
            )
        except (OSError, ValueError) as error:
            raise ChannelError(f"{self.words[0]}: {error}") from error
        with process:
            try:
                said, _ = process.communicate(_json(given), timeout=self.seconds)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise ChannelError(
                    f"{self.words[0]}: not done after {self.seconds:g} s; it was ended"
                ) from error
        if process.returncode:
            words = said[-_KEPT:].decode("utf-8", "replace").strip()
            raise ChannelError(f"{self.words[0]}: ended with code {process.returncode}: {words}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a command with all that it has started."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _said(error: Exception, secret: str) -> str:
    words = f"{type(error).__name__}: {error}"
    return (words.replace(secret, "…") if secret else words)[:_KEPT]


def channels(config: Config) -> list[Channel]:
    """Those that are set."""
    seconds = config[keys.NOTIFY_TIMEOUT]
    found: list[Channel] = []
    if config[keys.MAIL_TO]:
        found.append(
            Mail(
                to=config[keys.MAIL_TO],
                sender=config[keys.MAIL_FROM] or config[keys.MAIL_TO][0],
                host=config[keys.SMTP_HOST],
                port=config[keys.SMTP_PORT],
                security=config[keys.SMTP_SECURITY],
                user=config[keys.SMTP_USER],
                password=config[keys.SMTP_PASSWORD],
                seconds=seconds,
            )
        )
    if config[keys.WEBHOOK]:
        found.append(Webhook(config[keys.WEBHOOK], seconds))
    if config[keys.NOTIFY_COMMAND]:
        found.append(Command(config[keys.NOTIFY_COMMAND], seconds))
    return found
