"""The workflow of docs/operations.md: its steps, run one after the other as the machine there runs them."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.config import current
from tests.crawler.servers import Reply, Server, listing, portal
from tests.paths import REPOSITORY

pytestmark = pytest.mark.slow
ARTICLE = "<html><body><h1>示例县2023年年报</h1><div>" + "正文。" * 100 + "</div></body></html>"


def workflow() -> dict[Any, Any]:
    text = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
    [found] = [
        read
        for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        if "jobs" in (read := yaml.safe_load(block))
    ]
    return dict(found)


def test_it_has_one_writer_a_time_and_an_end() -> None:
    found = workflow()
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    [when] = found[True]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", when["cron"])
    assert found["concurrency"]["cancel-in-progress"] is False
    [job] = found["jobs"].values()
    assert job["timeout-minutes"] < 360  # what a job there may take
    current({**job["env"], "GONGKAI_CONTACT": "a@example.org"})  # raises for a variable that is none
    for step in job["steps"]:
        assert set(step) <= {"uses", "with", "run", "if"}
        assert "uses" not in step or re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])


def test_its_steps_do_what_they_should(tmp_path: Path) -> None:
    server = Server("127.0.0.1", {"/nb/": Reply(listing("2023.html")), "/nb/2023.html": Reply(ARTICLE)})
    [job] = workflow()["jobs"].values()
    (tmp_path / ".venv").symlink_to(REPOSITORY / ".venv")
    registry = tmp_path / job["env"]["GONGKAI_PORTALS"]
    registry.mkdir()
    entry = portal("shili", f"{server.base}/nb/").entry()
    registry.joinpath("shili.yml").write_text(yaml.safe_dump(entry, allow_unicode=True))
    env = {**os.environ, **job["env"], "GONGKAI_CONTACT": "a@example.org", "GONGKAI_DEMO": "true"}
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0] == "make setup"  # what the test runs in
    try:
        for command in commands[1:]:
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", command],
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
    finally:
        server.stop()
    with closing(sqlite3.connect(tmp_path / job["env"]["GONGKAI_DATA"] / "gongkai.db")) as db:
        assert db.execute("SELECT finish_reason FROM runs").fetchall() == [("finished",)]
    [upload] = [step["with"]["path"] for step in job["steps"] if "upload" in step.get("uses", "")]
    assert (tmp_path / upload / "datapackage.json").exists()
