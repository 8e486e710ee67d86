"""What is due, from the registry and the runs of a real archive; and what the command says of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from archive import history, times
from archive.store import Store
from crawler.cli import main
from crawler.config import current
from crawler.schedule.plan import plan
from crawler.schedule.registry import Registry
from spiders.portals import RegistryError

from ..servers import portal

NOW = times.read("2026-02-10T04:00:00Z")


def register(folder: Path, key: str, **fields: Any) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{key}.yml"
    entry = portal(key, f"http://www.{key}.gov.cn/nb/").entry() | fields
    path.write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")
    return path


def ran(store: Store, key: str, days_ago: float, reason: str | None, **said: Any) -> int:
    started = NOW - timedelta(days=days_ago)
    run = store.start_run(key, started_at=started, mode=said.pop("mode", "new"))
    if reason is not None:
        store.finish_run(run, reason=reason, finished_at=started + timedelta(minutes=5), **said)
    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for key in ("fresh", "killed", "old", "sampled", "silent"):
        register(tmp_path / "portals", key)
    register(tmp_path / "portals", "often", visits={"dense_days": 1, "refetch_days": 30})
    register(tmp_path / "portals", "lapsed", status="gone")
    register(tmp_path / "portals", "walled", status="blocked:rs")
    with Store(tmp_path / "gongkai.db") as store:
        ran(store, "fresh", 1, "finished", outcome="ok")
        ran(store, "fresh", 9, "finished", outcome="ok")
        ran(store, "killed", 0.5, None)
        ran(store, "old", 20, "finished", outcome="ok")
        ran(store, "sampled", 0.1, "sample", mode="some")
        ran(store, "silent", 0.01, "unreachable")
        ran(store, "often", 2, "finished", outcome="ok")
        ran(store, "often", 60, "finished", outcome="ok", mode="all")
    return tmp_path


def test_each_portal_is_due_by_its_runs(data: Path) -> None:
    portals = Registry(data / "portals").portals()
    planned = plan(portals, data, current({}), NOW)
    found = {one.portal.key: one for one in planned}
    assert [one.due.at for one in planned] == sorted(one.due.at for one in planned)
    due = {key for key, one in found.items() if one.due.at <= NOW}
    assert due == {"killed", "old", "often", "sampled"}
    assert {key: one.due.why for key, one in found.items()} == {
        "fresh": "turn",
        "killed": "resume",
        "old": "turn",
        "often": "turn",
        "sampled": "first",
        "silent": "again",
    }
    assert {key for key, one in found.items() if one.due.mode == "all"} == {"often"}
    assert found["sampled"].last is None


@pytest.mark.parametrize(
    ("reason", "outcome", "counts"),
    [
        ("finished", "ok", True),
        ("finished", "partial", True),
        ("budget", None, True),
        ("finished", "broken", False),
        ("blocked:waf", "blocked", False),
        ("unreachable", None, False),
        ("no_list", "gone", False),
        ("shutdown", None, False),
        (None, None, False),
    ],
)
def test_a_visit_that_could_fetch_nothing_has_not_fetched_everything(
    tmp_path: Path, reason: str | None, outcome: str | None, counts: bool
) -> None:
    register(tmp_path / "portals", "a", visits={"refetch_days": 30})
    with Store(tmp_path / "gongkai.db") as store:
        ran(store, "a", 90, "finished", outcome="ok")
        ran(store, "a", 1, reason, mode="all", outcome=outcome)
        if not counts:  # nor is it in the way of one that did
            assert [last for _, last, _ in history.whole(store.db)] == [None]
    [one] = plan(Registry(tmp_path / "portals").portals(), tmp_path, current({}), NOW)
    assert one.due.mode == ("new" if counts else "all")


def test_an_entry_that_says_gone_or_blocked_is_left_out(data: Path) -> None:
    registry = Registry(data / "portals")
    registry.portals()
    assert registry.left_out == ("lapsed", "walled")


def test_the_registry_is_read_again_when_a_file_has_changed(data: Path) -> None:
    registry = Registry(data / "portals")
    before = registry.portals()
    assert registry.portals() is before
    register(data / "portals", "added")
    assert {one.key for one in registry.portals()} == {one.key for one in before} | {"added"}
    data.joinpath("portals/old.yml").unlink()
    assert "old" not in {one.key for one in registry.portals()}


def test_a_wrong_entry_keeps_no_other_from_its_turn(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = register(data / "portals", "broken")
    broken.write_text("key: broken\n", encoding="utf-8")
    registry = Registry(data / "portals")
    assert len(registry.portals()) == 6
    assert registry.wrong == {"broken.yml": "broken.yml: name: is missing"}
    assert caplog.text.count("broken.yml: name: is missing") == 1
    register(data / "portals", "more")
    registry.portals()
    assert caplog.text.count("broken.yml: name: is missing") == 1  # said once
    register(data / "portals", "broken")
    assert len(registry.portals()) == 8
    assert registry.wrong == {}


def test_a_registry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="nowhere: No such file"):
        Registry(tmp_path / "nowhere").portals()


def run(data: Path, *words: str, **environment: str) -> Result:
    environment |= {"GONGKAI_DATA": str(data), "GONGKAI_PORTALS": str(data / "portals")}
    return CliRunner().invoke(main, ["schedule", *words], env=environment)


def test_next_says_what_is_due_and_why(data: Path) -> None:
    times.shift(NOW - times.now())
    try:
        shown = run(data, "next", "-n", "4", GONGKAI_NIGHT="22:00-07:00")
        due = run(data, "next", "--due")
        told = [json.loads(line) for line in run(data, "next", "--json").output.splitlines()]
    finally:
        times.shift(timedelta())
    lines = shown.output.splitlines()
    assert {line.split()[1] for line in lines[:4]} == {"killed", "old", "often", "sampled"}
    assert all(line.startswith("now   ") for line in lines[:4])
    assert "… and 2 more; -n and --json show them" in lines
    assert "2 left out: their entries say that they are gone or blocked" in lines
    assert lines[-1] == "nothing is asked before 2026-02-10 22:00: night is 22:00-07:00"
    assert len(due.output.splitlines()) == 5
    assert "all  its turn" in due.output
    by_key = {one["portal"]: one for one in told}
    assert len(told) == 6
    assert by_key["fresh"]["due"] is False
    assert by_key["fresh"]["last_outcome"] == "ok"
    assert by_key["killed"]["last_reason"] is None
    assert by_key["often"]["mode"] == "all"
    assert by_key["sampled"]["last_visit"] is None


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("next",), {"GONGKAI_SCHEDULE_SEASON": "always"}, "GONGKAI_SCHEDULE_SEASON: 'always' is no season"),
        (("next",), {"GONGKAI_PORTALS": "nowhere"}, "nowhere: No such file"),
        (("run", "--once"), {}, "set GONGKAI_CONTACT"),
        (("install",), {}, "there is no file of settings"),
    ],
)
def test_commands_that_make_no_sense(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    result = CliRunner().invoke(main, ["schedule", *words], env=environment)
    assert result.exit_code == 2
    assert said in result.output
