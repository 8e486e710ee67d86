"""Y1, Y2 and Y3 of an issuer's adjacent reports, and what they settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive import forms, wording
from archive.candidates import CellKey
from archive.records import Cell, Check, Snapshot
from pipelines import decode, settle, years
from pipelines.report import parse
from pipelines.years import APPLICANTS, Year
from tests.archive import made
from tests.paths import SHARED

DOCUMENTS = "normative_documents"


def year(number: int, values: made.Values | None = None, *, form: str = "2021", **more: Any) -> Year:
    tables = more.pop("tables", forms.TABLES)
    cells = {CellKey(c.table, c.row, c.column): c for c in made.cells(values, form=form, tables=tables)}
    return Year(number, dict.fromkeys(tables, form), cells)


def documents(number: int, issued: int, repealed: int, in_force: int, *, run: bool = False) -> Year:
    """A year with these normative documents, run together or not."""
    return line(number, DOCUMENTS, settle.IN_FORCE, (issued, repealed, in_force), run=run)


def line(number: int, row: str, columns: Sequence[str], values: Sequence[int], *, run: bool) -> Year:
    raw = "".join(str(value) for value in values)
    readings = decode.split_readings(raw, len(values))
    cells = {}
    for column, value in zip(columns, values, strict=True):
        key = CellKey("disclosure", row, column)
        cells[key] = (
            Cell(*key, None, raw, "ambiguous", "line 9", readings)
            if run
            else Cell(*key, value, str(value), "exact", "line 9")
        )
    return Year(number, {"disclosure": "2021"}, cells)


def found(chain: Sequence[Year]) -> dict[int, dict[str, int]]:
    return {
        number: {cell.column: one.value for cell, one in cells.items()}
        for number, cells in settle.settle(chain).items()
    }


def failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.verdict == "fail"]


# What has to agree


def test_what_is_carried_over_agrees_column_by_column() -> None:
    before = year(2021, {("requests", "carried_out", c): n for n, c in enumerate(APPLICANTS)})
    now = year(2022, {("requests", "carried_in", c): n for n, c in enumerate(APPLICANTS)})
    checks = [c for c in years.adjacent(before, now) if c.identity == "Y1"]
    assert [(c.at, c.verdict, c.left, c.right) for c in checks] == [
        (f"requests.carried_in.{column}", "pass", n, n) for n, column in enumerate(APPLICANTS)
    ]
    wrong = year(2022, {("requests", "carried_in", "total"): 7})
    (check,) = failed(years.adjacent(year(2021), wrong))
    assert check == Check("Y1", "requests.carried_in.total", "fail", 0, 7, "issuer")
    assert "上一年度结转下年度继续办理 0 ≠ 本年度上年结转 7" in wording.sentence(check)


def test_a_failure_may_be_ours_where_a_table_or_a_cell_is_not_whole() -> None:
    wrong = {("requests", "carried_in", "total"): 7}
    lost = year(2022, {**wrong, ("requests", "granted", "total"): "missing"})
    (check,) = failed(years.adjacent(year(2021), lost))
    assert check.blame == "possibly_ours"
    cells = dict(year(2022, wrong).cells)
    key = CellKey("requests", "carried_in", "total")
    cells[key] = Cell(*key, 7, "0000007", "inferred", "x")
    (check,) = failed(years.adjacent(year(2021), Year(2022, dict.fromkeys(forms.TABLES, "2021"), cells)))
    assert check.blame == "possibly_ours"


def test_documents_in_force() -> None:
    before = year(2021, {("disclosure", DOCUMENTS, "in_force"): 599})
    now = year(
        2022,
        {("disclosure", DOCUMENTS, c): v for c, v in zip(settle.IN_FORCE, (69, 3, 665), strict=True)},
    )
    checks = {c.at: c for c in years.adjacent(before, now) if c.identity == "Y2"}
    assert checks[f"disclosure.{DOCUMENTS}.in_force"].verdict == "pass"
    assert checks["disclosure.rules.in_force"].verdict == "pass"
    (check,) = failed(years.adjacent(year(2021, {("disclosure", DOCUMENTS, "in_force"): 600}), now))
    assert (check.identity, check.left, check.right, check.blame) == ("Y2", 666, 665, "issuer")


def test_items_of_the_year_before() -> None:
    before = year(
        2019,
        {("disclosure", "licences", "previous_items"): 57, ("disclosure", "licences", "change"): -7},
        form="2019",
    )
    after = year(2020, {("disclosure", "licences", "previous_items"): 50}, form="2019")
    checks = [c for c in years.adjacent(before, after) if c.identity == "Y3"]
    assert [c.verdict for c in checks] == ["pass"] * 5
    (check,) = failed(years.adjacent(before, year(2020, form="2019")))
    assert (check.at, check.left, check.right) == ("disclosure.licences.previous_items", 50, 0)


def test_a_blank_is_never_a_pass() -> None:
    blank = {("requests", "carried_in", c): "blank" for c in APPLICANTS}
    checks = [c for c in years.adjacent(year(2021), year(2022, blank)) if c.identity == "Y1"]
    assert {c.verdict for c in checks} == {"not_assessable"}


def test_a_gap_is_not_assessable_and_the_first_report_has_nothing_to_agree_with() -> None:
    checks = years.check([year(2023), year(2021), year(2024)])
    assert sorted(checks) == [2023, 2024]
    assert [(c.identity, c.verdict) for c in checks[2023]] == [
        ("Y1", "not_assessable"),
        ("Y2", "not_assessable"),
    ]
    assert {c.verdict for c in checks[2024]} == {"pass"}
    old = years.check([year(2019, form="2019"), year(2021, form="2019")])
    assert [c.identity for c in old[2021]] == ["Y1", "Y3"]


def test_a_change_of_form_leaves_y1_alone() -> None:
    checks = years.adjacent(year(2020, form="2019"), year(2021))
    assert {c.identity for c in checks} == {"Y1"}
    # The year before has none of the tables: that is a gap too.
    listed = Year(2018, {"indicators": "2014"}, {})
    assert [(c.identity, c.verdict) for c in years.adjacent(listed, year(2019, form="2019"))] == [
        ("Y1", "not_assessable"),
        ("Y3", "not_assessable"),
    ]


# What they settle


def test_a_run_settled_by_the_year_before() -> None:
    chain = [documents(2020, 5, 1, 599), documents(2021, 69, 3, 665, run=True)]
    assert found(chain) == {2021: {"issued": 69, "repealed": 3, "in_force": 665}}
    one = settle.settle(chain)[2021][CellKey("disclosure", DOCUMENTS, "in_force")]
    assert one.evidence == (
        "由2020年报告推定（Y2）：2020年现行有效599＋2021年制发69－废止3＝2021年现行有效665"
    )
    after = settle.applied(chain[1], settle.settle(chain)[2021])
    cell = after.cells[CellKey("disclosure", DOCUMENTS, "issued")]
    assert (cell.value, cell.status, cell.raw) == (69, "inferred", "693665")
    assert "69|3|665" in cell.readings


def test_the_year_after_alone_settles_what_is_in_force() -> None:
    chain = [documents(2021, 69, 3, 665, run=True), documents(2022, 10, 5, 670)]
    assert found(chain) == {2021: {"in_force": 665}}
    assert (
        "2021年现行有效665＋2022年制发10－废止5＝2022年现行有效670"
        in next(iter(settle.settle(chain)[2021].values())).evidence
    )


def test_more_readings_than_are_listed_are_all_weighed() -> None:
    run = documents(2023, 123, 145, 1678, run=True)
    listed = run.cells[CellKey("disclosure", DOCUMENTS, "issued")].readings
    assert "123|145|1678" not in listed
    assert found([documents(2022, 1, 1, 1700), run, documents(2024, 0, 8, 1670)]) == {
        2023: {"issued": 123, "repealed": 145, "in_force": 1678}
    }


def test_two_ambiguous_years_are_solved_together() -> None:
    chain = [
        documents(2020, 4, 1, 119),
        documents(2021, 8, 7, 120, run=True),
        documents(2022, 13, 2, 131, run=True),
        documents(2023, 0, 11, 120),
    ]
    assert found(chain) == {
        2021: {"issued": 8, "repealed": 7, "in_force": 120},
        2022: {"issued": 13, "repealed": 2, "in_force": 131},
    }
    assert settle.settle(chain)[2021][CellKey("disclosure", DOCUMENTS, "issued")].evidence.startswith(
        "由2020年、2022年报告推定（Y2）"
    )


@pytest.mark.parametrize(
    "chain",
    [
        # alone, or with a gap to the next
        [documents(2021, 69, 3, 665, run=True)],
        [documents(2019, 5, 1, 599), documents(2021, 69, 3, 665, run=True)],
        # ambiguous neighbours only: no known year on either end
        [documents(2020, 8, 7, 120, run=True), documents(2021, 13, 2, 131, run=True)],
        # no reading fits: the issuer's own figures do not agree
        [documents(2020, 5, 1, 8000), documents(2021, 69, 3, 665, run=True)],
        # an issuer that breaks the identity elsewhere
        [
            documents(2019, 5, 1, 400),
            documents(2020, 5, 1, 599),
            documents(2021, 69, 3, 665, run=True),
            documents(2022, 0, 0, 665),
        ],
    ],
)
def test_what_the_years_do_not_decide_stays(chain: list[Year]) -> None:
    assert found(chain) == {}


def test_a_reading_that_nearly_fits_is_not_ruled_out() -> None:
    """3024256 after 250: 30|24|256 fits exactly, 30|242|56 misses by 18, as an issuer's slip might."""
    assert found([documents(2020, 0, 0, 250), documents(2021, 30, 24, 256, run=True)]) == {
        2021: {"issued": 30}
    }
    both = [documents(2020, 0, 0, 250), documents(2021, 30, 24, 256, run=True), documents(2022, 4, 0, 260)]
    assert found(both) == {2021: {"issued": 30, "repealed": 24, "in_force": 256}}


def test_items_run_together_with_a_sign() -> None:
    columns = settle.ITEMS
    key = [CellKey("disclosure", "licences", column) for column in columns]
    raw = "57+19680"
    run = Year(2020, {"disclosure": "2019"}, {k: Cell(*k, None, raw, "ambiguous", "x") for k in key})
    before = line(2019, "licences", columns, (50, 7, 100), run=False)
    after = line(2021, "licences", columns, (76, 0, 90), run=False)
    assert found([before, run, after]) == {2020: {"previous_items": 57, "change": 19, "decisions": 680}}
    minus = Year(2020, {"disclosure": "2019"}, {k: Cell(*k, None, "57-19680", "ambiguous", "x") for k in key})
    assert found([before, minus, line(2021, "licences", columns, (38, 0, 90), run=False)]) == {}


def test_a_cell_with_a_boundary_of_its_own_is_not_split() -> None:
    chain = [documents(2020, 0, 0, 17), documents(2021, 1, 1, 17)]
    cells = dict(chain[1].cells)
    for column in ("issued", "repealed", "in_force"):
        key = CellKey("disclosure", DOCUMENTS, column)
        # what OCR is not sure of: a raw text each, its proposal the only reading
        cells[key] = Cell(*key, None, "117", "ambiguous", "x", ("117",))
    assert found([chain[0], Year(2021, {"disclosure": "2021"}, cells)]) == {}


def test_blanks_inside_a_run_are_no_boundaries() -> None:
    assert (6, 93, 665) in settle.splits("69 3 665", (False,) * 3)
    assert (6, 93, 665) not in settle.splits("69|3|665", (False,) * 3)
    assert settle.splits("6９３665", (False,) * 3)
    assert settle.splits("", (False,) * 3) == ()
    assert settle.splits("12件", (False,) * 2) == ()
    assert settle.splits("9" * 500, (False,) * 3) == ()


def requests(number: int, rows: Mapping[str, Sequence[int]], *, run: Sequence[str] = ()) -> Year:
    """A Table 3: nothing but zeros where no line is given; lines in ``run`` without boundaries."""
    table = forms.form("2021").tables["requests"]
    runs, cells = {}, {}
    for row in table.rows:
        values = tuple(rows.get(row.key, (0,) * 7))
        raw = "".join(map(str, values))
        runs[row.key] = decode.summed((raw,), 7) if row.key in run else [values]
    solved = decode.solve_requests(runs, table)
    assert solved is not None
    for row in table.rows:
        values = tuple(rows.get(row.key, (0,) * 7))
        raw = "".join(map(str, values))
        readings = tuple("|".join(map(str, one)) for one in sorted(solved[row.key])[:12])
        for i, column in enumerate(APPLICANTS):
            key = CellKey("requests", row.key, column)
            options = {one[i] for one in solved[row.key]}
            if row.key not in run:
                cells[key] = Cell(*key, values[i], str(values[i]), "exact", "x")
            elif len(options) == 1:
                cells[key] = Cell(*key, options.pop(), raw, "inferred", "x")
            else:
                cells[key] = Cell(*key, None, raw, "ambiguous", "x", readings)
    return Year(number, {"requests": "2021"}, cells)


#: 101010012: 10,1,0,1,0,0,12 or 1,0,10,1,0,0,12: everything R1 to R3 can say of both lines is the same.
_TWO = (10, 1, 0, 1, 0, 0, 12)


def test_what_was_carried_over_settles_table_three() -> None:
    glued = requests(
        2022,
        {"received": (0,) * 7, "carried_in": _TWO, "carried_out": _TWO},
        run=("carried_in", "carried_out"),
    )
    open_ = [key for key, cell in glued.cells.items() if cell.status == "ambiguous"]
    assert open_, "the table must leave something open"
    before = requests(2021, {"received": _TWO, "carried_out": _TWO})
    cells = settle.settle([before, glued])[2022]
    after = settle.applied(glued, cells)
    for row in ("carried_in", "carried_out"):
        assert tuple(after.cells[CellKey("requests", row, c)].value for c in APPLICANTS) == _TWO
    assert set(cells) == set(open_)
    assert next(iter(cells.values())).evidence == (
        "由2021年报告推定（Y1）：2021年结转下年度继续办理＝2022年上年结转＝10、1、0、1、0、0、12"
    )
    assert all(c.verdict == "pass" for c in years.adjacent(before, after))
    # What the year after says of what was carried out is as good.
    later = requests(2023, {"carried_in": _TWO, "carried_out": _TWO})
    assert set(settle.settle([glued, later])[2022]) == set(open_)
    assert settle.settle([requests(2021, {}), glued]) == {}


counts = st.integers(0, 40)


@st.composite
def chains(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """(issued, repealed, in force) of consecutive years that satisfy Y2."""
    standing = draw(st.integers(0, 3000))
    made_: list[tuple[int, int, int]] = []
    for _ in range(draw(st.integers(2, 6))):
        issued = draw(st.integers(0, 120))
        repealed = draw(st.integers(0, min(150, standing + issued)))
        standing += issued - repealed
        made_.append((issued, repealed, standing))
    return made_


@given(chains(), st.data())
@settings(max_examples=300, deadline=None)
def test_a_chain_run_together_settles_to_itself_or_not_at_all(
    chain: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    run = data.draw(st.lists(st.booleans(), min_size=len(chain), max_size=len(chain)))
    series = [documents(2015 + i, *t, run=run[i]) for i, t in enumerate(chain)]
    for number, cells in found(series).items():
        truth = dict(zip(settle.IN_FORCE, chain[number - 2015], strict=True))
        assert run[number - 2015]
        assert cells == {column: truth[column] for column in cells}


@given(chains(), st.permutations(range(6)), st.data())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_reports_does_not_matter(
    chain: list[tuple[int, int, int]], order: list[int], data: st.DataObject
) -> None:
    run = data.draw(st.lists(st.booleans(), min_size=len(chain), max_size=len(chain)))
    series = [documents(2015 + i, *t, run=run[i]) for i, t in enumerate(chain)]
    shuffled = [series[i] for i in order if i < len(series)]
    assert settle.settle(shuffled) == settle.settle(series)
    assert years.check(shuffled) == years.check(series)


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30), st.integers(0, 999)), min_size=2, max_size=5)
)
@settings(max_examples=100, deadline=None)
def test_items_run_together_settle_to_themselves_or_not_at_all(steps: list[tuple[int, int, int]]) -> None:
    standing, chain = steps[0][0], []
    for _, change, decisions in steps:
        chain.append((standing, change, decisions))
        standing += change
    series = [line(2015 + i, "penalties", settle.ITEMS, t, run=i % 2 == 1) for i, t in enumerate(chain)]
    for number, cells in found(series).items():
        truth = dict(zip(settle.ITEMS, chain[number - 2015], strict=True))
        assert cells == {column: truth[column] for column in cells}


vectors = st.lists(st.integers(0, 12), min_size=6, max_size=6).map(lambda v: (*v, sum(v)))


@given(vectors, vectors, vectors)
@settings(max_examples=60, deadline=None)
def test_a_table_three_run_together_settles_to_itself_or_not_at_all(
    carried: tuple[int, ...], received: tuple[int, ...], out: tuple[int, ...]
) -> None:
    left = tuple(a + b - c for a, b, c in zip(carried, received, out, strict=True))
    assume(all(value >= 0 for value in left))
    rows = {
        "received": received, "carried_in": carried, "granted": left, "concluded": left, "carried_out": out,
    }  # fmt: skip
    glued = requests(2022, rows, run=tuple(row.key for row in forms.form("2021").tables["requests"].rows))
    before = requests(2021, {"received": carried, "carried_out": carried})
    after = requests(2023, {"carried_in": out, "carried_out": out})
    for chain in ([before, glued], [glued, after], [before, glued, after]):
        for cell, one in settle.settle(chain).get(2022, {}).items():
            want = rows.get(cell.line, (0,) * 7)[APPLICANTS.index(cell.column)]
            assert (cell, one.value) == (cell, want)


@pytest.mark.parametrize(
    ("case", "number", "before", "truth"),
    [("pingtan_2021_text", 2021, 599, (69, 3, 665)), ("pingtan_2023_text", 2023, 525, (77, 132, 470))],
)
def test_real_runs_are_settled_by_made_neighbours(
    case: str, number: int, before: int, truth: tuple[int, ...]
) -> None:
    file = SHARED / "real" / case / "input.txt"
    if not file.exists():
        pytest.skip("the real reports are not here")
    read = parse(Snapshot(url="1.txt", body=file.read_bytes(), fetched_at=datetime(2026, 1, 1, tzinfo=UTC)))
    cells = {CellKey(c.table, c.row, c.column): c for c in read.cells if c.table in forms.TABLES}
    real = Year(number, {k: f for k, f in read.forms.items() if k in forms.TABLES}, cells)
    assert real.cells[CellKey("disclosure", DOCUMENTS, "issued")].status == "ambiguous"
    assert found([real]) == {}
    want = {number: dict(zip(settle.IN_FORCE, truth, strict=True))}
    assert found([documents(number - 1, 0, 0, before), real]) == want
    assert (
        found([documents(number - 1, 0, 0, before), real, documents(number + 1, 2, 1, truth[2] + 1)]) == want
    )
