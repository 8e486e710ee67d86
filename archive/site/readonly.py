"""Nothing can be changed here, so nothing but reading is answered."""

from __future__ import annotations

from archive.site.language import App, Receive, Scope, Send

_ALLOWED = ("GET", "HEAD")
_SAID = "本站只供查阅，不接受修改。\nThis site is read-only.\n".encode()


class ReadOnly:
    """Wraps an ASGI application: other methods than GET and HEAD get 405 (RFC 9110, 15.5.6).

    Datasette takes a POST to a table for one to a query that writes, and fails on it. And it sends whoever
    asks for ``/\\elsewhere.example/`` on to the same without the last slash, which browsers take for
    ``//elsewhere.example``: no address of ours has a backslash.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] in _ALLOWED and "\\" not in scope["path"]):
            await self.app(scope, receive, send)
            return
        status = 404 if scope["method"] in _ALLOWED else 405
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"allow", ", ".join(_ALLOWED).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": _SAID})
