"""A login at a mail server whose user or password may hold any character."""

from __future__ import annotations

import smtplib
from base64 import b64encode
from unicodedata import normalize


def log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Raises ``SMTPException``.

    ``smtplib`` knows ASCII only. What is beyond goes by AUTH PLAIN, the one mechanism that says how it is
    written: as UTF-8 (RFC 4616, RFC 4954), in the form C of Unicode (RFC 8265).
    """
    if user.isascii() and password.isascii():
        server.login(user, password)
        return
    server.ehlo_or_helo_if_needed()
    if "PLAIN" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError(
            "user or password hold characters beyond ASCII; they go by AUTH PLAIN, which is not offered here"
        )
    words = "\0".join(("", normalize("NFC", user), normalize("NFC", password)))
    code, answer = server.docmd("AUTH", "PLAIN " + b64encode(words.encode()).decode())
    if code != 235:  # authenticated
        raise smtplib.SMTPAuthenticationError(code, answer)
