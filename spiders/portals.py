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
outside the portal's own domain that its lists lead to; ``expect.reports_min`` is the
least number of reports its columns are known to hold. Portals of one ``group`` stand on
one server (often a prefecture's) and are asked one at a time. A ministry has the division
``000000``: the whole country. ``evidence`` names an address that shows the column, or one
of a report from which the column's address is ``derived``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module, resources
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_args
from typing import Literal as L
from unicodedata import category
from urllib.parse import urlsplit

import yaml
from tldextract import TLDExtract

from spiders.params import Param

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
_OPTIONAL = ("site_id_code", "params", "hosts", "group", "expect")

#: The division of bodies that belong to none: ministries and other organs of the centre.
COUNTRY = "000000"

# The list of public suffixes that comes with the package: nothing is downloaded, nothing cached on disk.
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


class RegistryError(ValueError):
    """An entry that cannot be used; the message names file and field."""


def site_of(host: str) -> str:
    """The registrable domain of a host (``rsj.mouxian.gov.cn`` → ``mouxian.gov.cn``), or the host itself.

    An IP address, a bare name or a public suffix such as ``gov.cn`` is its own site.
    """
    return _suffixes(host).top_domain_under_public_suffix or host


def host_of(url: str) -> str:
    """Host of an address in lower case, without port and trailing dot; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:  # e.g. an unclosed [ of an IPv6 address
        return ""


def is_literal(host: str) -> bool:
    """Whether the host is an IP address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_suffix(host: str) -> bool:
    """Whether a host is a public suffix such as ``gov.cn``: every ``*.gov.cn`` would be its sub-domain."""
    return _suffixes(host).suffix == host


def _is_host(host: str) -> bool:
    """Whether a host is an IP address or a name that can be looked up at all (RFC 1035 §2.3.4)."""
    try:
        return is_literal(host) or bool(re.fullmatch(r"[a-z0-9._-]+", host.encode("idna").decode()))
    except UnicodeError:  # an empty or overlong label
        return False


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return host_of(url), parts.port or (443 if parts.scheme == "https" else 80)


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
    reports_min: int | None = None

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
            parts, host, origin = urlsplit(url), host_of(url), _origin(url)
        except ValueError:  # no number where the port should be
            return False
        # user@host is never a portal's own link; it is how a foreign host is made to look like one.
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return False
        if is_literal(host):
            return origin in {_origin(start) for start in self.start}
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
        if self.reports_min is not None:
            entry["expect"] = {"reports_min": self.reports_min}
        return entry | {"status": self.status, "evidence": self.evidence}


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
    try:
        with path.open("rb") as stream:
            text = stream.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise RegistryError(f"{path.name}: more than {_LONGEST} bytes; an entry has about ten lines")
        raw = yaml.load(text.decode("utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    # Values that YAML takes for a number or date and that are none raise whatever Python's own types
    # raise; what is nested too deeply ends the recursion.
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        if isinstance(error, RegistryError):
            raise
        raise RegistryError(f"{path.name}: {' '.join(str(error).split())[:500]}") from error
    portal = from_entry(raw, where=path.name)
    if portal.key != path.stem:
        raise RegistryError(f"{path.name}: key: {portal.key!r} is not the name of the file")
    return portal


def from_entry(raw: object, *, where: str = "entry") -> Portal:
    """One entry, checked field by field; raises ``RegistryError`` that begins with ``where``."""
    entry = _Entry(raw, where)
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
        params=entry.known("params", _params_of(family, where)),
        hosts=entry.hosts("hosts"),
        group=entry.match("group", _KEY) if "group" in entry.raw else None,
        reports_min=entry.least("expect", "reports_min"),
    )


def _params_of(family: str, where: str) -> Mapping[str, Param]:
    """What a family's module says it takes: ``PARAMS = {name: Param(meaning, form)}``."""
    try:
        module = import_module(f"spiders.families.{family}")
    except ModuleNotFoundError as error:
        if error.name != f"spiders.families.{family}":
            raise
        raise RegistryError(
            f"{where}: family: no family {family!r}; known: {', '.join(families())}"
        ) from error
    params: Mapping[str, Param] = module.PARAMS
    return params


def families() -> list[str]:
    """Names of the families there are."""
    folder = Path(str(resources.files("spiders"))) / "families"
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


#: Bytes of an entry's file.
_LONGEST = 64 * 1024


class _Loader(yaml.SafeLoader):
    """Plain YAML that refuses a key given twice, where YAML itself would take the last in silence.

    And references: an entry needs none, and a few lines of them can stand for gigabytes.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "references (*name) are not taken", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key}: given twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


class _Entry:
    """Field readers that name file and field when they refuse."""

    def __init__(self, raw: object, where: str) -> None:
        self.where = where
        if not isinstance(raw, dict):
            raise RegistryError(f"{where}: is no mapping of fields")
        self.raw: dict[str, Any] = raw
        for name in raw:
            if name not in (*_REQUIRED, *_OPTIONAL):
                raise RegistryError(
                    f"{where}: {name}: no such field; known: {', '.join((*_REQUIRED, *_OPTIONAL))}"
                )
        for name in _REQUIRED:
            if raw.get(name) in (None, "", []):
                raise RegistryError(f"{where}: {name}: is missing")

    def wrong(self, name: str, why: str) -> RegistryError:
        return RegistryError(f"{self.where}: {name}: {why}")

    def text(self, name: str) -> str:
        value = self.raw[name]
        # YAML reads a bare code as a number; no code begins with 0, so nothing is lost in turning it back.
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, f"{value!r} is no text")
        # Cc, Cs: control characters and halves of characters, which no file and no log takes.
        if any(category(character) in ("Cc", "Cs") for character in value):
            raise self.wrong(name, f"{value!r} holds control characters")
        return value.strip()

    def match(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self.text(name)
        if not pattern.fullmatch(value):
            raise self.wrong(name, f"{value!r} is not of the form {pattern.pattern}")
        return value

    def one_of(self, name: str, allowed: Iterable[str]) -> str:
        value = self.text(name)
        if value not in allowed:
            raise self.wrong(name, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def addresses(self, name: str) -> tuple[str, ...]:
        value = self.raw[name]
        urls = value if isinstance(value, list) else [value]
        for url in urls:
            if not isinstance(url, str):
                raise self.wrong(name, f"{url!r} is no address")
            try:
                parts, host = urlsplit(url), host_of(url)
                _origin(url)
            except ValueError as error:
                raise self.wrong(name, f"{url!r}: {error}") from error
            plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and parts.port != 0
            if not plain or not _is_host(host) or re.search(r"[\s\\\x00-\x1f]", url):
                raise self.wrong(name, f"{url!r} is no plain http(s) address")
            if is_suffix(host):
                raise self.wrong(name, f"{host!r} is a public suffix and no one's own domain")
        if len(set(urls)) != len(urls):
            raise self.wrong(name, "names an address twice")
        return tuple(urls)

    def hosts(self, name: str) -> tuple[str, ...]:
        value = self.raw.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, f"{value!r} is no list of hosts")
        for host in value:
            if not isinstance(host, str) or host_of(f"http://{host}/") != host or is_literal(host):
                raise self.wrong(name, f"{host!r} is no host name")
            if is_suffix(host):
                raise self.wrong(name, f"{host!r} is a public suffix and no one's own domain")
        return tuple(value)

    def known(self, name: str, allowed: Mapping[str, Param]) -> dict[str, str]:
        value = self.raw.get(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name, f"{value!r} is no mapping")
        given: dict[str, str] = {}
        for param, content in value.items():
            if param not in allowed:
                raise self.wrong(
                    name, f"{param!r} is unknown to the family; known: {', '.join(allowed) or 'none'}"
                )
            # YAML reads a bare number as one; true, lists and nothing are no value of a query.
            if isinstance(content, bool) or not isinstance(content, str | int):
                raise self.wrong(name, f"{param}: {content!r} is no text")
            if not re.fullmatch(allowed[param].form, str(content)):
                raise self.wrong(name, f"{param}: {content!r} is not of the form {allowed[param].form}")
            given[param] = str(content)
        return given

    def least(self, name: str, key: str) -> int | None:
        value = self.raw.get(name)
        if value is None:
            return None
        if not isinstance(value, dict) or set(value) != {key}:
            raise self.wrong(name, f"{value!r} is not {{{key}: number}}")
        number = value[key]
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise self.wrong(name, f"{key}: {number!r} is no number above 0")
        return number
