"""What stands in the lists beside the reports and is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from demo import body, layout, render_html
from demo.publication import Style
from demo.site import Entry

_STYLE = Style()


def _entry(title: str, day: date, source: str, html: str) -> Entry:
    return Entry(title=title, day=day, body=html, kind="lookalike", source=source)


def _text(*paragraphs: str) -> str:
    return "\n".join(f"<p>　　{paragraph}</p>" for paragraph in paragraphs)


def of(name: str, government: str, year: int) -> Iterator[Entry]:
    """Five of them for the reports of one year, by the name of a division and its government."""
    after = year + 1
    yield _entry(
        f"关于编制{name}{year}年政府信息公开工作年度报告的通知",
        date(after, 1, 4),
        f"{government}办公室",
        _text(f"各部门、各乡镇：请于{after}年1月20日前报送{year}年年度报告，表格格式如下。")
        # A circular hands out the official tables, with nothing in them.
        + "\n".join(render_html.table(sheet, _STYLE) for sheet in body.empty_sheets("2021")),
    )
    yield _entry(
        f"《{government}{year}年政府信息公开工作年度报告》解读",
        date(after, 3, 31),
        f"{government}办公室",
        _text(
            "一、总体情况。报告由文字和三张统计表组成，本文说明怎样阅读。",
            "二、收到和处理政府信息公开申请情况。表中第一项加第二项之和，等于第三项加第四项之和。",
        ),
    )
    yield _entry(
        f"{name}{year}年法治政府建设年度报告",
        date(after, 2, 26),
        government,
        _text(
            "一、主要举措。修订了行政执法程序规定。",
            "二、存在的不足。执法文书说理有待加强。",
            "三、下一步安排。开展案卷评查。",
        ),
    )
    sheet = layout.plain(
        (("指标", "数量"), ("网站名称", f"{government}门户网站"), ("信息发布总数", "812"), ("专栏数量", "14"))
    )
    yield _entry(
        f"{government}门户网站{year}年政府网站工作年度报表",
        date(after, 1, 29),
        government,
        render_html.table(sheet, _STYLE),
    )
    yield _entry(
        f"关于报送{year}年度企业年报的公告",
        date(after, 1, 2),
        f"{name}市场监督管理局",
        _text(f"凡{year}年12月31日前登记的企业，应于{after}年6月30日前报送上一年度的年度报告并公示。"),
    )


def circulars(government: str, years: range) -> Iterator[Entry]:
    """Two circulars a month: enough to push older reports off the first hundred rows of a column."""
    for year in years:
        for month in range(1, 13):
            number = 1 + (year * 12 + month) % 97
            day = date(year + month // 12, month % 12 + 1, 8)
            yield _entry(
                f"关于{year}年{month}月政务公开栏目更新情况的通报",
                day,
                f"{government}办公室",
                _text(f"当月各栏目更新{number}条，空白栏目已通知承办单位补充。"),
            )
            yield _entry(
                f"{year}年{month}月政府信息公开申请办理进度通报",
                day,
                f"{government}办公室",
                _text(f"当月新登记申请{number % 7}件，均在法定期限内办理。"),
            )
