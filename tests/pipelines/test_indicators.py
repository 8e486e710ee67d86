"""The indicator list of 2014: every layout, a province's own lines, the arithmetic, what is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.forms import indicators as form
from archive.indicators import IndicatorCell
from archive.records import Check, Grid, GridCell, Snapshot
from pipelines import identities
from pipelines.flat import indicators as flat
from pipelines.match import Match, match
from pipelines.readers import read
from pipelines.report import parse
from pipelines.tables import indicators as grids
from pipelines.tables.indicator_lines import Listing, Text, candidates, complete
from tests import layouts_2014 as layouts
from tests.archive.made import START

NATIONAL = form.national()
KEYS = [line.key for line in NATIONAL.figures]
# 1, 10 and 21 end or begin with digits that also number labels.
FILLED: layouts.Figures = {
    line.key: Decimal("12.5") if line.kind == "amount" else (n * 7) % 23 * (1 + n % 3)
    for n, line in enumerate(NATIONAL.figures)
}
HOLES: layouts.Figures = {key: None if n % 5 == 2 else value for n, (key, value) in enumerate(FILLED.items())}
LARGE: layouts.Figures = {
    key: n * 123_457 if NATIONAL.lines[key].kind == "count" else Decimal("1234.05")
    for n, key in enumerate(KEYS)
}


def cells(found: Match) -> dict[str, IndicatorCell]:
    """Line → figure of the year."""
    return {c.row: c for c in found.cells if isinstance(c, IndicatorCell) and c.column == "year"}


def score(layout: str, figures: layouts.Figures) -> Counter[str]:
    got = cells(match(read(layouts.LAYOUTS[layout](figures))))
    counts: Counter[str] = Counter()
    for key, value in figures.items():
        cell = got.get(key)
        if cell is None or cell.value is None:
            counts["right" if value is None else "null"] += 1
        else:
            counts["right" if cell.value == value else "wrong"] += 1
    return counts


@pytest.mark.parametrize("figures", [FILLED, HOLES, LARGE], ids=["filled", "holes", "large"])
@pytest.mark.parametrize("layout", list(layouts.LAYOUTS))
def test_never_a_wrong_figure(layout: str, figures: layouts.Figures) -> None:
    counts = score(layout, figures)
    assert counts["wrong"] == 0
    if layout in layouts.KEEPS:
        assert counts["null"] == 0


@pytest.mark.parametrize("layout", layouts.KEEPS)
def test_what_keeps_its_cells_is_read_as_what_it_is(layout: str) -> None:
    found = match(read(layouts.LAYOUTS[layout](HOLES)))
    got = cells(found)
    assert found.forms == {"indicators": "2014"}
    assert list(got) == KEYS
    assert {cell.unit for cell in got.values()} == {"条", "件", "次", "篇", "个", "人", "人次", "万元"}
    for key, cell in got.items():
        assert cell.status in (("blank",) if HOLES[key] is None else ("exact", "inferred")), key
        assert cell.where


@pytest.mark.parametrize("layout", layouts.REFUSED)
def test_codes_among_the_cells_are_never_taken_for_figures(layout: str) -> None:
    found = match(read(layouts.LAYOUTS[layout](HOLES)))
    assert cells(found) == {}
    assert [finding.kind for finding in found.findings] == ["unknown_headings"][
        : layout != "codes without header"
    ]


def test_the_second_column_is_the_sum_of_all_years() -> None:
    found = match(read(layouts.LAYOUTS["with cumulative"](FILLED)))
    numbers = {line.key: n * 37 for n, line in enumerate(NATIONAL.lines.values())}
    so_far = {cell.row: cell.value for cell in found.cells if cell.column == "cumulative"}
    assert so_far == {key: numbers[key] for key in KEYS}


@given(
    st.lists(
        st.one_of(st.none(), st.integers(0, 12), st.integers(0, 10**7)),
        min_size=len(KEYS),
        max_size=len(KEYS),
    ),
    st.sampled_from([name for name in layouts.LAYOUTS if name not in ("pdf", "docx")]),
)
@settings(max_examples=80, deadline=None)
def test_any_figures_in_any_layout(values: list[int | None], layout: str) -> None:
    counts = score(layout, dict(zip(KEYS, values, strict=True)))
    assert counts["wrong"] == 0
    if layout in layouts.KEEPS:
        assert counts["null"] == 0


def test_a_figure_glued_to_a_number_of_its_own_stays_open() -> None:
    found = cells(match(read(layouts.LAYOUTS["glued without dots"](FILLED))))
    cell = found["via_gazette"]
    assert (cell.status, cell.value) == ("ambiguous", None)
    assert cell.readings == (f"{FILLED['via_gazette']}2", f"{FILLED['via_gazette']} | 2")


# --- labels ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "keys"),
    [
        ("（一）收到申请数", ("applications",)),
        ("(一) 收到申请 数量", ("applications",)),
        ("其中：1.当面申请数", ("applications_in_person",)),
        ("①当面申请数（件）", ("applications_in_person",)),
        ("不是条例所指政府信息数", ("reason_not_government_information",)),
        ("（二）被依法纠错数", ("reconsiderations_corrected", "lawsuits_corrected")),
        ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计一条）", ("disclosed_items",)),
        # These say something else, or may.
        ("主动公开政府信息数（网站）", ()),
        ("网上主动公开政府信息数", ()),
        ("主动公开信息数", ()),
        ("收到申请数（不含乡镇）", ()),
        ("受理申请数", ()),
        ("", ()),
    ],
)
def test_a_label_is_the_forms_own_or_none_of_it(label: str, keys: tuple[str, ...]) -> None:
    assert candidates(label) == keys


def test_no_two_lines_share_a_wording_but_outcomes_of_the_two_procedures() -> None:
    for line in NATIONAL.lines.values():
        for wording in line.wordings:
            parts = [NATIONAL.part(key) for key in candidates(wording)]
            assert line.key in candidates(wording)
            assert len(set(parts)) == len(parts)
            assert len(parts) == 1 or set(parts) == {"reconsiderations", "lawsuits"}


def _grid(*rows: tuple[str, ...]) -> Grid:
    width = max(map(len, rows))
    made = [
        tuple(
            GridCell(row[c], f"table[1]/tr[{r + 1}]/td[{c + 1}]", (r, c)) if c < len(row) else None
            for c in range(width)
        )
        for r, row in enumerate(rows)
    ]
    return Grid(tuple(made), "table[1]")


def listing(*rows: tuple[str, ...]) -> Listing:
    return grids.find([_grid(*rows)])


HEAD = ("统计指标", "单位", "统计数")
APPLICATIONS = (
    ("（一）收到申请数", "件", "10"),
    ("1.当面申请数", "件", "1"),
    ("2.传真申请数", "件", "2"),
    ("3.网络申请数", "件", "3"),
    ("4.信函申请数", "件", "4"),
)


def test_the_same_words_belong_to_the_procedure_they_stand_under() -> None:
    found = listing(
        HEAD,
        *APPLICATIONS,
        ("（二）被依法纠错数", "件", "9"),
        ("四、行政复议数量", "件", "3"),
        ("（二）被依法纠错数", "件", "1"),
        ("五、行政诉讼数量", "件", "5"),
        ("（二）被依法纠错数", "件", "2"),
        ("六、信访数量", "件", "5"),
        ("（二）被依法纠错数", "件", "4"),
    )
    values = {row: cell.value for (row, _), cell in found.cells.items()}
    assert values["reconsiderations_corrected"] == 1
    assert values["lawsuits_corrected"] == 2
    assert values["raw:（二）被依法纠错数"] == 9
    assert values["raw:（二）被依法纠错数#2"] == 4
    assert values["raw:六、信访数量"] == 5


def test_a_provinces_own_lines_keep_their_words_unit_and_place() -> None:
    found = listing(
        ("代码", "指标名称", "计量单位", "2016年度", "历年累计"),
        ("01", "主动公开信息数", "条", "1,205", "9,001"),
        ("02", "全文电子化率", "%", "98.5", "/"),
        ("03", "网上咨询数", "人次", "", "约三百"),
        ("04", "1.当面申请数", "件", "3", "31"),
        ("05", "行政申诉数", "件", "0", "2"),
        ("06", "咨询电话接听数", "万人次", "1.2万", "3"),
    )
    key, made = complete(found)
    assert key == "provincial"
    got = {(c.row, c.column): (c.value, c.status, c.unit) for c in made if isinstance(c, IndicatorCell)}
    assert got == {
        ("raw:主动公开信息数", "year"): (1205, "exact", "条"),
        ("raw:主动公开信息数", "cumulative"): (9001, "exact", "条"),
        ("raw:全文电子化率", "year"): (Decimal("98.5"), "exact", "%"),
        ("raw:全文电子化率", "cumulative"): (None, "dash", "%"),
        ("raw:网上咨询数", "year"): (None, "blank", "人次"),
        ("raw:网上咨询数", "cumulative"): (None, "unreadable", "人次"),
        ("applications_in_person", "year"): (3, "exact", "件"),
        ("applications_in_person", "cumulative"): (31, "exact", "件"),
        ("raw:行政申诉数", "year"): (0, "exact", "件"),
        ("raw:行政申诉数", "cumulative"): (2, "exact", "件"),
        ("raw:咨询电话接听数", "year"): (None, "unreadable", "万人次"),
        ("raw:咨询电话接听数", "cumulative"): (3, "exact", "万人次"),
    }
    assert [cell.label for cell in made if isinstance(cell, IndicatorCell)][:2] == ["主动公开信息数"] * 2


def test_a_provinces_lines_inside_a_flattened_list_are_kept_too() -> None:
    text = layouts.LAYOUTS["cell a line"](FILLED).decode()
    text = text.replace(
        "（二）申请办结数", "5.电子邮件申请数\n件\n6\n网上主动公开政府信息数\n条\n4\n（二）申请办结数"
    )
    found = cells(match(read(text.encode())))
    assert found["raw:5.电子邮件申请数"].value == 6
    assert found["raw:网上主动公开政府信息数"].value == 4
    assert found["disclosed_items"].value == FILLED["disclosed_items"]
    assert found["applications_letter"].value == FILLED["applications_letter"]


def test_a_strange_label_in_glued_text_takes_its_neighbours_figure_away_and_no_more() -> None:
    text = (
        layouts.LAYOUTS["glued"](FILLED)
        .decode()
        .replace("其中：主动公开", "5网上主动公开政府信息数条7其中：主动公开")
    )
    found = cells(match(read(text.encode())))
    assert found["disclosed_items"].value is None
    assert found["disclosed_normative"].value == FILLED["disclosed_normative"]


# --- figures and units -----------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "unit", "text", "value", "status"),
    [
        ("六、举报投诉数量", "件", "2件", 2, "exact"),
        ("六、举报投诉数量", "件", "无", None, "dash"),
        ("六、举报投诉数量", "千件", "2", None, "unreadable"),
        ("六、举报投诉数量", "万元", "2", None, "unreadable"),
        ("六、举报投诉数量", "千件", "0", 0, "exact"),
        ("六、举报投诉数量", "", "2", 2, "exact"),
        ("六、举报投诉数量", "件", "2\n0", None, "ambiguous"),
        ("七、依申请公开信息收取的费用", "万元", "0.37", Decimal("0.37"), "exact"),
        ("七、依申请公开信息收取的费用", "元", "3700", Decimal("0.37"), "exact"),
        ("七、依申请公开信息收取的费用（万元）", "", "0.37", Decimal("0.37"), "exact"),
        ("七、依申请公开信息收取的费用", "", "37", None, "ambiguous"),
        ("七、依申请公开信息收取的费用", "", "0", 0, "exact"),
        ("七、依申请公开信息收取的费用", "件", "37", None, "unreadable"),
    ],
)
def test_a_figure_counts_in_the_forms_unit_or_not_at_all(
    label: str, unit: str, text: str, value: int | Decimal | None, status: str
) -> None:
    made = Listing()
    made.add(label, unit, [Text(text, "here")])
    (cell,) = made.cells.values()
    assert (cell.value, cell.status) == (value, status)
    assert cell.unit in ("件", "万元")
    assert bool(made.findings) == (status in ("unreadable", "ambiguous"))


def test_what_ocr_is_unsure_of_is_only_proposed() -> None:
    rows = (HEAD, *APPLICATIONS)
    sure = _grid(*rows)
    unsure = Grid(
        tuple(
            tuple(
                cell and GridCell(cell.text, cell.where, cell.origin, sure=c < 2)
                for c, cell in enumerate(row)
            )
            for row in sure.rows
        ),
        sure.where,
    )
    assert {cell.status for cell in grids.find([unsure]).cells.values()} == {"ambiguous"}
    assert next(iter(grids.find([unsure]).cells.values())).readings == ("10",)


def test_one_line_twice_with_two_figures_is_neither() -> None:
    found = listing(HEAD, *APPLICATIONS, ("（一）收到申请数", "件", "11"), ("4.信函申请数", "件", "4"))
    assert found.cells["applications", "year"].status == "ambiguous"
    assert found.cells["applications", "year"].readings == ("10", "11")
    assert found.cells["applications_letter", "year"].value == 4
    assert [finding.kind for finding in found.findings] == ["line_twice"]


def test_a_figure_that_reaches_over_two_lines_is_neithers() -> None:
    rows = [list(row) for row in _grid(HEAD, *APPLICATIONS).rows]
    rows[3][2] = rows[2][2]
    found = grids.find([Grid(tuple(map(tuple, rows)), "table[1]")])
    assert found.rows == ["applications", "applications_online", "applications_letter"]
    assert "merged_figures" in [finding.kind for finding in found.findings]


def test_two_figures_in_the_cell_of_one_stay_open() -> None:
    head = ("统计指标", "单位", "本年度", "历年累计")
    rows = [(*row, "7") for row in APPLICATIONS[:4]]
    found = listing(head, *rows, ("4.信函申请数", "件", "12 34", ""))
    cell = found.cells["applications_letter", "year"]
    assert (cell.value, cell.readings) == (None, ("1234", "12 | 34"))


def test_of_two_lists_that_differ_only_what_both_say_stands() -> None:
    one = _grid(HEAD, *APPLICATIONS, ("六、举报投诉数量", "件", "8"))
    other = replace(_grid(HEAD, ("（一）收到申请数", "件", "11"), *APPLICATIONS[1:]), where="table[2]")
    found = grids.find([one, other])
    values = {row: cell.value for (row, _), cell in found.cells.items()}
    assert (values["applications"], values["complaints"], values["applications_letter"]) == (None, None, 4)
    assert [finding.kind for finding in found.findings] == ["line_twice", "several_tables"]
    assert {cell.value for cell in grids.find([one, replace(one, where="table[2]")]).cells.values()} == {
        10,
        1,
        2,
        3,
        4,
        8,
    }


# --- what is not read -----------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        ("统计指标", "单位", "2015年", "2016年"),
        ("统计指标", "单位", "区政府统计数", "乡镇统计数"),
        ("指标名称", "计量单位", "本期实际", "本年累计"),
        ("统计指标", "单位", "第四季度", "累计"),
    ],
)
def test_columns_of_unknown_meaning_are_left_alone(head: tuple[str, ...]) -> None:
    found = listing(head, *((*row, "7") for row in APPLICATIONS))
    assert not found
    assert [finding.kind for finding in found.findings] == ["unknown_headings"]
    assert head[2] in found.findings[0].message


def test_rows_whose_cells_do_not_fit_are_told_of_and_not_read() -> None:
    found = listing(HEAD, *APPLICATIONS, ("六、举报投诉数量", "4"), ("5", "件", "六、举报投诉数量"))
    assert "complaints" not in found.rows
    assert [finding.kind for finding in found.findings] == ["unmatched_row"] * 2


@pytest.mark.parametrize(
    "rows",
    [
        (("指标", "数量"), ("网站名称", "某县"), ("信息发布总数", "812"), ("专栏数量", "14")),
        (
            HEAD,
            ("生产总值", "万元", "1"),
            ("财政收入", "万元", "2"),
            ("总人口", "人", "3"),
            ("耕地", "亩", "4"),
            ("学校", "所", "5"),
        ),
        (("公开渠道", "网站", "公报"), ("数量", "76", "76")),
        (HEAD, ("一、主动公开情况", "——", "")),
    ],
)
def test_other_tables_are_no_lists(rows: tuple[tuple[str, ...], ...]) -> None:
    assert not listing(*rows)


def test_a_list_without_end_is_cut_and_the_rest_told_of() -> None:
    found = listing(HEAD, *((f"第{n}类公开信息数", "条", "1") for n in range(450)))
    assert len(found.rows) == 400
    assert len(found.findings) == 50


@given(
    st.text(alphabet="统计指标单位数主动公开政府信息收到申请其中：（一）二、1.2|\n\t0359条件——", max_size=400)
)
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_raise(text: str) -> None:
    flat.find("统计指标单位统计数" + text)


# --- the whole report -----------------------------------------------------------


def report_of(body: bytes):  # type: ignore[no-untyped-def]
    return parse(Snapshot("http://www.yangben.example/2016.html", body, START))


def test_a_report_with_the_list_is_a_report_and_lacks_no_later_table() -> None:
    report = report_of(layouts.LAYOUTS["plain table"](FILLED))
    assert (report.is_report, report.year, report.forms) == (True, 2016, {"indicators": "2014"})
    assert not [finding for finding in report.findings if finding.kind == "table_missing"]
    assert {check.identity for check in report.checks} == {"I1", "I2", "I3", "I4", "I5", "I6"}


@pytest.mark.parametrize(
    "layout", ["plain table", "with codes", "with cumulative", "pipes", "cell a line", "glued"]
)
def test_a_form_without_figures_is_no_report(layout: str) -> None:
    empty = dict.fromkeys(KEYS)
    body = layouts.LAYOUTS[layout](empty)
    if layout == "with cumulative":
        body = layouts.page(
            "<table><tr><td>指标名称</td><td>计量单位</td><td>2016年度</td><td>历年累计</td></tr>"
            + "".join(
                f"<tr><td>{a}</td><td>{b}</td><td></td><td></td></tr>" for a, b, _ in layouts.rows(empty)
            )
            + "</table>"
        )
    report = report_of(body)
    assert not report.is_report
    assert any("空白表样" in finding.message for finding in report.findings)


def test_a_quarterly_return_is_no_report() -> None:
    body = (
        layouts.LAYOUTS["plain table"](FILLED)
        .decode()
        .replace("2016年政府信息公开工作年度报告", "2016年第三季度政府信息公开情况统计表")
    )
    assert not report_of(body.encode()).is_report


# --- arithmetic -----------------------------------------------------------------


def checks(*rows: tuple[str, ...]) -> dict[str, Check]:
    found = listing(*rows)
    key, made = complete(found)
    return {check.at: check for check in identities.check(made, {"indicators": key})}


def test_a_total_is_the_sum_of_its_parts() -> None:
    found = checks(HEAD, *APPLICATIONS)
    assert list(found) == ["indicators.applications.year"]
    check = found["indicators.applications.year"]
    assert (check.identity, check.verdict, check.left, check.right) == ("I1", "pass", 10, 10)


def test_a_total_that_is_not_is_the_issuers_error() -> None:
    check = checks(HEAD, ("（一）收到申请数", "件", "11"), *APPLICATIONS[1:])["indicators.applications.year"]
    assert (check.verdict, check.blame, check.left, check.right) == ("fail", "issuer", 10, 11)


def test_a_blank_part_leaves_it_open() -> None:
    check = checks(HEAD, *APPLICATIONS[:4], ("4.信函申请数", "件", ""))["indicators.applications.year"]
    assert check.verdict == "not_assessable"


def test_a_part_of_the_provinces_own_leaves_it_open() -> None:
    rows = (HEAD, ("（一）收到申请数", "件", "16"), *APPLICATIONS[1:], ("5.电子邮件申请数", "件", "6"))
    assert checks(*rows)["indicators.applications.year"].verdict == "not_assessable"


def test_every_column_is_added_up() -> None:
    head = ("统计指标", "单位", "本年度", "历年累计")
    rows = [(*row, str(int(row[2]) * 10 + (row[0][0] == "（"))) for row in APPLICATIONS]
    found = checks(head, *rows)
    assert found["indicators.applications.year"].verdict == "pass"
    assert found["indicators.applications.cumulative"].verdict == "fail"


def test_every_identity_fails_where_its_total_is_off_by_one() -> None:
    even: dict[str, int] = dict.fromkeys(KEYS, 0)
    for identity in reversed(NATIONAL.identities):
        even[identity.total] = 0
        for n, part in enumerate(identity.parts, start=1):
            if part not in {one.total for one in NATIONAL.identities}:
                even[part] = n
        even[identity.total] = sum(even[part] for part in identity.parts)
    # I4 makes up a part of I3.
    even["answers"] = sum(even[part] for part in NATIONAL.identities[2].parts)
    whole = parse(Snapshot("a", layouts.LAYOUTS["plain table"](even), START)).checks
    assert [(check.identity, check.verdict) for check in whole] == [
        (one.key, "pass") for one in NATIONAL.identities
    ]
    for identity in NATIONAL.identities:
        off = {**even, identity.total: even[identity.total] + 1}
        failed = parse(Snapshot("a", layouts.LAYOUTS["plain table"](off), START)).checks
        assert identity.key in {check.identity for check in failed if check.verdict == "fail"}


@pytest.mark.parametrize(
    ("before", "value", "status"),
    [
        ("条20", 20, "exact"),
        ("条\n20\n", 20, "exact"),
        ("条 1 23", None, "ambiguous"),
        ("条 1,234 ", 1234, "exact"),
        ("条020", None, "ambiguous"),
        ("条", None, "blank"),
        ("条——", None, "dash"),
        ("条约20", None, "ambiguous"),
        ("条20²", None, "ambiguous"),
        ("条1.5", None, "unreadable"),
    ],
)
def test_what_stands_between_two_labels_is_a_figure_or_nothing(
    before: str, value: int | None, status: str
) -> None:
    text = layouts.LAYOUTS["glued"](FILLED).decode()
    text = text.replace(f"条{FILLED['normative_issued']}", "条").replace(
        f"计1条）条{FILLED['disclosed_items']}其中", f"计1条）{before}其中"
    )
    cell = cells(match(read(text.encode())))["disclosed_items"]
    assert (cell.value, cell.status) == (value, status)


@pytest.mark.parametrize(
    ("text", "value"),
    [("条202.政府网站", 20), ("条2.政府网站", None), ("条022.政府网站", None), ("条1 232.政府网站", None)],
)
def test_the_number_of_the_next_label_is_no_part_of_a_figure(text: str, value: int | None) -> None:
    glued = layouts.LAYOUTS["glued"](FILLED).decode()
    changed = glued.replace(f"条{FILLED['via_gazette']}2.政府网站", text)
    assert changed != glued or text == f"条{FILLED['via_gazette']}2.政府网站"
    cell = cells(match(read(changed.encode())))["via_gazette"]
    assert cell.value == value
