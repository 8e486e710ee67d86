"""Which CMS family a page is of: by its address, its links and its markup. Pure.

The signs are tried in their order and the first that is there decides: newer systems keep
the markup of older ones, and many write TRS's file names. Best asked of a report column's
page; an article or a home page shows fewer signs. ``<meta name="generator">`` is none:
no portal was seen to set it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin, urlsplit

from scrapy.http import HtmlResponse, Response

from archive.flood import flood
from spiders.links import MAX_LINKS, TooManyLinksError, links
from spiders.lists import MAX_LIST
from spiders.tree import source

#: The family for everything that no sign gives away: lists are read and 下一页 is followed.
FALLBACK = "static"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A family and what told it."""

    family: str
    """A module of ``spiders.families``."""
    system: str
    """The system behind it; one family may read several."""
    sign: str
    """What was seen, in words; for the fallback, that nothing was."""


@dataclass(frozen=True, slots=True)
class _Page:
    url: str
    """Path and query."""
    html: str
    hrefs: tuple[str, ...]
    """Addresses of its links, absolute."""


_Sign = tuple[str, Callable[[_Page], bool]]


def _address(pattern: str) -> Callable[[_Page], bool]:
    compiled = re.compile(pattern)
    return lambda page: bool(compiled.search(page.url))


def _markup(pattern: str) -> Callable[[_Page], bool]:
    compiled = re.compile(pattern)
    return lambda page: bool(compiled.search(page.html))


def _link(pattern: str) -> Callable[[_Page], bool]:
    compiled = re.compile(pattern)
    return lambda page: any(compiled.search(href) for href in page.hrefs)


def _both(*tests: Callable[[_Page], bool]) -> Callable[[_Page], bool]:
    return lambda page: all(test(page) for test in tests)


def _after(opening: str, sign: str) -> Callable[[_Page], bool]:
    """Markup behind the first opening: one pass, where ``opening.*?sign`` would take one for each opening."""
    begins, follows = re.compile(opening), re.compile(sign)

    def there(page: _Page) -> bool:
        begun = begins.search(page.html)
        return begun is not None and follows.search(page.html, begun.end()) is not None

    return there


#: (family, system, signs), in the order of trial.
_FAMILIES: tuple[tuple[str, str, tuple[_Sign, ...]], ...] = (
    (
        "gkmlpt",
        "gkmlpt",
        (
            ("an address with /gkmlpt/", _address(r"/gkmlpt/")),
            (
                "window._CONFIG with a SID",
                _after(r"window\._CONFIG\s{0,9}=", r"\bSID[\"']?\s{0,9}:\s{0,9}['\"]"),
            ),
        ),
    ),
    (
        "hanweb",
        "jpaas",
        (
            (
                "queryData for jpaas-publish-server",
                _both(_markup("jpaas-publish-server"), _markup(r"query[Dd]ata=[\"']\{'webId'")),
            ),
        ),
    ),
    (
        "hanweb",
        "hanweb-xxgk",
        (
            ("an address /module/xxgk/", _address(r"^/module/xxgk/")),
            ("/module/xxgk/ or its table rows", _markup(r"/module/xxgk/|\btr_main_value_(?:odd|even)\b")),
            ("vc_xxgkarea= or tree.jsp?area=", _address(r"vc_xxgkarea=|tree\.jsp\?area=")),
            ("links with vc_xxgkarea= or tree.jsp?area=", _link(r"vc_xxgkarea=|tree\.jsp\?area=")),
        ),
    ),
    # Its rows come in the same XML as Hanweb's, so it is asked for first.
    (
        "truecms",
        "truecms",
        (("truecms/messageController", _markup(r"(?:[tT]rue(?:CMS|cms))/messageController")),),
    ),
    (
        "hanweb",
        "hanweb",
        (
            ("an address /col/colN/", _address(r"^/col/col\d+/")),
            (
                "<datastore>, jpage or dataproxy.jsp",
                _markup(r"<datastore>|\.jpage\(\{|jpage/(?:more\w*)?dataproxy\.jsp"),
            ),
        ),
    ),
    (
        "lonsun",
        "lonsun",
        (
            ("an address /public/column/N?type=", _address(r"/public/column/\d+\?type=")),
            ("/site/label/8888 or Ls.pagination", _markup(r"/site/label/8888|\bLs\.pagination\b")),
        ),
    ),
    (
        "openness",
        "openness",
        (
            (
                "an address of its routes",
                _address(
                    r"/(?:Branch)?Openness\w+/|/Xxgk\w+/show(?:List)?/|(?i:/openness(?:AnnualReport|Content|Target)/)"
                ),
            ),
            ("links to its report routes", _link(r"/(?:Openness|openness|Xxgk)AnnualReport/")),
        ),
    ),
    (
        "epoint",
        "epoint",
        (
            (
                "EWB-FRONT or webBuilderCommon.js",
                _markup(r"EWB[-_]\w{1,40}/rest/|EWB-FRONT|/js/webBuilderCommon\.js|rest/lightfrontaction/"),
            ),
            ("an address /dynamic/…govInfoPub.html", _address(r"/dynamic/.*govInfoPub\w*\.html")),
            # openlist.html, goverDetail.html …: the shells' names differ, their query does not.
            ("an address with categorynum=", _address(r"\.html\?(?:[^#]*&)?categorynum=\d")),
        ),
    ),
    (
        "hebei",
        "hebei-uuid",
        (("an address /columns/<uuid>/", _address(r"/columns/[0-9a-f]{8}-[0-9a-f-]{27}/")),),
    ),
    (
        "ucap",
        "ucap",
        (
            (
                "links /cN/yyyymm/….shtml",
                _link(r"/c\d{5,7}[a-z]?/\d{6}/(?:[0-9a-f]{32}|c\d\d_\d+)\.shtml"),
            ),
            ("<UCAPTITLE> or <UCAPCONTENT>", _markup(r"(?i)<UCAP(?:TITLE|CONTENT)\b|\bid=[\"']UCAP-CONTENT")),
            ("an address /site/cN/….shtml", _address(r"^/[\w-]+/c\d{5,7}[a-z]?/\w+\.shtml$")),
            (
                "calls of its channel tree or search",
                _markup(r"/common/getChannelList\?|/(?:common/search|searchList)/[0-9a-f]{32}"),
            ),
            ("createPageHTML('page_div', …)", _markup(r"createPageHTML\(\s{0,9}['\"]page_div['\"]\s{0,9},")),
        ),
    ),
    (
        "vsb",
        "vsb",
        (
            ("its pager", _both(_markup(r"\bp_pages\b"), _markup(r"p_next p_fun"))),
            ("_showDynClicks or vsb_content", _markup(r"_showDynClicks\(|\bvsb_content")),
            ("links info/N/N.htm", _link(r"/info/\d+/\d+\.htm$")),
        ),
    ),
    (
        "trs",
        "trs",
        (
            ("links tyyyymmdd_N.html", _link(r"/t20\d{6}_\d+\.s?html?$")),
            ("CurrChnlCls or TRS_Editor", _markup(r"\bCurrChnlCls\b|\bTRS_Editor\b|\btrs_editor_view\b")),
            ("createPageHTML(…)", _markup(r"\bcreatePageHTML\(")),
        ),
    ),
    (
        "numeric",
        "numeric",
        (
            # Articles have ids of a snowflake generator (17 to 19 digits), lists numbers: …/zfxxgknb/1.html
            ("links with ids of 17 to 19 digits", _link(r"/\d{17,19}\.html$")),
            ("an address of such an id", _address(r"/\d{17,19}\.html$")),
            (
                "an address N.html and parseInt('N')",
                _both(_address(r"/\d{1,3}\.html$"), _markup(r"parseInt\(\s{0,9}['\"]\d{1,4}['\"]")),
            ),
        ),
    ),
    (FALLBACK, "iList", (("an address info/iList.jsp", _address(r"info/iList\.jsp\?")),)),
    (
        FALLBACK,
        "siteserver",
        (
            (
                "links /channels/N.html and /contents/N/N.html",
                _both(_link(r"/channels/\d+\.html"), _link(r"/contents/\d+/\d+\.html")),
            ),
        ),
    ),
)


#: System → the family that reads it.
FAMILIES: Mapping[str, str] = {system: family for family, system, _ in _FAMILIES}


def fingerprint(url: str, html: str) -> Fingerprint:
    """The family of a page at ``url``; ``static`` where nothing gives one away."""
    parts = urlsplit(url)
    page = _Page(f"{parts.path}?{parts.query}" if parts.query else parts.path, html, tuple(_hrefs(url, html)))
    for family, system, signs in _FAMILIES:
        for words, there in signs:
            if there(page):
                return Fingerprint(family, system, words)
    return Fingerprint(FALLBACK, "unknown", "no sign of a known system")


def system_of(response: Response) -> str:
    """The system that a page shows; empty for a page that shows none and for what is no page."""
    if not isinstance(response, HtmlResponse) or len(response.body) > MAX_LIST:
        return ""
    if flood(source(response)):
        return ""
    try:
        found = fingerprint(response.url, response.text).system
    except TooManyLinksError:  # whoever reads the list says so
        return ""
    return "" if found == "unknown" else found


def _hrefs(url: str, html: str) -> list[str]:
    """Links of the page, and those that a script will put into it (rows kept as XML or JSON)."""
    response = HtmlResponse(url, body=html.encode("utf-8"), encoding="utf-8")
    found = [link.url for link in links(response)] if html.strip() else []
    written = islice(re.finditer(r"""href=\\?["']([^"'\\\s<>]{1,2000})""", html), MAX_LINKS)
    return found + [_joined(url, href[1]) for href in written]


def _joined(url: str, href: str) -> str:
    try:
        return urljoin(url, href)
    except ValueError:  # http://[broken
        return href
