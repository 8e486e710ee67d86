"""An original and those it goes on in → one document.

An article may be split over pages (``t20240129_7_1.shtml``), and its text may be
pictures of paper. Each of these is an original of its own in the archive; what
they say together is one report. Pictures that follow each other are read as the
pages of one scan, so that a table may run on from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import is_

from archive.records import PART_MISSING, PART_UNREAD, Document, Finding, Grid, GridCell, Paragraph, Snapshot
from pipelines import readers
from pipelines.readers import UnreadableError, ocr, sniff
from pipelines.text import calm

#: Pixels. A page of paper on which digits can be told is 500 wide; what is smaller both ways is an icon or
#: a QR code.
MIN_PICTURE = 400


@dataclass(frozen=True, slots=True)
class _Read:
    """What some parts together say, or why they say nothing."""

    first: Snapshot
    document: Document | None
    problem: str | None = None


def read(snapshot: Snapshot) -> tuple[Document, tuple[Finding, ...]]:
    """Read an original with its parts; a part that cannot be read is a finding.

    Raises ``UnreadableError`` if the original itself cannot be read.
    """
    document = readers.read(
        snapshot.body, media_type=snapshot.media_type, charset=snapshot.charset, name=snapshot.url
    )
    document = _calm(document)
    if not snapshot.parts and not snapshot.context.parts:
        return document, ()
    found = list(_parts(snapshot.parts))
    findings = [*_missing(snapshot), *(_unread(one) for one in found if one.problem is not None)]
    documents = [(number, _calm(one.document)) for number, one in enumerate(found, start=2) if one.document]
    return _joined(document, documents), tuple(findings)


def _calm(document: Document) -> Document:
    """The document without endless runs of white space; see ``text.calm``.

    Nor with paragraphs of nothing else, of which many in a row are such a run.
    """
    text = calm(document.text)
    kept = [block for block in document.blocks if isinstance(block, Grid) or block.text.strip()]
    blocks = tuple(_calm_block(block) for block in kept)
    same = text is document.text and len(kept) == len(document.blocks) and all(map(is_, blocks, kept))
    return document if same else replace(document, blocks=blocks, text=text)


def _calm_block(block: Paragraph | Grid) -> Paragraph | Grid:
    if isinstance(block, Grid):
        return block
    text = calm(block.text)
    return block if text is block.text else replace(block, text=text)


def _parts(parts: Sequence[Snapshot]) -> Iterator[_Read]:
    """Further pages one by one, runs of pictures as one scan each."""
    for number, run in groupby(enumerate(parts), key=_run):
        members = [part for _, part in run]
        if number is None:
            for part in members:
                yield _page(part)
        else:
            yield from _pictures(members)


def _run(entry: tuple[int, Snapshot]) -> int | None:
    """The same number for pictures that follow each other without a gap; ``None`` for what is no picture."""
    place, part = entry
    return (part.context.part or 0) - place if _is_picture(part) else None


def _is_picture(part: Snapshot) -> bool:
    try:
        found = sniff.binary(part.body)
    except UnreadableError:
        return False
    return found is not None and found.kind == "image"


def _page(part: Snapshot) -> _Read:
    try:
        return _Read(
            part,
            readers.read(part.body, media_type=part.media_type, charset=part.charset, name=part.url),
        )
    except UnreadableError as error:
        return _Read(part, None, str(error))


def _pictures(parts: Sequence[Snapshot]) -> Iterator[_Read]:
    """Pictures as the pages of one scan; one that is damaged parts what is before it from what follows."""
    sound: list[tuple[bytes, str]] = []
    first: Snapshot | None = None
    for part in parts:
        what = sniff.binary(part.body)
        assert what is not None, "only pictures come here"
        try:
            width, height = ocr.size(part.body, what.what)
        except UnreadableError as error:
            if first is not None:
                yield from _scan(first, sound)
            yield _Read(part, None, str(error))
            first, sound = None, []
            continue
        if max(width, height) >= MIN_PICTURE:
            first = first or part
            sound.append((part.body, what.what))
    if first is not None:
        yield from _scan(first, sound)


def _scan(first: Snapshot, pictures: Sequence[tuple[bytes, str]]) -> Iterator[_Read]:
    try:
        yield _Read(first, ocr.read_all(pictures))
    except ocr.TextlessError:
        return  # a photograph: no failure, and nothing that a later reading would mend
    except ocr.NotInstalledError:
        yield _Read(first, None, "本机没有安装图片识别（pip install gongkai[ocr]）")
    except UnreadableError as error:
        yield _Read(first, None, str(error))


def _unread(one: _Read) -> Finding:
    return Finding(PART_UNREAD, f"本文的续页或图片没有读出：{one.problem}", one.first.url)


def _missing(snapshot: Snapshot) -> Iterator[Finding]:
    """What the page leads to and no one could fetch."""
    there = {part.context.part for part in snapshot.parts}
    absent = [str(n) for n in range(1, (snapshot.context.parts or 0) + 1) if n not in there]
    if absent:
        listed = "、".join(absent)
        message = (
            f"本文另有{snapshot.context.parts}个续页或图片，其中第{listed}个没有取到，所读内容可能不完整"
        )
        yield Finding(PART_MISSING, message)


def _joined(page: Document, parts: Sequence[tuple[int, Document]]) -> Document:
    """One document in the order of its parts; every place says in which of them, the page being the first."""
    if not parts:
        return page
    whole = [(1, page), *parts]
    scanned = any(document.kind == "scan" for _, document in whole)
    notes = [f"第{number}部分：{note}" for number, document in parts for note in document.notes]
    return replace(
        page,
        kind="scan" if scanned else page.kind,
        blocks=tuple(_placed(block, number) for number, document in whole for block in document.blocks),
        text="\n".join(document.text for _, document in whole if document.text),
        notes=(*page.notes, f"本页与随后的 {len(parts)} 部分（续页或图片）合并阅读", *notes),
    )


def _placed(block: Paragraph | Grid, number: int) -> Paragraph | Grid:
    where = f"part[{number}]/{block.where}"
    if isinstance(block, Paragraph):
        return replace(block, where=where)

    def cell(one: GridCell | None) -> GridCell | None:
        # A cell that a page break cut carries the places of both halves.
        return one and replace(one, where="+".join(f"part[{number}]/{half}" for half in one.where.split("+")))

    return replace(block, where=where, rows=tuple(tuple(map(cell, row)) for row in block.rows))
