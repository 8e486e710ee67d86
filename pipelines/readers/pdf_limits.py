"""Limits against PDF files made to take all time or memory: what is inflated, what is drawn.

pdfminer has none of its own: it inflates every stream it meets, and draws a form
that draws ten forms that draw ten forms for as long as it takes.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from typing import Any

from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError

#: Drawing instructions of one page, forms it calls included, in bytes: 30 KB are usual, a map has more.
#: pdfminer takes 25 s for 1 MB of nothing but text, and forms that call forms multiply without end.
MAX_PAGE_CONTENT = 1024 * 1024
#: The same for the whole file: two hundred full pages of text, and the worst file ends within two minutes.
MAX_CONTENT = 4 * 1024 * 1024
#: What all compressed streams of a file may inflate to: scans in flate run to 100 MB.
MAX_INFLATED = 512 * 1024 * 1024
#: One stream may not inflate beyond this, whatever it claims to be.
MAX_STREAM = 96 * 1024 * 1024


def check_inflation(body: bytes) -> None:
    """Refuse compression bombs before pdfminer, which inflates without limit, sees them."""
    total = 0
    for match in re.finditer(rb"stream\r?\n", body):
        data = memoryview(body)[match.end() :]
        # /FlateDecode may be applied twice and more; a third layer has no honest use
        for _ in range(3):
            if len(data) < 2 or data[0] & 0x0F != 8 or (data[0] * 256 + data[1]) % 31:
                break
            inflated = _inflate(data)
            total += len(inflated)
            if len(inflated) > MAX_STREAM or total > MAX_INFLATED:
                limit = MAX_STREAM if len(inflated) > MAX_STREAM else MAX_INFLATED
                raise UnreadableError(messages.unpacks_beyond(limit))
            data = memoryview(inflated)


#: An object that is nothing but a reference to another one.
_ALIAS = re.compile(rb"\b(\d{1,10})\s+\d+\s+obj\s+(\d{1,10})\s+\d+\s+R\s+endobj")


def check_references(body: bytes) -> None:
    """Refuse objects that stand for each other in a ring: pdfminer follows them without end."""
    leads = {match[1]: match[2] for match in _ALIAS.finditer(body)}
    sound: set[bytes] = set()
    for start in leads:
        path: set[bytes] = set()
        while start in leads and start not in sound:
            if start in path:
                raise UnreadableError(messages.REFERENCE_RING)
            path.add(start)
            start = leads[start]
        sound |= path


def _inflate(data: memoryview) -> bytes:
    """What zlib makes of ``data`` before its end, its first error, or ``MAX_STREAM``."""
    unpacker = zlib.decompressobj()
    found = bytearray()
    step = 64 * 1024
    for start in range(0, len(data), step):
        waiting = bytes(data[start : start + step])
        while waiting and not unpacker.eof and len(found) <= MAX_STREAM:
            try:
                found += unpacker.decompress(waiting, 1024 * 1024)
            except zlib.error:
                return bytes(found)  # damaged, or no zlib data at all: pdfminer keeps what it can of it
            waiting = unpacker.unconsumed_tail
        if unpacker.eof or len(found) > MAX_STREAM:
            break
    return bytes(found)


def content_size(page: Any) -> int:
    """Bytes of drawing instructions of a page, each form counted as often as it is drawn."""
    known: dict[int, int] = {}
    streams = _resolved_list(getattr(page, "contents", None))
    data = b"\n".join(stream.get_data() for stream in streams if hasattr(stream, "get_data"))
    return _weigh(data, getattr(page, "resources", None), known, 0)


#: Forms in forms: drawing programs nest two or three deep.
_MAX_FORM_DEPTH = 12


def _weigh(data: bytes, resources: Any, known: dict[int, int], depth: int) -> int:
    size = len(data)
    if depth > _MAX_FORM_DEPTH:
        return MAX_PAGE_CONTENT + 1
    resources = _resolve(resources)
    forms = _resolve(resources.get("XObject")) if isinstance(resources, dict) else None
    if not isinstance(forms, dict):
        return size
    for name, times in Counter(re.findall(rb"/([^\s/<>\[\](){}%]+)\s+Do\b", data)).items():
        form = _resolve(forms.get(name.decode("latin-1")))
        attributes = getattr(form, "attrs", None)
        if not isinstance(attributes, dict) or getattr(attributes.get("Subtype"), "name", "") != "Form":
            continue
        key = id(form)
        if key not in known:
            known[key] = MAX_PAGE_CONTENT + 1  # a form that draws itself never ends
            known[key] = _weigh(form.get_data(), attributes.get("Resources", resources), known, depth + 1)
        size = min(size + known[key] * times, MAX_CONTENT + 1)
    return size


def _resolve(value: Any) -> Any:
    return value.resolve() if hasattr(value, "resolve") else value


def _resolved_list(value: Any) -> list[Any]:
    value = _resolve(value)
    return [_resolve(item) for item in value] if isinstance(value, list) else [value]
