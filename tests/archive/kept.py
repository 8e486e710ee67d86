"""A small archive made as a crawl makes one: record, note, reading, rows; with figures of real reports."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import notes
from archive.records import Context, Report, Role, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from demo import real
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.keep import keep
from pipelines.report import parse
from pipelines.version import PARSER
from tests.layouts import LAYOUTS

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
_MADE = "样本县人民政府2022年"
_SAMPLES = real.load_all()


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer of a portal."""

    url: str
    body: bytes
    hour: int
    portal: str = "ziyang"
    name: str = "益阳市资阳区人民政府"
    division: str = "430902"
    link: str = ""
    page_url: str | None = None
    parts: tuple[Fetched, ...] = ()
    part: int | None = None


def page(
    year: int, *, sample: int = 0, more: str = "", agency: str = "益阳市资阳区人民政府", slip: int = 0
) -> bytes:
    """A report's page with the figures of a real report.

    ``more`` is a sentence behind its first; ``slip`` is by how much the total of received requests is wrong.
    """
    one = _SAMPLES[sample]
    cells = {table: {row: dict(line) for row, line in rows.items()} for table, rows in one.cells.items()}
    cells["requests"]["received"]["total"] = (cells["requests"]["received"]["total"] or 0) + slip
    text = LAYOUTS["official"](cells, one.form).decode().replace(_MADE, f"{agency}{year}年")
    return text.replace("一、总体情况</p>", f"一、总体情况</p><p>{more}</p>", 1).encode()


def history() -> list[Fetched]:
    """Three years of an issuer.

    Two reports with a mirror, an edit that is taken back, a notice, an article in two pages, and
    one text under two bodies.
    """
    at = "http://www.ziyang.example/nb"
    title = "益阳市资阳区人民政府2021年政府信息公开工作年度报告"
    token = page(2021).replace(b"</body>", b"<!-- 4711 --></body>")
    upper = {"portal": "yiyang", "name": "益阳市人民政府", "division": "430900"}
    second = Fetched(f"{at}/2023_2.html", "<html><p>第二页正文。</p></html>".encode(), 7, part=1)
    return [
        Fetched(f"{at}/2021.html", page(2021), 0, link=title),
        Fetched(f"{at}/2022.html", page(2022, sample=2), 1),
        Fetched("http://www.yiyang.example/zy/22.html", page(2022, sample=2), 2, **upper),
        Fetched(f"{at}/tz.html", "<html><body><h1>关于编制年度报告的通知</h1></body></html>".encode(), 3),
        Fetched(f"{at}/2021.html", token, 4),
        Fetched(f"{at}/2022.html", page(2022, sample=3, more="新增一句。"), 5),
        Fetched(f"{at}/2023.html", page(2023, sample=4, more="第一页。"), 6, parts=(second,)),
        Fetched(f"{at}/2022.html", page(2022, sample=2), 8),
    ]


def read(snapshot: Snapshot) -> Report:
    return parse(snapshot)


def crawl(
    data: Path,
    answers: Sequence[Fetched],
    *,
    parse: Callable[[Snapshot], Report] = read,
    stored: Callable[[Fetched], bool] = lambda _: True,
) -> None:
    """What a crawl does with these answers; one not ``stored`` is noted only, as by a crawl killed there."""
    with Store(data / DATABASE) as store, WarcWriter(data / WARCS, "t", rotate_at=20_000) as writer:
        runs = {}
        for answer in answers:
            if answer.portal not in runs:
                entry = {"key": answer.portal, "name": answer.name, "family": "trs", "start": ["http://a/"]}
                store.add_portals([entry | {"division": answer.division}])
                started = START + timedelta(hours=answer.hour)
                runs[answer.portal] = store.start_run(answer.portal, started_at=started, parser=PARSER)
                notes.write_run(writer, store.run_state(runs[answer.portal]))
            snapshot = _fetched(writer, answer)
            notes.write_original(writer, snapshot)
            if stored(answer):
                keep(store, snapshot, parse(snapshot), parse=parse, warcs=data / WARCS)
        prove(store)
        for portal, run in runs.items():
            store.add_issue(run, "gone", "http://a/9.html", "HTTP status 404")
            ended = START + timedelta(days=1)
            store.finish_run(run, reason="finished", finished_at=ended, stored=1, failed=1)
            store.set_portal_status(portal, "ok")
            notes.write_run(writer, store.run_state(run))
        store.refresh_coverage()


def _fetched(writer: WarcWriter, answer: Fetched) -> Snapshot:
    when = START + timedelta(hours=answer.hour)
    headers = [("Content-Type", "text/html; charset=utf-8")]
    where = writer.write(url=answer.url, fetched_at=when, status=200, headers=headers, body=answer.body)
    role: Role = "page" if answer.page_url is None and answer.part is None else "attachment"
    snapshot = Snapshot(
        url=answer.url,
        body=answer.body,
        fetched_at=when,
        media_type="text/html",
        charset="utf-8",
        role=role,
        context=Context(
            portal=answer.portal,
            portal_name=answer.name,
            division=answer.division,
            link_text=answer.link or None,
            page_url=answer.page_url,
            part=answer.part,
            parts=len(answer.parts) or None,
        ),
        warc=where,
    )
    return replace(
        snapshot, parts=tuple(_fetched(writer, replace(part, page_url=answer.url)) for part in answer.parts)
    )


def everything(path: Path) -> dict[str, list[str]]:
    """Every row of every table there is, but for when the tables were made, the books of replays, and whose
    coverage is to be looked at again.

    What is worked out from the tables has its own proof (``archive.derived.proof``): how the search
    index lies on the disk depends on the order of writing, what it finds does not.
    """
    db = sqlite3.connect(path)
    sql = """
        SELECT name FROM sqlite_master
        WHERE type = 'table' AND name NOT GLOB '_search*' AND name NOT GLOB '_count_*'
        AND name NOT IN ('_uncovered', '_covered')
    """
    names = [name for (name,) in db.execute(sql)]
    found: dict[str, list[Any]] = {}
    for name in names:
        where = "WHERE command <> 'reparse'" if name == "runs" else ""
        found[name] = sorted(repr(row) for row in db.execute(f'SELECT * FROM "{name}" {where}'))
    db.close()
    del found["_sqlite_migrations"]
    return found


def shuffled(answers: Sequence[Fetched], seed: int) -> list[Fetched]:
    """Another order in which the same could have been stored: within an address it stays."""
    chance = random.Random(seed)
    queues: dict[str, list[Fetched]] = {}
    for answer in answers:
        queues.setdefault(answer.url, []).append(answer)
    order = []
    while queues:
        url = chance.choice(sorted(queues))
        order.append(queues[url].pop(0))
        if not queues[url]:
            del queues[url]
    return order
