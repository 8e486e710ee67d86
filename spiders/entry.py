"""One registry entry: its file as YAML, its fields checked one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

import yaml

from spiders.hosts import host_of, is_host, is_literal, is_suffix, origin_of
from spiders.params import Param


class RegistryError(ValueError):
    """An entry that cannot be used; the message names file and field."""


def params_of(family: str, where: str) -> Mapping[str, Param]:
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


def load_yaml(path: Path) -> object:
    """What an entry's file says; raises ``RegistryError``."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise RegistryError(f"{path.name}: more than {_LONGEST} bytes; an entry has about ten lines")
        raw: object = yaml.load(text.decode("utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    # Values that YAML takes for a number or date and that are none raise whatever Python's own types
    # raise; what is nested too deeply ends the recursion.
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        if isinstance(error, RegistryError):
            raise
        raise RegistryError(f"{path.name}: {' '.join(str(error).split())[:500]}") from error
    return raw


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


class Entry:
    """Field readers that name file and field when they refuse."""

    def __init__(self, raw: object, where: str, *, required: Iterable[str], optional: Iterable[str]) -> None:
        self.where = where
        if not isinstance(raw, dict):
            raise RegistryError(f"{where}: is no mapping of fields")
        self.raw: dict[str, Any] = raw
        known = (*required, *optional)
        for name in raw:
            if name not in known:
                raise RegistryError(f"{where}: {name}: no such field; known: {', '.join(known)}")
        for name in required:
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
                origin_of(url)
            except ValueError as error:
                raise self.wrong(name, f"{url!r}: {error}") from error
            plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and parts.port != 0
            if not plain or not is_host(host) or re.search(r"[\s\\\x00-\x1f]", url):
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

    def numbers(self, name: str, least: Mapping[str, int], besides: Iterable[str] = ()) -> dict[str, int]:
        """A mapping of numbers; ``least``: the names that may be given, and the least each may be.

        ``besides``: names in it that are no numbers, and that somebody else reads.
        """
        value = self.raw.get(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name, f"{value!r} is no mapping")
        numbers = {key: number for key, number in value.items() if key not in besides}
        for key, number in numbers.items():
            if key not in least:
                raise self.wrong(name, f"{key!r} is unknown; known: {', '.join((*least, *besides))}")
            if isinstance(number, bool) or not isinstance(number, int) or number < least[key]:
                raise self.wrong(name, f"{key}: {number!r} is no whole number from {least[key]} on")
        return numbers

    def words(self, name: str, inner: str, allowed: Iterable[str]) -> tuple[str, ...] | None:
        """A list within a mapping, each one of the words ``allowed``; ``None`` where it is not given."""
        mapping = self.raw.get(name, {})
        if not isinstance(mapping, dict) or inner not in mapping:
            return None
        value = mapping[inner]
        if not isinstance(value, list) or not value:
            raise self.wrong(name, f"{inner}: {value!r} is no list")
        for word in value:
            if word not in tuple(allowed):
                raise self.wrong(name, f"{inner}: {word!r} is unknown; known: {', '.join(allowed)}")
        return tuple(dict.fromkeys(value))
