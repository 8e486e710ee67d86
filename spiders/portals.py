"""The registry of portals: one YAML file a portal, data only.

A portal is an entry here and never a class. What its CMS does differently is the
business of its family (``spiders/families``). An entry::

    key: luqiao
    name: 台州市路桥区人民政府
    family: hanweb
    division: 331004
    level: county
    start: [http://www.luqiao.gov.cn/col/col1229460359/index.html]
    status: unverified
    evidence: http://www.luqiao.gov.cn/art/2022/1/14/art_1229460359_58888.html

``start`` lists the report columns; ``params`` is for the family; ``hosts`` names hosts
outside the portal's own domain that its lists lead to; ``expect`` says what it should yield
(``Expect``) and ``visits`` how often it is asked (``Visits``). Portals of one ``group`` stand on
one server (often a prefecture's) and are asked one at a time. A ministry has the division
``000000``: the whole country. ``evidence`` names an address that shows the column, or one
of a report from which the column's address is ``derived``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, get_args
from typing import Literal as L
from urllib.parse import urlsplit

from spiders.entry import Entry, load_yaml, params_of
from spiders.entry import RegistryError as RegistryError
from spiders.entry import families as families
from spiders.hosts import host_of, is_literal, origin_of, site_of

Level = L["ministry", "province", "prefecture", "county", "township", "zone"]

_LEVELS: tuple[str, ...] = get_args(Level)
_STATUS = re.compile(r"unverified|ok|partial|broken|unreachable|tls|gone|blocked:[a-z0-9_]+")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
_FAMILY = re.compile(r"[a-z][a-z0-9_]*")
# 6 digits by GB/T 2260, 9 for townships and the zones the archive names itself.
_DIVISION = re.compile(r"\d{6}(\d{3})?")
# 网站标识码: ten characters, ministries begin with letters (bm01000001).
_SITE_ID_CODE = re.compile(r"[0-9a-z]{10}", re.IGNORECASE)

_REQUIRED = ("key", "name", "family", "division", "level", "start", "status", "evidence")
_OPTIONAL = ("site_id_code", "params", "hosts", "group", "expect", "visits")

#: The division of bodies that belong to none: ministries and other organs of the centre.
COUNTRY = "000000"


@dataclass(frozen=True, slots=True)
class Expect:
    """What a portal should yield, as its entry says; where it does not, the portal's own history does."""

    reports_min: int | None = None
    """Report links on its lists, at least."""
    reports_a_year: int | None = None
    """Reports it publishes for a year, at least."""
    figures: int | None = None
    """Cells with a value that a report of it has, at least."""
    fewer_percent: int | None = None
    """By how much its lists may shrink from one visit to the next; 10 where nothing is said."""
    fields: tuple[str, ...] | None = None
    """What each report of it has: of ``title``, ``issuer``, ``year``, ``published`` and ``tables``."""


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a portal is visited, as its entry says; where it does not, the settings do."""

    dense_days: int | None = None
    """Days from one visit to the next in the season in which reports appear."""
    days: int | None = None
    """Days from one visit to the next in the rest of the year."""
    refetch_days: int | None = None
    """Days after which all is fetched again, what is known too; 0: never."""


_LEAST_EXPECTED = {"reports_min": 1, "reports_a_year": 1, "figures": 1, "fewer_percent": 0}
#: What may stand in ``expect.fields``.
FIELDS = ("title", "issuer", "year", "published", "tables")
_LEAST_DAYS = {"dense_days": 1, "days": 1, "refetch_days": 0}


@dataclass(frozen=True, slots=True)
class Portal:
    """One web site whose report columns are crawled."""

    key: str
    name: str
    """Who runs it, as it signs: 某县人民政府."""
    family: str
    """CMS family: a module of ``spiders.families``."""
    division: str
    """Division code, 6 or 9 digits."""
    level: Level
    start: tuple[str, ...]
    """Addresses of its report columns."""
    status: str
    evidence: str
    """Where it is shown that these columns exist."""
    site_id_code: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    """Name → value, as the family's ``PARAMS`` explain them."""
    hosts: tuple[str, ...] = ()
    group: str | None = None
    """Name shared by portals that stand on one server: one request at a time to all of them."""
    expect: Expect = Expect()
    visits: Visits = Visits()

    @property
    def sites(self) -> frozenset[str]:
        """Registrable domains (or IP addresses) that are this portal's own."""
        return frozenset(site_of(host) for host in (*map(host_of, self.start), *self.hosts))

    def owns(self, url: str) -> bool:
        """Whether an address is http(s) and on one of the portal's own domains or their sub-domains.

        Where the portal is an IP address, the port counts as well: two portals
        may share an address.
        """
        try:
            parts, host, origin = urlsplit(url), host_of(url), origin_of(url)
        except ValueError:  # no number where the port should be
            return False
        # user@host is never a portal's own link; it is how a foreign host is made to look like one.
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return False
        if is_literal(host):
            return origin in {origin_of(start) for start in self.start}
        return any(host == site or host.endswith(f".{site}") for site in self.sites)

    def entry(self) -> dict[str, Any]:
        """The portal as a registry entry, ready to be dumped as YAML."""
        entry: dict[str, Any] = {
            "key": self.key,
            "name": self.name,
            "family": self.family,
            "division": self.division,
            "level": self.level,
            "start": list(self.start),
        }
        if self.site_id_code:
            entry["site_id_code"] = self.site_id_code
        if self.params:
            entry["params"] = dict(self.params)
        if self.hosts:
            entry["hosts"] = list(self.hosts)
        if self.group:
            entry["group"] = self.group
        for name, numbers in (("expect", asdict(self.expect)), ("visits", asdict(self.visits))):
            given = {
                key: list(said) if isinstance(said, tuple) else said
                for key, said in numbers.items()
                if said is not None
            }
            if given:
                entry[name] = given
        return entry | {"status": self.status, "evidence": self.evidence}


def _expect(entry: Entry) -> Expect:
    fields = entry.words("expect", "fields", FIELDS)
    numbers = entry.numbers("expect", _LEAST_EXPECTED, besides=("fields",))
    if numbers.get("fewer_percent", 0) > 100:
        raise entry.wrong("expect", f"fewer_percent: {numbers['fewer_percent']!r} is above 100")
    return Expect(fields=fields, **numbers)


def packaged() -> Path:
    """The registry that comes with gongkai."""
    return Path(str(resources.files("spiders"))) / "portals"


def load(folder: Path | None = None) -> dict[str, Portal]:
    """Reads ``*.yml`` of a folder (default: the packaged registry) into ``{key: Portal}``, sorted by key.

    Raises ``RegistryError`` for the first entry that is not right in every field,
    and for a folder that is missing or holds no entry.
    """
    folder = packaged() if folder is None else folder
    if not folder.is_dir():
        raise RegistryError(f"{folder}: no such folder")
    portals: dict[str, Portal] = {}
    for path in sorted(folder.glob("*.yml")):
        portal = read(path)
        portals[portal.key] = portal
    if not portals:
        raise RegistryError(f"{folder}: holds no portal (*.yml)")
    return dict(sorted(portals.items()))


def read(path: Path) -> Portal:
    """One entry from its file; raises ``RegistryError``."""
    portal = from_entry(load_yaml(path), where=path.name)
    if portal.key != path.stem:
        raise RegistryError(f"{path.name}: key: {portal.key!r} is not the name of the file")
    return portal


def from_entry(raw: object, *, where: str = "entry") -> Portal:
    """One entry, checked field by field; raises ``RegistryError`` that begins with ``where``."""
    entry = Entry(raw, where, required=_REQUIRED, optional=_OPTIONAL)
    family = entry.match("family", _FAMILY)
    division, level = entry.match("division", _DIVISION), entry.one_of("level", _LEVELS)
    if (division == COUNTRY) != (level == "ministry"):
        raise entry.wrong("division", f"{COUNTRY} is that of a ministry and of nothing else")
    return Portal(
        key=entry.match("key", _KEY),
        name=entry.text("name"),
        family=family,
        division=division,
        level=level,  # type: ignore[arg-type]
        start=entry.addresses("start"),
        status=entry.match("status", _STATUS),
        evidence=entry.text("evidence"),
        site_id_code=entry.match("site_id_code", _SITE_ID_CODE) if "site_id_code" in entry.raw else None,
        params=entry.known("params", params_of(family, where)),
        hosts=entry.hosts("hosts"),
        group=entry.match("group", _KEY) if "group" in entry.raw else None,
        expect=_expect(entry),
        visits=Visits(**entry.numbers("visits", _LEAST_DAYS)),
    )
