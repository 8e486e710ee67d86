"""Which answers a crawl keeps: list pages as the setting says, all else always."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.warc import iter_records
from crawler.runner import crawl
from pipelines.items import WARCS

from .servers import Pages, Reply, Server, listing, portal

ARTICLE = "<html><body><h1>示例县2023年年报</h1><div>" + "正文。" * 100 + "</div></body></html>"
PAGES: Pages = {
    "/nb/": Reply(listing("2023.html").replace("</ul>", "</ul><a href='index_1.html'>下一页</a>")),
    "/nb/index_1.html": Reply("<h1>维护中</h1>", 404),
    "/nb/2023.html": Reply(ARTICLE),
}


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server("127.0.0.1", PAGES)
    yield running
    running.stop()


@pytest.mark.parametrize(("lists", "kept"), [("true", {"/nb/"}), ("false", set())])
def test_list_pages_are_kept_as_the_setting_says(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lists: str, kept: set[str]
) -> None:
    monkeypatch.setenv("GONGKAI_WARC_LISTS", lists)
    summary = crawl(
        [portal("one", f"{server.base}/nb/", family="static")], data=tmp_path, demo=True, progress=False
    )
    assert [run.found for run in summary.portals] == [1]
    assert {"/nb/", "/nb/index_1.html", "/nb/2023.html"} <= set(server.targets)
    written = {
        record.url.removeprefix(server.base)
        for record in iter_records(tmp_path / WARCS)
        if record.url.startswith(server.base)
    }
    # robots.txt, the report, and the refusal in the place of a list are kept in any case
    assert written == kept | {"/robots.txt", "/nb/index_1.html", "/nb/2023.html"}
