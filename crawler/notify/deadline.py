"""An end to what waits for somebody else, however he makes it wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` gives or raises; ``TimeoutError`` after so many seconds.

    A socket's own time-out begins anew with each byte, so a server that sends one now and then, or a look-up
    of a name, would keep the schedule waiting, and with it whoever tells it to stop. The thread is left
    to itself then: it ends with the connection, at the latest with the process.
    """
    given: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(work())
        except BaseException as error:  # noqa: BLE001 - raised anew below
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not given:
        raise TimeoutError(f"not done after {seconds:g} s")
    return given[0]
