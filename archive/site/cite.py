"""How to cite a report: GB/T 7714, plain and BibTeX, with the issuer's page and the archive's own address."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from archive.site.rows import Row

_SPECIAL = re.compile(r"([&%$#_])")


def _value(text: object) -> str:
    """Text inside BibTeX braces: what TeX would run or what would close the braces is made plain."""
    plain = re.sub(r"[{}\\~^]", " ", str(text))
    return _SPECIAL.sub(r"\\\1", " ".join(plain.split()))


def _address(url: str) -> str:
    """A URL inside braces: percent-encoded where it could close them."""
    return url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def today() -> date:
    """The day in China, where most readers are: the day on which a page was consulted."""
    return datetime.now(UTC).astimezone(timezone(timedelta(hours=8))).date()


def _live(report: Row, address: str) -> str:
    url = report["url"] or ""
    return url if url.startswith(("http://", "https://")) else address


def gbt7714(report: Row, address: str, consulted: date) -> str:
    """By GB/T 7714-2015, 4.6 (electronic resources): issuer. title[R/OL]. (published)[consulted]. address."""
    published = f"({report['published_on']})" if report["published_on"] else ""
    issuer = report["agency_name"] or report["agency"]
    live = _live(report, address)
    archived = "" if live == address else f" 存档: {address} (第{report['revision'] or 1}版)."
    return f"{issuer}. {report['title']}[R/OL]. {published}[{consulted}]. {live}.{archived}"


def plain(report: Row, address: str, consulted: date) -> str:
    """In English, author and year first."""
    issuer = report["agency_name"] or report["agency"]
    year = (report["published_on"] or "")[:4] or "n.d."
    live = _live(report, address)
    archived = "" if live == address else f" Archived by gongkai: {address}"
    what = f"annual report on open government information, {report['year']}"
    return (
        f"{issuer} ({year}). {report['title']} [{what}]. {live}.{archived} "
        f"(revision {report['revision'] or 1}, consulted {consulted})."
    )


def bibtex(report: Row, address: str) -> str:
    """One ``@techreport`` entry. ``address`` is the report page's absolute URL."""
    issuer = _value(report["agency_name"] or report["agency"])
    published = report["published_on"] or ""
    fields = {
        # A second pair of braces: a name of an organisation, not to be split into first and last name.
        "author": f"{{{issuer}}}",
        "title": f"{{{_value(report['title'])}}}",
        "institution": issuer,
        "year": published[:4] or str(report["year"]),
        "url": _address(report["url"] or address),
        "note": f"gongkai, {_address(address)}, revision {report['revision'] or 1}",
    }
    width = max(map(len, fields))
    lines = ",\n".join(f"  {name:<{width}} = {{{value}}}" for name, value in fields.items())
    return f"@techreport{{gongkai{report['id']},\n{lines}\n}}"
