"""What changed in a report's prose, as a unified diff sentence by sentence. Pure.

Sentences and not lines: where a page breaks its paragraphs is no change. White space is none either.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: A sentence ends behind one of these, and behind what closes after it.
_END = re.compile(r"(?<=[。！？；!?;])(?![。！？；!?;”’」』）)])|\n")
#: Sentences that differ are compared as long as there are no more pairs of them: difflib's time grows with
#: the pairs. A report has some hundred sentences.
_PAIRS = 4_000_000
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences that stood in one place, and those that stand there now."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


def sentences(sections: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The prose of a report's rows of ``sections``, headings included."""
    ordered = sorted(sections, key=lambda row: row["number"])
    texts = [text for row in ordered for text in (row["heading"], row["text"]) if text]
    return tuple(split("\n".join(texts)))


def split(text: str) -> Iterator[str]:
    """Its sentences, white space within them made one blank."""
    for found in _END.split(text):
        plain = " ".join(found.split())
        if plain:
            yield plain


def unified(before: Sequence[str], after: Sequence[str]) -> str | None:
    """The unified diff without names of files, one sentence of context; ``None`` where nothing differs."""
    old, new = [_dense(one) for one in before], [_dense(one) for one in after]
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    if len(old) == len(new) == head:
        return None
    # What is alike at both ends is left out of the comparison but for the context.
    head, ends = max(head - 1, 0), (len(old) - max(tail - 1, 0), len(new) - max(tail - 1, 0))
    lines: list[str] = []
    for group in _groups(old[head : ends[0]], new[head : ends[1]]):
        (_, i, _, k, _), (_, _, j, _, m) = group[0], group[-1]
        lines.append(f"@@ -{_range(i + head, j + head)} +{_range(k + head, m + head)} @@")
        for tag, i, j, k, m in group:
            if tag == "equal":
                lines += [f" {one}" for one in after[k + head : m + head]]
                continue
            lines += [f"-{one}" for one in before[i + head : j + head]]
            lines += [f"+{one}" for one in after[k + head : m + head]]
    return "\n".join(lines)


def _dense(text: str) -> str:
    return "".join(text.split())


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


_Opcode = tuple[str, int, int, int, int]


def _groups(old: Sequence[str], new: Sequence[str]) -> Iterator[Sequence[_Opcode]]:
    if len(old) * len(new) > _PAIRS:
        a, b = len(old), len(new)
        lead, trail = int(old[0] == new[0]), int(old[-1] == new[-1])
        yield [
            ("equal", 0, lead, 0, lead),
            ("replace", lead, a - trail, lead, b - trail),
            ("equal", a - trail, a, b - trail, b),
        ]
        return
    yield from difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(1)


def _range(start: int, end: int) -> str:
    """As in a unified diff: counted from 1; an empty stretch is named by the line before it."""
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def blocks(diff: str) -> Iterator[Block]:
    """What ``unified`` made, read back; lines of context are left out."""
    gone: list[str] = []
    new: list[str] = []
    for line in diff.split("\n"):
        if line[:1] in "-+" and line[:1]:
            (gone if line[0] == "-" else new).append(line[1:])
        elif _HUNK.fullmatch(line) and (gone or new):
            yield Block(tuple(gone), tuple(new))
            gone, new = [], []
    if gone or new:
        yield Block(tuple(gone), tuple(new))
