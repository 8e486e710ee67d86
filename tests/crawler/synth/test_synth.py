"""A generated archive is what the store would have made of the same reports, row by row."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from archive import check, divisions
from archive.derived import proof, search
from archive.errors import WrongArchiveError
from archive.merges import reading
from archive.store import Store
from crawler import synth
from crawler.cli import main
from crawler.synth import make
from crawler.synth.reports import reports
from demo.synth.plan import TODAY, YEARS, Rates, issuers
from pipelines.across import prove
from pipelines.keep import keep
from pipelines.recheck import identities_again
from tests.archive import kept

#: Often enough that all of it occurs among some sixty reports.
OFTEN = Rates(
    identity=0.3, carried=0.3, blank=0.2, dash=0.2, glued=0.5, unreadable=0.2, late=0.3, undated=0.2, gap=0.3
)
REPORTS = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "gongkai.db"
    make(path, REPORTS, seed=7, rates=OFTEN)
    return path


def count(path: Path, sql: str) -> int:
    with reading(path) as db:
        return int(db.execute(sql).fetchone()[0])


def test_in_bulk_is_as_through_the_store(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    with Store(path, demo=True) as store:
        for issuer in issuers(divisions.rows(), REPORTS, 7, OFTEN):
            for snapshot, report in reports(issuer, 7, OFTEN):
                assert keep(store, snapshot, report).action == "stored"
        prove(store)
        store.refresh_coverage(TODAY)
    one, other = kept.everything(made), kept.everything(path)
    assert one.keys() == other.keys()
    # How texts are found that are nearly alike is left to the next prove.
    later = {"_texts", "_bands"}
    assert {name: one[name] for name in later} == {"_texts": [], "_bands": []}
    for name in one.keys() - later:
        assert one[name] == other[name], name
    signed = tmp_path / "signed.db"
    shutil.copy(made, signed)
    with Store(signed, demo=True) as store:
        assert prove(store, store.all_agencies()).changed == 0
    assert kept.everything(signed) == other
    assert len(other["_texts"]) > REPORTS / 2
    assert other["_bands"]


def test_everything_occurs(made: Path) -> None:
    assert count(made, "SELECT count(*) FROM reports") == REPORTS
    for sql in (
        "SELECT count(*) FROM findings WHERE identity = 'R1' AND verdict = 'fail'",
        "SELECT count(*) FROM findings WHERE identity = 'Y1' AND verdict = 'fail'",
        "SELECT count(*) FROM findings WHERE identity = 'Y2' AND verdict = 'not_assessable'",
        *(
            f"SELECT count(*) FROM cell_notes WHERE status = '{status}'"
            for status in ("blank", "dash", "ambiguous", "inferred", "unreadable")
        ),
        *(
            f"SELECT count(*) FROM coverage WHERE status = '{s}'"
            for s in ("filed", "late", "undated", "missing")
        ),
        *(f"SELECT count(*) FROM reports WHERE form = '{form}'" for form in ("2019", "2021")),
        "SELECT count(*) FROM _base",
        "SELECT count(*) FROM reports WHERE repetition > 20",
    ):
        assert count(made, sql) > 0, sql
    # Most carry-overs hold, or there would be nothing to find.
    passed = count(made, "SELECT sum(checks_passed) FROM reports")
    assert passed > 3 * count(made, "SELECT sum(checks_failed) FROM reports")


def test_it_holds_together(made: Path) -> None:
    with reading(made) as db:
        assert not [one for one in check.sound(db, made) if not one.ok]
        assert proof.search_wrong(db) == proof.totals_wrong(db) == proof.counts_wrong(db) == []
        assert identities_again(db, sample=None).wrong == ()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_whoever_works(tmp_path: Path) -> None:
    rows = []
    for name, seed, workers in (("a", 1, 1), ("b", 1, 2), ("c", 2, 1)):
        make(tmp_path / name, 20, seed=seed, workers=workers)
        rows.append(kept.everything(tmp_path / name))
    assert rows[0] == rows[1]
    assert rows[0]["requests"] != rows[2]["requests"]


@pytest.mark.parametrize("workers", [1, 2])
def test_makers_do_not_run_ahead_of_who_writes(workers: int) -> None:
    begun: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(60):
            begun.append(number)
            yield -number

    taken = 0
    with synth._Pool(workers) as pool:
        for found in pool.each(abs, jobs()):
            assert found == taken
            taken += 1
            assert len(begun) <= taken + 2 * workers
    assert taken == len(begun) == 60


def test_what_a_broken_run_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / "gongkai.db.part"
    left.write_bytes(b"half an archive")
    make(tmp_path / "gongkai.db", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["gongkai.db"]
    assert count(tmp_path / "gongkai.db", "SELECT count(*) FROM reports") == 3


def test_it_says_what_it_is(made: Path) -> None:
    with reading(made) as db:
        about = {row["key"]: row["value"] for row in db.query("SELECT * FROM about")}
    assert about["kind"] == "demonstration"
    with pytest.raises(WrongArchiveError, match="demonstration"):
        Store(made)


def test_by_command(tmp_path: Path) -> None:
    def run(*args: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["synth", "--data", str(tmp_path / "x"), "--workers", "1", *args])
        return result.exit_code, result.output

    assert run("--reports", "3") == (
        0,
        f"{tmp_path / 'x' / 'gongkai.db'}: 3 reports, {size(tmp_path):,} bytes\n",
    )
    code, output = run("--reports", "3")
    assert (code, "is there already" in output) == (1, True)
    (tmp_path / "x" / "gongkai.db").unlink()
    code, output = run("--reports", "99000000")
    assert (code, "no more than" in output) == (1, True)


def size(folder: Path) -> int:
    return (folder / "x" / "gongkai.db").stat().st_size


def test_every_year_and_kind_of_body(made: Path) -> None:
    found = issuers(divisions.rows(), 2000, 1, Rates())
    assert sum(len(issuer.years) for issuer in found) == 2000
    assert {issuer.kind for issuer in found} == {"government", "office", "department"}
    assert {year for issuer in found for year in issuer.years} == set(YEARS)
    assert len({(issuer.agency, issuer.division) for issuer in found}) == len(found)


def test_its_texts_differ_enough_to_be_searched(made: Path) -> None:
    with reading(made) as db:
        texts = [" ".join(entry.sections) for entry in search.entries(Database(db.conn))]
    assert min(map(len, texts)) > 1200
    assert len(set(texts)) == len(texts)
