from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from crawler.night import BEIJING, Window, window

NIGHT = Window(time(22), time(7))
MORNING = Window(time(1, 30), time(6))


@pytest.mark.parametrize(
    ("hours", "moment", "is_open"),
    [
        # 14:00 UTC is 22:00 in Beijing.
        (NIGHT, datetime(2026, 1, 31, 14, 0, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 1, 31, 13, 59, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 1, 31, 22, 59, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 1, 31, 23, 0, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 1, 31, 16, 0, tzinfo=UTC), True),
        (MORNING, datetime(2026, 1, 31, 1, 30, tzinfo=BEIJING), True),
        (MORNING, datetime(2026, 1, 31, 6, 0, tzinfo=BEIJING), False),
        (MORNING, datetime(2026, 1, 31, 23, 0, tzinfo=BEIJING), False),
    ],
)
def test_a_window_is_one_of_beijing(hours: Window, moment: datetime, is_open: bool) -> None:
    assert hours.is_open(moment) is is_open


def test_when_it_opens_again() -> None:
    noon = datetime(2026, 1, 31, 12, 0, tzinfo=BEIJING)
    assert NIGHT.opens(noon) == datetime(2026, 1, 31, 22, 0, tzinfo=BEIJING)
    assert MORNING.opens(noon) == datetime(2026, 2, 1, 1, 30, tzinfo=BEIJING)


def test_windows_are_written_as_two_clock_times() -> None:
    assert window("22:00-07:00") == NIGHT
    assert str(NIGHT) == "22:00-07:00"
    assert window("  ") is None


@pytest.mark.parametrize("text", ["22-7", "25:00-07:00", "07:00-07:00", "at night", "22:00-07:00 UTC"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (datetime words one of them)
        window(text)
