"""Every list sample as it was handed over, read by its family without a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, TextResponse

from spiders.families import epoint, gkmlpt, hanweb, lonsun, trs, truecms, ucap, vsb
from spiders.lists import ListPage

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/portal-samples"
SITE = "http://www.mouxian.gov.cn"

#: Sample → how it is read, its rows' dates, its stated total, the end of the address asked for next.
READ: dict[str, tuple[Callable[[TextResponse], ListPage], list[str], int | None, str | None]] = {
    "epoint_getgovinfolist.json": (
        lambda page: epoint.read_rows(
            page,
            column={"url": f"{SITE}/x.html", "categorynum": "003006", "deptcode": ""},
            call={"project": "/EWB-FRONT", "siteGuid": "g", "wrapper": "none", "fixed": ""},
            number=0,
        ),
        ["2024-01-25"], 21, "/rest/lightfrontaction/getgovinfolist",
    ),
    "gkmlpt_api.json": (
        lambda page: gkmlpt.read_api(page, node=2629, sid="755031", number=1),
        ["2023-01-29"], 17, "/gkmlpt/api/all/2629?page=2&sid=755031",
    ),
    "hanweb_col.html": (
        hanweb.read_column, ["2024-01-29", "2023-01-30"], 46,
        "webname=%25E6%259F%2590%25E5%258E%25BF&permissiontype=0&page=1&perpage=100",
    ),
    "hanweb_dataproxy.xml": (
        lambda page: hanweb.read_proxy(page, column=f"{SITE}/col/col1/", group="/p?x=1", number=1),
        ["2022-01-28", "2021-01-29"], 46, "/p?x=1&page=2&perpage=100",
    ),
    "hanweb_jpaas.json": (
        lambda page: hanweb.read_jpaas(page, column=f"{SITE}/col/", query={}, number=1),
        ["2026-01-28"], 18, "%22pageNo%22%3A2%2C%22pageSize%22%3A15%7D",
    ),
    "hanweb_jpaas_col.html": (hanweb.read_column, [], None, "%22pageNo%22%3A1%2C%22pageSize%22%3A15%7D"),
    "hanweb_xxgk.html": (
        hanweb.read_column, ["2024-01-30", "2023-01-31"], None, "/module/xxgk/search.jsp?currpage=1"
    ),
    "lonsun_list.html": (lonsun.read, ["2024-01-18"], 17, None),
    "trs_list.html": (trs.read, ["2024-01-29", "2023-01-30"], None, "/zfxxgk/zfxxgknb/index_1.shtml"),
    "truecms_jsonp.txt": (
        lambda page: truecms.read_window(
            page, service=f"{SITE}/s", column=f"{SITE}/c.html", column_id="i", seen=frozenset()
        ),
        ["2024-01-26"], 12, "/s?startrecord=2&endrecord=21&perpage=20&columnId=i&callback=cb",
    ),
    "ucap_list.html": (ucap.read, ["2024-01-24"], 23, "/zfxxgk/zfxxgknb/zfxxgk_gknbz_2.shtml"),
    "ucap_search.json": (
        lambda page: ucap.read_search(page, channel="0d1c", number=1, fallback=None),
        ["2024-01-24"], 23, "page=2",
    ),
    "vsb_list.html": (vsb.read, ["2024-01-22"], None, "/zfxxgk/zfxxgknb/zfxxgknb/1.htm"),
}  # fmt: skip


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not part of the repository")
@pytest.mark.parametrize("name", READ)
def test_a_sample_is_read_as_it_stands(name: str) -> None:
    how, dates, total, following = READ[name]
    page = HtmlResponse(
        f"{SITE}/zfxxgk/zfxxgknb/", body=SAMPLES.joinpath(name).read_bytes(), encoding="utf-8"
    )
    found = how(page)
    assert [row.date for row in found.rows()] == [date.fromisoformat(day) for day in dates]
    assert all("政府信息公开工作年度报告" in row.text for row in found.rows())
    assert found.total == total
    if following is None:
        assert found.next is None
    else:
        assert found.next is not None
        assert found.next.url.endswith(following)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not part of the repository")
def test_the_tree_of_the_gkmlpt_sample_names_the_report_column() -> None:
    text = SAMPLES.joinpath("gkmlpt_index.html").read_bytes()
    (column,) = gkmlpt.read_index(HtmlResponse(f"{SITE}/gkmlpt/index", body=text, encoding="utf-8")).columns
    assert (column.name, column.request.url) == (
        "政府信息公开年报", f"{SITE}/gkmlpt/api/all/2629?page=1&sid=755031"
    )  # fmt: skip
