"""Names mean what TEST_NAMES says (JSON: name → address) in every process with this folder on PYTHONPATH."""

from __future__ import annotations

import json
import os
import socket

_NAMES = json.loads(os.environ.get("TEST_NAMES", "{}"))


def _means(name: str) -> str:
    if name not in _NAMES:
        raise socket.gaierror(f"no test may look up {name}")
    return str(_NAMES[name])


if _NAMES:
    socket.gethostbyname = _means
