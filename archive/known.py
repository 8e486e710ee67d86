"""What an incremental crawl leaves alone. Reads only."""

from __future__ import annotations

from sqlite_utils import Database

#: Outcomes after which an original is not fetched again unless asked for. ``unassigned`` is among
#: them: its bytes are whole and kept, so a better parser reads them from the WARC and another fetch
#: would bring nothing. ``unreadable`` is not: a body cut short on its way looks just like that.
SETTLED = ("current", "copy", "superseded", "split", "refused", "unassigned")
#: Reasons (``runs.finish_reason``) of a crawl that got an answer to everything it asked for; what our
#: own limits kept it from asking is asked another day.
COMPLETE = ("finished", "sample", "budget", "night")


def addresses(db: Database, portal: str) -> frozenset[str]:
    """Addresses of a portal's originals that are settled: an incremental crawl leaves them alone.

    Pages that a crawl fetched which was then killed or cut short are not
    among them until a later one is complete: their attachments may never
    have been asked for, and only the page leads there. Nor are pages with a
    part that could not be read.
    """
    settled, complete = ("?, " * len(SETTLED))[:-2], ("?, " * len(COMPLETE))[:-2]
    sql = f"""
        SELECT DISTINCT url FROM documents WHERE portal = ? AND outcome IN ({settled})
        AND NOT (role = 'page' AND fetched_at >= coalesce((
            SELECT min(started_at) FROM runs
            WHERE portal = ? AND (finish_reason IS NULL OR finish_reason NOT IN ({complete}))
            AND started_at > coalesce((
                SELECT max(started_at) FROM runs WHERE portal = ? AND finish_reason IN ({complete})
            ), '')
        ), 'never'))
        AND NOT EXISTS (
            SELECT 1 FROM _parts p JOIN documents d ON d.id = p.part
            WHERE p.document = documents.id AND d.outcome = 'unreadable'
        )
    """  # noqa: S608 - only question marks are put in
    given = [portal, *SETTLED, portal, *COMPLETE, portal, *COMPLETE]
    return frozenset(row["url"] for row in db.query(sql, given))
