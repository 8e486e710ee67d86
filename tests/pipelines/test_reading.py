"""Reading in a child process: what a crash, a hang and an end cost."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.derived.tokens import tokens
from archive.errors import ArchiveError, DamagedError
from archive.notes import original_of
from archive.records import Snapshot
from archive.rows import document, reading
from archive.warc import WarcWriter
from benchmarks.pages import report as report_page
from demo import real
from pipelines.near import signed
from pipelines.reading import Limits, Located, Reader, Readers, as_reading
from pipelines.report import parse
from tests.layouts import LAYOUTS

_WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def _snapshot(name: str = "a.html") -> Snapshot:
    sample = real.load_all()[0]
    return Snapshot(url=name, body=LAYOUTS["official"](sample.cells, sample.form), fetched_at=_WHEN)


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader(limits=Limits(seconds=60))
    yield made
    made.close()


def _pid(reader: Reader) -> int:
    assert reader._child is not None
    return reader._child.pid


def test_the_child_reads_what_parse_reads(reader: Reader) -> None:
    assert reader.parse(_snapshot()) == parse(_snapshot())
    first = _pid(reader)
    assert reader.parse(_snapshot("b.html")).source == "b.html"
    assert _pid(reader) == first


def _located(folder: Path, shot: Snapshot) -> Located:
    with WarcWriter(folder, "test") as writer:
        place = writer.write_resource(name=shot.url, body=shot.body, fetched_at=shot.fetched_at)
    return Located(original_of(replace(shot, warc=place)), folder)


def test_the_child_loads_what_lies_in_a_warc(reader: Reader, tmp_path: Path) -> None:
    located = _located(tmp_path, _snapshot())
    whole = located.load()
    snapshot, read = reader.load(located)
    assert read == reader.read(whole)
    assert snapshot.bare
    assert not whole.bare
    assert snapshot.body == b""
    assert document(snapshot) == document(whole)


def test_a_record_that_cannot_be_loaded_is_named(reader: Reader, tmp_path: Path) -> None:
    located = _located(tmp_path, _snapshot())
    [file] = tmp_path.glob("*.warc.gz")
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DamagedError, match=re.escape(file.name)):
        reader.load(located)
    first = _pid(reader)
    file.unlink()
    with pytest.raises(ArchiveError, match=re.escape(file.name)):
        reader.load(located)
    assert _pid(reader) == first  # it is no fault of the child's


def test_what_costs_a_child_twice_is_stored_as_unreadable(reader: Reader, tmp_path: Path) -> None:
    located = _located(tmp_path, _snapshot("bad.html"))
    killing = _kill(reader, 2)
    snapshot, read = reader.load(located)
    killing.join()
    assert read.error == "读取程序异常退出（信号 SIGSEGV）"
    assert snapshot.bare
    assert snapshot.sha256 == located.original.sha256


def test_without_its_bytes_nothing_is_read_and_nothing_made_up(reader: Reader) -> None:
    for read in (reader.parse, reader.read):
        with pytest.raises(ValueError, match="bytes are not at hand"):
            read(_snapshot().without_bytes())
    assert reader._child is None


def _kill(reader: Reader, times: int) -> threading.Thread:
    """Each of so many children dies before it can answer."""

    def kill() -> None:
        killed = {0}
        while len(killed) <= times:
            child = reader._child
            if child is not None and child.pid not in killed:
                killed.add(child.pid)
                child.send_signal(signal.SIGSEGV)  # it takes half a second to begin
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def test_a_child_that_somebody_killed_costs_nothing(reader: Reader) -> None:
    killing = _kill(reader, 1)
    assert reader.parse(_snapshot()).error is None
    killing.join()


def test_a_child_that_dies_again_costs_one_original(reader: Reader) -> None:
    killing = _kill(reader, 2)
    report = reader.parse(_snapshot("bad.html"))
    killing.join()
    assert report.error == "读取程序异常退出（信号 SIGSEGV）"
    assert [finding.kind for finding in report.findings] == ["unreadable"]
    assert not report.is_report
    assert reader.parse(_snapshot()).error is None


def test_a_page_that_never_ends_is_given_up() -> None:
    reader = Reader(limits=Limits(seconds=0.8))
    try:
        reader._child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started = time.monotonic()
        report = reader.parse(_snapshot())
        assert report.error == "读取超过 0.8 秒，已中止"
        assert time.monotonic() - started < 30
    finally:
        reader.close()


def test_extra_divisions_reach_the_child() -> None:
    row: dict[str, object] = {"code": "990101", "name": "样本县", "level": "county", "parent": "990100"}
    parents: list[dict[str, object]] = [
        {"code": "990000", "name": "样本省", "level": "province", "parent": None},
        {"code": "990100", "name": "样本市", "level": "prefecture", "parent": "990000"},
    ]
    reader = Reader([*parents, row], limits=Limits(seconds=60))
    try:
        assert reader.parse(_snapshot()).division == "990101"
    finally:
        reader.close()


def test_shared_readers_end_with_their_last_user() -> None:
    one, two = Readers.shared(), Readers.shared()
    assert one is two
    one.read(_snapshot())
    [reader] = [reader for reader in one._all if reader._child is not None]
    one.close()
    assert two.read(_snapshot()).error is None
    child = reader._child
    assert child is not None
    two.close()
    assert child.poll() == 0
    assert Readers.shared() is not one
    Readers.shared().close()
    Readers.shared().close()


def test_no_child_outlives_a_killed_parent() -> None:
    script = textwrap.dedent(
        """
        import os, sys, time
        from datetime import datetime, UTC
        from archive.records import Snapshot
        from pipelines.reading import Reader
        reader = Reader()
        reader.parse(Snapshot(url="x", body=b"<p>x</p>", fetched_at=datetime.now(UTC)))
        print(reader._child.pid, flush=True)
        time.sleep(600)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def test_what_is_to_be_stored_comes_ready_and_equal_to_what_is_made_here() -> None:
    shot = Snapshot(url="http://a/1.html", body=report_page(7), fetched_at=datetime.now(UTC))
    readers = Readers(1)
    try:
        there = as_reading(readers.submit(shot).result())
        assert readers.read(shot) == there
    finally:
        readers.close()
    here = reading(shot, parse(shot))
    assert there == here
    assert len(there.rows["requests"]) > 20
    assert there.words == {row["text"]: tokens(row["text"]) for row in here.rows["sections"]}
    assert there.words
    assert there.signed == signed(here)
    assert there.signed is not None


def test_what_could_not_be_read_comes_ready_too(reader: Reader) -> None:
    assert reader.read(_snapshot()).error is None
    thread = _kill(reader, 2)
    read = reader.read(_snapshot("bad.html"))
    thread.join()
    assert (read.error or "").startswith("读取程序异常退出")
    assert (read.rows, read.figures) == ({}, None)


def test_the_child_that_reads_loads_no_database() -> None:
    loaded = "{'sqlite_utils', 'numpy', 'pandas'} & sys.modules.keys()"
    code = f"import sys, pipelines.reader; print(sorted({loaded}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
