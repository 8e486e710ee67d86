"""The small archive on which the examples of docs/archive.md run."""

from __future__ import annotations

from pathlib import Path

from archive import cdxj
from archive.merges import merged, reading
from archive.store import Store
from archive.warc import WarcWriter
from pipelines import copies
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import START, crawl, history


def build(data: Path) -> None:
    """Three reports with a mirror and an edit; one page fetched again, unchanged; one decision."""
    crawl(data, history())
    cdxj.merge(data / WARCS)
    with WarcWriter(data / WARCS, "t") as writer:
        again = history()[0]
        headers = [("Content-Type", "text/html; charset=utf-8")]
        writer.write(
            url=again.url, fetched_at=START.replace(day=9), status=200, headers=headers, body=again.body
        )
    cdxj.merge(data / WARCS)
    with (
        reading(data / DATABASE) as db,
        Store(data / DATABASE) as store,
        WarcWriter(data / WARCS, "copies") as writer,
    ):
        [copy] = merged(db)
        copies.split(store, copy["document"], "另一机关的报告", START.replace(day=10), writer=writer)
        prove(store)
        store.refresh_coverage()
