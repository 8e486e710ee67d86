"""A daily window, Beijing time, in which portals may be asked: large runs when offices are closed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone

#: China has one time zone and, since 1992, no summer time.
BEIJING = timezone(timedelta(hours=8))

_WINDOW = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``begins`` to ``ends``, over midnight where it ends before it begins."""

    begins: time
    ends: time

    def is_open(self, now: datetime) -> bool:
        """Whether portals may be asked at this moment (any time zone)."""
        clock = now.astimezone(BEIJING).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def opens(self, now: datetime) -> datetime:
        """The next moment, in Beijing time, at which the window opens."""
        here = now.astimezone(BEIJING)
        today = here.replace(hour=self.begins.hour, minute=self.begins.minute, second=0, microsecond=0)
        return today if today > here else today + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


def window(text: str) -> Window | None:
    """``22:00-07:00`` as a window, ``None`` for an empty text; raises ``ValueError`` for anything else."""
    if not text.strip():
        return None
    found = _WINDOW.fullmatch(text.strip())
    if not found:
        raise ValueError("is no window such as 22:00-07:00")
    hours = [int(part) for part in found.groups()]
    begins, ends = time(hours[0], hours[1]), time(hours[2], hours[3])
    if begins == ends:
        raise ValueError("begins and ends at the same time")
    return Window(begins, ends)
