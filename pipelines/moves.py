"""A report that goes on at another address of its portal: which addresses were left. Pure.

A portal that moves (another host, https for http) shows its pages at new addresses under the same paths, and
nobody asks the old ones any more. As long as both say the same, one is a mirror of the other, which
takes nothing from either. But a page that said at its new address what the old one said, and says something
else since, was altered by its issuer: what stood at the old address is an earlier state of it, and no
contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from archive.candidates import Candidate

#: What an address showed from a moment on.
_State = tuple[str, Candidate]


def followed(originals: Iterable[Candidate]) -> dict[str, str]:
    """Address that was left → the one at which the same page has changed since."""
    states: dict[str, list[_State]] = {}
    for one in originals:
        states.setdefault(one.url, []).extend((seen, one) for seen in one.seen)
    for seen in states.values():
        seen.sort(key=lambda state: (state[0], state[1].sha256))
    places: dict[tuple[str, str, str], list[str]] = {}
    for url, seen in sorted(states.items()):
        if (place := _place(url, seen[-1][1])) is not None:
            places.setdefault(place, []).append(url)
    found: dict[str, str] = {}
    for urls in places.values():
        for old in urls:
            later = [new for new in urls if new != old and _goes_on(states[old], states[new])]
            if later:
                found[old] = max(later, key=lambda url: (states[url][-1][0], url))
    return found


def end(left: Mapping[str, str], url: str) -> str:
    """Where a page that was left stands at last. Each step leads to what was seen later, so it ends."""
    while url in left:
        url = left[url]
    return url


def _place(url: str, one: Candidate) -> tuple[str, str, str] | None:
    """What addresses of one page have in common wherever its portal stands; none of the home page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if one.portal is None or parts.path in ("", "/"):
        return None
    return one.portal, parts.path, parts.query


def _goes_on(old: list[_State], new: list[_State]) -> bool:
    """Whether the new address once said what the old one said last, and has said something else since."""
    last_seen, last = old[-1]
    same = [seen for seen, one in new if one.content_hash == last.content_hash and seen >= last_seen]
    return bool(same) and new[-1][0] > same[-1] and new[-1][1].content_hash != last.content_hash
