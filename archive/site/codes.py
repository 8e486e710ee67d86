"""Codes of the database in words, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archive.site import words as wording
from archive.site.i18n import Words

#: Columns whose codes have words in ``i18n.yml``, and under which names these stand there.
COLUMNS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("reports", "verdict"): ("verdict",),
    ("reports", "form"): ("report.form",),
    ("findings", "verdict"): ("verdict",),
    ("findings", "blame"): ("blame.short",),
    ("findings", "kind"): ("finding",),
    ("findings", "scope"): ("scope",),
    ("cell_notes", "status"): ("status",),
    ("coverage", "status"): ("coverage",),
    ("documents", "outcome"): ("outcome",),
    ("documents", "role"): ("role",),
    ("copies", "reason"): ("reason",),
    ("agencies", "kind"): ("kind",),
    ("divisions", "level"): ("level",),
    ("totals", "kind"): ("kind",),
    ("totals", "level"): ("level",),
    ("portals", "status"): ("standing", "issue"),
    ("runs", "command"): ("command",),
    ("runs", "mode"): ("mode",),
    ("runs", "outcome"): ("standing",),
    # A challenge or a rest ends a run too, and is called what it is called as an issue.
    ("runs", "finish_reason"): ("ended", "issue"),
    ("run_issues", "kind"): ("issue",),
}


def coded(words: Words) -> Callable[[str, str, object], str | None]:
    """``coded(table, column, value)``: a code in words, or ``None`` where it has none."""

    def in_words(table: str, column: str, value: object) -> str | None:
        if (table, column) == ("findings", "at"):
            said = wording.where(words, str(value))
            return None if said == value else said
        names = ("table",) if column == "table_key" else COLUMNS.get((table, column), ())
        return next((words(f"{name}.{value}") for name in names if words.has(f"{name}.{value}")), None)

    return in_words
