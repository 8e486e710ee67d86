"""Log lines: JSON for machines, short ones for a terminal; never the bytes of a document."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.spiders import Spider
from tqdm import tqdm
from twisted.python.failure import Failure

from archive import printable, times
from archive.warc_files import on_disk

#: What a line may say beside its message.
_FIELDS = ("portal", "url", "report", "run")
#: Folder of the data folder that holds the logs, a file a crawl.
FOLDER = "log"
_NAME = re.compile(r"crawl-(\d{8}T\d{12}Z)-\d+\.jsonl")
_STAMP = "%Y%m%dT%H%M%S%fZ"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message and, where known, portal, run, url and report."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": times.now().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        spider = getattr(record, "spider", None)
        visit = getattr(spider, "visit", None)
        if visit is not None:
            line |= {"portal": visit.portal.key, "run": visit.run}
        line.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TerminalHandler(logging.Handler):
    """Warnings on a terminal, above the progress bar."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        where = [str(getattr(record, name)) for name in ("portal", "url") if hasattr(record, name)]
        tqdm.write(printable.line(" ".join((*where, record.getMessage()))), file=sys.stderr)


class _Kept(logging.FileHandler):
    """A log's file. That the disk takes no more is said once, and costs nothing but lines of the log."""

    _told = False

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._told:
            self._told = True
            sys.stderr.write(f"{self.baseFilename}: no more can be written to the log ({error})\n")


def configure(*, terminal: bool) -> None:
    """Sends all logging of this process to stderr: short lines on a terminal, JSON lines otherwise."""
    handler: logging.Handler
    if terminal:
        handler = TerminalHandler()
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter())
    handler.addFilter(_worth_a_line)
    # Scrapy leaves the root logger to us, and its own level would keep back what says how visits go; what
    # is worth a line is up to the handlers.
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(True)


def keep(data: Path, days: int) -> str:
    """Also writes this process's log into a file of its own; gives its path below the data folder.

    Files that are older than ``days`` are deleted. Raises ``ArchiveError``.
    """
    now = times.now()
    folder = data / FOLDER
    name = f"crawl-{now.strftime(_STAMP)}-{os.getpid()}.jsonl"
    with on_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            found = _NAME.fullmatch(path.name)
            if found and datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) < now - timedelta(days=days):
                path.unlink(missing_ok=True)
        handler = _Kept(folder / name, encoding="utf-8")
    handler.setFormatter(JsonFormatter())
    handler.addFilter(_worth_a_line)
    logging.getLogger().addHandler(handler)
    return f"{FOLDER}/{name}"


def _worth_a_line(record: logging.LogRecord) -> bool:
    """From INFO up; of libraries from WARNING up: a line a request says nothing that WARC and runs do not."""
    ours = record.name.partition(".")[0] in ("archive", "crawler", "demo", "pipelines", "spiders")
    return record.levelno >= (logging.INFO if ours else logging.WARNING)


class Formatter(LogFormatter):
    """Scrapy's messages, with an item's address in the place of the item."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return {"level": logging.DEBUG, "msg": "scraped %(item)s", "args": {"item": _name(item)}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {
            "level": logging.INFO,
            "msg": "dropped %(item)s: %(exception)s",
            "args": {"item": _name(item), "exception": exception},
        }

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {"level": logging.ERROR, "msg": "error with %(item)s", "args": {"item": _name(item)}}


def _name(item: Any) -> str:
    """Address of a snapshot, alone or first in a tuple."""
    first = item[0] if isinstance(item, tuple) and item else item
    return str(getattr(first, "url", type(first).__name__))
