"""Digits of a PDF that are struck out, raised, squeezed, or written across a rule are no figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipelines.readers import read
from pipelines.readers.pdf_digits import is_squeezed
from tests.pipelines.readers.test_pdf_hostile import drawn

pytest.importorskip("reportlab")
pytest.importorskip("pypdfium2")

SIZE = 10
#: Width of a digit of the font at that size.
DIGIT = 4.62
Draw = Callable[[Any], None]


def cells(*texts: str, more: Draw = lambda page: None, width: float = 60) -> list[str | None]:
    """What is read of a row of cells with these texts and what ``more`` draws."""

    def draw(page: Any) -> None:
        for line, row in enumerate((["信息内容", *("数量" for _ in texts)], ["规章", *texts])):
            for at, text in enumerate(row):
                page.setFont("STSong-Light", SIZE)
                page.rect(70 + width * at, 724 - 24 * line, width, 24)
                page.drawString(75 + width * at, 730 - 24 * line, text)
        more(page)

    (grid,) = read(drawn(draw)).grids
    return [cell.text if cell else None for cell in grid.rows[1][1:]]


def at(x: float, text: str, y: float = 706, size: float = SIZE) -> Draw:
    def draw(page: Any) -> None:
        page.setFont("STSong-Light", size)
        page.drawString(x, y, text)

    return draw


def stroke(y: float, *, filled: bool) -> Draw:
    """A stroke through the first digit of the first cell."""

    def draw(page: Any) -> None:
        if filled:
            page.rect(135, y, DIGIT, 0.5, stroke=0, fill=1)
        else:
            page.line(135, y, 135 + DIGIT, y)

    return draw


@pytest.mark.parametrize("filled", [False, True])
def test_a_digit_struck_out(filled: bool) -> None:
    assert cells("57", "3", more=stroke(709.5, filled=filled)) == ["^57", "3"]
    assert cells("57", "3", more=stroke(704.5, filled=filled)) == ["57", "3"]


def test_a_digit_set_higher() -> None:
    beside = 135 + DIGIT
    assert cells("5", "3", more=at(beside, "7", 709)) == ["5^7", "3"]
    assert cells("5", "3", more=at(beside, "7", 708, 9)) == ["5^7", "3"]
    assert cells("5", "3", more=at(beside, "7")) == ["57", "3"]


def test_two_figures_far_apart_in_one_cell_are_not_one() -> None:
    text, other = cells("5", "3", more=at(160, "7"))
    assert (text, other) == ("5   7", "3")
    assert cells("5", "3", more=at(135 + DIGIT + 4, "7"))[0] == "5 7"


def test_a_digit_as_narrow_as_a_stroke() -> None:
    def char(x1: float) -> dict[str, float]:
        return {"x0": 10.0, "x1": x1, "size": 10.0}

    assert is_squeezed(char(10.5))
    assert not is_squeezed(char(12.5))
    assert not is_squeezed(char(10.0))  # a font that tells no widths


@pytest.mark.parametrize(
    ("x", "text", "read_as"),
    [
        # between two digits, and through the middle of one
        (190 - 2 * DIGIT, "1316", ["1\ufffd", "\ufffd6"]),
        (190 - 1.5 * DIGIT, "131", ["\ufffd", "\ufffd1"]),
        (190 - DIGIT / 2, "7", ["", "\ufffd"]),
        (190 - 2.2 * DIGIT, "12", ["12", ""]),
    ],
)
def test_a_figure_across_a_rule_is_nobodys(x: float, text: str, read_as: list[str]) -> None:
    assert [
        word and word.replace("\ufffd\ufffd", "\ufffd") for word in cells("", "", more=at(x, text))
    ] == read_as


def test_a_figure_across_the_rule_between_two_lines_is_nobodys() -> None:
    assert cells("", "3", more=at(140, "12", 696))[0] in ("", "\ufffd\ufffd")


def test_figures_close_to_a_rule_on_both_sides_are_their_own() -> None:
    assert cells("12345678", "3", more=lambda page: None, width=44) == ["12345678", "3"]


def test_a_field_of_a_form_over_a_cell_is_no_blank() -> None:
    def field(page: Any) -> None:
        page.acroForm.textfield(name="n", value="12", x=132, y=702, width=50, height=18, borderWidth=0)

    assert cells("", "3", more=field) == ["\ufffd", "3"]


def test_a_note_laid_over_a_figure_hides_it() -> None:
    def note(page: Any) -> None:
        page.freeTextAnnotation("12", "/F1 10 Tf", (131, 701, 189, 723), addtopage=1)

    assert cells("5", "3", more=note)[1] == "3"
