"""The rarer systems answer as real ones do, and are as particular about what they are asked."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin, urlsplit

import pytest

from demo.families.epoint import EpointPortal
from demo.families.hanweb_more import HanwebMorePortal
from demo.families.trs_more import TrsMorePortal
from demo.manifest import PublishedReport
from demo.server import DemoPortals
from tests.demo import pages


def start_of(portals: DemoPortals, key: str, place: int = 0) -> str:
    (entry,) = (entry for entry in portals.registry if entry["key"] == key)
    return str(entry["start"][place])


def report(portals: DemoPortals, agency: str, year: int) -> PublishedReport:
    (found,) = (r for r in portals.manifest.reports if (r.agency, r.year) == (agency, year))
    return found


def running(portals: DemoPortals, kind: type) -> tuple[object, str]:
    (portal,) = (portal for portal in portals._portals if isinstance(portal, kind))
    return portal, portal.base


def test_every_family_has_a_portal(portals: DemoPortals) -> None:
    families = {entry["family"] for entry in portals.registry}
    assert families == {
        "epoint", "gkmlpt", "hanweb", "hebei", "lonsun", "numeric", "openness", "static", "trs", "truecms",
        "ucap", "vsb",
    }  # fmt: skip


def test_epoint_gives_nothing_for_a_body_that_differs_by_a_byte(portals: DemoPortals) -> None:
    portal, base = running(portals, EpointPortal)
    assert isinstance(portal, EpointPortal)
    url = f"{base}/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
    plain, wrapped = portal.site.columns
    good = portal.expected(plain, 0)
    assert len(json.loads(pages.get(url, good).body)["custom"]["data"]) == 5
    assert json.loads(pages.get(url, portal.expected(plain, 1)).body)["custom"]["data"] == []
    for body in (good.replace(b",", b", "), good + b" ", b'{"params":' + good + b"}", b""):
        assert "custom" not in json.loads(pages.get(url, body).body)
    # The other column counts from 1.
    assert json.loads(pages.get(url, portal.expected(wrapped, 0)).body)["custom"]["data"] == []
    assert len(json.loads(pages.get(url, portal.expected(wrapped, 1)).body)["custom"]["data"]) == 2


def test_trs_search_gives_nothing_for_another_order_of_fields(portals: DemoPortals) -> None:
    portal, base = running(portals, TrsMorePortal)
    assert isinstance(portal, TrsMorePortal)
    good = portal.expected(portal.site.columns[0], 2)
    url = f"{base}/fjdzapp/search"
    assert len(json.loads(pages.get(url, good).body)["data"]) == 2
    first, _, rest = good.partition(b"&")
    assert json.loads(pages.get(url, rest + b"&" + first).body)["data"] == []
    assert json.loads(pages.get(f"{url}?{good.decode()}").body)["data"] == []


def test_xxgk_search_mixes_in_other_units_and_wants_its_form_exactly(portals: DemoPortals) -> None:
    portal, base = running(portals, HanwebMorePortal)
    assert isinstance(portal, HanwebMorePortal)
    url = f"{base}/module/xxgk/search.jsp?currpage=1"
    assert "art_1700_" in pages.get(url, portal.expected(1)).text
    assert "art_1651_" in pages.get(url, portal.expected(2)).text
    assert "<tr" not in pages.get(url, portal.expected(2).replace(b":0", b"%3A0")).text


def test_truecms_wants_a_referer_and_overlaps(portals: DemoPortals) -> None:
    start = start_of(portals, "demo-fangzhen")
    page = pages.get(start).text
    column = re.search(r"columnId:'([^']+)'", page)
    assert column
    query = f"startrecord=3&endrecord=22&perpage=20&columnId={column[1]}&callback=cb"
    url = urljoin(start, f"/truecms/messageController/getMessage.do?{query}")
    assert pages.get(url).status == 404
    answer = pages.get(url, referer=start)
    assert answer.body.startswith(b"cb(")
    assert answer.text.count("<record>") == 3  # the last of the window before, and two
    off = start_of(portals, "demo-fangzhen", 1)
    assert "/truecms1/" in pages.get(off).text
    assert pages.get(urljoin(off, "/truecms1/messageController/getMessage.do"), referer=off).status == 404


def test_reports_that_are_hard_to_reach(portals: DemoPortals) -> None:
    framed = report(portals, "实测县人民政府", 2022)
    assert pages.grids(pages.get(framed.url).text) == []
    assert len(pages.grids(pages.get(framed.text_url).text)) == 3
    assert urlsplit(framed.text_url).path in pages.get(framed.url).text
    moved = report(portals, "实测县人民政府", 2021)
    assert 'http-equiv="refresh"' in pages.get(moved.url).text
    viewed = report(portals, "实测县人民政府", 2023)
    assert "/pdfjs/web/viewer.html?file=%2Fzwgk%2Fnb%2F" in pages.get(viewed.url).text
    straight = report(portals, "样张县财政局", 2024)
    assert straight.url == straight.attachment_url
    assert straight.url.endswith(".html")  # called so, and a PDF
    program = report(portals, "摹本县人民政府", 2023)
    assert program.attachment_url
    assert "/downfile.jsp?" in program.attachment_url
    stored = report(portals, "练习县人民政府", 2023)
    assert stored.attachment_url
    assert "/group6/M00/" in stored.attachment_url
    for each, magic in ((viewed, b"%PDF"), (straight, b"%PDF"), (program, b"%PDF"), (stored, b"PK")):
        assert each.attachment_url
        assert pages.get(each.attachment_url).body.startswith(magic)
    listed = pages.get(start_of(portals, "demo-shice")).text
    assert (
        "x45c8968723868xx.ipv6best.cn:"
        in listed
        + pages.get(urljoin(start_of(portals, "demo-shice"), "index_p2.html")).text
        + pages.get(urljoin(start_of(portals, "demo-shice"), "index_p3.html")).text
    )


def test_what_the_books_must_say(portals: DemoPortals) -> None:
    # Those with one nuisance each are looked at in test_troubled.py.
    single = {entry["key"] for entry in portals.registry if entry["status"] != "ok"}
    kinds = {(issue.portal, issue.kind) for issue in portals.manifest.issues if issue.portal not in single}
    assert kinds == {
        ("demo-chengxi", "robots"), ("demo-fangzhen", "partial"), ("demo-fangzhen", "gone"),
        ("demo-cunzhao", "site_id_code"), ("demo-digao", "partial"), ("demo-shice", "foreign_host"),
        ("demo-shice", "gone"), ("demo-shice", "partial"),
    }  # fmt: skip
    gone = [i.url for i in portals.manifest.issues if (i.portal, i.kind) == ("demo-shice", "gone")]
    answers = [pages.get(url) for url in gone]
    assert {"页面不存在" in answer.text for answer in answers} == {True, False}
    assert all(answer.status == 200 for answer in answers)  # one is the home page


@pytest.mark.parametrize("path", ["/zwgk/tongbao/index_9000.html", "/rili/209912.html"])
def test_there_is_always_one_more_page(portals: DemoPortals, path: str) -> None:
    got = pages.get(urljoin(start_of(portals, "demo-shice"), path))
    assert got.status == 200
    assert "下一页" in got.text
