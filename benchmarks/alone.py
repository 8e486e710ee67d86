"""Pages read by processes that share nothing: what this machine gives two of them, beside one.

``python -m benchmarks.alone FOLDER PROCESSES PAGES``; ``probe.json`` in the folder says when each
page was read.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from archive.divisions import DEFAULT
from archive.records import Snapshot
from benchmarks.pages import VARIANTS, division_rows, report
from pipelines.report import parse

#: Pages that are read before it counts: what is read first fills what is remembered.
_WARM = 40


def work(pages: int) -> None:
    """Read so many pages once told to, and say when each was done."""
    where = DEFAULT.with_extra(division_rows(VARIANTS))
    now = datetime.now(UTC)
    made = [Snapshot(f"http://a.example/{number}.html", report(number), now) for number in range(pages)]
    for one in made[:_WARM]:
        parse(one, where)
    print("ready", flush=True)
    sys.stdin.readline()
    done = []
    for one in made:
        parse(one, where)
        done.append(time.monotonic())
    print(json.dumps(done))


def main(folder: Path, processes: int, pages: int) -> None:
    """All of them at once, from the same moment on."""
    command = [sys.executable, "-m", "benchmarks.alone", str(pages)]
    begun = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(processes)
    ]
    for one in begun:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    done: list[float] = []
    for one in begun:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in begun:
        done += json.loads(one.communicate()[0])
    said = {"done": sorted(done), "cpu": time.process_time()}
    (folder / "probe.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        work(int(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
