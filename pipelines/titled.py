"""What titles say, remembered: whoever judges a page asks about its title. Pure."""

from __future__ import annotations

from functools import lru_cache

from archive import titles

#: What is longer is a title on no page, and comes once.
_LONGEST = titles.MAX_LENGTH
_known = lru_cache(maxsize=512)(titles.parse)


def parse(title: str) -> titles.Title:
    """``archive.titles.parse`` with a memory."""
    return _known(title) if len(title) <= _LONGEST else titles.parse(title)
