"""One decision of dedupe, carried out on the tables. Always inside the store's transaction."""

from __future__ import annotations

import json

from sqlite_utils import Database

from archive import agencies, derived, keys, near, statements, times, wording
from archive.candidates import Arrangement, Candidate, Decision, Revision
from archive.errors import ClashError
from archive.forms import indicators
from archive.records import PART_UNREAD, Snapshot
from archive.rows import Reading, Row, Rows, agency_id, document, report_id
from archive.rows import parts_of as rows_parts_of
from archive.shelf import candidates, fill, keep_variant, pack, put, replace, take, unpack

#: Of an original seen before, when and where it was first fetched stays.
_FIRST = ("fetched_at", "warc_file", "warc_offset", "warc_length")


def place(db: Database, decision: Decision, snapshot: Snapshot, read: Reading) -> int | None:
    """Store one original and set all originals of its report as decided; gives the report's id."""
    row = document(snapshot)
    ensure_portal(db, snapshot)
    row |= {"outcome": decision.outcome, "reason": decision.reason}
    if read.error is None:
        row |= {"content_hash": read.content_hash, "figures": read.figures}
    near.drop(db, [row["id"]])
    if decision.arrangement is None:
        put(db, "documents", row, ("url", "sha256"), _FIRST)
        if decision.outcome == "unassigned":
            near.put_aside(db, row["id"], read.year, read.rows)
            _keep_signed(db, row["id"], read)
        return None
    if read.agency is None or read.year is None:
        raise ValueError(f"{snapshot.url}: an arrangement needs a report with issuer and year")
    _ensure_lines(db, read)
    rid = report_id(read.agency, read.division, read.year)
    row |= {"report": rid}
    parts = rows_parts_of(snapshot)
    if decision.action == "reread":
        sql = "UPDATE _states SET parts = ? WHERE (document, parts) IN (SELECT document, parts FROM _readings"
        db.execute(f"{sql} WHERE document = ?)", [parts, row["id"]])
    else:
        keep_variant(db, rid, row["id"], parts)
    put(db, "documents", row, ("url", "sha256"), _FIRST)
    if decision.action != "reread":
        seen = times.text(snapshot.fetched_at)
        state = {"url": snapshot.url, "seen_at": seen, "document": row["id"], "parts": parts}
        statements.insert(db, "_states", state, ignore=True)
    _arrange(db, decision.arrangement, rid, row["id"], parts, read)
    if decision.arrangement.current == row["id"]:
        _keep_signed(db, row["id"], read)
    return rid


def _keep_signed(db: Database, original: int, read: Reading) -> None:
    if read.signed is not None:
        near.keep_signed(db, original, read.signed)


def place_parts(db: Database, snapshot: Snapshot, read: Reading, rid: int | None) -> None:
    """Store the originals that one goes on in, and their order.

    A part that could not be read is ``unreadable`` and keeps its page from being settled. What
    is held already as an original by itself stays one.
    """
    unread = {finding.where for finding in read.findings if finding.kind == PART_UNREAD}
    whole = document(snapshot)["id"]
    before = parts_of(db, whole)
    statements.delete(db, "_parts", "document", whole)
    for number, part in enumerate(snapshot.parts, start=1):
        failed = part.url in unread or read.error is not None
        row = document(part) | {
            "outcome": "unreadable" if failed else "part",
            "reason": wording.PART_UNREAD if failed else wording.PART,
            "report": rid,
        }
        there = statements.first(db, "SELECT outcome, reason FROM documents WHERE id = ?", [row["id"]])
        again = there is not None and there["reason"] == wording.SUPERSEDED_PART
        if there is None or again or there["outcome"] in ("part", "unreadable"):
            put(db, "documents", row, ("url", "sha256"), _FIRST)
        statements.insert(db, "_parts", {"document": whole, "number": number, "part": row["id"]})
    for gone in before:
        sql = """
            UPDATE documents SET outcome = 'superseded', reason = ? WHERE id = ? AND outcome = 'part'
            AND NOT EXISTS (SELECT 1 FROM _parts WHERE part = documents.id)
        """
        db.execute(sql, [wording.SUPERSEDED_PART, gone])


def parts_of(db: Database, original: int) -> list[int]:
    """The originals that one goes on in, in their order."""
    rows = statements.rows(db, "SELECT part FROM _parts WHERE document = ? ORDER BY number", [original])
    return [row["part"] for row in rows]


def _arrange(db: Database, arrangement: Arrangement, rid: int, new: int, parts: str, read: Reading) -> None:
    there = statements.first(db, "SELECT document FROM reports WHERE id = ?", [rid])
    before = there["document"] if there else None
    current = arrangement.current
    # Rows of the current original are in the tables; those of all others are packed away.
    if current == new:
        rows = dict(read.rows)
    elif current == before:
        rows = take(db, rid)
    else:
        rows = unpack(_reading_row(db, current)["rows"])
    if before is not None and before not in (current, new):
        statements.update(db, "_readings", "document", before, {"rows": pack(take(db, rid))})
    row = {
        "document": new,
        "parser": read.parser,
        "text_hash": read.text_hash,
        "rows": None if current == new else pack(read.rows),
        "parts": parts,
    }
    statements.insert(db, "_readings", row, replace=True)
    if current != new and current != before:
        statements.update(db, "_readings", "document", current, {"rows": None})
    agency = _agency(db, read.agency or "", read.division)
    _settle(db, arrangement, rid, rows, agency, read.year, read.division)


def rearrange(db: Database, arrangement: Arrangement, rid: int) -> None:
    """Set the originals of a report otherwise, all of which are held already."""
    report = statements.get(db, "reports", "id", rid)
    before, current = report["document"], arrangement.current
    rows = take(db, rid)
    if current != before:
        statements.update(db, "_readings", "document", before, {"rows": pack(rows)})
        rows = unpack(_reading_row(db, current)["rows"])
        statements.update(db, "_readings", "document", current, {"rows": None})
    agency = statements.get(db, "agencies", "id", report["agency"])
    _settle(db, arrangement, rid, rows, agency, report["year"], division_of(db, rid))


def _settle(
    db: Database,
    arrangement: Arrangement,
    rid: int,
    rows: Rows,
    agency: Row,
    year: int | None,
    division: str | None,
) -> None:
    """Fill the tables with the rows of the current original, and say how the others stand to it."""
    row = rows["reports"][0] | {
        "id": rid,
        "agency": agency["id"],
        "year": year,
        "province": agency["province"],
        "division": agency["division"],
        "document": arrangement.current,
        "revision": len(arrangement.revisions),
        "repetition": None,
    }
    standing = _standing(db, arrangement, agency, division)
    with derived.following(db, rid):
        put(db, "reports", row, ("agency", "year"))
        fill(db, rid, rows, standing)
    _outcomes(db, arrangement)
    replace(db, "copies", rid, _copies(arrangement))
    replace(db, "revisions", rid, [_revision(revision) for revision in arrangement.revisions])
    replace(db, "changes", rid, _changes(arrangement))
    # What other reports say of this one, and it of them, has to be worked out anew (``overlay``).
    statements.insert(db, "_unproved", {"agency": agency["id"]}, ignore=True)


def _ensure_lines(db: Database, read: Reading) -> None:
    """A province's own indicators are lines too, in the source's words.

    Entered for every original, current or not, so that the order in which they come leaves no trace.
    """
    for row in read.rows[indicators.TABLE]:
        if row["key"] is None:
            line = {"key": row["line"], "table_key": indicators.TABLE, "zh": row["label"]}
            statements.insert(db, "lines", line | {"position": None, "en": None}, ignore=True)


def _reading_row(db: Database, original: int) -> Row:
    return statements.get(db, "_readings", "document", original)


def _outcomes(db: Database, arrangement: Arrangement) -> None:
    stand: dict[int, tuple[str, str | None]] = {arrangement.current: ("current", None)}
    stand |= {copy.document: ("copy", wording.COPY_REASONS[copy.reason]) for copy in arrangement.copies}
    stand |= dict.fromkeys(arrangement.superseded, ("superseded", wording.SUPERSEDED))
    stand |= dict.fromkeys(arrangement.replaced, ("superseded", wording.REPLACED))
    stand |= dict.fromkeys(arrangement.moved, ("superseded", wording.MOVED))
    stand |= dict.fromkeys(arrangement.split, ("split", wording.SPLIT))
    for original, (outcome, reason) in stand.items():
        db.execute(
            "UPDATE documents SET outcome = ?, reason = ? WHERE id = ? AND (outcome, reason) IS NOT (?, ?)",
            [outcome, reason, original, outcome, reason],
        )


def _copies(arrangement: Arrangement) -> list[Row]:
    return [
        {
            "document": c.document,
            "url": c.url,
            "reason": c.reason,
            "likeness": c.likeness,
            "text_likeness": c.text_likeness,
        }
        for c in arrangement.copies
    ]


def _revision(revision: Revision) -> Row:
    return {
        "number": revision.number,
        "document": revision.document,
        "seen_at": revision.seen_at,
        "content_hash": revision.content_hash,
        "cells_changed": None if revision.changes is None else len(revision.changes),
        "text_changed": None if revision.text_changed is None else int(revision.text_changed),
        "text_diff": revision.text_diff,
    }


def _changes(arrangement: Arrangement) -> list[Row]:
    return [
        {
            "revision": revision.number,
            "table_key": change.cell.table,
            "line": change.cell.line,
            "column_key": change.cell.column,
            "old": change.old.value,
            "new": change.new.value,
            "old_status": change.old.status,
            "new_status": change.new.status,
        }
        for revision in arrangement.revisions
        for change in revision.changes or ()
    ]


def _standing(db: Database, arrangement: Arrangement, agency: Row, code: str | None) -> list[Row]:
    """Findings about how the report stands in the archive."""
    found: list[Row] = []
    if code is not None and agency["division"] is None:
        found.append({"kind": "unknown_division", "message": wording.unknown_division(code)})
    url = statements.get(db, "documents", "id", arrangement.current)["url"]
    found += [
        {"kind": "copies_differ", "message": wording.copies_differ(url, copy.url, copy.differing)}
        for copy in arrangement.copies
        if copy.differing
    ]
    return found


def _agency(db: Database, name: str, code: str | None) -> Row:
    """The issuer's row, made or brought up to date.

    Of several spellings of one name (full width or half width brackets, spaces)
    the shortest is shown, whichever came first.
    """
    id_ = agency_id(name, code)
    there = statements.first(db, "SELECT * FROM agencies WHERE id = ?", [id_])
    spellings = {name}
    if there:
        if keys.normalise(there["name"]) != keys.normalise(name):
            raise ClashError(
                f"agencies {id_}: {there['name']!r} and {name!r}: two natural keys share an identifier"
            )
        spellings |= {there["name"], *json.loads(there["aliases"] or "[]")}
    shown, *others = sorted(spellings, key=lambda spelling: (len(spelling), spelling))
    known = code is not None and _has_division(db, code)
    row = {
        "id": id_,
        "name": shown,
        "aliases": json.dumps(others, ensure_ascii=False) if others else None,
        "division": code if known else None,
        "province": province(db, code),
        "kind": agencies.kind_of(keys.normalise(shown)),
    }
    if there == row:
        return row
    reports = [r["id"] for r in statements.rows(db, "SELECT id FROM reports WHERE agency = ?", [id_])]
    with derived.following(db, *reports):
        put(db, "agencies", row, ("name",))
    return row


def province(db: Database, code: str | None) -> str | None:
    """The province of a division code; by its first two digits where the code itself is unknown."""
    if not code:
        return None
    sql = "SELECT province FROM divisions WHERE code IN (?, ?) ORDER BY code = ? DESC LIMIT 1"
    found = statements.first(db, sql, [code, code[:2] + "0000", code])
    return found["province"] if found else None


def _has_division(db: Database, code: str) -> bool:
    return statements.first(db, "SELECT 1 FROM divisions WHERE code = ?", [code]) is not None


def ensure_portal(db: Database, snapshot: Snapshot) -> None:
    """An original may come from a portal outside the registry: it is entered as such, not dropped."""
    context = snapshot.context
    if context.portal is None:
        return
    if statements.first(db, "SELECT 1 FROM portals WHERE key = ?", [context.portal]) is not None:
        return
    known = context.division is not None and _has_division(db, context.division)
    row = {
        "key": context.portal,
        "name": context.portal_name or context.portal,
        "family": "unregistered",
        "site_id_code": context.site_id_code,
        "division": context.division if known else None,
        "status": "unverified",
    }
    statements.insert(db, "portals", row)


def division_of(db: Database, report: int) -> str | None:
    """The division code by which a report's issuer is known.

    The issuer's row has it only where the table of divisions does; else the finding that it
    does not. The issuer's identifier was made with it and proves it. Raises ``ClashError``.
    """
    sql = "SELECT a.* FROM agencies AS a JOIN reports AS r ON r.agency = a.id WHERE r.id = ?"
    [agency] = db.query(sql, [report])
    found = db.table("findings").rows_where("report = ? AND kind = 'unknown_division'", [report])
    codes: list[str | None] = [agency["division"], *(wording.unknown_code(row["message"]) for row in found)]
    for code in codes:
        if agency_id(agency["name"], code) == agency["id"]:
            return code
    raise ClashError(f"agencies {agency['id']}: {agency['name']!r} has not this identifier in any of {codes}")


def held_for(db: Database, agency: str, division: str | None, year: int) -> list[Candidate]:
    """The originals held for one issuer and year."""
    return candidates(db, report_id(agency, division, year), division)
