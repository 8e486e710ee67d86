"""Text and queries as the search index has them. Pure.

Chinese has no blanks between words, so a run of Han characters is indexed as all its pairs,
one after another, and its last character alone: 行政复议 is 行政 政复 复议 议. A query of
two characters or more is then a sequence of pairs that stand side by side, and finds exactly
the places where its characters do; one of a single character is the beginning of a pair, or
the last. Words of letters and digits are indexed as they are. Full-width forms, capitals and
blanks between Han characters make no difference (a PDF breaks its lines anywhere).

The index takes these words as they come: FTS5's tokenizer ``ascii`` splits at blanks and leaves
everything beyond ASCII whole, however new the character is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from archive.folding import nfkc
from archive.shingles import shingles

#: Han, the marks written among them (々, 〇), kana, hangul: scripts without blanks or with endings.
_HAN = "々〇ぁ-ヿ㐀-䶿一-鿿가-힣豈-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"([{_HAN}]+)|([^\W_{_HAN}]+)")
# It begins with the blank and not with what is before it: so it is looked for at blanks only.
_INNER_BLANK = re.compile(rf"\s(?<=[{_HAN}]\s)\s*(?=[{_HAN}])")
_IS_HAN = re.compile(rf"[{_HAN}]")

#: Characters of a word of letters that are looked at; what is longer is no word (keys, addresses).
_WORD = 64
#: Characters of a query: longer than any heading of a report.
QUERY = 120
#: Phrases of a query. FTS5 refuses expressions of some hundred.
PHRASES = 8

#: Begins the words by which the index is filtered. FTS5 takes it for a letter, ``tokens`` does not, so
#: that no text and no query holds such a word.
MARK = "·"

_QUOTED = re.compile(r'["“”＂「」『』]([^"“”＂「」『』]*)(?:["“”＂「」『』]|$)|([^\s"“”＂「」『』]+)')


def fold(text: str) -> str:
    """Compatibility forms and capitals made plain."""
    return nfkc(text).lower()


def runs(text: str) -> list[str]:
    """The runs of Han characters and the words of letters, folded, in their order."""
    return [han or word for han, word in _found(text)]


def _found(text: str) -> list[tuple[str, str]]:
    """The same, each as (Han, letters), of which one is empty."""
    return _RUN.findall(_INNER_BLANK.sub("", fold(text)))


def is_han(run: str) -> bool:
    """Whether a run is one of Han characters."""
    return _IS_HAN.match(run) is not None


def tokens(text: str | None) -> str:
    """What the index holds of a text: its words with blanks between them."""
    found = _found(text or "")
    pairs = _all_pairs(han for han, _ in found if han)
    return " ".join(next(pairs) if han else word[:_WORD] for han, word in found)


#: Runs paired at once: as many as a long report has; a text of megabytes is not held in pieces several times.
_AT_ONCE = 4096


def _all_pairs(runs: Iterator[str]) -> Iterator[str]:
    while some := list(islice(runs, _AT_ONCE)):
        yield from _pairs(some)


def _pairs(runs: Sequence[str]) -> list[str]:
    """Each run of Han characters as its words: a character with the next, and the last alone."""
    # All at once, as most have but a few characters. A NUL, which is in none, begins and ends each, and is
    # paired like every other; so 行政 is first NUL行 行政 政NUL.
    paired = shingles(f"\0{chr(0).join(runs)}\0", 2).split("\0")
    return [words[2:] for words in paired[1 : 2 * len(runs) : 2]]


def _words(run: str) -> list[str]:
    return _pairs([run])[0].split() if is_han(run) else [run[:_WORD]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """What has to stand side by side."""

    runs: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.runs)

    @property
    def expression(self) -> str:
        """The phrase for FTS5's MATCH. Only letters and blanks stand between the quotes."""
        words = [word for run in self.runs for word in _words(run)]
        last = self.runs[-1]
        if not is_han(last):
            return f'"{" ".join(words)}"'
        # What follows in a text is not known: the last character pairs with it, or stands alone.
        if len(last) == 1:
            return f'"{" ".join(words)}" *'
        return f'"{" ".join(words[:-1])}"'


def phrases(query: str) -> tuple[Phrase, ...]:
    """What a reader typed: words with blanks between them are looked for each by itself, in quotes together.

    Nothing typed is an operator. A query without a letter gives no phrase.
    """
    found: dict[Phrase, None] = {}
    for match in _QUOTED.finditer(query[:QUERY]):
        piece = runs(match[1] if match[1] is not None else match[2])
        if piece:
            found.setdefault(Phrase(tuple(piece)))
    return tuple(found)[:PHRASES]


def expression(found: tuple[Phrase, ...]) -> str:
    """All of these phrases, for FTS5's MATCH."""
    return " AND ".join(phrase.expression for phrase in found)


def filter_token(kind: str, value: object) -> str:
    """A word to filter by: ``·p河南省``. Blanks would split it."""
    return MARK + kind + "".join(str(value).split())


def pattern(phrase: Phrase) -> re.Pattern[str]:
    """Where a phrase stands in a folded text, as the index would find it."""
    parts = []
    for run in phrase.runs:
        if is_han(run):
            parts.append(r"\s*".join(map(re.escape, run)))
        else:
            parts.append(rf"(?<![^\W_{_HAN}]){re.escape(run)}(?![^\W_{_HAN}])")
    return re.compile(r"[\W_]*".join(parts))
