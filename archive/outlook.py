"""What is to come, for the status page: visits that are due, and channels that cannot be reached.

It follows from settings and registry, which are above the archive; so whoever starts the site hands it
an ``Ask``. A published copy has neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Late:
    """A portal whose visit is due."""

    portal: str
    name: str
    since: str
    """When it was due (UTC)."""


@dataclass(frozen=True, slots=True)
class Untold:
    """A channel of the news that cannot be reached. Why is in ``gongkai status``, and may name servers."""

    channel: str
    since: str
    times: int
    again: str
    """When it is tried again (UTC)."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it as of one moment."""

    due: tuple[Late, ...] = ()
    """The one longest overdue first."""
    untold: tuple[Untold, ...] = ()


Ask = Callable[[], Outlook | None]
"""``None`` where it cannot be told, by a setting or entry that is wrong. Never raises."""
