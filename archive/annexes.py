"""Names of a report's annex: 政府信息公开情况统计表 and the like. Pure.

Issuers attach the list of 国办发〔2014〕32号 to a report in prose, as a file whose name
says what it is and mostly not whose.
"""

from __future__ import annotations

import re

from archive.titles import Title, fold, parse

_ANNEX = re.compile(
    r"(?:政府|政务)?信息公开(?:工作)?(?:年度)?(?:情况)?"
    r"(?:统计(?:报)?表|统计年报表|统计数据表?|附表|主要指标(?:统计表)?)"
)
#: Offices file the same list every month and quarter, and a blank one comes with the order to fill it in.
_OTHER = re.compile(r"季度|[上下]半年|\d月份?(?!\d{1,2}日)|填报说明|填表说明|空白|样表|模板|通知|培训")
_WHOLE_YEAR = re.compile(r"(?<!\d)1月?[-—–~至到]12月份?")


def names_annex(text: str) -> bool:
    """Whether a file of this name is the annex of a year's report."""
    folded = fold(text)[0]
    return bool(_ANNEX.search(folded)) and not _is_other(folded)


def names_other_list(text: str) -> bool:
    """Whether it is the same list of a month or a quarter, or an empty one."""
    folded = fold(text)[0]
    return bool(_ANNEX.search(folded)) and _is_other(folded)


def _is_other(folded: str) -> bool:
    return _OTHER.search(_WHOLE_YEAR.sub("", folded)) is not None


def as_title(text: str) -> Title:
    """What an annex's name says of issuer and year: they stand where they would in the report's title."""
    return parse(_ANNEX.sub("政府信息公开年度报告", fold(text)[0], count=1))
