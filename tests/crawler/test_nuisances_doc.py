"""docs/nuisances.md names every kind there is, and no other; its portals and tests exist."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from demo.server import DemoPortals
from spiders.kinds import BLOCKS, KINDS
from spiders.portals import Portal

from .servers import portal

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/nuisances.md").read_text(encoding="utf-8")
_CODE = re.compile(r"`([^`]+)`")


def rows() -> list[list[str]]:
    """Cells of every line of every table."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| ") and "| nuisance |" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def kinds_of(row: list[str]) -> list[str]:
    return _CODE.findall(row[1])


def test_every_kind_is_named_and_every_name_is_a_kind() -> None:
    said = {kind for row in rows() for kind in kinds_of(row)}
    assert said <= set(KINDS)
    rest = {word for word in _CODE.findall(TEXT) if word in KINDS}
    assert said | rest == set(KINDS)
    assert all(row[1] == "*read*" or kinds_of(row) for row in rows())


def test_every_kind_is_one_that_the_code_records() -> None:
    words: set[str] = set()
    for folder in ("crawler", "spiders", "archive"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "kinds.py":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                words |= {
                    n.value
                    for n in ast.walk(tree)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    # blocking.py has the kinds of challenges without "blocked:".
    bare = {kind.removeprefix("blocked:") if kind in BLOCKS and kind not in words else kind for kind in KINDS}
    assert bare <= words


def test_a_kind_that_is_not_explained_cannot_be_recorded() -> None:
    from spiders.base import FamilySpider

    class Spider(FamilySpider):
        name = "trs"

    here: Portal = portal("a", "http://www.shilixian.gov.cn/")
    with pytest.raises(ValueError, match="'novel' is no kind of issue"):
        Spider(portal=here).issue("novel", "", "")


def test_the_sample_portals_record_what_the_table_says() -> None:
    with DemoPortals(seed=1) as portals:
        keys = {entry["key"] for entry in portals.registry}
        single = {entry["key"] for entry in portals.registry if entry["status"] != "ok"}
        recorded: dict[str, set[str]] = defaultdict(set)
        for issue in portals.manifest.issues:
            recorded[issue.portal].add(issue.kind)
    named: set[str] = set()
    for row in rows():
        for key in _CODE.findall(row[2]):
            named.add(key)
            assert key in keys
            assert set(kinds_of(row)) <= recorded[key], row[0]
    assert single <= named


def test_its_tests_exist() -> None:
    for row in rows():
        (place,) = _CODE.findall(row[3])
        path, _, name = place.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), place
