"""H1: a government's consolidated figures against the sum of the issuers below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.candidates import CellKey
from archive.records import Cell
from pipelines import hierarchy
from pipelines.hierarchy import Part
from pipelines.text import squeeze
from tests.archive import made

RECEIVED = ("requests", "received", "total")


def cells(received: int | str, *, form: str = "2021", other: int = 0) -> dict[CellKey, Cell]:
    row = "other" if form == "2019" else "other_other"
    values: made.Values = {RECEIVED: received, ("requests", row, "total"): other}
    found = made.cells(values, form=form, tables=("requests", "reviews"))
    return {CellKey(c.table, c.row, c.column): c for c in found}


def test_the_sum_of_the_parts_is_the_whole() -> None:
    parts = [Part("样本县统计局", cells(3)), Part("样本县青松镇人民政府", cells(4))]
    found = hierarchy.check(cells(7), parts, says=True)
    assert {entry.check.verdict for entry in found} == {"pass"}
    assert len(found) == 25 + 3
    assert all(entry.check.identity == "H1" for entry in found)


def test_more_than_the_whole_fails_and_is_never_said_to_be_the_issuers() -> None:
    parts = [Part("样本县统计局", cells(3)), Part("样本县财政局", cells(5))]
    (failed,) = [e for e in hierarchy.check(cells(7), parts, says=True) if e.check.verdict == "fail"]
    assert (failed.check.at, failed.check.left, failed.check.right) == ("requests.received.total", 8, 7)
    assert failed.check.blame == "possibly_ours"
    assert failed.message == "表三“一、本年新收政府信息公开申请数量”的“总计”：下属机关之和 8 大于汇总数字 7"


def test_less_than_the_whole_proves_nothing() -> None:
    found = hierarchy.check(cells(9), [Part("样本县统计局", cells(3))], says=True)
    (low,) = [e for e in found if e.check.verdict != "pass"]
    assert (low.check.verdict, low.check.left, low.check.right) == ("not_assessable", 3, 9)
    assert "可能有机关尚未收录" in low.message


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "档案中没有其下属机关"),
        (
            [Part("样本县统计局", cells(7)), Part("样本县财政局", None)],
            "缺少下属机关的当年报告：样本县财政局",
        ),
        ([Part("样本县澄溪区人民政府", cells(7), whole=False)], "下级政府的报告没有说明是否汇总"),
    ],
)
def test_what_is_missing_makes_it_not_assessable(parts: list[Part], reason: str) -> None:
    (entry,) = hierarchy.check(cells(7), parts, says=True)
    assert entry.check.verdict == "not_assessable"
    assert reason in entry.message


def test_it_does_not_apply_to_a_report_that_does_not_say_so() -> None:
    assert hierarchy.check(cells(7), [Part("样本县统计局", cells(7))], says=False) == ()


def test_many_missing_reports_are_counted() -> None:
    (entry,) = hierarchy.check(cells(7), [Part(f"样本县第{n}局", None) for n in range(30)], says=True)
    assert entry.message.endswith("等 30 个机关")
    assert entry.message.count("第") == 8


def test_a_blank_cell_leaves_its_line_open() -> None:
    found = hierarchy.check(cells(7), [Part("样本县统计局", cells("blank"))], says=True)
    verdicts = {e.check.at: e.check.verdict for e in found}
    assert verdicts["requests.received.total"] == "not_assessable"
    assert verdicts["requests.granted.total"] == "pass"


def test_forms_are_brought_together_where_they_can_be() -> None:
    old = hierarchy.check(cells(7, form="2019", other=2), [Part("局", cells(7, other=2))], says=True)
    assert {e.check.at: e.check.verdict for e in old}["requests.other.total"] == "pass"
    new = hierarchy.check(cells(7, other=2), [Part("局", cells(7, form="2019", other=2))], says=True)
    assert {e.check.at: e.check.verdict for e in new}["requests.other_other.total"] == "not_assessable"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("本报告在汇总全县各部门、各乡镇年度报告的基础上编制。", True),
        ("本年报数据汇总了各镇街、各部门的情况。", True),
        ("在综合全区各部门单位政府信息公开年度报告的基础上，由区政府办编制本年报。", True),
        ("本报告中的数据涵盖县政府办公室、各乡镇和所属部门。", True),
        ("本报告所列数据为全县汇总数据。", True),
        ("全县政务公开工作稳步推进。", False),
        ("各部门、各乡镇认真落实公开制度。", False),
        ("本报告由县政府办公室编制。", False),
        ("汇总栏目更新情况并通报。", False),
    ],
)
def test_whether_a_report_says_that_it_consolidates(text: str, says: bool) -> None:
    assert hierarchy.consolidates(text) is says


WORDS = ("年度报告", "本年报", "本报告", "数据", "情况", "汇总", "综合", "涵盖", "统计", "包含", "包括", "含")
WHOM = (
    "各",
    "全",
    "所属",
    "各部门",
    "全县",
    "全市各",
    "镇",
    "政府系统",
    "行政机关",
    "为",
    "是",
    "系",
    "。",
    "，",
    "\n",
)


@given(st.lists(st.sampled_from(WORDS + WHOM), max_size=12).map("".join))
def test_sentence_by_sentence_it_is_what_the_whole_text_says(text: str) -> None:
    assert hierarchy.consolidates(text) is (hierarchy._SAYS.search(squeeze(text)) is not None)
