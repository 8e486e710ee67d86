"""The title grammar against a table of real and adversarial titles."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import titles

TABLE = Path(__file__).resolve().parents[1] / "fixtures" / "titles.tsv"


def rows() -> list[tuple[str, str | None, int | None, str]]:
    with TABLE.open(encoding="utf-8", newline="") as handle:
        reader = csv.reader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert next(reader) == ["title", "agency", "year", "kind"]
        return [
            (title.replace("\\n", "\n"), agency or None, int(year) if year else None, kind)
            for title, agency, year, kind in reader
        ]


ROWS = rows()


@pytest.mark.parametrize(("title", "agency", "year", "kind"), ROWS)
def test_title(title: str, agency: str | None, year: int | None, kind: str) -> None:
    found = titles.parse(title)
    assert found.is_report == (kind == "report"), found.reason
    assert found.is_collection == (kind == "collection")
    assert (found.reason is None) == found.is_report
    if kind != "no":
        assert (found.year, found.agency if kind == "report" else None) == (year, agency)


def test_precision_and_recall() -> None:
    assert len(ROWS) >= 120
    taken = {title for title, *_ in ROWS if titles.parse(title).is_report}
    true = {title for title, _, _, kind in ROWS if kind == "report"}
    precision, recall = len(taken & true) / len(taken), len(taken & true) / len(true)
    print(f"\n{len(ROWS)} titles, {len(true)} reports: precision {precision:.3f}, recall {recall:.3f}")
    assert (precision, recall) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("title", "speaker"),
    [
        ("县2023年政府信息公开工作年度报告", "县"),
        ("全市2022年政府信息公开年报", "全市"),
        ("我局2021年信息公开年报", "我局"),
    ],
)
def test_a_title_that_speaks_from_within_the_portal(title: str, speaker: str) -> None:
    found = titles.parse(title)
    assert (found.agency, found.speaker) == (None, speaker)


def test_a_lookalike_is_told_from_a_title_without_the_phrase() -> None:
    assert titles.parse("某市2023年政府信息公开工作年度报告解读").lookalike
    assert titles.parse("某公司2023年企业年报").lookalike
    assert not titles.parse("某市人民政府门户网站").lookalike


def test_contradicting_years_leave_none() -> None:
    assert titles.parse("某局2020年度政府信息公开2019年度报告").year is None


def test_the_reason_names_the_words() -> None:
    assert "解读" in str(titles.parse("某市2023年政府信息公开工作年度报告解读").reason)
    assert "关于做好" in str(titles.parse("关于做好2021年政府信息公开工作年度报告的函").reason)


@given(st.text(max_size=300))
def test_no_text_makes_it_raise(text: str) -> None:
    found = titles.parse(text)
    assert found.is_report or found.reason


@given(st.text(alphabet="政府信息公开工作年度报告20的()-关于><一二", max_size=150))
def test_no_text_of_its_own_words_makes_it_raise(text: str) -> None:
    found = titles.parse(text)
    assert found.is_report or found.reason


def test_a_hostile_title_ends_soon() -> None:
    assert not titles.parse("<" * 100_000 + "(" * 100_000 + "工作" * 50_000).is_report
