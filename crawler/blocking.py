"""Challenges, and pages that are no more, told from real answers; recorded and left alone.

No challenge is ever answered: a host that sets one is asked for nothing more in this run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response, TextResponse
from scrapy.http.request import NO_CALLBACK

from archive import times
from archive.bodies import beginning, decode_body
from archive.errors import ArchiveError
from crawler.rests import Rests, names_of
from crawler.shut import shut
from spiders.base import FamilySpider, Recorded
from spiders.hosts import host_of

# Codes only protection systems send: 瑞数 412, 加速乐 521, cloud WAFs 468.
_CODES = {412: "rs", 521: "jsl", 468: "waf"}
# Codes under which the same systems send their script, and which mean nothing by themselves.
_MAYBE = frozenset((200, 202, 400, 403, 503))
_WAF = ("访问异常", "安全验证", "请稍候", "访问被拦截", "访问拦截")
_COOKIES = ("CT6T", "C3VK", "_ws_sbu", "yd_cookie")
#: Kind, words of which such a page has one (which is soon seen), and how it has it.
_MARKS = (
    ("rs", ("$_ts",), re.compile(r"\$_ts\b")),
    ("jsl", ("jsl_clearance", ';go({"bts"'), re.compile(r"_jsl_clearance|jsl_clearance_s|;go\(\{\"bts\"")),
    ("waf", _WAF, re.compile(rf"<title>[^<]*({'|'.join(_WAF)})", re.IGNORECASE)),
    ("cookie", _COOKIES, re.compile(rf"\b({'|'.join(_COOKIES)})\s*=")),
)
# Cookies of other names: a script that sets one and loads the page again, on a page that leads nowhere.
_SETS_COOKIE = re.compile(r"\bdocument\s*\.\s*cookie\s*=")
_LOADS_AGAIN = re.compile(r"\blocation\s*(?:\.\s*(?:reload|replace|assign|href)\b|=)")
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_LEADS_ON = re.compile(r"<(?:a|i?frame|embed|object|table|form)\b", re.IGNORECASE)
#: Bytes of a challenge page at most; a page above it is not looked at.
_LARGEST = 512 * 1024
#: Bytes within which nearly every page has shown that it is one: past its menus, and past its scripts.
_BEGINNINGS = (4 * 1024, 16 * 1024, 64 * 1024)
#: Characters of visible text. A real page has more; pages behind 瑞数 carry its script as well.
LITTLE_TEXT = 200

_BLOCK = re.compile(r"(?i)<(?:(script|style|noscript|head)\b|!--)")
_ENDS = {
    "": re.compile("-->"),
    **{name: re.compile(rf"(?i)</{name}\s*>") for name in ("script", "style", "noscript", "head")},
}
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"(?i)<title\b[^<>]*>([^<]*)")
_NOT_FOUND = re.compile(
    r"页面不存在|页面未找到|页面没有找到|页面已删除|无法找到|找不到.{0,6}页面|访问的页面.{0,6}(不存在|已)|^\W*404(?:$|\W|_|错误|页面)|404\s*not\s*found",
    re.IGNORECASE,
)
# 已归档 also stands over pages that are still complete, so it counts only where there is little else.
_ARCHIVED = re.compile(r"已归档")
_HOME = re.compile(r"/?((index|default|home)\.\w+)?", re.IGNORECASE)


def visible(html: str) -> str:
    """The text a reader would see, roughly: no tags, scripts, head or comments, no blanks."""
    return "".join(_TAG.sub("", "".join(_shown(html))).split())


def _shown(html: str) -> Iterator[str]:
    """The page without comments, scripts and the like; one that never ends hides nothing.

    An end that is missing is looked for once: a page of openings alone must not take minutes.
    """
    at, missing = 0, set()
    opened = _BLOCK.search(html)
    while opened:
        kind = (opened[1] or "").lower()
        end = None if kind in missing else _ENDS[kind].search(html, opened.end())
        if end is None:
            missing.add(kind)
            opened = _BLOCK.search(html, opened.end())
            continue
        yield html[at : opened.start()]
        at = end.end()
        opened = _BLOCK.search(html, at)
    yield html[at:]


def challenge(status: int, body: bytes, *, encoding: str | None = None) -> str | None:
    """Kind of challenge that an answer is (a key of ``spiders.kinds.BLOCKS``), or ``None``.

    ``encoding`` is the Content-Encoding the body still stands under.
    """
    if status in _CODES:
        return _CODES[status]
    if status not in _MAYBE or len(body) > _LARGEST:
        return None
    if any(_reads(beginning(body, encoding, size)) for size in _BEGINNINGS):
        return None
    try:
        plain = decode_body(body, encoding, where="answer", limit=_LARGEST)
    except ArchiveError:  # broken or large: whatever it is, it is no challenge page
        return None
    html = plain.decode("utf-8", "ignore")
    marked = (
        kind for kind, words, mark in _MARKS if any(word in html for word in words) and mark.search(html)
    )
    kind = next(marked, None) or _unnamed(status, html)
    return kind if kind and len(visible(html)) < LITTLE_TEXT else None


def _reads(start: bytes | None) -> bool:
    """Whether what a page begins with has text enough for a real page; ``False`` where more may follow.

    Only what nothing that follows could hide counts: up to an element that hides and does not end here, and
    up to the last tag, which may not be whole.
    """
    html = (start or b"").decode("utf-8", "ignore")
    shown, at = [], 0
    while opened := _BLOCK.search(html, at):
        end = _ENDS[(opened[1] or "").lower()].search(html, opened.end())
        if end is None:
            html = html[: opened.start()]
            break
        shown.append(html[at : opened.start()])
        at = end.end()
    shown.append(html[at:])
    before_last_tag = "".join(shown).rpartition("<")[0]
    return len("".join(_TAG.sub("", before_last_tag).split())) >= LITTLE_TEXT


def _unnamed(status: int, html: str) -> str | None:
    """A challenge of a system whose marks are not known: scripts and nothing that a reader could use."""
    if _LEADS_ON.search(html) or not _SCRIPT.search(html):
        return None
    if _SETS_COOKIE.search(html) and _LOADS_AGAIN.search(html):
        return "cookie"
    return "script" if status == 202 else None


def leads_to_itself(url: str, status: int, location: str | None) -> bool:
    """Whether a redirect leads to the very address that was asked for."""
    if status not in (301, 302, 303, 307, 308) or not location:
        return False
    try:
        return urljoin(url, location).partition("#")[0] == url.partition("#")[0]
    except ValueError:  # http://[broken
        return False


def gone(html: str, url: str, redirected_from: list[str]) -> str | None:
    """Why a page that answers 200 is no longer there, or ``None``."""
    if redirected_from:
        first = urlsplit(redirected_from[0])
        if (
            _HOME.fullmatch(urlsplit(url).path)
            and not _HOME.fullmatch(first.path)
            and not urlsplit(url).query
        ):
            return "leads to the home page"
    found = _TITLE.search(html[:65536])
    title = " ".join(found[1].split()) if found else ""
    if _NOT_FOUND.search(title):
        return f"says {title[:60]!r}"
    if _ARCHIVED.search(title) and len(visible(html)) < LITTLE_TEXT:
        return f"says {title[:60]!r}"
    return None


class ChallengeMiddleware:
    """Recognises challenges and puts the host to rest."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        settings = crawler.settings
        self._rests = Rests(Path(settings["GONGKAI_DATA"]), settings.getfloat("GONGKAI_REST_HOURS"))
        # On the signal, because it comes before the queue's next request is let go.
        crawler.signals.connect(self._downloaded, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ChallengeMiddleware:
        return cls(crawler)

    def _downloaded(self, response: Response, request: Request) -> None:
        spider = self._crawler.spider
        assert isinstance(spider, FamilySpider)
        kind = self._kind(response, request, read=spider.visit.read)
        if kind is None:
            return
        request.meta["challenge"] = kind
        spider.rested[host_of(response.url)] = f"blocked:{kind}"
        names = names_of(response.url, spider.visit.portal)
        try:
            self._rests.begin(names, f"blocked:{kind}", times.now())
        except ArchiveError as error:
            shut(self._crawler, response.url, error)

    @staticmethod
    def _kind(response: Response, request: Request, *, read: int) -> str | None:
        """The challenge that an answer is; ``read``: lists read of this portal so far."""
        header = response.headers.get("Content-Encoding")
        location = response.headers.get("Location")
        kind = challenge(
            response.status, response.body, encoding=header.decode("latin-1") if header else None
        )
        itself = leads_to_itself(
            response.url, response.status, location.decode("latin-1") if location else None
        )
        if kind is not None or not itself or request.method != "GET":
            return kind
        if "Set-Cookie" in response.headers:
            return "cookie"
        # Without a cookie one page may simply be broken; a portal of which nothing could be read yet is not.
        return "redirect" if read == 0 else None

    def process_response(self, request: Request, response: Response) -> Response:
        kind = request.meta.pop("challenge", None)
        if kind is None:
            return response
        spider = self._crawler.spider
        assert isinstance(spider, FamilySpider)
        message = (
            f"HTTP status {response.status}: a challenge; the host is asked for nothing more in this run"
        )
        spider.issue(f"blocked:{kind}", request.url, message)
        raise Recorded(message)


#: Successes (RFC 9110 §15.3) that hold no whole document: accepted, no content, a part of it.
_NOT_WHOLE = frozenset((201, 202, 204, 205, 206))


class GoneMiddleware:
    """Recognises pages that say "not found" with status 200, moves to the home page, and partial answers."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GoneMiddleware:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if request.callback is NO_CALLBACK:
            return response
        redirected: list[str] = request.meta.get("redirect_urls", [])
        if response.status in _NOT_WHOLE:
            kind, reason = "http", f"HTTP status {response.status}: no whole document"
        elif response.status == 200 and isinstance(response, TextResponse):
            found = gone(response.text, response.url, redirected)
            if found is None:
                return response
            kind, reason = "gone", found
        else:
            return response
        spider = self._crawler.spider
        assert isinstance(spider, FamilySpider)
        spider.issue(kind, redirected[0] if redirected else request.url, reason)
        raise Recorded(reason)
