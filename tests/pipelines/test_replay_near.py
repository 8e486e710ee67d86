"""Near copies, replaced parts and decisions on them, made anew from the WARCs: the same rows."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from archive.store import Store
from archive.warc import WarcWriter
from pipelines import copies
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import START, Fetched, crawl, everything, page, shuffled
from tests.pipelines.likely import LONG
from tests.pipelines.test_replay import again, anew

AT = "http://www.ziyang.example/nb"
#: Whose it is cannot be read from it, and nobody's portal it lies on.
NOBODY = Fetched(
    "http://news.example/1.html",
    page(2021, more=LONG, agency="本单位"),
    3,
    portal="news",
    name="",
    division="",
)


def scanned(text: str, hour: int) -> Fetched:
    second = Fetched(f"{AT}/2023_2.html", f"<html><p>{text}</p></html>".encode(), hour, part=1)
    return Fetched(f"{AT}/2023.html", page(2023, sample=4), hour, parts=(second,))


HISTORY = [
    Fetched(f"{AT}/2021.html", page(2021, more=LONG), 0),
    scanned("第二页正文。", 1),
    Fetched("http://office.example/2021.html", page(2021, more=LONG, agency="益阳市资阳区人民政府办公室"), 2),
    NOBODY,
    scanned("第二页正文，更正。", 4),
    scanned("第二页正文。", 6),
]


def near(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as db:
        sql = """
            SELECT a.name, c.url FROM copies c JOIN reports r ON r.id = c.report
            JOIN agencies a ON a.id = r.agency WHERE c.reason = 'near' ORDER BY 1, 2
        """
        return db.execute(sql).fetchall()


def decide(data: Path) -> None:
    """Take the original without an issuer out of the office's report."""
    with Store(data / DATABASE) as store, WarcWriter(data / WARCS, "copies") as writer:
        [one] = store.db.query("SELECT id FROM documents WHERE url = ?", [NOBODY.url])
        [office] = store.db.query(
            "SELECT r.id FROM reports r JOIN agencies a ON a.id = r.agency WHERE a.name LIKE '%办公室'"
        )
        copies.split(store, one["id"], "另一份报告", START, report=office["id"], writer=writer)
        prove(store)
        store.refresh_coverage()


@pytest.mark.slow
@pytest.mark.parametrize("decided", [False, True])
def test_made_anew_it_is_as_it_was(tmp_path: Path, decided: bool) -> None:
    crawl(tmp_path, HISTORY)
    if decided:
        decide(tmp_path)
    own, office = "益阳市资阳区人民政府", "益阳市资阳区人民政府办公室"
    pairs = [(own, NOBODY.url), (own, HISTORY[2].url), (office, NOBODY.url), (office, HISTORY[0].url)]
    assert near(tmp_path / DATABASE) == sorted(pairs[:2] + pairs[2 + decided :])
    old = everything(tmp_path / DATABASE)
    assert len(old["_variants"]) == 1
    assert [row for row in old["revisions"] if "@@" in row]
    assert len(old["splits"]) == decided
    assert everything(anew(tmp_path)) == old
    done = again(tmp_path)
    assert (done.changes, done.left, done.proved, done.decisions) == ([], [], 0, 0)
    assert everything(tmp_path / DATABASE) == old


@pytest.mark.parametrize("seed", range(3))
def test_another_order_gives_the_same_near_copies(tmp_path: Path, seed: int) -> None:
    crawl(tmp_path / "one", HISTORY)
    crawl(tmp_path / "other", shuffled(HISTORY, seed))
    assert near(tmp_path / "one" / DATABASE) == near(tmp_path / "other" / DATABASE) != []


def test_what_an_older_archive_did_not_sign_is_signed_by_a_replay(tmp_path: Path) -> None:
    crawl(tmp_path, HISTORY)
    old = everything(tmp_path / DATABASE)
    with Store(tmp_path / DATABASE) as store, store.writing():
        for name in ("_texts", "_bands"):
            store.db.execute(f"DELETE FROM {name}")
        store.db.execute("DELETE FROM copies WHERE reason = 'near'")
        store.db.execute("INSERT INTO _unproved SELECT id FROM agencies")
    again(tmp_path)
    assert everything(tmp_path / DATABASE) == old


def test_a_part_that_another_parser_reads_is_compared_as_that_one_reads_it(tmp_path: Path) -> None:
    def older(snapshot):  # type: ignore[no-untyped-def]
        from pipelines.report import parse

        report = parse(snapshot)
        return replace(report, text=report.text + "旧", parser="0")

    crawl(tmp_path, HISTORY[:2], parse=older)
    crawl(tmp_path, HISTORY[4:5])
    with sqlite3.connect(tmp_path / DATABASE) as db:
        sql = """
            SELECT number, text_changed, cells_changed FROM revisions
            JOIN reports AS r ON r.id = report WHERE r.year = 2023
        """
        assert db.execute(sql).fetchall() == [(1, None, None), (2, 1, 0)]
