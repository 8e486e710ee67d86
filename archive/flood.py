"""Elements with so many attributes that taking a page apart would not end in time.

libxml2 appends each attribute of an HTML element at the end of a list that it walks from the start, so that
60,000 take it 40 seconds. What an element is, quotes, comments and scripts decide, in ways that a pattern
gets wrong where a page wants it to (``<a b' c='>' …``). So libxml2's own tokens are counted, without making
a tree; and only of pages that may hold so many, which their bytes tell in a tenth of the time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from lxml import etree

#: Attributes of one element: Word writes twenty. So many take some ten milliseconds.
MAX_ATTRIBUTES = 2_000
#: Attributes of all elements together that have more than ``_RUN``: no real element has so many.
MAX_TOGETHER = 20_000
#: What stands between attributes (HTML Standard, 13.2.5.32 to 13.2.5.40), a closing quote among it; all
#: control characters, as being wrong about one would cost more than counting it.
_SEPARATORS = bytes(range(0x21)) + b"\"'/"
#: What ends an element outside of a quoted value; the other bracket may be part of a name or value.
_END = b">"
_BLANKED = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))
_NO_SIGNS = bytes({*range(0x100)} - {*_SEPARATORS, *b"=", *_END})
_NO_QUOTES = bytes({*_SEPARATORS} - {*b"\"'"})
#: The separators that may follow one another without a ``>`` between them, and the quoted values that may
#: hold one: an element is cut into one run more than it has such values, and each run has as many
#: attributes as separators, so that together they are no more than MAX_ATTRIBUTES.
_RUN = 250
_QUOTED = MAX_ATTRIBUTES // _RUN - 1
#: Elements in one another where libxml2 gives up making a tree (``xmlParserMaxDepth``, huge trees).
_DEPTH = 2048
#: Bytes between two looks at the depth.
_PIECE = 64 * 1024


def flood(source: bytes) -> int:
    """How many attributes are too many in an HTML page in UTF-8: an element's, or all together; 0 if none.

    Never raises: what cannot be taken apart has no attributes.
    """
    if len(source) < 2 * MAX_ATTRIBUTES or not may_flood(source):
        return 0
    count = _Count()
    # the stubs want methods that lxml asks for only where there are any
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=cast(Any, count))
    with suppress(etree.LxmlError):  # what came before is counted
        for at in range(0, len(source), _PIECE):
            parser.feed(source[at : at + _PIECE])
            # Each end without a beginning looks through all that is open; and no tree is made so deep.
            if count.depth > _DEPTH:
                break
        parser.close()
    if count.most > MAX_ATTRIBUTES:
        return count.most
    return count.together if count.together > MAX_TOGETHER else 0


def may_flood(source: bytes, run: int = _RUN, quoted: int = _QUOTED) -> bool:
    """Whether an element may have more than ``run * (quoted + 1)`` attributes; a no is always right."""
    signs = source.translate(None, _NO_SIGNS)  # a tenth of a page; what follows takes next to no time
    if b" " * run in signs.translate(_BLANKED, b"="):
        return True
    # Without whole values, which end before it, a quote before a ``>`` is that of a value it is in.
    left = signs.translate(None, _NO_QUOTES).replace(b'=""', b"").replace(b"=''", b"").replace(b"=", b"")
    return left.count(b'">') + left.count(b"'>") > quoted


class _Count:
    """A parser's target (lxml's protocol) that makes no tree."""

    def __init__(self) -> None:
        self.most = 0
        self.together = 0
        self.depth = 0

    def start(self, _tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        count = len(attributes)
        if count > _RUN:
            self.together += count
            self.most = max(self.most, count)

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def close(self) -> None:
        """Nothing is made."""
