"""Whether the headings over a flattened Table 3 stand in the form's order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Literal

from archive import forms
from pipelines.flat.folded import Folded, pattern
from pipelines.tables.sums import sums_tell

_TERMS = forms.terms("requests")
_KEYS = [term.key for term in forms.form("2021").tables["requests"].blocks[0].columns]
#: Headings read row by row: the sum stands in the upper row, beside 法人或其他组织.
_BY_ROWS = ["natural_person", "total", *_KEYS[1:-1]]
_OVER = re.compile("|".join(pattern(_TERMS["groups"][key]).pattern for key in ("applicants", "relation")))
# The longer wordings first: 其他 stands inside 法人或其他组织.
_NAMES = re.compile(
    "|".join(
        f"(?P<{key}>{pattern(term).pattern})"
        for key, term in (
            *((f"_{key}", _TERMS["groups"][key]) for key in ("organisations", "applicants", "relation")),
            *((key, _TERMS["columns"][key]) for key in _KEYS),
        )
    )
)
# The whole head of the table has 80 characters; one cell a line, with the note on its sums, 200.
_REACH = 400
# A text with more tables than this is no report.
_MOST_TABLES = 8


#: ``open``: the headings do not say where the sums stand.
Order = Literal["form", "other", "open"]


def order(text: Folded, start: int) -> Order:
    """In which order the columns of the table stand whose first label begins at ``start``.

    Headings may be missing or cut. A misspelt one is placed by two characters that
    it shares with the form's; of several that cannot be placed two may have changed
    places.
    """
    head = _head(text.text[max(0, start - _REACH) : start])
    places: dict[str, int] = {}
    rest = list(head)
    for match in _NAMES.finditer(head):
        if match.lastgroup:
            places.setdefault(match.lastgroup, match.start())
        rest[match.start() : match.end()] = "\n" * len(match[0])
    over = places.pop("_organisations", None)
    places = {key: at for key, at in places.items() if not key.startswith("_")}
    unknown = "".join(rest)
    missing = [key for key in _KEYS if key not in places]
    if missing and re.search(r"[^\W\d_]", unknown):
        near = {key: at for key in missing if (at := _near(_TERMS["columns"][key].zh, unknown)) is not None}
        if len(missing) > 1 and len(near) < len(missing) and places:
            return "other"
        places.update(near)
    read = sorted(places, key=places.__getitem__)
    if _is_subsequence(read, _KEYS):
        return "form" if "total" in places else "open"
    if not _is_subsequence(read, _BY_ROWS):
        return "other"
    # Row by row 法人或其他组织 stands between the two; without it the sums may stand second.
    return "form" if over is not None and over < places["total"] else "open"


def stand_otherwise(source: str) -> bool:
    """Whether the headings of some Table 3 of this text stand in another order than the form's."""
    text = Folded.of(source)
    received = islice(pattern(_TERMS["rows"]["received"]).finditer(text.text), _MOST_TABLES)
    return any(order(text, match.start()) == "other" for match in received)


def _head(before: str) -> str:
    """The head of the table: what follows 申请人情况, or the headings right before the first line."""
    over = [match.end() for match in _OVER.finditer(before)]
    if over:
        return before[over[-1] :]
    first = _NAMES.search(before)
    lines = before[first.start() :] if first else ""
    # A sentence before the table may name the applicants as well.
    return re.split(r"[。;!?]", lines)[-1]


def _near(official: str, unknown: str) -> int | None:
    """Where two neighbouring characters of the heading stand in what is left of the head."""
    found = [unknown.find("".join(pair)) for pair in pairwise(official)]
    return min((at for at in found if at >= 0), default=None)


def _is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(any(key == other for other in rest) for key in part)


def confirmed(found: Order, lines: Sequence[Sequence[int | None]], unread: int) -> bool:
    """Whether the sums of the lines agree that the last column holds them; see ``sums_tell``."""
    return found != "other" and sums_tell(lines, "whole" if found == "form" else "no sums", unread=unread)
