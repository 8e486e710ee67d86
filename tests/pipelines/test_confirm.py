"""Figures from OCR: proved by the identities, taken back where one fails, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from archive import forms
from archive.forms import indicators
from archive.records import Cell, Document, Grid, GridCell
from pipelines import values
from pipelines.confirm import prove
from pipelines.match import Match
from pipelines.tables.found import read_cell
from tests.pipelines import tables

Place = tuple[str, str]
COLUMNS = [term.key for term in forms.form("2019").tables["requests"].blocks[0].columns]


def where(row: str, column: str) -> str:
    return f"page[1]/picture/table[1]/{row}/{column}"


def found(rows: tables.Rows, table: str = "requests", columns: list[str] = COLUMNS) -> Match:
    cells = tuple(
        Cell(table, row, column, value, str(value), "exact", where(row, column))
        for row, values in rows.items()
        for column, value in zip(columns, values, strict=True)
    )
    return Match({table: "2019"}, cells, ())


def read(
    match: Match, changes: dict[Place, int], unsure: Iterable[Place] = (), kind: str = "scan"
) -> dict[Place, Cell]:
    """The match with some figures read otherwise and some unsure, after the identities have spoken."""
    cells = []
    for cell in match.cells:
        place = cell.row, cell.column
        value = changes.get(place, cell.value)
        new = replace(cell, value=value, raw=str(value))
        if place in set(unsure):
            new = replace(new, value=None, status="ambiguous", readings=(str(value),))
        cells.append(new)
    document = Document(kind=kind, blocks=(), text="")  # type: ignore[arg-type]
    return {(c.row, c.column): c for c in prove(document, replace(match, cells=tuple(cells))).cells}


def table(**rows: tuple[int, ...]) -> tables.Rows:
    """A Table 3 of the form of 2019 that is 0 but for the lines given."""
    zero = (0,) * 7
    return {row.key: rows.get(row.key, zero) for row in forms.form("2019").tables["requests"].rows}


PLAIN = table(
    received=(5, 2, 0, 0, 0, 0, 7),
    granted=(3, 1, 0, 0, 0, 0, 4),
    refused_by_law=(2, 1, 0, 0, 0, 0, 3),
    concluded=(5, 2, 0, 0, 0, 0, 7),
)


def test_what_is_not_from_a_scan_is_left_alone() -> None:
    cells = read(found(PLAIN), {("received", "total"): 9}, kind="pdf")
    assert cells["received", "total"].value == 9


def test_an_unsure_figure_that_every_identity_bears_out_is_inferred() -> None:
    cells = read(found(PLAIN), {}, [("granted", "business")])
    assert (cells["granted", "business"].status, cells["granted", "business"].value) == ("inferred", 1)
    assert cells["granted", "business"].readings == ()
    assert cells["granted", "total"].status == "exact"


def test_an_unsure_figure_that_an_identity_refuses_stays_open_and_keeps_its_reading() -> None:
    cells = read(found(PLAIN), {("granted", "business"): 7}, [("granted", "business")])
    cell = cells["granted", "business"]
    assert (cell.status, cell.value, cell.readings) == ("ambiguous", None, ("7",))
    # its neighbours hold in another identity, so the doubt is the unsure figure's
    assert cells["granted", "natural_person"].value == 3


def test_figures_misread_alike_do_not_prove_each_other() -> None:
    """Every 3 of a font taken for an 8: all sums come out, and nothing certain bears them out."""
    rows = table(
        received=(3, 0, 0, 0, 0, 0, 3), granted=(3, 0, 0, 0, 0, 0, 3), concluded=(3, 0, 0, 0, 0, 0, 3)
    )
    threes = [(r, c) for r, line in rows.items() for c, v in zip(COLUMNS, line, strict=True) if v == 3]
    cells = read(found(rows), dict.fromkeys(threes, 8), threes)
    assert {cells[place].status for place in threes} == {"ambiguous"}


def test_figures_that_need_each_other_are_proved_together_from_a_certain_one() -> None:
    unsure = [("granted", "natural_person"), ("granted", "total"), ("concluded", "total")]
    cells = read(found(PLAIN), {}, unsure)
    assert {cells[place].status for place in unsure} == {"inferred"}


def test_zeros_that_leave_each_other_nothing_are_proved_without_any_other() -> None:
    """Two lines by three columns, each unsure: no count is negative, so what adds up to 0 is 0."""
    unsure = [(row, column) for row in ("granted", "refused_by_law") for column in COLUMNS[3:6]]
    cells = read(found(PLAIN), {}, unsure)
    assert {(cells[place].status, cells[place].value) for place in unsure} == {("inferred", 0)}
    # with a figure among them they might balance each other
    mixed = [*unsure, ("granted", "natural_person"), ("refused_by_law", "natural_person")]
    swapped = {("granted", "civic"): 1, ("granted", "natural_person"): 2}
    assert all(read(found(PLAIN), swapped, mixed)[place].value in (None, 0) for place in unsure)


def test_a_sure_figure_in_a_failing_identity_is_taken_back_with_all_of_it() -> None:
    cells = read(found(PLAIN), {("granted", "natural_person"): 8})
    row = {cells["granted", column].status for column in COLUMNS}
    column = {
        cells[key, "natural_person"].status for key in forms.form("2019").tables["requests"].outcome_rows
    }
    assert row == column == {"ambiguous"}
    assert cells["granted", "natural_person"].readings == ("8",)
    assert cells["received", "business"].status == "exact"


def test_a_figure_beside_a_blank_cannot_be_proved() -> None:
    match = found(PLAIN)
    blank = [
        replace(c, value=None, raw="", status="blank") if (c.row, c.column) == ("granted", "research") else c
        for c in match.cells
    ]
    cells = read(replace(match, cells=tuple(blank)), {}, [("granted", "business")])
    assert cells["granted", "business"].status == "ambiguous"
    assert cells["granted", "research"].status == "blank"


def test_figures_from_lines_of_text_and_from_cells_marked_unsure_are_not_certain() -> None:
    match = found(PLAIN)
    loose = [replace(c, where="line 12") for c in match.cells]
    document = Document(kind="scan", blocks=(), text="")
    assert {c.status for c in prove(document, replace(match, cells=tuple(loose))).cells} == {"ambiguous"}
    marked = GridCell("1", where("granted", "business"), (0, 0), sure=False)
    document = replace(document, blocks=(Grid(((marked,),), "t"),))
    cells = {(c.row, c.column): c for c in prove(document, match).cells}
    assert cells["granted", "business"].status == "inferred"


def test_reviews_are_proved_by_their_line() -> None:
    columns = [term.key for term in forms.form("2019").tables["reviews"].blocks[0].columns]
    rows = {"reconsideration": (20, 1, 2, 21, 44), "litigation_direct": (1, 0, 0, 0, 1)}
    cells = read(found(rows, "reviews", columns), {}, [("reconsideration", "pending")])
    assert cells["reconsideration", "pending"].value == 21
    cells = read(
        found(rows, "reviews", columns),
        {("reconsideration", "pending"): 27},
        [("reconsideration", "pending")],
    )
    assert cells["reconsideration", "pending"].value is None


def test_table_two_has_nothing_to_prove_a_figure_by() -> None:
    cell = Cell("disclosure", "rules", "made", None, "7", "ambiguous", where("rules", "made"), ("7",))
    document = Document(kind="scan", blocks=(), text="")
    proved = prove(document, Match({"disclosure": "2019"}, (cell,), ()))
    assert proved.cells == (cell,)
    assert [finding.kind for finding in proved.findings] == ["ocr_unsure"]


LIST = {"indicators": "2014"}


def listed(lines: dict[str, int], *, cumulative: bool = False) -> Match:
    """The national list as a scan's cells: 0 but for the lines given; 历年累计 ten times as much."""
    columns = {"year": 1, "cumulative": 10} if cumulative else {"year": 1}
    cells = tuple(
        Cell(
            "indicators",
            line.key,
            column,
            lines.get(line.key, 0) * times,
            "x",
            "exact",
            where(line.key, column),
        )
        for line in indicators.national().figures
        for column, times in columns.items()
    )
    return Match(LIST, cells, ())


RECEIVED = {"applications": 40, "applications_in_person": 3, "applications_fax": 1, "applications_online": 36}
RECEIVED |= {
    "answers": 9,
    "answers_granted": 4,
    "answers_refused": 5,
    "reason_privacy": 2,
    "reason_other_law": 3,
}


def test_a_sum_of_the_list_of_2014_confirms_an_unsure_indicator() -> None:
    """I1, and I3 and I4 through the line they share."""
    unsure = [("applications_online", "year"), ("answers_refused", "year"), ("reason_privacy", "year")]
    cells = read(listed(RECEIVED), {}, unsure)
    assert [(cells[place].status, cells[place].value) for place in unsure] == [
        ("inferred", 36),
        ("inferred", 5),
        ("inferred", 2),
    ]


def test_a_sum_of_the_list_of_2014_refuses_an_unsure_indicator() -> None:
    cells = read(listed(RECEIVED), {("applications_online", "year"): 38}, [("applications_online", "year")])
    cell = cells["applications_online", "year"]
    assert (cell.status, cell.value, cell.readings) == ("ambiguous", None, ("38",))
    # nothing else bears the total out, so the doubt is on it as well; another sum is untouched
    assert cells["applications", "year"].value is None
    assert cells["answers", "year"].value == 9


def test_a_sure_indicator_in_a_sum_that_fails_is_taken_back_with_all_of_it() -> None:
    cells = read(listed(RECEIVED), {("applications_fax", "year"): 7})
    parts = indicators.national().identities[0].parts
    assert {cells[row, "year"].status for row in ("applications", *parts)} == {"ambiguous"}
    assert cells["closed", "year"].value == 0


def test_the_column_of_all_years_is_proved_by_itself() -> None:
    place = ("applications_in_person", "cumulative")
    assert read(listed(RECEIVED, cumulative=True), {}, [place])[place].value == 30
    cells = read(listed(RECEIVED, cumulative=True), {place: 80}, [place])
    assert cells[place].value is None
    assert cells["applications_in_person", "year"].value == 3


def test_a_line_of_the_issuers_own_among_the_parts_leaves_the_sum_without_a_say() -> None:
    match = listed(RECEIVED)
    own = Cell("indicators", "raw:电子邮件申请数", "year", 5, "5", "exact", where("raw", "year"))
    at = next(n for n, cell in enumerate(match.cells) if cell.row == "applications_fax")
    match = replace(match, cells=(*match.cells[:at], own, *match.cells[at:]))
    place = ("applications_online", "year")
    cells = read(match, {}, [place])
    assert cells[place].status == "ambiguous"
    assert cells["applications", "year"].value == 40


def test_a_line_without_a_sum_is_never_confirmed() -> None:
    place = ("via_website", "year")
    assert read(listed({"via_website": 812}), {}, [place])[place].readings == ("812",)


def test_figures_from_lines_of_text_leave_with_a_place_that_says_they_were_recognised() -> None:
    match = found(PLAIN)
    loose = replace(match.cells[0], where="line 12")
    drawn = replace(match.cells[1], where="page[1]/table[2]/row[3]/cell[4]")
    cells = prove(Document(kind="scan", blocks=(), text=""), replace(match, cells=(loose, drawn))).cells
    assert [cell.where for cell in cells] == ["picture/line 12", "page[1]/table[2]/row[3]/cell[4]"]
    assert prove(Document(kind="pdf", blocks=(), text=""), replace(match, cells=(loose,))).cells == (loose,)


def test_read_cell_makes_a_proposal_of_what_is_unsure() -> None:
    term = forms.form("2019").tables["requests"].blocks[0].columns[0]
    for text, status, readings in (
        ("12", "ambiguous", ("12",)),
        ("/", "ambiguous", ()),
        ("?", "unreadable", ()),
    ):
        unsure, reading = GridCell(text, "t", (0, 0), sure=False), values.read(text, "count", term.zh)
        cell = read_cell("requests", "received", term, unsure, reading, [])
        assert (cell.status, cell.value, cell.readings) == (status, None, readings)
    sure = read_cell(
        "requests", "received", term, GridCell("12", "t", (0, 0)), values.read("12", "count"), []
    )
    assert (sure.status, sure.value) == ("exact", 12)


@settings(max_examples=60, deadline=None)
@given(tables.requests_tables("2019"), st.data())
def test_one_misreading_never_passes(rows: tables.Rows, data: st.DataObject) -> None:
    """Whatever one figure is misread as, sure or not, it is no value; all others are right or null."""
    places = [(row, column) for row in rows for column in COLUMNS]
    wrong = data.draw(st.sampled_from(places))
    unsure = data.draw(st.sets(st.sampled_from(places), max_size=12))
    true = dict(zip(places, (v for line in rows.values() for v in line), strict=True))
    misread = data.draw(st.integers(0, 9999).filter(lambda v: v != true[wrong]))
    cells = read(found(rows), {wrong: misread}, unsure)
    assert cells[wrong].value is None
    for place, cell in cells.items():
        if place != wrong and cell.value is not None:
            assert cell.value == true[place]
