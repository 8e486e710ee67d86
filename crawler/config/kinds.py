"""What a setting's value may be: read from TOML or from text, refused with what is allowed, written back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from unicodedata import category
from urllib.parse import urlsplit

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Kind(Protocol[T_co]):
    """One kind of value."""

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""

    def from_text(self, text: str) -> object:
        """An environment variable's text as TOML would give it; raises ``ValueError``."""

    def read(self, value: object, base: Path) -> T_co:
        """The value; raises ``ValueError``. ``base``: the folder that relative paths start from."""

    def show(self, value: object) -> str:
        """The value as a TOML literal."""


def literal(value: object) -> str:
    """A TOML literal; JSON's strings, numbers and lists are TOML's too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(literal, value))}]"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


class _Plain(Generic[T]):
    def show(self, value: object) -> str:
        return literal(value)


@dataclass(frozen=True)
class Flag(_Plain[bool]):
    """Yes or no."""

    @property
    def allowed(self) -> str:
        return "true, false"

    def from_text(self, text: str) -> object:
        words = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
        if text.lower() not in words:
            raise ValueError("is none of 1, 0, yes, no, true, false")
        return words[text.lower()]

    def read(self, value: object, base: Path) -> bool:
        if not isinstance(value, bool):
            raise ValueError("is neither true nor false")
        return value


def _number(text: str) -> int | float:
    try:
        return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    except ValueError as error:
        raise ValueError("is no number") from error


def _within(value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is no number")
    if not least <= value <= most:  # nan is in no interval
        raise ValueError("is out of bounds")


@dataclass(frozen=True)
class Number(_Plain[float]):
    """A number within bounds."""

    least: float
    most: float

    @property
    def allowed(self) -> str:
        return f"number, {self.least:g} to {self.most:g}"

    def from_text(self, text: str) -> object:
        return _number(text)

    def read(self, value: object, base: Path) -> float:
        _within(value, self.least, self.most)
        return float(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Whole(_Plain[int]):
    """A whole number within bounds."""

    least: int
    most: int

    @property
    def allowed(self) -> str:
        return f"whole number, {self.least} to {self.most}"

    def from_text(self, text: str) -> object:
        return _number(text)

    def read(self, value: object, base: Path) -> int:
        _within(value, self.least, self.most)
        if not isinstance(value, int):
            raise ValueError("is no whole number")
        return value


@dataclass(frozen=True)
class Text(_Plain[str]):
    """One line of text; ``check`` refuses by raising ``ValueError``."""

    allowed: str
    check: Callable[[str], object] | None = None
    needed: bool = False
    """Whether an empty one is refused."""

    def from_text(self, text: str) -> object:
        return text

    def read(self, value: object, base: Path) -> str:
        if not isinstance(value, str):
            raise ValueError("is no text in quotes")
        # Cc, Cs: line breaks and other control characters; the text may go into a header.
        if any(category(character) in ("Cc", "Cs") for character in value):
            raise ValueError("holds control characters")
        if self.needed and not value.strip():
            raise ValueError("is empty")
        if value.strip() and self.check is not None:
            self.check(value.strip())
        return value.strip()


@dataclass(frozen=True)
class Address(_Plain[str]):
    """An http(s) address, or none."""

    @property
    def allowed(self) -> str:
        return 'an http:// or https:// address, or "" for none'

    def from_text(self, text: str) -> object:
        return text

    def read(self, value: object, base: Path) -> str:
        if not isinstance(value, str):
            raise ValueError("is no text in quotes")
        if value:
            parts = urlsplit(value)
            whole = parts.scheme in ("http", "https") and parts.hostname
            if not whole or not value.isascii() or not value.isprintable() or " " in value:
                raise ValueError("is no plain http(s) address")
        return value


@dataclass(frozen=True)
class Words(_Plain[tuple[str, ...]]):
    """A list of texts, each as ``of`` has it; in the environment with commas between."""

    of: Text

    @property
    def allowed(self) -> str:
        return f"list, each: {self.of.allowed}"

    def from_text(self, text: str) -> object:
        return [word.strip() for word in text.split(",") if word.strip()]

    def read(self, value: object, base: Path) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError("is no list")
        words = tuple(self.of.read(word, base) for word in value)
        if "" in words:
            raise ValueError("holds an empty text")
        return words


@dataclass(frozen=True)
class Place(_Plain[Path]):
    """A file or folder; a relative one starts from the folder of the file that names it."""

    what: str

    @property
    def allowed(self) -> str:
        return f"path of a {self.what}"

    def from_text(self, text: str) -> object:
        return text

    def read(self, value: object, base: Path) -> Path:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError("is no path in quotes")
        return base / Path(value).expanduser()

    def show(self, value: object) -> str:
        return literal(str(value))


@dataclass(frozen=True)
class Shelf(_Plain[str]):
    """A folder, as ``Place`` has it but always its whole path, or an address such as ``s3://bucket/x``.

    Other machines are told of it, where a relative path would lead elsewhere.
    """

    @property
    def allowed(self) -> str:
        return "path of a folder, or address of a bucket (s3://NAME/PATH)"

    def from_text(self, text: str) -> object:
        return text

    def read(self, value: object, base: Path) -> str:
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise ValueError("is no path or address in quotes")
        return value if "://" in value else str((base / Path(value).expanduser()).absolute())


@dataclass(frozen=True)
class Maybe(Generic[T]):
    """A value of another kind, or none: ``""``."""

    of: Kind[T]

    @property
    def allowed(self) -> str:
        return f'{self.of.allowed}; "" for none'

    def from_text(self, text: str) -> object:
        return self.of.from_text(text)

    def read(self, value: object, base: Path) -> T | None:
        return None if value == "" else self.of.read(value, base)

    def show(self, value: object) -> str:
        return '""' if value is None else self.of.show(value)


def one_of(*words: str) -> Text:
    """Text that is one of these words."""

    def check(text: str) -> None:
        if text not in words:
            raise ValueError("is none of them")

    return Text(", ".join(words), check)
