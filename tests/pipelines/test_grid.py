"""Spans: laid out by the HTML algorithm, mended where they are wrong, bounded where they are hostile."""

from __future__ import annotations

import time
from collections.abc import Sequence

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Grid
from pipelines import grid
from pipelines.grid import Rectangle, SourceCell, expand, from_html, from_rectangles


def table(html: str) -> Grid:
    return from_html(lxml.html.fragment_fromstring(html))


def texts(found: Grid) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in found.rows]


@st.composite
def tilings(draw: st.DrawFn) -> tuple[int, int, list[tuple[int, int, int, int]]]:
    """A table of some rows and columns cut into rectangles (row, column, height, width)."""
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    taken = [[False] * columns for _ in range(rows)]
    found = []
    for row in range(rows):
        for column in range(columns):
            if taken[row][column]:
                continue
            width = 1
            most = draw(st.integers(1, columns))
            while width < most and column + width < columns and not taken[row][column + width]:
                width += 1
            height = draw(st.integers(1, rows - row))
            for r in range(row, row + height):
                for c in range(column, column + width):
                    taken[r][c] = True
            found.append((row, column, height, width))
    return rows, columns, found


def markup(rows: int, cells: Sequence[tuple[int, int, int, int]], names: Sequence[str]) -> str:
    lines = []
    for row in range(rows):
        line = "".join(
            f"<td rowspan={height} colspan={width}>{name}</td>"
            for (top, _, height, width), name in zip(cells, names, strict=True)
            if top == row
        )
        lines.append(f"<tr>{line}</tr>")
    return f"<table>{''.join(lines)}</table>"


@given(tilings())
def test_legal_spans_read_the_same_as_their_expanded_form(
    tiling: tuple[int, int, list[tuple[int, int, int, int]]],
) -> None:
    rows, columns, cells = tiling
    names = [f"c{number}" for number in range(len(cells))]
    spanned = table(markup(rows, cells, names))
    flat: list[list[str]] = [[""] * columns for _ in range(rows)]
    for (top, left, height, width), name in zip(cells, names, strict=True):
        for row in range(top, top + height):
            for column in range(left, left + width):
                flat[row][column] = name
    expanded = table(
        "<table>" + "".join("<tr>" + "".join(f"<td>{t}</td>" for t in r) + "</tr>" for r in flat) + "</table>"
    )
    assert texts(spanned) == texts(expanded) == flat
    assert not spanned.notes
    # every place knows where its cell begins
    for row in range(rows):
        for column in range(columns):
            cell = spanned.rows[row][column]
            assert cell is not None
            begin = spanned.rows[cell.origin[0]][cell.origin[1]]
            assert begin is not None
            assert begin.where == cell.where
            assert cell.origin <= (row, column)


@given(tilings())
def test_rectangles_and_spans_agree(tiling: tuple[int, int, list[tuple[int, int, int, int]]]) -> None:
    rows, _, cells = tiling
    names = [f"c{number}" for number in range(len(cells))]
    boxes = [
        Rectangle(top, left, top + height, left + width, name, name)
        for (top, left, height, width), name in zip(cells, names, strict=True)
    ]
    assert texts(from_rectangles(boxes, where="t")) == texts(table(markup(rows, cells, names)))


def test_place_in_the_source_counts_from_one() -> None:
    found = table("<table><tr><th>a</th></tr><tr><td rowspan=1>b</td><td>c</td><td>d</td></tr></table>")
    assert [cell.where if cell else None for cell in found.rows[1]] == [
        "table[1]/tr[2]/td[1]",
        "table[1]/tr[2]/td[2]",
        "table[1]/tr[2]/td[3]",
    ]
    assert found.rows[0][0] is not None
    assert found.rows[0][0].where == "table[1]/tr[1]/th[1]"
    assert found.rows[0][1] is None


def test_header_of_table_three() -> None:
    found = table(
        "<table><tr><td colspan=3 rowspan=3>关系</td><td colspan=7>申请人情况</td></tr>"
        "<tr><td rowspan=2>自然人</td><td colspan=5>法人或其他组织</td><td rowspan=2>总计</td></tr>"
        "<tr><td>商业企业</td><td>科研机构</td><td>社会公益组织</td><td>法律服务机构</td><td>其他</td></tr></table>"
    )
    assert texts(found)[2] == ["关系"] * 3 + [
        "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "expected", "note"),
    [
        pytest.param(
            "<table><tr><td rowspan=9>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            [["a", "b"], ["a", "c"]],
            "rowspan 9 runs past its row group, cut to 2",
            id="rowspan beyond the table",
        ),
        pytest.param(
            "<table><tbody><tr><td rowspan=2>a</td><td>b</td></tr></tbody><tbody><tr><td>c</td>"
            "<td>d</td></tr></tbody></table>",
            [["a", "b"], ["c", "d"]],
            "runs past its row group",
            id="rowspan beyond its row group",
        ),
        pytest.param(
            "<table><tr><td colspan=1000>a</td></tr><tr><td>b</td><td>c</td></tr></table>",
            [["a", "a"], ["b", "c"]],
            "columns 3 to 1000 begin no cell",
            id="colspan beyond the table",
        ),
        pytest.param(
            "<table><tr><td>a</td><td rowspan=2>b</td></tr><tr><td colspan=2>c</td><td>d</td></tr></table>",
            [["a", "b", None], ["c", "b", "d"]],
            "overlaps table[1]/tr[1]/td[2]",
            id="two cells claim one place",
        ),
        pytest.param(
            "<table><tr><td rowspan=0>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr></table>",
            [["a", "b"], ["a", "c"], ["a", "d"]],
            None,
            id="rowspan 0 reaches the end of the group",
        ),
        pytest.param(
            "<table><tr><td rowspan=x colspan=-3>a</td><td colspan='2.9'>b</td></tr></table>",
            [["a", "b", "b"]],
            None,
            id="spans that are no numbers",
        ),
        pytest.param(
            "<table><tfoot><tr><td>z</td></tr></tfoot><tbody><tr><td>a</td></tr></tbody></table>",
            [["a"], ["z"]],
            None,
            id="tfoot comes last",
        ),
        pytest.param(
            "<table><form><tr><td>a</td><td>b</td></tr></form></table>",
            [["a", "b"]],
            None,
            id="a form between table and row",
        ),
        pytest.param(
            "<table><tr><td>a</td><td style='display: none'>x</td><td>b</td></tr><tr style='display:none'>"
            "<td>y</td><td>y</td></tr><tr><td>c</td><td>d</td></tr></table>",
            [["a", "b"], ["c", "d"]],
            None,
            id="hidden cells and rows",
        ),
        pytest.param(
            "<table><tr><td>a<table><tr><td>inner</td></tr></table></td><td>b</td></tr></table>",
            [["a", "b"]],
            None,
            id="nested table left out",
        ),
        pytest.param("<table></table>", [], None, id="empty"),
        pytest.param("<table><tr></tr><tr><td>a</td></tr></table>", [[None], ["a"]], None, id="empty row"),
    ],
)
def test_broken_tables(html: str, expected: list[list[str | None]], note: str | None) -> None:
    found = table(html)
    assert texts(found) == expected
    if note is None:
        assert found.notes == ()
    else:
        assert any(note in said for said in found.notes)


def test_a_cell_that_begins_in_a_hidden_row_begins_at_the_next() -> None:
    found = table(
        "<table><tr hidden><td rowspan=2>a</td><td>x</td></tr><tr><td>b</td></tr><tr><td>c</td>"
        "<td>d</td></tr></table>"
    )
    assert texts(found) == [["a", "b"], ["c", "d"]]
    assert found.rows[0][0] is not None
    assert found.rows[0][0].origin == (0, 0)
    assert found.rows[1][1] is not None
    assert found.rows[1][1].origin == (1, 1)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("0", "0"),
        (" \n <p> 0 </p>\n ", "0"),
        ("0&nbsp;&nbsp;", "0\xa0\xa0"),
        ("&nbsp;", "\xa0"),
        ("", ""),
        ("本年新<br />制作数量", "本年新\n制作数量"),
        ("<p>商业</p><p>企业</p>", "商业\n企业"),
        ("<span>1</span><span>2</span>", "12"),
        ("a\n   b", "a b"),
        ("5<br>", "5"),
        ("1<script>2</script><style>3</style><!-- 4 --><template>5</template>", "1"),
        ("<span style='display:none'>9</span>3", "3"),
        ("<pre>1\n2</pre>", "1\n2"),
    ],
)
def test_text_of_a_cell(inner: str, expected: str) -> None:
    assert texts(table(f"<table><tr><td>{inner}</td></tr></table>")) == [[expected]]


def test_hostile_spans_end_fast_and_stay_bounded() -> None:
    row = "<tr>" + "<td colspan=1000 rowspan=65534>a</td>" * 5 + "</tr>"
    started = time.perf_counter()
    found = table(f"<table>{row * 2000}</table>")
    assert time.perf_counter() - started < 5
    assert sum(len(line) for line in found.rows) <= grid.MAX_PLACES
    assert found.notes
    assert len(found.notes) <= grid.MAX_NOTES + 1


def test_more_cells_than_any_table_has_are_left_out_with_a_note() -> None:
    found = expand([[SourceCell("1", "x")] * 3] * (grid.MAX_PLACES // 3 + 10))
    assert len(found.rows) < grid.MAX_PLACES // 3 + 10
    assert "too large" in found.notes[0]


@given(st.lists(st.lists(st.tuples(st.integers(0, 70_000), st.integers(-5, 70_000)), max_size=6), max_size=8))
def test_any_spans_give_a_rectangle(rows: list[list[tuple[int, int]]]) -> None:
    found = expand([[SourceCell("x", "w", height, width) for height, width in row] for row in rows])
    assert len({len(row) for row in found.rows}) <= 1
    for at, row in enumerate(found.rows):
        for column, cell in enumerate(row):
            assert cell is None or (cell.origin[0] <= at and cell.origin[1] <= column)
