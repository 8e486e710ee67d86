"""``gongkai reparse`` and what ``gongkai ingest`` writes down for it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from unittest.mock import Mock

import pytest
from click.testing import CliRunner, Result

from archive.store import Store
from crawler.cli import main
from crawler.cluster import ClusterError
from crawler.runner import crawl as crawl_portals
from demo.server import DemoPortals
from pipelines.items import DATABASE, WARCS
from pipelines.version import PARSER
from spiders.portals import from_entry
from tests.archive.kept import crawl, everything, history, page
from tests.pipelines.test_replay import worse


def reparse(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["reparse", "--workers", "2", "--data", str(data), *words])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An older parser read it."""
    data = tmp_path_factory.mktemp("archive")
    crawl(data, history(), parse=worse)
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    shutil.copytree(archive, tmp_path / "data")
    return tmp_path / "data"


def test_what_would_change_is_said_and_then_done(data: Path) -> None:
    before = everything(data / DATABASE)
    dry = reparse(data, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "dry run: nothing was changed" in dry.output
    assert everything(data / DATABASE) == before
    done = reparse(data)
    assert done.exit_code == 0
    assert done.output == dry.output.removesuffix("dry run: nothing was changed\n")
    assert "  unreadable → exact  3" in done.output
    assert "益阳市资阳区人民政府2023年政府信息公开工作年度报告" in done.output
    assert everything(data / DATABASE) != before
    again = json.loads(reparse(data, "--json").stdout)
    assert (again["changes"], again["left"], again["originals"]) == ([], [], 7)
    db = sqlite3.connect(data / DATABASE)
    runs = db.execute("SELECT command, finish_reason, parser FROM runs WHERE command = 'reparse'").fetchall()
    db.close()
    assert runs == [("reparse", "finished", PARSER)] * 2


def test_json_names_every_change(data: Path) -> None:
    told = json.loads(reparse(data, "--json", "--since-parser", "1").stdout)
    [group] = told["changes"]
    assert {report["year"] for report in group["reports"]} == {2021, 2022, 2023}
    assert {tuple(report["statuses"]) for report in group["reports"]} == {("unreadable → exact",)}
    assert all(report["findings_gone"] == [] for report in group["reports"])
    nothing = json.loads(reparse(data, "--json", "--since-parser", "1").stdout)
    # The notice was refused, and by which parser is not kept.
    assert (nothing["originals"], nothing["changes"]) == (1, [])


def test_one_report_is_named_as_people_name_it(data: Path) -> None:
    told = json.loads(reparse(data, "--json", "--report", "益阳市资阳区人民政府 2022").stdout)
    assert told["groups"] == 1
    unknown = reparse(data, "--report", "益阳市资阳区人民政府 1999")
    assert unknown.exit_code == 2
    assert "there are those for" in unknown.output


def test_a_missing_database_is_made_anew(data: Path, tmp_path: Path) -> None:
    assert reparse(data).exit_code == 0
    old = everything(data / DATABASE)
    other = tmp_path / "other.db"
    assert reparse(data, "--into", str(other)).exit_code == 0
    assert everything(other) == old
    assert "is there already" in reparse(data, "--into", str(other)).output
    for path in data.glob("gongkai.db*"):
        path.unlink()
    assert reparse(data, "--dry-run").exit_code == 1
    # What SQLite may have left of the deleted one must not get into the new one.
    (data / "gongkai.db-wal").write_bytes(b"stale")
    made = reparse(data)
    assert made.exit_code == 0, made.output
    assert everything(data / DATABASE) == old


def test_without_warcs_there_is_nothing_to_read(tmp_path: Path) -> None:
    run = reparse(tmp_path)
    assert (run.exit_code, "there are no WARC files" in run.output) == (1, True)
    (tmp_path / WARCS).mkdir()
    run = reparse(tmp_path)
    assert (run.exit_code, "there is nothing to make a database from" in run.output) == (1, True)
    assert not (tmp_path / DATABASE).exists()
    assert reparse(tmp_path, "--into", str(tmp_path / "x.db"), "--dry-run").exit_code == 2


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ((), True),
        (("--workers", "1"), False),
        (("--cluster", ""), False),
        (("--workers", "1", "--cluster", "tcp://10.0.0.1:8786"), True),
    ],
)
def test_the_setting_says_who_reads_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], asked: bool
) -> None:
    monkeypatch.setattr(
        "crawler.commands.reparse.connect", Mock(side_effect=ClusterError("no scheduler answers"))
    )
    tmp_path.joinpath("warc").mkdir()
    result = CliRunner().invoke(
        main,
        ["reparse", "--data", str(tmp_path), *words],
        env={"GONGKAI_CLUSTER": "tcp://10.0.0.1:8786"},
    )
    assert ("no scheduler answers" in result.output) is asked


def test_ingested_files_are_replayed_too(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "报告.html"
    file.write_bytes(page(2021, agency="资阳区"))
    ingest = ["ingest", "--data", str(data), str(file)]
    assert CliRunner().invoke(main, ingest).exit_code == 0
    # The same file with better hints is noted once more, and its bytes are not kept twice.
    hinted = [*ingest, "--portal-name", "益阳市资阳区人民政府", "--division", "430902"]
    for _ in range(2):
        assert CliRunner().invoke(main, hinted).exit_code == 0
    old = everything(data / DATABASE)
    assert len(old["documents"]) == len(old["reports"]) == 1
    told = json.loads(reparse(data, "--json").stdout)
    assert (told["changes"], told["left"]) == ([], [])
    (data / DATABASE).unlink()
    assert reparse(data).exit_code == 0
    assert everything(data / DATABASE) == old


@pytest.mark.slow
def test_the_sample_portals_made_anew_from_their_warcs(tmp_path: Path) -> None:
    """Crawled, crawled again with all fetched anew, edited and crawled a third time: every table is equal."""
    from archive.divisions import DEFAULT

    with DemoPortals(seed=1) as portals:
        registry = [from_entry(entry) for entry in portals.registry]
        with Store(tmp_path / DATABASE, demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        crawl_portals(registry, data=tmp_path, demo=True, progress=False)
        portals.edit()
        crawl_portals(registry, data=tmp_path, demo=True, progress=False, refetch_all=True)
    old = everything(tmp_path / DATABASE)
    other = tmp_path / "other.db"
    told = json.loads(reparse(tmp_path, "--into", str(other), "--json").stdout)
    assert told["left"] == []
    assert everything(other) == old
    assert len(old["reports"]) == len(portals.manifest.reports)
    assert len(old["run_issues"]) > 0
