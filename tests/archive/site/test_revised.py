from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archive.site import report
from archive.site.revised import Piece, changes
from archive.textdiff import unified
from tests.archive.site.made import CITY, Made

texts = st.lists(st.text("甲乙丙，。1", min_size=1, max_size=12), max_size=8)


def told(before: Sequence[str], after: Sequence[str]) -> str:
    return unified(before, after) or ""


@given(texts, texts)
def test_what_is_gone_and_what_is_new_make_up_both_states(before: list[str], after: list[str]) -> None:
    found = changes(told(before, after))
    gone = ["".join(p.text for p in one if p.kind != "new") for one in found]
    new = ["".join(p.text for p in one if p.kind != "gone") for one in found]
    rest = [text for text in gone if text]
    # Every sentence that is shown as gone was there, in order, and the same for the new ones.
    for shown, state in ((rest, before), ([text for text in new if text], after)):
        left = iter(state)
        assert all(any(text == one for one in left) for text in shown)
    assert (found == ()) == (before == after)


def test_a_changed_number_is_shown_within_its_paragraph() -> None:
    found = changes(told(["全年收到申请12件。", "其他"], ["全年收到申请13件。", "其他", "补充说明"]))
    assert found == (
        (
            Piece("same", "全年收到申请1"),
            Piece("gone", "2"),
            Piece("new", "3"),
            Piece("same", "件。"),
        ),
        (Piece("new", "补充说明"),),
    )


def _archive(folder: Path) -> sqlite3.Connection:
    made = Made(folder)
    made.issuer(1, "郑州市人民政府", CITY)
    for ident in (50, 51):
        made.insert(
            "documents", id=ident, url=f"http://portal.example/{ident}", fetched_at="t", sha256=str(ident)
        )
    made.report(9, 1, 2021, document=51, revision=3)
    made.insert("sections", report=9, number=1, heading="一、总体情况", text="收到13件。")
    for number, document, diff in (
        (1, None, None),
        (2, 50, None),
        (3, 51, told(["收到12件。"], ["收到13件。"])),
    ):
        values = {"document": document, "seen_at": "2026-01-01", "text_changed": int(number > 1)}
        made.insert("revisions", report=9, number=number, text_diff=diff, **values)
    return made.done()


def test_a_page_tells_what_is_stored(tmp_path: Path) -> None:
    page = report.load(_archive(tmp_path), 9)
    assert page is not None
    newest, middle, _ = page.revisions
    assert newest.prose is not None
    assert [piece.text for piece in newest.prose[0] if piece.kind != "same"] == ["2", "3"]
    assert middle.prose is None  # of an archive in which the text before is not kept
