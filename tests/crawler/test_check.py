"""``gongkai check``: every kind of damage is found and named, and a sound archive has none."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from archive import lock, merges
from archive.store import Store
from archive.warc import WarcWriter
from crawler.cli import main
from pipelines import copies
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import START, crawl, history, page

from .servers import portal

#: Of what was written; a copy for readers has to pass them too.
WRITTEN = [
    "integrity_check",
    "foreign_key_check",
    "originals",
    "search index",
    "totals",
    "counts",
    "leftovers",
    "WARC files",
    "notes",
    "decisions",
    "index",
    "identities",
]
NAMES = [*WRITTEN, "coverage", "expectations"]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    crawl(data, history())
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    shutil.copytree(archive, tmp_path / "data")
    return tmp_path / "data"


def check(data: Path, *words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["check", "--data", str(data), *words], env=env)


def wrong(data: Path) -> dict[str, list[str]]:
    """What is wrong, by check; the exit code must agree."""
    run = check(data, "--json")
    found = {one["name"]: one["wrong"] for one in json.loads(run.stdout) if one["wrong"]}
    assert run.exit_code == (1 if found else 0)
    return found


def visited(data: Path, outcome: str, kind: str = "none_found") -> None:
    """One more visit of the portal ``ziyang``, which found it so."""
    with Store(data / DATABASE) as store:
        run = store.start_run("ziyang", mode="new")
        if outcome != "ok":
            store.add_issue(run, kind, "http://www.ziyang.example/nb/", "列表上没有一条报告链接")
        store.finish_run(run, reason="finished", outcome=outcome)


def change(data: Path, sql: str) -> None:
    db = sqlite3.connect(data / DATABASE)
    assert db.execute(sql).rowcount != 0
    db.commit()
    db.close()


def test_a_sound_archive_passes_every_check(archive: Path) -> None:
    run = check(archive)
    assert run.exit_code == 0
    lines = [line.rsplit(maxsplit=1) for line in run.output.splitlines()]
    assert [state for _, state in lines] == ["ok"] * len(NAMES)
    found = json.loads(check(archive, "--json").stdout)
    assert [one["name"] for one in found] == NAMES
    counts = {one["name"]: one["looked_at"] for one in found}
    assert (counts["originals"], counts["notes"], counts["identities"]) == (7, 8, 3)
    part = json.loads(check(archive, "--json", "--sample", "2").stdout)
    assert {one["name"]: one["looked_at"] for one in part if one["name"] in ("originals", "identities")} == {
        "originals": 2,
        "identities": 2,
    }


def test_a_damaged_database_file(data: Path) -> None:
    path = data / DATABASE
    whole = bytearray(path.read_bytes())
    db = sqlite3.connect(path)
    # The first page of an index: its cells no longer lie where its table says.
    root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'idx_documents_sha256'").fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    whole[(root - 1) * size + 8 : (root - 1) * size + 20] = b"\xff" * 12
    path.write_bytes(whole)
    found = wrong(data)
    assert list(found) == ["integrity_check"]  # nothing else is asked of such a file


def test_a_reference_to_nothing(data: Path) -> None:
    change(data, "DELETE FROM agencies")
    assert "points at a row of agencies that is not there" in wrong(data)["foreign_key_check"][0]


def test_a_digest_that_does_not_fit(data: Path) -> None:
    change(data, "UPDATE documents SET sha256 = replace(sha256, 'a', 'b') WHERE url LIKE '%/2021.html'")
    assert "holds other bytes" in wrong(data)["originals"][0]


def test_a_record_that_was_altered(data: Path) -> None:
    db = sqlite3.connect(data / DATABASE)
    sql = "SELECT warc_file, warc_offset, warc_length FROM documents WHERE url LIKE '%/2021.html'"
    file, offset, length = db.execute(sql).fetchone()
    db.close()
    path = data / WARCS / file
    whole = bytearray(path.read_bytes())
    whole[offset + length // 2] ^= 1
    path.write_bytes(whole)
    found = wrong(data)
    assert f"{file} at {offset}" in found["originals"][0]
    assert f"{file}: " in found["WARC files"][0]


def test_a_file_that_is_gone_or_torn(data: Path) -> None:
    db = sqlite3.connect(data / DATABASE)
    [(file,)] = db.execute("SELECT warc_file FROM documents WHERE url LIKE '%/2021.html' LIMIT 1")
    db.close()
    path = data / WARCS / file
    size = path.stat().st_size
    with path.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08\x00torn")
    assert wrong(data) == {"WARC files": [f"{file}: 8 bytes after offset {size} are no whole record"]}
    path.unlink()
    gone = wrong(data)
    assert gone["index"] == [f"index.cdxj names {file}, which is not there"]
    assert gone["WARC files"] == [f"{file}: the database points into it, and it is not there"]
    assert any(f"no WARC file {file}" in line for line in gone["originals"])


def test_an_index_that_lacks_a_file_is_made_anew(data: Path) -> None:
    lists = sorted((data / WARCS).glob("*.warc.gz.cdxj"))
    lists[0].unlink()
    assert wrong(data) == {
        "index": [f"{lists[0].name.removesuffix('.cdxj')}: not in index.cdxj; see: gongkai check --index"]
    }
    with WarcWriter(data / WARCS, "t") as writer:  # a visit without an answer: nothing to index
        writer.write_note(target="urn:other:1", block=b"{}")
    assert check(data, "--index").exit_code == 0
    assert wrong(data) == {}
    assert sorted(path.name for path in (data / WARCS).glob("*.cdxj")) == ["index.cdxj"]


def test_what_a_killed_process_left(data: Path) -> None:
    last = sorted((data / WARCS).glob("*.warc.gz"))[-1]
    last.rename(last.with_name(last.name + ".open"))
    (data / f"{DATABASE}.rebuild").write_bytes(b"")
    (data / WARCS / f"{last.name}.cdxj").unlink()
    assert wrong(data) == {
        "leftovers": [
            f"{last.name}.open: left open by a process that was killed; the next crawl closes it",
            f"{DATABASE}.rebuild: of a reparse that was killed; the next one begins anew",
        ]
    }


def test_what_was_fetched_and_never_stored(tmp_path: Path) -> None:
    lost = history()[0].url
    crawl(tmp_path, history(), stored=lambda answer: answer.url != lost)
    [line] = wrong(tmp_path)["notes"]
    assert line.startswith(f"{lost}: fetched and not in the database")
    assert CliRunner().invoke(main, ["reparse", "--data", str(tmp_path)]).exit_code == 0
    assert wrong(tmp_path) == {}


def test_decisions_that_the_warcs_and_the_database_tell_otherwise(data: Path) -> None:
    def command(*words: str) -> int:
        return CliRunner().invoke(main, ["copies", *words, "--data", str(data)]).exit_code

    with merges.reading(data / DATABASE) as db:
        [copy] = merges.merged(db)
    mirror = str(copy["document"])
    with Store(data / DATABASE) as store:  # by a gongkai that noted none
        copies.split(store, copy["document"], "x", START)
    assert wrong(data) == {
        "decisions": [f"{copy['url']}: taken out by a decision that no WARC file tells of"]
    }
    assert command("join", mirror) == 0
    assert wrong(data) == {}
    assert command("split", mirror, "--reason", "另一份报告") == 0
    assert wrong(data) == {}
    change(data, "DELETE FROM splits")
    assert wrong(data) == {
        "decisions": [f"{copy['url']}: split is decided and not carried out; see: gongkai reparse"]
    }
    assert CliRunner().invoke(main, ["reparse", "--data", str(data)]).exit_code == 0
    assert wrong(data) == {}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE requests SET total = total + 1 WHERE line = 'received'",
         "by its cells, and no finding says so"),
        ("DELETE FROM findings WHERE kind = 'identity' AND scope = 'report'", "by its cells, and no finding"),
        ("UPDATE findings SET left = left + 1 WHERE scope = 'report' AND identity GLOB 'R*'",
         "is a finding, and not so by its cells"),
        ("UPDATE reports SET checks_passed = 0", "0 checks passed as stored, at least"),
    ],
)  # fmt: skip
def test_findings_that_do_not_follow_from_the_cells(tmp_path: Path, sql: str, said: str) -> None:
    crawl(tmp_path, [replace(history()[0], body=page(2021, slip=5)), history()[1]])
    assert wrong(tmp_path) == {}
    change(tmp_path, sql)
    assert any(said in line for line in wrong(tmp_path)["identities"])


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM coverage WHERE year = 2022", "nothing as stored, "),
        ("UPDATE coverage SET status = 'blocked' WHERE year = 2022", "blocked "),
        ("UPDATE coverage SET days_late = 3 WHERE year = 2022", " 3 as stored, "),
        ("INSERT INTO coverage (agency, year, deadline, status) SELECT agency, 2001, '2002-01-31', 'missing'"
         " FROM coverage LIMIT 1", "missing as stored, nothing by its reports"),
    ],
)  # fmt: skip
def test_coverage_that_does_not_follow_from_the_reports(data: Path, sql: str, said: str) -> None:
    change(data, sql)
    [line] = wrong(data)["coverage"]
    assert said in line
    with lock.held(data / DATABASE, timeout=0):  # a crawl at work brings it up to date at its end
        assert wrong_in_another_process(data) == {}
    with Store(data / DATABASE) as store:
        store.refresh_coverage()
    assert wrong(data) == {}


def wrong_in_another_process(data: Path) -> dict[str, list[str]]:
    command = [sys.executable, "-P", "-m", "crawler.cli", "check", "--data", str(data), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return {one["name"]: one["wrong"] for one in json.loads(run.stdout) if one["wrong"]}


@pytest.mark.parametrize("outcome", ["broken", "blocked", "gone", "partial"])
def test_a_portal_that_does_not_give_what_it_should_has_a_code_of_its_own(
    data: Path, tmp_path: Path, outcome: str
) -> None:
    visited(data, "ok")
    assert check(data).exit_code == 0
    visited(data, outcome)
    run = check(data)
    assert run.exit_code == 3
    assert f"expectations: ziyang 益阳市资阳区人民政府: {outcome} since 2" in run.output
    assert "none_found 列表上没有一条报告链接" in run.output
    change(data, "UPDATE reports SET checks_passed = 0")
    assert check(data).exit_code == 1  # the archive comes first
    registry = tmp_path / "portals"
    registry.mkdir()
    entry = portal("ziyang", "http://www.ziyang.example/nb/").entry() | {"status": "gone"}
    registry.joinpath("ziyang.yml").write_text(yaml.safe_dump(entry, allow_unicode=True))
    known = check(data, "--json", env={"GONGKAI_PORTALS": str(registry)})
    assert [one["looked_at"] for one in json.loads(known.stdout) if one["name"] == "expectations"] == [0]


def test_without_an_archive(tmp_path: Path) -> None:
    run = check(tmp_path / "none")
    assert (run.exit_code, "there is no archive" in run.output) == (1, True)
    (tmp_path / DATABASE).write_bytes(b"no database at all, but long enough to be looked at" * 40)
    run = check(tmp_path)
    assert run.exit_code == 1
    assert "it is not an SQLite database" in run.output
