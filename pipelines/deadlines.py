"""Work that may take only so long, and one thread that watches all of it.

A timer of its own for each page would be a thread for each: a tenth of a millisecond, and whoever starts it
waits until it runs.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

log = logging.getLogger(__name__)


class Deadlines:
    """What is under way, and until when. ``within`` may be entered by several threads at once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[int, tuple[float, Callable[[], None]]] = {}
        self._numbers = count()
        self._wakes = math.inf
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float, late: Callable[[], None]) -> Iterator[None]:
        """Calls ``late``, in another thread, if what is done within takes longer; never after it is done.

        ``late`` must be quick, for whoever is done meanwhile waits for it.
        """
        number, due = next(self._numbers), time.monotonic() + seconds
        with self._changed:
            self._due[number] = due, late
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._thread.start()
            elif due < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for number, (due, late) in list(self._due.items()):
                    if due <= now:
                        del self._due[number]
                        try:
                            late()
                        except Exception:  # the others are watched on
                            log.exception("what is late could not be ended")
                self._wakes = min((due for due, _ in self._due.values()), default=math.inf)
                self._changed.wait(None if self._wakes == math.inf else self._wakes - now)


#: Of this process: whoever waits for a child of it shares the one thread.
DEADLINES = Deadlines()
