"""The report page of a report with an indicator list."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import html

from archive.forms import indicators as form
from archive.records import Check
from archive.rows import report_id
from archive.serve import build_app
from archive.store import Store
from tests.archive.made import put, report
from tests.archive.site.conftest import Get, _getter
from tests.archive.test_indicators import figure, listed

HOSTILE = "<script>alert(1)</script>数"
NATIONAL = tuple(
    figure(line.key, n, label=f"{line.zh}（本县）", unit=line.unit)
    for n, line in enumerate(form.national().figures)
)


@pytest.fixture(scope="module")
def get(tmp_path_factory: pytest.TempPathFactory) -> Get:
    path = tmp_path_factory.mktemp("lists") / "gongkai.db"
    failed = Check("I2", "indicators.closed.year", "fail", 12, 159, "issuer")
    own = (
        figure("raw:" + HOSTILE, 7, unit="人次"),
        figure("raw:" + HOSTILE, None, "cumulative", status="ambiguous", unit="人次"),
        figure("applications_letter", 3),
        figure("applications_letter", Decimal("30"), "cumulative"),
        figure("raw:=1+1", Decimal("98.5"), unit="%"),
        figure("raw:=1+1", None, "cumulative", unit="%"),
    )
    with Store(path) as store:
        put(store, "http://a.example/1", "一", replace(listed(*NATIONAL), checks=(failed,)))
        put(store, "http://a.example/2", "二", listed(*own, form="provincial", year=2017))
        put(store, "http://a.example/3", "三", report(year=2020, form="2019"))
    return _getter(build_app(path))


def _address(year: int) -> str:
    return f"/report/{report_id('中原区人民政府', '410102', year)}"


def _table(text: str) -> list[list[str]]:
    (table,) = html.fromstring(text).xpath('//table[contains(@class, "indicators")]')
    return [["".join(cell.text_content().split()) for cell in row] for row in table.iter("tr")]


def test_the_national_list_stands_under_its_headings(get: Get) -> None:
    text = get(_address(2016)).text
    rows = _table(text)
    lines = list(form.national().lines.values())
    assert rows[0] == ["统计指标", "单位", "本年度"]
    assert [row[0].rstrip("⚠") for row in rows[1:]] == [line.full for line in lines]
    assert [row[1:] for row in rows[1:] if len(row) == 3] == [
        [line.unit, str(n)] for n, line in enumerate(form.national().figures)
    ]
    assert "2014 年统计表" in text
    assert "本报告中没有找到这张表" not in text


def test_a_total_that_does_not_add_up_is_flagged(get: Get) -> None:
    page = html.fromstring(get(_address(2016)).text)
    flagged = page.xpath('//table[contains(@class, "indicators")]//th[@class="failed"]')
    assert ["".join(cell.text_content().split()) for cell in flagged] == ["（二）申请办结数⚠"]
    assert "按时与延期办结之和为 12，总数写作 159" in get(_address(2016)).text


def test_a_provinces_list_stands_as_the_source_has_it(get: Get) -> None:
    rows = _table(get(_address(2017)).text)
    assert rows == [
        ["统计指标", "单位", "本年度", "历年累计"],
        [HOSTILE, "人次", "7", "歧"],
        ["applications_letter", "件", "3", "30"],
        ["=1+1", "%", "98.5", "空"],
    ]
    assert "<script>alert" not in get(_address(2017)).text


def test_in_english_the_forms_lines_are_english(get: Get) -> None:
    text = get(_address(2016), "en").text
    rows = _table(text)
    assert rows[0] == ["Indicator", "Unit", "Thisyear"]
    assert ["(1)Applicationsreceived", "cases"] in [row[:2] for row in rows]
    assert "the four ways" not in text
    assert "in time and extended add up to 12, the total says 159" in text


def test_csv_and_json_carry_the_unit_of_every_line(get: Get) -> None:
    rows = list(csv.DictReader(io.StringIO(get(_address(2017) + ".csv").text.removeprefix("\ufeff"))))
    assert [(r["row_label"], r["column"], r["value"], r["unit"], r["status"]) for r in rows[:3]] == [
        (HOSTILE, "year", "7", "人次", "exact"),
        (HOSTILE, "cumulative", "", "人次", "ambiguous"),
        ("4.信函申请数", "year", "3", "件", "exact"),
    ]
    assert rows[4]["row_label"] == "'=1+1"
    cells = get(_address(2017) + ".json").json()["cells"]
    assert [(c["row"], c["column"], c["value"], c["unit"]) for c in cells][-2:] == [
        ("raw:=1+1", "year", 98.5, "%"),
        ("raw:=1+1", "cumulative", None, "%"),
    ]


def test_a_report_without_a_list_shows_its_three_tables_only(get: Get) -> None:
    page = html.fromstring(get(_address(2020)).text)
    names = [table.get("class") for table in page.xpath('//table[starts-with(@class, "form")]')]
    assert names == ["form disclosure", "form requests", "form reviews"]


def test_the_table_of_all_lists_can_be_browsed_and_downloaded(get: Get) -> None:
    assert get("/gongkai/indicators").status_code == 200
    assert get("/gongkai/indicators?key=applications").status_code == 200
    text = get("/download/indicators.csv?_header=zh").text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(NATIONAL) + 3
    assert {row["国家指标"] for row in rows if row["年度"] == "2017"} == {"", "applications_letter"}
