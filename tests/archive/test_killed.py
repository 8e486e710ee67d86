"""kill -9 at any moment, start again, and the result is what an undisturbed run gives."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archive.records import WarcLocation
from archive.warc import Torn, iter_records, mend, read
from tests.archive.made import dump

ROOT = Path(__file__).resolve().parents[2]

# What a crawl does, original by original: the WARC record first, then its row. Pages, mirrors and
# an edit, so that rows move between tables as well.
_WRITER = """
import sys
from pathlib import Path
from archive.store import Store
from archive.warc import WarcWriter
from pipelines.keep import keep
from tests.archive.made import at, report, snapshot

data = Path(sys.argv[1])
print("ready", flush=True)
with Store(data / "gongkai.db") as store, WarcWriter(data / "warc", "t") as writer:
    for year in range(1990, 2020):
        for host, day, received in (("a", 0, 5), ("b", 1, 5), ("a", 2, 6)):
            url = f"http://{host}/{year}"
            body = f"{url} {received} ".encode() * 200
            where = writer.write(url=url, fetched_at=at(day), status=200, headers=[], body=body)
            made = report({("requests", "received", "total"): received}, year=year)
            keep(store, snapshot(url, body, day=day, warc=where), made)
    store.refresh_coverage()
print("done", flush=True)
"""


def start(data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(data)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def without_places(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The database but for where in which WARC file an original lies."""
    found = dump(path)
    found["documents"] = [row[:8] + row[11:] for row in found["documents"]]
    return found


@pytest.mark.slow
def test_killed_and_started_again_is_never_killed(tmp_path: Path) -> None:
    calm, data = tmp_path / "calm", tmp_path / "killed"
    child = start(calm)
    assert child.communicate()[0] == "ready\ndone\n"

    chance = random.Random(20240201)
    torn: list[Torn] = []
    kills = 0
    for _ in range(12):
        child = start(data)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(timeout=chance.uniform(0.01, 0.35))
        except subprocess.TimeoutExpired:
            child.kill()
            kills += 1
        child.wait()
        child.stdout.close()
        _sound(data)
        torn += mend(data / "warc")
    assert kills >= 6

    child = start(data)
    assert child.communicate()[0] == "ready\ndone\n"
    assert without_places(data / "gongkai.db") == without_places(calm / "gongkai.db")
    assert len(dump(data / "gongkai.db")["reports"]) == 30
    again: list[Torn] = []
    assert len(list(iter_records(data / "warc", again))) >= 90
    assert again == []


def _sound(data: Path) -> None:
    """The database is whole, and every row's original lies whole in the WARC."""
    if not (data / "gongkai.db").exists():
        return
    connection = sqlite3.connect(data / "gongkai.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    made = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'documents'").fetchone()[0]
    if made:
        for url, *place in connection.execute(
            "SELECT url, warc_file, warc_offset, warc_length FROM documents"
        ):
            assert read(data / "warc", WarcLocation(*place)).url == url
    connection.close()
