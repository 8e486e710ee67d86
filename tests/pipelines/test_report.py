"""``parse``: the whole way from bytes to a proved report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import forms
from archive.records import Context, Snapshot
from pipelines import report as reports
from pipelines.report import parse
from pipelines.report_json import as_dict, dumps
from tests import layouts
from tests.paths import SHARED
from tests.pipelines.test_layouts import _case

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def snapshot(body: bytes, url: str = "http://www.example.gov.cn/art/1.html", **hints: Any) -> Snapshot:
    return Snapshot(url=url, body=body, fetched_at=WHEN, context=Context(**hints))


def page(case: str = "ziyang_2020.yml") -> bytes:
    form, figures = _case(case)
    return layouts.LAYOUTS["official"](figures, form)


def test_a_page_becomes_a_proved_report() -> None:
    read = parse(snapshot(page(), portal_name="样本县人民政府"))
    assert read.is_report
    assert read.error is None
    assert read.forms == {"disclosure": "2019", "requests": "2019", "reviews": "2019"}
    assert len(read.cells) == 22 + 161 + 15
    assert {check.verdict for check in read.checks} == {"pass"}
    assert read.verdict == "pass"
    assert [section.number for section in read.sections if section.number] == [1, 2, 3, 4, 5, 6]
    assert read.year == 2022


def test_every_cell_of_a_found_form_is_answered_for() -> None:
    read = parse(snapshot(page().replace("<td>行政强制</td>".encode(), "<td>行政强</td>".encode())))
    cells = {(c.table, c.row, c.column): c for c in read.cells}
    for table, form in read.forms.items():
        for row, column in forms.form(form).tables[table].cells():
            assert (table, row.key, column.key) in cells
    lost = cells["disclosure", "coercive_measures", "decisions"]
    assert (lost.status, lost.value, lost.where) == ("missing", None, None)


def test_the_json_contract() -> None:
    data = json.loads(dumps(parse(snapshot(page()))))
    assert list(data) == [
        "source", "agency", "division", "year", "title", "published_on", "forms",
        "cells", "checks", "findings", "sections", "parser",
    ]  # fmt: skip
    assert set(data["cells"][0]) == {"table", "row", "column", "value", "raw", "status", "where"}
    assert set(data["checks"][0]) == {"identity", "at", "verdict", "left", "right"}
    assert set(data["sections"][0]) == {"number", "heading", "text"}
    assert data["parser"] == reports.PARSER
    for cell in data["cells"]:
        assert (cell["value"] is not None) == (cell["status"] in ("exact", "inferred"))


def test_what_cannot_be_read_says_so() -> None:
    assert as_dict(parse(snapshot(b"\x89PNG\r\n\x1a\n" + b"\0" * 50, url="scan.png"))).keys() == {
        "source",
        "error",
    }


def test_a_fault_of_the_parser_is_told_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("nested 10000 deep")

    monkeypatch.setattr(reports, "match", fail)
    read = parse(snapshot(page()))
    assert read.error == "读取程序出错（RecursionError: nested 10000 deep）"
    assert read.cells == ()


def test_an_empty_form_is_no_report() -> None:
    form, figures = _case("ziyang_2020.yml")
    empty = {
        table: {row: dict.fromkeys(line) for row, line in rows.items()} for table, rows in figures.items()
    }
    read = parse(snapshot(layouts.LAYOUTS["official"](empty, form)))
    assert not read.is_report
    assert read.findings[0].kind == "not_a_report"


@pytest.mark.parametrize(
    "title",
    [
        "关于编制样本县2022年政府信息公开工作年度报告的通知",
        "一图读懂样本县2022年政府信息公开工作年度报告",
        "样本县2022年法治政府建设年度报告",
    ],
)
def test_a_title_that_names_another_thing_settles_it(title: str) -> None:
    body = page().replace("样本县人民政府2022年政府信息公开工作年度报告".encode(), title.encode())
    assert not parse(snapshot(body)).is_report


def test_a_page_that_only_carries_an_attachment_is_its_reports_page() -> None:
    title = "样本县人民政府2022年政府信息公开工作年度报告"
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>见附件</p></body></html>"
    read = parse(snapshot(html.encode()))
    assert read.is_report
    assert read.cells == ()
    assert read.verdict == "not_assessable"


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_no_bytes_raise(body: bytes) -> None:
    read = parse(snapshot(body))
    assert all(cell.value is None for cell in read.cells) or read.forms


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mangled_page_raises_nothing_and_is_no_fault_of_ours(data: st.DataObject) -> None:
    body = bytearray(page())
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(body) - 1))
        cut = data.draw(st.integers(0, 60))
        body[at : at + cut] = data.draw(st.binary(max_size=8))
    read = parse(snapshot(bytes(body)))
    # A reader may refuse the bytes in words; an exception's name means a fault.
    assert read.error is None or "读取程序出错" not in read.error


REAL = sorted((SHARED / "real").glob("*/truth.json"))


@pytest.mark.skipif(not REAL, reason="the real reports are kept beside the repository")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.parent.name)
def test_real_reports(path: Any) -> None:
    truth: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    [original] = path.parent.glob("input.*")
    read = parse(snapshot(original.read_bytes(), url=original.name))
    cells = {(c.table, c.row, c.column): c for c in read.cells}
    undecidable = tuple(tuple(place.split(".")) for place in truth.get("undecidable_alone", ()))
    for table, rows in truth["cells"].items():
        for row, line in rows.items():
            for column, value in line.items():
                cell = cells[table, row, column]
                if (table, row) in undecidable:
                    assert cell.value is None
                    assert len(cell.readings) > 1
                elif value is None:
                    assert cell.value is None, cell
                else:
                    assert cell.value is not None, cell
                    assert Decimal(str(cell.value)) == Decimal(str(value)), cell
    assert read.is_report
    assert read.year in (truth["year"], None)


@pytest.mark.skipif(not (SHARED / "real" / "excerpts").is_dir(), reason="kept beside the repository")
@pytest.mark.parametrize(
    "name", ["dingxi_blankform", "putian_notice_2009", "wuxi_zhengfa_explain", "xinfang_apply_stat_2022"]
)
def test_lookalike_excerpts_are_no_reports(name: str) -> None:
    body = (SHARED / "real" / "excerpts" / f"{name}.txt").read_bytes()
    assert not parse(snapshot(body, url=f"{name}.txt")).is_report


@pytest.mark.skipif(not (SHARED / "real" / "excerpts").is_dir(), reason="kept beside the repository")
def test_excerpts_parse_and_refuse_what_cannot_be_known() -> None:
    for path in sorted((SHARED / "real" / "excerpts").glob("*.txt")):
        read = parse(snapshot(path.read_bytes(), url=path.name))
        assert read.error is None, path.name
        if "dedup" in path.name:
            # One 0 is left of the whole report: nothing of Table 3 may be filled with it.
            assert all(cell.value is None for cell in read.cells if cell.table == "requests")


def test_the_content_hash_knows_no_address_and_no_time() -> None:
    first = parse(snapshot(page()))
    later = parse(
        Snapshot(url="http://b.example.gov.cn/2", body=page(), fetched_at=datetime(2027, 5, 5, tzinfo=UTC))
    )
    assert first.content_hash == later.content_hash
    assert first.published_on is None or first.published_on <= date(2026, 1, 2)
