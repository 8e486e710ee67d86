"""All closed WARC files as one WACZ, with an index and the reports by title: ReplayWeb.page opens it.

Made by Webrecorder's own ``wacz`` (the extra ``wacz``); only the list of pages is ours.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.durable import sync_file, sync_folder
from archive.errors import ArchiveError
from archive.warc_files import OPEN, SUFFIX, on_disk

_TITLE = "政府信息公开工作年度报告 — gongkai"


class NoWaczError(ArchiveError):
    """The library is not installed."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written."""

    warcs: int
    pages: int
    bytes: int
    left: tuple[str, ...]
    """WARC files that are still being written, or were left open by a killed process."""


def write(db: Database, warcs: Path, target: Path) -> Packed:
    """Write ``target``, in place of what is there.

    Raises ``NoWaczError`` and the other errors of ``archive.errors``; nothing is left then.
    """
    main = _library()
    files = sorted(warcs.glob("*" + SUFFIX))
    if not files:
        raise ArchiveError(f"{warcs}: there are no closed WARC files")
    part = target.with_name(target.name + ".part")
    listed = target.with_name(target.name + ".jsonl")
    try:
        with on_disk(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            pages = list(_pages(db, {path.name for path in files}))
            header = {"format": "json-pages-1.0", "id": "pages", "title": _TITLE}
            # ASCII: the library opens it in whatever encoding the system has.
            listed.write_text("".join(json.dumps(one) + "\n" for one in (header, *pages)), encoding="ascii")
            words = ["create", "--output", str(part), "--copy-pages", "--pages", str(listed)]
            _run(main, [*words, "--title", _TITLE, *map(str, files)])
            sync_file(part)
            size = part.stat().st_size
            part.replace(target)
            sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
        listed.unlink(missing_ok=True)
    left = tuple(sorted(path.name for path in warcs.glob("*" + SUFFIX + OPEN)))
    return Packed(len(files), len(pages), size, left)


def _library() -> Any:
    try:
        return importlib.import_module("wacz.main").main
    except ImportError as error:
        raise NoWaczError("WACZ needs the extra: pip install gongkai[wacz]") from error


def _run(main: Any, words: list[str]) -> None:
    """The library's command, which tells what it does on standard output."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        failed = main(words)
    if failed:
        raise ArchiveError(f"wacz: {' '.join(said.getvalue().split())}")


_PAGES = """
    SELECT d.id, d.url, d.fetched_at, d.warc_file, d.outcome, r.title FROM documents AS d
    JOIN reports AS r ON r.id = d.report
    WHERE d.outcome IN ('current', 'copy', 'superseded') AND d.url GLOB 'http*'
    ORDER BY r.title, r.id, d.outcome <> 'current', d.url, d.fetched_at
"""


def _pages(db: Database, files: set[str]) -> Iterator[dict[str, str]]:
    """Every original that carries a report, under its title; the one with the figures comes first."""
    for row in db.query(_PAGES):
        if row["warc_file"] in files:
            # Milliseconds, the most that the format's readers parse.
            moment = f"{row['fetched_at'][:23].rstrip('Z')}Z"
            yield {"id": str(row["id"]), "url": row["url"], "ts": moment, "title": row["title"]}
