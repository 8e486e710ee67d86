"""What sums and neighbours say against a line of the right number of figures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archive.records import Cell, GridCell
from pipelines.flat.headings import stand_otherwise
from pipelines.flat.runs import Run, has_wide_gap, leaves_a_trace
from pipelines.flat.twice import proved
from pipelines.tables.found import is_word
from pipelines.tables.sums import are_doubled, are_untrue, has_twins, is_torn, sums_tell

Line = Sequence[int | None]
_TRUE = (3, 0, 1, 0, 0, 0, 4)
_UNTRUE = (0, 0, 0, 0, 0, 0, 8)


@pytest.mark.parametrize(
    ("line", "twins"),
    [((1, 2, 3, 4, 5, 6, 21), False), ((0, 0, 5), True), ((None, None, 5), True), ((0, 5, 0, 5), False)],
)
def test_equal_neighbours_may_hide_a_lost_cell(line: Line, twins: bool) -> None:
    assert has_twins(line) is twins


def test_two_lines_true_without_one_of_equal_neighbours_are_no_accident() -> None:
    doubled = (3, 3, 0, 0, 0, 0, 3)
    assert are_doubled([doubled, doubled])
    assert not are_doubled([doubled, _TRUE])


def test_equal_neighbours_of_true_lines_are_nothing() -> None:
    assert not are_doubled([(2, 2, 0, 0, 0, 0, 4)] * 5)


def test_any_untrue_line_with_equal_neighbours_tells_where_figures_are_joined() -> None:
    lines = [(852, 286, 704, 704, 492, 33, 3543)]
    assert are_doubled(lines, joined=True)
    assert not are_doubled(lines)


def test_sums_that_fail_in_most_lines_say_that_cells_are_out_of_place() -> None:
    assert are_untrue([_UNTRUE, _UNTRUE, _UNTRUE, _TRUE])
    assert not are_untrue([_UNTRUE, _UNTRUE, _TRUE])  # an issuer's slips
    assert not are_untrue([(None, None, None, None, None, None, 8)] * 9)  # totals only
    assert not are_untrue([(0,) * 7] * 9)


def test_one_line_too_long_is_enough_where_most_are_too_short() -> None:
    assert is_torn([6, 6, 6, 8], 6, 7)
    assert not is_torn([6, 6, 6, 7], 6, 7)
    assert not is_torn([8, 8, 8, 7], 8, 7)


def test_figures_over_a_total_of_zero_speak_against_the_column() -> None:
    chance = (3, None, 0, 3, None, 0, 6)
    assert sums_tell([chance], "no sums")
    assert not sums_tell([chance, *[(4, None, 2, 0, 0, 0, 0)] * 3], "no sums")


@pytest.mark.parametrize(
    ("text", "below", "traced"),
    [
        (" 1 2  3 4 5 15\n", False, True),  # behind its label
        (" 1 2 3 4 5 15\n", False, False),
        ("\n1 2  3 4 5 15\n", True, True),  # below it
        ("\n1 2 3 4 5 15\n", True, False),
        (" 6 194 0 0 0 \n\n\n", False, True),  # a line break for a blank
    ],
)
def test_an_empty_cell_leaves_a_trace_where_its_blank_or_line_break_is_left(
    text: str, below: bool, traced: bool
) -> None:
    assert leaves_a_trace(Run(text, 1), 7, below=below, gap=" ") is traced


def test_a_wide_gap_among_single_blanks_is_a_cell() -> None:
    assert has_wide_gap("7 258 0 0 0  0 265")
    assert not has_wide_gap("7 258 0 0 0 265")
    assert not has_wide_gap("7   258   0   265")


@pytest.mark.parametrize("text", ["共计①", "（件）[1]", "（件）（注1）", "共计*"])
def test_a_footnote_mark_makes_no_figure_of_a_word(text: str) -> None:
    assert is_word(GridCell(text, "here", (0, 0)))


@pytest.mark.parametrize("text", ["5①", "5[1]", "—①", "5件"])
def test_a_footnote_mark_makes_no_word_of_a_figure(text: str) -> None:
    assert not is_word(GridCell(text, "here", (0, 0)))


def test_a_sum_proves_no_equal_neighbours_where_other_lines_lost_cells() -> None:
    columns = ("upheld", "corrected", "other", "pending", "total")

    def line(numbers: Sequence[int]) -> list[Cell]:
        return [
            Cell("reviews", "reconsideration", column, number, str(number), "exact", "line 1")
            for column, number in zip(columns, numbers, strict=True)
        ]

    twins, unlike = line((0, 0, 29, 0, 29)), line((1, 2, 29, 0, 32))
    assert proved(twins, ragged=False)[0] == twins
    assert all(cell.value is None for cell in proved(twins, ragged=True)[0])
    assert proved(unlike, ragged=True)[0] == unlike


_LABELS = "一、本年新收政府信息公开申请数量 1 0 1 0 0 0 2"


def test_headings_in_another_order_are_seen_wherever_they_stand() -> None:
    order = "自然人 {} {} 社会公益组织 法律服务机构 其他 总计"
    text = "申请人情况\n{}\n— 1 —\n" + _LABELS
    assert stand_otherwise(text.format(order.format("科研机构", "商业企业")))
    assert not stand_otherwise(text.format(order.format("商业企业", "科研机构")))
