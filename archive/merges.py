"""What dedupe joined into one report, and what a decision took out of it again: to be read and compared.

Reads only; ``Store.split`` and ``Store.join`` write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive import near, textdiff
from archive.candidates import Candidate, CellKey, CellState
from archive.errors import ArchiveError, named
from archive.placing import division_of
from archive.rows import Row, figures
from archive.shelf import candidates


class NotMergedError(ArchiveError):
    """The document is not what was asked for: joined to no report, taken out already, or not taken out."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that two originals do not agree on; ``None`` where an original has no such cell."""

    cell: CellKey
    left: CellState | None
    right: CellState | None


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """The archive at ``path``, read-only and in one state, while others may write."""
    with named(path):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.execute("BEGIN")
            yield Database(connection)
        finally:
            connection.close()


_MERGED = """
    SELECT c.report, a.name AS agency, r.year, c.document, c.url, c.reason, c.likeness, c.text_likeness,
        r.document AS current, d.url AS current_url, oa.name AS other_agency
    FROM copies AS c JOIN reports AS r ON r.id = c.report JOIN agencies AS a ON a.id = r.agency
    JOIN documents AS d ON d.id = r.document JOIN documents AS o ON o.id = c.document
    LEFT JOIN reports AS ore ON ore.id = o.report AND ore.id <> c.report
    LEFT JOIN agencies AS oa ON oa.id = ore.agency
    WHERE (:report IS NULL OR c.report = :report) AND (:reason IS NULL OR c.reason = :reason)
    ORDER BY a.name, r.year, c.report, c.url, c.document
"""

_SPLIT = """
    SELECT s.report, a.name AS agency, r.year, s.document, s.url, s.reason, s.decided_at
    FROM splits AS s JOIN reports AS r ON r.id = s.report JOIN agencies AS a ON a.id = r.agency
    WHERE :report IS NULL OR s.report = :report ORDER BY a.name, r.year, s.report, s.url
"""


def merged(db: Database, *, report: int | None = None, reason: str | None = None) -> list[Row]:
    """The copies: report, agency, year, document, url, reason, likeness, text_likeness, current,
    current_url, other_agency (of a near copy: whose report it is as it reads)."""
    return list(db.query(_MERGED, {"report": report, "reason": reason}))


def split(db: Database, *, report: int | None = None) -> list[Row]:
    """The decisions: report, agency, year, document, url, reason, decided_at."""
    return list(db.query(_SPLIT, {"report": report}))


def report_of(db: Database, document: int) -> tuple[int, Candidate]:
    """The report that an original belongs to, and the original as dedupe weighs it.

    Raises ``NotMergedError`` for one that carries none.
    """
    row = next(iter(db.query("SELECT report, outcome, reason FROM documents WHERE id = ?", [document])), None)
    if row is None:
        raise NotMergedError(f"document {document}: the archive has none with this number")
    held = originals(db, row["report"]) if row["report"] is not None else []
    found = next((one for one in held if one.document == document), None)
    if found is None:
        why = f" ({row['reason']})" if row["reason"] else ""
        raise NotMergedError(f"document {document} carries no report: it is {row['outcome']}{why}")
    return row["report"], found


def side(db: Database, document: int) -> tuple[int | None, Candidate]:
    """The same for an original to be compared: one that is nobody's report has what it says all the same.

    The report is then the one it is a near copy of, if it is of any.
    """
    text = near.aside(db, document)
    if text is None:
        return report_of(db, document)
    url, sha256, rows = text
    return next(iter(near.of_report(db, document)), None), Candidate(
        document=document,
        url=url,
        sha256=sha256,
        role="page",
        page_url=None,
        home=False,
        published_on=None,
        content_hash="",
        text_hash="",
        parser="",
        figures=figures(rows),
        seen=(),
        sentences=textdiff.sentences(rows["sections"]),
    )


def originals(db: Database, report: int) -> list[Candidate]:
    """All originals of a report, those taken out included."""
    return candidates(db, report, division_of(db, report))


def differences(
    left: Mapping[CellKey, CellState], right: Mapping[CellKey, CellState], *, everything: bool = False
) -> list[Difference]:
    """The cells in which two originals differ, in value or status; with ``everything`` all of them."""
    pairs = [Difference(cell, left.get(cell), right.get(cell)) for cell in sorted({*left, *right})]
    return [pair for pair in pairs if everything or pair.left != pair.right]
