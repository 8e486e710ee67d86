"""One nuisance a portal, on the plainest of systems; option ``trouble`` names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

from demo.families.blocked import CHALLENGES
from demo.families.numeric import NumericPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry, Site

#: Hosts that are nobody's (RFC 6761 §6.5): a lapsed domain's new owner, and where a report leads away to.
_HIJACKER = "http://www.zhangai-yule.example/"
_AWAY = "http://www.zhangai-qianyi.example/nb.html"
#: Troubles under which the portal speaks https, whether or not its entry knows.
_SECURE = frozenset(("secure", "only-https"))


class TroubledPortal(NumericPortal):
    """Troubles:

    - ``midway``: answers until a withheld report is asked for, and from then on with a challenge
    - ``moved``: the column leads to the home page; ``hijacked``: to another's host
    - ``secure``: http leads to https; ``only-https``, ``only-http``: the entry has the wrong scheme;
      ``pingpong``: http leads to https and https to http
    - ``refused``: takes no connection; ``no-robots``: robots.txt answers 500
    - ``mislabelled``: GBK that the header calls UTF-8 and the meta ISO 8859-1
    - ``pause``: asks for a pause of ten years; ``crawl-delay``: for a day between requests
    - ``documents``, ``short``: only what the entries and ``expect`` say
    """

    def __init__(self, site: Site, base: str) -> None:
        self._trouble = site.text("trouble")
        self._challenging = False
        self._netloc = urlsplit(base).netloc
        super().__init__(site, f"https://{self._netloc}" if self._trouble in _SECURE else base)

    # -- what it says of itself ------------------------------------------------

    @property
    def speaks(self) -> frozenset[str]:
        if self._trouble == "refused":
            return frozenset()
        if self._trouble in ("secure", "pingpong"):
            return frozenset(("http", "https"))
        return frozenset(("https",) if self._trouble == "only-https" else ("http",))

    @property
    def start(self) -> tuple[str, ...]:
        scheme = "https" if self._trouble == "only-http" else "http"
        return tuple(f"{scheme}://{self._netloc}{self.list_path(column)}" for column in self.site.columns)

    @property
    def issues(self) -> tuple[tuple[str, str], ...]:
        start, root = self.start[0], f"{self.base}/"
        return super().issues + {
            "midway": tuple(("blocked:rs", self.base + path) for path in self._withheld()[:1]),
            "moved": (("gone", start),),
            "hijacked": (("foreign_host", _HIJACKER),),
            "secure": (("scheme_switched", root),),
            "only-https": (("scheme_switched", root),),
            "only-http": (("scheme_switched", root),),
            "pingpong": (("scheme_switched", f"https://{self._netloc}/"), ("redirects", start)),
            "refused": (("unreachable", start),),
            "no-robots": (("unreachable", start),),
            "pause": (("retry_after", start),),
            "crawl-delay": (("crawl_delay", start),),
            "documents": (("foreign_host", _AWAY),),
            "short": (("fewer_than_expected", start),),
            "grouped": (("resting", start),),
        }.get(self._trouble, ())

    def _withheld(self) -> list[str]:
        entries = [(column, entry) for column in self.site.columns for entry in column.entries]
        return [self.address(column, entry) for column, entry in entries if entry.kind == "withheld"]

    # -- what it answers -------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        if self._trouble == "midway" and request.path in self._withheld():
            self._challenging = True
        if self._challenging:
            return CHALLENGES["412"][1]
        if self._trouble == "secure" and request.scheme == "http":
            return _to(f"https://{self._netloc}{request.path}", 301)
        if request.path == "/robots.txt":
            if self._trouble == "no-robots":
                return Answer(b"", status=500)
            return super().answer(request)
        if self._trouble == "pingpong":
            return _to(f"{'http' if request.scheme == 'https' else 'https'}://{self._netloc}{request.path}")
        if self._trouble == "hijacked":
            return _to(_HIJACKER)
        if self._trouble == "moved" and request.path != "/":
            return _to("/")
        if self._trouble == "pause":
            # As a date, which means ten years as clearly as a number does.
            later = datetime.now(UTC) + timedelta(days=3650)
            return Answer(b"", status=429, headers={"Retry-After": format_datetime(later, usegmt=True)})
        return super().answer(request)

    def html(self, text: str) -> Answer:
        if self._trouble == "mislabelled":
            return Answer(text.encode("gb18030"), "text/html; charset=utf-8")
        return super().html(text)

    def _add_article(self, column: Column, entry: Entry) -> None:
        path = self.address(column, entry)
        further = f"{path.rpartition('.')[0]}_1.html"
        if entry.way == "away":
            self.fixed(path, _to(_AWAY))
        elif entry.way == "itself":
            self.fixed(path, _to(path))
        elif entry.way == "reload":
            self.fixed(path, _refresh(path))
        elif entry.way == "loop":
            self.fixed(path, _refresh(further))
            self.fixed(further, _refresh(path))
        elif entry.way == "twice":
            self.fixed(path, _refresh(further))
            self.fixed(further, _refresh(f"{path.rpartition('.')[0]}_2.html"))
        else:
            super()._add_article(column, entry)


def _to(url: str, status: int = 302) -> Answer:
    return Answer(b"", status=status, headers={"Location": url})


def _refresh(url: str) -> Answer:
    page = f'<html><head><meta http-equiv="refresh" content="0;url={url}"></head><body></body></html>'
    return Answer(page.encode())
