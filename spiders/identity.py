"""Does a page belong to the division its portal is registered under? Pure."""

from __future__ import annotations

import re

from scrapy.http import HtmlResponse, Response, TextResponse

from spiders.lists import metas
from spiders.portals import Portal

_CODE = re.compile(r"(\d{6})\d{4}")
_STATED = re.compile(r"[0-9A-Za-z]{10}")
#: The widget of the footer that every government site carries (国办 找错): the code stands in it as well.
_WIDGET = re.compile(r"""\bsitecode\s{0,9}=\s{0,9}["']([0-9a-z]{10})["']""", re.IGNORECASE)


def stated_code(page: TextResponse) -> str | None:
    """网站标识码 as the page states it: in a meta (国办发〔2017〕47号), else in the footer's widget.

    A meta that holds no code of ten characters is a template left unfilled.
    """
    for name, code in metas(page):
        if name == "siteidcode":
            if _STATED.fullmatch(code):
                return code
            break
    found = _WIDGET.search(page.text)
    return found[1] if found else None


def contradiction(response: Response, portal: Portal) -> str | None:
    """What is wrong if the page's code names a division that the portal's neither holds nor lies in.

    A clone of a portal, a host that has changed hands and an entry with a wrong
    division all look like this.
    """
    if not isinstance(response, HtmlResponse) or portal.level == "ministry":
        return None
    code = stated_code(response)
    match = _CODE.fullmatch(code or "")
    if match is None:  # none, or that of a ministry's office (bm…), which lies in no division
        return None
    here, there = _trunk(portal.division[:6]), _trunk(match[1])
    if here.startswith(there) or there.startswith(here):
        return None
    return f"the page states SiteIDCode {code}; the portal is registered under {portal.division}"


def _trunk(code: str) -> str:
    """Digits that count: 350000 → 35, 350100 → 3501; 3590… stands for zones of a province → 35."""
    if code[2:4] in ("00", "90"):
        return code[:2]
    return code[:4] if code[4:] == "00" else code
