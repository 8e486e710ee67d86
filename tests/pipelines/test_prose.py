"""The six sections: cut at real headings, not at lines and sentences that only look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Document
from pipelines.prose import cut, sections


def document(*lines: str) -> Document:
    return Document(kind="text", blocks=(), text="\n".join(lines))


SIX = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)


def test_the_official_headings() -> None:
    lines = ["某某局报告", *(line for heading in SIX for line in (heading, f"{heading[0]}的正文。"))]
    found = sections(document(*lines))
    assert [(s.number, s.heading) for s in found] == [(0, ""), *((n, h) for n, h in enumerate(SIX, 1))]
    assert [s.text for s in found] == ["某某局报告", *(f"{heading[0]}的正文。" for heading in SIX)]


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("一、概述", 1),
        ("一、基本情况", 1),
        ("一、政府信息公开工作总体情况", 1),
        ("一、工作概述", 1),
        ("二、主动公开政府政府情况", 2),
        ("二、主动公开政府信息的情况", 2),
        ("二、政府信息主动公开情况", 2),
        ("二，主动公开政府信息情况：", 2),
        ("三、依申请公开政府信息情况", 3),
        ("三、政府信息依申请公开办理情况", 3),
        ("三、收到及处理政府信息公开申请情况", 3),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", 4),
        ("四、因政府信息公开工作被申请行政复议提起行政诉讼情况", 4),
        ("四、申请行政复议、提起行政诉讼情况", 4),
        ("四、行政复议和行政诉讼情况", 4),
        ("五、存在的主要问题及改进措施", 5),
        ("五、政府信息公开工作存在的主要问题及改进情况", 5),
        ("五、存在问题及改进情况", 5),
        ("五、存在的不足和下一步改进措施", 5),
        ("五、存在的主要问题", 5),
        ("六、其他需要报告的事项情况", 6),
        ("六、其它需要报告的事项", 6),
        ("六、需要说明的其他事项", 6),
        ("第六部分 其他需要报告的事项", 6),
        ("其他需要报告的事项", 6),
        ("收到和处理政府信息公开申请情况", 3),
    ],
)
def test_real_wordings(heading: str, number: int) -> None:
    found = sections(document("前文。", heading, "正文。"))
    assert [(s.number, s.text) for s in found] == [(0, "前文。"), (number, "正文。")]


@pytest.mark.parametrize(
    "line",
    [
        "一、本年新收政府信息公开申请数量",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "四、结转下年度继续办理",
        "一、本年新收政府信息公开申请数量 0 0 0 0 0 0 0",
        "（一）主动公开情况。本年公开信息十条。",
        "全文包括总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等六个部分。",
        "全文分为一、总体情况，二、主动公开政府信息情况，三、收到和处理政府信息公开申请情况。",
        "本报告由一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况组成。",
        "一、总体情况，二、主动公开政府信息情况；三、收到和处理政府信息公开申请情况；",
        "行政复议",
        "行政诉讼",
        "主动公开",
        "二、主动公开工作扎实推进，公开了大量信息",
        "存在的主要问题是人手不足。",
    ],
)
def test_what_only_looks_like_a_heading(line: str) -> None:
    found = sections(document(line))
    assert [(s.number, s.text) for s in found] == [(0, line)]


def test_text_on_the_heading_s_own_line() -> None:
    found = sections(
        document(
            "六、其他需要报告的事项2021年，无收取信息处理费情况。",
            "五、存在的主要问题及改进情况 一是人手少。",
        )
    )
    assert [(s.number, s.heading, s.text) for s in found] == [
        (6, "六、其他需要报告的事项", "2021年，无收取信息处理费情况。"),
        (5, "五、存在的主要问题及改进情况", "一是人手少。"),
    ]


def test_a_page_flattened_to_one_line() -> None:
    found = sections(
        document(
            "本年收到四件。二、主动公开政府信息情况 略。五、存在的主要问题及改进情况"
            "（一）问题。六、其他需要报告的事项无。"
        )
    )
    assert [(s.number, s.text) for s in found] == [
        (0, "本年收到四件。"),
        (2, "略。"),
        (5, "（一）问题。"),
        (6, "无。"),
    ]


def test_repeated_and_misnumbered_headings() -> None:
    found = cut(document("一、总体情况", "甲", "三、主动公开政府信息情况", "乙", "一、总体情况", "丙"))
    assert [(s.number, s.text) for s in found.sections] == [(1, "甲"), (2, "乙\n一、总体情况\n丙")]
    assert found.notes == ("heading of section 2 is numbered 三", "heading repeated: 一、总体情况")


def test_no_text_no_section() -> None:
    assert sections(document("")) == ()


@given(st.lists(st.one_of(st.sampled_from(SIX), st.text(max_size=30)), max_size=12))
def test_nothing_is_lost_and_numbers_are_unique(lines: list[str]) -> None:
    found = sections(document(*lines))
    numbers = [s.number for s in found]
    assert len(numbers) == len(set(numbers))
    whole = "".join("\n".join(lines).split())
    kept = "".join("".join((s.heading + s.text).split()) for s in found)
    dropped = set(whole) - set(kept)
    assert dropped <= set(":：。 \t\xa0　")
