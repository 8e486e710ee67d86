"""DOCX: merged cells, automatic numbers, text as shown; nothing outside the file is touched."""

from __future__ import annotations

import socket

import pytest

from archive.records import Grid
from pipelines.readers import UnreadableError, read
from pipelines.readers.numbering import chinese
from tests.pipelines.readers.made import docx, p, tbl, tc


def texts(grid: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in line] for line in grid.rows]


def test_merged_cells_cover_their_places() -> None:
    (grid,) = read(
        docx(
            tbl(
                [tc("a", merge="restart"), tc("b", span=2)],
                [tc("", merge="continue"), tc("c"), tc("d")],
                [tc("e", span=3)],
            )
        )
    ).grids
    assert texts(grid) == [["a", "b", "b"], ["a", "c", "d"], ["e", "e", "e"]]
    assert grid.rows[1][0] is not None
    assert grid.rows[1][0].origin == (0, 0)
    assert grid.rows[1][0].where == "table[1]/row[1]/cell[1]"


def test_a_merge_that_goes_on_with_nothing_is_a_cell_of_its_own() -> None:
    (grid,) = read(docx(tbl([tc("a"), tc("b")], [tc("c", merge="continue"), tc("d")]))).grids
    assert texts(grid) == [["a", "b"], ["c", "d"]]
    assert "goes on with a cell above that is not there" in grid.notes[0]


def test_a_blank_cell_stays_blank_and_lines_stay_lines() -> None:
    (grid,) = read(docx(tbl([tc(p("本年新") + p("制作数量")), tc("")], [tc(" 0 "), tc("\xa0")]))).grids
    assert texts(grid) == [["本年新\n制作数量", ""], ["0", "\xa0"]]


def test_a_table_of_one_column_is_layout() -> None:
    document = read(docx(tbl([tc("一、总体情况")], [tc("无。")])))
    assert document.grids == ()
    assert document.text == "一、总体情况\n无。"


def test_text_boxes_once_and_fallback_copies_never() -> None:
    box = "<w:txbxContent>" + p("框内") + "</w:txbxContent>"
    document = read(
        docx(
            f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>" + p("正文")
        )
    )
    assert document.text == "框内\n正文"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "〇"), (1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (35, "三十五"), (100, "100")],
)
def test_chinese_counting(number: int, text: str) -> None:
    assert chinese(number) == text


def test_automatic_numbers_count_by_level() -> None:
    def at(level: int) -> str:
        return f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'

    body = p("甲", at(0)) + p("子", at(1)) + p("丑", at(1)) + p("乙", at(0)) + p("寅", at(1))
    assert read(docx(body)).text.split("\n") == ["一、甲", "1.子", "2.丑", "二、乙", "1.寅"]


def test_nothing_outside_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the reader went outside")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    outside = (
        '<Relationship Id="rId9" TargetMode="External" Target="http://127.0.0.1:9/a.dotm" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
    )
    assert read(docx(p("正文"), relations=outside)).text == "正文"


def test_entities_are_not_resolved() -> None:
    prolog = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "yyyy">]>'
    try:
        document = read(docx(p("前&x;&y;后"), prolog=prolog))
    except UnreadableError:
        return
    assert "yyyy" not in document.text
    assert document.text.startswith("前")
