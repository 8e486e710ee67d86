"""How wordings are compared: one normal form for labels, whatever the page did to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from archive.folding import dense, nfkc

# Zero-width characters and the byte order mark survive NFKC and str.split.
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e"


def _fold(text: str) -> str:
    for mark in _INVISIBLE:
        text = text.replace(mark, "")
    return nfkc(text)


def _squeeze(text: str) -> str:
    return dense(fold(text))


def _remembered(function: Callable[[str], str]) -> Callable[[str], str]:
    """The function with a memory: labels recur on every page, a page's texts are asked for again and again.

    Each has a memory of its own, or a page's three hundred cells would push its texts out.
    """
    label, passage = lru_cache(maxsize=4096)(function), lru_cache(maxsize=32)(function)

    def remembered(text: str) -> str:
        if len(text) <= _LABEL:
            return label(text)
        return passage(text) if len(text) <= _PASSAGE else function(text)

    return remembered


#: The longest label with filling instructions has 200 characters, a whole report 60,000.
_LABEL = 200
_PASSAGE = 100_000
_folded = _remembered(_fold)
_squeezed = _remembered(_squeeze)


def fold(text: str) -> str:
    """NFKC without invisible characters, white space kept."""
    return text if text.isascii() else _folded(text)


def squeeze(text: str) -> str:
    """``fold`` without any white space: 商业 企业 and （一） become 商业企业 and (一)."""
    return _squeezed(text)


_PUNCTUATION = re.compile(r"[\"'“”‘’「」『』、,，。;；:：·.．]")
_ENUMERATOR = re.compile(
    r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|\d{1,2}[.、．](?!\d)|\d{1,2}(?=[^\d.]))"
)


def core(text: str) -> str:
    """``squeeze`` without enumerator and punctuation: what two wordings of one label share."""
    return _cored(text)


@_remembered
def _cored(text: str) -> str:
    return _PUNCTUATION.sub("", _ENUMERATOR.sub("", squeeze(text)))


#: White space longer than any page has: fifteen empty cells, a blank line between all of them, are 31.
_LONG_SPACE = re.compile(r"\s{101}")
#: Such a run covers three characters that follow each other among every 33rd of the text.
_SAMPLE, _LONG_IN_SAMPLE = 33, re.compile(r"\s{3}")
_SPACE_RUN = re.compile(r"(\s{100})\s+")


def calm(text: str) -> str:
    """The text with no more than 100 characters of white space on end.

    Patterns that look for a label, blanks and a mark take time with the square of such a run,
    or its cube: 200 KB of blank lines would be read for hours.
    """
    # the sample first: nearly every text is without such a run
    if len(text) < _SAMPLE or not _LONG_IN_SAMPLE.search(text[::_SAMPLE]) or not _LONG_SPACE.search(text):
        return text
    return _SPACE_RUN.sub(r"\1", text)
