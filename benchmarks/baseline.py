"""What a user would do instead: ``pandas.read_html``, then the label that contains the words.

Written as such a script is written, with nothing left out that a careful user would think
of: the table is found by a word, the line by its label without the numbering, commas and
units are stripped, the last columns are taken.
"""

from __future__ import annotations

import io
import re
from typing import Any

from archive import forms
from archive.forms import indicators
from tests.layouts import Value

#: A word that only the table in question has.
_WORDS = {"disclosure": "信息内容", "requests": "本年新收政府信息公开申请", "reviews": "复议后起诉"}
_COUNT = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:件|条|项|万元)?")


def _plain(text: object) -> str:
    return re.sub(r"\s+", "", "" if text is None else str(text))


def _label(text: str) -> str:
    """The wording without its enumerator and what stands in brackets."""
    return re.sub(r"^(?:[一二三四五六七]、|[（(][一二三四五六七][)）]|\d\.)|[（(].*", "", text)


def _value(text: object) -> Value:
    match = _COUNT.fullmatch(_plain(text).replace(",", ""))
    if match is None:
        return None
    number = float(match[1])
    return int(number) if number == int(number) else number  # type: ignore[return-value]  # as pandas has it


def _tables(body: bytes) -> list[list[list[Any]]]:
    import pandas

    try:
        frames = pandas.read_html(io.StringIO(body.decode("utf-8", "replace")), header=None, flavor="lxml")
    except ValueError:  # pandas: no tables found
        return []
    tables = []
    for frame in frames:
        whole = frame.astype(object).where(frame.notna(), None)
        heads = [list(head) if isinstance(head, tuple) else [head] for head in frame.columns]
        tables.append([*map(list, zip(*heads, strict=False)), *whole.values.tolist()])
    return tables


def _find(tables: list[list[list[Any]]], word: str) -> list[list[Any]]:
    for rows in tables:
        if any(word in _plain(cell) for row in rows for cell in row):
            return rows
    return []


def _list(tables: list[list[list[Any]]]) -> dict[tuple[str, str, str], Value]:
    """The list of 2014: the first line whose label contains the words, its last cell."""
    found: dict[tuple[str, str, str], Value] = {}
    lines = [line for rows in tables for line in rows]
    for one in indicators.national().figures:
        label = _label(_plain(one.zh.replace("其中：", "")))
        line = next((cells for cells in lines if any(label in _plain(cell) for cell in cells)), None)
        if line is not None:
            found[indicators.TABLE, one.key, "year"] = _value(line[-1])
    return found


def read(body: bytes, form: str) -> dict[tuple[str, str, str], Value]:
    """(table, line, column) → number, for what the script finds."""
    tables = _tables(body)
    if form == indicators.NATIONAL:
        return _list(tables)
    found: dict[tuple[str, str, str], Value] = {}
    for key, table in forms.form(form).tables.items():
        rows = _find(tables, _WORDS[key])
        if key == "reviews":
            places = [(row.key, term.key) for row in table.rows for term in table.columns_of(row.key)]
            for (row_key, column), text in zip(places, rows[-1][-15:] if rows else [], strict=False):
                found[key, row_key, column] = _value(text)
            continue
        for row in table.rows:
            columns = table.columns_of(row.key)
            label = _label(_plain(row.zh))
            line = next((cells for cells in rows if any(label in _plain(cell) for cell in cells)), None)
            if line is None:
                continue
            at = max(i for i, cell in enumerate(line) if label in _plain(cell))
            values = line[-7:] if key == "requests" else line[at + 1 : at + 1 + len(columns)]
            for term, text in zip(columns, values, strict=False):
                found[key, row.key, term.key] = _value(text)
    return found
