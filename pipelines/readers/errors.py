"""What every reader may raise, and the limits they share."""

from __future__ import annotations

import re

from archive.flood import MAX_ATTRIBUTES, MAX_TOGETHER, flood
from pipelines.readers import messages

#: No published report comes near this; scanned PDFs of a hundred pages stay below it.
MAX_BYTES = 64 * 1024 * 1024
#: Characters of one page: the longest real report pages, Word pasted with a style on every span, have 1 MB;
#: images written into the page as data: addresses make it several.
MAX_PAGE = 16 * 1024 * 1024


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


def refuse_attribute_flood(source: bytes) -> None:
    """Raise ``UnreadableError`` for a page in UTF-8 with more attributes than can be parsed in time."""
    count = flood(source)
    if count:
        raise UnreadableError(messages.too_many_attributes(count, MAX_ATTRIBUTES, MAX_TOGETHER))
