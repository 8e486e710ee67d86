"""Is what was worked out from the tables what working it out anew gives? Changes nothing.

The whole index is compared in a temporary copy, as large as the index itself.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from archive.derived import counts, filing, reasons, search, totals
from archive.derived.search import COLUMNS, ROWS, TABLE, Entry
from archive.schema import TABLES

#: So that a sample taken again, after a repair, is the same.
SEED = 20240101
#: Words looked up of each report of a sample: as many as a page of prose has, one after another.
_STRETCH = 400
_COPY, _TEXTS = "_search_proof", "_search_texts"
#: The parts an FTS5 index without content is kept in.
_PARTS = ("data", "idx", "docsize", "config")


def totals_wrong(db: Database) -> list[str]:
    """Sums by province or division, and refusals by reason, that are not what their reports make."""
    with totals.gathered(db):
        lines = [line for kept in totals.EVERY for line in _sums_wrong(db, kept)]
    return lines + reasons.wrong(db)


def _sums_wrong(db: Database, kept: totals.Kept) -> Iterator[str]:
    """Only groups that differ are held in memory, of which there are as many as divisions and years."""
    columns = ", ".join(kept.columns)
    there, wanted = f"SELECT {columns} FROM {kept.table}", f"SELECT * FROM ({totals.recounted(kept)})"
    differing: dict[tuple[Any, ...], list[totals.Row | None]] = {}
    for at, sql in enumerate((f"{there} EXCEPT {wanted}", f"{wanted} EXCEPT {there}")):
        for row in db.query(sql):
            group = tuple(row[name] for name in kept.group)
            differing.setdefault(group, [None, None])[at] = row
    for group in sorted(differing):
        yield f"{kept.table} {' '.join(map(str, group))}: {_difference(*differing[group])}"


def _difference(kept: totals.Row | None, wanted: totals.Row | None) -> str:
    if kept is None or wanted is None:
        return "missing" if kept is None else "no report is in this group"
    differing = [name for name in wanted if kept.get(name) != wanted[name]]
    return ", ".join(f"{name} is {kept.get(name)}, the reports make {wanted[name]}" for name in differing)


def counts_wrong(db: Database) -> list[str]:
    """Counts that counting does not give."""
    return [*(line for table in TABLES for line in counts.wrong(db, table)), *filing.wrong(db)]


def search_wrong(db: Database, *, sample: int | None = None) -> list[str]:
    """Where the search index is not what the reports' texts make.

    The whole index is copied into a temporary file, where FTS5's own check compares every
    word and place in it with the texts; of a sample it is asked for what it should find.
    """
    lines = _rows_wrong(db)
    if lines:
        return lines
    return [*_whole(db)] if sample is None else [*_sampled(db, sample)]


def _rows_wrong(db: Database) -> list[str]:
    lines = []
    for row in db.query(f"SELECT id FROM reports WHERE id NOT IN (SELECT report FROM {ROWS})"):
        lines.append(f"report {row['id']}: not in the search index")
    for row in db.query(f"SELECT report FROM {ROWS} WHERE report NOT IN (SELECT id FROM reports)"):
        lines.append(f"report {row['report']}: in the search index, but not in the archive")
    sql = f"""
        SELECT s."row", s.report, r.year, r.published_on FROM {ROWS} AS s JOIN reports AS r ON r.id = s.report
    """
    for row in db.query(sql):
        first = search.day_number(row["year"], row["published_on"]) << search.WITHIN_DAY
        if not first <= row["row"] < first + (1 << search.WITHIN_DAY):
            lines.append(f"report {row['report']}: stands in the search index under another day than its own")
    return lines


def _whole(db: Database) -> Iterator[str]:
    connection, columns = db.conn, ", ".join(COLUMNS)
    last: list[Entry | None] = [None]

    def words(report: int, column: int) -> str:
        entry = last[0]
        if entry is None or entry.report != report:
            last[0] = entry = search.entry(db, report)
        return "" if entry is None else entry.words[column]

    connection.create_function("_search_words", 2, words)
    connection.execute("SAVEPOINT proof")  # all of it is undone, whether a transaction is open or not
    asked = ", ".join(f"_search_words(report, {n}) AS {name}" for n, name in enumerate(COLUMNS))
    try:
        connection.execute(f'CREATE TEMP VIEW {_TEXTS} AS SELECT "row", {asked} FROM main.{ROWS}')
        connection.execute(
            f"CREATE VIRTUAL TABLE temp.{_COPY} USING fts5({columns}, content='{_TEXTS}',"
            " content_rowid='row', tokenize='ascii')"
        )
        for part in _PARTS:
            connection.execute(f"DELETE FROM temp.{_COPY}_{part}")
            connection.execute(f"INSERT INTO temp.{_COPY}_{part} SELECT * FROM main.{TABLE}_{part}")
        # 1: with the texts as well, not the index by itself only.
        connection.execute(f"INSERT INTO temp.{_COPY} ({_COPY}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        yield f"the search index is not what the texts make ({error})"
    finally:
        connection.execute("ROLLBACK TO proof")
        connection.execute("RELEASE proof")
        connection.create_function("_search_words", 2, None)


def _sampled(db: Database, size: int) -> Iterator[str]:
    found = [row["report"] for row in db.query(f"SELECT report FROM {ROWS} ORDER BY report")]
    chance = random.Random(SEED)  # noqa: S311 - no secret
    for report in sorted(chance.sample(found, min(size, len(found)))):
        entry = search.entry(db, report)
        assert entry is not None, "it was compared with the reports before"
        for name, words in zip(COLUMNS, entry.words, strict=True):
            listed = words.split()
            for start in range(0, len(listed), _STRETCH):
                stretch = " ".join(listed[start : start + _STRETCH])
                sql = f"""
                    SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH ?
                    AND rowid = (SELECT "row" FROM {ROWS} WHERE report = ?)
                """
                if db.execute(sql, [f'{name} : "{stretch}"', report]).fetchone() is None:
                    yield f"report {report}: a stretch of its {name} is not found by the search index"
                    break
