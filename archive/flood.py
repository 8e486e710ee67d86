"""Elements with so many attributes that taking the page apart would not end in time."""

from __future__ import annotations

import re

#: Attributes of one element: Word writes twenty. libxml2 appends each at the end of a list it walks from
#: the start, so that 300,000 take two minutes.
MAX_ATTRIBUTES = 2_000
#: Shorter sources cannot hold enough attributes to matter (10,000 take a tenth of a second).
_FROM = 50_000
#: A start tag with its quoted values, whatever they contain; possessive, so that it cannot backtrack.
_START_TAG = re.compile(r"<[A-Za-z](?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def flood(markup: str) -> int:
    """How many attributes the first element has that has too many; 0 if none has."""
    if len(markup) < _FROM:
        return 0
    for match in _START_TAG.finditer(markup):
        # each attribute takes two characters and a blank at least
        if match.end() - match.start() > 3 * MAX_ATTRIBUTES:
            count = len(_QUOTED.sub("", match[0]).split()) - 1
            if count > MAX_ATTRIBUTES:
                return count
    return 0
