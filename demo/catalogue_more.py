"""The sample portals of the rarer systems and of the rarer ways of the common ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from demo import issuers_more, lookalikes, publications
from demo.publication import Publication
from demo.site import Column, Entry, Site

_COLUMN = "政府信息公开年报"
EntryOf = Callable[[Publication, int], Entry]
_Entries = Mapping[tuple[str, int], list[Entry]]


def sites(seed: int, entry_of: EntryOf) -> tuple[Site, ...]:
    """These portals; the same for the same seed. ``entry_of`` makes an entry of a report."""
    entries: _Entries = defaultdict(list)
    for issuer, publication in publications.invented(seed, issuers_more.ISSUERS):
        way, carrier = issuers_more.WAYS.get((publication.agency, publication.year), ("page", "html"))
        entry = entry_of(replace(publication, carrier=carrier), seed)
        entries[issuer.portal, issuer.column].append(replace(entry, way=way, metas="all"))
    # The one with the endless lists first: it takes longest, and portals are crawled side by side.
    return (_static(entries), *_systems(entries), *_modes(entries))


def _column(slug: str, entries: Iterable[Entry], per_page: int, name: str = _COLUMN) -> Column:
    newest_first = sorted(entries, key=lambda entry: (entry.day, entry.title), reverse=True)
    return Column(name=name, slug=slug, entries=tuple(newest_first), per_page=per_page)


def _site(key: str, name: str, family: str, division: str, columns: tuple[Column, ...], **more: Any) -> Site:
    fields: dict[str, Any] = {"site_id_code": f"{division}0001", **more}
    return Site(f"demo-{key}", f"{name}人民政府", family, division, "county", columns, **fields)


def _systems(entries: _Entries) -> Iterable[Site]:
    yield _site(
        "lianxi", "练习县", "lonsun", "990321",
        # On the second unit's pages the list's label gives nothing.
        (_column("6598771", entries["lianxi", 0], 2), _column("6598802", entries["lianxi", 1], 1)),
        options={"root": "/zwgk", "site": "6786551", "unserved": "6598802"},
    )  # fmt: skip
    yield _site(
        "yangzhang", "样张县", "openness", "990322",
        (
            _column("5f3c2a1b9d8e7f6a5b4c3d2e", [*entries["yangzhang", 0], *_others("样张县")], 2),
            _column("12", entries["yangzhang", 1], 1),
            _column("790", entries["yangzhang", 2], 5),
        ),
    )  # fmt: skip
    yield _site(
        "moben", "摹本县", "epoint", "990323",
        (
            _column("003006", [*entries["moben", 0], *_others("摹本县")], 5),
            _column("003007", entries["moben", 1], 5),
        ),
        options={"guid": "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"},
    )  # fmt: skip
    yield _site(
        "fangzhen", "仿真县", "truecms", "990324",
        (
            _column("0a1b2c3d-1111-4222-8333-444455556666", entries["fangzhen", 0], 3),
            _column("0a1b2c3d-1111-4222-8333-444455557777", entries["fangzhen", 1], 60, "部门信息公开年报"),
        ),
        # Both count a row that they never give; the second one's service is switched off.
        issues=(
            ("partial", "/fzx/xxgknb0/xxgknb0.html"),
            ("partial", "/fzx/xxgknb1/xxgknb1.html"),
            ("gone", "/truecms1/messageController/getMessage.do?startrecord=1&endrecord=20&perpage=20"
             "&columnId=0a1b2c3d-1111-4222-8333-444455557777&callback=cb"),
        ),
    )  # fmt: skip
    yield _site(
        "jiaoyang", "校样县", "hebei", "990325",
        (_column("8aef2fa0-cc14-409e-9f68-fbdba00a0c72", [*entries["jiaoyang", 0], *_others("校样县")], 3),),
    )  # fmt: skip
    yield _site(
        "cunzhao", "存照县", "numeric", "990326",
        (_column("/zfxxgk/zfxxgknb/", entries["cunzhao", 0], 2),),
        # The code of another prefecture's portal, as a copied template leaves it behind.
        site_id_code="9902000009",
        issues=(("site_id_code", "/zfxxgk/zfxxgknb/1.html"),),
    )  # fmt: skip


def _others(name: str) -> Iterable[Entry]:
    """Two look-alikes, enough beside so few reports."""
    return tuple(lookalikes.of(name, f"{name}人民政府", 2023))[1:3]


def _missing(title: str, day: date, way: Any) -> Entry:
    return Entry(title=title, day=day, body="", kind="gone", way=way)


def _static(entries: _Entries) -> Site:
    """All that a list can do wrong, on one portal."""
    trouble = [
        _missing("实测县教育局2023年政府信息公开工作年度报告", date(2024, 1, 22), "soft404"),
        _missing("实测县水利局2023年政府信息公开工作年度报告", date(2024, 1, 23), "home"),
        Entry(
            title="澜禾市人民政府2023年政府信息公开工作年度报告",
            day=date(2024, 2, 20), body="", kind="foreign",
            path="http://www.lanhe.example.cn/zfxxgknb/202402/t20240220_31.html",
        ),
    ]  # fmt: skip
    return _site(
        "shice", "实测县", "static", "990327",
        (
            _column("/zwgk/nb", [*entries["shice", 0], *trouble, *_others("实测县")], 4),
            _column("/bmgk/bmnb", entries["shice", 1], 9, "部门信息公开年报"),
            _column("/gkml/list", entries["shice", 2], 2),
            _column("/zwgk/tongbao", (), 5, "政务公开通报"),
        ),
        issues=(("partial", "/zwgk/tongbao/index.html"), ("partial", "/rili/202401.html")),
    )  # fmt: skip


def _modes(entries: _Entries) -> Iterable[Site]:
    services = ("model", "zf_list", "was5", "ssp", "shell", "years")
    yield _site(
        "liuyang", "留样县", "trs", "990328",
        tuple(_column(slug, entries["liuyang", n], 2) for n, slug in enumerate(services)),
        options={"mode": "services"},
    )  # fmt: skip
    yield _site(
        "tengqing", "誊清县", "gkmlpt", "990329",
        (_column("/zwgk/xxgknb", [*entries["tengqing", 0], *_others("誊清县")], 2),),
        options={"mode": "nfcms", "sid": "755088"},
    )  # fmt: skip
    yield _site(
        "digao", "底稿县", "hanweb", "990330",
        (
            _column("1651", [*entries["digao", 0], *_others("底稿县")], 2),
            _column("1229615062", entries["digao", 1], 2),
            _column("1229615063", entries["digao", 2], 2),
        ),
        # The third column's service gives page 1 whatever it is asked for, and counts three rows.
        issues=(
            ("partial", "/col/col1229615063/index.html"),
        ),
        options={"mode": "catalogue"},
    )  # fmt: skip
    yield _site(
        "beifen", "备份县", "ucap", "990331",
        (
            _column("c100122", entries["beifen", 0], 2),
            _column("c100123", entries["beifen", 1], 2, "部门信息公开年报"),
        ),
        options={"mode": "tree"},
    )  # fmt: skip
