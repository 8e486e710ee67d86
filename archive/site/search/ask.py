"""What a reader asks of the search page. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from archive.derived import tokens

SIZE = 20
#: Pages that can be turned; who needs more narrows the search or takes the table.
PAGES = 250

_SORTS = ("relevance", "newest")
_FORM = re.compile(r"[a-z0-9]{1,12}")
#: A province's name; FTS5 ends an expression at a NUL.
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,40}")
_CODE = re.compile(r"\d{6}|\d{9}")
_FILTERS = ("year", "province", "form", "issuer", "division")


@dataclass(frozen=True, slots=True)
class Ask:
    """Words, filters, order and page."""

    q: str = ""
    year: int | None = None
    province: str | None = None
    form: str | None = None
    issuer: int | None = None
    division: str | None = None
    sort: str = "relevance"
    page: int = 1

    @property
    def filters(self) -> dict[str, str | int | None]:
        return {name: getattr(self, name) for name in _FILTERS}

    @property
    def filtered(self) -> bool:
        return any(value is not None for value in self.filters.values())

    @property
    def offset(self) -> int:
        return (self.page - 1) * SIZE

    def query(self, **other: object) -> str:
        """The query string of this page, with some values changed; what is by default is left out.

        Where something else changes, the first page is meant.
        """
        default = Ask()
        named = {name: getattr(self, name) for name in self.__slots__} | {"page": 1} | other
        return urlencode({k: v for k, v in named.items() if v is not None and v != getattr(default, k)})


def parse(args: Mapping[str, str]) -> Ask:
    """The question that a query string puts; what cannot be read is left out."""

    def number(name: str, most: int) -> int | None:
        text = args.get(name, "").strip()
        readable = text.isascii() and text.isdigit() and len(text) < 20
        return int(text) if readable and int(text) <= most else None

    def text(name: str, allowed: re.Pattern[str]) -> str | None:
        value = args.get(name, "").strip()
        return value if allowed.fullmatch(value) else None

    sort = args.get("sort", "")
    return Ask(
        q=" ".join(args.get("q", "")[: tokens.QUERY].split()),
        year=number("year", 9999),
        province=text("province", _NAME),
        form=text("form", _FORM),
        issuer=number("issuer", 2**63 - 1),
        division=text("division", _CODE),
        sort=sort if sort in _SORTS else "relevance",
        page=min(max(number("page", 10**6) or 1, 1), PAGES),
    )
