"""What happens in 2025, portal by portal: data. Times are Beijing's.

The reports for 2024 appear on the days that their pages bear, at nine in the morning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crawler.night import BEIJING
from demo import changes, issuers
from demo.changes import Change
from demo.figures import Place

Trouble = Literal["drawn", "moved", "waf", "rebuilt", "silent", "fewer"]
#: How the daemon ends: alone, or with the crawl that it has begun.
Kill = Literal["daemon", "all"]


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=BEIJING)


BEGINS, ENDS = at(1, 1, 9), datetime(2026, 1, 1, tzinfo=BEIJING)
#: Hour of the day at which reports appear.
MORNING = 9
SEED = 1
#: Requests a host may have in a day: a first visit to Mochuan wants one more.
BUDGET = 21
#: While the receiver of the webhook is out of order.
HOOK_DOWN = (at(2, 10), at(2, 25))


@dataclass(frozen=True)
class Spell:
    """A trouble from one moment to another, and how the site is changed while it lasts."""

    trouble: Trouble
    begins: datetime
    ends: datetime
    change: Change | None = None

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


@dataclass(frozen=True)
class Alteration:
    """A report that its issuer alters without a word."""

    at: datetime
    agency: str
    year: int
    steps: Mapping[Place, int]
    """Cell → by how much it moves."""


@dataclass(frozen=True)
class Tale:
    """One portal's year."""

    key: str
    spells: tuple[Spell, ...] = ()
    changes: tuple[tuple[datetime, Change], ...] = ()
    """Changes that last."""
    altered: Alteration | None = None
    moves: datetime | None = None
    """When it goes to another address; the old one leads there."""
    follows: datetime | None = None
    """When somebody writes the new address or family into its entry."""
    entry: Mapping[str, Any] = field(default_factory=dict)
    """What its entry says beside what is known of the portal."""
    mended: tuple[datetime, Mapping[str, Any]] | None = None
    """What its entry says from some moment on."""
    dense_days: int = 7
    days: int = 30
    refetch_days: int = 180
    long: tuple[datetime, ...] = ()
    """Moments after each of which one visit needs more requests than a host has in a day."""
    kill: tuple[datetime, Kill] | None = None
    """The daemon that makes the first visit after this is killed in the middle of it."""

    @property
    def left(self) -> datetime | None:
        """When its pages left the addresses that they had."""
        rebuilt = (spell.begins for spell in self.spells if spell.trouble == "rebuilt")
        return self.moves or next(rebuilt, None)


# Nothing happens at Qinghe but two reports in January; the daemon that fetches them is killed.
QINGHE = Tale("demo-qinghe", kill=(at(1, 14), "daemon"))

# In February its list becomes a page that a script fills; in April somebody sees to it. A report that
# appears in March is found then.
CHENGXI = Tale(
    "demo-chengxi",
    spells=(Spell("drawn", at(2, 12), at(4, 3), changes.drawn),),
    entry={"expect": {"reports_min": 14}},
    long=(at(6, 1),),
)

# In April one report is altered in silence; the visit that finds it is killed with all its processes. The
# entry wants three reports a year until somebody counts them.
YANGBEN = Tale(
    "demo-yangben",
    spells=(Spell("fewer", at(4, 1, 0), at(6, 15)),),
    altered=Alteration(at(4, 20), "样本县人民政府", 2024, issuers.EDIT),
    entry={"expect": {"reports_a_year": 3}},
    mended=(at(6, 15), {"expect": {"reports_a_year": 2}}),
    dense_days=14, days=60, refetch_days=90,
    long=(at(5, 25, 0),),  # what the killed visit has asked counts
    kill=(at(4, 25), "all"),
)  # fmt: skip

# In February it moves to another host; its entry follows in March, and a report appears there. In May one
# that was read at the old address is altered at the new one.
MOCHUAN = Tale(
    "demo-mochuan",
    spells=(Spell("moved", at(2, 20), at(3, 20)),),
    altered=Alteration(at(5, 10), "墨川市教育局", 2024, {("disclosure", "penalties", "decisions"): 7}),
    moves=at(2, 20), follows=at(3, 20),
    days=60,
    long=(BEGINS, at(3, 20), at(6, 1), at(12, 1)),
)  # fmt: skip

# From March to August it answers with a challenge; a report appears and another is altered behind it.
JIAOYANG = Tale(
    "demo-jiaoyang",
    spells=(Spell("waf", at(3, 3), at(8, 15), changes.challenging("468")),),
    altered=Alteration(at(7, 1), "校样县人民政府", 2023, {("disclosure", "penalties", "decisions"): 7}),
)  # fmt: skip

# In March it is rebuilt on another system at other addresses; its entry follows in June.
MOBEN = Tale(
    "demo-moben",
    spells=(Spell("rebuilt", at(3, 24), at(6, 10)),),
    changes=((at(3, 24), changes.rebuilt("numeric", ("/zfxxgk/nb/", "/zfxxgk/bmnb/"))),),
    follows=at(6, 10),
    dense_days=14,
)  # fmt: skip

# It asks for a third of a second between requests, and does not answer now and then: once for an
# afternoon, once for three days.
CUNZHAO = Tale(
    "demo-cunzhao",
    spells=(
        Spell("silent", at(3, 17, 16), at(3, 17, 20), changes.silent),
        Spell("silent", at(7, 31, 10), at(8, 3), changes.silent),
    ),
    changes=((BEGINS, changes.ruled("User-agent: *\nCrawl-delay: 0.3\n")),),
    dense_days=30, days=60,
)  # fmt: skip

TALES = (QINGHE, CHENGXI, YANGBEN, MOCHUAN, JIAOYANG, MOBEN, CUNZHAO)
