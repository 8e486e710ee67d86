"""The body of a table of rows as HTML: a template takes ten times as long for each of thousands of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from datasette.utils import to_css_class
from markupsafe import Markup, escape

from archive.site.safety import plain
from archive.site.words import number

#: No code is longer, nor the place of a finding.
_CODE = 100

Cell = Mapping[str, Any]
Coded = Callable[[str, str, object], str | None]
Title = Callable[[str, str], str]


def body(table: str, rows: Iterable[Iterable[Cell]], coded: Coded, title: Title) -> Markup:
    """The lines of a table page; ``rows`` as Datasette gives them, their markup already safe."""
    starts: dict[tuple[str, str], str] = {}
    words: dict[tuple[str, object], str | None] = {}
    parts: list[str] = []
    for row in rows:
        parts.append("<tr>")
        for cell in row:
            column, raw, kind = cell["column"], cell["raw"], cell["value_type"]
            begin = starts.get((column, kind))
            if begin is None:
                begin = starts[column, kind] = _start(column, kind, title(table, column))
            parts.append(begin)
            parts.append(_text(table, column, raw, kind, cell["value"], coded, words))
            parts.append("</td>")
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 - every part was escaped


def _start(column: str, kind: str, label: str) -> str:
    names = f"col-{escape(to_css_class(column))} type-{escape(kind)}"
    return f'<td class="{names}" data-label="{escape(plain(label))}">'


def _text(
    table: str,
    column: str,
    raw: Any,
    kind: str,
    value: object,
    coded: Coded,
    words: dict[tuple[str, object], str | None],
) -> str:
    if raw is None:
        return str(escape(plain(value)))
    if kind == "float":
        return number(raw)
    if kind == "str" and len(raw) < _CODE:
        code = words.get((column, raw), "")
        if code == "":
            code = words[column, raw] = coded(table, column, raw)
        if code is not None:
            return f'<span title="{escape(plain(raw))}">{escape(plain(code))}</span>'
    return str(escape(plain(value)))


def answer(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    coded: Coded,
    title: Callable[[str | None, str], str],
    shown: Callable[[str, Any], str],
) -> Markup:
    """The lines of a query's answer, as the database gave them; ``shown`` makes HTML of what is no number."""
    starts = [_of_answer(column, title(None, column)) for column in columns]
    texts: dict[tuple[str, object], str] = {}  # most come again in the next row
    parts: list[str] = []
    for row in rows:
        parts.append("<tr>")
        for column, (text, figure, has_words), raw in zip(columns, starts, row, strict=True):
            if isinstance(raw, int | float):
                parts.append(f"{figure}{number(raw)}</td>")
                continue
            told = texts.get((column, raw))
            if told is None:
                code = coded("findings", column, raw) if has_words and raw else None
                told = str(escape(plain(code))) if code else shown(column, raw)
                texts[column, raw] = told = f"{text}{told}</td>"
            parts.append(told)
        parts.append("</tr>\n")
    return Markup("".join(parts))  # noqa: S704 - every part was escaped


def _of_answer(column: str, label: str) -> tuple[str, str, bool]:
    """How a cell of a text begins, and of a number; whether the column's texts may be codes."""
    name, said = escape(to_css_class(column)), escape(plain(label))
    kind = "" if column == "year" else " type-int"
    text, figure = (f'<td class="col-{name}{more}" data-label="{said}">' for more in ("", kind))
    return text, figure, column in ("at", "blame", "identity")
