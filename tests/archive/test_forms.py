"""The forms as data hang together: keys, order, identities, and the list of 2014."""

from __future__ import annotations

from collections import Counter

import pytest

from archive import forms, wording
from archive.candidates import CellKey
from archive.forms import indicators
from archive.records import Check

NATIONAL = indicators.national()


def test_later_forms_have_three_tables_and_their_rows() -> None:
    sizes = {form.key: [len(form.tables[key].rows) for key in forms.TABLES] for form in forms.forms()}
    assert sizes == {"2019": [8, 23, 3], "2021": [6, 25, 3]}


def test_a_line_has_one_key_in_all_tables() -> None:
    keys = [key for table in forms.TABLES for key in forms.terms(table)["rows"]]
    keys += NATIONAL.lines
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_the_list_of_2014_has_nine_parts_in_order() -> None:
    parts = [line for line in NATIONAL.lines.values() if line.under is None]
    assert [line.zh[:2] for line in parts] == [f"{n}、" for n in "一二三四五六七八九"]
    assert (NATIONAL.key, NATIONAL.basis, NATIONAL.issued_for) == ("2014", "国办发〔2014〕32号", (2014, 2018))
    assert len(NATIONAL.figures) == 58


def test_every_line_stands_behind_the_one_it_is_counted_beneath() -> None:
    seen: set[str] = set()
    for line in NATIONAL.lines.values():
        assert line.under is None or line.under in seen, line.key
        seen.add(line.key)
        assert NATIONAL.part(line.key) in seen
    assert NATIONAL.depth("reason_privacy") == 3
    assert NATIONAL.part("reason_privacy") == "part_applications"
    assert NATIONAL.part("lawsuits_upheld") == "lawsuits"


def test_numbered_lines_count_up_beneath_their_line() -> None:
    for above in NATIONAL.lines:
        beneath = [line for line in NATIONAL.lines.values() if line.under == above]
        arabic = [line.zh[0] for line in beneath if line.zh[1] == "."]
        chinese = [line.zh[1] for line in beneath if line.zh[0] == "（"]
        assert arabic == [str(n) for n in range(1, len(arabic) + 1)]
        assert "".join(chinese) == "一二三四五六七八九"[: len(chinese)]


def test_units_are_those_of_the_form() -> None:
    units = Counter(line.unit for line in NATIONAL.figures)
    assert units == {"件": 33, "条": 7, "次": 9, "篇": 1, "个": 2, "人": 3, "万元": 2, "人次": 1}
    assert {line.key for line in NATIONAL.figures if line.unit == "万元"} == {"fees_charged", "funds"}
    assert {line.key for line in NATIONAL.figures if line.kind == "amount"} == {"fees_charged", "funds"}


@pytest.mark.parametrize("identity", NATIONAL.identities, ids=lambda identity: identity.key)
def test_a_total_is_made_up_of_all_the_lines_beneath_it(identity: indicators.Identity) -> None:
    beneath = [line.key for line in NATIONAL.lines.values() if line.under == identity.total]
    assert list(identity.parts) == beneath


def test_a_line_of_a_provinces_own_is_named_by_its_words() -> None:
    assert indicators.raw_line("网上咨询数", 1) == "raw:网上咨询数"
    assert indicators.raw_line("网上咨询数", 2) == "raw:网上咨询数#2"
    assert indicators.is_raw("raw:网上咨询数")
    assert not any(map(indicators.is_raw, NATIONAL.lines))
    assert indicators.label("raw:网上咨询数") == "网上咨询数"
    assert indicators.label("staff_full_time") == "1.专职人员数（不包括政府公报及政府网站工作人员数）"
    assert indicators.label("nothing") is None


def test_sentences_speak_of_the_list() -> None:
    failed = Check("I2", "indicators.closed.year", "fail", 12, 159, "issuer")
    assert wording.sentence(failed) == "“（二）申请办结数”一行“本年度”：所列各分项之和 12 ≠ 总数 159"
    assert (
        wording.cell_label(CellKey("indicators", "raw:网上咨询数", "cumulative"))
        == "统计表“网上咨询数”的“历年累计”"
    )
