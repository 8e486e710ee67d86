"""What stands beside the reports found: issuers and places of that name, and other questions to put."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archive.derived import tokens
from archive.derived.tokens import Phrase, fold
from archive.site.rows import Row, many
from archive.site.search.ask import Ask
from archive.site.search.hits import COUNTED, Index

#: Issuers, divisions and other questions shown.
_SHOWN = 6
#: Characters by which a place's name may be longer than what was typed: 长沙 is 长沙市 and 长沙县, and
#: 恩施 is 恩施土家族苗族自治州, but a development zone comes with the issuers.
_LONGER = 9


@dataclass(frozen=True, slots=True)
class Other:
    """A question that finds something where this one finds nothing."""

    ask: Ask
    hits: int
    kind: str
    """``filters``: the same without filters; ``word``: one of the words; ``shorter``: parts of a word."""


def _named(conn: sqlite3.Connection, sql: str, values: Mapping[str, object]) -> list[Row]:
    cursor = conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _plain(phrase: Phrase) -> str:
    return "".join(phrase.runs)


def _bare(text: str) -> str:
    """A name as a phrase's runs have it: folded, without brackets and blanks."""
    return "".join(fold(text).translate(_NO_MARKS).split())


_NO_MARKS = str.maketrans("", "", "()")
_ISSUERS = """
SELECT a.id, a.name, a.province, a.kind, (SELECT count(*) FROM reports AS r WHERE r.agency = a.id) AS reports
FROM agencies AS a WHERE a.id IN ({})"""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of all issuers in one text, a line each: a scan of 100,000 names takes it a millisecond.

    A line has identifier, rank of its kind (governments first), name and other names.
    """

    text: str

    @classmethod
    def load(cls, conn: sqlite3.Connection) -> Names:
        """The names as they stand in the archive."""
        sql = "SELECT id, kind <> 'government', name, coalesce(aliases, '') FROM agencies ORDER BY id"
        lines = (
            f"{id_}\t{rank}\t{_bare(name)}\t{_bare(aliases)}"
            for id_, rank, name, aliases in conn.execute(sql)
        )
        return cls("\n".join(["", *lines, ""]))

    def having(self, phrases: Sequence[Phrase]) -> list[int]:
        """Issuers of whom a name has all the words, the likeliest first; a single character names nobody."""
        words = [_plain(phrase) for phrase in phrases]
        if not words or min(map(len, words)) < 2:
            return []
        found: list[tuple[bool, bool, str, int, str, int]] = []
        whole = "".join(words)
        longest = max(words, key=len)
        at = self.text.find(longest)
        while at >= 0:
            end = self.text.index("\n", at)
            id_, rank, name, others = self.text[self.text.rindex("\n", 0, at) + 1 : end].split("\t")
            if all(word in name or word in others for word in words):
                found.append((name != whole, not name.startswith(whole), rank, len(name), name, int(id_)))
            at = self.text.find(longest, end)
        return [one[-1] for one in sorted(found)]


def issuers(conn: sqlite3.Connection, found: Sequence[int]) -> tuple[Row, ...]:
    """The first of the issuers found, as the page shows them."""
    best = found[:_SHOWN]
    rows = {row["id"]: row for row in many(conn, _ISSUERS.format(", ".join("?" * len(best))), best)}
    return tuple(rows[id_] for id_ in best if id_ in rows)


_DIVISIONS = """
SELECT d.code, d.name, d.full_name, d.level FROM divisions AS d
WHERE (substr(d.name, 1, length(:word)) = :word AND length(d.name) <= length(:word) + :longer
    AND d.level <> 'zone')
  OR d.name = :word OR (length(:word) > length(d.name) AND substr(d.full_name, -length(:word)) = :word)
ORDER BY d.level <> 'province', d.level <> 'prefecture', d.code LIMIT :shown"""


def divisions(conn: sqlite3.Connection, phrases: tuple[Phrase, ...]) -> tuple[Row, ...]:
    """Places that begin like one of the words (长沙, 长沙市岳麓区).

    Each with the number of its reports and the other words (``rest``).
    """
    found: dict[str, Row] = {}
    for phrase in phrases:
        word = _plain(phrase)
        if len(word) < 2:
            continue
        rest = " ".join(other.text for other in phrases if other != phrase)
        values = {"word": word, "longer": _LONGER, "shown": _SHOWN}
        for row in _named(conn, _DIVISIONS, values):
            found.setdefault(row["code"], row | {"rest": rest})
    return tuple(
        row | {"reports": Index(conn, Ask(division=row["code"]), ()).count(COUNTED)}
        for row in list(found.values())[:_SHOWN]
    )


def others(conn: sqlite3.Connection, asked: Ask, phrases: tuple[Phrase, ...]) -> tuple[Other, ...]:
    """Questions near one that finds nothing: without filters, each word by itself, shorter words."""
    tried: list[tuple[str, Ask]] = []
    if asked.filtered:
        tried.append(("filters", Ask(q=asked.q, sort=asked.sort)))
    lost = phrases
    if len(phrases) > 1:
        tried += [("word", replace(asked, q=phrase.text, page=1)) for phrase in phrases]
        lost = tuple(phrase for phrase in phrases if not Index(conn, asked, (phrase,)).count(1))
    tried += [("shorter", replace(asked, q=words, page=1)) for words in shorter(lost)]
    found: dict[Ask, Other] = {}
    for kind, other in tried:
        if other in found or len(found) == _SHOWN:
            continue
        hits = Index(conn, other, tokens.phrases(other.q)).count(COUNTED)
        if hits:
            found[other] = Other(other, hits, kind)
    return tuple(found.values())


def shorter(phrases: tuple[Phrase, ...]) -> list[str]:
    """The words taken apart: where scripts meet, and long ones in the middle; then the parts alone."""
    runs = [run for phrase in phrases for run in phrase.runs]
    apart: list[str] = []
    for run in runs:
        half = (len(run) + 1) // 2
        apart += [run[:half], run[half:]] if tokens.is_han(run) and len(run) > 3 else [run]
    found = [" ".join(runs)] if len(runs) > len(phrases) else []
    found += [" ".join(apart)] if len(apart) > len(runs) else []
    found += [part for part in apart if len(part) > 1] if len(apart) > 1 else []
    for run in runs:
        if tokens.is_han(run) and len(run) == 3:
            found += [run[:2], run[1:]]
    typed = {phrase.text for phrase in phrases if len(phrase.runs) == 1}
    return [words for words in dict.fromkeys(found) if words not in typed]
