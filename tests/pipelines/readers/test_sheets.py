"""Workbooks, new and old: figures as shown, merged cells, what is hidden or never calculated."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from archive.records import Document, Grid
from pipelines.match import match
from pipelines.readers import UnreadableError, read
from pipelines.readers.number_format import shown
from tests import layouts
from tests.pipelines.readers import made
from tests.pipelines.readers.test_read import zipped
from tests.pipelines.test_layouts import _case, _same


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(tables: list[layouts.Table], title: str) -> bytes:
    """Each table on a sheet of its own, merged as the form has it, figures as numbers."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, table in enumerate(tables):
        sheet = book.create_sheet(f"表{n + 2}")
        sheet.cell(1, 1, title)
        taken: set[tuple[int, int]] = set()
        for r, row in enumerate(table, 3):
            column = 1
            for box in row:
                while (r, column) in taken:
                    column += 1
                value: Any = (
                    int(box.text) if box.figure and box.text.lstrip("-").isdigit() else box.text or None
                )
                sheet.cell(r, column, value)
                taken |= {(r + a, column + b) for a in range(box.rowspan) for b in range(box.colspan)}
                if box.rowspan > 1 or box.colspan > 1:
                    end = r + box.rowspan - 1, column + box.colspan - 1
                    sheet.merge_cells(start_row=r, start_column=column, end_row=end[0], end_column=end[1])
                column += box.colspan
    return saved(book)


def grid(document: Document) -> list[list[str]]:
    (one,) = document.grids
    return [[cell.text if cell else "-" for cell in row] for row in one.rows]


@pytest.mark.parametrize("case", ["erqi_2020.yml", "langfang_office_2021.yml"])
def test_every_figure_of_a_workbook(case: str) -> None:
    form, figures = _case(case)
    complete = {
        key: {row.key: figures.get(key, {}).get(row.key, {}) for row in table.rows}
        for key, table in layouts.forms.form(form).tables.items()
    }
    title = "样本县人民政府2022年政府信息公开工作年度报告"
    document = read(workbook(list(layouts.official(complete, form).values()), title))
    assert document.kind == "xlsx"
    assert document.title == title
    cells = {(c.table, c.row, c.column): c for c in match(document).cells}
    for table, rows in figures.items():
        for row, line in rows.items():
            for column, value in line.items():
                assert _same(cells[table, row, column].value, value), (table, row, column)


def test_a_workbook_of_before_2007() -> None:
    document = read((made.FIXTURES / "xls" / "requests.xls").read_bytes(), name="表.et")
    assert document.kind == "xls"
    found = match(document)
    _, figures = _case("erqi_2020.yml")
    cells = {(c.row, c.column): c for c in found.cells}
    assert found.forms == {"requests": "2019"}
    for row, line in figures["requests"].items():
        for column, value in line.items():
            assert _same(cells[row, column].value, value)
            assert cells[row, column].status == "exact"


def test_what_is_hidden_is_left_out_and_said() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["甲", "乙", "丙"], [1, 2, 3], [4, 5, 6], [7, 8, 9]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    book.create_sheet("草稿").append(["草", "稿"])
    book["草稿"].sheet_state = "hidden"
    document = read(saved(book))
    assert grid(document) == [["甲", "丙"], ["1", "3"], ["7", "9"]]
    assert document.notes == ("1 张工作表是隐藏的，未读取", "工作表“Sheet”有隐藏的行或列，未读取")


def test_a_formula_never_calculated_is_its_formula_and_no_blank() -> None:
    book = openpyxl.Workbook()
    book.active.append(["合计", 1, 2, "=SUM(B1:C1)"])
    assert grid(read(saved(book))) == [["合计", "1", "2", "=SUM(B1:C1)"]]


def test_lines_above_and_below_the_table_are_paragraphs() -> None:
    book = openpyxl.Workbook()
    for row in (
        ["某某局2024年政府信息公开工作年度报告"],
        [],
        ["信息内容", "数量"],
        ["规章", 0],
        [],
        [],
        ["六、其他需要报告的事项"],
    ):
        book.active.append(row)
    document = read(saved(book))
    assert [block.where for block in document.blocks] == [
        "sheet[Sheet]/A1",
        "sheet[Sheet]",
        "sheet[Sheet]/A7",
    ]
    assert isinstance(document.blocks[1], Grid)
    assert document.blocks[1].rows[1][1] is not None
    assert document.blocks[1].rows[1][1].where == "sheet[Sheet]/B4"


def test_a_last_line_with_nothing_but_its_label_belongs_to_the_table() -> None:
    book = openpyxl.Workbook()
    for row in (["信息内容", "数量"], ["规章", 0], ["规范性文件", None]):
        book.active.append(row)
    assert grid(read(saved(book)))[-1] == ["规范性文件", ""]


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (5.0, "General", "5"),
        (94799.5301, "0.0000", "94799.5301"),
        (0.1 + 0.2, "General", "0.3"),
        (12.6, "0", "12.6"),  # shown as 13: the stored figure is the issuer's
        (0.35, "0%", "35%"),
        (-55.0, "General", "-55"),
        (0.00001, "General", "0.000010"),
    ],
)
def test_numbers_as_a_spreadsheet_shows_them(value: float, style: str, text: str) -> None:
    assert shown(value, style) == text


def test_refusals() -> None:
    with pytest.raises(UnreadableError, match="没有任何文字"):
        read(saved(openpyxl.Workbook()))
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with pytest.raises(UnreadableError, match="声明了文档类型"):
        read(zipped(**{"xl__workbook_dot_xml": bomb}))
    with pytest.raises(UnreadableError, match="XML 超过"):
        read(zipped(**{"xl__workbook_dot_xml": b" ", "xl__sheet_dot_xml": b"<a>" * (5 << 20)}))
    with pytest.raises(UnreadableError, match=r"(OLE.*|XLS) 文件已损坏"):
        read((made.FIXTURES / "xls" / "requests.xls").read_bytes()[:3000])
