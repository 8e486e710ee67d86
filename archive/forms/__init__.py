"""The statutory forms as data.

``terms.yml`` says once what every line and column is called; ``2019.yml`` and
``2021.yml`` put them in the order of the official forms. The matcher, the
identities, the database columns, the data dictionary and the page that shows a
report are all derived from what this module reads.

Sources: 国办公开办函〔2019〕60号 and 国办公开办函〔2021〕30号,
《政府信息公开工作年度报告格式》.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from archive.packaged import read_yaml

Kind = Literal["count", "change", "amount"]

#: Tables 2, 3 and 4 of the form, in its order.
TABLES = ("disclosure", "requests", "reviews")
FORM_KEYS = ("2019", "2021")


@dataclass(frozen=True, slots=True)
class Term:
    """A line or a column: its key, its official wording and what is known of it."""

    key: str
    zh: str
    en: str
    variants: tuple[str, ...] = ()
    unit: str = "件"
    kind: Kind = "count"
    group: str | None = None

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every wording to match, the official one first."""
        return (self.zh, *self.variants)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that share one header: the whole of Tables 3 and 4, one article of Table 2."""

    rows: tuple[Term, ...]
    columns: tuple[Term, ...]
    group: Term | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one form."""

    key: str
    form: str
    zh: str
    en: str
    blocks: tuple[Block, ...]
    #: Table 3 only: first and last line of those that R3 adds up.
    outcomes: tuple[str, str] | None = None

    @property
    def rows(self) -> tuple[Term, ...]:
        return tuple(row for block in self.blocks for row in block.rows)

    def cells(self) -> Iterator[tuple[Term, Term]]:
        """Every (line, column) the form has, in reading order."""
        for block in self.blocks:
            for row in block.rows:
                for column in block.columns:
                    yield row, column

    def columns_of(self, row: str) -> tuple[Term, ...]:
        """The columns of one line; raises ``KeyError`` for a line the form has not."""
        for block in self.blocks:
            if any(term.key == row for term in block.rows):
                return block.columns
        raise KeyError(f"form {self.form} has no line {row!r} in table {self.key!r}")

    @property
    def outcome_rows(self) -> tuple[str, ...]:
        """Keys of the lines whose sum is ``concluded`` (identity R3)."""
        if self.outcomes is None:
            return ()
        keys = [row.key for row in self.rows]
        first, last = self.outcomes
        return tuple(keys[keys.index(first) : keys.index(last) + 1])


@dataclass(frozen=True, slots=True)
class Form:
    """One official form: its key, legal basis and tables."""

    key: str
    basis: str
    issued_for: tuple[int, int | None]
    tables: Mapping[str, Table]


def _term(key: str, entry: Mapping[str, Any]) -> Term:
    return Term(
        key=key,
        zh=entry["zh"],
        en=entry["en"],
        variants=tuple(entry.get("variants", ())),
        unit=entry.get("unit", "件"),
        kind=entry.get("kind", "count"),
        group=entry.get("group"),
    )


def _reworded(term: Term, wording: str | None) -> Term:
    if wording is None or wording == term.zh:
        return term
    others = tuple(w for w in term.wordings if w != wording)
    return Term(term.key, wording, term.en, others, term.unit, term.kind, term.group)


@cache
def terms(table: str) -> Mapping[str, Mapping[str, Term]]:
    """``{"groups" | "rows" | "columns": {key: Term}}`` of one table, all forms together."""
    entry = read_yaml(__package__, "terms.yml")[table]
    return {
        part: {key: _term(key, value) for key, value in entry.get(part, {}).items()}
        for part in ("groups", "rows", "columns")
    }


@cache
def form(key: str) -> Form:
    """The form with this key (``"2019"`` or ``"2021"``)."""
    if key not in FORM_KEYS:
        raise KeyError(f"no form {key!r}; known: {', '.join(FORM_KEYS)}")
    data = read_yaml(__package__, f"{key}.yml")
    labels: Mapping[str, str] = data.get("labels", {})
    titles = read_yaml(__package__, "terms.yml")
    tables = {}
    for name, entry in data["tables"].items():
        known = terms(name)
        blocks = tuple(
            Block(
                rows=tuple(_reworded(known["rows"][k], labels.get(k)) for k in block["rows"]),
                columns=tuple(_reworded(known["columns"][k], labels.get(k)) for k in block["columns"]),
                group=known["groups"][block["group"]] if "group" in block else None,
            )
            for block in entry["blocks"]
        )
        outcomes = entry.get("outcomes")
        tables[name] = Table(
            key=name,
            form=key,
            zh=titles[name]["zh"],
            en=titles[name]["en"],
            blocks=blocks,
            outcomes=(outcomes[0], outcomes[1]) if outcomes else None,
        )
    first, last = data["issued_for"]
    return Form(key=key, basis=data["basis"], issued_for=(first, last), tables=tables)


def forms() -> tuple[Form, ...]:
    """All forms, oldest first."""
    return tuple(form(key) for key in FORM_KEYS)


@cache
def columns(table: str) -> tuple[Term, ...]:
    """Every column any form gives this table, in the order of ``terms.yml``."""
    return tuple(terms(table)["columns"].values())
