"""ASGI middleware around Datasette: the reader's language and the site's security headers.

``?lang=en`` is taken out of the query before Datasette sees it, because its table
pages would take it for a filter on a column, and kept in a cookie, because the links
Datasette makes do not carry it on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from archive.site import i18n

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "gongkai_lang"
#: A year: a reader who chose once should not have to choose again each month.
_COOKIE_SECONDS = 365 * 24 * 3600

#: Static files are asked for with the digest of their content, see ``assets``.
_FOR_GOOD = b"public, max-age=31536000, immutable"

#: Nothing is loaded from elsewhere, and no page has a script of its own text. Charts and Datasette set
#: styles of single elements. Our pages send a stricter policy still.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def _split(query: bytes) -> tuple[i18n.Lang | None, bytes]:
    """(language asked for, query without it)."""
    if b"lang=" not in query:
        return None, query
    chosen: i18n.Lang | None = None
    rest = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if name == b"lang":
            chosen = i18n.known(value.decode("latin-1")) or chosen
        else:
            rest.append(part)
    return chosen, b"&".join(rest)


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope.get("headers", ()) if key.lower() == name]
    return b",".join(values).decode("latin-1")


def _cookie(scope: Scope) -> i18n.Lang | None:
    try:
        morsel = SimpleCookie(_header(scope, b"cookie")).get(COOKIE)
    except CookieError:
        return None  # a cookie of another site on this host; ours is then not readable either
    return i18n.known(morsel.value) if morsel is not None else None


def language(scope: Scope) -> i18n.Lang:
    """The language of a request that came through ``Language``; the default for any other."""
    return i18n.known(scope.get("gongkai_lang")) or i18n.DEFAULT


class Language:
    """Wraps an ASGI application."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        chosen, query = _split(scope.get("query_string", b""))
        lang = chosen or _cookie(scope) or i18n.accepted(_header(scope, b"accept-language"))
        scope = {**scope, "query_string": query, "gongkai_lang": lang}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _headers(list(message.get("headers", ())), chosen)
                if scope["path"].startswith("/assets/") and message["status"] == 200 and query:
                    headers.append((b"cache-control", _FOR_GOOD))
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _headers(headers: list[tuple[bytes, bytes]], chosen: i18n.Lang | None) -> list[tuple[bytes, bytes]]:
    present = {key.lower() for key, _ in headers}
    for name, value in (
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        # The portals an original links to need not learn what was read here.
        (b"referrer-policy", b"same-origin"),
    ):
        if name not in present:
            headers.append((name, value))
    headers.append((b"vary", b"Accept-Language, Cookie"))
    if chosen is not None:
        cookie = f"{COOKIE}={chosen}; Path=/; Max-Age={_COOKIE_SECONDS}; SameSite=Lax; HttpOnly"
        headers = [(key, value) for key, value in headers if key.lower() != b"cache-control"]
        headers += [(b"set-cookie", cookie.encode()), (b"cache-control", b"private, no-store")]
    return headers
