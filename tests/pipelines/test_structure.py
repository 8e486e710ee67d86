"""What is odd about a report besides its arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Cell, Finding, Section, Snapshot
from pipelines import structure
from pipelines.report import parse

HEADINGS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
ALL = {"disclosure": "2021", "requests": "2021", "reviews": "2021"}


def sections(**texts: str) -> list[Section]:
    return [Section(n, heading, texts.get(f"s{n}", "")) for n, heading in enumerate(HEADINGS, start=1)]


def kinds(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.kind for finding in findings]


def test_a_heading_needs_its_table() -> None:
    found = structure.headings_without_table(sections(), {"requests": "2021"}, 2022)
    assert [f.message for f in found] == [
        "有标题“二、主动公开政府信息情况”，其下没有表二（主动公开政府信息情况）",
        "有标题“四、政府信息公开行政复议、行政诉讼情况”，其下没有表四（政府信息公开行政复议、行政诉讼情况）",
    ]
    assert structure.headings_without_table(sections(), ALL, 2022) == ()
    # Before 2019 no form had these tables, and of an unknown year nobody can say.
    assert structure.headings_without_table(sections(), {}, 2017) == ()
    assert structure.headings_without_table(sections(), {}, None) == ()


@pytest.mark.parametrize(
    "text",
    [
        "本年度公开信息xx条。",
        "XX局2021年政府信息公开工作年度报告",
        "20XX年，本机关认真落实条例。",
        "202×年1月1日起",
        "受理申请**件，均已答复。",
        "受理申请____件。",
        "根据国办发〔〕号文件要求，现公布。",
        "××单位认真落实各项要求。",
    ],
)
def test_what_was_never_filled_in_is_shown(text: str) -> None:
    (found,) = structure.placeholders(f"前文。\n{text}\n后文。")
    assert found.kind == "placeholder"
    assert found.message.startswith("正文留有未填写的模板占位：“")


@pytest.mark.parametrize(
    "text",
    [
        "详见http://www.xxx.gov.cn/zwgk/xxgk/。",
        "邮箱xxgk@example.gov.cn。",
        "**加粗的标题**",
        "本机关**高度重视**政府信息公开工作。",
        "联系电话138****5678。",
        "************",
        "______________",
        "国发〔2019〕60号。",
        "规模10×20米。",
        "群众王××先生来信致谢。",
        "5*8小时值守。",
    ],
)
def test_other_marks_are_no_template(text: str) -> None:
    assert structure.placeholders(text) == ()


def test_many_are_counted_and_not_all_listed() -> None:
    (found,) = structure.placeholders("\n".join(f"第{n}项公开信息xx条。" for n in range(20)))
    assert found.message.endswith("等 20 处")
    assert found.message.count("“") == 8


def test_a_period_of_another_year() -> None:
    def found(text: str, year: int | None = 2021) -> list[str]:
        return [f.message for f in structure.other_year([Section(0, "", text)], year)]

    assert found("所列数据的统计期限为2020年1月1日至2020年12月31日。") == [
        "正文所称数据统计期限为 2020 年，而报告年度为 2021 年"
    ]
    assert found("数据统计期限从 2020 年 1 月 1 日起至 2021 年 12 月 31 日止。") == [
        "正文所称数据统计期限为 2020至2021 年，而报告年度为 2021 年"
    ]
    assert found("所列数据的统计期限为2021年1月1日至2021年12月31日。") == []
    assert found("活动自2020年1月1日至2020年12月31日开展。") == []
    assert found("所列数据的统计期限为2020年1月1日至2020年12月31日。", None) == []


def test_a_first_sentence_of_the_next_year() -> None:
    def found(text: str) -> list[str]:
        return kinds(structure.other_year([Section(1, HEADINGS[0], text)], 2021))

    assert found("2022年，我局认真落实条例。") == ["narrative_year"]
    assert found("（一）主动公开。2020年度，我局公开信息9条。") == ["narrative_year"]
    assert found("2021年，我局认真落实条例。2022年，继续努力。") == []
    assert found("2020年以来，我局认真落实条例。") == []
    assert found("2018年，条例尚未修订。") == []


def test_fees_are_compared_like_with_like() -> None:
    def cell(table: str, row: str, column: str, value: Any) -> Cell:
        return Cell(table, row, column, value, str(value), "exact", "x")

    none = sections(s6="本年度未收取信息处理费。")
    charged = cell("disclosure", "fees", "amount", Decimal("24252.3"))
    # Fees of Table 2 are another kind of charge than the one section six reports on.
    assert structure.check(none, [charged], ALL, text="", year=2021) == ()
    said = sections(s1="全年收取信息处理费共计120元。", s6="2021年，无收取信息处理费情况。")
    assert [f.message for f in structure.fees(said, {})] == [
        "第六部分称没有收取信息处理费，而正文另有信息处理费 120元"
    ]
    assert structure.fees(sections(s1="收取信息处理费0元。", s6="未收取信息处理费。"), {}) == ()
    assert structure.fees(sections(s1="收取信息处理费120元。", s6="收取信息处理费120元。"), {}) == ()

    unpaid = {("requests", "other_unpaid_fee", "total"): cell("requests", "other_unpaid_fee", "total", 2)}
    assert kinds(structure.fees(sections(s6="本年度未发出收费通知。"), unpaid)) == ["fee_statements"]
    assert structure.fees(none, unpaid) == ()  # asked for, not paid: nothing was collected

    amount = {("disclosure", "fees", "amount"): charged}
    (found,) = structure.fees(sections(s6="本机关没有行政事业性收费。"), amount)
    assert found.message == "第六部分称没有行政事业性收费，而表二行政事业性收费为 24252.3 万元"
    blank = Cell("disclosure", "fees", "amount", None, "", "blank", "x")
    assert (
        structure.fees(sections(s6="本机关没有行政事业性收费。"), {("disclosure", "fees", "amount"): blank})
        == ()
    )


def test_a_section_that_stands_twice() -> None:
    text = "本机关将在下一年继续完善公开目录，及时更新各栏目的内容，并对答复文书作定期的检查和通报。"
    found = structure.twins(sections(s1=text, s5=text.replace("，", "， "), s6="无。"), ["一、总体情况"])
    assert [f.message for f in found] == [
        "标题“一、总体情况”出现两次",
        "“五、存在的主要问题及改进情况”与“一、总体情况”的文字完全相同",
    ]
    assert structure.twins(sections(s4="无。", s6="无。")) == ()


def test_repetition_masks_years_and_digits() -> None:
    before = "\n".join(f"第{n}项工作在2021年完成了{n}次，情况总体良好{'甲乙丙丁戊己'[n]}。" for n in range(6))
    now = before.replace("2021", "2022").replace("情况总体良好己", "情况总体一般己")
    found = structure.repetition(now, before)
    assert found is not None
    assert (found.same, found.sentences, found.percent) == (5, 6, 83.3)
    again = structure.repetition(before, before)
    assert again is not None
    assert again.percent == 100.0
    assert structure.repetition("很短。" * 50, before) is None
    assert structure.repetition(before, "") is None


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_raises_and_a_share_is_a_share(now: str, before: str) -> None:
    structure.check([Section(1, now, before), Section(6, before, now)], (), {}, text=now, year=2021)
    found = structure.repetition(now, before)
    assert found is None or 0 <= found.percent <= 100


def test_findings_reach_the_report() -> None:
    body = "<html><head><title>样本县统计局2021年政府信息公开工作年度报告</title></head><body>"
    body += "".join(
        f"<p>{heading}</p><p>2022年，本部分受理申请xx件，情况总体良好，各项工作按计划进行，没有其他要说明的。</p>"
        for heading in HEADINGS
    )
    original = Snapshot(
        url="http://www.example.gov.cn/1.html",
        body=body.encode(),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    read = parse(original)
    assert read.is_report
    assert read.year == 2021
    found = {finding.kind for finding in read.findings}
    assert {"placeholder", "narrative_year", "heading_without_table", "section_twice"} <= found
