"""Lines that a page shows otherwise each time it is asked for: counters, clocks, tokens.

No report has them, and none of them may make an unchanged report look changed. Each pattern takes a whole
short line; a sentence that tells of visits or a date that stands alone is the issuer's.
"""

from __future__ import annotations

import re

#: Longer lines are text.
_LONGEST = 60
_NUMBER = r"[\d,，]*"
_SEEN = r"(?:浏览|阅读|点击|访问|查看|下载|打开)"
_COUNTER = (
    # 浏览量：12 次, [阅读 12], 点赞（3）: what is counted, a mark, the number
    r"(?:总|今日|昨日|本月|累计|当前|文章|页面)?"
    rf"(?:{_SEEN}(?:次数|人数|量|数|率|统计)?|人气|点赞(?:数)?|收藏(?:数)?|评论(?:数)?|转发(?:数)?|在线人数|在线)"
    rf"\s*(?:[:：]\s*[\[(（]?\s*{_NUMBER}\s*[\])）]?|[\[(（]\s*{_NUMBER}\s*[\])）]|\s{_NUMBER}|{_NUMBER})"
    r"\s*(?:次|人次|人|条|位|个)?"
)
_PATTERNS = (
    rf"[\[【(（]?\s*{_COUNTER}\s*[\]】)）]?",
    rf"[您你]是(?:本页|本站|本网站|本文)?的?\s*第\s*{_NUMBER}\s*(?:位|个)(?:访客|访问者|浏览者|读者|来访者|网友).{{0,6}}",
    rf"(?:本文|本页面?|该文|此文|文章|本信息|页面|本站)(?:已经?|共)?被?{_SEEN}(?:了|过)?\s*[:：]?\s*{_NUMBER}\s*(?:次|人次)?",
    rf"(?:共有|已经?有|共)\s*{_NUMBER}\s*(?:位网友|人次|人|次){_SEEN}(?:了|过)?(?:本文|此文|本页)?",
    r"(?:(?:今天|现在|当前|此刻)(?:时间|日期)?|(?:北京|服务器|系统|抓取|采集|访问|(?:页面)?(?:生成|执行|加载))(?:时间|耗时|用时)"
    r"|Processed in|(?:Page )?(?:generated|rendered|loaded) (?:in|at))\s*[是为]?\s*(?:北京时间)?\s*[:：]?"
    r"[\d\s年月日时分\-/.,:：T星期周一二三四五六七八九十天()（）]*(?:毫?秒|m?s|(?:milli)?second\(?s?\)?)?",
    r"\d{4}\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}\s*日?\s*(?:星期|周)[一二三四五六日天]"
    r"(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?",
    r"(?:csrf[ _-]?)?(?:token|session ?id|trace ?id|request[ _-]?id|uuid|请求编号|请求ID|流水号|时间戳"
    r"|验证码)"
    r"\s*[:：=]\s*[\w\-]{0,64}",
)
_PASSING = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.I)
#: One of these is in every such line but that of a button with nothing to count.
_MARK = re.compile(r"[\d:：=(（\[【]|\s")


def is_passing(line: str) -> bool:
    """Whether a line, outer white space gone, is of the visit and not of the report."""
    return len(line) <= _LONGEST and _MARK.search(line) is not None and _PASSING.fullmatch(line) is not None
