"""Addresses of static files that change with their content, so that a browser may keep each for good."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"


@cache
def address(name: str) -> str:
    """``assets/site.css?v=1a2b3c4d``; raises ``FileNotFoundError`` for a file there is none of."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"assets/{name}?v={digest[:8]}"
