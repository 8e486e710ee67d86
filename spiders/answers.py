"""What the list services of several families have in common: JSON in a callback, rows as XML, dates. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from html import unescape
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request

from spiders.links import Link, clean, fragment_links, parse_date, plain
from spiders.lists import ListError, count

# was5 puts values of its own in single quotes: "py":'###pypy###'. They are not needed.
_SINGLE = re.compile(r":\s?'[^'\"\n]{0,200}'")
_NAME = re.compile(r"(?:/\*[^*]{0,200}\*/)?\s{0,9}[\w$.]{1,100}\s{0,9}")
_RECORD = re.compile(r"<record>\s{0,99}<!\[CDATA\[")
_RECORDS_TOTAL = re.compile(
    r"<totalrecord>\s{0,9}(\d{1,9})(?!\d)|\btotalRecord\s{0,9}:\s{0,9}['\"]?(\d{1,9})(?!\d)", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
#: Characters of a title with its tags; more is no title.
_LONGEST = 5000
_BEIJING = timezone(timedelta(hours=8))
#: Seconds since the epoch have ten digits until 2286, milliseconds thirteen from 2001 on.
_MILLISECONDS = 10**11


def loads(text: str) -> Any:
    """JSON, also inside ``callback( … );`` or with raw line breaks; raises ``ListError`` if it is none."""
    opening, closing = text.find("("), text.rfind(")")
    call = 0 < opening < closing and _NAME.fullmatch(text[:opening].strip())
    inner = text[opening + 1 : closing] if call else text
    try:
        return _json(inner)
    except ValueError:
        pass  # the second reading says what is wrong
    try:
        return _json(_SINGLE.sub(':""', inner))
    except ValueError as error:
        raise ListError(f"no JSON that can be read ({error})") from error


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def first(row: Mapping[str, Any], names: Iterable[str]) -> Any:
    """The first of these fields that the row has and that is not empty, or ``None``."""
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def title(text: object) -> str:
    """A title without the tags and entities that search services mark hits with."""
    return plain(unescape(_TAG.sub("", str(text)[:_LONGEST])))


def day(value: object) -> date | None:
    """A day in China from a text (2024-01-29 …) or from seconds or milliseconds since the epoch."""
    text = str(value if value is not None else "")
    if text.isdecimal() and len(text) in (10, 13):
        seconds = int(text) / 1000 if int(text) > _MILLISECONDS else int(text)
        return datetime.fromtimestamp(seconds, UTC).astimezone(_BEIJING).date()
    return parse_date(text)


def row_link(
    row: Mapping[str, Any],
    base: str,
    *,
    url: Iterable[str],
    names: Iterable[str],
    when: Iterable[str],
    source: Iterable[str] = (),
) -> Link | None:
    """A row of JSON as a link, by the names its fields may have; ``None`` if it leads nowhere."""
    address = clean(str(first(row, url) or ""), base)
    publisher = first(row, source)
    if address is None:
        return None
    return Link(
        address,
        title(first(row, names) or ""),
        day(first(row, when)),
        title(publisher) if publisher else None,
    )


def cdata(opening: re.Pattern[str], text: str) -> Iterator[str]:
    """What stands between an opening and the next ``]]>``, one after another."""
    at = 0
    while found := opening.search(text, at):
        end = text.find("]]>", found.end())
        if end < 0:
            return
        yield text[found.end() : end]
        at = end


def records(text: str, base: str) -> tuple[Link, ...]:
    """Links of ``<record><![CDATA[<li>…</li>]]></record>``, the datastore of jpage widgets."""
    return fragment_links("".join(cdata(_RECORD, text)), base)


def records_total(text: str) -> int | None:
    """Rows of the whole list as a datastore or its widget states them."""
    found = _RECORDS_TOTAL.search(text)
    return int(found[1] or found[2]) if found else None


def total(answer: Mapping[str, Any], names: Iterable[str]) -> int | None:
    """Rows of the whole list under one of these names; ``None`` where it is none, raises for no number."""
    value = first(answer, names)
    return count(value) if value is not None else None


def with_query(url: str, name: str, value: str | int) -> str:
    """The address with one field of its query set and all other bytes as they were."""
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0] != name]
    return f"{path}?{'&'.join([*kept, f'{name}={value}'])}"


def form_post(url: str, fields: Mapping[str, str], *, referer: str, safe: str = "", **state: Any) -> Request:
    """A form as a page's script sends it, fields in their order; ``state`` comes back with the answer."""
    return Request(
        url,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "Referer": referer},
        body=urlencode(fields, safe=safe),
        cb_kwargs=state,
    )
