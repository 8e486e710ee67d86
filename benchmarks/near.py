"""Near copies found in an archive whose issuers write on one template: time a report, and false joins.

``python -m benchmarks.near [--reports N]``. In a generated archive all bodies of a province are made to
write the same text in a year, with their own names and figures; one of 200 reports is put beside it once
more, as an original that is nobody's, with a few characters changed. All issuers are proved without
being signed, then some of them with and without looking for near copies, in turns. Ends with 1 where
a join is found that was not planted, or one is missing. The result goes to ``benchmarks/out/near.json``.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

import click

from archive import near
from archive.keys import stable_id
from archive.overlay import series
from archive.rows import values
from archive.store import Store
from crawler import synth
from pipelines import alike
from pipelines.across import prove
from pipelines.items import DATABASE
from pipelines.likeness import likeness
from pipelines.near import telling

OUT = Path(__file__).with_name("out")
_SEED = 11
#: Of so many reports one is planted again.
_PLANTED = 200
#: Issuers that are proved in turns, and how often; the least time counts.
_ANEW, _ROUNDS = 60, 3
_PAIRS = 300


@dataclass(frozen=True, slots=True)
class Result:
    """Times in milliseconds a report; the last four of the same issuers."""

    reports: int
    signed: int
    planted: int
    found: int
    false_joins: int
    missed: int
    likeness_on_one_template: Sequence[float]
    """Of pairs of a province and year: the tenth, the median, the ninetieth of a hundred, the highest."""
    bytes_a_report: float
    all_new: float
    """Proving the whole archive when nothing of it is signed."""
    without: float
    """Proving without looking for near copies."""
    again: float
    """The same with it, when everything is signed."""
    anew: float
    """The same when what is proved is new, and all others are signed."""
    cost: float
    """What a new report costs more."""


def _texts(store: Store, report: int) -> dict[int, str]:
    sql = "SELECT number, text FROM sections WHERE report = ? ORDER BY number"
    return {row["number"]: row["text"] for row in store.db.query(sql, [report])}


def on_one_template(store: Store) -> None:
    """Give all reports of a province and year the text of the first of them, names and figures their own."""
    db = store.db
    sql = """
        SELECT r.id, r.province, r.year, a.name FROM reports AS r JOIN agencies AS a ON a.id = r.agency
        ORDER BY r.province, r.year, r.id
    """
    first: dict[tuple[str, int], tuple[str, dict[int, str]]] = {}
    with store.writing():
        for row in list(db.query(sql)):
            own = _texts(store, row["id"])
            name, texts = first.setdefault((row["province"], row["year"]), (row["name"], own))
            if texts is own:
                continue
            for number, text in texts.items():
                # The sentences that tell figures of the tables (Section 3 and 4) stay the issuer's.
                told = own.get(number, "").split("\n")[-1] if number in (3, 4) else ""
                begin = f"{row['name']}认真贯彻条例。" if number == 1 else ""
                made = f"{begin}{text.replace(name, row['name'])}{told}"
                values = [made, row["id"], number]
                db.execute("UPDATE sections SET text = ? WHERE report = ? AND number = ?", values)


def plant(store: Store, rng: random.Random) -> set[tuple[int, int]]:
    """Originals that are nobody's, each with a report's text and figures; gives (report, document)."""
    planted = set()
    with store.writing():
        agencies = store.all_agencies()
        for agency in rng.sample(agencies, len(agencies)):
            for one in series(store.db, agency):
                if rng.random() > 1 / _PLANTED or not telling(values(one.rows)):
                    continue
                url = f"http://mirror.example/{one.report}.html"
                document = stable_id("document", url, "x")
                row = {"id": document, "url": url, "fetched_at": "2026-01-01", "sha256": "x"}
                store.db.table("documents").insert(row | {"outcome": "unassigned"})
                texts = [dict(section) for section in one.rows["sections"]]
                longest = max(texts, key=lambda section: len(section["text"] or ""))
                at = rng.randrange(len(longest["text"]) - 3)
                longest["text"] = longest["text"][:at] + "转载" + longest["text"][at + 2 :]
                near.put_aside(store.db, document, None, {**one.rows, "sections": texts})
                planted.add((one.report, document))
    return planted


def _alike(store: Store, rng: random.Random) -> list[float]:
    """How alike the texts of two issuers of one province and year are."""
    sql = "SELECT province, year, group_concat(id) AS ids FROM reports GROUP BY 1, 2 HAVING count(*) > 2"
    found = []
    groups = list(store.db.query(sql))
    for _ in range(_PAIRS):
        ids = rng.sample(rng.choice(groups)["ids"].split(","), 2)
        texts = ["\n".join(_texts(store, int(report)).values()) for report in ids]
        found.append(likeness(*texts) or 0.0)
    found.sort()
    return [found[len(found) // 10], found[len(found) // 2], found[len(found) * 9 // 10], found[-1]]


def _prove(store: Store, agencies: Sequence[int] | None = None) -> float:
    start = time.perf_counter()
    prove(store, store.all_agencies() if agencies is None else agencies)
    return time.perf_counter() - start


def _bytes(store: Store) -> int:
    pages, free, size = (
        store.db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def measure(path: Path) -> Result:
    """All of it, on a generated archive that is changed by that."""
    rng = random.Random(_SEED)  # noqa: S311  (a sample, not secrets)
    with Store(path, demo=True) as store:
        reports = store.db.table("reports").count
        on_one_template(store)
        pairs = _alike(store, rng)
        planted = plant(store, rng)
        size = _bytes(store)
        all_new = _prove(store)
        grown = _bytes(store) - size
        sql = "SELECT report, document FROM copies WHERE reason = 'near'"
        found = {(row["report"], row["document"]) for row in store.db.query(sql)}
        chosen = rng.sample(store.all_agencies(), min(_ANEW, len(store.all_agencies())))
        times: dict[str, list[float]] = {"without": [], "again": [], "anew": []}
        documents = _documents(store, chosen)
        for _ in range(_ROUNDS):
            times["again"].append(_prove(store, chosen))
            with _without():
                times["without"].append(_prove(store, chosen))
            with store.writing():
                near.drop(store.db, documents)
            times["anew"].append(_prove(store, chosen))
        least = {name: 1e3 * min(found_) / len(documents) for name, found_ in times.items()}
        return Result(
            reports=reports,
            signed=store.db.execute("SELECT count(*) FROM _texts WHERE signature IS NOT NULL").fetchone()[0],
            planted=len(planted),
            found=len(found & planted),
            false_joins=len(found - planted),
            missed=len(planted - found),
            likeness_on_one_template=pairs,
            bytes_a_report=grown / reports,
            all_new=1e3 * all_new / reports,
            **least,
            cost=least["anew"] - least["without"],
        )


def _documents(store: Store, agencies: Sequence[int]) -> list[int]:
    found = []
    for agency in agencies:
        rows = store.db.query("SELECT document FROM reports WHERE agency = ?", [agency])
        found += [row["document"] for row in rows]
    return found


@contextmanager
def _without() -> Iterator[None]:
    """No near copies are looked for."""

    def nothing(*_given: object) -> list[int]:
        return []

    with ExitStack() as stack:
        for name in ("sign", "sign_aside", "finding"):
            stack.enter_context(patch.object(alike, name, nothing))
        # What is laid stays, or taking it off would be measured.
        stack.enter_context(patch.object(near, "lay", lambda *_given: False))
        yield


@click.command()
@click.option("--reports", default=10_000, show_default=True)
def main(reports: int) -> None:
    """Measure, tell and keep the result."""
    OUT.mkdir(exist_ok=True)
    path = OUT / f"near-{reports}" / DATABASE
    for old in path.parent.glob("*"):
        old.unlink()
    path.parent.mkdir(exist_ok=True)
    synth.make(path, reports, seed=_SEED, workers=2)
    result = measure(path)
    (OUT / "near.json").write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    for name, value in asdict(result).items():
        told = ", ".join(f"{one:.3f}" for one in value) if isinstance(value, list) else value
        click.echo(f"{name:26} {told:.2f}" if isinstance(told, float) else f"{name:26} {told}")
    if result.false_joins or result.missed or not result.planted:
        sys.exit(1)


if __name__ == "__main__":
    main()
