from __future__ import annotations

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archive.site import feeds
from archive.site.i18n import Words
from tests.archive.site import sample
from tests.archive.site.conftest import Get
from tests.archive.site.made import CITY, OTHER, Made

SITE = {"site": "http://s.example/", "address": "http://s.example/f?a=1&b=<"}
A = "{http://www.w3.org/2005/Atom}"


def text(element: ElementTree.Element, name: str) -> str:
    found = element.findtext(f"{A}{name}")
    assert found
    return found


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path)
    made.issuer(1, "郑州市人民政府", CITY)
    made.issuer(2, "=石家庄\u202e市<b>", OTHER)
    for ident, agency, year, seen in ((11, 1, 2020, "01"), (12, 1, 2021, "03"), (21, 2, 2021, "02")):
        made.report(ident, agency, year, title=f"年报\x01{ident}", revision=1)
        made.insert("revisions", report=ident, number=1, seen_at=f"2026-05-{seen}T00:00:00.000000Z")
    made.insert("revisions", report=11, number=2, seen_at="2026-06-01T00:00:00.000000Z")
    made.db.execute("update reports set revision = 2 where id = 11")
    made.failed(11, 1, "R1")
    made.failed(21, 1, "V1", at="reviews.reconsideration", blame="possibly_ours")
    return made


def test_new_reports_come_newest_first_and_a_revision_is_no_new_report(made: Made) -> None:
    conn = made.done()
    found = feeds.load(conn, "reports", None, None)
    assert [entry.row["id"] for entry in found] == [12, 21, 11]
    assert [entry.row["id"] for entry in feeds.load(conn, "reports", "河南省", None)] == [12, 11]
    assert [entry.row["id"] for entry in feeds.load(conn, "reports", None, 2021)] == [12, 21]
    assert feeds.load(conn, "reports", "河南省", 1999) == ()


def test_what_is_older_than_the_window_is_no_news(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.db.execute("update revisions set seen_at = '2026-05-03T00:00:00.000000Z' where report = 21")
    conn = made.done()
    # The latest two states, and what was seen at the same time as the second of them.
    monkeypatch.setattr(feeds, "_OLDEST", feeds._OLDEST.replace("offset 19999", "offset 1"))
    assert [entry.row["id"] for entry in feeds.load(conn, "reports", None, None)] == [12, 21]
    assert [entry.row["id"] for entry in feeds.load(conn, "reports", "河北省", None)] == [21]


def test_findings_come_with_the_state_they_were_found_in(made: Made) -> None:
    conn = made.done()
    found = feeds.load(conn, "findings", None, None)
    assert [(entry.row["id"], len(entry.checks)) for entry in found] == [(11, 1), (21, 1)]
    body = feeds.atom(
        "findings", found, Words("zh"), site="http://s.example/", address="http://s.example/f", title="x"
    )
    first, second = ElementTree.fromstring(body).findall(f"{A}entry")
    assert text(first, "id") == "urn:gongkai:findings:11:2"
    assert text(first, "summary").startswith(
        "R1 「一、本年新收政府信息公开申请数量」一行：各类申请人之和为 21"
    )
    assert text(first, "summary").endswith("发布机关的计算有误")
    assert "可能是本档案读取有误" in text(second, "summary")


def test_a_feed_is_xml_whatever_a_title_holds(made: Made) -> None:
    conn = made.done()
    entries = feeds.load(conn, "reports", None, None)
    body = feeds.atom(
        "reports",
        entries,
        Words("en"),
        site="http://s.example/",
        address="http://s.example/f?a=1&b=<",
        title="\x00\u202e",
    )
    feed = ElementTree.fromstring(body)
    assert text(feed, "title") == "\ufffd\ufffd"
    titles = [text(entry, "title") for entry in feed.findall(f"{A}entry")]
    assert titles[0] == "年报\ufffd12"
    names = [entry.findtext(f"{A}author/{A}name") for entry in feed.findall(f"{A}entry")]
    assert "=石家庄\ufffd市<b>" in names


@pytest.mark.parametrize("kind", ["reports", "findings"])
def test_feeds_are_valid_atom_and_named_in_every_head(get: Get, kind: str) -> None:
    page = get("/").text
    assert '<link rel="alternate" type="application/atom+xml" title="' in page
    assert f'href="/feed/{kind}.atom"' in page
    answer = get(f"/feed/{kind}.atom?province=河南省", "en")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    for element in (feed, *feed.findall(f"{A}entry")):
        assert text(element, "id")
        assert text(element, "title")
        assert datetime.fromisoformat(text(element, "updated"))
    ids = [text(entry, "id") for entry in feed.findall(f"{A}entry")]
    assert len(ids) == len(set(ids))
    if kind == "reports":
        assert ids == [f"urn:gongkai:reports:{sample.REPORT_2020}:2"]
        link = feed.find(f"{A}entry/{A}link")
        assert link is not None
        assert link.attrib["href"].endswith(f"/report/{sample.REPORT_2020}")


def test_an_empty_feed_is_a_feed(get: Get) -> None:
    feed = ElementTree.fromstring(get("/feed/findings.atom?year=1999").content)
    assert feed.findall(f"{A}entry") == []
    assert text(feed, "updated")
    assert get("/feed/nothing.atom").status_code == 404
