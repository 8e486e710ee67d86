"""Epoint 新点: a shell whose rows come as JSON from a POST of JSON.

``/dynamic/zwgk/govInfoPub.html?categorynum=003006&deptcode=`` says which category;
``/js/webBuilderCommon.js`` says on which site (``var siteInfo = {"projectName":
"/EWB-FRONT", "siteGuid": "…"}``). ``pageIndex`` begins at 0 on some hosts and at 1 on
others, so 0 is asked for first and what comes twice is united. Older installations want the
fields inside ``params``, some with a ``token`` beside them. Where webBuilderCommon.js is not
loaded, ``/js/ajaxReq.js`` says the same. The shell has other names as well (``openlist.html``,
``goverDetail.html``): its address with ``categorynum=`` gives it away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request, Response, TextResponse

from spiders.answers import loads, row_link, total
from spiders.base import FamilySpider
from spiders.links import links
from spiders.lists import ListError, ListPage, column_name, next_link, stated_total, text_page
from spiders.params import UUID, Param
from spiders.portals import Portal
from spiders.subcolumns import named, without
from spiders.titles import is_report_column

PARAMS = {
    "siteGuid": Param("the site's id, where webBuilderCommon.js does not say it", UUID),
    "project": Param("path of the services (default: as webBuilderCommon.js says, /EWB-FRONT)", r"/[\w-]+"),
    "categorynum": Param("category of the report column, where its address does not carry it", r"\d+"),
    "deptcode": Param("code of the unit, where the address does not carry it", r"\w+"),
    "wrapper": Param(
        "how the fields are wrapped: none, params, token (default: tried in turn)", "none|params|token"
    ),
}

_WRAPPERS = ("none", "params", "token")
_ROWS = 20
_SITE, _OTHER_SITE = "/js/webBuilderCommon.js", "/js/ajaxReq.js"
_SHELL = re.compile(
    r"EWB[-_]\w{1,40}|webBuilderCommon\.js|/js/ajaxReq\.js|lightfrontaction|govInfoPub|[?&]categorynum="
)
#: Characters of a script without siteInfo in which its id is looked for (ajaxReq.js has it in its calls).
_SCRIPT = 200_000
_FIELD = re.compile(r"""["']?(\w{1,50})["']?\s{0,9}:\s{0,9}["']([^"']{1,200})["']""")
_SITE_INFO = re.compile(r"\bsiteInfo\s{0,9}=\s{0,9}\{(?P<fields>[^{}]{1,2000})\}")


class EpointSpider(FamilySpider):
    name = "epoint"

    def read(self, response: Response, portal: Portal, **state: Any) -> ListPage:
        page = text_page(response)
        if "call" in state:
            return read_rows(page, **state)
        if "column" in state:
            return read_site(page, params=portal.params, **state)
        return read_column(page, portal.params)


def read_column(page: TextResponse, params: Mapping[str, str] | None = None) -> ListPage:
    """The column page: a shell, or a static list."""
    params = params or {}
    query = parse_qs(urlsplit(page.url).query)
    category = params.get("categorynum") or query.get("categorynum", [""])[0]
    onward: Request | None
    if not category or not _SHELL.search(page.text + page.url):
        url, found, name = next_link(page), links(page), column_name(page)
        onward = Request(url) if url else None
        # A platform's own page (or a unit's) leads to the column by its name.
        columns = () if is_report_column(name) else named(page, found)
        return ListPage(without(found, columns), onward, columns, name=name, total=stated_total(page))
    column = {
        "url": page.url,
        "categorynum": category,
        "deptcode": params.get("deptcode") or query.get("deptcode", [""])[0],
    }
    if "siteGuid" in params:
        onward = _first(column, params.get("project", "/EWB-FRONT"), params["siteGuid"], params)
    else:
        first, second = (_SITE, _OTHER_SITE) if _OTHER_SITE not in page.text else (_OTHER_SITE, _SITE)
        # Where the page loads neither, the first may well not be there; that is no failure.
        state = {"column": column, "guess": first not in page.text}
        last = Request(page.urljoin(second), cb_kwargs={"column": column})
        onward = Request(page.urljoin(first), cb_kwargs={**state, "fallback": last})
    return ListPage(links(page), onward, name=column_name(page))


def read_site(
    page: TextResponse,
    *,
    column: dict[str, str],
    fallback: Request | None = None,
    guess: bool = False,
    params: Mapping[str, str] | None = None,
) -> ListPage:
    """A script that names the site; ``fallback`` is the other. Raises ``ListError`` if none does.

    ``guess`` is for whoever asks: no page said that this script exists.
    """
    params = params or {}
    info = _SITE_INFO.search(page.text)
    fields = dict(_FIELD.findall(info["fields"] if info else page.text[:_SCRIPT]))
    if not re.fullmatch(UUID, fields.get("siteGuid", "")):
        if fallback is not None:
            return ListPage((), fallback, repeats=True)
        raise ListError("the script names no siteGuid")
    project = params.get("project") or fields.get("projectName") or "/EWB-FRONT"
    return ListPage((), _first(column, project, fields["siteGuid"], params), repeats=True)


def _first(column: dict[str, str], project: str, site: str, params: Mapping[str, str]) -> Request:
    fixed = params.get("wrapper")
    call = {"project": project, "siteGuid": site, "wrapper": fixed or _WRAPPERS[0], "fixed": fixed or ""}
    return _post(column, call, 0)


def body(column: Mapping[str, str], call: Mapping[str, str], number: int) -> bytes:
    """The bytes of the request for one page."""
    fields: dict[str, Any] = {
        "deptcode": column["deptcode"],
        "categorynum": column["categorynum"],
        "pageIndex": number,
        "pageSize": _ROWS,
        "siteGuid": call["siteGuid"],
    }
    wrapped: dict[str, dict[str, Any]] = {
        "none": fields,
        "params": {"params": fields},
        "token": {"token": "", "params": fields},
    }
    return json.dumps(wrapped[call["wrapper"]], ensure_ascii=False, separators=(",", ":")).encode()


def _post(column: dict[str, str], call: dict[str, str], number: int) -> Request:
    return Request(
        TextResponse(column["url"]).urljoin(f"{call['project']}/rest/lightfrontaction/getgovinfolist"),
        method="POST",
        headers={"Content-Type": "application/json;charset=UTF-8", "Referer": column["url"]},
        body=body(column, call, number),
        cb_kwargs={"column": column, "call": call, "number": number},
    )


def read_rows(page: TextResponse, *, column: dict[str, str], call: dict[str, str], number: int) -> ListPage:
    """One answer; where it is not of its kind, the next wrapper is tried, once each."""
    try:
        custom = loads(page.text)["custom"]
        custom = loads(custom) if isinstance(custom, str) else custom
        data = custom["data"] or []
        rows = tuple(_link(row, column["url"]) for row in data)
        stated = total(custom, ("total",))
    except (ListError, KeyError, TypeError, AttributeError) as error:
        place = _WRAPPERS.index(call["wrapper"]) + 1
        if call["fixed"] or number > 0 or place == len(_WRAPPERS):
            raise ListError(f"the answer is no list of articles ({error!r})") from error
        return ListPage((), _post(column, {**call, "wrapper": _WRAPPERS[place]}, 0), repeats=True)
    found = tuple(row for row in rows if row is not None)
    return ListPage(
        links=found,
        # The first two may be the same page, or the first none at all.
        next=_post(column, call, number + 1) if found or number == 0 else None,
        total=stated,
        exact=True,
        repeats=number <= 1,
    )


def _link(row: Any, base: str) -> Any:
    return row_link(
        row, base, url=("infourl",), names=("realtitle", "title"), when=("infodate",), source=("deptname",)
    )
