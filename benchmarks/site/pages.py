"""What readers ask for: pages of each kind, spread over the archive, the same in every run."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlencode

from archive.metadata import DATABASE
from archive.queries import QUERIES, Query

_SEED = 20260801
#: Words that most reports have, and phrases of several.
COMMON = ("公开", "申请", "复议", "办公室", "信息", "条例", "群众", "答复")
CHARACTERS = ("政", "公", "请", "年")
#: What else is asked of a table in whose box a common word stands.
BESIDE = (
    *("year=2021", "verdict=fail", "verdict=fail&form=2021", "province=%E6%B2%B3%E5%8D%97%E7%9C%81"),
    *("_sort=published_on", "_sort_desc=published_on", "_sort_desc=repetition", "_sort=id"),
)
KINDS = ("R1", "R2", "R3", "V1", "Y1", "Y2")
#: Milliseconds within which 95 of 100 answers have to come, whatever the page, at a million reports.
MOST = 500
PHRASES = ("行政复议", "政府信息公开申请", "结转下年度继续办理", "信息处理费", "法律顾问审核", "重新作出答复")


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages of one kind and the milliseconds within which 95 of 100 have to come."""

    paths: tuple[str, ...]
    target: float


def kinds(database: Path, each: int) -> Mapping[str, Kind]:
    """Name → pages; ``each`` is how many of a kind are asked for."""
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    conn = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
    reports = [row[0] for row in conn.execute("SELECT id FROM reports ORDER BY id")]
    issuers = conn.execute("SELECT id, name FROM agencies ORDER BY id").fetchall()
    provinces = [row[0] for row in conn.execute("SELECT DISTINCT province FROM reports ORDER BY 1")]
    years = [row[0] for row in conn.execute("SELECT DISTINCT year FROM reports ORDER BY 1")]
    rare = _rare(conn)
    levels = {level: _codes(conn, level) for level in ("province", "prefecture", "county")}
    conn.close()

    def some(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"/search?q={quote(chance.choice(words))}" for _ in range(each))

    def box(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"/{DATABASE}/reports?_search={quote(chance.choice(words))}" for _ in range(each))

    def table(name: str, query: str = "") -> tuple[str, ...]:
        return (f"/{DATABASE}/{name}{query}",) * each

    def narrowed(name: str) -> tuple[str, ...]:
        return tuple(
            f"/{DATABASE}/{name}?province={quote(chance.choice(provinces))}&year={chance.choice(years)}"
            for _ in range(each)
        )

    def divisions(level: str, before: str) -> tuple[str, ...]:
        return tuple(before + chance.choice(levels[level]) for _ in range(each))

    def within(path: str) -> tuple[str, ...]:
        return tuple(
            f"{path}?province={quote(chance.choice(provinces))}&year={chance.choice(years)}"
            for _ in range(each)
        )

    chosen = [chance.choice(issuers) for _ in range(each)]
    return {
        "front": Kind(("/",) * each, 200),
        "report": Kind(tuple(f"/report/{chance.choice(reports)}" for _ in range(each)), 100),
        "issuer": Kind(tuple(f"/issuer/{id_}" for id_, _ in chosen), 100),
        "findings that failed": Kind(table("findings", "?verdict=fail"), 150),
        "table of reports, facets": Kind(table("reports"), 150),
        "table of reports, filtered": Kind(narrowed("reports"), 150),
        "table of coverage, facets": Kind(table("coverage"), 150),
        "table of requests, facet": Kind(table("requests"), 150),
        "table of sections, no facet": Kind(table("sections"), 100),
        "list of tables": Kind((f"/{DATABASE}",) * each, 100),
        "search: common word": Kind(some(COMMON), 200),
        "search: rare word": Kind(some(rare), 200),
        "search: phrase": Kind(some(PHRASES), 200),
        "search: issuer": Kind(tuple(f"/search?q={quote(name)}" for _, name in chosen), 200),
        "search: word in a province and year": Kind(
            tuple(
                f"/search?q={quote(chance.choice(COMMON))}&province={quote(chance.choice(provinces))}"
                f"&year={chance.choice(years)}"
                for _ in range(each)
            ),
            200,
        ),
        "provinces": Kind(("/division",) * each, MOST),
        "page of a province": Kind(divisions("province", "/division/"), MOST),
        "page of a prefecture": Kind(divisions("prefecture", "/division/"), MOST),
        "page of a county": Kind(divisions("county", "/division/"), MOST),
        "coverage": Kind(("/coverage",) * each, MOST),
        "coverage of a province": Kind(divisions("province", "/coverage?division="), MOST),
        "coverage of a prefecture": Kind(divisions("prefecture", "/coverage?division="), MOST),
        "findings": Kind(("/findings",) * each, MOST),
        "findings of a province and year": Kind(within("/findings"), MOST),
        "findings of a kind": Kind(
            tuple(f"/findings?identity={chance.choice(KINDS)}" for _ in range(each)), MOST
        ),
        "status": Kind(("/status",) * each, MOST),
        "comparison": Kind(tuple(f"/compare?issuers={a[0]},{b[0]}" for a, b in pairwise(chosen)), MOST),
        "comparison: search for issuers": Kind(
            tuple(f"/compare?issuers={id_}&q={quote(name[:4])}" for id_, name in chosen), MOST
        ),
        "feed of reports": Kind(within("/feed/reports.atom"), MOST),
        "feed of findings": Kind(within("/feed/findings.atom"), MOST),
        **{
            f"query: {query.name}": Kind(
                tuple(
                    f"/{DATABASE}/{query.name}?{_params(query, chance, provinces, years)}"
                    for _ in range(each)
                ),
                MOST,
            )
            for query in QUERIES
        },
        "table of reports, common word in its box": Kind(box(COMMON), MOST),
        "table of reports, one character in its box": Kind(box(CHARACTERS), MOST),
        "table of reports, rare word in its box": Kind(box(rare), MOST),
        "table of reports, common word and a filter": Kind(
            tuple(
                f"/{DATABASE}/reports?_search={quote(chance.choice(COMMON))}&{chance.choice(BESIDE)}"
                for _ in range(each)
            ),
            MOST,
        ),
    }


def _params(query: Query, chance: random.Random, provinces: Sequence[str], years: Sequence[int]) -> str:
    """Every other time of a year or a province, else of all."""
    values = {"year": str(chance.choice(years)), "province": chance.choice(provinces)}
    return urlencode({name: chance.choice(("", values[name])) for name in query.params})


def _codes(conn: sqlite3.Connection, level: str) -> list[str]:
    """Divisions of a level with a report in them or in what lies below."""
    sql = """
        WITH RECURSIVE known(code) AS (SELECT DISTINCT division FROM agencies WHERE division IS NOT NULL
        UNION SELECT d.parent FROM divisions AS d JOIN known ON d.code = known.code
        WHERE d.parent IS NOT NULL)
        SELECT code FROM divisions WHERE level = ? AND code IN (SELECT code FROM known) ORDER BY code
    """
    return [row[0] for row in conn.execute(sql, [level])]


def _rare(conn: sqlite3.Connection) -> list[str]:
    """Names of which generated prose has one in some hundred reports."""
    texts = conn.execute(
        "SELECT text FROM sections WHERE text LIKE '%开展__%的公示%' ORDER BY report LIMIT 40"
    )
    found = {text[at + 2 : at + 8] for (text,) in texts if (at := text.find("开展")) >= 0}
    return sorted(found)
