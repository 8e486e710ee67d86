"""``gongkai serve``: the archive in Datasette."""

from __future__ import annotations

from pathlib import Path

import click

from archive.serve import NoArchiveError
from archive.serve import serve as serve_archive
from crawler import config
from crawler.commands.options import data_folder
from crawler.config import ConfigError
from crawler.outlook import Watcher
from pipelines.items import DATABASE, WARCS
from pipelines.looking import Looker


@click.command()
@data_folder
@click.option(
    "--published",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Serve this copy (gongkai publish), and each that takes its place; originals from DIR/warc.",
)
@click.option(
    "--sql/--no-sql",
    default=None,
    help="Let readers ask SQL of their own.  [default: not with --published]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, help="Port; 0 takes a free one.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in the browser.")
def serve(
    data: Path, published: Path | None, sql: bool | None, host: str, port: int, open_browser: bool
) -> None:
    """Browse the archive in Datasette, on this machine, while crawls may go on writing.

    On a server, with --published: a copy that `gongkai publish` made. A new one is taken up with
    the next request, without a restart; requests under way end with the one they began with.

    Exit codes: 0 stopped by you, 1 there is no archive or the port is taken.
    """
    try:
        settings = config.current()
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    try:
        serve_archive(
            published or data / DATABASE,
            host=host,
            port=port,
            open_browser=open_browser,
            published=published is not None,
            sql=sql,
            warcs=data / WARCS,
            look=Looker(),
            ask=None if published else Watcher(data, settings),
        )
    except (NoArchiveError, OSError) as error:
        raise click.ClickException(str(error)) from error
