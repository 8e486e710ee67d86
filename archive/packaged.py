"""Data files that come with a package."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

# libyaml reads the forms in a tenth of the time, which every process that reads a report waits for.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(package: str, name: str) -> Any:
    """What the YAML file ``name`` of a package says."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  (a SafeLoader)
