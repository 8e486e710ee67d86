"""ZIP packages (DOCX, XLSX, plain archives) checked before anything of them is unpacked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO

from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError

#: Files in the package: a report has about 15, one with many pictures some hundred.
MAX_ENTRIES = 2_000
#: What the package may unpack to, pictures included.
MAX_UNPACKED = 256 * 1024 * 1024
#: document.xml of a long report has 2 MB.
MAX_PART = 32 * 1024 * 1024
#: All XML of the package together; lxml takes some five times this in memory.
MAX_XML = 48 * 1024 * 1024
#: Word's XML packs 10 to 60 times; zeros pack 1000 times.
MAX_RATIO = 200
#: Below this size the ratio says nothing.
RATIO_FROM = 1024 * 1024

#: What ``zipfile`` raises on damaged archives.
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError)

_XML = (".xml", ".rels")


def check_package(body: bytes, what: str, *, max_xml: int = MAX_XML, entities: bool = True) -> None:
    """Refuse bombs and locked packages (``UnreadableError``) before anything is unpacked.

    ``what`` names the package in the message. Without ``entities`` a part that
    declares a document type is refused too: for readers whose parser expands it.
    """
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            entries = archive.infolist()
            check_sizes(entries, what, max_xml)
            for entry in entries:
                if entry.filename.endswith(_XML) and not entities and b"<!DOCTYPE" in archive.read(entry):
                    raise UnreadableError(messages.document_type(what, entry.filename))
    except DAMAGED as error:
        raise UnreadableError(messages.damaged_package(what, error)) from error


def check_sizes(entries: Sequence[zipfile.ZipInfo], what: str, max_xml: int = MAX_XML) -> None:
    """Refuse a package by what its directory says: files, sizes, ratios, locks."""
    if len(entries) > MAX_ENTRIES:
        raise UnreadableError(messages.too_many_files(what, len(entries), MAX_ENTRIES))
    whole = sum(entry.file_size for entry in entries)
    if whole > MAX_UNPACKED:
        raise UnreadableError(messages.too_large_unpacked(what, whole, MAX_UNPACKED))
    if sum(entry.file_size for entry in entries if entry.filename.endswith(_XML)) > max_xml:
        raise UnreadableError(messages.too_much_xml(what, max_xml))
    for entry in entries:
        if entry.flag_bits & 1:
            raise UnreadableError(messages.locked(what))
        if entry.filename.endswith(_XML) and entry.file_size > MAX_PART:
            raise UnreadableError(messages.part_too_large(what, entry.filename, entry.file_size, MAX_PART))
        if entry.file_size > RATIO_FROM and entry.file_size > entry.compress_size * MAX_RATIO:
            raise UnreadableError(messages.bomb(what, entry.filename, entry.file_size))
