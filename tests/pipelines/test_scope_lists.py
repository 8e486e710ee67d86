"""The indicator list of another year or office on the report's page, and headings that leave it open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from archive.records import Snapshot
from benchmarks.score import _WHEN
from pipelines.report import parse
from tests import layouts_2014 as layouts
from tests.layouts_2014 import HEAD, Row
from tests.pipelines.test_indicators import FILLED

LINES = layouts.rows(FILLED)
COUNT = len(FILLED)
#: The report is of 2016.
ANOTHER = (
    "2015年",
    "2015年度",
    "（2015年度）",
    "2015年政府信息公开情况统计表",
    "上年数据",
    "2015",
    "样本县教育局",
)
OWN = ("2016年", "（2016年度）", "2016年政府信息公开情况统计表", "2016", "填报单位：样本县人民政府办公室")


def valued(body: bytes) -> int:
    """Figures of the list that are read from a page or text."""
    cells = parse(Snapshot("http://www.x.gov.cn/1.html", body, _WHEN)).cells
    return sum(cell.table == "indicators" and cell.value is not None for cell in cells)


def table(
    head: Sequence[str] = HEAD, more: Callable[[Row], Sequence[str]] = lambda row: row, top: str = ""
) -> str:
    return layouts._table(top, layouts._tr(head), *(layouts._tr(more(row)) for row in LINES))


@pytest.mark.parametrize(("captions", "count"), [(ANOTHER, 0), (OWN, COUNT)])
def test_a_caption_over_the_list(captions: tuple[str, ...], count: int) -> None:
    for caption in captions:
        assert valued(layouts.page(f"<p>{caption}</p>" + table())) == count, caption
        for row in (
            f"<tr><td colspan=3>{caption}</td></tr>",
            f"<tr><td>{caption}</td><td></td><td></td></tr>",
        ):
            assert valued(layouts.page(table(top=row))) == count, caption


@pytest.mark.parametrize(
    ("heading", "count"),
    [
        *((text, 0) for text in ("2015年", "2015", "2015年统计数", "截至2015年", "2017年")),
        *((text, COUNT) for text in ("2016年", "2016", "2016年统计数", "统计数")),
        *((text, 0) for text in ("统计数（万条）", "统计数（单位：百件）")),
    ],
)
def test_the_years_heading_names_another_year_or_bundles(heading: str, count: int) -> None:
    assert valued(layouts.page(table((*HEAD[:2], heading)))) == count


def test_totals_of_all_years_beside_the_years_figures_stay() -> None:
    for headings in (("2016年", "历年累计"), ("统计数", "2008年以来累计")):
        assert valued(layouts.page(table((*HEAD[:2], *headings), lambda row: (*row, row[2])))) == 2 * COUNT


def test_a_heading_over_two_columns_of_figures_names_none_of_them() -> None:
    top = "<tr><td>统计指标</td><td>单位</td><td colspan=2>统计数</td></tr>"
    for second in ("", "7"):
        lines = "".join(layouts._tr((*row, second)) for row in LINES)
        assert valued(layouts.page(layouts._table(top, lines))) == 0
    wide = "".join(f"<tr><td>{a}</td><td>{b}</td><td colspan=2>{c}</td></tr>" for a, b, c in LINES)
    assert valued(layouts.page(layouts._table(top, wide))) == COUNT


def test_a_line_that_counts_something_of_last_year_is_a_line() -> None:
    more = layouts._tr(("上年度申请数", "件", "3"))
    assert valued(layouts.page(table().replace("</table>", more + "</table>"))) == COUNT + 1


def test_a_unit_over_the_list() -> None:
    assert valued(layouts.page("<p>单位：万件</p>" + table())) == 0
    assert valued(layouts.page("<p>单位：件</p>" + table())) == COUNT


def test_a_line_of_its_own_that_names_two_units() -> None:
    for label, unit, count in (
        ("网上咨询数（万件）", "件", 0),
        ("网上咨询数（件）", "件", 1),
        ("网上咨询数（万件）", "", 1),
    ):
        more = layouts._tr((label, unit, "3"))
        assert valued(layouts.page(table().replace("</table>", more + "</table>"))) == COUNT + count


def test_the_second_half_under_another_years_caption() -> None:
    halves = [
        layouts._table(*(layouts._tr(row) for row in (HEAD, *lines))) for lines in (LINES[:30], LINES[30:])
    ]
    both = valued(layouts.page(*halves))
    first = valued(layouts.page(halves[0], "<p>2015年</p>", halves[1]))
    assert both == COUNT
    assert 0 < first < both


@pytest.mark.parametrize("mark", ["|", "\t", " ", "\n"])
def test_lists_in_text(mark: str) -> None:
    def text(caption: str, head: Sequence[str] = HEAD) -> bytes:
        lines = (caption, *(mark.join(row) for row in (head, *LINES)))
        return "\n".join((layouts.TITLE, *layouts._PROSE, *lines)).encode()

    assert valued(text("政府信息公开情况统计表")) == COUNT
    for caption in ANOTHER:
        assert valued(text(caption)) == 0, caption
    for caption in OWN:
        assert valued(text(caption)) == COUNT, caption
    assert valued(text("统计表", (*HEAD[:2], "2015年"))) == 0
