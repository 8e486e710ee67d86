from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.budget import FILE, Budget
from crawler.rests import Rests, names_of, resting
from spiders.portals import from_entry

from .servers import portal

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
URL = "http://www.shilixian.gov.cn/nb/"
HOST = "www.shilixian.gov.cn"


def test_a_host_rests_a_day_and_over_runs(tmp_path: Path) -> None:
    Rests(tmp_path, 24).begin((HOST,), "blocked:rs", NOW)
    again = Rests(tmp_path, 24)
    assert again.of((HOST,), NOW) == (HOST, "blocked:rs", "2026-02-01 16:00")
    assert again.of((HOST,), NOW + timedelta(hours=24, seconds=-1)) is not None
    assert again.of((HOST,), NOW + timedelta(hours=24)) is None
    assert again.of(("www.linxian.gov.cn",), NOW) is None
    # It is over, and stays so.
    assert again.of((HOST,), NOW) is None


def test_a_later_challenge_makes_it_longer(tmp_path: Path) -> None:
    rests = Rests(tmp_path, 24)
    rests.begin((HOST,), "blocked:rs", NOW)
    rests.begin((HOST,), "blocked:jsl", NOW + timedelta(hours=12))
    assert rests.of((HOST,), NOW + timedelta(hours=30)) == (HOST, "blocked:jsl", "2026-02-02 04:00")


def test_nought_hours_are_no_rest_beyond_the_run(tmp_path: Path) -> None:
    rests = Rests(tmp_path, 0)
    rests.begin((HOST,), "blocked:rs", NOW)
    assert rests.of((HOST,), NOW) is None
    assert not (tmp_path / FILE).exists()
    with pytest.raises(ValueError, match="no number of hours"):
        Rests(tmp_path, -1)


def test_the_portals_of_a_group_rest_together(tmp_path: Path) -> None:
    one, two = (
        from_entry(portal(key, f"http://www.{key}.gov.cn/nb/").entry() | {"group": "qinghe"})
        for key in ("shilixian", "linxian")
    )
    alone = portal("alone", URL)
    assert names_of(URL, alone) == (HOST,)
    Rests(tmp_path, 24).begin(names_of(URL, one), "blocked:rs", NOW)
    found = Rests(tmp_path, 24).of(names_of("http://www.linxian.gov.cn/", two), NOW)
    assert found is not None
    assert found[0] == "group=qinghe"


def test_it_stands_beside_the_counts_of_the_day(tmp_path: Path) -> None:
    budget = Budget(tmp_path, 2)
    assert budget.spend(URL, NOW)
    Rests(tmp_path, 24).begin((HOST,), "blocked:rs", NOW)
    assert budget.spend(URL, NOW)
    assert not budget.spend(URL, NOW)
    assert Rests(tmp_path, 24).of((HOST,), NOW) is not None


def test_who_rests_is_told_without_a_trace(tmp_path: Path) -> None:
    assert resting(tmp_path / "nowhere", (HOST,), [HOST], NOW) == []
    assert not (tmp_path / "nowhere").exists()
    Budget(tmp_path, 5).spend(URL, NOW)
    assert resting(tmp_path, (HOST,), ["shilixian.gov.cn"], NOW) == []
    Rests(tmp_path, 24).begin((HOST, "group=qinghe"), "blocked:rs", NOW)
    until = "until 2026-02-01 16:00 (blocked:rs)"
    assert resting(tmp_path, (), ["shilixian.gov.cn"], NOW) == [f"{HOST} {until}"]
    assert resting(tmp_path, ("group=qinghe",), [], NOW) == [f"group=qinghe {until}"]
    assert resting(tmp_path, (), ["lixian.gov.cn"], NOW) == []
    assert resting(tmp_path, (HOST,), [], NOW + timedelta(days=2)) == []
