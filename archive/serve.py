"""Shows an archive with Datasette: ``serve`` for people, ``build_app`` for tests.

An archive's own file is opened ``mode=ro``, not as immutable. Immutable tells SQLite that nobody
writes: it then takes no locks and ignores the write-ahead log, so that pages read while
a crawl runs would show torn or stale rows. Read-only with locks sees each transaction
whole, and in WAL mode keeps no writer waiting. A published copy is never written again and
is opened as immutable.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm

from archive import metadata, served
from archive.errors import ArchiveError, DiskFullError, named
from archive.outlook import Ask
from archive.seen import Look
from archive.served import NoArchiveError
from archive.site import looks, status
from archive.site.counted import CountedDatabase

__all__ = ["NoArchiveError", "build_app", "check", "serve"]

_SITE = Path(__file__).parent / "site"

#: Plugins of Datasette's in whose place ours stand. It shows errors beside ours, and where the package
#: rich is installed prints a page of local variables to the log for each address not found; its facets
#: count rows whose number is known; its permissions copy all metadata for each table of a page, to find
#: that nothing in it is forbidden.
_REPLACED = ("datasette.handle_exception", "datasette.facets", "datasette.default_permissions")

#: Seconds a stop waits for answers under way, so that a reader on a slow line cannot hold it up for long.
_SHUTDOWN_SECONDS = 5

SETTINGS: dict[str, Any] = {
    # Suggesting facets counts every column of a table anew at each view: 25 times slower on 100k rows.
    "suggest_facets": False,
    # The four facets of 100,000 reports take about 70 ms together on two cores; a slow disk needs more.
    "facet_time_limit_ms": 500,
    # All provinces (34 and the unknown) or all years fit without "more".
    "default_facet_size": 40,
    # Four reports' applications (25 lines each) a page.
    "default_page_size": 100,
    # All issuers of one province, or one report line over a province and year, in one JSON answer.
    "max_returned_rows": 5000,
    # The slowest canned query, refusals over all years and provinces, takes 2.3 s at 100,000 reports.
    "sql_time_limit_ms": 5000,
    # One more than the cores of a small server: readers wait for the disk now and then.
    "num_sql_threads": 4,
    # No limit: a CSV that ends early looks whole, which is worse than a long one.
    "max_csv_mb": 0,
    # A table cell shows the beginning of a section's text; the row page shows it all.
    "truncate_cells_html": 160,
    # A file that is being written cannot be copied whole; CSV, JSON and the WARCs are the way out.
    "allow_download": False,
    # Seconds a cache may keep a page: a crawl changes pages every minute, and a reload storm is absorbed.
    "default_cache_ttl": 30,
}


def check(db: Path) -> None:
    """Raise ``NoArchiveError`` in words unless ``db`` is an SQLite file with our tables."""
    if not db.is_file():
        raise NoArchiveError(f"{db}: no such file; crawl or ingest something first")
    try:
        with named(db), closing(sqlite3.connect(f"{db.resolve().as_uri()}?mode=ro", uri=True)) as conn:
            served.check(conn, db)
    except DiskFullError as error:  # to read beside a writer takes 32 KB (the -shm file)
        raise NoArchiveError(str(error)) from error
    except (ArchiveError, sqlite3.DatabaseError) as error:
        said = error.__cause__ or error
        raise NoArchiveError(f"{db}: cannot be read as an SQLite database ({said})") from error


def build_app(
    db: Path,
    *,
    published: bool = False,
    sql: bool | None = None,
    warcs: Path | None = None,
    look: Look | None = None,
    ask: Ask | None = None,
) -> Datasette:
    """Datasette over one archive file, with our metadata, templates, plugin and settings.

    ``published``: it is a copy that ``gongkai publish`` made and may put another in its place at any
    time. ``sql``: readers may ask SQL of their own; by default not of a published copy, where four of them
    could keep everybody waiting. ``warcs`` is the folder with the WARC files of its originals, if it is not
    beside it. ``look`` reads originals again, to show a figure where it stands; without it a place is told
    in words. ``ask`` tells what is due, for the status page.
    Raises ``NoArchiveError`` in words.
    """
    check(db)
    for name in _REPLACED:
        if pm.has_plugin(name):
            pm.unregister(name=name)
    app = Datasette(
        [],
        metadata=metadata.build(),
        template_dir=str(_SITE / "templates"),
        plugins_dir=str(_SITE / "plugins"),
        static_mounts=[("assets", str(_SITE / "static"))],
        settings=SETTINGS | {"default_allow_sql": not published if sql is None else sql},
    )
    # Without files Datasette adds a database in memory; ours is added by name below.
    app.remove_database("_memory")
    # Not resolved: where the name is a link, another target is another file too.
    path = db.absolute()
    database = CountedDatabase(app, path, published=published, warcs=warcs or path.parent / "warc")
    app.add_database(database, name=metadata.DATABASE)
    database.renew()
    if look is not None:
        looks.enable(app, look)
    if ask is not None:
        status.asks[app] = ask
    return app


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A restart right after a stop would otherwise find its own old connections on the port.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on a connection waits for its answer instead of being refused while the site starts.
        listener.listen()
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def serve(
    db: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    open_browser: bool = False,
    *,
    published: bool = False,
    sql: bool | None = None,
    warcs: Path | None = None,
    look: Look | None = None,
    ask: Ask | None = None,
) -> None:
    """Serve until interrupted; port 0 takes a free one; the others as in ``build_app``.

    Raises ``NoArchiveError`` if ``db`` is no archive and ``OSError`` if the port is taken.
    """
    app = build_app(db, published=published, sql=sql, warcs=warcs, look=look, ask=ask)
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    print(f"{db} → {address}", file=sys.stderr, flush=True)
    if open_browser:
        webbrowser.open(address)
    config = uvicorn.Config(
        app.app(),
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
