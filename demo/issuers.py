"""Who publishes on the sample portals, for which years, and what is odd about single reports.

Every issuer here is invented and lies in a division that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from demo.figures import COUNTY, DEPARTMENT, OFFICE, PREFECTURE, TOWNSHIP, Place, Profile, Value
from demo.publication import Broken, Carrier, Numbers, Style

_PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Issuer:
    """An office and the years it publishes, without a gap."""

    agency: str
    division: str
    profile: Profile
    years: range
    portal: str
    column: int = 0
    style: Style = _PLAIN
    title_name: str | None = None
    """What titles call it, where that is not the name it signs with."""
    source: str | None = None
    """ContentSource, where that is not the issuer."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """What sets one report apart from its issuer's others."""

    form_of: Mapping[str, str] = field(default_factory=dict)
    carrier: Carrier = "html"
    patch: Mapping[Place, Value] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    zeros: Literal["zero", "blank", "dash"] = "zero"
    """How nothing is written: a 0; nothing, in Table 3; a dash, in Table 2."""
    title: str | None = None
    published_on: date | None = None
    numbers: Numbers | None = None
    glued: tuple[tuple[str, str], ...] = ()
    """Lines (table, row) whose figures stand in one box; the years around it tell them apart."""


_WORD = Style(tables="word", blank="&nbsp;")
_NESTED = Style(tables="nested")
_TH = Style(tables="th")
_COMMAS = Style(tables="word", numbers="commas")
_SIGNED = Style(numbers="signed")
_QINGHE, _CHENGXI, _YANGBEN = "990100", "990102", "990121"
_MOCHUAN, _YANGLI, _SHIFAN = "990200", "990202", "990221"

ISSUERS: tuple[Issuer, ...] = (
    Issuer("青禾市人民政府", _QINGHE, PREFECTURE, range(2019, 2026), "qinghe", style=_COMMAS),
    # An office and its government report separately, for the same years, under names that begin alike.
    Issuer("青禾市人民政府办公室", _QINGHE, OFFICE, range(2021, 2025), "qinghe", style=_WORD),
    Issuer("青禾市统计局", _QINGHE, DEPARTMENT, range(2020, 2023), "qinghe", style=_NESTED),
    Issuer("青禾市澄溪区人民政府", _CHENGXI, COUNTY, range(2019, 2026), "chengxi", style=_WORD,
           source="青禾市澄溪区人民政府办公室"),
    Issuer("青禾市澄溪区财政局", _CHENGXI, DEPARTMENT, range(2019, 2024), "chengxi", style=_SIGNED),
    Issuer("青禾市澄溪区审计局", _CHENGXI, DEPARTMENT, range(2021, 2025), "chengxi", style=_TH,
           title_name="澄溪区审计局"),
    Issuer("青禾市澄溪区桐安街道办事处", _CHENGXI, TOWNSHIP, range(2022, 2024), "chengxi",
           title_name="澄溪区桐安街道办事处"),
    Issuer("样本县人民政府", _YANGBEN, COUNTY, range(2019, 2026), "yangben", style=_NESTED),
    Issuer("样本县人民政府办公室", _YANGBEN, OFFICE, range(2021, 2024), "yangben", style=_SIGNED),
    Issuer("样本县中小企业服务局", _YANGBEN, DEPARTMENT, range(2020, 2023), "yangben", style=_WORD),
    Issuer("样本县青松镇人民政府", _YANGBEN, TOWNSHIP, range(2023, 2025), "yangben",
           style=Style(blank="&nbsp;"), title_name="青松镇人民政府"),
    Issuer("墨川市人民政府", _MOCHUAN, PREFECTURE, range(2019, 2026), "mochuan", style=_TH),
    Issuer("墨川市教育局", _MOCHUAN, DEPARTMENT, range(2020, 2025), "mochuan", column=1, style=_WORD),
    Issuer("墨川市水利局", _MOCHUAN, DEPARTMENT, range(2021, 2024), "mochuan", column=1),
    Issuer("墨川市样例区人民政府", _YANGLI, COUNTY, range(2020, 2025), "yangli", style=_WORD),
    Issuer("墨川市样例区统计局", _YANGLI, DEPARTMENT, range(2021, 2024), "yangli", column=1),
    Issuer("示范县人民政府", _SHIFAN, COUNTY, range(2019, 2024), "shifan", style=_TH),
    # 镕 and 喆 are in GBK and not in GB 2312, which the portal says it uses.
    Issuer("示范县镕喆镇人民政府", _SHIFAN, TOWNSHIP, range(2019, 2023), "shifan",
           style=Style(numbers="fullwidth"), title_name="镕喆镇人民政府"),
    Issuer("示范县自然资源局", _SHIFAN, DEPARTMENT, range(2021, 2023), "shifan", style=_WORD),
)  # fmt: skip

#: Years for which an issuer published the indicator list of 2014, before the years of ``ISSUERS``.
LISTS: Mapping[str, range] = {
    "青禾市人民政府": range(2016, 2019),
    "样本县人民政府": range(2017, 2019),
    "墨川市人民政府": range(2018, 2019),
}
#: Those of them whose province had a list of its own.
PROVINCIAL = frozenset({"样本县人民政府"})

ODDITIES: Mapping[tuple[str, int], Oddity] = {
    ("青禾市澄溪区财政局", 2022): Oddity(carrier="pdf"),
    # Shown as pictures; an empty box costs no recognition.
    ("散页县教育局", 2023): Oddity(zeros="blank"),
    ("墨川市教育局", 2022): Oddity(carrier="docx"),
    # Kept the old form in the first year of the new one.
    ("示范县镕喆镇人民政府", 2021): Oddity(
        form_of={"disclosure": "2019", "requests": "2019", "reviews": "2019"}
    ),
    # Took over the new Table 2 and kept the 23 lines of the old Table 3.
    ("墨川市教育局", 2023): Oddity(form_of={"requests": "2019"}),
    ("墨川市水利局", 2022): Oddity(
        patch={
            ("reviews", "reconsideration", "upheld"): 2,
            ("reviews", "reconsideration", "corrected"): 1,
            ("reviews", "reconsideration", "other"): 0,
            ("reviews", "reconsideration", "pending"): 0,
            ("reviews", "reconsideration", "total"): 0,
        },
        broken=(Broken("V1", "reviews.reconsideration"),),
    ),
    ("墨川市人民政府", 2018): Oddity(
        # A city of this size closes more than a hundred applications a year.
        patch={("indicators", "closed_in_time", "year"): 1},
        broken=(Broken("I2", "indicators.closed.year"),),
    ),
    ("青禾市统计局", 2021): Oddity(
        # No answer is ever drawn for this line, so one case is one too many, for its row and its column.
        patch={("requests", "unprocessed_excessive", "natural_person"): 1},
        broken=(
            Broken("R1", "requests.unprocessed_excessive"),
            Broken("R3", "requests.*.natural_person"),
        ),
    ),
    # The same split of the box has to fit the year before and the year after (Y2).
    ("墨川市样例区人民政府", 2023): Oddity(glued=(("disclosure", "normative_documents"),)),
    ("样本县青松镇人民政府", 2023): Oddity(zeros="blank"),
    ("青禾市澄溪区桐安街道办事处", 2022): Oddity(zeros="dash"),
    ("青禾市澄溪区审计局", 2023): Oddity(title="2023年政府信息公开工作年度报告"),
    ("青禾市澄溪区审计局", 2024): Oddity(title="青禾市澄溪区审计局2024年政府信息公开工作年度报告"),
    ("示范县人民政府", 2019): Oddity(published_on=date(2020, 4, 28)),
    ("样本县人民政府", 2024): Oddity(
        patch={
            ("reviews", "reconsideration", "upheld"): 4,
            ("reviews", "reconsideration", "corrected"): 1,
            ("reviews", "reconsideration", "other"): 0,
            ("reviews", "reconsideration", "pending"): 1,
            ("reviews", "reconsideration", "total"): 6,
        }
    ),
}

#: The report that is altered after publication, and how: V1 and every identity across years still hold.
EDITED = ("样本县人民政府", 2024)
EDIT: Mapping[Place, int] = {
    ("reviews", "reconsideration", "upheld"): -1,
    ("reviews", "reconsideration", "corrected"): +1,
    ("disclosure", "penalties", "decisions"): +7,
}
#: The report that the prefecture's portal (qinghe) shows as well.
COPIED = ("青禾市澄溪区人民政府", 2023)
