from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler import settings
from crawler.politeness import retry_after

NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 31 Jan 2026 08:01:30 GMT", 90.0),
        ("Sat, 31 Jan 2026 16:01:30 +0800", 90.0),
        ("Sat, 31 Jan 2026 08:01:30 -0000", 90.0),
        ("Sat, 31 Jan 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("0x10", None),
        ("1e9", None),
        ("315360000", 315360000.0),
        ("Thu, 29 Jan 2036 08:00:00 GMT", 315360000.0),
        ("Sat, 31 Jan 99999999999 08:00:00 GMT", None),
        ("Sat, 99 Jan 2026 08:00:00 GMT", None),
        ("１２０", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_settings_are_those_of_a_good_guest() -> None:
    assert settings.ROBOTSTXT_OBEY
    assert settings.CONCURRENT_REQUESTS_PER_DOMAIN == 1
    assert settings.DOWNLOAD_DELAY >= 3
    assert settings.AUTOTHROTTLE_ENABLED
    assert not {401, 403, 404, 412, 468, 521} & set(settings.RETRY_HTTP_CODES)
    assert settings.RETRY_TIMES == 2
    assert not settings.COOKIES_ENABLED
    assert not settings.TELNETCONSOLE_ENABLED
    assert not settings.REMOTE_CONTROL_ENABLED
    assert not settings.HTTPPROXY_ENABLED
    assert [scheme for scheme, handler in settings.DOWNLOAD_HANDLERS.items() if handler] == ["http", "https"]


def test_the_user_agent_says_who_and_whom_to_reach() -> None:
    agent = settings.user_agent("mailto:webmaster@example.org")
    assert agent.startswith("gongkai/")
    assert "mailto:webmaster@example.org" in agent
    assert "Mozilla" not in agent


def test_capture_is_nearest_the_wire() -> None:
    order = settings.DOWNLOADER_MIDDLEWARES
    numbers = {name: number for name, number in order.items() if number is not None}
    assert max(numbers, key=lambda name: numbers[name]) == "crawler.capture.Capture"
    # HttpCompression is at 590 and Redirect at 600; what is captured must not have passed them.
    assert numbers["crawler.capture.Capture"] > 600
    assert min(numbers, key=lambda name: numbers[name]) == "crawler.guard.Guard"
