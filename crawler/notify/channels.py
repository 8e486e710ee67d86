"""The ways in which news reaches people: e-mail, a webhook, a command. Each sends or raises ``ChannelError``.

What is sent holds text of other people's pages. It is never part of a command, a header or an
address: a command gets it as JSON on its standard input, a mail in its body.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Any, Protocol

from crawler.config import Config, keys
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
    return json.dumps(payload(given), ensure_ascii=False).encode()


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
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                refused = server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise ChannelError(f"{self.host}:{self.port}: {_said(error, self.password)}") from error
        if refused:
            raise ChannelError(f"{self.host}:{self.port} refused {', '.join(sorted(refused))}")

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
            with _opener().open(request, timeout=self.seconds) as answer:
                answer.read(_KEPT)
        except (OSError, HTTPException, ValueError) as error:
            # The address may hold a token, so only what was answered is told.
            raise ChannelError(_said(error, self.url)) from error


@dataclass(frozen=True)
class Command:
    """A program of this machine; the news is JSON on its standard input."""

    words: tuple[str, ...]
    seconds: float
    environment: Mapping[str, str] | None = None
    name: str = "command"

    def send(self, given: Sequence[Told]) -> None:
        try:
            done = subprocess.run(  # noqa: S603 - a list and no shell; the words are the owner's own
                list(self.words),
                input=_json(given),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.seconds,
                check=False,
                env=None if self.environment is None else dict(self.environment),
            )
        except subprocess.TimeoutExpired as error:
            raise ChannelError(f"{self.words[0]}: not done after {self.seconds:g} s; it was ended") from error
        except (OSError, ValueError) as error:
            raise ChannelError(f"{self.words[0]}: {error}") from error
        if done.returncode:
            said = done.stdout[-_KEPT:].decode("utf-8", "replace").strip()
            raise ChannelError(f"{self.words[0]}: ended with code {done.returncode}: {said}")


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
