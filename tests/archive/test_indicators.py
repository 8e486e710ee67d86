"""Indicator lists in the archive: a row a line, a province's own lines among them, compared and exchanged."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from archive.errors import UnfitError
from archive.indicators import IndicatorCell
from archive.records import Cell, Report
from archive.rows import reading, rows_of
from archive.store import Store
from tests.archive.made import dump, put, report, rows, snapshot


def figure(
    row: str,
    value: int | Decimal | None,
    column: str = "year",
    *,
    status: str | None = None,
    label: str | None = None,
    unit: str | None = "件",
) -> IndicatorCell:
    state = status or ("exact" if value is not None else "blank")
    raw = None if state == "missing" else "" if value is None else str(value)
    readings = ("1", "11") if state == "ambiguous" else ()
    return IndicatorCell(
        "indicators", row, column, value, raw, state, f"table[1]/tr[2]/td[{column}]", readings,  # type: ignore[arg-type]
        label=label or row.removeprefix("raw:"), unit=unit,
    )  # fmt: skip


def listed(*cells: Cell, form: str = "2014", year: int = 2016) -> Report:
    made = report(year=year, tables=(), title=f"中原区{year}年政府信息公开工作年度报告")
    return replace(made, cells=cells, forms={"indicators": form})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "gongkai.db")


FULL = (
    figure("applications", 12),
    figure("applications", 90, "cumulative"),
    figure("raw:网上咨询数", 7, unit="人次"),
    figure("raw:网上咨询数", None, "cumulative", status="ambiguous", unit="人次"),
    figure("raw:全文电子化率", Decimal("98.5"), unit="%"),
    figure("raw:全文电子化率", None, "cumulative", unit="%"),
    figure("complaints", None, status="missing"),
    figure("complaints", None, "cumulative", status="missing"),
)


def test_a_list_is_stored_line_by_line_in_its_order(store: Store) -> None:
    with store:
        put(store, "http://a.example/1", "一", listed(*FULL))
        found = rows(store, "SELECT * FROM indicators ORDER BY number")
        assert [(r["number"], r["line"], r["key"], r["label"]) for r in found] == [
            (1, "applications", "applications", "applications"),
            (2, "raw:网上咨询数", None, "网上咨询数"),
            (3, "raw:全文电子化率", None, "全文电子化率"),
            (4, "complaints", "complaints", "complaints"),
        ]
        assert [(r["year_value"], r["cumulative"], r["unit"], r["status"], r["raw"]) for r in found] == [
            (12.0, 90.0, "件", "exact", "12"),
            (7.0, None, "人次", "exact", "7"),
            (98.5, None, "%", "exact", "98.5"),
            (None, None, "件", "missing", None),
        ]
        assert {r["place"] for r in found} == {"table[1]/tr[2]"}
        notes = rows(
            store, "SELECT line, column_key, status, readings FROM cell_notes ORDER BY line, column_key"
        )
        assert [(n["line"], n["column_key"], n["status"]) for n in notes] == [
            ("complaints", "cumulative", "missing"),
            ("complaints", "year", "missing"),
            ("raw:全文电子化率", "cumulative", "blank"),
            ("raw:网上咨询数", "cumulative", "ambiguous"),
        ]
        assert json.loads(notes[3]["readings"]) == ["1", "11"]
        (line,) = rows(store, "SELECT * FROM reports")
        assert (line["form"], line["indicators_form"], line["requests_form"]) == ("2014", "2014", None)
        assert (line["figures"], line["cells"]) == (4, 8)
        assert rows(store, "PRAGMA foreign_key_check") == []


def test_lines_name_every_line_of_the_list(store: Store) -> None:
    with store:
        put(store, "http://a.example/1", "一", listed(*FULL))
        own = rows(store, "SELECT key, zh, en, position FROM lines WHERE key LIKE 'raw:%' ORDER BY key")
        assert own == [
            {"key": "raw:全文电子化率", "zh": "全文电子化率", "en": None, "position": None},
            {"key": "raw:网上咨询数", "zh": "网上咨询数", "en": None, "position": None},
        ]
        (known,) = rows(store, "SELECT zh, table_key FROM lines WHERE key = 'applications'")
        assert known == {"zh": "（一）收到申请数", "table_key": "indicators"}


def test_the_three_tables_tell_the_form_of_a_report_that_has_a_list_too(store: Store) -> None:
    both = report(year=2020, form="2019")
    both = replace(both, cells=(*both.cells, *FULL), forms={**both.forms, "indicators": "provincial"})
    with store:
        put(store, "http://a.example/1", "一", both)
        (line,) = rows(store, "SELECT form, indicators_form FROM reports")
        assert line == {"form": "2019", "indicators_form": "provincial"}


def test_a_change_in_a_list_is_a_revision_with_that_cell(store: Store) -> None:
    before = listed(figure("applications", 12), figure("raw:网上咨询数", 7))
    after = listed(figure("applications", 13), figure("raw:网上咨询数", None))
    with store:
        put(store, "http://a.example/1", "一", before)
        put(store, "http://a.example/1", "二", after, day=3)
        changes = rows(
            store, "SELECT table_key, line, column_key, old, new, new_status FROM changes ORDER BY line"
        )
        assert [tuple(change.values()) for change in changes] == [
            ("indicators", "applications", "year", 12, 13, "exact"),
            ("indicators", "raw:网上咨询数", "year", 7, None, "blank"),
        ]
        assert rows(store, "SELECT count(*) AS n FROM indicators") == [{"n": 2}]


def test_a_copy_is_compared_by_its_list(store: Store) -> None:
    with store:
        put(
            store, "http://a.example/1", "一", listed(figure("applications", 12), figure("raw:网上咨询数", 7))
        )
        other = listed(figure("applications", 12), figure("raw:网上咨询数", 8))
        put(store, "http://b.example/1", "二", other, portal=None)
        (copy,) = rows(store, "SELECT reason, likeness FROM copies")
        assert copy == {"reason": "differs", "likeness": 0.5}
        (finding,) = rows(store, "SELECT message FROM findings WHERE kind = 'copies_differ'")
        assert "统计表“网上咨询数”的“本年度”" in finding["message"]


def test_the_order_in_which_originals_come_leaves_no_trace(tmp_path: Path) -> None:
    originals = [
        ("http://a.example/1", listed(figure("applications", 12), figure("raw:甲", 1))),
        ("http://b.example/1", listed(figure("applications", 12), figure("raw:乙", 1), figure("raw:丙", 2))),
        ("http://c.example/1", listed(figure("raw:丁", 1))),
    ]
    dumps = []
    for number, order in enumerate(permutations(originals)):
        path = tmp_path / f"{number}.db"
        with Store(path) as store:
            for url, made in order:
                put(store, url, url, made)
        dumps.append(dump(path, without=("about", "_states")))
    assert all(found == dumps[0] for found in dumps)
    assert len(dumps[0]["indicators"]) == 3


@pytest.mark.parametrize(
    "cells",
    [
        (figure("nothing", 1),),
        (figure("applications", 1, "total"),),
        (figure("applications", 1), figure("applications", 2)),
    ],
)
def test_what_no_list_has_is_refused(cells: tuple[IndicatorCell, ...]) -> None:
    shot = snapshot("http://a.example/1")
    with pytest.raises(UnfitError, match="indicators"):
        rows_of(shot, listed(*cells))
    read = reading(shot, listed(*cells))
    assert (read.error or "").startswith("读出的单元格无法入表：indicators.")
    assert (read.rows, read.figures) == ({}, None)


def test_a_number_no_double_holds_is_kept_as_text_only() -> None:
    cell = figure("raw:预算", Decimal("0.1000000000000000055511151231257827"))
    (row,) = reading(snapshot("http://a.example/1"), listed(cell)).rows["indicators"]
    assert (row["year_value"], row["status"]) == (None, "unreadable")
    assert row["raw"] == "0.1000000000000000055511151231257827"
