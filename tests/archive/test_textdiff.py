"""The text diff of a revision: it says all that changed and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import textdiff

TEXTS = st.lists(
    st.sampled_from(["甲。", "乙。", "丙！", "丁；", "@@ -1 +1 @@", "-戊", "+己", " 庚"]), max_size=12
)


def test_one_sentence_is_told_with_its_neighbours() -> None:
    before = textdiff.sentences(
        [{"number": 1, "heading": "一、总体情况", "text": "今年3件。明年再说。\n完。"}]
    )
    assert textdiff.unified(before, before) is None
    told = textdiff.unified(
        before,
        textdiff.sentences(
            [{"number": 1, "heading": "一、总体情况", "text": "今年4件。明年再说。完。又及。"}]
        ),
    )
    assert told == "@@ -1,4 +1,5 @@\n 一、总体情况\n-今年3件。\n+今年4件。\n 明年再说。\n 完。\n+又及。"


def test_white_space_and_paragraphs_are_no_change() -> None:
    one = textdiff.sentences([{"number": 0, "heading": "", "text": "第一句。第二 句。\n第三句"}])
    other = textdiff.sentences([{"number": 0, "heading": None, "text": "第一句。\n第二句。第三句"}])
    assert textdiff.unified(one, other) is None


@given(TEXTS, TEXTS)
def test_blocks_are_what_is_gone_and_what_is_new(before: list[str], after: list[str]) -> None:
    told = textdiff.unified(before, after)
    assert (told is None) == (["".join(b.split()) for b in before] == ["".join(a.split()) for a in after])
    blocks = list(textdiff.blocks(told or ""))
    gone = [line for block in blocks for line in block.gone]
    new = [line for block in blocks for line in block.new]
    assert len(before) - len(gone) == len(after) - len(new), "the rest stands in both"


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
def test_patch_reads_it(tmp_path: Path) -> None:
    before = [f"第{n}句。" for n in range(60)]
    after = [*before[:3], "改了。", *before[4:30], *before[33:], "又及。"]
    old = tmp_path / "old"
    old.write_text("\n".join(before) + "\n")
    told = f"--- old\n+++ new\n{textdiff.unified(before, after)}\n"
    subprocess.run(["patch", str(old)], input=told.encode(), check=True, capture_output=True)
    assert old.read_text().split("\n")[:-1] == after


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_new_text_follows_from_the_old_one(steps: list[tuple[bool, int]]) -> None:
    before = [f"第{n}句。" for n in range(len(steps))]
    after: list[str] = []
    for sentence, (kept, more) in zip(before, steps, strict=True):
        after += [sentence] if kept else []
        after += [f"新{len(after)}。"] * more
    assert _applied(before, textdiff.unified(before, after)) == after


def _applied(before: list[str], told: str | None) -> list[str]:
    """A reader of unified diffs of its own."""
    made: list[str] = []
    at = 0
    for line in (told or "").split("\n") if told else []:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            to = int(start) - (count != "0")
            made += before[at:to]
            at = to
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert before[at] == line[1:]
            made += [line[1:]] if line[0] == " " else []
            at += 1
    return made + before[at:]


def test_texts_without_end_are_told_whole() -> None:
    before, after = [f"甲{n}" for n in range(2500)], [f"乙{n}" for n in range(2500)]
    told = textdiff.unified(["同", *before, "尾"], ["同", *after, "尾"]) or ""
    (block,) = textdiff.blocks(told)
    assert (list(block.gone), list(block.new)) == (before, after)
