"""Lines of a page that are not the report: navigation, counters, share buttons; and what the useful ones say.

Date, publisher and title stand in such lines on pages that carry no meta tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.readers.passing import is_passing

#: Chrome comes in short lines; a paragraph that merely begins like one is longer.
_MAX_CHROME = 160
_WORDS = (
    r"扫一扫.*|.{0,6}微信扫(?:一扫|描|码).*|.{0,8}手机(?:上)?(?:查看|打开|浏览).{0,8}|"
    r"(?:我要)?打印(?:本页|此页|此文|本文|文章|页面)?|【?打印】?|关闭(?:本页|窗口|此窗|页面)?|【?关闭】?|返回(?:顶部|首页|上页)?|"
    r"收藏(?:本页)?|分享|【?大\s*中\s*小】?|全真版|文字版|文件下载|下载文字版|"
    r"微信|微博|QQ空间|繁體|繁体|简体|无障碍(?:浏览|阅读)?|长者(?:版|模式)|适老(?:版|模式)|首页|责任编辑|附件下载|"
    r"视力保护色|朗读|听全文|我要纠错|纠错|字体\s*[:：]?|[大中小]"
)
_CHROME = re.compile(
    r"(?:您(?:现在|当前)?(?:的|所在的?)*位置|(?:您?当前|现在|所在|您的)(?:所在)?(?:的)?位置)\s*(?:是|为)?\s*[:：>》].*"
    r"|【?\s*\[?(?:字体|字号|文字大小|字体大小)\s*[:：\]】].*"
    r"|[\[【(（]?\s*(?:浏览|阅读|点击|访问)(?:次数|量|数)\s*[:：].{0,30}"
    r"|(?:分享|分享到|分享至|转发至?|复制链接)\s*[:：].{0,40}"
    r"|(?:上|下)一?(?:篇|条|页)\s*[:：].*"
    r"|(?:相关|延伸|推荐)(?:链接|文档|文章|新闻|阅读|信息|解读|附件)\s*[:：]?.{0,60}"
    r"|(?:责任编辑|编辑|审核|校对|作者|录入|撰稿)\s*[:：].{0,20}"
    rf"|[\s【\[]*(?:(?:{_WORDS})[\s|｜/、\-\[\]【】:：>]*){{1,8}}"
)
_STAMP = re.compile(
    r"(?:发布|发文|公开|更新|生成|成文|录入)?(?:时间|日期)\s*[:：]"
    r"|(?:信息|文章|稿件)?来源\s*[:：]|(?:发布|发文|公开|责任)(?:机构|机关|单位|部门)\s*[:：]"
    r"|(?:浏览|阅读|点击|访问)(?:次数|量|数)\s*[:：]|[字文]号\s*[:：]|索\s*引\s*号\s*[:：]|字体\s*[:：]"
)
_LABEL_END = (
    r"(?=$|[\n\x1f]|\s*[|｜【\[]|\s{2,}|\s*(?:(?:浏览|阅读|点击|访问)(?:次数|量|数)|(?:发布|发文|更新|公开|成文|生成)"
    r"(?:时间|日期|机构|单位|部门)|(?:时间|日期|作者|编辑|栏目|来源|文\s*号)[:：]|责任编辑|信息来源|字体|字号|打印|分享|收藏|"
    r"微信|微博))"
)
_DATE = re.compile(
    r"(?P<label>发布时间|发布日期|发文日期|公开日期|发表时间|公布日期|更新时间|生成日期|日\s*期|时\s*间)"
    r"[\s\x1f]*[:：|｜\x1f][\s\x1f|｜]*"
    r"(?P<date>(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?:\s*日)?"
    r"(?:[ T\xa0]+\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?)"
)
_SOURCE = re.compile(
    r"(?P<label>信息来源|文章来源|稿件来源|来\s*源|发布机构|发布单位|发布部门|发文机关|发文机构|公开主体)"
    r"[ \xa0\x1f]*[:：|｜\x1f][ \xa0\x1f|｜]*(?P<name>[^\s:：|｜\x1f【\[]{2,40}?)" + _LABEL_END
)
#: Labels in the order they are believed: the day of publication before a mere 日期.
_DATE_ORDER = ("发布", "公布", "发表", "公开", "发文", "生成", "日", "时", "更新")
_SOURCE_ORDER = ("信息来源", "文章来源", "稿件来源", "来源", "发布", "发文", "公开")
_NOT_A_NAME = re.compile(r"^(?:浏览|阅读|点击|发布|时间|日期|作者|字体|打印|[\d\-/.]+$)")
_TITLE = re.compile(
    r"(?:公开|工作|政务).{0,12}(?:年度?(?:工作)?报告|年\s*报|报\s*告)|(?:年度报告|年报)\s*(?:[（(].{1,12}[)）])?$"
)
_SENTENCE = re.compile(
    r"[。；！？]|[，,].*[，,]|[：:]$|^\S{1,8}[:：]|^(?:[一二三四五六七八九十]+、|[（(])|^根据|^按照|^本报告|[>＞›»]|\S\s*/\s*\S.*/"
)
_MAX_TITLE = 80
#: Flip-book pages put their number before the title.
_PAGE_PREFIX = re.compile(r"^(?:Page|P\.)\s*\d+\s*[-—–]\s*", re.I)
#: A line that only a line before can complete: it begins with the year, or with the report itself.
_BEGINS_BARE = re.compile(
    r"[12２][0-9０-９〇○零]{3}|二[〇○零O０0]|(?:政府|政务)?信息公开|(?:工作)?年度|年\s*报|报\s*告"
)
#: A line that begins a title: an issuer, or a title broken off.
_FIRST_HALF = re.compile(
    r"(?:政府|局|委|委员会|办|办公室|厅|处|中心|街道|乡|镇|区|县|市|院|所|会|社|站|年|年度|工作|信息公开|公开)$"
)


def is_chrome(line: str) -> bool:
    """Whether a line belongs to the page, not to the report."""
    text = line.strip()
    return 0 < len(text) <= _MAX_CHROME and _is_chrome(text)


@lru_cache(maxsize=4096)
def _is_chrome(text: str) -> bool:
    # a portal's pages have the same menus
    if _CHROME.fullmatch(text) or is_passing(text):
        return True
    if ":" not in text and "：" not in text:
        return False  # every stamp has its colon
    return len(_STAMP.findall(text)) >= 2 or (len(text) <= 40 and _STAMP.match(text) is not None)


def without_chrome(lines: Iterable[str]) -> list[str]:
    """The lines that are neither empty nor chrome, outer white space gone."""
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if line and not is_chrome(line)]


def _ordered(found: Sequence[tuple[str, str]], order: Sequence[str]) -> str | None:
    def rank(item: tuple[str, str]) -> int:
        label = re.sub(r"\s", "", item[0])
        return next((at for at, prefix in enumerate(order) if label.startswith(prefix)), len(order))

    return min(found, key=rank)[1] if found else None


def published(text: str) -> str | None:
    """The publication date a page states, as written; ``\\x1f`` may stand between its elements."""
    return _ordered([(m["label"], " ".join(m["date"].split())) for m in _DATE.finditer(text)], _DATE_ORDER)


def source(text: str) -> str | None:
    """The publisher a page states (来源, 发布机构 …)."""
    found = [(m["label"], m["name"].strip()) for m in _SOURCE.finditer(text)]
    return _ordered([item for item in found if not _NOT_A_NAME.match(item[1])], _SOURCE_ORDER)


def looks_like_title(line: str) -> bool:
    """Whether a line could be the title of a report (its wording is judged elsewhere)."""
    text = line.strip()
    return 4 <= len(text) <= _MAX_TITLE and bool(_TITLE.search(text)) and not _SENTENCE.search(text)


def is_generic(line: str) -> bool:
    """Whether a title names neither issuer nor year: a column's name, not a report's."""
    return (
        re.fullmatch(r"\s*(?:政府|政务)?信息公开(?:工作)?(?:年度报告|年报|年度工作报告|报告)\s*", line)
        is not None
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """How far down a document the title may stand, and how long its first half may be."""

    lines: int = 15
    half: int = 30


def find_title(lines: Sequence[str]) -> str | None:
    """The first line that looks like a title, with the short line before it when the title is broken in two.

    ``某某局`` / ``2022年政府信息公开工作年度报告`` is one title.
    """
    window = _Window()
    generic: str | None = None
    head = [_PAGE_PREFIX.sub("", line.strip()) for line in lines if line.strip()][: window.lines]
    for at, line in enumerate(head):
        if not looks_like_title(line):
            continue
        before = head[at - 1] if at else ""
        if (
            _BEGINS_BARE.match(line)
            and 2 <= len(before) <= window.half
            and not is_chrome(before)
            and not _SENTENCE.search(before)
            and _FIRST_HALF.search(before)
        ):
            return before + line
        if not is_generic(line):
            return line
        generic = generic or line
    return generic


#: Characters of a breadcrumb line, and of one of its steps; a glued page is longer.
_MAX_CRUMBS = 200
_MAX_STEP = 60


def breadcrumb(line: str) -> tuple[str, ...]:
    """The steps of a 当前位置 line, if it separates them."""
    match = re.search(r"位置\s*(?:是|为)?\s*[:：]?\s*(.+)", line) if len(line) <= _MAX_CRUMBS else None
    if match is None:
        return ()
    parts = (part.strip("\xa0 \t") for part in re.split(r"(?:[>＞›»→/]|&gt;)+", match[1]))
    steps = tuple(part for part in parts if part)
    return steps if len(steps) > 1 and all(len(step) <= _MAX_STEP for step in steps) else ()
