"""What is news to whom: the state of the portals held against what was told. Pure.

A piece of news has a key (``portal:KEY`` or ``schedule``) and a mark, by which one sees that it is
still the same: the outcome with the expectations that are broken. What a channel was told last under
a key is remembered; it is told again when the mark is another, and once more when all is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from archive import printable
from archive.health import Standing
from spiders.kinds import EXPECTATIONS

State = Literal["new", "changed", "over"]

SCHEDULE = "schedule"

_OUTCOMES = {"broken": "失灵", "blocked": "拒绝访问", "gone": "已不存在", "partial": "不完整"}
_STATES = {"new": "新问题", "changed": "有变化", "over": "已恢复"}


@dataclass(frozen=True, slots=True)
class News:
    """Something that is not as it should be."""

    key: str
    mark: str
    title: str
    """In one line, for people."""
    details: tuple[str, ...] = ()
    facts: Mapping[str, Any] | None = None
    """The same for programs."""


@dataclass(frozen=True, slots=True)
class Told:
    """News with what makes it new to a channel."""

    state: State
    news: News

    def as_json(self) -> dict[str, Any]:
        """For programs; every value is text that JSON holds, never a command."""
        return {
            "state": self.state,
            "key": self.news.key,
            "title": self.news.title,
            "details": list(self.news.details),
            **(self.news.facts or {}),
        }


def of_portals(standings: Iterable[Standing], outcomes: Sequence[str]) -> list[News]:
    """One piece of news for each portal whose outcome is among ``outcomes``."""
    return [_of(one) for one in standings if one.troubled and one.outcome in outcomes]


def _of(standing: Standing) -> News:
    broken = sorted({issue.kind for issue in standing.issues if issue.kind in EXPECTATIONS})
    words = f"{standing.name}（{standing.portal}）：{_OUTCOMES[standing.outcome]}"
    return News(
        key=f"portal:{standing.portal}",
        mark=" ".join((standing.outcome, *broken)),
        title=words,
        # With the address: where a portal has moved to stands nowhere else.
        details=tuple(
            f"{issue.kind}：{issue.message}" + (f"（{issue.url}）" if issue.url else "")
            for issue in standing.issues
        ),
        facts={
            "portal": standing.portal,
            "name": standing.name,
            "outcome": standing.outcome,
            "status": standing.status,
            "since": standing.since,
            "run": standing.run,
            "issues": [
                {"kind": issue.kind, "url": issue.url, "message": issue.message} for issue in standing.issues
            ],
        },
    )


def of_schedule(failed: str) -> list[News]:
    """The schedule could not make a crawl; ``failed``: why, or nothing."""
    # The mark does not hold the reason: a disk that is full says so with other numbers each time.
    return [News(SCHEDULE, "failed", "定时抓取无法进行", (failed,))] if failed else []


def to_tell(current: Sequence[News], told: Mapping[str, Mapping[str, str]]) -> list[Told]:
    """What is news to a channel that was told ``told`` (key → mark and title), in a settled order."""
    found: list[Told] = []
    for news in current:
        before = told.get(news.key)
        if before is None:
            found.append(Told("new", news))
        elif before["mark"] != news.mark:
            found.append(Told("changed", news))
    there = {news.key for news in current}
    for key, before in sorted(told.items()):
        if key not in there:
            found.append(Told("over", News(key, "", before["title"], facts=_portal(key))))
    return found


def _portal(key: str) -> dict[str, Any]:
    kind, _, portal = key.partition(":")
    return {"portal": portal} if kind == "portal" else {}


def remembered(told: Mapping[str, Mapping[str, str]], given: Iterable[Told]) -> dict[str, dict[str, str]]:
    """What a channel has been told after ``given`` reached it."""
    after = {key: dict(one) for key, one in told.items()}
    for one in given:
        if one.state == "over":
            after.pop(one.news.key, None)
        else:
            after[one.news.key] = {"mark": one.news.mark, "title": one.news.title}
    return after


def subject(given: Sequence[Told]) -> str:
    """One line: how many pieces of news of which state."""
    counts = [
        f"{_STATES[state]} {number}"
        for state in ("new", "changed", "over")
        if (number := sum(one.state == state for one in given))
    ]
    return "gongkai：" + "，".join(counts)


#: Pieces of news that are told one by one; a country that goes dark makes no letter of a thousand pages.
MOST = 100


def text(given: Sequence[Told]) -> str:
    """All of it for people, one piece of news a paragraph."""
    lines: list[str] = []
    for one in given[:MOST]:
        lines.append(f"【{_STATES[one.state]}】{printable.line(one.news.title)}")
        lines += [f"  {printable.line(detail)}" for detail in one.news.details]
    if len(given) > MOST:
        lines.append(f"另有 {len(given) - MOST} 条，见 gongkai status")
    return "\n".join(lines) + "\n"


def shortened(given: Sequence[Told], most: int = 500) -> list[Told]:
    """The same with details cut to ``most`` characters: they hold text of other people's pages."""
    return [
        replace(one, news=replace(one.news, details=tuple(d[:most] for d in one.news.details)))
        for one in given
    ]
