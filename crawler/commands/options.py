"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

#: The archive a command works on.
data_folder = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    envvar="GONGKAI_DATA",
    metavar="DIR",
    help="Folder with the archive: gongkai.db and warc/.",
)
