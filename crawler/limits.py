"""What stands between a request and the wire: the night window and the host's daily budget."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from scrapy.settings import BaseSettings

from archive import times
from crawler.budget import Budget
from crawler.night import window
from spiders.base import FamilySpider, Recorded
from spiders.hosts import host_of


class Limits:
    """Lets a request through or puts its host to rest, with the reason on record."""

    def __init__(self, settings: BaseSettings) -> None:
        # A demonstration is asked on this machine, so nobody's office hours are in the way.
        self._night = None if settings.getbool("GONGKAI_DEMO") else window(settings.get("GONGKAI_NIGHT", ""))
        self.budget = Budget(Path(settings["GONGKAI_DATA"]), settings.getint("GONGKAI_DAILY_BUDGET"))

    def admit(self, spider: FamilySpider, url: str, now: datetime | None = None) -> None:
        """Counts a request that is about to be sent; raises ``Recorded`` for one that must not be."""
        now = times.now() if now is None else now
        if self._night is not None and not self._night.is_open(now):
            again = f"{self._night.opens(now):%Y-%m-%d %H:%M}"
            self._rest(spider, url, "night", f"outside of {self._night} Beijing time; again from {again} on")
        if not self.budget.spend(url, now):
            self._rest(
                spider, url, "budget", f"has had its {self.budget.limit} requests of today; again tomorrow"
            )

    def _rest(self, spider: FamilySpider, url: str, kind: str, message: str) -> None:
        spider.rested[host_of(url)] = kind
        spider.issue(kind, url, message)
        raise Recorded(message)

    def close(self) -> None:
        self.budget.close()
