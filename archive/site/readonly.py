"""Nothing can be changed here, so nothing but reading is answered."""

from __future__ import annotations

from archive.site.language import App, Receive, Scope, Send

_ALLOWED = ("GET", "HEAD")
_SAID = "本站只供查阅，不接受修改。\nThis site is read-only.\n".encode()


class ReadOnly:
    """Wraps an ASGI application: other methods than GET and HEAD get 405 (RFC 9110, 15.5.6).

    Datasette takes a POST to a table for one to a query that writes, and fails on it.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _ALLOWED:
            await self.app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", ", ".join(_ALLOWED).encode())]
        await send({"type": "http.response.start", "status": 405, "headers": headers})
        await send({"type": "http.response.body", "body": _SAID})
