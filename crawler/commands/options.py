"""Options that several commands have; what they are not told comes from the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from crawler import config
from crawler.config import ConfigError, keys
from crawler.config.keys import Setting
from pipelines.reading import Limits

T = TypeVar("T")


def in_force(setting: Setting[T]) -> T:
    """A setting's value; raises ``click.UsageError`` where the settings are wrong."""
    try:
        return config.current()[setting]
    except ConfigError as error:
        raise click.UsageError(str(error)) from error


def read_limits() -> Limits:
    """What reading one original may take."""
    return Limits(in_force(keys.READ_SECONDS), in_force(keys.READ_MB))


def from_settings(setting: Setting[T]) -> Callable[[], T]:
    """A default that is looked up when the command runs, so that --help works whatever is set."""
    return lambda: in_force(setting)


def _shown(setting: Setting[object]) -> str:
    return f"setting {setting.key}"


#: The archive a command works on.
data_folder = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=from_settings(keys.DATA),
    show_default=_shown(keys.DATA),  # type: ignore[arg-type]
    metavar="DIR",
    help="Folder with the archive: gongkai.db and warc/.",
)
#: The registry a command works on.
portals_folder = click.option(
    "--portals",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=from_settings(keys.PORTALS),
    show_default=_shown(keys.PORTALS),  # type: ignore[arg-type]
    metavar="DIR",
    help="Folder of portal entries.",
)
#: Whether the archive is a demonstration.
demo_archive = click.option(
    "--demo",
    is_flag=True,
    default=from_settings(keys.DEMO),
    help="It is a demonstration archive.",
)
