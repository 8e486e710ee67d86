"""An archive to look at: invented issuers' reports stored as a crawl stores them, without a crawl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import yaml

import demo
from archive import notes
from archive.divisions import DEFAULT
from archive.records import Context, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from demo import body, issuers, publications, render_html
from demo.publication import Publication
from pipelines.across import prove
from pipelines.items import DATABASE, WARCS
from pipelines.keep import keep
from pipelines.report import parse
from pipelines.version import PARSER

#: A prefecture with its offices and counties, one of them with a report that does not add up and one
#: with blanks, and a county of another prefecture.
CHOSEN = (
    *("青禾市人民政府", "青禾市人民政府办公室", "青禾市统计局", "青禾市澄溪区人民政府"),
    *("青禾市澄溪区桐安街道办事处", "样本县人民政府", "样本县青松镇人民政府", "示范县人民政府"),
)
_START = datetime(2026, 3, 1, 8, tzinfo=UTC)
_SEED = 1


def build(folder: Path) -> Path:
    """Write ``gongkai.db`` and ``warc/`` into ``folder``; returns the folder."""
    extra = yaml.safe_load((Path(demo.__file__).parent / "divisions.yml").read_text(encoding="utf-8"))
    divisions = DEFAULT.with_extra(extra)
    of = [issuer for issuer in issuers.ISSUERS if issuer.agency in CHOSEN]
    with Store(folder / DATABASE, demo=True) as store, WarcWriter(folder / WARCS, "looks") as writer:
        store.load_divisions(divisions.rows())
        store.add_portals(
            [{"key": "qinghe", "name": "青禾市人民政府", "family": "trs", "start": ["http://a/"]}]
        )
        run = store.start_run("qinghe", started_at=_START, parser=PARSER)
        hour = 0
        for _, publication in publications.invented(_SEED, of):
            states = [publication]
            if (publication.agency, publication.year) == issuers.EDITED:
                states.append(publications.edited(publication))
            for number, state in enumerate(states):
                hour += 1
                snapshot = _fetched(writer, state, _START + timedelta(hours=hour), more=number > 0)
                notes.write_original(writer, snapshot)
                keep(store, snapshot, parse(snapshot, divisions), warcs=folder / WARCS)
        prove(store)
        store.finish_run(run, reason="finished", outcome="ok", found=hour, stored=hour)
        _troubles(store)
        store.refresh_coverage()
    return folder


#: Portals that are not as they should be: what their visit came to, and what was noted.
_TROUBLES = (
    ("样本县人民政府", "blocked", "blocked:rs", "HTTP status 412: a challenge; nothing more is asked for"),
    ("示范县人民政府政务服务和大数据管理局", "broken", "none_found", "列表上一条报告链接也没有，以前有 6 条"),
    ("澜禾市人民政府", "partial", "partial", "the list states 12 rows, 9 were found on 1 pages"),
)


def _troubles(store: Store) -> None:
    for number, (name, outcome, kind, message) in enumerate(_TROUBLES):
        key = f"troubled{number}"
        store.add_portals([{"key": key, "name": name, "family": "trs", "start": ["http://a/"]}])
        run = store.start_run(key, started_at=_START + timedelta(days=60, hours=number), parser=PARSER)
        store.add_issue(run, kind, f"http://www.{key}.example/{'zfxxgk/' * 12}index.html", message)
        reason = kind if kind.startswith("blocked:") else "finished"
        store.finish_run(run, reason=reason, outcome=outcome)
    store.finish_run(store.start_run(None, command="reparse", started_at=_START), reason="finished")


def _fetched(writer: WarcWriter, publication: Publication, when: datetime, *, more: bool) -> Snapshot:
    page = _page(publication)
    if more:  # a silent edit alters the text as well
        page = page.replace("<p>　　", "<p>　　（经修改）", 1)
    encoded = page.encode()
    number = CHOSEN.index(publication.agency) * 100 + publication.year % 100
    year = publication.year + 1
    url = f"http://www.qinghe.example/zfxxgk/{year}01/t{year}0120_{number}.shtml"
    headers = [("Content-Type", "text/html; charset=utf-8")]
    location = writer.write(url=url, fetched_at=when, status=200, headers=headers, body=encoded)
    return Snapshot(
        url=url,
        body=encoded,
        fetched_at=when,
        media_type="text/html",
        charset="utf-8",
        context=Context(portal="qinghe", portal_name=publication.agency, division=publication.division),
        warc=location,
    )


def _page(publication: Publication) -> str:
    """The article as a simple portal shows it."""
    article = render_html.body(body.blocks(publication, _SEED), publication.style)
    title, day = escape(publication.title), publication.published_on
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{day}">'
        f"</head><body><h1>{title}</h1><p>发布时间：{day}</p>"
        f'<div class="TRS_Editor">{article}</div></body></html>'
    )
