"""Atom feeds (RFC 4287): reports as the archive first saw them, and reports with failed checks."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from archive.site import words as wording
from archive.site.i18n import Words
from archive.site.rows import Row, many
from archive.site.safety import plain

Kind = Literal["reports", "findings"]

#: Entries of a feed: a reader that asks once a day misses none of an ordinary day.
_ENTRIES = 60
#: States of reports looked at, newest first, to find the entries of one province or year, with those that
#: were seen at the same time as the last of them: what is older is no news, and a feed must not search a
#: whole archive.
_WINDOW = 20_000
#: Failed checks told in one entry.
_CHECKS = 12

_ATOM = "http://www.w3.org/2005/Atom"
#: Characters that no XML document may hold (XML 1.0, 2.2).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One report as a feed tells of it."""

    row: Row
    checks: tuple[Row, ...]


_OLDEST = (
    "coalesce((select w.seen_at from revisions as w order by w.seen_at desc"  # noqa: S608 - own text
    f" limit 1 offset {_WINDOW - 1}), '')"
)


def load(conn: sqlite3.Connection, kind: Kind, province: str | None, year: int | None) -> tuple[Entry, ...]:
    """The newest entries; ``None`` is any province or year."""
    # A report is new with its first state; its checks are those of the state that counts.
    where = ["v.number = 1"] if kind == "reports" else ["v.number = r.revision", "r.verdict = 'fail'"]
    where.append(f"v.seen_at >= {_OLDEST}")
    params: list[object] = []
    for column, value in (("province", province), ("year", year)):
        if value is not None:
            where.append(f"r.{column} = ?")
            params.append(value)
    sql = (
        "select r.id, r.title, r.year, r.province, r.published_on, r.verdict, r.checks_passed, "  # noqa: S608
        "r.checks_failed, r.checks_not_assessable, r.revision, a.name as agency_name, v.seen_at "
        # In the order of the index, so that it ends with the last entry.
        "from revisions as v cross join reports as r on r.id = v.report "
        "left join agencies as a on a.id = r.agency "
        f"where {' and '.join(where)} order by v.seen_at desc, r.id limit {_ENTRIES}"
    )
    return tuple(
        Entry(row, _checks(conn, row["id"]) if kind == "findings" else ()) for row in many(conn, sql, params)
    )


_OF_REPORT = """
select * from findings where report = ? and +verdict = 'fail' and +identity is not null
order by number limit ?"""


def _checks(conn: sqlite3.Connection, report: int) -> tuple[Row, ...]:
    return tuple(many(conn, _OF_REPORT, (report, _CHECKS)))


def atom(kind: Kind, entries: Sequence[Entry], words: Words, *, site: str, address: str, title: str) -> bytes:
    """The feed. ``site`` is the site's absolute URL with a slash at the end, ``address`` the feed's own."""
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed", {"xml:lang": words.pick("zh-CN", "en")})
    _add(feed, "id", f"urn:gongkai:{kind}:{address.partition('?')[2]}")
    _add(feed, "title", title)
    newest = max((entry.row["seen_at"] or "" for entry in entries), default="")
    _add(feed, "updated", newest or "1970-01-01T00:00:00Z")
    _add(_add(feed, "author"), "name", words("site.name"))
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(feed, "link", rel="alternate", type="text/html", href=site)
    for entry in entries:
        _entry(feed, kind, entry, words, site)
    body: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _entry(feed: ElementTree.Element, kind: Kind, entry: Entry, words: Words, site: str) -> None:
    row = entry.row
    element = _add(feed, "entry")
    _add(element, "id", f"urn:gongkai:{kind}:{row['id']}:{row['revision'] or 1}")
    _add(element, "link", rel="alternate", type="text/html", href=f"{site}report/{row['id']}")
    _add(element, "updated", row["seen_at"])
    _add(_add(element, "author"), "name", row["agency_name"] or words("site.name"))
    if row["province"]:
        _add(element, "category", term=str(row["province"]))
    _add(element, "category", term=str(row["year"]))
    verdict = wording.verdict(
        words,
        row["verdict"],
        row["checks_passed"] or 0,
        row["checks_failed"] or 0,
        row["checks_not_assessable"] or 0,
    )
    if kind == "reports":
        _add(element, "title", row["title"])
        published = row["published_on"] or words("report.published.none")
        _add(element, "summary", words("feed.published", date=published, verdict=verdict))
        return
    name = row["agency_name"] or row["title"]
    _add(element, "title", words("feed.failed", name=name, year=row["year"], n=row["checks_failed"] or 0))
    _add(element, "summary", "\n".join(_sentences(entry.checks, words)))


def _sentences(checks: Sequence[Row], words: Words) -> Iterator[str]:
    for c in checks:
        text = (
            wording.check(words, c["identity"], c["at"], c["verdict"], c["left"], c["right"]) or c["message"]
        )
        blame = f" {words.code('blame.plain', c['blame'])}" if c["blame"] else ""
        yield f"{c['identity']} {text}{blame}"


def _add(
    parent: ElementTree.Element, name: str, text: object = None, **attributes: str
) -> ElementTree.Element:
    """A child element; what XML cannot hold, and what would turn the text around, is shown as U+FFFD."""
    clean = {key: _NO_XML.sub("\ufffd", str(plain(value))) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    if text is not None:
        element.text = _NO_XML.sub("\ufffd", str(plain(str(text))))
    return element
