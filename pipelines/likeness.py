"""How alike two texts are: the share of their runs of five characters that both have. Pure.

Compared under NFKC and without white space and punctuation, so that a PDF's line breaks and half-width
commas count for nothing; figures and names do. Reports of different issuers on one template reach 0.96,
one report published twice 0.994 and more.
"""

from __future__ import annotations

import re

from archive.shingles import shingles
from pipelines.text import squeeze

#: Characters of a run: longer than most words of the form, shorter than a name with a figure beside it.
RUN = 5
#: Characters compared of a text: three times the longest report. What is longer was made to be long.
MOST = 200_000
# A point or comma between digits is part of a number.
_SIGNS = re.compile(r"[^\w\s](?:[^\w\s]+|(?!\d)|(?<!\d[^\w\s]))")


def runs(text: str) -> frozenset[str]:
    """The runs of a text; a text shorter than one is its own."""
    plain = _SIGNS.sub("", squeeze(text[:MOST]))
    if not plain:
        return frozenset()
    # No blank is left in it, so blanks part its runs.
    return frozenset(shingles(plain, RUN).split(" ")) if len(plain) >= RUN else frozenset({plain})


def jaccard(one: frozenset[str], other: frozenset[str]) -> float | None:
    """The share of all runs that both have; ``None`` where a side has none: blanks are not alike."""
    if not one or not other:
        return None
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def likeness(one: str, other: str) -> float | None:
    """How alike two texts are, 0 to 1, to four places."""
    found = jaccard(runs(one), runs(other))
    return None if found is None else round(found, 4)
