"""How alike two texts are, and what makes two of them one report."""

from __future__ import annotations

import random
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.candidates import CellKey, CellState, Figures
from pipelines import near
from pipelines.likeness import MOST, jaccard, likeness, runs

TEXT = st.text("公开申请答复机关县局12３,，。 \n", max_size=80)
SIGNS = st.sampled_from([" ", "\n", "　", "，", ",", "、", "。", "“", "\u200b", "；"])


@given(TEXT, TEXT)
def test_likeness_is_a_share_the_same_both_ways(one: str, other: str) -> None:
    found = likeness(one, other)
    assert found == likeness(other, one)
    if not runs(one) or not runs(other):
        assert found is None, "blanks are not alike"
    else:
        assert found is not None
        assert 0 <= found <= 1
        assert (jaccard(runs(one), runs(other)) == 1) == (runs(one) == runs(other))
        assert likeness(one, one) == 1


@given(TEXT, st.lists(st.tuples(st.integers(0, 80), SIGNS), max_size=10))
def test_white_space_and_punctuation_between_words_count_for_nothing(
    text: str, put: list[tuple[int, str]]
) -> None:
    plain = "公开".join(text.split("1"))
    other = plain
    for at, sign in put:
        at = min(at, len(other))
        around = other[max(at - 1, 0) : at + 1]
        if not any(c.isdigit() for c in around):
            other = other[:at] + sign + other[at:]
    assert runs(plain) == runs(other) or any(c.isdigit() or c in ",，" for c in plain)


def test_numbers_keep_their_points() -> None:
    assert likeness("收费1.5万元左右", "收费15万元左右") != 1
    assert likeness("收费１．５万元左右", "收费1.5万元左右") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("，。 \n", set()),
        ("公 开，", {"公开"}),
        ("申请公开 127 件。", {"申请公开1", "请公开12", "公开127", "开127件"}),
        ("1,2", {"1,2"}),
        ("1,,2", {"12"}),
        (",1,", {"1"}),
        ("甲，1.5；乙丙", {"甲1.5乙", "1.5乙丙"}),
    ],
)
def test_the_runs_of_a_text(text: str, expected: set[str]) -> None:
    assert runs(text) == expected


@given(st.text("公开申请答复机关县局1234567890", min_size=200, max_size=600), st.data())
@settings(max_examples=60)
def test_one_changed_place_costs_no_more_than_its_runs(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + "改" + text[at + 1 :]
    found = jaccard(runs(text), runs(changed))
    assert found is not None
    gone = len(runs(text) ^ runs(changed))
    assert gone <= 10
    assert found >= 1 - gone / len(runs(text) | runs(changed)) - 1e-12


# -- one report or two ------------------------------------------------------------------------------

NAMES = [
    CellKey("requests", line, "total")
    for line in ("carried_in", "received", "granted", "partial", "concluded")
]
TRUE = {NAMES[0]: 3, NAMES[1]: 127, NAMES[2]: 64, NAMES[3]: 21, NAMES[4]: 121}


def figures(values: dict[CellKey, int | None]) -> Figures:
    return {c: CellState(v, "exact" if v is not None else "blank") for c, v in values.items()}


def long_text(seed: int, length: int = 1500) -> str:
    chance = random.Random(seed)
    return "".join(
        chance.choice("政府信息公开工作年度报告依申请办理机关单位平台群众监督保障") for _ in range(length)
    )


def decided(
    ours: dict[CellKey, int | None], theirs: dict[CellKey, int | None], text: str, other: str
) -> bool:
    one = near.decide(figures(ours), partial(runs, text), figures(theirs), partial(runs, other))
    back = near.decide(figures(theirs), partial(runs, other), figures(ours), partial(runs, text))
    assert one == back
    return one is not None


def test_the_same_text_and_figures_are_one_report() -> None:
    text = long_text(1)
    assert decided(TRUE, TRUE, text, text.replace(text[700:703], "某某县", 1))


@pytest.mark.parametrize(
    "theirs",
    [
        {**TRUE, NAMES[3]: 22},
        {**TRUE, NAMES[0]: 0},
        {NAMES[1]: 127, NAMES[2]: 64, NAMES[4]: None},
        dict.fromkeys(TRUE),
        {},
    ],
    ids=["one figure more", "a zero", "half of it", "blanks", "nothing"],
)
def test_figures_that_do_not_agree_or_are_not_there_are_none(theirs: dict[CellKey, int | None]) -> None:
    text = long_text(1)
    assert not decided(TRUE, theirs, text, text)


@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.none(), st.integers(0, 9)), max_size=5))
def test_small_numbers_zeros_and_blanks_are_no_evidence(values: dict[CellKey, int | None]) -> None:
    text = long_text(1)
    assert not decided(values, values, text, text)
    assert near.telling(value for value in values.values() if value is not None) == ()


def test_a_zero_beside_a_blank_is_no_contradiction() -> None:
    text = long_text(1)
    extra = CellKey("requests", "refused", "total")
    assert decided({**TRUE, extra: 0}, {**TRUE, extra: None}, text, text)


def test_texts_on_one_template_are_two_reports_even_with_the_same_figures() -> None:
    text = long_text(1)
    other = text
    for at in range(60, len(text), 100):  # a name of four characters a hundred
        other = other[:at] + "甲乙丙丁" + other[at + 4 :]
    assert 0.7 < (likeness(text, other) or 0) < 0.97
    assert not decided(TRUE, TRUE, text, other)


def test_a_shell_has_too_little_text() -> None:
    assert not decided(TRUE, TRUE, "请见附件。", "请见附件。")
    assert not decided(TRUE, TRUE, "", "")


# -- what proposes ----------------------------------------------------------------------------------


def test_signatures_are_as_they_were_kept() -> None:
    """They stand in databases: another version of the library that makes others needs another SCHEME."""
    made = near.signature(runs("政府信息公开工作年度报告"))
    assert len(made) == 4 * near.BANDS * near.ROWS
    assert made[:16].hex() == "9d80926386490fcafa520672c48b98c1"
    assert sorted(near.keys(made, (127.0, 64.0)))[:1] == [187429900339959630]
    assert len(near.keys(made, (127.0, 64.0))) == 2 * near.BANDS


def test_alike_texts_meet_and_others_do_not() -> None:
    """Of 300 pairs at the threshold all share a key; pairs with other figures share none."""
    met = 0
    for seed in range(300):
        text = long_text(seed, 1600)
        other = text
        for at in (400, 900, 1300):
            other = other[:at] + "某" + other[at + 1 :]
        assert (likeness(text, other) or 0) > 0.975
        one, two = near.signature(runs(text)), near.signature(runs(other))
        assert near.perhaps(one, two)
        met += bool(near.keys(one, (127, 64, 21)) & near.keys(two, (127, 64, 21)))
        assert not near.keys(one, (127, 64, 21)) & near.keys(two, (126, 63, 21))
        # A figure that could not be read on one side hides nothing.
        assert bool(near.keys(one, (127, 64, 21)) & near.keys(one, (64, 21, 20)))
    assert met >= 299


def test_a_signature_does_not_depend_on_the_order_of_runs() -> None:
    found = sorted(runs(long_text(3)))
    signs = set()
    for seed in range(10):
        random.Random(seed).shuffle(found)
        signs.add(near.signature(frozenset(found)))
    assert len(signs) == 1


def test_what_is_signed_changes_with_all_it_is_made_of() -> None:
    base = ("正文 一", (127.0, 64.0, 21.0), 2023)
    others = [("正文 二", base[1], 2023), (base[0], (127.0, 64.0, 20.0), 2023), (base[0], base[1], None)]
    assert len({near.digest(*one) for one in [base, *others]}) == 4
    assert near.digest("正文一", base[1], 2023) == near.digest(*base)


def test_a_text_without_end_is_compared_as_far_as_any_report_goes() -> None:
    text = "".join(chr(0x4E00 + (7 * n) % 20_000) for n in range(MOST))
    assert likeness(text, text + "无穷" * 1_000_000) == 1
    assert len(runs(text * 20)) <= MOST
