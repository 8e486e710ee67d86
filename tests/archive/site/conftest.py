from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from archive.serve import build_app
from tests.archive.site import sample

Get = Callable[..., httpx.Response]


def _getter(app: Any) -> Get:
    """``get(path, lang=None, **httpx arguments)`` against one Datasette."""

    def get(path: str, lang: str | None = None, **more: Any) -> httpx.Response:
        headers = {**({"Accept-Language": lang} if lang else {}), **more.pop("headers", {})}

        async def fetch() -> httpx.Response:
            return await app.client.request(more.pop("method", "GET"), path, headers=headers, **more)

        return asyncio.run(fetch())

    return get


@pytest.fixture(scope="session")
def archive_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.build(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="session")
def get(archive_db: Path) -> Get:
    return _getter(build_app(archive_db))


@pytest.fixture(scope="session")
def get_demo(tmp_path_factory: pytest.TempPathFactory) -> Get:
    return _getter(build_app(sample.build(tmp_path_factory.mktemp("demo"), demo=True)))
