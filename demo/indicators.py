"""Indicator lists as reports for 2014 to 2018 annexed them: the national one, and a province's own.

The figures satisfy what the national form counts beneath its totals (I1 to I6),
the same for the same seed; 历年累计 grows from year to year.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from archive.forms import indicators as form
from demo.figures import Cells, Profile, Value, generator
from demo.layout import Box, Sheet

TABLE = form.TABLE


@dataclass(frozen=True, slots=True)
class Item:
    """A line as it is printed."""

    label: str
    unit: str
    row: str | None = None
    """Key of its figures; ``None`` for a heading."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as a report prints it."""

    caption: str
    heads: tuple[str, ...]
    """Headings of the columns; codes come first where there are five."""
    items: tuple[Item, ...]
    columns: tuple[str, ...]

    @property
    def coded(self) -> bool:
        return len(self.heads) > 2 + len(self.columns)


def national(year: int) -> Listed:
    """The national list, headings with a dash for unit and figure."""
    items = tuple(
        Item(line.full, line.unit or "——", None if line.heading else line.key)
        for line in form.national().lines.values()
    )
    return Listed(f"政府信息公开情况统计表（{year}年度）", ("统计指标", "单位", "统计数"), items, ("year",))


def _own(label: str, unit: str) -> Item:
    return Item(label, unit, form.raw_line(label, 1))


#: A list as a province laid it down before the national one: some of its lines are the same.
_PROVINCIAL = (
    _own("主动公开信息数", "条"),
    _own("其中：1.网站公开信息数", "条"),
    _own("2.公报公开信息数", "条"),
    _own("全文电子化率", "%"),
    _own("受理申请公开信息总数", "件"),
    Item("其中：1.当面申请数", "件", "applications_in_person"),
    Item("2.传真申请数", "件", "applications_fax"),
    _own("3.电子邮件申请数", "件"),
    Item("4.信函申请数", "件", "applications_letter"),
    _own("对申请的答复总数", "件"),
    Item("其中：1.同意公开答复数", "件", "answers_granted"),
    Item("2.同意部分公开答复数", "件", "answers_granted_in_part"),
    _own("接受信息公开咨询人次", "人次"),
    _own("网站公开栏目访问量", "人次"),
    _own("信息公开投诉处理数", "件"),
)


def provincial(year: int) -> Listed:
    """A province's own list, with codes and the sum of all years."""
    heads = ("代码", "指标名称", "计量单位", f"{year}年度", "历年累计")
    return Listed("政府信息公开工作主要指标", heads, _PROVINCIAL, ("year", "cumulative"))


def _split(rng: random.Random, total: int, parts: Sequence[str], weights: Sequence[int]) -> dict[str, Value]:
    drawn = rng.choices(parts, weights=weights, k=total)
    return {part: drawn.count(part) for part in parts}


def figures_national(issuer: str, year: int, profile: Profile, seed: int) -> Cells:
    """One year's figures of the national list."""
    rng = generator(seed, "indicators", issuer, year)
    parts = {identity.total: identity.parts for identity in form.national().identities}
    received = profile.applications + rng.randint(0, profile.applications // 3 + 1)
    closed = received - rng.randint(0, received // 20)
    answers = _split(rng, closed, parts["answers"], (9, 34, 8, 11, 12, 17, 5, 4))
    refused = answers["answers_refused"]
    assert isinstance(refused, int)
    reviews = {total: rng.randint(0, profile.reviews) for total in ("reconsiderations", "lawsuits")}
    items = profile.decisions // 3 + rng.randint(300, 900)
    staff = rng.randint(2, 9), rng.randint(3, 40)
    found: dict[str, Value] = {
        "disclosed_items": items,
        "disclosed_normative": rng.randint(1, profile.documents),
        "normative_issued": rng.randint(1, profile.documents),
        "via_gazette": rng.randint(0, items // 20),
        "via_website": items - rng.randint(0, items // 10),
        "via_weibo": rng.randint(0, items // 8),
        "via_wechat": rng.randint(0, items // 8),
        "via_other": rng.randint(0, items // 5),
        "responses": rng.randint(0, 60),
        "press_conferences": rng.randint(2, 18),
        "press_conferences_head": rng.randint(0, 2),
        "interviews": rng.randint(2, 24),
        "interviews_head": rng.randint(0, 2),
        "explanations": rng.randint(3, 90),
        "responses_social_media": rng.randint(0, 30),
        "responses_other": rng.randint(0, 30),
        "applications": received,
        **_split(rng, received, parts["applications"], (12, 1, 60, 27)),
        "closed": closed,
        **_split(rng, closed, parts["closed"], (93, 7)),
        "answers": closed,
        **answers,
        **_split(rng, refused, parts["answers_refused"], (1, 4, 9, 3, 30, 20)),
        **reviews,
        **_split(rng, reviews["reconsiderations"], parts["reconsiderations"], (6, 2, 3)),
        **_split(rng, reviews["lawsuits"], parts["lawsuits"], (6, 1, 3)),
        "complaints": rng.randint(0, 4),
        "fees_charged": Decimal(rng.randint(0, 300)) / 100,
        "offices": rng.randint(1, 40),
        "reading_points": rng.randint(1, 60),
        "staff": sum(staff),
        "staff_full_time": staff[0],
        "staff_part_time": staff[1],
        "funds": Decimal(rng.randint(50, 9000)) / 10,
        "meetings": rng.randint(1, 12),
        "trainings": rng.randint(1, 9),
        "trainees": rng.randint(20, 1800),
    }
    return {TABLE: {line.key: {"year": found[line.key]} for line in form.national().figures}}


def figures_provincial(issuer: str, year: int, profile: Profile, seed: int) -> Cells:
    """One year's figures of a province's own list, and those of all years so far."""
    rng = generator(seed, "indicators", issuer, year)
    online, printed = rng.randint(200, 900), rng.randint(4, 40)
    ways = [rng.randint(0, profile.applications // 2) for _ in range(4)]
    answered = sum(ways) - rng.randint(0, sum(ways) // 10)
    granted = rng.randint(0, answered)
    now: list[Value] = [
        *(online + printed, online, printed, Decimal(rng.randint(9000, 9999)) / 100),
        *(sum(ways), *ways),
        *(answered, granted, rng.randint(0, answered - granted)),
        *(rng.randint(100, 4000), rng.randint(9000, 90000), rng.randint(0, 4)),
    ]
    lines: dict[str, dict[str, Value]] = {}
    for item, value in zip(_PROVINCIAL, now, strict=True):
        assert item.row is not None, "this list has no headings"
        # A share does not add up over the years; that cell is left empty.
        so_far = value + rng.randint(0, 5000) if isinstance(value, int) else None
        lines[item.row] = {"year": value, "cumulative": so_far}
    return {TABLE: lines}


def sheet(listed: Listed, cells: Cells, numbers: str) -> Sheet:
    """The list as drawn: caption, headings, a row a line."""
    places = len(listed.heads)
    rows: list[tuple[Box, ...]] = [
        (Box(listed.caption, colspan=places, kind="head"),),
        tuple(Box(text, kind="head") for text in listed.heads),
    ]
    for number, item in enumerate(listed.items, start=1):
        code = (Box(f"{number:02}", kind="label"),) if listed.coded else ()
        figures = cells[TABLE][item.row] if item.row is not None else {}
        texts = [_written(figures.get(column), numbers) for column in listed.columns]
        rows.append((*code, Box(item.label, kind="label"), Box(item.unit), *(Box(text) for text in texts)))
    return tuple(rows)


def _written(value: Value, numbers: str) -> str:
    if value is None:
        return ""
    return f"{value:,}" if numbers == "commas" else str(value)


def total(cells: Mapping[str, Mapping[str, Mapping[str, Value]]], row: str) -> Value:
    """A figure of the year for the narrative; ``None`` where the list has no such line."""
    return cells[TABLE].get(row, {}).get("year")
