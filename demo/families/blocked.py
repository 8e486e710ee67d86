"""Portals behind a challenge: every request gets it, and no content."""

from __future__ import annotations

from collections.abc import Mapping

from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry, Site

RS = (
    '<!DOCTYPE html><html><head><meta content="k8vQ0mN1" id="9DhefwqGPrzGxEp9hPaoag" r=\'m\'>'
    "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=41793;$_ts.cd=\"qEyhrAlErG\";</script>"
    "<script src=\"/4QbVtADbnLVIc/d.FxJzG50F.js\" r='m'></script></head><body></body></html>"
)
_JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('clearance_s')+('=')+('1735689600.114|-1|')"
    "+('x;Max-age=3600');location.href=location.pathname+location.search</script>"
)
_PLAIN_SCRIPT = "<html><head></head><body><script>var a='0x1f3';eval(unescape(a))</script></body></html>"
_SHELL = (
    "<html><head><script>document.cookie='zaxsid=5f1b2;path=/';location.reload();</script></head>"
    "<body></body></html>"
)
_RS_COOKIE = {"Set-Cookie": "enable_FHCJ1zQV0pnL=true; Path=/; HttpOnly"}

#: Option ``challenge`` → (kind that a crawl must record, the answer to everything).
CHALLENGES: Mapping[str, tuple[str, Answer]] = {
    "412": ("blocked:rs", Answer(RS.encode(), status=412, headers=_RS_COOKIE)),
    "202": ("blocked:rs", Answer(RS.encode(), status=202, headers=_RS_COOKIE)),
    "script": ("blocked:script", Answer(_PLAIN_SCRIPT.encode(), status=202)),
    "521": (
        "blocked:jsl",
        Answer(_JSL.encode(), status=521, headers={"Set-Cookie": "__jsluid_s=9a41; max-age=31536000"}),
    ),
    "468": ("blocked:waf", Answer(b"", status=468)),
    "shell": ("blocked:cookie", Answer(_SHELL.encode())),
    "itself": ("blocked:cookie", Answer(b"", status=302, headers={"Set-Cookie": "CT6T=81; path=/"})),
    "bare": ("blocked:redirect", Answer(b"", status=302)),
}


class BlockedPortal(Portal):
    """Lists what it would have, and gives nothing of it."""

    def __init__(self, site: Site, base: str) -> None:
        self._kind, self._challenge = CHALLENGES[site.text("challenge")]
        super().__init__(site, base)

    def list_path(self, column: Column) -> str:
        return column.slug

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{column.slug}{entry.day:%Y%m}/t{entry.day:%Y%m%d}_{entry.number}.html"

    @property
    def issues(self) -> tuple[tuple[str, str], ...]:
        return ((self._kind, f"{self.base}/robots.txt"),)

    def add_lists(self) -> None:
        """There is nothing to put in place: every address gets the same answer."""

    def article(self, column: Column, entry: Entry) -> str:
        return RS

    def answer(self, request: Request) -> Answer:
        if self._challenge.status != 302:
            return self._challenge
        # To the very address that was asked for; what is wanted is the cookie, or nobody knows what.
        return Answer(b"", status=302, headers={**self._challenge.headers, "Location": request.path})
