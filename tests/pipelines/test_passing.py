"""What a page shows otherwise each time is no change of the report, wherever the page puts it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import Context, Report, Snapshot
from archive.store import Store
from pipelines.keep import keep
from pipelines.readers.lines import is_chrome
from pipelines.report import parse
from tests.archive.kept import START, page

#: A line and what stands in it on two days.
LINES: Sequence[tuple[str, str, str]] = (
    *(
        (f"{word}：{{}}", "123", "9124")
        for word in ("浏览次数", "浏览量", "点击数", "点击率", "访问量", "阅读人数")
    ),
    *((f"{word}：{{}}次", "3", "4") for word in ("阅读", "访问次数", "查看次数", "下载次数", "总访问量")),
    *((f"{word}{{}}", "（1）", "（25）") for word in ("点赞", "收藏", "评论", "浏览")),
    ("浏览次数：{} 次", "", "1"),
    ("[浏览：{}]", "5", "6"),
    ("（浏览次数：{}）", "1", "2"),
    ("阅读量 {}", "1,205", "1,206"),
    ("浏览 {}", "1", "2"),
    ("人气：{}", "1", "2"),
    ("评论：{}条", "1", "2"),
    ("今日访问：{}", "1", "2"),
    ("访问统计：{}", "1", "2"),
    ("当前在线人数：{}", "5", "6"),
    ("您是本页第{}位访客", "5", "6"),
    ("您是第 {} 位访问者", "5", "6"),
    ("本页面已被访问{}次", "5", "6"),
    ("本文已被浏览{}次", "5", "6"),
    ("共有{}人阅读", "5", "6"),
    ("已有{}人浏览", "1", "2"),
    ("今天是{}", "2024年3月5日 星期二", "2024年3月6日 星期三"),
    ("{}", "2024年3月5日 星期二", "2024年3月6日 星期三"),
    ("现在是北京时间：{}", "2024-03-05 10:22:11", "2024-03-06 11:00:00"),
    ("当前时间：{}", "2024-03-05 10:22:11", "2024-03-06 11:00:00"),
    ("服务器时间 {}", "10:22", "10:23"),
    ("抓取时间：{}", "2024-03-05", "2024-03-06"),
    ("页面生成时间：{}", "2024-03-05 10:22:11", "2024-03-06 10:22:11"),
    ("Processed in {} second(s)", "0.01", "0.02"),
    ("页面执行时间：{}秒", "0.01", "0.02"),
    ("token: {}", "a1b2c3d4e5f6a7b8", "ffb2c3d4e5f6a7b9"),
    ("请求编号：{}", "a1b2c3d4e5f6a7b8", "ffb2c3d4e5f6a7b9"),
    ("验证码：{}", "a3k9", "k3j2"),
    ("上一篇：{}", "某局2020年报", "某局2022年报"),
    ("下一篇：{}", "没有了", "某局2022年报"),
    ("相关链接：{}", "甲", "乙"),
    ("分享到：{}", "微信", "微博"),
    ("【打印】{}", "", "【关闭】"),
    ("【我要打印】【关闭窗口】{}", "", "【返回】"),
    ("【字体：大 中 小】{}", "", "打印本页"),
    ("字号：[大 中 小]{}", "", " 视力保护色"),
    ("字体大小：【大】【中】【小】{}", "", "打印"),
    ("打印本页 关闭窗口{}", "", " 收藏"),
    ("打印此文{}", "", " 关闭此窗"),
    ("来源：本站 浏览：{}次 发布时间：2022-01-27", "1", "2"),
    ("发布时间：2022-01-27 10:00 来源：政府办 浏览次数：{} 字体：大 中 小", "1", "2"),
    ("发布日期：2022-01-27 点击：{} 【打印】", "1", "2"),
)
WRAPS = ("<p>{}</p>", "<div>{}</div>", "<p><span>{}</span></p>", '<div class="info"><span>{}</span></div>')
#: A line, how it is wrapped, and whether it stands at the end.
PUT = st.tuples(st.sampled_from(LINES), st.sampled_from(WRAPS), st.booleans())
AT = "http://www.ziyang.example/nb/2021.html"


@cache
def base() -> str:
    return page(2021).decode()


def with_line(line: str, wrap: str, *, end: bool) -> bytes:
    """The report's page with a line before its first paragraph or behind its last."""
    at = base().rfind("</p>") + 4 if end else base().find("<p")
    return (base()[:at] + wrap.format(line) + base()[at:]).encode()


def fetched(body: bytes, day: int = 0) -> Snapshot:
    when = START.replace(month=3 + day)
    return Snapshot(
        url=AT, body=body, fetched_at=when, media_type="text/html", context=Context(division="430902")
    )


def read(body: bytes) -> Report:
    return parse(fetched(body))


@pytest.mark.parametrize(("line", "then", "now"), LINES, ids=[line for line, _, _ in LINES])
def test_it_is_no_change(line: str, then: str, now: str) -> None:
    plain = read(base().encode())
    for number, end in enumerate((False, True)):
        wrap = WRAPS[(len(line) + number) % len(WRAPS)]
        before, after = (read(with_line(line.format(value), wrap, end=end)) for value in (then, now))
        assert before.content_hash == after.content_hash == plain.content_hash, (wrap, end)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(WRAPS), st.booleans()), min_size=1, max_size=6)
)
def test_many_of_them_are_none_either(drawn: list[tuple[tuple[str, str, str], str, bool]]) -> None:
    def build(day: int) -> bytes:
        text = base()
        for (line, *values), wrap, end in drawn:
            at = text.rfind("</p>") + 4 if end else text.find("<p")
            text = text[:at] + wrap.format(line.format(values[day])) + text[at:]
        return text.encode()

    assert read(build(0)).content_hash == read(build(1)).content_hash


@pytest.mark.parametrize(
    "line",
    [
        "2024年3月5日",
        "全年门户网站访问量：123.4万人次。",
        "网站访问量：35万人次",
        "本年度共有35人次查阅政府信息。",
        "共有12件申请。",
        "申请人数：35",
        "2023年，本机关网站浏览量为12345次，比上年增长3%。",
        "今天是个好日子。",
        "下载政府信息公开申请表3次",
        "三、收到和处理政府信息公开申请情况",
        "（一）主动公开12条",
        "收到申请 12 件",
        "流水线12条",
    ],
)
def test_what_an_issuer_says_stays(line: str) -> None:
    assert not is_chrome(line)
    one, other = (read(with_line(text, WRAPS[0], end=True)) for text in (line, line + "更正"))
    assert one.content_hash != other.content_hash


def test_in_the_archive_it_is_unchanged(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        for day, hits in enumerate(("17", "18")):
            body = with_line(f"浏览次数：{hits}", WRAPS[1], end=False) + f"<!-- {hits} -->".encode()
            snapshot = fetched(body, day)
            action = keep(store, snapshot, parse(snapshot)).action
            assert action == ("unchanged" if day else "stored")
