"""``gongkai prove``: the command around ``pipelines.across``."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from archive.store import Store
from crawler.cli import main
from tests.pipelines.test_across import AFTER, BEFORE, RUN, documents, keep


def test_changed_reports_are_proved_once(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        for one in (BEFORE, RUN, AFTER):
            keep(store, one)
    run = CliRunner().invoke(main, ["prove", "--data", str(tmp_path)])
    assert (run.exit_code, run.output) == (0, "issuers proved: 1, reports changed: 2\n")
    again = CliRunner().invoke(main, ["prove", "--data", str(tmp_path)])
    assert again.output == "issuers proved: 0, reports changed: 0\n"
    everything = CliRunner().invoke(main, ["prove", "--all", "--data", str(tmp_path)])
    assert everything.output == "issuers proved: 1, reports changed: 0\n"
    with Store(tmp_path / "gongkai.db") as store:
        assert documents(store) == (8, 7, 120)


def test_no_archive_is_an_error_and_makes_none(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["prove", "--data", str(tmp_path / "none")])
    assert run.exit_code == 1
    assert "there is no archive" in run.output
    assert not (tmp_path / "none").exists()


def test_a_demonstration_is_asked_for_by_name(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db", demo=True):
        pass
    assert CliRunner().invoke(main, ["prove", "--data", str(tmp_path)]).exit_code == 1
    run = CliRunner().invoke(main, ["prove", "--demo", "--data", str(tmp_path)])
    assert run.output == "issuers proved: 0, reports changed: 0\n"
