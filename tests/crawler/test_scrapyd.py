"""A visit scheduled through a real Scrapyd, as docs/operations.md says.

Scrapyd lives in an environment of its own over ours (``make .venv-scrapyd/.installed``); where that is
not, e.g. without a network, the test skips.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from pipelines.items import DATABASE
from tests.paths import REPOSITORY

from .servers import Pages, Reply, Server, listing, portal

PYTHON = REPOSITORY / ".venv-scrapyd" / "bin" / "python"
#: Seconds after which what is waited for is given up; a busy machine takes a fifth of them.
PATIENCE = 120
ARTICLE = "<html><body><h1>示例县2023年年报</h1><div>" + "正文。" * 100 + "</div></body></html>"
PAGES: Pages = {"/nb/": Reply(listing("2023.html", "2022.html")), "/nb/2023.html": Reply(ARTICLE)}

pytestmark = pytest.mark.slow


def documented() -> str:
    """The settings of Scrapyd that the documentation gives."""
    text = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
    [block] = [part for part in text.split("```")[1::2] if part.startswith("ini\n[settings]")]
    return block.removeprefix("ini\n")


@contextmanager
def scrapyd(folder: Path, data: Path, portals: Path) -> Iterator[httpx.Client]:
    """Scrapyd at work in ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    (folder / "scrapy.cfg").write_text(f"{documented()}http_port = {port}\npoll_interval = 0.5\n")
    own = {"GONGKAI_DATA": str(data), "GONGKAI_PORTALS": str(portals), "GONGKAI_DEMO": "true"}
    env = {**os.environ, **own, "PYTHONPATH": str(REPOSITORY), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [PYTHON, "-m", "scrapyd"], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


def until_it_answers(client: httpx.Client) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            answer: dict[str, Any] = client.get("/listspiders.json", params={"project": "default"}).json()
            return answer
        except httpx.TransportError:
            assert time.monotonic() < end, "scrapyd does not answer"
            time.sleep(0.2)


@pytest.mark.skipif(not PYTHON.exists(), reason="scrapyd is not installed: make .venv-scrapyd/.installed")
def test_a_visit_is_scheduled_and_made(tmp_path: Path) -> None:
    server = Server("127.0.0.1", PAGES)
    portals, data = tmp_path / "portals", tmp_path / "data"
    portals.mkdir()
    entry = portal("one", f"{server.base}/nb/", family="static").entry()
    portals.joinpath("one.yml").write_text(yaml.safe_dump(entry, allow_unicode=True), encoding="utf-8")
    try:
        with scrapyd(tmp_path / "scrapyd", data, portals) as client:
            assert {"trs", "static", "hanweb"} <= set(until_it_answers(client)["spiders"])
            asked = {"project": "default", "spider": "static", "portal": "one"}
            job = client.post("/schedule.json", data=asked).json()
            assert job["status"] == "ok"
            end = time.monotonic() + PATIENCE
            while not (
                done := client.get("/listjobs.json", params={"project": "default"}).json()["finished"]
            ):
                assert time.monotonic() < end, "the visit does not end"
                time.sleep(0.3)
            assert [one["id"] for one in done] == [job["jobid"]]
            log = next((tmp_path / "scrapyd").rglob("*.log")).read_text(encoding="utf-8")
    finally:
        server.stop()
    with closing(sqlite3.connect(data / DATABASE)) as db:
        runs = db.execute("SELECT portal, finish_reason, found FROM runs").fetchall()
        documents = db.execute("SELECT count(*) FROM documents").fetchone()
    assert runs == [("one", "finished", 2)], log
    assert documents == (1,)
    assert list((data / "warc").glob("*.warc.gz"))
