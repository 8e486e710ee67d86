"""What kind of body an issuer is, by its name, and when its report is due."""

from __future__ import annotations

import re
from datetime import date

KINDS = ("government", "office", "department", "township", "zone", "other")

# In this order: the first that fits decides. 某镇人民政府 is a township before it is a government,
# 某区人民政府办公室 an office, 某开发区管理委员会 a zone before it is a 委员会.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "township",
        re.compile(r"(街道办事处|街道办|街道|乡人民政府|镇人民政府|乡政府|镇政府|乡|镇|苏木|苏木人民政府)$"),
    ),
    ("office", re.compile(r"(政府办公[室厅]|政府办|政府研究室)$")),
    ("government", re.compile(r"(人民政府|[省市县区旗州盟]政府)$")),
    (
        "zone",
        re.compile(
            r"(开发区|高新区|经开区|新区|园区|示范区|试验区|实验区|保税区|度假区|风景区|名胜区|港区|产业区|工业区|合作区|科学城|新城|农场)"
            r"(管理委员会|管委会|管理局|党政办公室|办公室|综合办公室)?$"
        ),
    ),
    ("zone", re.compile(r"(管理委员会|管委会)$")),
    (
        "department",
        re.compile(r"(局|委员会|委|厅|部|署|处|队|办公室|办|中心|院|所|站|社|行|馆|会|公司|学校|大学|学院)$"),
    ),
    ("government", re.compile(r"[省市县区旗州盟]$")),
)


def kind_of(name: str) -> str:
    """One of ``KINDS`` by the name's ending; ``other`` where no ending is known."""
    folded = "".join(name.split()).replace("（", "(").split("(")[0]
    for kind, pattern in _RULES:
        if pattern.search(folded):
            return kind
    return "other"


def deadline(kind: str | None, year: int) -> date:
    """Last day on which the report for ``year`` is in time.

    政府信息公开条例 (2019) 第四十九条: departments by 31 January, governments
    by 31 March of the next year; offices, townships and zones are held to the
    earlier day like departments. Up to the report for 2018 the 2008 条例,
    第三十一条, gave everybody until 31 March; the new one came into force on
    15 May 2019.
    """
    if kind == "government" or year <= 2018:
        return date(year + 1, 3, 31)
    return date(year + 1, 1, 31)
