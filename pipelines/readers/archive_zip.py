"""ZIP archives → the document in them that is the report.

Every member that some reader takes is read; the one with most of a report's
own wordings decides, the longest of equals, and the others are noted. Pictures
alone are the pages of one scan. Nothing is written anywhere, so that a member's
name is only a name; names that would leave a folder are left out all the same.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from archive.records import Document, Grid
from pipelines.readers import lines, messages, ocr, page, sniff
from pipelines.readers.errors import MAX_BYTES, UnreadableError
from pipelines.readers.package import DAMAGED, check_sizes

#: Members read: an archive with a report in it has one to five.
MAX_MEMBERS = 12
#: Characters compared for a report's wordings.
MAX_SCORED = 200_000

_FLAG_UTF8 = 0x800
_SYSTEM = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)", re.I)
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)")
_REPORT = re.compile(r"年度?报告|年报|信息公开")

Read = Callable[..., Document]


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    body: bytes
    what: sniff.Binary | None


def read(body: bytes, reader: Read, notes: Sequence[str] = (), *, nested: bool = False) -> Document:
    """Read an archive; ``reader`` reads one member as it would any file.

    Raises ``UnreadableError`` for a damaged or locked archive, a bomb, and one
    without a document. Archives in it are opened one level deep.
    """
    said = list(notes)
    members = _members(body, said)
    pictures = [m for m in members if m.what and m.what.kind == "image"]
    found: list[tuple[str, Document]] = []
    for member in members:
        if member in pictures:
            continue
        try:
            found.append((member.name, _read(member, reader, nested)))
        except UnreadableError as error:
            said.append(messages.member_unreadable(member.name, error))
    best = max(found, key=lambda entry: _rank(entry[1]), default=None)
    if pictures and (best is None or not _rank(best[1])[0]):
        scanned = _pictures(pictures, said)
        if scanned is not None and (best is None or _rank(scanned[1]) > _rank(best[1])):
            best = scanned
    if best is None:
        raise UnreadableError(messages.nothing_in_archive(said[len(notes) :]))
    name, document = best
    others = [other for other, one in found if one is not document]
    said.append(messages.read_from(name))
    if others:
        said.append(messages.others_in_archive(others))
    return replace(document, notes=(*said, *document.notes), title=document.title or _title(name))


def _read(member: _Member, reader: Read, nested: bool) -> Document:
    if member.what is not None and member.what.kind == "zip":
        if nested:
            raise UnreadableError(messages.ARCHIVE_TOO_DEEP)
        return read(member.body, reader, nested=True)
    return reader(member.body, name=member.name)


def _members(body: bytes, notes: list[str]) -> list[_Member]:
    """Members that some reader may take, the ones named like a report first."""
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            check_sizes(entries, "ZIP 压缩包")
            named = [(_name(entry), entry) for entry in entries]
            named = [(name, entry) for name, entry in named if not _SYSTEM.search(name)]
            outside = [name for name, _ in named if _OUTSIDE.search(name)]
            if outside:
                notes.append(messages.names_outside(len(outside)))
            wanted = [(n, e) for n, e in named if n not in outside and 0 < e.file_size <= MAX_BYTES]
            wanted.sort(key=lambda pair: (not _REPORT.search(pair[0]), -pair[1].file_size))
            found = [_Member(name, archive.read(entry), None) for name, entry in wanted[: 4 * MAX_MEMBERS]]
    except DAMAGED as error:
        raise UnreadableError(messages.damaged_package("ZIP 压缩包", error)) from error
    known: list[_Member] = []
    for member in found:
        try:
            known.append(replace(member, what=sniff.binary(member.body)))
        except UnreadableError as error:
            notes.append(messages.member_unreadable(member.name, error))
    documents = [m for m in known if not (m.what and m.what.kind == "image")]
    if len(documents) > MAX_MEMBERS:
        notes.append(messages.members_cut(MAX_MEMBERS, len(documents)))
    return documents[:MAX_MEMBERS] + [m for m in known if m not in documents]


def _name(entry: zipfile.ZipInfo) -> str:
    """The member's name; packers on Chinese systems write GBK without saying so."""
    if entry.flag_bits & _FLAG_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _rank(document: Document) -> tuple[int, int]:
    """How many of a report's wordings a document has, and its length."""
    parts: list[str] = [document.text, document.title or ""]
    for block in document.blocks:
        if isinstance(block, Grid):
            parts += [cell.text for row in block.rows for cell in row if cell is not None]
        else:
            parts.append(block.text)
    text = "".join(parts)
    return len(page.marks(text[:MAX_SCORED])), len(text)


def _pictures(pictures: Sequence[_Member], notes: list[str]) -> tuple[str, Document] | None:
    """All pictures as the pages of one scan, in the order of their names."""
    ordered = sorted(
        pictures, key=lambda m: [(int(d), "") if d.isdigit() else (0, d) for d in re.split(r"(\d+)", m.name)]
    )
    try:
        scanned = ocr.read_all([(m.body, m.what.what if m.what else "图片") for m in ordered])
    except UnreadableError as error:
        notes.append(messages.archive_pictures_unreadable(len(ordered), error))
        return None
    return messages.pictures_named(len(ordered)), scanned


def _title(name: str) -> str | None:
    stem = name.rpartition("/")[2].rpartition(".")[0]
    return stem if lines.looks_like_title(stem) else None
