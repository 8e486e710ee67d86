"""What a crawl wrote is read by programs that know nothing of it: warcio's own check, and pywb.

pywb lives in an environment of its own (``make .venv-pywb/.installed``), because it wants other
versions of what gongkai uses; where that is not, e.g. without a network, its test skips.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from archive import cdxj
from archive.divisions import DEFAULT
from archive.store import Store
from crawler.runner import crawl
from demo.server import DemoPortals
from pipelines.items import DATABASE, WARCS
from spiders.portals import from_entry
from tests.paths import REPOSITORY

PYWB = REPOSITORY / ".venv-pywb" / "bin" / "pywb"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample portals, crawled, one report edited, and everything fetched once more."""
    folder = tmp_path_factory.mktemp("demo")
    with DemoPortals(seed=1) as portals:
        registry = [from_entry(entry) for entry in portals.registry]
        with Store(folder / DATABASE, demo=True) as store:
            store.load_divisions(DEFAULT.with_extra(portals.divisions).rows())
        crawl(registry, data=folder, demo=True, progress=False)
        portals.edit()
        crawl(registry, data=folder, demo=True, progress=False, refetch_all=True)
    cdxj.merge(folder / WARCS)
    _in_parts(folder / WARCS)
    return folder


def _in_parts(warcs: Path) -> None:
    """The index as a large archive has it."""
    lines = (warcs / cdxj.INDEX).read_bytes().splitlines(keepends=True)
    (warcs / "index-1.cdxj").write_bytes(b"".join(lines[::5]))
    (warcs / cdxj.INDEX).write_bytes(b"".join(line for n, line in enumerate(lines) if n % 5))


@dataclass(frozen=True, slots=True)
class Capture:
    """A line of the index."""

    key: str
    stamp: str
    fields: dict[str, str]

    @property
    def path(self) -> str:
        """Where pywb has the bytes as they came (``id_``)."""
        return f"/gongkai/{self.stamp}id_/{self.fields['url']}"


def captures(data: Path) -> list[Capture]:
    files = [path.read_text(encoding="utf-8") for path in cdxj.parts(data / WARCS)]
    lines = [line for content in files for line in content.splitlines()]
    found = [
        Capture(key, stamp, json.loads(block)) for key, stamp, block in (line.split(" ", 2) for line in lines)
    ]
    # Two answers of one address within a second cannot be told apart by 14 digits of time.
    moments = Counter((one.key, one.stamp) for one in found)
    return [one for one in found if moments[one.key, one.stamp] == 1]


def test_warcio_finds_every_file_sound(data: Path) -> None:
    files = sorted(str(path) for path in (data / WARCS).glob("*.warc.gz"))
    assert len(files) > 50
    checked = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", *files], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout[-2000:]
    assert checked.stdout.count("digest pass") > 1000
    assert "fail" not in checked.stdout
    # And it would say so if they were not.
    spoilt = Path(files[0]).with_name("spoilt.warc.gz")
    whole = bytearray(Path(files[0]).read_bytes())
    whole[len(whole) // 2] ^= 1
    spoilt.write_bytes(whole)
    try:
        command = [sys.executable, "-m", "warcio.cli", "check", str(spoilt)]
        assert subprocess.run(command, capture_output=True).returncode != 0
    finally:
        spoilt.unlink()


@contextmanager
def replay(data: Path, folder: Path) -> Iterator[httpx.Client]:
    """pywb on loopback over the WARC files and the index as they are."""
    if not PYWB.exists():
        pytest.skip("no pywb: make .venv-pywb/.installed")
    warcs = data / WARCS
    collection = {"index_paths": f"{warcs}/", "archive_paths": f"{warcs}/"}
    # JSON is YAML.
    (folder / "config.yaml").write_text(json.dumps({"collections": {"gongkai": collection}}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "pywb.log").open("wb")
    process = subprocess.Popen(
        [str(PYWB), "-b", "127.0.0.1", "-p", str(port)], cwd=folder, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            for _ in range(600):
                assert process.poll() is None, (folder / "pywb.log").read_text()
                try:
                    client.get("/")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def test_pywb_gives_out_the_bytes_that_were_fetched(data: Path, tmp_path: Path) -> None:
    by_place = {(one.fields["filename"], int(one.fields["offset"])): one for one in captures(data)}
    with closing(sqlite3.connect(data / DATABASE)) as db:
        sql = "SELECT warc_file, warc_offset, url, sha256, role, kind FROM documents"
        documents = db.execute(sql).fetchall()
    compared: Counter[tuple[str, str]] = Counter()
    seen = 0
    with replay(data, tmp_path) as client:

        def sha256(capture: Capture) -> str:
            answer = client.get(capture.path)
            assert answer.status_code == 200, capture.path
            return hashlib.sha256(answer.content).hexdigest()

        known: dict[str, str] = {}
        for file, offset, url, digest, role, kind in documents:
            # By the place: where a page led on to another, the record has the other's address.
            capture = by_place.get((file, offset))
            if capture is not None:
                assert sha256(capture) == digest, url
                compared[role, kind] += 1
                known[capture.fields["digest"]] = digest
        # A revisit has no bytes of its own; pywb finds those it refers to.
        for capture in by_place.values():
            if capture.fields["mime"] == cdxj.REVISIT and capture.fields["digest"] in known:
                assert sha256(capture) == known[capture.fields["digest"]], capture.path
                seen += 1
    assert sum(compared.values()) > 180
    assert min(compared["page", "html"], compared["attachment", "pdf"], compared["attachment", "docx"]) > 0
    assert seen > 20
