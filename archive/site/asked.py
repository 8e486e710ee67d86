"""Parameters of Datasette's table pages that it takes as they come, and fails on. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

#: Lookups whose value may be a JSON list.
_LISTS = ("__in", "__notin")
_NUMBER = re.compile(r"[0-9]{1,9}")


#: Facets that a reader may ask for besides those of the schema. Each may take half a second.
FACETS = 6


#: Rows of a table that a page shows at most. Five thousand are seven megabytes of HTML, and while they are
#: written nobody else is served; as JSON they cost a tenth.
ROWS = 1000


def long(args: Any) -> bool:
    """Whether more rows are asked for than a page shows."""
    size = args.get("_size") or ""
    return size == "max" or (_NUMBER.fullmatch(size) is not None and int(size) > ROWS)


def facets(args: Any) -> int:
    """How many facets are asked for; ``args`` as Datasette has them."""
    return sum(len(args.getlist(key)) for key in args if key in ("_facet", "_facet_array", "_facet_date"))


def unreadable(pairs: Iterable[tuple[str, str]]) -> str | None:
    """The first parameter that no page can be made of, as it was written; ``None`` where there is none.

    A link that was mistyped is a mistake of the request, and no fault of the site's to be logged as one.
    """
    return next((f"{key}={value}" for key, value in pairs if not _readable(key, value)), None)


def _readable(key: str, value: str) -> bool:
    if key == "_timelimit":
        return _NUMBER.fullmatch(value) is not None
    if key == "_through":
        found = _json(value)
        return (
            isinstance(found, dict)
            and all(isinstance(found.get(name), str) for name in ("table", "column"))
            and isinstance(found.get("value"), str | int | float)
        )
    if key.endswith(_LISTS) and value.startswith("["):
        found = _json(value)
        return isinstance(found, list) and all(isinstance(one, str | int | float) for one in found)
    return True


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
