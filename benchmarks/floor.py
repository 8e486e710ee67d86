"""The committed floor: how many cells each layout gave when it was last accepted.

What OCR reads of a picture may differ from machine to machine, by its processor and the
version of its libraries. So the floor of a scan is no count but a share, the one that the
project promises: ``{"least": 0.95}``. It is not raised to what one machine measured, and a
wrong cell is refused there as everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from benchmarks.score import Score

PATH = Path(__file__).with_name("accuracy_floor.json")

Floor = dict[str, dict[str, float]]
#: How the rows of scans begin.
SCAN = "scan: "
#: Share of a scan's cells that must be right.
LEAST = 0.95


def load(path: Path = PATH) -> Floor:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(scores: Mapping[str, Score], absent: Floor, path: Path = PATH) -> None:
    """Write the scores as the new floor; ``absent`` are kept for cases that could not be run here."""
    entries = {
        name: {"least": LEAST} if name.startswith(SCAN) else {"right": s.right, "null": s.null}
        for name, s in scores.items()
    }
    lines = [
        f" {json.dumps(name, ensure_ascii=False)}: {json.dumps(entry)}"
        for name, entry in {**absent, **entries}.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def compare(scores: Mapping[str, Score], floor: Floor) -> tuple[list[str], list[str]]:
    """(what fell below the floor, what rose above it or is new), in words."""
    lower, higher = [], []
    for name, score in scores.items():
        before = floor.get(name)
        if before is None:
            higher.append(f"{name}: new, {score.right} of {score.cells} right")
            continue
        if "least" in before:
            if score.right < before["least"] * score.cells:
                lower.append(
                    f"{name}: {score.right} of {score.cells} right, the floor is {before['least']:.0%}"
                )
            continue
        whole = before["right"] + before["null"]
        line = f"{name}: {score.right} of {score.cells} right, the floor is {before['right']} of {whole}"
        # Other figures or lines change the number of cells; then shares are what can be compared.
        fell = score.right * whole < before["right"] * score.cells
        if fell:
            lower.append(line)
        elif (score.right, score.null) != (before["right"], before["null"]):
            higher.append(line)
    return lower, higher
