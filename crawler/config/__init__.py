"""What is in force: ``gongkai.toml``, the environment, and a default for everything.

An environment variable beats the file, the file beats the default; a command's option beats
them all. A wrong value or an unknown key is refused, never passed over.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from crawler.config.keys import OTHERS, PREFIX, SETTINGS, Setting

T = TypeVar("T")

FILE = "gongkai.toml"
#: Bytes; a whole file with every setting and its comments has some six thousand.
_LARGEST = 256 * 1024
DEFAULT = "default"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names file and line or variable, and what is allowed."""


@dataclass(frozen=True)
class Config:
    """Every setting with its value."""

    values: Mapping[str, Any]
    variables: frozenset[str] = frozenset()
    """Keys that the environment gives."""
    given: File | None = None
    """The file that was read."""

    def __getitem__(self, setting: Setting[T]) -> T:
        value: T = self.values[setting.key]
        return value

    def origin(self, setting: Setting[Any]) -> str:
        """``default``, ``gongkai.toml:3`` or the variable's name."""
        if setting.key in self.variables:
            return setting.env
        if self.given is not None and setting.key in self.given.keys:
            return self.given.where(setting.key)
        return DEFAULT

    def shown(self, setting: Setting[Any]) -> str:
        """A value as TOML, or that it is a secret."""
        value = self.values[setting.key]
        if setting.secret and value not in (None, "", ()):
            return "(not shown)"
        return setting.kind.show(value)


def current(environment: Mapping[str, str] | None = None) -> Config:
    """The settings in force in this process; raises ``ConfigError`` for the first that is wrong."""
    environment = os.environ if environment is None else environment
    path = _file(environment)
    given = File(path) if path is not None else None
    values: dict[str, Any] = {setting.key: setting.default for setting in SETTINGS}
    for setting, value in given.settings() if given is not None else ():
        assert given is not None
        try:
            values[setting.key] = setting.kind.read(value, given.path.parent)
        except ValueError as error:
            raise _refused(setting, f"{given.where(setting.key)}: {setting.key}", value, error) from error
    variables = dict(_variables(environment))
    for key, (setting, text) in variables.items():
        try:
            values[key] = setting.kind.read(setting.kind.from_text(text), Path())
        except ValueError as error:
            raise _refused(setting, setting.env, text, error) from error
    return Config(values, frozenset(variables), given)


def _file(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("GONGKAI_CONFIG", "").strip()
    if not named:
        return Path(FILE) if Path(FILE).is_file() else None
    if not Path(named).is_file():
        raise ConfigError(f"GONGKAI_CONFIG: {named}: no such file")
    return Path(named)


def _variables(environment: Mapping[str, str]) -> Iterator[tuple[str, tuple[Setting[Any], str]]]:
    """Settings that the environment gives, by key; an empty variable gives none."""
    by_name = {setting.env: setting for setting in SETTINGS}
    for name, text in sorted(environment.items()):
        if name in by_name and text.strip():
            yield by_name[name].key, (by_name[name], text.strip())
        elif name.startswith(PREFIX) and name not in by_name and name not in OTHERS:
            raise ConfigError(f"{name}: no such variable{_near(name, [*by_name, *OTHERS])}")


class File:
    """A file of settings, as far as TOML can tell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as stream:
                raw = stream.read(_LARGEST + 1)
            self._text = raw.decode("utf-8") if len(raw) <= _LARGEST else ""
            self._flat = _flat(tomllib.loads(self._text))
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"{path}: {error}") from error
        if len(raw) > _LARGEST:
            raise ConfigError(f"{path}: has more than {_LARGEST} bytes")

    @property
    def keys(self) -> frozenset[str]:
        """Keys that it gives, with their tables."""
        return frozenset(self._flat)

    def settings(self) -> Iterator[tuple[Setting[Any], object]]:
        """Settings of the file with their raw values; raises ``ConfigError`` for a key that is none."""
        known = {setting.key: setting for setting in SETTINGS}
        for key, value in self._flat.items():
            if key not in known:
                raise ConfigError(f"{self.where(key)}: {key}: no such setting{_near(key, list(known))}")
            yield known[key], value

    def where(self, key: str) -> str:
        """File and line at which a key is given.

        The TOML parser does not tell. The shortest beginning of the file that holds the key and can be
        read is found by trying; the key stands on the line after the last one without it.
        """
        lines = self._text.splitlines(keepends=True)
        before = 0
        for count in range(1, len(lines) + 1):
            try:
                found = _flat(tomllib.loads("".join(lines[:count])))
            except tomllib.TOMLDecodeError:
                continue  # in the middle of a value of several lines
            if key in found:
                return f"{self.path}:{before + 1}"
            before = count
        return str(self.path)


def _flat(tables: Mapping[str, Any]) -> dict[str, object]:
    """``table.key`` → value; an empty table that no setting is in stays a key, so that it is refused."""
    known = {setting.key.partition(".")[0] for setting in SETTINGS if "." in setting.key}
    flat: dict[str, object] = {}
    for name, value in tables.items():
        if name in known and isinstance(value, dict):
            flat |= {f"{name}.{key}": one for key, one in value.items()}
        else:
            flat[name] = value
    return flat


def _refused(setting: Setting[Any], where: str, value: object, error: ValueError) -> ConfigError:
    shown = "the value" if setting.secret else repr(value)
    return ConfigError(f"{where}: {shown} {error}; allowed: {setting.allowed}")


def _near(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"
