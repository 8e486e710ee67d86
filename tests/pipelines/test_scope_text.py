"""Captions of another year or office over tables in flattened text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from archive.records import Snapshot
from benchmarks.figures import made
from benchmarks.score import _WHEN
from pipelines.report import parse
from tests import layouts_text
from tests.layouts import official
from tests.pipelines.test_scope import TITLE

OWN = official(made("2021", "mostly zero", 3).figures, "2021")
ANOTHER = (
    "2021年",
    "2021年数据",
    "2021",
    "21年度",
    "上年数据",
    "附：2021年收到和处理政府信息公开申请情况",
    "会昌县教育局",
)
OURS = ("2022年", "2022", "2022年数据", "附表", "会昌县人民政府")


def valued(shape: str, over: Mapping[str, str], behind: str = "") -> Mapping[str, int]:
    lines = [TITLE, "一、总体情况", "本机关依照条例的规定办理了全年的公开工作。"]
    for key, table in OWN.items():
        lines += [
            layouts_text._TITLES[key],
            *filter(None, [over.get(key)]),
            layouts_text.SHAPES[shape](table),
        ]
    text = "\n".join([*lines, behind, "五、存在的主要问题及改进情况", "无。"])
    cells = parse(Snapshot("http://www.x.gov.cn/1.html", text.encode(), _WHEN)).cells
    return {key: sum(c.table == key and c.value is not None for c in cells) for key in OWN}


@pytest.mark.parametrize("shape", layouts_text.SHAPES)
def test_a_caption_over_a_table_in_text(shape: str) -> None:
    whole = valued(shape, {})
    for key in OWN:
        for caption in ANOTHER:
            assert valued(shape, {key: caption})[key] == 0, (key, caption)
        for caption in OURS:
            found = valued(shape, {key: caption})
            assert found == whole, (key, caption)


def test_words_behind_a_table_and_in_the_prose_over_it_say_nothing_of_it() -> None:
    whole = valued("pipes", {})
    assert valued("pipes", {}, behind="2021年") == whole
    prose = (
        "2021年，本机关收到的申请比上一年度多，办理情况见下表；本年的数字与此不同，原因在于渠道增加，"
        "本机关对每一件都作了答复，没有一件超过期限，也没有一件被撤销。"
    )
    assert valued("pipes", {"requests": prose}) == whole


def test_the_cells_of_another_table_over_it_are_no_captions() -> None:
    """A count of channels right before Table 2, one of them named like an office."""
    for cell in ("会昌县政务公开网站", "会昌县教育局", "2021年"):
        channels = "\n".join(("公开渠道", cell, "总数", "数量", "76", "76", "百分比", "100%"))
        assert valued("a cell a line", {"disclosure": channels}) == valued("a cell a line", {})
