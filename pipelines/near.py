"""Two texts that are one report under two issuers, or under none: proposed by MinHash, decided exactly. Pure.

Issuer and year make a report, and all originals of one are joined by that alone (``dedupe``). What
reads as another issuer's, or nobody's, is the same report only if both of these hold:

- the figures agree: none contradicts, nearly all that are not zero stand in both, and among these are
  numbers that no two issuers share by chance. Blanks and zeros are no evidence.
- the texts are alike to 0.98 (``likeness``). Offices of a county write on one template, and half of what
  they write is the statute's wording: their texts reach 0.96, and their figures differ.

Reports without telling figures are never joined, so nothing is kept of them. Of all others the text's
MinHash is cut into bands; a key is a band together with one of the two largest figures, so that texts
on one template do not even meet.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rensa import RMinHash

from archive.candidates import CellKey, CellState, Figures
from archive.rows import Reading, Signed, prose, values
from pipelines.likeness import jaccard, runs

#: Raised when a signature or key is made otherwise: then all texts are signed anew.
SCHEME = "1"
#: At 0.98 a pair shares a band with a probability of 1 - (1 - 0.98^12)^6 = 0.9999.
BANDS, ROWS = 6, 12
_SEED = 20190101
#: Below this estimate a pair is not looked at: four standard deviations under 0.98 with 72 hashes.
_ESTIMATE = 0.91
#: Likeness of texts from which on two reports may be one.
ALIKE = 0.98
#: Runs of five characters a text must have: less is a shell whose report is its attachment.
_RUNS = 200
#: A number below this is shared by chance; so many different ones above it are not, if all else agrees.
_TELLING, _DIFFERENT = 10, 3
#: Of the figures that are not zero, the share that must stand in both.
_SHARED = 0.9
#: By how many of its largest figures a text is found: one of them may be unreadable on one side.
_LARGEST = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two texts are that are one report."""

    figures: float
    """Equal cells among those with a value in either."""
    text: float
    cells: int
    """Cells that agree."""


def telling(numbers: Iterable[float]) -> tuple[float, ...]:
    """The different ones that are not shared by chance, the largest first; empty if they are too few."""
    large = sorted({number for number in numbers if number >= _TELLING}, reverse=True)
    return tuple(large) if len(large) >= _DIFFERENT else ()


def digest(text: str, figures: Iterable[float], year: int | None) -> str:
    """Changes with all that the signature and keys are made of."""
    parts = (SCHEME, "".join(text.split()), " ".join(f"{value:g}" for value in figures), str(year))
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def signature(runs: frozenset[str]) -> bytes:
    """MinHash of a text's runs; four bytes a hash."""
    made = RMinHash(num_perm=BANDS * ROWS, seed=_SEED)
    made.update(list(runs))
    return struct.pack(f"<{BANDS * ROWS}I", *made.digest())


def signed(read: Reading) -> Signed | None:
    """The signature of what was read, to be kept until it is needed; ``None`` where none will be."""
    large = telling(values(read.rows)) if read.error is None else ()
    if not large:
        return None
    text = prose(read.rows)
    found = runs(text)
    return Signed(digest(text, large, read.year), signature(found)) if found else None


def keys(sign: bytes, figures: Iterable[float]) -> frozenset[int]:
    """The keys under which a text with these telling figures is found."""
    width = 4 * ROWS
    found = set()
    for value in tuple(figures)[:_LARGEST]:
        for band in range(BANDS):
            key = f"{SCHEME} {band} {value:.12g} ".encode() + sign[band * width : (band + 1) * width]
            found.add(int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) >> 1)
    return frozenset(found)


def perhaps(one: bytes, other: bytes) -> bool:
    """Whether two signatures allow of texts that are alike."""
    ours, theirs = (struct.unpack(f"<{len(sign) // 4}I", sign) for sign in (one, other))
    same: int = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return same / len(ours) >= _ESTIMATE


def figures_agree(ours: Figures, theirs: Figures) -> tuple[float, int] | None:
    """(share, number) of the cells that agree, if the figures say that it is one report."""
    mine, other = _values(ours), _values(theirs)
    both = mine.keys() & other.keys()
    if any(mine[cell] != other[cell] for cell in both):
        return None
    evidence = {mine[cell] for cell in both if mine[cell] >= _TELLING}
    if len(evidence) < _DIFFERENT:
        return None
    counted = {cell for values in (mine, other) for cell, value in values.items() if value}
    if len(counted & both) < _SHARED * len(counted):
        return None
    return len(both) / len(mine.keys() | other.keys()), len(both)


def _values(figures: Mapping[CellKey, CellState]) -> dict[CellKey, float]:
    return {cell: state.value for cell, state in figures.items() if state.value is not None}


def decide(
    ours: Figures,
    our_runs: Callable[[], frozenset[str]],
    theirs: Figures,
    their_runs: Callable[[], frozenset[str]],
) -> Likeness | None:
    """How alike two texts are, if they are one report; ``None`` if that is not certain.

    Texts are cut into runs only where the figures agree: of those that meet, few do.
    """
    agreed = figures_agree(ours, theirs)
    if agreed is None:
        return None
    one, other = our_runs(), their_runs()
    if min(len(one), len(other)) < _RUNS:
        return None
    alike = jaccard(one, other)
    if alike is None or alike < ALIKE:
        return None
    share, cells = agreed
    return Likeness(round(share, 4), round(alike, 4), cells)
