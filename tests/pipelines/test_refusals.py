"""The narrow rules that keep a figure from being read where the source does not state it."""

from __future__ import annotations

from types import SimpleNamespace

import lxml.html
import pytest

from archive.records import Cell
from pipelines import decode, values
from pipelines.dom import cell_text
from pipelines.flat import requests as flat_requests
from pipelines.flat.runs import bounded
from pipelines.flat.twice import differ, merge
from pipelines.readers import xls
from pipelines.tables import labels


@pytest.mark.parametrize("text", ["12①", "12²", "3½", "7₁", "⑤"])
def test_a_mark_is_no_digit(text: str) -> None:
    assert values.read(text, "count").status == "unreadable"


@pytest.mark.parametrize(
    ("text", "status", "value"),
    [
        ("1 2", "exact", 12),
        ("1\xa02", "exact", 12),
        ("1  2", "ambiguous", None),
        ("1\u30002", "ambiguous", None),
        ("1\t2", "ambiguous", None),
        ("1\n2", "ambiguous", None),
        ("1\u20282", "ambiguous", None),
    ],
)
def test_a_gap_between_digits(text: str, status: str, value: int | None) -> None:
    reading = values.read(text, "count")
    assert (reading.status, reading.value) == (status, value)
    assert bool(reading.readings) == (status == "ambiguous")


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("采购总金额（万\n元）", "万元"),
        ("采购总金额（单位：千元）", "千元"),
        ("采购总金额（百万元）", None),
        ("采购总金额（十万元）", None),
        ("采购总金额（美元）", None),
        ("采购总金额（元/万元）", None),
        ("采购总金额（人民币：元）", "元"),
        ("单位：亿元", "亿元"),
        ("采购总金额", None),
    ],
)
def test_the_unit_of_a_heading(label: str, unit: str | None) -> None:
    assert values.amount_unit(label) == unit


def test_a_unit_of_a_heading_scales() -> None:
    assert str(values.read("125", "amount", "采购总金额（千元）").value) == "12.5"
    assert values.read("125", "amount", "采购总金额（百万元）").status == "ambiguous"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<td>3<sup>1</sup></td>", "3^1^"),
        ("<td><p>3<span style='Vertical-Align: Super'>1</span></p></td>", "3^1^"),
        ("<td><s>5</s>7</td>", "~~5~~7"),
        ("<td><span style='text-decoration: line-through'>5</span>7</td>", "~~5~~7"),
        ("<td>3<sup>注</sup></td>", "3注"),
        ("<td><span style='display:none'>4</span>3</td>", "3"),
        ("<td><p><span> 3 </span></p></td>", "3"),
        ("<td><p style='display: none'><span>3</span></p></td>", ""),
        ("<td><ruby>3<rt>4</rt></ruby></td>", "3"),
    ],
)
def test_digits_that_are_no_part_of_the_number(cell: str, text: str) -> None:
    [found] = lxml.html.fromstring(f"<table><tr>{cell}</tr></table>").iter("td")
    assert cell_text(found) == text


def test_runs_of_a_spreadsheet_keep_their_fonts() -> None:
    plain, raised = (SimpleNamespace(struck_out=0, escapement=n) for n in (0, 1))
    book = SimpleNamespace(xf_list=[SimpleNamespace(font_index=0)], font_list=[plain, raised])
    sheet = SimpleNamespace(cell_xf_index=lambda row, column: 0, rich_text_runlist_map={(0, 0): [(2, 1)]})
    assert xls._marked(book, sheet, 0, 0, "121") == "12^1^"
    assert xls._marked(book, sheet, 1, 0, "121") == "121"


@pytest.mark.parametrize(
    ("run", "n", "expected"),
    [
        ("1\n2\n3\n", 3, (["1", "2", "3"], "lines")),
        ("1\n某行\n3\n", 3, None),
        ("1 | 2 | 3 |", 3, (["1", "2", "3"], "marked")),
        ("1 | | 2 | 3 |", 3, None),
        ("1\t2\t/", 3, (["1", "2", "/"], "marked")),
        ("1 2 3", 3, (["1", "2", "3"], "spaced")),
    ],
)
def test_cells_of_a_run(run: str, n: int, expected: object) -> None:
    assert bounded(run, n) == expected


def test_a_table_four_that_may_have_lost_an_empty_cell() -> None:
    assert not decode.may_lack_a_cell(("20122144192002100011",), 3, 5)
    # 10 | | 0 | 1000 | 1010 with its second cell empty reads as 1001 | 0 | 0 | 0 | … in no way but one.
    assert decode.may_lack_a_cell(("000000000010010001010",), 3, 5)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("合计", "total"),
        ("科研单位", "research"),
        ("商企", "business"),
        ("社会组织", "civic"),
        ("机构", None),
        ("申请人情况", None),
        ("法人或其他组织", None),
        ("占比", None),
    ],
)
def test_the_column_a_misspelt_heading_comes_nearest_to(text: str, key: str | None) -> None:
    assert labels.near_column("requests", text) == key


def _cells(*numbers: int | None) -> list[Cell]:
    return [
        Cell(
            "reviews", "reconsideration", f"c{i}", n, str(n), "ambiguous" if n is None else "exact", "line 1"
        )
        for i, n in enumerate(numbers)
    ]


def test_what_two_tables_agree_on_stands() -> None:
    assert merge(_cells(1, 2), _cells(1, 2)) == (_cells(1, 2), [])
    kept, findings = merge(_cells(1, 2, 3), _cells(1, 5))
    assert [cell.value for cell in kept] == [1, None, None]
    assert kept[1].readings == ("2", "5")
    assert [finding.kind for finding in findings] == ["several_tables"]
    assert not differ(_cells(1), _cells(None))
    assert differ(_cells(1), _cells(None), strict=True)


def test_a_text_of_many_tables_ends() -> None:
    line = "一、本年新收政府信息公开申请数量 1 0 0 0 0 0 1 二、上年结转政府信息公开申请数量 "
    assert flat_requests.find(line * 3_000) is None
