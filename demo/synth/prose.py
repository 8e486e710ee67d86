"""Prose for generated reports: sentences of our own, drawn so that years of one issuer partly repeat."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from archive.packaged import read_yaml

_SLOT = re.compile(r"\{(\w+)\}")
#: Sentences of each section: some 2,500 characters in all, as long as an average report.
SENTENCES = {1: 46, 2: 8, 3: 10, 4: 3, 5: 18, 6: 3}
#: Of the sentences of a report, how many its issuer writes every year.
_KEPT = 0.4


@dataclass(frozen=True, slots=True)
class _Part:
    heading: str
    sentences: tuple[tuple[str, tuple[str, ...]], ...]
    """Each as a %-template and the names of its slots."""


@cache
def _data() -> tuple[Mapping[int, _Part], Mapping[str, tuple[str, ...]]]:
    data = read_yaml(__package__, "prose.yml")
    parts = {
        number: _Part(
            part["heading"],
            tuple((_SLOT.sub("%s", text), tuple(_SLOT.findall(text))) for text in part["sentences"]),
        )
        for number, part in data["sections"].items()
    }
    return parts, {name: tuple(words) for name, words in data["lists"].items()}


def _fill(rng: random.Random, slot: str, year: int, place: str) -> str:
    if slot == "n":
        return str(1 + int(60 * rng.random()))
    if slot == "k":
        return str(1 + int(3000 * rng.random()))
    if slot == "year":
        return str(year)
    if slot == "place":
        return place
    lists = _data()[1]
    if slot == "rare":
        return _one(rng, lists["rare_first"]) + _one(rng, lists["rare_last"])
    return _one(rng, lists[slot])


def _one(rng: random.Random, words: tuple[str, ...]) -> str:
    return words[int(rng.random() * len(words))]


def write(
    issuer: random.Random, fresh: random.Random, *, year: int, place: str, said: Mapping[int, str]
) -> list[tuple[int, str, str]]:
    """(number, heading, text) of the six sections.

    ``issuer`` is a generator that is the same for every year of an issuer, ``fresh`` one of this
    report; ``said`` are sentences about its figures, by section.
    """
    parts, _ = _data()
    sections = []
    for number, part in parts.items():
        lines = [said[number]] if number in said else []
        line = ""
        for _ in range(SENTENCES[number]):
            rng = issuer if fresh.random() < _KEPT else fresh
            text, slots = part.sentences[int(rng.random() * len(part.sentences))]
            line += text % tuple(_fill(rng, slot, year, place) for slot in slots)
            if len(line) > 160:  # a paragraph
                lines.append(line)
                line = ""
        sections.append((number, part.heading, "\n".join([*lines, *([line] if line else [])])))
    return sections
