"""What a report costs that comes to an archive of some size: weighed, stored, and held against others.

In a process of its own, on a copy of a generated archive, of reports as long as real ones, that is kept
from run to run. ``new``: reports that nobody has; ``second place``: the same from another address each;
``proved``: what the archive says of them and they of others, near copies included.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from archive.schema import SCHEMA_VERSION
from archive.store import Store
from benchmarks.pages import VARIANTS, division_rows
from benchmarks.storing import put, read
from crawler import synth
from pipelines.across import prove
from pipelines.items import DATABASE
from pipelines.version import PARSER

#: Reports that come.
_COMING = 100
_SEED = 11


def archive(folder: Path, reports: int) -> Path:
    """A generated archive of so many reports, made where it is not there."""
    path = folder / f"held-{reports}-{SCHEMA_VERSION}-{PARSER}" / DATABASE
    if not path.exists():
        part = path.with_name("part.db")
        shutil.rmtree(part.parent, ignore_errors=True)
        part.parent.mkdir(parents=True)
        synth.make(part, reports, seed=_SEED, workers=2)
        part.rename(path)
    return path


def measure(path: Path) -> dict[str, float]:
    """Milliseconds of processor a report."""
    some = read(_COMING)
    again = [(replace(shot, url=shot.url.replace("www", "mirror")), report) for shot, report in some]
    with Store(path, demo=True) as store:
        rows = division_rows(VARIANTS)
        store.load_divisions(row | {"full_name": row["name"], "province": "计时省"} for row in rows)
        # What is generated has still to be proved, all of it; that is none of theirs.
        # Nor do they pay for lists of the index that its making left to be merged with the next that come.
        with store.writing():
            store.db.execute("DELETE FROM _unproved")
            store.db.execute("INSERT INTO _search(_search) VALUES('optimize')")
        times = [time.process_time()]
        assert set(put(store, some)) == {"stored"}
        times.append(time.process_time())
        assert set(put(store, again)) == {"copied"}
        times.append(time.process_time())
        prove(store)
        times.append(time.process_time())
    steps = zip(("new", "second place", "proved"), times, times[1:], strict=False)
    return {name: 1e3 * (ended - begun) / _COMING for name, begun, ended in steps}


def main(folder: Path, reports: int) -> None:
    """``dedupe.json`` in the folder has what was found."""
    path = folder / "dedupe" / DATABASE
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    shutil.copyfile(archive(folder, reports), path)
    size = path.stat().st_size
    found = measure(path) | {"bytes a report held": size / reports}
    shutil.rmtree(path.parent)
    (folder / "dedupe.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[3:] == ["make"]:
        archive(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]))
