"""PDF: tables over page breaks are joined where the geometry says so, and figures are never moved."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archive.records import Document, Grid
from pipelines.readers import UnreadableError, read
from tests.pipelines.readers import made
from tests.pipelines.readers.made import WIDTHS, Rect, Ruled, Text, pdf, row

pytest.importorskip("reportlab")


def texts(grid: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in line] for line in grid.rows]


def two_pages(upper: Sequence[Rect], lower: Sequence[Rect], **shape: object) -> Document:
    """A table at the foot of one page and one at the head of the next."""
    widths = shape.pop("widths", WIDTHS)
    below = shape.pop("below", widths)
    between = shape.pop("between", "")
    rows = max(cell.bottom for cell in upper)
    return read(
        pdf(
            [
                [
                    Text(80, "一、总体情况"),
                    Ruled(770 - rows * made.ROW, widths, upper),
                    Text(800, "— 1 —", 290),
                ],  # type: ignore[arg-type]
                [
                    *([Text(50, str(between))] if between else []),
                    Ruled(75, below, lower, shift=float(str(shape.get("shift", 0)))),  # type: ignore[arg-type]
                    Text(800, "— 2 —", 290),
                ],
            ]
        )
    )


HEAD = [Rect(0, 0, 1, 3, "项目"), *row(0, ["甲", "乙", "丙", "合计"], 3)]


def test_a_table_over_a_page_break_is_one_grid_and_the_cut_label_is_whole() -> None:
    (grid,) = read(made.broken_table()).grids
    assert [line[1] for line in texts(grid)[3:6]] == ["（四）无\n法提供"] * 3
    assert [line[0] for line in texts(grid)[2:]] == ["三、\n结果"] * 5
    assert grid.rows[3][1] is not None
    assert grid.rows[3][1].where == "page[1]/table[1]/row[4]/cell[1]+page[2]/table[1]/row[1]/cell[2]"
    assert grid.rows[4][2] is not None
    assert grid.rows[4][2].where == "page[2]/table[1]/row[1]/cell[3]"
    # the blank figure stays blank, whatever stands above and below it
    assert texts(grid)[4][3:] == ["0", "", "0", "0"]


def test_a_repeated_header_is_left_out_with_a_note() -> None:
    (grid,) = read(made.broken_table(header_again=True)).grids
    assert texts(grid) == texts(read(made.broken_table()).grids[0])
    assert any("header rows repeated" in note for note in grid.notes)


def test_a_label_that_does_not_run_to_the_edge_is_kept_apart() -> None:
    (grid,) = read(made.broken_table(last_full=False)).grids
    assert [line[1] for line in texts(grid)[3:6]] == ["（四）", "法提供", "法提供"]
    assert any("may go on with" in note for note in grid.notes)


def test_text_between_the_parts_keeps_them_apart() -> None:
    upper = [*HEAD, Rect(1, 0, 2, 3, "一、本年新收"), *row(1, ["1", "2", "3", "6"], 3)]
    lower = [Rect(0, 0, 1, 3, "二、上年结转"), *row(0, ["0", "0", "0", "0"], 3)]
    assert len(two_pages(upper, lower).grids) == 1
    assert len(two_pages(upper, lower, between="四、另一张表").grids) == 2


def test_other_column_edges_are_another_table() -> None:
    upper = [*HEAD, Rect(1, 0, 2, 3, "一、本年新收"), *row(1, ["1", "2", "3", "6"], 3)]
    lower = [*row(0, ["结果维持", "结果纠正"]), *row(1, ["1", "2"])]
    assert len(two_pages(upper, lower, below=(150, 150)).grids) == 2


def test_a_part_with_fewer_columns_of_the_same_table_spans_them() -> None:
    upper = [*row(0, ["信息内容", "制发", "废止", "有效"]), *row(1, ["规章", "1", "2", "3"])]
    lower = [*row(0, ["信息内容", "处理决定数量"]), *row(1, ["行政许可", "447228"])]
    (grid,) = two_pages(upper, lower, widths=(120, 90, 90, 90), below=(120, 270), shift=1.2).grids
    assert texts(grid)[3] == ["行政许可", "447228", "447228", "447228"]


def test_a_figure_is_never_joined_to_the_blank_below_it() -> None:
    upper = [*HEAD, Rect(1, 0, 2, 3, "一、本年新收"), *row(1, ["1", "2", "3", "6"], 3)]
    lower = [Rect(0, 0, 1, 3, "二、上年结转"), *row(0, ["", "", "", ""], 3)]
    (grid,) = two_pages(upper, lower).grids
    assert texts(grid)[1][-4:] == ["1", "2", "3", "6"]
    assert texts(grid)[2][-4:] == ["", "", "", ""]


def test_a_header_over_two_rows_at_the_foot_does_not_run_into_blank_figures() -> None:
    upper = [
        Rect(0, 0, 2, 3, "项目"),
        Rect(0, 3, 2, 4, "甲"),
        Rect(0, 4, 1, 6, "法人"),
        *row(1, ["乙", "丙"], 4),
        Rect(0, 6, 2, 7, "合计"),
    ]
    lower = [Rect(0, 0, 1, 3, "一、本年新收"), *row(0, ["", "", "", "5"], 3)]
    (grid,) = two_pages(upper, lower).grids
    assert texts(grid)[2][-4:] == ["", "", "", "5"]


def test_a_row_cut_in_two_is_put_together_only_if_one_half_has_the_figures() -> None:
    upper = [*HEAD, Rect(1, 0, 2, 3, "（二）部分公开（区分处理的，只计一"), *row(1, ["1", "2", "3", "6"], 3)]
    lower = [
        Rect(0, 0, 1, 3, "情形，不计其他情形）"),
        *row(0, ["", "", "", ""], 3),
        Rect(1, 0, 2, 3, "（七）总计"),
        *row(1, ["4", "5", "6", "15"], 3),
    ]
    (grid,) = two_pages(upper, lower).grids
    assert texts(grid)[1:] == [
        ["（二）部分公开（区分处理的，只计一\n情形，不计其他情形）", "1", "2", "3", "6"],
        ["（七）总计", "4", "5", "6", "15"],
    ]
    both = [Rect(0, 0, 1, 3, "情形，不计其他情形）"), *row(0, ["9", "9", "9", "27"], 3)]
    (grid,) = two_pages(upper, both).grids
    assert [line[-4:] for line in texts(grid)[1:]] == [["1", "2", "3", "6"], ["9", "9", "9", "27"]]


def test_shading_behind_lines_is_no_table() -> None:
    body = [Text(80 + 22 * n, "本段文字带有底纹，每行一个色块，看上去像一张单列的表") for n in range(8)]
    document = read(pdf([body], shaded=True))
    assert document.grids == ()
    assert document.text.count("看上去像一张单列的表") == 8


def test_page_numbers_go_and_a_lone_figure_stays() -> None:
    table = Ruled(300, (200, 60), [Rect(0, 0, 1, 1, "项目"), Rect(0, 1, 1, 2, "数")])
    document = read(
        pdf(
            [
                [Text(400, "正文一"), Text(810, "- 1 -", 290)],
                [table, Text(400, "正文二"), Text(805, "7", 290)],
            ]
        )
    )
    assert document.text.split("\n") == ["正文一", "正文二", "7"]


def test_lines_of_a_paragraph_are_joined_and_indented_ones_begin_anew() -> None:
    full = "字" * 42
    document = read(
        pdf(
            [
                [
                    Text(100, full[2:], 91),
                    Text(118, full),
                    Text(136, "末行。"),
                    Text(154, full[2:], 91),
                    Text(172, "完。"),
                ]
            ]
        )
    )
    assert document.text.split("\n") == [full[2:] + full + "末行。", full[2:] + "完。"]


def test_refusals() -> None:
    pages = [[Text(100, "总体情况")]]
    with pytest.raises(UnreadableError, match="设有打开密码"):
        read(pdf(pages, password="secret"))
    with pytest.raises(UnreadableError, match="既没有文字层，也没有扫描图片"):
        read(pdf([[Ruled(100, (50, 50), [Rect(0, 0, 1, 1), Rect(0, 1, 1, 2)])]]))


def test_a_page_of_ten_thousand_crossings_is_not_searched() -> None:
    grid = Ruled(
        20,
        [4.0] * 110,
        [Rect(0, n, 30, n + 1) for n in range(110)] + [Rect(n, 0, n + 1, 110) for n in range(30)],
    )
    document = read(pdf([[Text(5, "总体情况"), grid]]))
    assert any("超出上限，未在其中查找表格" in note for note in document.notes)


def form_bomb() -> bytes:
    """A page that draws a form that draws ten forms that draw ten forms, eleven deep."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
    ]
    for number in range(11):
        inner = b"<</XObject<</X %d 0 R>>>>" % (number + 6)
        objects.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources" + inner + b"/Length 60>>stream\n"
            + b"/X Do " * 10 + b"\nendstream"
        )  # fmt: skip
    objects.append(b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 12>>stream\n0 0 m 1 1 l S\nendstream")
    out = b"%PDF-1.4\n"
    offsets = []
    for number, data in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + data + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return out + head + table + tail


def test_forms_that_draw_forms_without_end_are_not_drawn() -> None:
    with pytest.raises(UnreadableError, match="绘图指令有"):
        read(form_bomb())
