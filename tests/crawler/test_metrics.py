"""What Prometheus is told is what the archive holds, whoever wrote it."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from archive import times
from archive.store import Store
from crawler import config, metrics
from crawler.cli import main
from crawler.commands.status import gather
from crawler.config import keys

Samples = dict[tuple[str, tuple[str, ...]], float]


def parsed(text: str) -> Samples:
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def archive(folder: Path) -> dict[str, str]:
    """Two portals, one of them broken; gives the settings."""
    with Store(folder / "gongkai.db") as store:
        for key, outcome in (("a", "ok"), ("b", "broken"), ("b", "broken")):
            store.add_portals([{"key": key, "name": "样本县人民政府", "family": "trs", "status": "ok"}])
            run = store.start_run(key, mode="new")
            store.finish_run(run, reason="finished", outcome=outcome, requests=7, found=3, stored=2)
    return {"GONGKAI_DATA": str(folder)}


def test_the_same_in_numbers(tmp_path: Path) -> None:
    ours = archive(tmp_path)
    shown = CliRunner().invoke(main, ["status", "--metrics"], env=ours)
    assert shown.exit_code == 3
    found = parsed(shown.output)
    told = json.loads(CliRunner().invoke(main, ["status", "--json"], env=ours).output)
    assert found["gongkai_archive_readable", ()] == 1
    assert {key[1][0]: value for key, value in found.items() if key[0] == "gongkai_portals"} == told[
        "outcomes"
    ]
    since = times.read(told["oldest"]["since"]).timestamp()
    assert found["gongkai_portal_trouble_since_timestamp_seconds", ("broken", "b")] == pytest.approx(since)
    assert found["gongkai_portals_due", ()] == len(told["due"])
    assert (found["gongkai_requests_total", ()], found["gongkai_stored_total", ()]) == (21, 6)
    last = times.read(told["runs"][0]["started_at"]).timestamp()
    assert found["gongkai_last_run_timestamp_seconds", ()] == pytest.approx(last)
    assert CliRunner().invoke(main, ["status", "--metrics", "--json"], env=ours).exit_code == 2


def test_the_daemon_answers_anew_each_time_and_says_where_it_cannot(tmp_path: Path) -> None:
    found = config.current({"GONGKAI_DATA": str(tmp_path)})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    metrics.serve(f"127.0.0.1:{port}", lambda: gather(found, times.now()))

    def ask() -> Samples:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            return parsed(answer.read().decode())

    archive(tmp_path)
    assert ask()["gongkai_stored_total", ()] == 6
    archive(tmp_path)
    assert ask()["gongkai_stored_total", ()] == 12
    (tmp_path / "gongkai.db").write_bytes(b"no database at all" * 100)
    assert ask() == {("gongkai_archive_readable", ()): 0}
    with pytest.raises(OSError, match="in use"):
        metrics.serve(f"127.0.0.1:{port}", lambda: gather(found, times.now()))


@pytest.mark.parametrize("address", ["9105", ":9105", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "a:b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(config.ConfigError, match=keys.METRICS.env):
        config.current({"GONGKAI_SCHEDULE_METRICS": address})
