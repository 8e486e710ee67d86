"""Bytes to text, whatever the page says about itself.

Chinese portals mislabel: GBK pages say gb2312 (and hold characters gb2312 has
not), UTF-8 pages say GBK. A wrong choice turns names to mojibake, so the labels
are only candidates and the bytes decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from w3lib.encoding import html_body_declared_encoding, read_bom, resolve_encoding

from archive.bodies import text_encoding
from pipelines.readers import messages

#: gb18030 is the superset that decodes whatever is labelled with one of these.
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "cp936", "hz", "hz-gb-2312", "euc_cn"})
#: Western labels are templates left as they came; every byte is some character in these codecs, so they
#: would win by having no error.
_WESTERN = ("cp125", "iso8859", "iso-8859", "latin", "ascii", "us-ascii", "windows-125")
#: At most this share of bad characters among the non-ASCII ones and the text is still UTF-8: one damaged
#: character must not send a page to gb18030, which accepts nearly every pair of UTF-8 bytes.
_UTF8_DAMAGE = 0.05
_REPLACEMENT = "�"
_XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})", re.I)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the codec that gave it, and what was odd about it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()
    source: bytes | None = None
    """The bytes, where they are the text in UTF-8 as it stands: whoever wants it so need not encode it."""


def decode(body: bytes, charset: str | None = None) -> Decoded:
    """Decode a page or text file.

    Order: byte order mark; valid UTF-8; then the labels (``<meta>`` or XML
    declaration, the server's ``charset``) and the usual codecs, the one with
    the fewest undecodable bytes first. Never raises.
    """
    mark, _ = read_bom(body)
    if mark is not None:
        text = body.decode(mark, "replace").lstrip("\ufeff")
        return Decoded(text, mark, _damage(text, mark))
    plain = _utf8(body)
    if plain is not None:
        return plain
    declared = tuple(_labels(body, charset))
    candidates = list(dict.fromkeys((*declared, "gb18030", "utf-8", "big5")))
    texts = {name: body.decode(name, "replace") for name in candidates}
    best = min(candidates, key=lambda name: texts[name].count(_REPLACEMENT))
    notes = _damage(texts[best], best)
    if declared and best not in declared:
        notes = (messages.decoded_otherwise(declared, best), *notes)
    return Decoded(texts[best], best, notes)


def _utf8(body: bytes) -> Decoded | None:
    try:
        return Decoded(body.decode("utf-8"), "utf-8", source=body)
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    # no line may be drawn on a handful of characters
    if foreign >= 40 and text.count(_REPLACEMENT) <= foreign * _UTF8_DAMAGE:
        return Decoded(text, "utf-8", _damage(text, "utf-8"))
    return None


def _labels(body: bytes, charset: str | None) -> Iterator[str]:
    head = body[:4096]
    xml = _XML_DECLARATION.match(head)
    for label in (html_body_declared_encoding(head), xml and xml[1].decode("ascii", "replace"), charset):
        codec = _codec(label) if label else None
        if codec:
            yield codec


def _codec(label: str) -> str | None:
    """Python's codec for a label, gb2312 and gbk widened to gb18030; ``None`` for an unknown one."""
    name = (resolve_encoding(label) or "").lower()
    if name.startswith(_WESTERN):
        return None
    if name.replace("_", "-") in _CHINESE or name in _CHINESE:
        return "gb18030"
    return text_encoding(name)


def _damage(text: str, encoding: str) -> tuple[str, ...]:
    bad = text.count(_REPLACEMENT)
    return (messages.undecodable(bad, encoding),) if bad else ()
