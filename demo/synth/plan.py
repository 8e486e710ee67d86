"""Who publishes in a generated archive, and for which years: the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from archive.agencies import deadline
from demo.figures import COUNTY, DEPARTMENT, OFFICE, PREFECTURE, Profile, generator

#: The forms of 2019 and 2021: three tables, as today's reports have them.
YEARS = range(2019, 2026)
#: The archive's day: the deadlines of all these years have passed.
TODAY = date(2026, 8, 1)

DEPARTMENTS = (
    *(
        "发展和改革局",
        "教育局",
        "科学技术局",
        "工业和信息化局",
        "民族宗教事务局",
        "公安局",
        "民政局",
        "司法局",
    ),
    *(
        "财政局",
        "人力资源和社会保障局",
        "自然资源局",
        "生态环境局",
        "住房和城乡建设局",
        "交通运输局",
        "水利局",
    ),
    *(
        "农业农村局",
        "商务局",
        "文化和旅游局",
        "卫生健康局",
        "退役军人事务局",
        "应急管理局",
        "审计局",
        "统计局",
    ),
    *("市场监督管理局", "医疗保障局", "乡村振兴局", "城市管理局", "林业局", "体育局", "信访局", "税务局"),
    *(
        "行政审批局",
        "金融工作局",
        "国防动员办公室",
        "粮食和物资储备局",
        "大数据管理局",
        "气象局",
        "烟草专卖局",
    ),
    *(
        "档案馆",
        "机关事务服务中心",
        "公积金管理中心",
        "供销合作社",
        "消防救援大队",
        "园林绿化局",
        "投资促进局",
    ),
    *("广播电视局", "地震局", "外事办公室", "邮政管理局"),
)
#: How likely a body publishes before a department does.
_WEIGHTS = {"government": 3.0, "office": 2.0, "department": 1.0}


@dataclass(frozen=True, slots=True)
class Rates:
    """How many reports are not plain, of all. What a report states otherwise holds."""

    identity: float = 0.04
    """State a total that its parts do not make (R1, R2 or V1 fails)."""
    carried: float = 0.04
    """State a carry-over other than the year before did (Y1 fails)."""
    blank: float = 0.12
    """Leave cells without cases empty instead of writing 0."""
    dash: float = 0.05
    """Write a dash for them."""
    glued: float = 0.03
    """Have a line whose boundaries are lost, which other years may settle."""
    unreadable: float = 0.02
    """Have a cell that is no number."""
    late: float = 0.08
    undated: float = 0.02
    gap: float = 0.03
    """Of the years between an issuer's first and last: not published at all."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A body with the years for which it publishes."""

    agency: str
    kind: str
    division: str
    place: str
    province: str
    profile: Profile
    first: int
    years: tuple[int, ...]


def issuers(divisions: Sequence[Mapping[str, Any]], reports: int, seed: int, rates: Rates) -> list[Issuer]:
    """Bodies all over the country whose reports are ``reports`` in number.

    Raises ``ValueError`` where the country has not so many.
    """
    chosen: list[Issuer] = []
    left = reports
    for _, name, kind, row in sorted(_bodies(divisions, seed), key=lambda body: body[:2]):
        if not left:
            break
        issuer = _issuer(name, kind, row, seed, rates, left)
        chosen.append(issuer)
        left -= len(issuer.years)
    if left:
        raise ValueError(
            f"no more than {reports - left:,} reports: there are no further bodies to publish them"
        )
    return chosen


def _bodies(
    divisions: Sequence[Mapping[str, Any]], seed: int
) -> Iterator[tuple[float, str, str, Mapping[str, Any]]]:
    names = {row["code"]: row["name"] for row in divisions}
    for row in divisions:
        if row["level"] == "zone":
            continue
        rng = generator(seed, "bodies", row["code"])
        place = row["name"]
        # A district carries its city's name (docs/decisions.md, canonical names).
        if row["level"] == "county" and place.endswith("区"):
            place = names[row["parent"]] + place
        bodies = [(f"{place}人民政府", "government"), (f"{place}人民政府办公室", "office")]
        bodies += [(place + department, "department") for department in DEPARTMENTS]
        for name, kind in bodies:
            yield rng.random() ** _WEIGHTS[kind], name, kind, row


def _issuer(name: str, kind: str, row: Mapping[str, Any], seed: int, rates: Rates, most: int) -> Issuer:
    rng = generator(seed, "years", name, row["code"])
    first = YEARS[0] if rng.random() < 0.8 else rng.choice(YEARS[1:4])
    years = [year for year in YEARS if year >= first]
    kept = [year for year in years if year in (years[0], years[-1]) or rng.random() >= rates.gap]
    profile = {"office": OFFICE, "department": DEPARTMENT}.get(
        kind, PREFECTURE if row["level"] in ("province", "prefecture") else COUNTY
    )
    return Issuer(
        agency=name,
        kind=kind,
        division=row["code"],
        place=row["name"],
        province=row["province"],
        profile=profile,
        first=first,
        years=tuple(kept[:most]),
    )


def published(issuer: Issuer, year: int, seed: int, rates: Rates) -> date | None:
    """The day a report was published: before the deadline, late or not stated."""
    rng = generator(seed, "day", issuer.agency, issuer.division, year)
    due, draw = deadline(issuer.kind, year), rng.random()
    if draw < rates.undated:
        return None
    if draw < rates.undated + rates.late:
        return due + timedelta(days=rng.randint(1, 120))
    return due - timedelta(days=rng.randint(0, 28))
