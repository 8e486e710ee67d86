"""A slice of ``make fuzz``: no damage, and no several of them, makes a reader believe a wrong figure."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import measure
from tests.fuzz.damages import CONTRARY, DAMAGES, EVERYWHERE, HEADLESS, WHOLE
from tests.fuzz.reports import report

_SIZE = 25
#: Reports that were read wrong once, each for a reason of its own.
_ONCE_WRONG = (
    94, 492, 646, 1570, 1660, 1723, 1744, 1835, 2344, 2353, 3499, 4120, 4561, 4940, 5002, 5064, 5071, 5247,
    6323, 6481, 6890, 7307, 8394, 9146, 9940, 10323, 10677, 11256, 11826, 11899, 12488, 13114, 13425, 14048,
    14539, 14741, 16088, 16152, 17197, 18462, 18791, 19704, 20980, 21328, 22890, 23839, 24702, 25436, 28070,
    28275, 28381, 28777, 29833, 30759, 30859, 301409, 301848, 402374, 408276, 411253, 411560, 501516, 501535,
    502613, 900406, 2000854, 2001570, 4004646,
)  # fmt: skip
#: The same, where two damages met that seldom do: seed, and what was done to it whatever the lots say.
_ONCE_WRONG_TOGETHER = (
    (8, "a figure twice", "a zero gone"),
    (20, "a figure twice", "a zero gone"),
    (125, "a figure twice", "a zero gone"),
    (181, "a figure twice", "a zero gone"),
    (182, "a figure twice", "a zero gone"),
    (1066, "a figure twice", "a zero gone"),
    (3056, "a figure twice", "a zero gone"),
    (5096, "a figure twice", "a zero gone"),
    (87, "a figure twice", "blanks gone"),
    (103, "a figure twice", "one lost cell"),
    (149, "a figure twice", "one lost cell"),
    (1126, "a figure twice", "two figures joined"),
    (3049, "a figure twice", "the last cell gone"),
    (3056, "a figure twice", "the last cell gone"),
    (3060, "a figure twice", "the last cell gone"),
    (3084, "a figure twice", "blanks gone at times"),
    (3120, "a figure twice", "blanks gone at times"),
)
#: The same, of one damage done to all.
_ONCE_WRONG_AIMED = tuple(
    (seed, "another table behind") for seed in (3100147, 3102191, 3102668, 3102748, 3300247)
)


@pytest.mark.parametrize("first", range(100_000, 100_000 + 12 * _SIZE, _SIZE))
def test_no_wrong_figure(first: int) -> None:
    faults = [fault for seed in range(first, first + _SIZE) for fault in measure(seed)[1].faults]
    assert faults == []


def test_no_wrong_figure_where_there_was_one() -> None:
    assert [fault for seed in _ONCE_WRONG for fault in measure(seed)[1].faults] == []


@pytest.mark.parametrize(("seed", "first", "second"), _ONCE_WRONG_TOGETHER)
def test_no_wrong_figure_where_two_damages_met(seed: int, first: str, second: str) -> None:
    made, score = measure(seed, (first, second))
    assert {first, second} <= set(made.damages)
    assert score.faults == []


@pytest.mark.parametrize(("seed", "damage"), _ONCE_WRONG_AIMED)
def test_no_wrong_figure_of_an_aimed_damage(seed: int, damage: str) -> None:
    assert measure(seed, (damage,))[1].faults == []


def test_a_seed_is_a_report() -> None:
    assert report(7) == report(7)
    assert len({report(seed).body for seed in range(20)}) == 20


def test_undamaged_figures_are_read() -> None:
    """Half of all figures at least: a reader that gives up has none wrong either."""
    scores = [measure(seed)[1] for seed in range(200_000, 200_040) if not report(seed).damages]
    assert scores
    assert sum(one.right for one in scores) > 0.5 * sum(one.cells for one in scores)


def test_every_name_is_a_damage() -> None:
    assert set(DAMAGES) >= WHOLE | HEADLESS | EVERYWHERE | CONTRARY
