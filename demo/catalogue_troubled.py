"""The sample portals with one nuisance each: challenges, moves, schemes, pauses.

docs/nuisances.md says what each must end as.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal

from demo import lookalikes, publications
from demo.figures import COUNTY, DEPARTMENT, Profile
from demo.issuers import Issuer
from demo.publication import Publication
from demo.site import Column, Entry, Site, Way

_DIVISION = "990332"
_COUNTY = "障碍县"
_SLUG = "/zfxxgk/zfxxgknb/"
#: Portals that share a server, and so rest together.
_GROUP = "zhangai-fuwuqi"

EntryOf = Callable[[Publication, int], Entry]


def _issuer(office: str, profile: Profile, years: range, portal: str) -> Issuer:
    return Issuer(f"{_COUNTY}{office}", _DIVISION, profile, years, portal)


_ISSUERS = (
    _issuer("人民政府", COUNTY, range(2022, 2025), "midway"),
    _issuer("财政局", DEPARTMENT, range(2023, 2025), "secure"),
    _issuer("教育局", DEPARTMENT, range(2023, 2025), "only-https"),
    _issuer("统计局", DEPARTMENT, range(2023, 2025), "only-http"),
    _issuer("民政局", DEPARTMENT, range(2024, 2025), "documents"),
    _issuer("水利局", DEPARTMENT, range(2023, 2025), "mislabelled"),
    _issuer("审计局", DEPARTMENT, range(2024, 2025), "short"),
)
#: Trouble → who runs the portal.
_RUN_BY: Mapping[str, str] = {
    **{issuer.portal: issuer.agency for issuer in _ISSUERS},
    "moved": f"{_COUNTY}林业局",
    "hijacked": f"{_COUNTY}商务局",
    "pingpong": f"{_COUNTY}司法局",
    "refused": f"{_COUNTY}卫生健康局",
    "no-robots": f"{_COUNTY}交通运输局",
    "pause": f"{_COUNTY}应急管理局",
    "crawl-delay": f"{_COUNTY}医疗保障局",
    "grouped": f"{_COUNTY}信访局",
}
#: Challenge → who runs the portal; the first stands on one server with ``grouped``.
_BLOCKED: Mapping[str, str] = {
    "521": f"{_COUNTY}气象局",
    "202": f"{_COUNTY}农业农村局",
    "script": f"{_COUNTY}自然资源局",
    "468": f"{_COUNTY}住房和城乡建设局",
    "shell": f"{_COUNTY}市场监督管理局",
    "itself": f"{_COUNTY}退役军人事务局",
    "bare": f"{_COUNTY}生态环境局",
}
_OPTIONS: Mapping[str, Mapping[str, str | int]] = {
    "short": {"expect": 3},
    "grouped": {"group": _GROUP},
    "521": {"group": _GROUP},
}


def sites(seed: int, entry_of: EntryOf) -> tuple[Site, ...]:
    """These portals; the same for the same seed. ``entry_of`` makes an entry of a report."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    for issuer, publication in publications.invented(seed, _ISSUERS):
        entries[issuer.portal].append(entry_of(publication, seed))
    entries["midway"] += [_lost("人民政府", year, "withheld", "page") for year in (2020, 2021)]
    entries["documents"] += _documents()
    troubled = [
        _site(trouble, name, "numeric", entries[trouble], {"trouble": trouble})
        for trouble, name in _RUN_BY.items()
        if trouble != "grouped"
    ]
    return (
        *(
            _site(challenge, name, "trs", lookalikes.of(_COUNTY, name, 2023), {"challenge": challenge})
            for challenge, name in _BLOCKED.items()
        ),
        # After the one of its group that is blocked.
        _site("grouped", _RUN_BY["grouped"], "numeric", (), {"trouble": "grouped"}),
        *troubled,
    )


def _site(
    key: str, name: str, family: str, entries: Iterable[Entry], options: Mapping[str, str | int]
) -> Site:
    newest_first = sorted(entries, key=lambda entry: (entry.day, entry.title), reverse=True)
    more: dict[str, Any] = {}
    if key == "mislabelled":
        more["charset"] = "iso-8859-1"
    if key == "crawl-delay":
        more["robots"] = "User-agent: *\nCrawl-delay: 86400\n"
    return Site(
        key=f"demo-{key}",
        name=name,
        family=family,
        division=_DIVISION,
        level="county",
        columns=(Column("政府信息公开年报", _SLUG, tuple(newest_first), 20),),
        site_id_code=f"{_DIVISION}0001",
        options={**options, **_OPTIONS.get(key, {})},
        **more,
    )


def _lost(office: str, year: int, kind: Literal["withheld", "looping", "foreign"], way: Way) -> Entry:
    """A report that no reader ever sees."""
    return Entry(
        title=f"{_COUNTY}{office}{year}年政府信息公开工作年度报告",
        day=date(year + 1, 1, 24),
        body="",
        kind=kind,
        way=way,
    )


def _documents() -> Iterable[Entry]:
    ways: tuple[Way, ...] = ("twice", "loop", "reload", "itself")
    for year, way in enumerate(ways, start=2020):
        yield _lost("民政局", year, "looping", way)
    yield _lost("民政局", 2019, "withheld", "away")
