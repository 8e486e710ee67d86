"""Files made to do harm: each ends in time and within memory as an outcome, and the next one is read."""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from archive.warc import Torn, iter_records
from pipelines.items import DATABASE, WARCS
from tests.crawler import raw
from tests.crawler.servers import portal
from tests.torture import compare, hostile
from tests.torture.commands import Command

pytestmark = pytest.mark.torture

READ_SECONDS, READ_MB = 60, 1024
LIMITS = {"GONGKAI_READ_SECONDS": str(READ_SECONDS), "GONGKAI_READ_MB": str(READ_MB)}
#: Seconds beyond: for starting the next process that reads, on a busy machine.
_MARGIN = 30
#: Megabytes beyond: libraries are mapped and do not count towards the limit.
_MAPPED = 512
_OUTCOMES = {"refused", "unassigned", "unreadable", "current", "copy", "superseded"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, in which the last one is a report as it should be."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, body in hostile.everything().items():
        (folder / name).write_bytes(body)
    (folder / "~report.html").write_bytes(hostile.report())
    return folder


def _timed(words: list[str], cwd: Path) -> Iterator[tuple[float, str]]:
    """Each line of a command, with the seconds it took; then its exit code and its megabytes."""
    command = [sys.executable, "-P", "-m", "crawler.cli", *words]
    with (cwd / "stderr").open("wb") as errors:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, **LIMITS}, text=True
        )
    assert child.stdout is not None
    before = time.monotonic()
    for line in child.stdout:
        yield time.monotonic() - before, line.rstrip("\n")
        before = time.monotonic()
    child.stdout.close()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    yield usage.ru_maxrss / 1024, f"exit {child.returncode}"


def rows(data: Path, sql: str, *given: object) -> list[Any]:
    with closing(sqlite3.connect(data / DATABASE)) as db:
        return db.execute(sql, given).fetchall()


def test_each_is_ingested_as_an_outcome(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    names = sorted(path.name for path in folder.iterdir())
    words = ["ingest", "--data", str(data), "--portal-name", "益阳市资阳区人民政府", "--division", "430902"]
    told = list(_timed([*words, *(str(folder / name) for name in names)], tmp_path))
    megabytes, ended = told.pop()
    slowest = sorted(((round(seconds, 1), line[:120]) for seconds, line in told), reverse=True)[:8]
    print(f"{len(names)} files, largest process {megabytes:.0f} MB, slowest: {slowest}")
    assert ended == "exit 3", told[-3:]
    assert "Traceback" not in (tmp_path / "stderr").read_text(encoding="utf-8", errors="replace")
    assert [seconds for seconds, _ in told if seconds > READ_SECONDS + _MARGIN] == []
    assert megabytes < READ_MB + _MAPPED
    found = dict(rows(data, "SELECT url, outcome FROM documents"))
    assert len(found) == len(names)
    assert set(found.values()) <= _OUTCOMES
    [sound] = [outcome for url, outcome in found.items() if url.endswith("~report.html")]
    assert sound in ("current", "copy")
    _nothing_came_in(data)
    compare.readable(data)
    compare.checked(data)


def _nothing_came_in(data: Path) -> None:
    """No file of this machine is in the archive, and none was put onto it."""
    with closing(sqlite3.connect(data / DATABASE)) as db:
        assert not [line for line in db.iterdump() if hostile.SECRET in line]
    left = [*Path("/tmp").glob("gongkai-was-here*"), *Path().glob("*gongkai-was-here*")]
    assert left == []


#: A few of each kind for the slice, none of which takes more than a second or two.
_SLICE = (
    "spans.html",
    "deep.html",
    "xxe.docx",
    "laughs.xlsx",
    "xxe.ofd",
    "bomb.zip",
    "nested.zip",
    "outside.zip",
)


@pytest.mark.torture_slice
def test_a_few_are_ingested(tmp_path: Path) -> None:
    data, files = (
        tmp_path / "data",
        hostile.markup() | hostile.packages() | hostile.pdfs() | hostile.pictures(),
    )
    some = {
        name: files[name] for name in (*_SLICE, "tree-loops.pdf", "xref-loops.pdf", "bomb.png", "bomb.jpg")
    }
    paths = []
    for name, body in {**some, "~report.html": hostile.report()}.items():
        (tmp_path / name).write_bytes(body)
        paths.append(str(tmp_path / name))
    told = list(_timed(["ingest", "--data", str(data), *paths], tmp_path))
    megabytes, ended = told.pop()
    assert ended == "exit 3"
    assert megabytes < READ_MB + _MAPPED
    assert dict(told_of(line) for _, line in told[:-1])[paths[-1]] == "stored"
    _nothing_came_in(data)


def told_of(line: str) -> tuple[str, str]:
    path, _, said = line.partition(": ")
    return path, said.partition(" ")[0]


_KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "zip": "application/zip",
    "html": "text/html; charset=utf-8",
}


def test_a_crawl_goes_on_past_each(folder: Path, tmp_path: Path) -> None:
    """A portal whose every link is a trap, but for the last."""
    zipped = b"Content-Encoding: gzip\r\n"
    traps = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    routes: dict[str, raw.Answer] = {"/robots.txt": raw.http(b"", "404 Not Found")}
    for name, body in traps.items():
        kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
        routes[f"/nb/{name}"] = raw.http(body, kind=kind)
    routes["/nb/gzip.html"] = raw.http(gzip.compress(b"\0" * (600 << 20)), headers=zipped)
    deep = hostile.report()
    for _ in range(12):
        deep = gzip.compress(deep)
    routes["/nb/gzip-deep.html"] = raw.http(deep, headers=zipped * 12)
    names = [
        *(name for name in traps if name != "~report.html"),
        "gzip.html",
        "gzip-deep.html",
        "~report.html",
    ]
    links = "".join(
        f'<li><a href="{name}">益阳市资阳区人民政府{1990 + n % 35}年政府信息公开工作年度报告</a>'
        f"<span>2024-01-29</span></li>"
        for n, name in enumerate(names)
    )
    routes["/nb/"] = raw.http(f"<html><body><ul>{links}</ul></body></html>".encode())
    server = raw.RawServer("127.0.3.9", routes)
    registry, data = tmp_path / "registry", tmp_path / "data"
    registry.mkdir()
    entry = portal("traps", f"{server.base}/nb/").entry() | {"division": "430902"}
    (registry / "traps.yml").write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")
    try:
        command = Command(
            *("crawl", "--portals", registry, "--data", data),
            env={"GONGKAI_DEMO": "true", "GONGKAI_DAILY_BUDGET": "0", **LIMITS},
            cwd=tmp_path,
        )
        ended = command.wait(20 * 60)
    finally:
        server.close()
    assert ended.code in (0, 3), ended.out
    assert rows(data, "SELECT count(*) FROM runs WHERE finish_reason = 'finished'") == [(1,)]
    kept = {url.rpartition("/")[2] for (url,) in rows(data, "SELECT url FROM documents")}
    said = {
        url.rpartition("/")[2] for (url,) in rows(data, "SELECT url FROM run_issues WHERE url IS NOT NULL")
    }
    assert [name for name in names if not {name, quote(name, safe="~")} & (kept | said)] == []
    assert rows(data, "SELECT outcome FROM documents WHERE url LIKE '%~report.html'")[0][0] in (
        "current",
        "copy",
    )
    _nothing_came_in(data)
    torn: list[Torn] = []
    unread: list[str] = []
    read = sum(1 for _ in iter_records(data / WARCS, torn, unread))
    assert read + len(unread) == len(names) + 2  # the list and robots.txt
    # Kept as they came, and unpacked by nobody: the two under a Content-Encoding without measure.
    assert (torn, len(unread)) == ([], 2), unread
    compare.checked(data)
