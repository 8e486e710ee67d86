"""What readers ask for: pages of each kind, spread over the archive, the same in every run."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from archive.metadata import DATABASE

_SEED = 20260801
#: Words that most reports have, and phrases of several.
COMMON = ("公开", "申请", "复议", "办公室", "信息", "条例", "群众", "答复")
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
    conn.close()

    def some(words: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"/search?q={quote(chance.choice(words))}" for _ in range(each))

    def table(name: str, query: str = "") -> tuple[str, ...]:
        return (f"/{DATABASE}/{name}{query}",) * each

    def narrowed(name: str) -> tuple[str, ...]:
        return tuple(
            f"/{DATABASE}/{name}?province={quote(chance.choice(provinces))}&year={chance.choice(years)}"
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
    }


def _rare(conn: sqlite3.Connection) -> list[str]:
    """Names of which generated prose has one in some hundred reports."""
    texts = conn.execute(
        "SELECT text FROM sections WHERE text LIKE '%开展__%的公示%' ORDER BY report LIMIT 40"
    )
    found = {text[at + 2 : at + 8] for (text,) in texts if (at := text.find("开展")) >= 0}
    return sorted(found)
