"""Lines of page chrome, and what the useful ones say."""

from __future__ import annotations

import pytest

from pipelines.readers import lines
from pipelines.readers.flatlines import is_cell, without_tables


@pytest.mark.parametrize(
    "line",
    [
        "您现在的位置：首页 > 政务公开 > 政府信息公开年报",
        "您当前所在位置: 首页 > 乡镇",
        "当前位置：首页>年报",
        "【字体：大 中 小】",
        "字号：",
        "浏览次数：123",
        "阅读量: 7",
        "扫一扫在手机打开当前页",
        "打印本页 关闭窗口",
        "【打印本页】 【关闭窗口】",
        "分享到：微信 微博",
        "上一篇：某县2022年政府信息公开工作年度报告",
        "下一条: 没有了",
        "相关链接：",
        "责任编辑：某某",
        "发布时间：2024-01-29 17:02 来源：某县人民政府办公室 浏览次数：12",
        "来源：某县人民政府办公室",
    ],
)
def test_chrome(line: str) -> None:
    assert lines.is_chrome(line)


@pytest.mark.parametrize(
    "line",
    [
        "一、总体情况",
        "无。",
        "本年度网站浏览量达十二万次。",
        "分享经验，改进工作，是本年的重点。",
        "打印公开指南三百份，发放到各村。",
        "政府信息公开的位置不够醒目，已经调整。",
        "关闭僵尸账号三个。",
        "",
    ],
)
def test_not_chrome(line: str) -> None:
    assert not lines.is_chrome(line)


@pytest.mark.parametrize(
    ("text", "date", "source"),
    [
        (
            "发布时间：2024-01-29 17:02 来源：某县人民政府办公室 浏览次数：12",
            "2024-01-29 17:02",
            "某县人民政府办公室",
        ),
        ("日期：2022年1月18日\x1f来源：\x1f某局办公室\x1f字号：", "2022年1月18日", "某局办公室"),
        ("发布机构 | 气象局 | 发文日期 | 2022-01-25 |", "2022-01-25", "气象局"),
        ("来源: 浏览次数: 发布时间: 2020-02-20 16:53", "2020-02-20 16:53", None),
        (
            "成文 日期：2020-01-15 信息来源：甲镇 作者：佚名 发布时间：2023-01-26 16:32",
            "2023-01-26 16:32",
            "甲镇",
        ),
        ("来源：某市政府信息公开平台 作者:", None, "某市政府信息公开平台"),
        ("统计期限自2020年1月1日起", None, None),
    ],
)
def test_date_and_source(text: str, date: str | None, source: str | None) -> None:
    assert lines.published(text) == date
    assert lines.source(text) == source


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        (
            ["某某局", "2022年政府信息公开工作年度报告", "一、总体情况"],
            "某某局2022年政府信息公开工作年度报告",
        ),
        (["某局2013年度信息公开工作", "年度报告"], "某局2013年度信息公开工作年度报告"),
        (
            ["首页>政府信息公开年报", "某镇2021年政府信息公开工作年度报告"],
            "某镇2021年政府信息公开工作年度报告",
        ),
        (
            ["政府信息公开工作年度报告", "某办2021年政府信息公开工作年度报告"],
            "某办2021年政府信息公开工作年度报告",
        ),
        (["Page 9 - 某办2022年政府信息公开工作年度报告", "P. 9"], "某办2022年政府信息公开工作年度报告"),
        (["根据《条例》，现公布某局2022年政府信息公开工作年度报告。"], None),
        (["一、总体情况", "无"], None),
    ],
)
def test_title(rows: list[str], title: str | None) -> None:
    assert lines.find_title(rows) == title


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("您现在的位置：首页 > 政务公开 > 年报", ("首页", "政务公开", "年报")),
        ("当前位置: 首页/ 年报 / 正文", ("首页", "年报", "正文")),
        ("当前位置：首页政务公开年报", ()),
        ("当前位置：首页 > " + "很长的正文" * 60, ()),
    ],
)
def test_breadcrumb(line: str, steps: tuple[str, ...]) -> None:
    assert lines.breadcrumb(line) == steps


@pytest.mark.parametrize(
    "line",
    [
        *("0", " ", "规章", "（一）予以公开", "1.属于国家秘密 0 0 0 0 0 0 0", "| 规章 | 0 | | 0 |"),
        *("规范性文件 |", "行政许可4470", "自然人法人或其他组织总计", "第二十条第(一)项", "减3", "25795万元"),
        "结果维持结果纠正其他结果尚未审结总计",
    ],
)
def test_cells_of_flattened_tables(line: str) -> None:
    assert is_cell(line)


@pytest.mark.parametrize(
    "line",
    [
        "一、总体情况",
        "无。",
        "本年公开信息12条。",
        "二、主动公开政府信息情况",
        "行政许可方面，全年办理12件。",
        "2023年1月16日",
    ],
)
def test_prose_is_no_cell(line: str) -> None:
    assert not is_cell(line)


def test_fragments_of_labels_go_with_the_table_around_them() -> None:
    rows = [
        "二、主动公开政府信息情况",
        "规章",
        "上一年",
        "项目数量",
        "0",
        "三、收到和处理政府信息公开申请情况",
        "无。",
    ]
    assert without_tables(rows) == ["二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "无。"]
