"""Which links of a list page are candidates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.titles import is_report_column, judge

COLUMN = "政府信息公开年报"
JANUARY = date(2024, 1, 29)
REAL_LIST = Path(__file__).resolve().parents[2] / "../shared/real/lists/pingtan_zfxxgknb_index.html"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2023年", 2023),
        ("2023年度", 2023),
        ("2023", 2023),
        ("2023年年报", 2023),
        ("2023年度报告", 2023),
        ("某市审计局2023年度报告", 2023),
        ("某市审计局2023年年报", 2023),
        ("2023年某市审计局年报", 2023),
        ("某市审计局年报", None),
        ("某市审计局年报.pdf", None),
        ("某镇2022年", 2022),
        ("2020年报_审计局", 2020),
        ("某市审计局2023年政府信息公开工作年度报告", 2023),
    ],
)
def test_in_a_report_column_less_is_enough(text: str, year: int | None) -> None:
    found = judge(text, column=COLUMN)
    assert (found.is_candidate, found.year, found.is_collection) == (True, year, False)


@pytest.mark.parametrize(
    "text", ["2023年", "2023年度报告", "某市审计局2023年度报告", "2020年报_审计局", "某市审计局年报"]
)
@pytest.mark.parametrize(
    "column", [None, "通知公告", "企业年报", "政府网站工作年度报告", "法治政府建设年度报告"]
)
def test_outside_it_the_phrase_is_needed(text: str, column: str | None) -> None:
    assert not judge(text, column=column).is_candidate


@pytest.mark.parametrize("column", [None, COLUMN])
def test_the_phrase_is_enough_anywhere(column: str | None) -> None:
    assert judge("某区2022年政府信息公开工作年度报告", column=column).year == 2022


@pytest.mark.parametrize(
    "text",
    [
        "首页", "下一页", "更多", "政府信息公开指南", "某市2023年政府信息公开工作年度报告解读", "企业年报",
        "2022年法治政府建设年度报告", "2023年政府网站工作年度报表", "某县2023年政府工作报告",
        "某公司2023年度报告",
        "事业单位法人年度报告书", "2022年度部门决算", "关于做好2021年政府信息公开工作年度报告编制工作的通知",
        "附件1", "2023年1月29日", "政府信息公开年报", "某局2021年工作总结",
    ],
)  # fmt: skip
def test_what_is_refused_even_in_the_column(text: str) -> None:
    found = judge(text, column=COLUMN)
    assert not found.is_candidate
    assert found.reason


def test_a_date_makes_a_bare_row_a_candidate_and_gives_its_year() -> None:
    for text in ("政府信息公开工作年度报告", "某市审计局"):
        found = judge(text, column=COLUMN, list_date=JANUARY)
        assert (found.is_candidate, found.year, found.inferred) == (True, 2023, True)
    assert judge("政府信息公开年报", column=COLUMN, list_date=date(2024, 9, 1)).year is None
    assert judge("某局2021年政府信息公开年报", list_date=JANUARY).year == 2021


@pytest.mark.parametrize(
    "text", ["某市各区县2022年政府信息公开年报", "2023年政府信息公开年报汇总", "部门政府信息公开年报"]
)
def test_a_collection_is_walked(text: str) -> None:
    found = judge(text, column=COLUMN)
    assert (found.is_candidate, found.is_collection) == (False, True)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("政府信息公开年报", True), ("政府信息公开 > 年报", True), ("年度报告", True),
        ("信息公开工作年度报告", True),
        ("企业年报", False), ("政府网站年度报告", False), ("通知公告", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_report_columns(name: str | None, is_one: bool) -> None:
    assert is_report_column(name) is is_one


def test_the_real_list_page() -> None:
    if not REAL_LIST.exists():
        pytest.skip("no real list page here")
    tree = lxml.html.fromstring(REAL_LIST.read_bytes().decode("utf-8"))
    links = {
        (a.get("href"), " ".join((a.get("title") or "".join(str(t) for t in a.itertext())).split()))
        for a in tree.iter("a")
    }
    years = sorted(j.year or 0 for _, text in links if (j := judge(text)).is_candidate)
    assert years == list(range(2016, 2026))


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    assert judge(text, column=COLUMN, list_date=JANUARY).reason


def test_all_years_without_an_issuer_are_a_list() -> None:
    for text in ("2008-2018年政府信息公开年报", "历年政府信息公开工作年度报告"):
        assert judge(text, column=COLUMN).is_collection
    assert judge("某市水务局2008-2018年政府信息公开年报", column=COLUMN).year is None


def test_a_columns_year_counts_where_its_name_says_the_phrase_and_no_date_contradicts() -> None:
    column = "2021年政府信息公开工作年度报告"
    title = "城关镇政府信息公开工作年度报告"
    assert judge(title, column=column, list_date=date(2022, 1, 20)).year == 2021
    assert judge(title, column=column, list_date=date(2021, 1, 20)).year is None
    assert judge(title, column=column).inferred
    assert judge("市教育局", column=COLUMN).is_candidate is False
