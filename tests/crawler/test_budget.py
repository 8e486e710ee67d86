from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from click.testing import CliRunner
from scrapy.settings import Settings

from archive.store import Store
from crawler.budget import Budget, name_of, spent
from crawler.cli import main
from crawler.limits import Limits
from crawler.rests import Rests
from spiders.base import FamilySpider, Recorded
from spiders.portals import read

from .servers import portal

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
URL = "http://www.shilixian.gov.cn/nb/"


def test_a_host_has_its_budget_and_no_more(tmp_path: Path) -> None:
    budget = Budget(tmp_path, 3)
    assert [budget.spend(URL, NOW) for _ in range(5)] == [True, True, True, False, False]
    assert budget.spend("http://xxgk.shilixian.gov.cn/", NOW)
    assert spent(tmp_path, ["shilixian.gov.cn"], NOW) == {
        "www.shilixian.gov.cn": 3,
        "xxgk.shilixian.gov.cn": 1,
    }
    assert spent(tmp_path, ["other.gov.cn"], NOW) == {}


def test_it_is_remembered_by_the_next_run_and_forgotten_the_next_day(tmp_path: Path) -> None:
    first = Budget(tmp_path, 1)
    assert first.spend(URL, NOW)
    first.close()
    second = Budget(tmp_path, 1)
    assert not second.spend(URL, NOW)
    # 16:00 UTC is midnight in Beijing.
    assert not second.spend(URL, datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    assert second.spend(URL, datetime(2026, 1, 31, 16, 0, tzinfo=UTC))


def test_the_count_is_on_disk_before_the_request_is_sent(tmp_path: Path) -> None:
    Budget(tmp_path, 5).spend(URL, NOW)  # neither closed nor told of the end
    assert spent(tmp_path, ["shilixian.gov.cn"], NOW) == {"www.shilixian.gov.cn": 1}


def test_nought_is_no_limit_and_counts_all_the_same(tmp_path: Path) -> None:
    budget = Budget(tmp_path, 0)
    assert all(budget.spend(URL, NOW) for _ in range(20))
    assert spent(tmp_path, ["www.shilixian.gov.cn"], NOW) == {"www.shilixian.gov.cn": 20}
    with pytest.raises(ValueError, match="no number of requests"):
        Budget(tmp_path, -1)


def test_looking_at_the_count_leaves_no_trace(tmp_path: Path) -> None:
    assert spent(tmp_path / "nowhere", ["shilixian.gov.cn"], NOW) == {}
    assert not (tmp_path / "nowhere").exists()


def test_addresses_are_counted_with_their_port() -> None:
    assert name_of("http://127.0.0.11:8080/nb/") == "127.0.0.11:8080"
    assert name_of("https://WWW.shilixian.gov.cn:443/nb/") == "www.shilixian.gov.cn"


class _Spider:
    """What ``Limits`` needs of a spider."""

    def __init__(self) -> None:
        self.rested: dict[str, str] = {}
        self.issues: list[tuple[str, str, str]] = []

    def issue(self, kind: str, url: str, message: str) -> None:
        self.issues.append((kind, url, message))


def _limits(folder: Path, **chosen: Any) -> Limits:
    return Limits(Settings({"GONGKAI_DATA": str(folder), "GONGKAI_DAILY_BUDGET": 2, **chosen}))


def test_a_host_that_has_had_its_budget_rests_and_that_is_on_record(tmp_path: Path) -> None:
    spider, limits = _Spider(), _limits(tmp_path)
    for _ in range(2):
        limits.admit(cast(FamilySpider, spider), URL, NOW)
    with pytest.raises(Recorded):
        limits.admit(cast(FamilySpider, spider), URL, NOW)
    assert spider.rested == {"www.shilixian.gov.cn": "budget"}
    assert spider.issues == [("budget", URL, "has had its 2 requests of today; again tomorrow")]


def test_outside_of_the_window_nothing_is_asked_and_nothing_counted(tmp_path: Path) -> None:
    spider = _Spider()
    limits = _limits(tmp_path, GONGKAI_NIGHT="22:00-07:00")
    with pytest.raises(Recorded):
        limits.admit(cast(FamilySpider, spider), URL, NOW)
    message = "outside of 22:00-07:00 Beijing time; again from 2026-01-31 22:00 on"
    assert spider.issues == [("night", URL, message)]
    assert spent(tmp_path, ["shilixian.gov.cn"], NOW) == {}
    limits.admit(cast(FamilySpider, spider), URL, datetime(2026, 1, 31, 15, 0, tzinfo=UTC))


def test_a_demonstration_has_no_office_hours(tmp_path: Path) -> None:
    spider = _Spider()
    _limits(tmp_path, GONGKAI_NIGHT="22:00-07:00", GONGKAI_DEMO=True).admit(
        cast(FamilySpider, spider), URL, NOW
    )
    assert not spider.issues


def test_show_says_budget_window_and_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("shilixian", "yangbenxian"):
        entry = portal(key, f"http://www.{key}.gov.cn/nb/").entry() | {"group": "qinghe"}
        tmp_path.joinpath(f"{key}.yml").write_text(yaml.safe_dump(entry, allow_unicode=True))
        assert read(tmp_path / f"{key}.yml").group == "qinghe"
    data = tmp_path / "data"
    Budget(data, 5).spend("http://www.shilixian.gov.cn/nb/", datetime.now(UTC))
    monkeypatch.setenv("GONGKAI_DATA", str(data))
    monkeypatch.setenv("GONGKAI_NIGHT", "22:00-07:00")
    show = ["portals", "show", "shilixian", "--portals", str(tmp_path)]
    said = CliRunner().invoke(main, show).output
    for words in (
        "robots.txt:     obeyed; 401 or 403 on it means the host is not asked, and where it cannot be had",
        "at one time:    1 request a site, and one to all hosts of an IP address",
        "Crawl-delay:    never less than it asks for; above 300 s the host is left for the run",
        "Retry-After:    kept, 60 s on a 429 without it; pauses above 900 s in all leave the host",
        "redirects:      5 at most, a meta refresh once, between http and https once",
        "at rest:        a host and its group for 24 h after a challenge; now: none",
        "last visit:     none",
        "again:          2 times on 408, 429, 500",
        "User-Agent:     gongkai/",
        "a day:          1000 requests a host at most; today: www.shilixian.gov.cn 1",
        "hours:          only 22:00-07:00 Beijing time",
        "group:          qinghe; in turn with yangbenxian",
        "one to all hosts of an IP address",
        "group: qinghe",
    ):
        assert words in said
    Rests(data, 24).begin(("group=qinghe",), "blocked:rs", datetime.now(UTC))
    with Store(data / "gongkai.db") as store:
        run = store.start_run("shilixian", command="crawl", parser="1")
        store.add_issue(run, "robots", "http://www.shilixian.gov.cn/nb/", "forbidden")
        counts = ("requests", "responses", "found", "known", "stored", "unchanged", "revised", "copied")
        store.finish_run(run, reason="robots", **dict.fromkeys((*counts, "refused", "failed"), 0))
    said = CliRunner().invoke(main, show).output
    assert "after a challenge; now: group=qinghe until 20" in said
    assert "(blocked:rs)" in said
    assert "ended as robots; 1 robots" in said
    monkeypatch.setenv("GONGKAI_NIGHT", "sometimes")
    refused = CliRunner().invoke(main, show)
    assert refused.exit_code == 2
    assert "GONGKAI_NIGHT: 'sometimes' is no window" in refused.output
