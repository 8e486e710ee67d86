"""The prose against the tables: what is held against them, what is left alone, and who is said to err."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import wording
from archive.records import Cell, Check, Section, Snapshot
from pipelines import narrative, statements
from pipelines.report import parse
from tests.archive import made
from tests.paths import SHARED

COUNTY = "样本县人民政府"
BUREAU = "样本县统计局"
SUITS = "litigation_direct+litigation_after_reconsideration"
FOUND = {"requests": "2021", "reviews": "2021"}
FIGURES: Mapping[tuple[str, str, str], Any] = {
    ("requests", "received", "total"): 81,
    ("requests", "received", "natural_person"): 80,
    ("requests", "received", "business"): 1,
    ("requests", "carried_in", "total"): 4,
    ("requests", "granted", "total"): 22,
    ("requests", "granted_in_part", "total"): 20,
    ("requests", "refused_third_party", "total"): 3,
    ("requests", "refused_administrative_query", "total"): 2,
    ("requests", "unavailable_not_held", "total"): 31,
    ("requests", "unprocessed_repeat", "total"): 1,
    ("requests", "other_uncorrected", "total"): 1,
    ("requests", "other_other", "total"): 1,
    ("requests", "concluded", "total"): 81,
    ("requests", "carried_out", "total"): 4,
    ("reviews", "reconsideration", "total"): 3,
    ("reviews", "reconsideration", "pending"): 1,
    ("reviews", "litigation_direct", "total"): 5,
    ("reviews", "litigation_after_reconsideration", "total"): 2,
}


def check(
    text: str,
    *,
    agency: str | None = COUNTY,
    year: int | None = 2023,
    found: Mapping[str, str] = FOUND,
    **more: Any,
) -> list[Check]:
    figures = {**FIGURES, **{tuple(key.split("__")): value for key, value in more.items()}}
    cells = made.cells(figures, form="2021", tables=("requests", "reviews"))
    return list(narrative.check([Section(1, "一、总体情况", text)], cells, found, agency=agency, year=year))


def verdicts(text: str, **more: Any) -> list[tuple[str, str, str]]:
    return [(c.identity, c.at, c.verdict) for c in check(text, **more)]


@pytest.mark.parametrize(
    ("text", "identity", "at"),
    [
        ("2023年，全县共收到政府信息公开申请81件。", "N1", "requests.received.total"),
        ("本年度新收政府信息公开申请81件。", "N1", "requests.received.total"),
        ("全年受理政府信息公开申请 85 件。", "N1", "requests.received+carried_in.total"),
        ("全年共收到81件依申请公开申请。", "N1", "requests.received.total"),
        ("本机关接收通过邮寄、网络提交的各类政府信息公开申请共计81件。", "N1", "requests.received.total"),
        ("办理答复政府信息公开申请81件，均按时答复。", "N2", "requests.concluded.total"),
        ("全年办结依申请公开８１件。", "N2", "requests.concluded.total"),
        ("全年办理政府信息公开申请85件。", "N2", "requests.received+carried_in.total"),
        ("上年结转政府信息公开申请4件。", "N3", "requests.carried_in.total"),
        ("政府信息公开申请中，4件结转下年度继续办理。", "N3", "requests.carried_out.total"),
        ("涉及政府信息公开申请的自然人80件。", "N4", ""),
        ("信息公开类行政复议3件。", "N7", "reviews.reconsideration.total"),
        ("因政府信息公开引起的行政复议2件。", "N7", "reviews.reconsideration.total-pending"),
        ("因政府信息公开引起的行政诉讼7件。", "N7", f"reviews.{SUITS}.total"),
    ],
)  # fmt: skip
def test_a_figure_passes_under_one_of_its_readings(text: str, identity: str, at: str) -> None:
    if at:
        assert verdicts(text) == [(identity, at, "pass")]
    else:
        assert check(text) == []


def test_a_list_of_kinds_outcomes_and_shares() -> None:
    text = (
        "2023年全县收到政府信息公开申请81件，涉及自然人80件、商业企业1件。"
        "办结依申请公开81件，其中：予以公开及部分公开42件，占51.85%；不予公开5件，占6.17%；"
        "无法提供31件，占38.27%；不予处理1件，占1.2%；其他处理2件，占2.46%；重复申请1件。"
        "自然人提出的政府信息公开申请，自然人占98.77%。"
    )
    assert verdicts(text) == [
        ("N1", "requests.received.total", "pass"),
        ("N4", "requests.received.natural_person", "pass"),
        ("N4", "requests.received.business", "pass"),
        ("N2", "requests.concluded.total", "pass"),
        ("N5", "requests.granted+granted_in_part.total", "pass"),
        ("N6", "requests.granted+granted_in_part.total/concluded", "pass"),
        ("N5", "requests.refused.total", "pass"),
        ("N6", "requests.refused.total/concluded", "pass"),
        ("N5", "requests.unavailable.total", "pass"),
        ("N6", "requests.unavailable.total/concluded", "pass"),
        ("N5", "requests.unprocessed.total", "pass"),
        ("N6", "requests.unprocessed.total/concluded", "pass"),
        ("N5", "requests.others.total", "pass"),
        ("N6", "requests.others.total/concluded", "pass"),
        ("N5", "requests.unprocessed_repeat.total", "pass"),
        ("N6", "requests.received.natural_person/concluded", "pass"),
    ]


def test_a_failure_names_the_nearest_reading_and_whose_it_is() -> None:
    (failed,) = check("本年度，共受理政府信息公开申请79件。")
    assert failed == Check("N1", "requests.received.total", "fail", 79, 81, "issuer")
    (other,) = check("本年度，共受理政府信息公开申请86件。")
    assert (other.at, other.right) == ("requests.received+carried_in.total", 85)
    assert wording.sentence(failed) == (
        "正文所称 79 与表三“一、本年新收政府信息公开申请数量” 81 不符，其他口径也都不符，此为最接近者"
    )
    assert "“一、本年新收政府信息公开申请数量”加“二、上年结转政府信息公开申请数量” 85" in wording.sentence(
        other
    )
    share = check("办结政府信息公开申请81件，不予公开5件，占7.2%。")[-1]
    assert (share.identity, share.verdict, share.left, share.right) == (
        "N6",
        "fail",
        Decimal("7.2"),
        Decimal("6.2"),
    )
    assert "占“（七）总计”的比例 6.2% 不符" in wording.sentence(share)


def test_a_failure_with_an_inferred_cell_may_be_ours() -> None:
    cells = [
        replace(cell, status="inferred") if (cell.row, cell.column) == ("carried_in", "total") else cell
        for cell in made.cells(FIGURES, tables=("requests",))
    ]
    text = [Section(1, "", "本年度受理政府信息公开申请70件。")]
    (found,) = narrative.check(text, cells, {"requests": "2021"}, agency=COUNTY, year=2023)
    assert (found.verdict, found.blame) == ("fail", "possibly_ours")


def test_a_blank_cell_is_never_held_against_the_prose() -> None:
    assert verdicts("受理政府信息公开申请90件。", requests__carried_in__total="blank") == [
        ("N1", "requests.received.total", "not_assessable")
    ]
    # One reading that fits is enough; what the other would have said does not matter.
    assert verdicts("受理政府信息公开申请81件。", requests__carried_in__total="blank") == [
        ("N1", "requests.received.total", "pass")
    ]
    assert check("受理政府信息公开申请90件。", found={"disclosure": "2021"}) == []
    (open_,) = check("受理政府信息公开申请90件。", requests__carried_in__total="blank")
    assert wording.sentence(open_).startswith("正文所述数字与表三“一、本年新收政府信息公开申请数量”无法核对")


@pytest.mark.parametrize(
    "text",
    [
        # another thing
        "全年通过网站主动公开信息7123条，其中通知公告类205条。",
        "全年受理群众诉求5489件，办结5480件。",
        "全年办理行政许可申请70件。",
        "共收到建议提案50件，答复50件。",
        "全年审理行政复议案件120件。",
        # another body
        "2023年，全县各职能部门、镇街共收到政府信息公开申请1499件。其中，予以公开答复966件，占66.48%。",
        "县教育局收到政府信息公开申请5件。",
        "县教育局高度重视，全年收到政府信息公开申请5件。",
        "各乡镇认真办理依申请公开。全年收到政府信息公开申请5件。",
        # another time
        "去年收到政府信息公开申请50件。",
        "2022年收到政府信息公开申请50件。",
        "上半年收到政府信息公开申请50件。",
        "累计受理政府信息公开申请500件。",
        "2019年以来，共收到政府信息公开申请500件。",
        "政府信息公开申请较上年增长20%。",
        "政府信息公开申请比2022年增加9件。",
        # a part, or about
        "通过网络申请的政府信息公开申请30件。",
        "接收通过网络提交的政府信息公开申请共计30件。",
        "收到政府信息公开申请约70件。",
        "收到政府信息公开申请70余件。",
        "政府信息公开申请中按时办结60件，延期办结21件。",
        # what no one can tell
        "收到政府信息公开申请 7 0件。",
        "收到政府信息公开申请70件80件。",
        "一、本年新收政府信息公开申请数量 70件",
        "行政规范性文件 | 70件 | 收到政府信息公开申请70件 |",
    ],
)
def test_what_is_not_certain_is_left_alone(text: str) -> None:
    assert check(text) == []


def test_a_department_does_not_speak_for_its_county() -> None:
    assert check("2023年，全县共收到政府信息公开申请1499件。", agency=BUREAU) == []
    assert check("2023年，我局共收到政府信息公开申请81件。", agency=BUREAU)[0].verdict == "pass"
    # A government's office is another scope than its government.
    assert check("县政府办公室受理政府信息公开申请9件。", agency=COUNTY) == []
    office = check("县政府办公室代表县政府受理政府信息公开申请81件。", agency="样本县人民政府办公室")
    assert office[0].verdict == "pass"


def test_several_figures_for_one_thing_fail_nobody() -> None:
    text = "本年度受理政府信息公开申请30件。全县受理政府信息公开申请81件。"
    assert verdicts(text) == [("N1", "requests.received.total", "pass")]
    assert check("本年度受理政府信息公开申请30件。全县受理政府信息公开申请33件。") == []
    # The same figure twice is one check.
    assert len(check("本年度受理政府信息公开申请30件。全县受理政府信息公开申请30件。")) == 1


def test_what_stands_in_brackets_is_another_figure() -> None:
    assert verdicts("本年度收到政府信息公开申请81件（不含放弃申请2件）。") == [
        ("N1", "requests.received.total", "pass")
    ]


def test_lines_broken_for_their_width_are_one_sentence() -> None:
    text = "县教育局认真研究办理工作方案并且在规定的时间内\n受理政府信息公开申请5件。"
    assert check(text) == []
    wrapped = "规范依申请公开的办理环节并加强指导培训工作,全年\n办理答复政府信息公开申请 81 件,均按时答复。"
    assert verdicts(wrapped) == [("N2", "requests.concluded.total", "pass")]


def test_an_unknown_year_makes_every_year_another() -> None:
    assert check("2023年收到政府信息公开申请50件。", year=None) == []


@given(
    st.text(
        alphabet="2023年全县共收到受理政府信息公开申请件，。；：（）、占%0123456789其中自然人不予\n",
        max_size=120,
    )
)
@settings(max_examples=200, deadline=None)
def test_no_text_raises_and_no_check_passes_on_a_figure_the_tables_lack(text: str) -> None:
    for one in check(text):
        if one.verdict == "pass" and one.identity != "N6":
            assert one.left == one.right


def test_the_sum_of_signs_and_words_ends_in_time() -> None:
    statements.read([Section(1, "", "通过" + "邮寄、网络" * 4000 + "的申请81件公开申请。" * 200)], year=2023)
    statements.read([Section(1, "", "信息公开申请" * 9000)], agency=COUNTY, year=2023)


# Real reports: relations known from their figures.

REAL: Mapping[str, tuple[str, set[tuple[str, int | Decimal]]]] = {
    "langfang_office_2021/input.txt": ("廊坊市人民政府办公室", {("N1", 100)}),
    "changsha_gaoxin_2019/input.txt": ("", {("N1", 6), ("N4", 5), ("N4", 1), ("N5", 1), ("N5", 3)}),
    "pingtan_2021_text/input.txt": ("", {("N1", 70), ("N2", 69), ("N3", 1)}),
    "pingtan_2023_text/input.txt": (
        "",
        {("N1", 81), ("N2", 81), ("N4", 80), ("N4", 1), ("N7", 2), ("N7", 7)}
        | {("N5", n) for n in (42, 5, 31, 1, 2)}
        | {("N6", Decimal(p)) for p in ("51.85", "6.17", "38.27", "1.23", "2.47")},
    ),
    "huaian_2024/input.pdf": ("", {("N1", 3119), ("N2", 3050)}),
    "shanghai_office_2019/input.html": (
        "",
        {("N1", 859), ("N2", 805), ("N7", 7)} | {("N6", Decimal(p)) for p in ("4.34", "32.9", "19.6")},
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_real_prose_agrees_with_its_tables(name: str) -> None:
    file = SHARED / "real" / name
    if not file.exists():
        pytest.skip("the real reports are not here")
    read = parse(Snapshot(url=name, body=file.read_bytes(), fetched_at=datetime(2026, 1, 1, tzinfo=UTC)))
    said = [one for one in read.checks if one.identity.startswith("N")]
    assert {(c.identity, c.left) for c in said if c.verdict == "pass"} == REAL[name][1]
    assert [c for c in said if c.verdict == "fail"] == []


@pytest.mark.parametrize(
    "file", sorted((SHARED / "real" / "excerpts").glob("*.txt")), ids=lambda file: file.stem
)
def test_no_excerpt_is_held_against_itself_wrongly(file: Any) -> None:
    read = parse(Snapshot(url=file.name, body=file.read_bytes(), fetched_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert [c for c in read.checks if c.identity.startswith("N") and c.verdict == "fail"] == []


def test_two_in_the_prose_and_three_in_the_table_fail() -> None:
    """As in one real report of a county bureau, whose excerpt ends before its table does."""
    cells = made.cells({("requests", "received", "total"): 3, ("requests", "concluded", "total"): 3})
    text = [Section(1, "一、总体情况", "本年度,共受理政府信息公开申请2件,都在法定期限内予以答复。")]
    (found,) = narrative.check(text, cells, {"requests": "2021"}, agency=BUREAU, year=2023)
    assert (found.verdict, found.left, found.right, found.blame) == ("fail", 2, 3, "issuer")


def test_cells_are_not_needed_to_be_whole() -> None:
    cells = [Cell("requests", "received", "total", 5, "5", "exact", "x")]
    text = [Section(1, "", "受理政府信息公开申请5件。办结政府信息公开申请5件。")]
    found = narrative.check(text, cells, {"requests": "2021"}, agency=None, year=2023)
    assert [(c.identity, c.verdict) for c in found] == [("N1", "pass"), ("N2", "not_assessable")]
