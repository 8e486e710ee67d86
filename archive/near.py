"""Texts that may be one report: what is kept to find them, and what is found.

``_texts`` has a row for each report whose figures tell it from others, under its current original, and for
each original that is a report of nobody certain, with its rows; ``_bands`` the keys under which two texts
that are nearly alike meet (``pipelines.near`` makes them). A row without ``digest`` waits to be signed;
``_signed`` has the signatures that readers made of texts whose turn has not come, and is empty when all have
had theirs. Nothing here compares all with all: a text meets those that share a key with it.

What is found is laid over a report like all that others tell of it (``overlay``), as ``copies`` with the
reason ``near``; a decision against one stands in ``splits`` as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from archive import statements
from archive.rows import Row, Rows, Signed
from archive.shelf import pack, take, unpack

NEAR = "near"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it is compared."""

    document: int
    url: str
    report: int | None
    """Report whose figures are from it; ``None`` for an original that is nobody's."""
    agency: int | None
    agency_name: str | None
    year: int | None
    signature: bytes
    rows: Rows


@dataclass(frozen=True, slots=True)
class Near:
    """Another place with nearly the same text and no other figure."""

    document: int
    url: str
    likeness: float
    text_likeness: float


def put_aside(db: Database, document: int, year: int | None, rows: Rows) -> None:
    """Keep what an original says that is a report of nobody certain; it is signed later."""
    packed = pack({name: rows[name] for name in rows if name != "findings"})
    statements.insert(db, "_texts", {"document": document, "year": year, "rows": packed})


def keep_signed(db: Database, document: int, signed: Signed) -> None:
    """Keep what a reader made until the text's turn comes."""
    row = {"document": document, "digest": signed.digest, "signature": signed.signature}
    statements.insert(db, "_signed", row, replace=True)


def take_signed(db: Database, document: int, digest: str) -> bytes | None:
    """The signature that a reader made of exactly this text, no longer kept; ``None`` where none did."""
    row = statements.first(db, "SELECT digest, signature FROM _signed WHERE document = ?", [document])
    if row is None:
        return None
    statements.delete(db, "_signed", "document", document)
    return row["signature"] if row["digest"] == digest else None


def forget_signed(db: Database) -> None:
    """Give up what is kept of texts that lost their turn, once no issuer waits for one."""
    if statements.first(db, "SELECT 1 FROM _unproved") is None:
        db.execute(
            "DELETE FROM _signed WHERE document NOT IN (SELECT document FROM _texts WHERE digest IS NULL)"
        )


def unsigned(db: Database) -> list[tuple[int, int | None, Rows]]:
    """Such originals that wait: document, year, rows."""
    sql = "SELECT document, year, rows FROM _texts WHERE digest IS NULL ORDER BY document"
    return [(row["document"], row["year"], unpack(row["rows"])) for row in statements.rows(db, sql)]


def held(db: Database, document: int) -> str | None:
    """The digest under which a text is signed."""
    row = statements.first(db, "SELECT digest FROM _texts WHERE document = ?", [document])
    return row["digest"] if row else None


def sign(db: Database, document: int, row: Row, keys: Iterable[int]) -> None:
    """Keep a text's signature in place of the one before; ``row`` has digest and signature, perhaps more."""
    there = statements.first(db, "SELECT 1 FROM _texts WHERE document = ?", [document])
    if there is None:
        statements.insert(db, "_texts", {"document": document, **row})
    else:
        statements.update(db, "_texts", "document", document, row)
        statements.delete(db, "_bands", "document", document)
    statements.insert_all(db, "_bands", [{"key": key, "document": document} for key in sorted(keys)])


def outdated(db: Database, agency: int) -> list[int]:
    """Texts signed for an issuer whose reports are from other originals now."""
    sql = """
        SELECT t.document FROM _texts AS t LEFT JOIN reports AS r
        ON r.document = t.document AND r.agency = t.agency WHERE t.agency = ? AND r.id IS NULL
    """
    return [row["document"] for row in statements.rows(db, sql, [agency])]


def drop(db: Database, documents: Iterable[int]) -> None:
    """Forget texts, and what was found of them; whose reports that was are to be proved again."""
    for document in documents:
        mark(db, having(db, document))
        for name in ("_texts", "_bands", "_signed"):
            db.execute(f"DELETE FROM {name} WHERE document = ?", [document])  # noqa: S608
        db.execute("DELETE FROM copies WHERE document = ? AND reason = ?", [document, NEAR])


def meeting(db: Database, document: int) -> list[int]:
    """Texts that share a key with this one."""
    sql = """
        SELECT DISTINCT other.document FROM _bands AS own JOIN _bands AS other ON other.key = own.key
        WHERE own.document = ? AND other.document <> own.document ORDER BY other.document
    """
    return [row["document"] for row in statements.rows(db, sql, [document])]


def having(db: Database, document: int) -> list[int]:
    """Issuers of reports for which this text was found to be a near copy."""
    sql = """
        SELECT DISTINCT r.agency FROM copies AS c JOIN reports AS r ON r.id = c.report
        WHERE c.document = ? AND c.reason = ? ORDER BY r.agency
    """
    return [row["agency"] for row in statements.rows(db, sql, [document, NEAR])]


def mark(db: Database, agencies: Iterable[int]) -> None:
    """Put issuers on the list of those to be proved."""
    for agency in agencies:
        db.execute("INSERT OR IGNORE INTO _unproved (agency) SELECT id FROM agencies WHERE id = ?", [agency])


def signed(db: Database, document: int) -> tuple[bytes, int | None, int | None] | None:
    """A text's signature, issuer and year, without its rows."""
    sql = "SELECT signature, agency, year FROM _texts WHERE document = ? AND signature IS NOT NULL"
    row = statements.first(db, sql, [document])
    return (row["signature"], row["agency"], row["year"]) if row else None


def text(db: Database, document: int) -> Text | None:
    """A signed text with what it says; ``None`` where it is no report's any more."""
    sql = """
        SELECT t.*, d.url, r.id AS report, r.year AS report_year, a.name FROM _texts AS t
        JOIN documents AS d ON d.id = t.document LEFT JOIN reports AS r ON r.document = t.document
        LEFT JOIN agencies AS a ON a.id = r.agency WHERE t.document = ? AND t.signature IS NOT NULL
    """
    row = statements.first(db, sql, [document])
    if row is None or (row["rows"] is None and row["report"] is None):
        return None
    return Text(
        document=document,
        url=row["url"],
        report=row["report"],
        agency=row["agency"],
        agency_name=row["name"],
        year=row["year"],
        signature=row["signature"],
        rows=take(db, row["report"]) if row["rows"] is None else unpack(row["rows"]),
    )


def aside(db: Database, document: int) -> tuple[str, str, Rows] | None:
    """Address, SHA-256 and rows of an original that is nobody's report."""
    sql = """
        SELECT d.url, d.sha256, t.rows FROM _texts AS t JOIN documents AS d ON d.id = t.document
        WHERE t.document = ? AND t.rows IS NOT NULL
    """
    row = statements.first(db, sql, [document])
    return (row["url"], row["sha256"], unpack(row["rows"])) if row else None


def refused(db: Database, report: int) -> set[str]:
    """Addresses that people took out of a report."""
    return {row["url"] for row in statements.rows(db, "SELECT url FROM splits WHERE report = ?", [report])}


def lay(db: Database, report: int, found: Sequence[Near]) -> bool:
    """Make these the report's near copies; gives whether any differ from those it had."""
    wanted = {
        one.document: (one.url, one.likeness, one.text_likeness)
        for one in sorted(found, key=lambda one: one.document)
    }
    sql = "SELECT document, url, likeness, text_likeness FROM copies WHERE report = ? AND reason = ?"
    there = {
        row["document"]: (row["url"], row["likeness"], row["text_likeness"])
        for row in statements.rows(db, sql, [report, NEAR])
    }
    if there == wanted:
        return False
    db.execute("DELETE FROM copies WHERE report = ? AND reason = ?", [report, NEAR])
    for document, (url, likeness, text_likeness) in wanted.items():
        db.table("copies").insert(
            {
                "report": report,
                "document": document,
                "url": url,
                "reason": NEAR,
                "likeness": likeness,
                "text_likeness": text_likeness,
            }
        )
    return True


def of_report(db: Database, document: int) -> list[int]:
    """Reports that have this original as a near copy."""
    sql = "SELECT report FROM copies WHERE document = ? AND reason = ? ORDER BY report"
    return [row["report"] for row in statements.rows(db, sql, [document, NEAR])]
