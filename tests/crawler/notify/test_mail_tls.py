"""E-mail over TLS and STARTTLS with a login, at a receiver that insists on both; nothing in the clear."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from crawler.notify.channels import ChannelError, Mail
from crawler.notify.news import News, Told
from demo import certificate as loopback

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

USER, PASSWORD = "melder", "gehe1m"
#: Beyond ASCII and beyond Latin-1; composed, as it reaches the server however it was typed.
BEYOND = "ge\u00e9hei\u0301m公开".replace("i\u0301", "\u00ed")
TYPED = "gee\u0301hei\u0301m公开"
ACCOUNTS = ((USER, PASSWORD), (USER, BEYOND))
NEWS = [Told("new", News("portal:a", "broken", "示例县人民政府（a）：失灵", ("none_found：没有",)))]


@dataclass
class Receiver:
    """What came, and who logged in, over TLS or not."""

    mails: list[str] = field(default_factory=list)
    logins: list[tuple[str, str, bool]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content.decode())
        return "250 OK"

    def login(
        self, server: Any, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        user, password = given.login.decode(), given.password.decode()
        secure = isinstance(server.transport.get_extra_info("ssl_object"), ssl.SSLObject)
        self.logins.append((user, password, secure))
        return AuthResult(success=(user, password) in ACCOUNTS, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the file by which a client trusts it."""
    public = tmp_path_factory.mktemp("tls") / "trusted.pem"
    public.write_bytes(loopback.trusted())
    return loopback.context(), public


@contextmanager
def receiving(security: str, context: ssl.SSLContext) -> Iterator[tuple[Receiver, int]]:
    """A receiver that takes mail after a login, and a login over TLS only; ``none`` knows no TLS."""
    receiver = Receiver()
    common: dict[str, Any] = {"authenticator": receiver.login, "auth_required": True}
    if security == "tls":
        # The whole connection is encrypted, which aiosmtpd does not count as its own TLS.
        common |= {"ssl_context": context, "auth_require_tls": False}
    elif security == "starttls":
        common |= {"tls_context": context, "require_starttls": True}
    else:
        common |= {"auth_require_tls": False}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # it calls itself once to see that it is there, so it must know its port
    controller = Controller(receiver, hostname="127.0.0.1", port=port, **common)
    controller.start()
    try:
        yield receiver, port
    finally:
        controller.stop()


def mail(port: int, security: str, password: str = PASSWORD) -> Mail:
    return Mail(
        to=("a@example.org",), sender="b@example.org", host="127.0.0.1", port=port,
        security=security, user=USER, password=password, seconds=10,
    )  # fmt: skip


@pytest.fixture
def trusted(certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    return certificate[0]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_goes_out_encrypted_after_a_login(security: str, trusted: ssl.SSLContext) -> None:
    with receiving(security, trusted) as (receiver, port):
        mail(port, security).send(NEWS)
    assert len(receiver.mails) == 1
    assert receiver.logins == [(USER, PASSWORD, True)]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    security: str, certificate: tuple[ssl.SSLContext, Path]
) -> None:
    with (
        receiving(security, certificate[0]) as (receiver, port),
        pytest.raises(ChannelError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        mail(port, security).send(NEWS)
    assert (receiver.mails, receiver.logins) == ([], [])


def test_a_server_without_starttls_gets_no_password(trusted: ssl.SSLContext) -> None:
    with receiving("none", trusted) as (receiver, port), pytest.raises(ChannelError, match="STARTTLS"):
        mail(port, "starttls").send(NEWS)
    assert (receiver.mails, receiver.logins) == ([], [])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_wrong_password_is_a_failure_that_does_not_tell_it(security: str, trusted: ssl.SSLContext) -> None:
    with receiving(security, trusted) as (receiver, port), pytest.raises(ChannelError) as raised:
        mail(port, security, "fa1sch").send(NEWS)
    assert "535" in str(raised.value)
    assert "fa1sch" not in str(raised.value)
    assert receiver.mails == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("password", [BEYOND, TYPED])
def test_a_password_of_any_characters(security: str, password: str, trusted: ssl.SSLContext) -> None:
    with receiving(security, trusted) as (receiver, port):
        mail(port, security, password).send(NEWS)
    assert len(receiver.mails) == 1
    assert receiver.logins == [(USER, BEYOND, True)]


def test_a_wrong_password_of_any_characters_is_not_told_either(trusted: ssl.SSLContext) -> None:
    with receiving("tls", trusted) as (receiver, port), pytest.raises(ChannelError, match="535") as raised:
        mail(port, "tls", "fälsch").send(NEWS)
    assert "lsch" not in str(raised.value)
    assert receiver.mails == []
