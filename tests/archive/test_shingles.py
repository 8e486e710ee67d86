"""Runs of characters, all at once, are those that are cut out one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.shingles import shingles


def test_each_run_stands_in_its_place() -> None:
    assert shingles("行政复议", 2) == "行政 政复 复议"
    assert shingles("abcd", 4) == "abcd"
    assert shingles("abc", 4) == shingles("", 1) == ""


# Beyond the basic plane, and halves of such a character alone: a page may have either.
@given(st.text(st.sampled_from("公开一a1 \0\U00020001\ud800\udc01"), max_size=12), st.integers(1, 6))
def test_they_are_those_cut_out_one_by_one(text: str, width: int) -> None:
    each = [text[at : at + width] for at in range(len(text) - width + 1)]
    assert shingles(text, width) == " ".join(each)
