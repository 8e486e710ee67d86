"""The data dictionary: every table and column, the statutory forms, identities and codes. All from data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive import forms, metadata, schema
from archive.forms import indicators
from archive.site.i18n import Words, keys_under

#: In the order in which they are explained.
STATUSES = ("exact", "inferred", "blank", "dash", "ambiguous", "unreadable", "missing")
IDENTITIES = (
    *("R1", "R2", "R3", "V1", "Y1", "Y2", "Y3", "H1"),
    *("N1", "N2", "N3", "N4", "N5", "N6", "N7"),
    *("I1", "I2", "I3", "I4", "I5", "I6"),
)
#: Columns whose values are codes: their keys in i18n.yml and the codes, in the order of the work.
CODES = (
    ("kind", ("government", "office", "department", "township", "zone", "other")),
    ("level", ("province", "prefecture", "county", "zone")),
    ("report.form", ("2014", "provincial", "2019", "2021", "mixed")),
    ("verdict", ("pass", "fail", "not_assessable")),
    ("blame", ("issuer", "possibly_ours")),
    ("coverage", ("filed", "late", "undated", "missing", "blocked")),
    (
        "outcome",
        ("current", "copy", "superseded", "split", "part", "unassigned", "unreadable", "refused"),
    ),
    ("role", ("page", "attachment")),
    ("reason", ("mirror", "attachment", "page", "differs", "no_figures", "near")),
    ("scope", ("report", "across", "archive")),
    ("standing", ("ok", "partial", "blocked", "broken", "gone", "unreachable", "unverified")),
    # Long lists, of which i18n.yml is the only one.
    *((prefix, keys_under(prefix)) for prefix in ("ended", "finding", "issue")),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the page lists it."""

    name: str
    title: str
    meaning: str
    type: str
    unit: str
    references: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    name: str
    title: str
    note: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line or column of a form: its key, its wording in each form that has it, English and unit."""

    key: str
    wordings: tuple[str, ...]
    """One a form, in the order of ``FORMS``; empty where that form has it not."""
    en: str
    unit: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """One statutory table over all forms."""

    key: str
    title: str
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]


FORMS = tuple(forms.FORM_KEYS)


def tables(words: Words) -> tuple[Table, ...]:
    """Every table of the archive with its columns."""
    return tuple(_table(definition, words) for definition in schema.TABLES)


def _table(definition: schema.TableDef, words: Words) -> Table:
    columns = tuple(
        Column(
            column.name,
            " / ".join(metadata.wordings(definition.name, column.name)) or column.zh
            if definition.name in forms.TABLES
            else column.zh,
            column.en,
            column.type,
            words.code("unit", column.unit) if column.unit else "",
            column.references,
        )
        for column in definition.columns
    )
    note = words.pick(*metadata.notes(definition.name))
    return Table(definition.name, words.pick(definition.zh, definition.en), note, definition.key, columns)


def statutory(words: Words) -> tuple[Form, ...]:
    """Tables 2, 3 and 4: every line and column with its wording by form."""
    return tuple(
        Form(
            key,
            words.pick(forms.form("2021").tables[key].zh, forms.form("2021").tables[key].en),
            *_terms(key),
        )
        for key in forms.TABLES
    )


def _terms(key: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    known = forms.terms(key)
    of_form = [forms.form(form).tables[key] for form in FORMS]

    def lines(part: str, found: Sequence[dict[str, forms.Term]]) -> tuple[Line, ...]:
        return tuple(
            Line(
                term.key,
                tuple(terms[term.key].zh if term.key in terms else "" for terms in found),
                term.en,
                term.unit if part == "columns" else "",
            )
            for term in known[part].values()
        )

    rows = [{term.key: term for term in table.rows} for table in of_form]
    columns = [{c.key: c for block in table.blocks for c in block.columns} for table in of_form]
    return lines("rows", rows), lines("columns", columns)


def listed() -> tuple[Line, ...]:
    """The indicator list of 2014, headings included, indented by what a line is counted beneath."""
    national = indicators.national()
    return tuple(
        Line(line.key, (line.full,), line.en, line.unit or "", national.depth(line.key))
        for line in national.lines.values()
    )
