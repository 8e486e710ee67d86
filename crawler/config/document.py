"""The list of settings as a file to begin with, and as a page of the documentation."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from crawler.config.keys import OTHERS, SETTINGS, TABLES, Setting

_INTRODUCTION = """\
# Configuration

<!-- Made by: python -m crawler.config.document > docs/configuration.md -->

Everything has a default that works; only `contact` must be set before a real portal is asked. What is in
force, and where each value comes from:

```console
$ gongkai config
```

1. A command's option (`--data DIR`) beats everything.
2. A variable `GONGKAI_…` comes next; its name is the key in capitals, dots as underscores. An empty one sets
   nothing. In a list, commas stand between the entries.
3. `gongkai.toml` in the working directory, or the file that `gongkai --config FILE` or `GONGKAI_CONFIG`
   names. It is [TOML](https://toml.io). Relative paths in it start from its folder.
4. The default.

A wrong value, a key that is none and a variable `GONGKAI_…` that is none are refused, with file and line and
what is allowed, before anything is done:

```console
$ GONGKAI_NIGHT=sometimes gongkai config
…
Error: GONGKAI_NIGHT: 'sometimes' is no window such as 22:00-07:00; allowed: HH:MM-HH:MM, or "" for any time\
 (Beijing time)
```
"""


def _grouped() -> Iterator[tuple[str, list[Setting[Any]]]]:
    """Settings by table, those without one first."""
    for table, settings in groupby(SETTINGS, key=lambda setting: setting.key.rpartition(".")[0]):
        yield table, list(settings)


def example() -> str:
    """A whole ``gongkai.toml``: every setting, explained, at its default and commented out."""
    lines = ["# Settings of gongkai. Every line is at its default; take the # away to change it."]
    for table, settings in _grouped():
        if table:
            lines += ["", f"# {TABLES[table]}", f"[{table}]"]
        for setting in settings:
            words = f"{setting.meaning} Allowed: {setting.allowed}."
            lines += ["", *(f"# {line}" for line in textwrap.wrap(words, 100, break_on_hyphens=False))]
            lines.append(f"#{setting.key.rpartition('.')[2]} = {setting.kind.show(setting.default)}")
    return "\n".join(lines) + "\n"


def page() -> str:
    """``docs/configuration.md``."""
    parts = [_INTRODUCTION]
    for table, settings in _grouped():
        title = f"`[{table}]`\n\n{TABLES[table]}" if table else "At the top of the file"
        parts.append(f"\n## {title}\n\n| setting | default | allowed | meaning |\n|---|---|---|---|\n")
        parts += [
            f"| `{setting.key}` | `{setting.kind.show(setting.default)}` | {_cell(setting.allowed)}"
            f" | {_cell(setting.meaning)}{' Never shown.' if setting.secret else ''} |\n"
            for setting in settings
        ]
    parts.append("\n## Variables that are no settings\n\n| variable | meaning |\n|---|---|\n")
    parts += [f"| `{name}` | {_cell(meaning)} |\n" for name, meaning in OTHERS.items()]
    parts.append("\n## A whole file\n\n`gongkai config --example > gongkai.toml` writes this:\n")
    parts.append(f"\n```toml\n{example()}```\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # the file is UTF-8 in any locale
    sys.stdout.write(page())
