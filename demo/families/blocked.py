"""A portal behind a script challenge: every request gets status 412 and a page without content."""

from __future__ import annotations

from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry

_CHALLENGE = (
    '<!DOCTYPE html><html><head><meta content="k8vQ0mN1" id="9DhefwqGPrzGxEp9hPaoag" r=\'m\'>'
    "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=41793;$_ts.cd=\"qEyhrAlErG\";</script>"
    "<script src=\"/4QbVtADbnLVIc/d.FxJzG50F.js\" r='m'></script></head><body></body></html>"
)


class BlockedPortal(Portal):
    """Lists what it would have, and gives nothing of it."""

    def list_path(self, column: Column) -> str:
        return column.slug

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{column.slug}{entry.day:%Y%m}/t{entry.day:%Y%m%d}_{entry.number}.html"

    def add_lists(self) -> None:
        """There is nothing to put in place: every address gets the same answer."""

    def article(self, column: Column, entry: Entry) -> str:
        return _CHALLENGE

    def answer(self, request: Request) -> Answer:
        return Answer(
            _CHALLENGE.encode(),
            status=412,
            headers={"Set-Cookie": "enable_FHCJ1zQV0pnL=true; Path=/; HttpOnly"},
        )
