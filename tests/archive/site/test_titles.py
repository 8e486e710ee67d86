"""Titles and codes in the reader's language."""

from __future__ import annotations

import re

import pytest
from datasette.filters import Filters

from archive.site import codes, titles
from archive.site.i18n import Words, all_keys
from tests.archive.site import sample
from tests.archive.site.conftest import Get


def title(text: str) -> str:
    found = re.search(r"<title>(.*?) · gongkai</title>", text)
    assert found is not None
    return found[1]


def test_every_comparison_of_datasettes_has_words() -> None:
    for key, _, _ in Filters(()).lookups():
        assert f"op.{key}" in all_keys()


def test_a_filtered_table_says_so_in_its_title(get: Get) -> None:
    path = "/gongkai/reports?province=河南省&verdict=pass&url__notnull=1&_search=政府"
    said = title(get(path).text)
    assert said.startswith("年度报告（")
    for part in ("含有“政府”", "省份 等于 河南省", "勾稽结论 等于 勾稽相符", "原文链接 有值"):
        assert part in said
    assert title(get("/gongkai/reports").text) == "年度报告"
    assert "contains" in title(get("/gongkai/reports?title__contains=x", "en").text)
    options = re.findall(r"<option[^>]*>([^<]*)</option>", get("/gongkai/reports").text)
    assert "含有" in options
    assert not {"contains", "is null", "like"} & set(options)


def test_findings_say_whose_and_which(get: Get) -> None:
    path = f"/findings?issuer={sample.SHAHE}&year=2021&identity=R1&blame=issuer"
    page = get(path).text
    assert title(page) == "勾稽不符：沙河市人民政府办公室、2021、R1"
    link = re.search(r'href="(/download/findings\.csv[^"]*)"', page)
    assert link is not None
    lines = get(link[1].replace("&amp;", "&")).text.splitlines()
    assert len(lines) == 2
    assert "R1" in lines[1]


@pytest.mark.parametrize(
    ("column", "value", "zh"),
    [
        (("findings", "at"), "requests.received", "「一、本年新收政府信息公开申请数量」一行"),
        (("findings", "at"), "no place", None),
        (("findings", "kind"), "table_missing", "缺少表格"),
        (("runs", "finish_reason"), "blocked:rs", "瑞数防护：返回 412 或验证脚本"),
        (("runs", "finish_reason"), "finished", "完成"),
        (("portals", "status"), "unverified", "未经实地抓取"),
        (("reports", "title"), "fail", None),
        (("requests", "table_key"), "reviews", "政府信息公开行政复议、行政诉讼情况"),
    ],
)
def test_codes_in_words(column: tuple[str, str], value: str, zh: str | None) -> None:
    assert codes.coded(Words("zh"))(*column, value) == zh


def test_every_coded_column_has_a_list_of_codes() -> None:
    for prefixes in codes.COLUMNS.values():
        for prefix in prefixes:
            assert any(key.startswith(f"{prefix}.") for key in all_keys()), prefix


def test_unknown_things_are_called_what_they_are() -> None:
    words = Words("en")
    assert titles.tables(words)("nothing") == "nothing"
    assert titles.columns(words)("reports", "nothing") == "nothing"
    assert titles.queries(words)("nothing") == ("nothing", "")


def test_datasettes_pages_of_json_have_titles(get: Get) -> None:
    assert title(get("/-/versions").text) == "软件版本"
    assert title(get("/-/metadata", "en").text) == "Metadata"
    assert title(get("/-/settings").text) == "设置"
