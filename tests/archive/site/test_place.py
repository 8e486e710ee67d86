from __future__ import annotations

import threading

import pytest

from archive.records import Grid, GridCell, Paragraph, Snapshot
from archive.seen import Seen
from archive.site.i18n import Words
from archive.site.place import Glass, excerpt, in_words

ZH, EN = Words("zh"), Words("en")


@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        ("table[3]/tr[5]/td[7]", "第 3 个表格，第 5 行，第 7 格", "table 3, row 5, cell 7"),
        ("page[2]/table[1]/row[4]", "第 2 页，第 1 个表格，第 4 行", "page 2, table 1, row 4"),
        (
            "part[2]/page[1]/picture/table[2]/row[7]/cell[3]",
            "第 2 部分，第 1 页，图片，第 2 个表格，第 7 行，第 3 格",
            "part 2, page 1, picture, table 2, row 7, cell 3",
        ),
        ("p[1]+p[2]", "第 1 段 与 第 2 段", "paragraph 1 and paragraph 2"),
        ("p[3]", "第 3 段", "paragraph 3"),
        ("signature", "落款", "signature"),
        ("年报/B7", "年报，B7", "年报, B7"),
        ("table[x]", "table[x]", "table[x]"),
    ],
)
def test_places_in_words(place: str, zh: str, en: str) -> None:
    assert in_words(place, ZH) == zh
    assert in_words(place, EN) == en


def grid(texts: list[list[str | None]], where: str = "table[1]") -> Grid:
    """A cell a place; a text that is repeated beside or below itself is one cell with spans."""
    rows: list[tuple[GridCell | None, ...]] = []
    for r, line in enumerate(texts):
        cells: list[GridCell | None] = []
        for c, text in enumerate(line):
            left = cells[-1] if cells else None
            above = rows[-1][c] if rows else None
            if text is None:
                cells.append(None)
            elif left is not None and left.text == text:
                cells.append(left)
            elif above is not None and above.text == text:
                cells.append(above)
            else:
                cells.append(GridCell(text, f"{where}/tr[{r + 1}]/td[{c + 1}]", (r, c)))
        rows.append(tuple(cells))
    return Grid(tuple(rows), where)


def test_a_cell_is_marked_and_spans_are_as_they_were() -> None:
    table = grid([["甲", "甲", "合计"], ["乙", "1", "0"], ["乙", "2", None]])
    seen = Seen((Paragraph("前文", "p[1]"), table))
    found = excerpt(seen, "table[1]/tr[3]/td[2]")
    assert found is not None
    shown = [[(c.text, c.mark, c.colspan, c.rowspan) for c in row] for row in found.rows]
    assert shown == [
        [("甲", "", 2, 1), ("合计", "", 1, 1)],
        [("乙", "", 1, 2), ("1", "", 1, 1), ("0", "", 1, 1)],
        [("2", "cell", 1, 1), ("", "", 1, 1)],
    ]
    assert found.exact


def test_a_line_is_marked_as_a_whole_and_a_halved_cell_in_both_halves() -> None:
    one = grid([["a", "1"], ["b", "2"]])
    two = grid([["c", "3"]], "table[2]")
    line = excerpt(Seen((one,)), "table[1]/tr[2]")
    assert line is not None
    assert [c.mark for row in line.rows for c in row] == ["", "", "row", "row"]
    assert not line.exact
    halved = GridCell("三、", "table[1]/tr[2]/td[1]+table[2]/tr[1]/td[1]", (0, 0))
    joined = Seen((Grid(((halved,),), "table[1]"), two))
    for place in ("table[1]/tr[2]/td[1]", "table[2]/tr[1]/td[1]", halved.where):
        found = excerpt(joined, place)
        assert found is not None
        assert found.rows[0][0].mark == "cell"
    assert excerpt(Seen((one, two)), "table[3]/tr[1]") is None
    # A longer number is no line below a shorter one.
    assert excerpt(Seen((grid([["x"]] * 1),)), "table[1]/tr[11]") is None


def test_of_a_long_table_the_head_and_the_surroundings_are_shown() -> None:
    seen = Seen((grid([[f"头{n}" for n in range(2)], *([f"行{n}", str(n)] for n in range(300))]),))
    found = excerpt(seen, "table[1]/tr[200]/td[2]")
    assert found is not None
    assert len(found.rows) == 4 + 40 + 1 + 40
    assert found.rows[0][0].text == "头0"
    assert (found.above, found.below) == (199 - 40 - 4, 301 - 200 - 40)
    assert sum(c.mark == "cell" for row in found.rows for c in row) == 1


def test_a_paragraph_is_shown_with_its_neighbours_and_long_text_is_cut() -> None:
    long = Paragraph("二" * 5000, "p[2]")
    seen = Seen((Paragraph("一", "p[1]"), grid([["x"]]), long, Paragraph("三", "p[3]")))
    found = excerpt(seen, "p[2]")
    assert found is not None
    assert [(len(c.text), c.mark) for c in found.paragraphs] == [(1, ""), (1201, "cell"), (1, "")]


def _snapshot() -> Snapshot:
    from datetime import UTC, datetime

    return Snapshot(url="x", body=b"", fetched_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_document_is_looked_at_once_and_only_the_last_are_kept() -> None:
    looked: list[int] = []

    def look(snapshot: Snapshot) -> Seen:
        looked.append(1)
        return Seen(error=str(len(looked)))

    glass = Glass(look, kept=2)
    assert [glass.see(n, _snapshot) for n in (1, 1, 2, 1)] == [Seen(error=e) for e in ("1", "1", "2", "1")]
    glass.see(3, _snapshot)
    assert glass.see(1, _snapshot) == Seen(error="4")


def test_who_would_wait_too_long_is_told_so() -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(snapshot: Snapshot) -> Seen:
        begun.set()
        assert go.wait(20)
        return Seen()

    glass = Glass(slow, patience=0.05)
    first = threading.Thread(target=glass.see, args=(1, _snapshot))
    first.start()
    assert begun.wait(20)
    assert glass.see(2, _snapshot) is None
    go.set()
    first.join(20)
    assert glass.see(2, _snapshot) == Seen()
