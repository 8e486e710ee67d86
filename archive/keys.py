"""Identifiers made from natural keys.

An id is a digest of the natural key and not a counter, so a database rebuilt
from the originals, or merged from shards, carries the same ids.
"""

from __future__ import annotations

import hashlib
import unicodedata

# 53 bits: the largest integers that JavaScript readers of the JSON API hold exactly.
# Among 3 million reports a clash has odds of about 1 in 2,000; the store's UNIQUE
# constraints turn one into an error, never into a merge.
_BITS = 53


def normalise(part: str) -> str:
    """NFKC, without white space: 甲 市（局） and 甲市(局) are one name."""
    return "".join(unicodedata.normalize("NFKC", part).split())


def stable_id(*parts: str | int | None) -> int:
    """A positive integer below 2**53 that depends on nothing but ``parts``."""
    text = "\x1f".join("" if part is None else normalise(str(part)) for part in parts)
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _BITS)
