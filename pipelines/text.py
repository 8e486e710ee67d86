"""How wordings are compared: one normal form for labels, whatever the page did to them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Zero-width characters and the byte order mark survive NFKC and str.split.
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e]")


def fold(text: str) -> str:
    """NFKC without invisible characters, white space kept."""
    if text.isascii():
        return text
    return _folded(text) if len(text) <= _CACHED else _fold(text)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


# The sections of one report are asked for again and again, by the checks one after the other.
_folded = lru_cache(maxsize=256)(_fold)
_CACHED = 50_000


def squeeze(text: str) -> str:
    """``fold`` without any white space: 商业 企业 and （一） become 商业企业 and (一)."""
    return "".join(fold(text).split())


_PUNCTUATION = re.compile(r"[\"'“”‘’「」『』、,，。;；:：·.．]")
_ENUMERATOR = re.compile(
    r"^(?:[一二三四五六七八九十]+、|\([一二三四五六七八九十]+\)|\d{1,2}[.、．](?!\d)|\d{1,2}(?=[^\d.]))"
)


def core(text: str) -> str:
    """``squeeze`` without enumerator and punctuation: what two wordings of one label share."""
    return _PUNCTUATION.sub("", _ENUMERATOR.sub("", squeeze(text)))
