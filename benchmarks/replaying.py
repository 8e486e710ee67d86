"""A database made anew from the WARCs of a crawl, watched; in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from archive.notes import read_notes
from archive.replay import Group
from pipelines.items import WARCS
from pipelines.reading import children
from pipelines.rebuild import rebuild

TARGET = "again.db"


def main(folder: Path, workers: int, *, one_core: bool = False) -> None:
    """Make ``again.db`` from ``folder/warc`` with so many reading processes; ``probe.json`` says when.

    ``one_core``: all processes together have one core, where the system can say so.
    """
    if one_core and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    target = folder / TARGET
    target.unlink(missing_ok=True)
    done: list[float] = []

    def told(_groups: int, group: Group) -> None:
        done.extend([time.monotonic()] * len(group.notes))

    opened, worked = time.monotonic(), time.process_time()
    notes = read_notes(folder / WARCS, torn=[], unread=[])
    replayed = rebuild(target, notes, folder / WARCS, readers=children(workers), told=told)
    assert not replayed.left, replayed.left
    said = {"opened": opened, "done": done, "cpu": time.process_time() - worked}
    (folder / "probe.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), one_core=sys.argv[3:] == ["one core"])
