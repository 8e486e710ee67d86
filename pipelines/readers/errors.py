"""What every reader may raise, and the limits they share."""

from __future__ import annotations

import re

from pipelines.readers import messages

#: No published report comes near this; scanned PDFs of a hundred pages stay below it.
MAX_BYTES = 64 * 1024 * 1024
#: Attributes of one element: Word writes twenty. libxml2 appends each at the end of a list it walks from
#: the start, so that 300,000 take two minutes.
MAX_ATTRIBUTES = 2_000
#: Shorter sources cannot hold enough attributes to matter (10,000 take a tenth of a second).
_ATTRIBUTES_FROM = 50_000
#: A start tag with its quoted values, whatever they contain; possessive, so that it cannot backtrack.
_START_TAG = re.compile(r"<[A-Za-z](?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*+")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class UnreadableError(Exception):
    """The bytes cannot be read as a document; the message says what they are or what is wrong."""


#: How libraries in C++ and C say it: libstdc++ and OpenCV, OpenCV, onnxruntime, libxml2.
_NO_MEMORY = re.compile(r"bad_alloc|[Ii]nsufficient memory|allocate memory|[Mm]emory allocation failed")


def for_want_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was no memory left, and so nothing of the bytes."""
    # pdfplumber hands on what pdfminer raised as an argument of its own error
    inner = [one for one in (error.__cause__, *error.args) if isinstance(one, BaseException)]
    return any(isinstance(one, MemoryError) or _NO_MEMORY.search(str(one)) for one in (error, *inner))


def megabytes(size: int) -> str:
    """``size`` in bytes as people write it."""
    return f"{size / 1024 / 1024:.1f} MB"


def refuse_attribute_flood(markup: str) -> None:
    """Raise ``UnreadableError`` if one element has so many attributes that parsing would not end in time."""
    if len(markup) < _ATTRIBUTES_FROM:
        return
    for match in _START_TAG.finditer(markup):
        # each attribute takes two characters and a blank at least
        if match.end() - match.start() > 3 * MAX_ATTRIBUTES:
            count = len(_QUOTED.sub("", match[0]).split()) - 1
            if count > MAX_ATTRIBUTES:
                raise UnreadableError(messages.too_many_attributes(count, MAX_ATTRIBUTES))
