"""Dates of publication as pages give them."""

from __future__ import annotations

import re
from datetime import date

#: The Regulation came into force in 2008; some cities reported from 2004 on.
FIRST_YEAR = 2004
#: No clock here: a century is a bound against garbage, callers that know when a page was fetched give it.
LAST_YEAR = 2099

_DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})(?!\d)")
_LABELLED = re.compile(
    r"(?:发布时间|发布日期|发文日期|公开日期|公布日期|发表时间|更新时间|成文日期|日期|时间)\s*[:：]?\s*(?P<date>20\d\d\s*[-年./].{3,9})"
)
_WITH_SOURCE = re.compile(r"^\s*(?P<date>20\d\d\s*[-年./].{3,9}日?)(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?\s*来源")
_IN_URL = (
    re.compile(r"/t(20\d\d)(\d\d)(\d\d)_\d+"),
    re.compile(r"/(20\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|$|_)"),
    re.compile(r"/(20\d\d)(\d\d)/(\d\d)/"),
    re.compile(r"/(20\d\d)(\d\d)(\d\d)/"),
)


def read(text: str | None) -> date | None:
    """The first whole date in ``text``."""
    match = _DATE.search(text or "")
    return _date(*match.groups()) if match else None


def labelled(text: str) -> date | None:
    """The date of a line such as 发布时间：2021-01-29 09:27 or 2022年01月27日 来源: …"""
    match = _LABELLED.search(text) or _WITH_SOURCE.search(text)
    return read(match["date"]) if match else None


def in_url(url: str | None) -> date | None:
    """The day in an address: …/t20240129_1.shtml, /art/2024/1/29/…"""
    for pattern in _IN_URL:
        match = pattern.search(url or "")
        if match:
            return _date(*match.groups())
    return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:  # 2021-13-40: no date, and nothing to say about it
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
