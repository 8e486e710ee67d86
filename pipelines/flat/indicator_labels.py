"""The lines of a flattened indicator list, found by their official labels.

What stands between two labels must be a unit and the figures, and nothing else;
a label that has other words right before or behind it is another label.

A figure glued to the number of the next label (``条202.政府网站…``) is cut where
the official number says; where the next label's number is another one, or stands
without its dot, the figure stays open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from archive.forms import indicators as form
from pipelines import messages
from pipelines.flat.folded import Folded, wording_pattern
from pipelines.tables import indicators as grids
from pipelines.tables.indicator_lines import UNITS, Listing, Text, candidates
from pipelines.text import squeeze

_HEADS = tuple(sorted(form.national().heads["label"], key=len, reverse=True))
#: The list has 1,600 characters glued and 2,500 with one cell a line; provinces add a half.
REACH = 8_000
# Between two official labels stand at most a figure and a few lines of a province's own.
_GAP = 500
# Header words, from the first to the first label.
_HEADER_LENGTH = 120
# Fewer official labels than this are words in some text.
_MIN_LABELS = 8

_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_FIGURE = r"(?:0|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)(?:\.\d+)?|[/\\—–-]+|无"
_RUN = re.compile(rf"[\s|]*(?P<unit>{_UNIT})?[\s|]*(?P<figures>(?:{_FIGURE})(?:[\s|]+(?:{_FIGURE}))*)?[\s|]*")
_WORDS_BEFORE = re.compile(
    r"(?:其\s*中\s*[:,]?\s*|[一二三四五六七八九十]{1,3}\s*[、.]\s*|\(\s*[一二三四五六七八九十\d]{1,3}\s*\)\s*)+$"
)
_NUMBER_BEFORE = re.compile(r"(\d+)(\s*)[.、]\s*$")
# A figure, then a break: what follows it on the next line is no part of it.
_SEPARATE = re.compile(r"\d[ \t\xa0]*[\n|]\s*$")
_PLAIN_NUMBER = re.compile(r"(?:0|[1-9]\d*)")
_NOTE = re.compile(r"\s*[（(][^（）()]{1,60}[)）]")
# What would make the digits before it something else than a count.
_NO_END = re.compile(r"[\d年月日.%/:-]")


@cache
def _labels() -> re.Pattern[str]:
    """Any official label without its number, a note in brackets included."""
    bodies = set()
    for line in form.national().lines.values():
        for wording in line.wordings:
            body = unicodedata.normalize("NFKC", wording)
            body = re.sub(r"^(?:其中:|[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|\d\.)+", "", body)
            bodies.add(re.sub(r"(?:数量|数)$", "", body))
    words = "|".join(wording_pattern(body) for body in sorted(bodies, key=len, reverse=True))
    return re.compile(rf"(?:{words})(?:数\s*量|数)?(?:\s*\([^()]{{1,60}}\))?")


@cache
def _official_number(key: str) -> str | None:
    """The Arabic number the form puts before a line."""
    match = re.match(r"(\d)\.", form.national().lines[key].zh)
    return match[1] if match else None


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    start: int
    end: int


def read(text: Folded, anchor: re.Match[str]) -> Listing:
    """The list behind a header, every figure between its label and the next."""
    found = _sequence(text, anchor)
    listing = Listing()
    if len(found) < _MIN_LABELS:
        return listing
    header = text.text[anchor.start() : found[0].start]
    columns = _columns(header)
    if columns is None:
        where = f"line {text.line(anchor.start())}"
        listing.findings.append(messages.unknown_headings(form.TABLE, header, where))
        return listing
    listing.columns = columns
    numbering = _numbering(text, found)
    at = 0
    while at < len(found):
        following = at + 1
        while following < len(found) and not _begins(text, found[at], found[following]):
            following += 1
        after = found[following] if following < len(found) else None
        _line(text, found[at], after, listing, numbering)
        at = following
    return listing if len(listing.own) >= _MIN_LABELS else Listing()


def extent(source: str, anchor: re.Match[str]) -> tuple[int, int] | None:
    """From a header to the last figure of its list, in the text as it is; ``None`` where no list follows."""
    found = _sequence(Folded(source, (0,)), anchor)
    if len(found) < _MIN_LABELS:
        return None
    note = _NOTE.match(source, found[-1].end)
    end = note.end() if note else found[-1].end
    run = _RUN.match(source, end)
    return anchor.start(), run.end() if run else end


def _sequence(text: Folded, anchor: re.Match[str]) -> list[_Label]:
    """Labels from the header on, up to the first long gap."""
    found: list[_Label] = []
    at, reach = anchor.end(), anchor.end() + _HEADER_LENGTH
    while (match := _labels().search(text.text, at, min(reach, anchor.end() + REACH))) is not None:
        found.append(_Label(match[0], match.start(), match.end()))
        at, reach = match.end(), match.end() + _GAP
    return found


def _columns(header: str) -> tuple[str, ...] | None:
    """The columns of figures a header names, ``None`` where it names anything unknown."""
    rest = squeeze(header).replace("|", "")
    rest = _WORDS_BEFORE.sub("", rest)
    match = re.match("|".join(_HEADS), rest)
    rest = rest[match.end() :] if match else rest
    unit = re.match("|".join(sorted(form.national().heads["unit"], key=len, reverse=True)), rest)
    rest = rest[unit.end() :] if unit else rest
    one, two = (grids.role(rest), None)
    if one == "year":
        return ("year",)
    for cut in range(1, len(rest)):
        one, two = grids.role(rest[:cut]), grids.role(rest[cut:])
        if (one, two) == ("year", "cumulative"):
            return ("year", "cumulative")
    return None


def _before(text: Folded, label: _Label, start: int) -> str:
    """What stands before a label, its number and 其中 left out, from ``start`` on."""
    return _WORDS_BEFORE.sub("", text.text[start : label.start])


def _begins(text: Folded, before: _Label, label: _Label) -> bool:
    """Whether a label begins where a label may: after a separator, a figure, a unit, its own number."""
    rest = _before(text, label, before.end)
    if not rest or rest[-1] in " \n|\t\xa0" or len(rest) < label.start - before.end:
        return True
    if _NUMBER_BEFORE.search(rest) or rest[-1].isdigit() or rest[-1] in "/\\—–-":
        return True
    return _RUN.fullmatch(rest) is not None


@dataclass(frozen=True, slots=True)
class _Numbering:
    """How this text numbers its labels."""

    official: bool
    """As the form does: what is left of the digits before a label is a figure."""
    dotted: bool
    """Always with the dot: digits without one are a figure."""


def _numbering(text: Folded, found: Sequence[_Label]) -> _Numbering:
    """Lines numbered through, or in another order, end in the form's digit by chance; not all of them do,
    nor do they begin with 1 in two groups."""
    begun: set[str] = set()
    official = dotted = True
    for before, label in pairwise(found):
        keys = candidates(label.text)
        number = _official_number(keys[0]) if keys else None
        rest = _before(text, label, before.end)
        seen = _NUMBER_BEFORE.search(rest)
        if seen is not None:
            official = official and number is not None and seen[1].endswith(number)
            if number == "1":
                begun.add(keys[0])
        elif number is not None and rest[-1:].isdigit():
            dotted = False
    return _Numbering(official and len(begun) > 1, dotted and bool(begun))


def _line(text: Folded, label: _Label, after: _Label | None, listing: Listing, numbering: _Numbering) -> None:
    where = f"line {text.line(label.end)}"
    if after is None:
        match = _RUN.match(text.text, label.end)
        end = match.end() if match else label.end
        follows = text.text[end : end + 1]
        glued = text.text[end - 1 : end].isdigit() and bool(_NO_END.match(follows))
        body = text.text[label.end : end]
        if glued:
            listing.lose(label.text, Text(body + follows, where))
        elif not _clean(body, label, where, listing, inferred=False):
            listing.lose(label.text, Text(body.split("\n\n")[0], where))
        return
    body = _before(text, after, label.end)
    had_words = len(body) < after.start - label.end
    cut = _cut(body, after, had_words=had_words, numbering=numbering)
    if isinstance(cut, tuple):
        listing.lose(label.text, Text(body, where), cut)
        return
    inferred = len(cut) < len(body) and cut[-1:].isdigit()
    if _clean(cut, label, where, listing, inferred=inferred):
        return
    if not _with_others(text, cut, label, listing):
        listing.lose(label.text, Text(cut, where))


def _cut(body: str, after: _Label, *, had_words: bool, numbering: _Numbering) -> str | tuple[str, ...]:
    """The run without the next label's number; the readings where it can be cut in two ways."""
    keys = candidates(after.text)
    official = _official_number(keys[0]) if keys else None
    number = _NUMBER_BEFORE.search(body)
    if number is not None:
        digits, rest = number[1], body[: number.start()]
        if len(digits) == 1 or (len(digits) == 2 and _SEPARATE.search(rest)):
            return rest
        value = digits[: -len(official)] if official is not None and digits.endswith(official) else ""
        if numbering.official and _PLAIN_NUMBER.fullmatch(value):
            return rest + value
        return tuple(f"{digits[:i]} | {digits[i:]}." for i in range(1, len(digits)))
    bare = re.search(r"\d+$", body)
    if bare is None or had_words:
        return body
    if official is not None and bare[0].endswith(official):
        return (bare[0], f"{bare[0][: -len(official)]} | {official}")
    return body if numbering.dotted else (bare[0],)


def _clean(body: str, label: _Label, where: str, listing: Listing, *, inferred: bool) -> bool:
    """Read a run that is a unit and its figures; ``False`` where it is anything else."""
    match = _RUN.fullmatch(body)
    if match is None:
        return False
    figures = (match["figures"] or "").replace("|", " ").split()
    wanted = len(listing.columns)
    if figures and len(figures) != wanted:
        # Only the dash of a heading stands alone: 一、主动公开情况——.
        if not all(re.fullmatch(r"[/\\—–-]+", figure) for figure in figures):
            return False
        figures = [figures[0]] * wanted
    texts = [Text(figure, where) for figure in figures] or [Text("", where)] * wanted
    listing.add(label.text, match["unit"] or "", texts, inferred=inferred)
    return True


def _with_others(text: Folded, body: str, label: _Label, listing: Listing) -> bool:
    """A run with lines of the province's own behind the label's figures, every cell on a line of its own."""
    if not re.match(r"\s*[\n|]", body):
        return False
    tokens: list[tuple[str, int]] = []
    at = label.end
    for piece in re.split(r"([\n|])", body):
        if piece.strip(" \t\xa0\n|"):
            tokens.append((piece.strip(), text.line(at + len(piece) - len(piece.lstrip()))))
        at += len(piece)
    lines = _grouped(tokens, label.text, text.line(label.end), len(listing.columns))
    if lines is None:
        return False
    for name, unit, figures, line in lines:
        where = f"line {line}"
        listing.add(name, unit, [Text(figure, where) for figure in figures])
    return True


def _grouped(
    tokens: Sequence[tuple[str, int]], first: str, line: int, width: int
) -> list[tuple[str, str, list[str], int]] | None:
    """(label, unit, figures, line) of each row; ``None`` where the cells do not make rows."""
    rows: list[tuple[str, str, list[str], int]] = []
    name, at = first, 0
    while True:
        if at >= len(tokens) or not re.fullmatch(_UNIT, tokens[at][0]):
            return None
        unit, at = tokens[at][0], at + 1
        figures = []
        while at < len(tokens) and re.fullmatch(_FIGURE, tokens[at][0]):
            figures.append(tokens[at][0])
            at += 1
        if len(figures) not in (0, width):
            return None
        rows.append((name, unit, figures or [""] * width, line))
        if at == len(tokens):
            return rows
        name, line = "", tokens[at][1]
        while at < len(tokens) and not re.fullmatch(f"{_UNIT}|{_FIGURE}", tokens[at][0]):
            name += tokens[at][0]
            at += 1
