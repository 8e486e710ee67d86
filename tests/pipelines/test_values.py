"""One cell's text → a number or a reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.values import read


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", 0),
        ("27865", 27865),
        (" 19 ", 19),
        ("１２３", 123),
        ("1,234", 1234),
        ("12,345,678", 12345678),
        ("1 234", 1234),
        ("1\xa0234", 1234),
        ("625批次", 625),
        ("3件", 3),
        ("5.0", 5),
        ("\u200b7", 7),
    ],
)
def test_counts(raw: str, value: int) -> None:
    reading = read(raw, "count")
    assert (reading.status, reading.value) == ("exact", value)


@pytest.mark.parametrize(
    "raw", ["007", "00", "1.5", "-3", "12a", "约5", "1.2万", "12,34", "5/6", "0 件 3", "1234567890"]
)
def test_what_is_no_count_is_unreadable(raw: str) -> None:
    assert read(raw, "count").status == "unreadable"


@pytest.mark.parametrize("raw", ["", " ", "\xa0", "\u3000", "\u200b\n"])
def test_blank_is_never_zero(raw: str) -> None:
    assert read(raw, "count") == read("", "amount")
    assert read(raw, "count").status == "blank"
    assert read(raw, "count").value is None


@pytest.mark.parametrize("raw", ["/", "-", "—", "——", "无", "－", "\\"])
def test_dashes(raw: str) -> None:
    for kind in ("count", "change", "amount"):
        assert read(raw, kind).status == "dash"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("-55", -55),
        ("+19", 19),
        ("减3", -3),
        ("增284", 284),
        ("减少 3项", -3),
        ("−9539", -9539),
        ("0", 0),
        ("－16", -16),
    ],
)
def test_changes_are_signed(raw: str, value: int) -> None:
    reading = read(raw, "change")
    assert (reading.status, reading.value) == ("exact", value)


@pytest.mark.parametrize(
    ("raw", "label", "value"),
    [
        ("25795万元", "采购总金额", 25795),
        ("10669.39万元", "采购总金额", Decimal("10669.39")),
        ("251000元", "采购总金额", Decimal("25.1")),
        ("0.37万元", "", Decimal("0.37")),
        ("24252.311082", "本年收费金额（单位：万元）", Decimal("24252.311082")),
        ("251000元", "本年收费金额（单位：万元）", Decimal("25.1")),
        ("1.5亿元", "", 15000),
        ("0", "采购总金额", 0),
        ("1,200.50 万元", "", Decimal("1200.5")),
        ("94799.5301", "采购总金额", Decimal("94799.5301")),
    ],
)
def test_amounts_are_in_ten_thousand_yuan(raw: str, label: str, value: Decimal | int) -> None:
    reading = read(raw, "amount", label)
    assert (reading.status, reading.value) == ("exact", value)


def test_a_bare_amount_without_a_unit_is_not_guessed() -> None:
    reading = read("8040", "amount", "采购总金额")
    assert reading.status == "ambiguous"
    assert reading.value is None
    assert reading.readings == ("8040万元", "8040元 = 0.804万元")


def test_a_line_break_between_digits_may_be_two_numbers() -> None:
    reading = read("12\n3", "count")
    assert reading.status == "ambiguous"
    assert reading.readings == ("123", "12 | 3")


@given(st.integers(min_value=0, max_value=10**9 - 1), st.sampled_from(["", "件", "项", "条"]))
def test_any_count_reads_as_itself(number: int, unit: str) -> None:
    for text in (f"{number}{unit}", f" {number:,} {unit}"):
        assert read(text, "count").value == number


@given(st.text(max_size=30), st.sampled_from(["count", "change", "amount"]))
def test_no_text_raises_and_value_comes_only_with_exact(text: str, kind: str) -> None:
    reading = read(text, kind)  # type: ignore[arg-type]
    assert (reading.value is not None) == (reading.status == "exact")
