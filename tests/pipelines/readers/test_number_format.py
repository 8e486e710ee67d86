"""Number formats: what a spreadsheet shows, or a sign that it shows something else."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.readers import office, read
from pipelines.readers.number_format import UNKNOWN, shown


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (1234, "#,##0", "1234"),
        (1234.5, "#,##0.00", "1234.5"),
        (-55, "0;[Red]0", "-55"),
        (-5, "0_);[Red]\\(0\\)", "-5"),
        (5, '0"件"', "5件"),
        (5, "0件", "5件"),
        (25.1, '0.0"万元"', "25.1万元"),
        (5, '"¥"#,##0.00', "5"),
        (0.5, "0%", "50%"),
        (0, "#,##0_ ;[Red]\\-#,##0\\ ", "0"),
        (5, "[DBNum1]General", "5"),
        # shown as 25.1万, 251 and 25.1: another figure than the cell holds
        (251000, '0!.0,"万"', f"251000{UNKNOWN}万"),
        (251000, "0,", f"251000{UNKNOWN}"),
        (251000, "0\\.0,", f"251000{UNKNOWN}"),
        (5, '"无"', f"5{UNKNOWN}"),
        # hidden: a zero is a blank to whoever looks, any other figure is not to be seen
        (0, "0;-0;;@", ""),
        (7, ";;;", f"7{UNKNOWN}"),
        (0, ";;;", ""),
        (0, "#,###", ""),
        (12, "#,###", "12"),
        (0, "#.##", ""),
        (0, "G/通用格式", "0"),
        (5, "[White]0", f"5{UNKNOWN}"),
        (5, "[Red]0", "5"),
        # a digit that only the format writes
        (5, '0"0"', f"5{UNKNOWN}0"),
        (5, "0\\0", f"5{UNKNOWN}0"),
        (5, '"1"0', f"15{UNKNOWN}"),
        (5, '0 "1"', f"5{UNKNOWN}1"),
        # which part holds depends on the figure
        (5, '[>=10000]0!.0,"万";0', f"5{UNKNOWN}"),
        (5, '[>100]0;"少"', f"5{UNKNOWN}"),
        (5, "[>100]#,##0;0", "5"),
    ],
)
def test_what_a_format_shows(value: float, style: str, text: str) -> None:
    assert shown(value, style) == text


def _hiding() -> bytes:
    """A sheet with white figures, a white one on black, a zero that is not shown and a figure shown in 万."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["信息内容", "甲", "乙", "丙", "丁"])
    sheet.append(["规章", 5, 6, 0, "7"])
    sheet["B2"].font = Font(color="FFFFFFFF")
    sheet["C2"].font = Font(color="FFFFFFFF")
    sheet["C2"].fill = PatternFill("solid", fgColor="FF000000")
    sheet["E2"].font = Font(color="FFFFFFFF")
    sheet.sheet_view.showZeros = False
    sheet["F1"], sheet["F2"] = "戊", 251000
    sheet["F2"].number_format = "0\\.0,"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _first_line(change: Callable[[Worksheet], None]) -> list[str | None]:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["信息内容", "甲", "乙"], ["规章", 5, 6], ["行政规范性文件", 7, 8]):
        sheet.append(row)
    change(sheet)
    written, out = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():  # openpyxl writes no size of 0
            data = old.read(name).replace(b'ht="77"', b'ht="0"').replace(b'width="77"', b'width="0"')
            new.writestr(name, data)
    (grid,) = read(out.getvalue()).grids
    return [cell.text if cell else None for cell in grid.rows[1]]


def test_a_figure_in_the_colour_of_its_cell_is_not_read() -> None:
    def grey(sheet: Worksheet) -> None:
        sheet["B2"].font, sheet["C2"].font = Font(color="FFD9D9D9"), Font(color="FF000000")
        sheet["B2"].fill = sheet["C2"].fill = PatternFill("solid", fgColor="FFD9D9D9")

    assert _first_line(grey) == ["规章", UNKNOWN, "6"]


def test_a_row_or_column_of_no_size_is_hidden() -> None:
    def flat(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].height = 77
        sheet.column_dimensions["C"].width = 77

    assert _first_line(flat) == ["行政规范性文件", "7"]


HIDING = ["规章", UNKNOWN, "6", "", UNKNOWN, f"251000{UNKNOWN}"]


def test_what_a_sheet_hides_is_not_read() -> None:
    (grid,) = read(_hiding()).grids
    assert [cell.text if cell else None for cell in grid.rows[1]] == HIDING


@pytest.mark.skipif(office.program() is None, reason="LibreOffice is not installed")
def test_what_an_old_sheet_hides_is_not_read(tmp_path: Path) -> None:
    source = tmp_path / "a.xlsx"
    source.write_bytes(_hiding())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(office.program()), profile, "--headless", "--convert-to", "xls", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=300)
    document = read((tmp_path / "a.xls").read_bytes())
    assert document.kind == "xls"
    (grid,) = document.grids
    assert [cell.text if cell else None for cell in grid.rows[1]] == HIDING


def test_a_date_where_a_figure_should_stand_is_no_figure() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["信息内容", "数量"], ["规章", 5]):
        sheet.append(row)
    sheet["B2"].number_format = "yyyy/m/d"
    out = io.BytesIO()
    book.save(out)
    (grid,) = read(out.getvalue()).grids
    assert [cell.text if cell else None for cell in grid.rows[1]] == ["规章", "1900-01-05T00:00:00"]
