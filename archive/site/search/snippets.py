"""Where in a text a query's words stand, and the few lines around them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.derived.tokens import Phrase, fold, pattern

#: Characters before the first mark and after the last: about a line on either side.
_BEFORE, _AFTER = 28, 64
#: Stretches shown of one report.
SHOWN = 3
#: Marks of one phrase looked at in one text; a table of contents may hold hundreds.
_LOOKED_AT = 40
#: Ends of sentences, at which a stretch rather begins than anywhere.
_ENDS = "。；！？\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, marked or not."""

    text: str
    marked: bool


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a section with its marks; ``before`` and ``after``: whether the text goes on there."""

    section: int
    pieces: Pieces
    before: bool
    after: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def marks(self) -> list[tuple[int, int]]:
        """Begin and end of each mark in ``text``."""
        found, at = [], 0
        for piece in self.pieces:
            if piece.marked:
                found.append((at, at + len(piece.text)))
            at += len(piece.text)
        return found


def _places(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters where that stands in the text itself."""
    whole = fold(text)
    if len(whole) == len(text):
        return whole, range(len(text) + 1)
    folded = [(at, char) for at, original in enumerate(text) for char in fold(original)]
    return "".join(char for _, char in folded), [*(at for at, _ in folded), len(text)]


def spans(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int, int]]:
    """(begin, end, number of the phrase) of what the phrases find in a text, in its order."""
    folded, place = _places(text)
    found = []
    for number, phrase in enumerate(phrases):
        for count, match in enumerate(pattern(phrase).finditer(folded)):
            if count == _LOOKED_AT:
                break
            # The end is that of the last character's original: one may have become several.
            found.append((place[match.start()], place[match.end() - 1] + 1, number))
    return sorted(found)


def _pieces(text: str, begin: int, end: int, marks: Sequence[tuple[int, int, int]]) -> Iterator[Piece]:
    at = begin
    for first, last, _ in marks:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if at < first:
            yield Piece(text[at:first], False)
        yield Piece(text[first:last], True)
        at = last
    if at < end:
        yield Piece(text[at:end], False)


def marked(text: str, phrases: Sequence[Phrase]) -> Pieces:
    """A whole short text, such as a title."""
    return tuple(_pieces(text, 0, len(text), spans(text, phrases)))


def _window(text: str, begin: int, end: int) -> tuple[int, int]:
    first = max(0, begin - _BEFORE)
    for end_mark in _ENDS:
        first = max(first, text.rfind(end_mark, first, begin) + 1)
    last = min(len(text), end + _AFTER)
    stop = min((at for mark in _ENDS if (at := text.find(mark, end, last)) >= 0), default=last - 1)
    return first, min(last, stop + 1)


def snippets(sections: Sequence[tuple[int, str]], phrases: Sequence[Phrase]) -> tuple[Snippet, ...]:
    """The stretches of (number, text) that show most of the phrases, in the report's order.

    Each phrase is shown where it first stands; with room left, other places follow.
    """
    found = [(number, text, spans(text, phrases)) for number, text in sections]
    chosen: list[tuple[int, int, int]] = []  # index of the section, begin, end
    shown: set[int] = set()
    for fresh in (True, False):
        for index, (_, text, marks) in enumerate(found):
            for begin, end, phrase in marks:
                if len(chosen) == SHOWN or (fresh and phrase in shown):
                    continue
                if any(at == index and first <= begin < last for at, first, last in chosen):
                    shown.add(phrase)
                    continue
                shown.add(phrase)
                first, last = _window(text, begin, end)
                taken = [(a, b) for at, a, b in chosen if at == index]
                first = max([first, *(b for _, b in taken if b <= begin)])
                last = min([last, *(a for a, _ in taken if a >= end)])
                chosen.append((index, first, max(last, min(end, first + _AFTER))))
    return tuple(
        Snippet(
            found[index][0],
            tuple(_trimmed(tuple(_pieces(found[index][1], first, last, found[index][2])))),
            found[index][1][:first].strip() != "" and found[index][1][first - 1] not in _ENDS,
            found[index][1][last:].strip() != "" and found[index][1][last - 1] not in _ENDS,
        )
        for index, first, last in sorted(chosen)
    )


def _trimmed(pieces: Pieces) -> Iterator[Piece]:
    """Line breaks of the source are blanks here; none at either end."""
    for number, piece in enumerate(pieces):
        text = piece.text.replace("\n", " ")
        text = text.lstrip() if number == 0 else text
        text = text.rstrip() if number == len(pieces) - 1 else text
        if text:
            yield Piece(text, piece.marked)


def lead(sections: Sequence[tuple[int, str]], length: int = 90) -> str:
    """How a report begins, for one found by its title or issuer alone."""
    text = next((" ".join(text.split()) for _, text in sections if text.strip()), "")
    return text if len(text) <= length else text[:length] + "…"
