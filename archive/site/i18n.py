"""The pages' words in Chinese and English, and which of them a reader gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from archive.packaged import read_yaml

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
#: The archive is about Chinese documents, and most of its readers read them.
DEFAULT: Lang = "zh"


def known(text: str | None) -> Lang | None:
    """``zh`` or ``en`` if ``text`` is one of them, else ``None``."""
    return next((lang for lang in LANGS if lang == text), None)


def accepted(header: str) -> Lang:
    """The better of our languages by an ``Accept-Language`` header (RFC 9110, 12.5.4)."""
    best: tuple[float, Lang] = (0.0, DEFAULT)
    for item in header.split(","):
        tag, _, parameters = item.strip().partition(";")
        lang = known(tag.strip().lower().partition("-")[0])
        if lang is None:
            continue
        name, _, value = parameters.strip().partition("=")
        try:
            quality = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            continue  # a broken weight says nothing about what the reader prefers
        if quality > best[0]:
            best = (quality, lang)
    return best[1]


@cache
def _strings() -> Mapping[str, tuple[str, str]]:
    data = read_yaml(__package__, "i18n.yml")
    strings = {}
    for key, value in data.items():
        # An unquoted colon or "no" makes YAML read something else than a text.
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)):
            raise ValueError(f"i18n.yml: {key} needs [Chinese, English], has {value!r}")
        strings[str(key)] = (value[0], value[1])
    return strings


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language: ``words("key", n=3)``."""

    lang: Lang

    def __call__(self, key: str, **values: object) -> str:
        """The text under ``key`` with ``{name}`` filled in; raises ``KeyError`` for an unknown key."""
        text = _strings()[key][LANGS.index(self.lang)]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text under ``key``."""
        return key in _strings()

    def pick(self, zh: str, en: str) -> str:
        """Whichever of two given texts is in this language."""
        return zh if self.lang == "zh" else en

    def code(self, kind: str, value: object) -> str:
        """A code of the database in words (``verdict.pass``); the code itself where it has none."""
        key = f"{kind}.{value}"
        return self(key) if self.has(key) else str(value)


def keys_under(prefix: str) -> tuple[str, ...]:
    """What stands under ``prefix`` and a dot, in the order of ``i18n.yml``."""
    begin = f"{prefix}."
    return tuple(key.removeprefix(begin) for key in _strings() if key.startswith(begin))


def all_keys() -> frozenset[str]:
    """Every key of ``i18n.yml``."""
    return frozenset(_strings())
