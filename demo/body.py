"""A report as a sequence of blocks, which each renderer draws in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive import forms
from demo import indicators, layout
from demo.prose import write
from demo.publication import Publication

_TABLE_OF_SECTION = {2: "disclosure", 3: "requests", 4: "reviews"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    text: str
    kind: Literal["title", "heading", "paragraph", "signature"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A table."""

    sheet: layout.Sheet


Block = Line | Drawn


def blocks(publication: Publication, seed: int) -> tuple[Block, ...]:
    """The whole report in reading order."""
    if publication.listed is not None:
        return _with_list(publication, publication.listed, seed)
    text = write(publication, seed)
    made: list[Block] = []
    if publication.headline:
        made.append(Line(publication.title, "title"))
    made += [Line(paragraph, "paragraph") for paragraph in text.preface]
    for number, (heading, paragraphs) in enumerate(text.sections, start=1):
        made.append(Line(heading, "heading"))
        made += [Line(paragraph, "paragraph") for paragraph in paragraphs]
        if number in _TABLE_OF_SECTION:
            if number == 2 and publication.extra:
                made.append(Drawn(layout.plain(publication.extra)))
            made.append(Drawn(sheet(publication, _TABLE_OF_SECTION[number])))
    made += [Line(line, "signature") for line in text.signature]
    return tuple(made)


def _with_list(publication: Publication, listed: indicators.Listed, seed: int) -> tuple[Block, ...]:
    """A report of the years before 2019: headings of its own, the list at its end."""
    text = write(publication, seed)
    made: list[Block] = [Line(publication.title, "title")]
    made += [Line(paragraph, "paragraph") for paragraph in text.preface]
    for heading, paragraphs in text.sections:
        made.append(Line(heading, "heading"))
        made += [Line(paragraph, "paragraph") for paragraph in paragraphs]
    made += [Line(line, "signature") for line in text.signature]
    made.append(Line("附件：", "paragraph"))
    made.append(Drawn(indicators.sheet(listed, publication.shown, publication.style.numbers)))
    return tuple(made)


def sheet(publication: Publication, key: str) -> layout.Sheet:
    """One statutory table of a report."""
    table = forms.form(publication.form_of[key]).tables[key]

    def printed(row: str, column: str) -> str:
        return publication.printed(key, row, column)

    if key == "disclosure":
        return layout.disclosure(table, printed, publication.glued_in(key))
    if key == "requests":
        return layout.requests(table, printed)
    return layout.reviews(table, printed)


def empty_sheets(form: str) -> tuple[layout.Sheet, ...]:
    """The three tables with nothing in them, as a circular hands them out."""

    def nothing(row: str, column: str) -> str:
        return ""

    tables = forms.form(form).tables
    return (
        layout.disclosure(tables["disclosure"], nothing),
        layout.requests(tables["requests"], nothing),
        layout.reviews(tables["reviews"], nothing),
    )
