"""Times as the archive writes them: UTC, ISO 8601, always of one width, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def text(moment: datetime) -> str:
    """``2026-01-31T08:00:00.000000Z``; raises ``ValueError`` for a time without zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(value: str) -> datetime:
    """The time that ``text`` wrote; also takes a date without fractions of a second."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return moment.astimezone(UTC)


_shift = timedelta()


def shift(by: timedelta) -> None:
    """From now on this process takes the present to be so much later: a demonstration of a whole year."""
    global _shift
    _shift = by


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC) + _shift
