"""The log of a visit is found from its row; its lines name portal, address and report."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from crawler.runner import crawl

from .servers import Reply, Server, listing, portal

TITLE = "廊坊市人民政府2021年政府信息公开工作年度报告"
TEXT = "本年度主动公开政府信息若干条。" * 40
PAGE = (
    f"<html><head><title>{TITLE}</title><meta name='ArticleTitle' content='{TITLE}'></head>"
    f"<body><h1>{TITLE}</h1><div class='TRS_Editor'><p>{TEXT}</p></div></body></html>"
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_from_the_row_to_the_lines(tmp_path: Path) -> None:
    column = listing("2021.html", "2020.html").replace("示例县", "廊坊市人民政府")
    server = Server("127.0.0.1", {"/nb/": Reply(column), "/nb/2021.html": Reply(PAGE)})
    try:
        crawl(
            [portal("shili", f"{server.base}/nb/")],
            data=tmp_path,
            demo=True,
            progress=False,
            log_file=tmp_path / "stderr",
        )
    finally:
        server.stop()
    with closing(sqlite3.connect(tmp_path / "gongkai.db")) as db:
        [(run, log)] = db.execute("SELECT id, log FROM runs").fetchall()
        [(report,)] = db.execute("SELECT id FROM reports").fetchall()
    ours = [line for line in lines(tmp_path / log) if "portal" in line]
    assert {(line["portal"], line["run"]) for line in ours} == {("shili", run)}
    said = {line["message"].partition(":")[0].partition(",")[0]: line for line in ours}
    assert {"visit begins", "stored", "gone", "visit ended"} <= set(said)
    assert (said["stored"]["url"], said["stored"]["report"]) == (f"{server.base}/nb/2021.html", report)
    assert said["gone"]["url"] == f"{server.base}/nb/2020.html"
    assert said["gone"]["level"] == "WARNING"
    # The same goes to stderr, where that is no terminal.
    assert [line["message"] for line in lines(tmp_path / "stderr") if line.get("portal")] == [
        line["message"] for line in ours
    ]
