"""The sample portals, run once for all tests that only read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.server import DemoPortals


@pytest.fixture(scope="session")
def portals() -> Iterator[DemoPortals]:
    with DemoPortals(seed=1) as running:
        yield running
