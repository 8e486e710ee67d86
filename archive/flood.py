"""Elements with so many attributes that taking a page apart would not end in time.

libxml2 appends each attribute of an HTML element at the end of a list that it walks from the start, so that
60,000 take it 40 seconds. What an element is, quotes, comments and scripts decide, in ways that a pattern
gets wrong where a page wants it to (``<a b' c='>' …``). So libxml2's own tokens are counted, which takes
linear time as no tree is made; and only of pages that may hold so many, which their bytes tell in a tenth
of that.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast

from lxml import etree

#: Attributes of one element: Word writes twenty. So many take some ten milliseconds.
MAX_ATTRIBUTES = 2_000
#: Attributes of all elements together that have more than ``_SOME``: no real element has so many.
MAX_TOGETHER = 20_000
_SOME = 100
#: What stands between attributes (HTML Standard, 13.2.5.32 to 13.2.5.40), a closing quote among it; all
#: control characters, as being wrong about one would cost more than counting it.
_SEPARATORS = bytes(range(0x21)) + b"\"'/"
_BRACKETS = b"<>"
_BLANKED = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))
_NO_SEPARATORS = bytes({*range(0x100)} - {*_SEPARATORS, *_BRACKETS})
_NO_QUOTES = bytes({*range(0x100)} - {*b"\"'=", *_BRACKETS})
#: The separators that may follow one another without a bracket between them, and the quoted values that may
#: hold a bracket: an element is cut into one run more than it has such values, and each run has as many
#: attributes as separators, so that together they are no more than MAX_ATTRIBUTES.
_RUN = 250
_QUOTED = MAX_ATTRIBUTES // _RUN - 1


def flood(source: bytes) -> int:
    """How many attributes are too many in an HTML page in UTF-8: an element's, or all together; 0 if none.

    Never raises: what cannot be taken apart has no attributes.
    """
    if len(source) < 2 * MAX_ATTRIBUTES or not may_flood(source):
        return 0
    count = _Count()
    # It stops where making the tree would stop; what came before is counted.
    with suppress(etree.LxmlError):
        # the stubs want methods that lxml asks for only where there are any
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=cast(Any, count))
        etree.fromstring(source, parser)
    if count.most > MAX_ATTRIBUTES:
        return count.most
    return count.together if count.together > MAX_TOGETHER else 0


def may_flood(source: bytes, run: int = _RUN, quoted: int = _QUOTED) -> bool:
    """Whether an element may have more than ``run * (quoted + 1)`` attributes; a no is always right."""
    if b" " * run in source.translate(_BLANKED, _NO_SEPARATORS):
        return True
    # Without whole values, which end before the bracket, a quote before it is that of a value it is in.
    left = source.translate(None, _NO_QUOTES).replace(b'=""', b"").replace(b"=''", b"").replace(b"=", b"")
    return sum(map(left.count, (b'">', b'"<', b"'>", b"'<"))) > quoted


class _Count:
    """A parser's target (lxml's protocol) that makes no tree."""

    def __init__(self) -> None:
        self.most = 0
        self.together = 0

    def start(self, _tag: str, attributes: dict[str, str]) -> None:
        count = len(attributes)
        if count > _SOME:
            self.together += count
            self.most = max(self.most, count)

    def close(self) -> None:
        """Nothing is made."""
