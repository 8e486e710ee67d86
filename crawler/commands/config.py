"""``gongkai config``: what is in force and where it comes from."""

from __future__ import annotations

import json
from unicodedata import east_asian_width

import click

from crawler.config import Config, ConfigError, current
from crawler.config.document import example
from crawler.config.keys import SETTINGS


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with what each may be.")
@click.option("--example", "as_example", is_flag=True, help="A whole file with every setting, explained.")
def config(as_json: bool, as_example: bool) -> None:
    """Show every setting: its value and whether it is the default, from the file or the environment.

    Settings are read from the file that `gongkai --config` or GONGKAI_CONFIG names, else from gongkai.toml
    in the working directory. GONGKAI_ and a key in capitals, dots as underscores (schedule.days:
    GONGKAI_SCHEDULE_DAYS), beats the file; an option of a command beats both. An empty variable sets
    nothing. Relative paths in a file start from its folder. What each setting means and may be is said
    in docs/configuration.md and by --json and --example; secrets are never shown.

    \b
    Exit codes:
      0  shown
      2  a value, key or variable is wrong; it is named with what is allowed
    """
    if as_example:
        click.echo(example(), nl=False)
        return
    try:
        found = current()
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    click.echo(_as_json(found) if as_json else _in_words(found))


def _in_words(found: Config) -> str:
    key = max(len(setting.key) for setting in SETTINGS)
    values = [found.shown(setting) for setting in SETTINGS]
    wide = max(map(_width, values))
    lines = [f"file: {found.given.path if found.given else 'none'}"]
    for setting, value in zip(SETTINGS, values, strict=True):
        blanks = " " * (wide - _width(value))
        lines.append(f"{setting.key:<{key}} = {value}{blanks}  {found.origin(setting)}")
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns on a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _as_json(found: Config) -> str:
    settings = {
        setting.key: {
            "value": found.shown(setting) if setting.secret else _plain(found.values[setting.key]),
            "from": found.origin(setting),
            "default": _plain(setting.default),
            "variable": setting.env,
            "allowed": setting.kind.allowed,
            "unit": setting.unit or None,
            "meaning": setting.meaning,
        }
        for setting in SETTINGS
    }
    file = str(found.given.path) if found.given else None
    return json.dumps({"file": file, "settings": settings}, ensure_ascii=False)


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | float | tuple | None) else str(value)
