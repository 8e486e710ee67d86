"""``gongkai export``: the command around ``archive.export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from tests.archive.export.conftest import fill


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    fill(folder / "gongkai.db")
    return folder


def run(data: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["export", *args, "--data", str(data)])


def test_it_says_what_it_wrote(data: Path, tmp_path: Path) -> None:
    done = run(data, str(tmp_path / "out"))
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].split() == ["table", "rows", "csv", "bytes", "parquet", "bytes"]
    (reports,) = [line.split() for line in lines if line.startswith("reports ")]
    size = (tmp_path / "out" / "csv" / "reports.csv").stat().st_size
    assert reports[:3] == ["reports", "2", f"{size:,}"]
    assert lines[-1].startswith(f"{tmp_path / 'out'}: {len(lines) - 2} tables, ")


def test_as_json_and_some_tables(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(data, str(out), "--tables", "figures, requests", "--format", "csv", "--json")
    told = json.loads(done.output)
    assert list(told["tables"]) == ["requests", "figures"]
    csv = told["tables"]["figures"]["csv"]
    assert csv["bytes"] == (out / csv["path"]).stat().st_size
    assert told["created"] == "2024-02-21T08:00:00.000000Z"
    assert not (out / "parquet").exists()


def test_what_cannot_be_done_is_said(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wrong = run(data, str(out), "--tables", "figures,nonsense")
    assert (wrong.exit_code, "no table nonsense; known: about, " in wrong.output) == (2, True)
    assert run(data, str(out), "--tables", "").exit_code == 2
    none = run(tmp_path / "none", str(out))
    assert (none.exit_code, "no such file; crawl or ingest something first" in none.output) == (1, True)
    foreign = run(data, str(data))
    assert (foreign.exit_code, "which no export put there" in foreign.output) == (1, True)
    assert (data / "gongkai.db").exists()
    assert list(tmp_path.iterdir()) == []
