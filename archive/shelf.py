"""Moving the rows of a report between its tables and the readings of originals that are not current.

Of the originals of one report, one fills the tables. What the others say is
kept as rows, packed, so that each can be compared cell by cell and take the
first place without being read again.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlite_utils import Database

from archive import keys, statements, textdiff
from archive.candidates import Candidate
from archive.errors import ClashError
from archive.rows import FILLED, Row, Rows, at_home, figures, load_context, whole
from archive.schema import table

#: Findings that tell how things stand in the archive, not what one original says.
STANDING = ("copies_differ", "unknown_division")
#: Columns of ``reports`` that come from the original; the others from where it stands.
_OWN = tuple(
    column.name
    for column in table("reports").columns
    if column.name
    not in ("id", "agency", "year", "province", "division", "document", "revision", "repetition")
)
#: Columns that an original's own rows never fill; the store does.
_ADDED = {"findings": ("number", "scope"), "cell_notes": ("evidence",)}


def pack(rows: Rows) -> bytes:
    """Rows as compressed JSON, equal for equal rows: only the order of findings means something."""
    ordered = {
        name: found if name == "findings" else sorted(found, key=lambda row: json.dumps(row, sort_keys=True))
        for name, found in rows.items()
    }
    return zlib.compress(json.dumps(ordered, ensure_ascii=False, sort_keys=True).encode())


def unpack(packed: bytes) -> dict[str, list[Row]]:
    """The rows that ``pack`` took."""
    rows: dict[str, list[Row]] = json.loads(zlib.decompress(packed))
    return rows


def take(db: Database, report: int) -> dict[str, list[Row]]:
    """What the current original of a report says by itself, from the tables.

    Where other reports have changed what a table shows (``overlay``), its rows as
    they were are in ``_base``.
    """
    return own(db, report, kept(db, report))


def kept(db: Database, report: int) -> dict[str, list[Row]]:
    """The rows as they were of those tables in which other reports have changed what is shown."""
    base = statements.first(db, "SELECT rows FROM _base WHERE report = ?", [report])
    return unpack(base["rows"]) if base else {}


def own(db: Database, report: int, instead: Rows) -> dict[str, list[Row]]:
    """A report's rows as they stand in the tables; of some tables these ``instead``."""
    found: dict[str, list[Row]] = {
        "reports": statements.rows(db, f"SELECT {', '.join(_OWN)} FROM reports WHERE id = ?", [report])  # noqa: S608
    }
    for name in FILLED:
        if name not in instead:
            found[name] = statements.rows(db, _own_rows(name), [report])
    return {**found, **instead}


@cache
def _own_rows(name: str) -> str:
    """The question for what an original's own rows are in a table, in the order of its key."""
    added = _ADDED.get(name, ())
    own = [f'"{c.name}"' for c in table(name).columns if c.name != "report" and c.name not in added]
    also = " AND scope = 'report'" if name == "findings" else ""
    order = ", ".join(f'"{column}"' for column in table(name).key)
    return f'SELECT {", ".join(own)} FROM "{name}" WHERE report = ?{also} ORDER BY {order}'  # noqa: S608


def fill(db: Database, report: int, rows: Rows, standing: list[Row]) -> None:
    """Put an original's rows into the tables in place of what is there; ``standing`` findings come last."""
    findings = numbered(rows["findings"], standing)
    for name in FILLED:
        replace(db, name, report, findings if name == "findings" else rows[name])
    statements.delete(db, "_base", "report", report)


def numbered(own: Sequence[Row], standing: Sequence[Row], across: Sequence[Row] = ()) -> list[Row]:
    """A report's findings in the order of their scopes, so that a scope's change moves none before it."""
    scoped = [("report", own), ("archive", standing), ("across", across)]
    rows = [row | {"scope": scope} for scope, rows_ in scoped for row in rows_]
    return [row | {"number": number} for number, row in enumerate(rows, start=1)]


def replace(db: Database, name: str, report: int, rows: list[Row]) -> None:
    """All rows of one report in one table, anew."""
    statements.delete(db, name, "report", report)
    if rows:
        blank = dict.fromkeys(c.name for c in table(name).columns)
        statements.insert_all(db, name, [blank | row | {"report": report} for row in rows])


def put(db: Database, name: str, row: Row, natural: tuple[str, ...], keep: tuple[str, ...] = ()) -> None:
    """Insert a row, or change what differs; columns in ``keep`` stay as first written.

    Raises ``ClashError`` if its identifier belongs to another natural key.
    """
    key = table(name).key[0]
    there = statements.first(db, f'SELECT * FROM "{name}" WHERE "{key}" = ?', [row[key]])  # noqa: S608
    if there is None:
        statements.insert(db, name, row)
        return
    for column in natural:
        if _folded(there[column]) != _folded(row[column]):
            raise ClashError(
                f"{name} {row[key]}: {column} is {there[column]!r} and would become {row[column]!r}; "
                "two natural keys share one identifier"
            )
    changed = {c: v for c, v in row.items() if c not in keep and there[c] != v}
    if changed:
        statements.update(db, name, key, row[key], changed)


def _folded(value: Any) -> Any:
    return keys.normalise(value) if isinstance(value, str) else value


def candidates(db: Database, report: int, division: str | None) -> list[Candidate]:
    """All originals of one report, as dedupe weighs them."""
    sql = """
        SELECT d.*, r.parser, r.text_hash, d.content_hash AS content, r.rows, r.parts FROM documents AS d
        JOIN _readings AS r ON r.document = d.id WHERE d.report = ? ORDER BY d.id
    """
    earlier = """
        SELECT d.*, v.parser, v.text_hash, v.content_hash AS content, v.rows, v.parts FROM documents AS d
        JOIN _variants AS v ON v.document = d.id WHERE d.report = ? ORDER BY d.id, v.parts
    """
    found = []
    held = statements.rows(db, sql, [report])
    if not held:  # the first of its report
        return []
    split = {row["url"] for row in statements.rows(db, "SELECT url FROM splits WHERE report = ?", [report])}
    for row in [*held, *statements.rows(db, earlier, [report])]:
        rows = take(db, report) if row["rows"] is None else unpack(row["rows"])
        context = load_context(row["context"])
        states = "SELECT seen_at FROM _states WHERE document = ? AND parts = ? ORDER BY seen_at"
        seen = statements.rows(db, states, [row["id"], row["parts"]])
        found.append(
            Candidate(
                document=row["id"],
                url=row["url"],
                sha256=row["sha256"],
                role=row["role"],
                page_url=row["page_url"],
                home=at_home(context.division, context.site_id_code, division),
                published_on=rows["reports"][0]["published_on"],
                content_hash=row["content"],
                text_hash=row["text_hash"],
                parser=row["parser"],
                figures=figures(rows),
                seen=tuple(state["seen_at"] for state in seen),
                split=row["url"] in split,
                sentences=textdiff.sentences(rows["sections"]),
                parts=row["parts"],
                whole=whole(rows),
                siblings=context.siblings,
                portal=context.portal,
            )
        )
    return found


def keep_variant(db: Database, report: int, document: int, parts: str) -> None:
    """Before an original is read with other parts: keep what it said with those it had, if it is held.

    What it said with ``parts`` before is given up, for it is read anew.
    """
    db.execute("DELETE FROM _variants WHERE document = ? AND parts = ?", [document, parts])
    sql = """
        SELECT r.*, d.content_hash FROM _readings AS r JOIN documents AS d ON d.id = r.document
        WHERE r.document = ? AND r.parts <> ?
    """
    for row in statements.rows(db, sql, [document, parts]):
        packed = pack(take(db, report)) if row["rows"] is None else row["rows"]
        statements.insert(db, "_variants", row | {"rows": packed})
