"""Options that several commands have; what they are not told comes from the settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from click.core import ParameterSource

from crawler import config
from crawler.config import ConfigError, keys
from crawler.config.keys import Setting
from pipelines.reading import Limits

T = TypeVar("T")

#: Folder of the data folder for what workers of a cluster leave, unless another place is named.
SHARDS = "shards"


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


def given(name: str) -> bool:
    """Whether whoever calls the command named this parameter."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def place_of_shards(cluster: str, shards: str | None, data: Path) -> str:
    """Where workers leave what they fetched; raises ``click.UsageError`` where that would mean nothing."""
    if not cluster and given("shards"):
        raise click.UsageError("--shards is where the workers of a --cluster leave what they fetched")
    try:
        return keys.SHARDS.kind.read(shards or "", Path()) or str(data.absolute() / SHARDS)
    except ValueError as error:
        raise click.UsageError(f"--shards: {shards!r} {error}") from error


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


def cluster_option(work: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Whose workers do it."""
    return click.option(
        "--cluster",
        metavar="ADDRESS",
        default=from_settings(keys.CLUSTER),
        show_default=_shown(keys.CLUSTER),  # type: ignore[arg-type]
        help=f'{work} on the workers of this dask scheduler (tcp://host:8786), and not here; "": here.',
    )


#: Where the workers leave what they fetched.
shards_option = click.option(
    "--shards",
    metavar="PLACE",
    default=from_settings(keys.SHARDS),
    show_default=f"{_shown(keys.SHARDS)}, else {SHARDS} in the data folder",  # type: ignore[arg-type]
    help="Folder or bucket that all machines reach, for what workers fetched.",
)
