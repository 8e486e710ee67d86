"""Recorded inputs against recorded documents.

After an intended change: ``GONGKAI_RERECORD=1 pytest tests/pipelines/readers/test_fixtures.py``, then review
the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from archive.records import Document, Grid
from pipelines.prose import sections
from pipelines.readers import read

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "readers"
CASES = sorted(path for path in FIXTURES.glob("*/*/input.*"))


def dump(document: Document) -> dict[str, Any]:
    """A document as JSON; the cells of a grid by row, repeated under spans."""
    blocks: list[Any] = []
    for block in document.blocks:
        if isinstance(block, Grid):
            rows = [[cell.text if cell else None for cell in row] for row in block.rows]
            last = next((cell for row in reversed(block.rows) for cell in reversed(row) if cell), None)
            blocks.append(
                {
                    "grid": block.where,
                    "rows": rows,
                    "last": last.where if last else None,
                    "notes": list(block.notes),
                }
            )
        else:
            blocks.append([block.where, block.text])
    return {
        "kind": document.kind,
        "title": document.title,
        "published": document.published,
        "source": document.source,
        "breadcrumb": list(document.breadcrumb),
        "meta": dict(document.meta),
        "notes": list(document.notes),
        "text": document.text.split("\n"),
        "sections": [[s.number, s.heading, s.text] for s in sections(document)],
        "blocks": blocks,
    }


def test_there_are_cases_of_every_kind() -> None:
    assert {path.parent.parent.name for path in CASES} == {"html", "pdf", "docx", "text"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_reads_as_recorded(path: Path) -> None:
    found = dump(read(path.read_bytes()))
    expected = path.parent / "expected.json"
    if os.environ.get("GONGKAI_RERECORD"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
