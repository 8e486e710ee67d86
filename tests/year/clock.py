"""A clock that jumps, and remembers what time it was when: the servers' logs have the real time."""

from __future__ import annotations

import time
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.night import BEIJING


class Clock:
    """Goes on by itself between jumps; never back."""

    def __init__(self, begins: datetime, file: Path) -> None:
        self._file = file
        """What other processes read: the seconds that it is ahead of the real clock."""
        self._jumps: list[tuple[float, float]] = []
        self._jump(begins)

    @property
    def now(self) -> datetime:
        return (datetime.now(UTC) + self.ahead()).astimezone(BEIJING)

    def ahead(self) -> timedelta:
        """How much later it is than the real clock says, or earlier."""
        return timedelta(seconds=self._jumps[-1][1])

    def to(self, moment: datetime) -> None:
        """It is this moment now, or later if that has passed."""
        if moment > self.now:
            self._jump(moment)

    def _jump(self, moment: datetime) -> None:
        real = time.time()
        self._jumps.append((real, moment.timestamp() - real))
        part = self._file.with_suffix(".part")
        part.write_text(str(self._jumps[-1][1]), encoding="utf-8")
        part.replace(self._file)

    def at(self, real: float) -> datetime:
        """What time it was at a moment of the real clock."""
        number = bisect_right(self._jumps, (real, float("inf"))) - 1
        return datetime.fromtimestamp(real + self._jumps[max(number, 0)][1], BEIJING)
