"""Which tables are asked what a grid holds, and what is looked at once for all of its rows."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from archive import forms
from archive.records import Grid
from pipelines import scope, values
from pipelines.grid import SourceCell, expand
from pipelines.tables import disclosure, indicators, labels, request_headings, requests, reviews
from pipelines.tables.found import Found

_COUNTABLE = set("0123456789,.+-−–件条项个份次宗起批人户篇部") | set("".join(values._DASHES))
_WORDINGS = [
    (table, part, key, wording)
    for table in forms.TABLES
    for part, terms in forms.terms(table).items()
    for key, term in terms.items()
    for wording in term.wordings
]
_OTHER = (
    "",
    "0",
    "3",
    "12",
    "2019",
    "１２",
    "1 2",
    "—",
    "/",
    "件",
    "合计",
    "备注",
    "2018年",
    "样本县审计局",
    "总计",
)


def _grid(*rows: tuple[str, ...]) -> Grid:
    return expand(
        [[SourceCell(text, f"{r}/{c}") for c, text in enumerate(row)] for r, row in enumerate(rows)]
    )


def _lots(seed: int) -> Grid:
    """A table of words of one form table and of anything."""
    rng = random.Random(seed)
    table = rng.choice(forms.TABLES)
    own = [wording for name, _, _, wording in _WORDINGS if name == table]
    rows = [
        tuple(
            rng.choice(own) if rng.random() < rng.choice((0.02, 0.3)) else rng.choice(_OTHER)
            for _ in range(rng.randint(1, 8))
        )
        for _ in range(rng.randint(1, 9))
    ]
    return _grid(*rows)


def test_a_table_that_is_not_asked_would_have_found_nothing() -> None:
    asked = {"disclosure": 0, "requests": 0, "reviews": 0}
    for seed in range(1_500):
        grid = _lots(seed)
        names = labels.named(grid.texts)
        for key in asked:
            found, by_line = Found(key), dict[str, str]()
            before = replace(found)
            if key == "disclosure":
                may_be = disclosure.may_be(names)
                disclosure.collect(grid, found, by_line)
            elif key == "requests":
                may_be = requests.may_be(names)
                requests.collect(grid, found)
            else:
                may_be = reviews.may_be(names)
                reviews.collect(grid, found)
            asked[key] += may_be
            assert may_be or (found == before and not by_line), (seed, key)
    assert all(100 < number < 1_400 for number in asked.values())


def test_headings_in_a_part_of_their_own_are_asked_for() -> None:
    head = _grid(("总计", "自然人", "商业企业"))
    found = Found("requests")
    assert requests.may_be(labels.named(head.texts))
    requests.collect(head, found)
    assert found.disordered
    assert not requests.may_be(labels.named(_grid(("总计", "自然人")).texts))


def test_the_heading_of_the_sums_alone_is_no_table_4() -> None:
    assert not reviews.may_be(labels.named(["总计", "0"]))
    assert reviews.may_be(labels.named(["总计", "结果维持"]))


@pytest.mark.parametrize(("table", "part", "key", "wording"), _WORDINGS)
def test_no_label_is_a_number(table: str, part: str, key: str, wording: str) -> None:
    """Figures are passed over before a label is looked for, and no heading among figures is one."""
    assert not wording.isdecimal()
    assert set(wording) - _COUNTABLE
    if part != "groups":
        assert (table, part) in {(name, kind) for name, kind, _ in labels.named([wording])}


def test_a_long_label_is_named_like_a_short_one() -> None:
    long = "本年新收政府信息公开申请数量（" + "填写说明" * 200 + "）"
    assert len(long) > labels.LONGEST
    assert labels.named([long]) == labels.named(["本年新收政府信息公开申请数量"]) != frozenset()
    long = "自然人（" + "填写说明" * 200 + "）"
    assert request_headings.headings([_grid((long, "商业企业")).own(0)[0]]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "12",
        "1,234",
        "1 2",
        "1\n2",
        "5.0",
        "３件",
        "",
        " ",
        "—",
        "/",
        "无",
        "①",
        "万",
        "9" * 12,
        "0" * 99,
    ],
)
def test_counts_are_read_one_like_the_other(text: str) -> None:
    assert values.counts([text, "7"]) == [values.read(text, "count"), values.read("7", "count")]


def test_own_cells_are_those_that_begin_in_the_row() -> None:
    grid = expand(
        [
            [SourceCell("a", "1", rowspan=2), SourceCell("b", "2", colspan=2), SourceCell("b", "3")],
            [SourceCell("c", "4"), SourceCell("d", "5", colspan=2)],
        ]
    )
    assert [cell.where for cell in grid.own(0)] == ["1", "2", "3"]
    assert [cell.where for cell in grid.own(1)] == ["4", "5"]
    assert grid.texts == {"a", "b", "c", "d"}


def test_a_label_of_the_list_below_its_caption_is_its_heading() -> None:
    head = ("统计指标", "单位", "统计数")
    grid = _grid(("表", "", ""), head, ("一、主动公开情况", "——", "——"))
    assert indicators._header(grid) == (1, list(head))
    assert indicators._header(_grid(*[("指标说明", "2019")] * 3)) is None


@pytest.mark.parametrize(("note", "another"), [("2018年", True), ("样本县审计局", True), ("2021年", False)])
def test_a_note_is_found_in_whichever_row_it_stands(note: str, another: bool) -> None:
    lines = [("", row.zh, "0", "1") for row in forms.form("2021").tables["requests"].rows]
    grid = _grid(*lines[:-1], (note, *lines[-1][1:]))
    said = list(scope._in_grid(grid, scope.Scope(("样本县人民政府",), 2021), None, frozenset()))
    assert {reason for _, reason in said} == ({note} if another else set())
    assert len(said) == (4 * len(lines) if another else 0)


def test_a_year_alone_in_its_row_is_over_the_rows_that_follow() -> None:
    grid = _grid(("", "本年新收政府信息公开申请数量", "1"), ("", "2018年", ""), ("", "总计", "2"))
    said = list(scope._in_grid(grid, scope.Scope(("样本县人民政府",), 2021), None, frozenset()))
    assert [where for where, _ in said] == ["1/0", "1/1", "1/2", "2/0", "2/1", "2/2"]
