"""One name for each issuer: prefecture and county by the division table, then the office as it signs.

``二七区政府`` and ``郑州市二七区人民政府`` are one issuer, ``…人民政府`` and ``…人民政府办公室`` are
two. The rule follows how offices sign: a district has its city's name before it (郑州市二七区), a
county, county-level city or banner stands by itself (会昌县), the province is left out (but for its
own offices), a former name stays as signed, a zone has its full name, and a name that is only a
place means the government of that place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from archive.divisions import Division, Divisions, Match
from archive.titles import agency_like

Kind = Literal["government", "office", "department", "township", "zone", "other"]


@dataclass(frozen=True, slots=True)
class Named:
    """An issuer's name, or why it cannot be told whose it is."""

    agency: str | None
    division: str | None
    kind: Kind
    problem: str | None = None


#: Bodies run from Beijing whose branches put the place in the middle: 国家税务总局郑州市税务局.
_ABOVE = re.compile(
    r"^(?:中共|国家税务总局|国家统计局|国家金融监督管理总局|国家外汇管理局|国家矿山安全监察局|国家能源局|国家邮政局|"
    r"中国人民银行|中国银行保险监督管理委员会|中国银保监会|中国证券监督管理委员会|中国证监会|中华人民共和国|中国气象局)"
)
#: Bodies of the central government; they belong to no division.
_NATIONAL = re.compile(
    r"^(?:国家.{2,20}(?:局|委员会|委|总局|办公室)|国务院.{2,20}|中国(?:气象局|地震局|民用航空局|证监会|银保监会|人民银行|残疾人联合会|"
    r"证券监督管理委员会|银行保险监督管理委员会)|海关总署|审计署|(?:中华人民共和国)?(?:外交|国防|教育|科学技术|科技|工业和信息化|公安|国家安全|"
    r"民政|司法|财政|人力资源和?社会保障|自然资源|生态环境|环境保护|住房和?城乡建设|交通运输|水利|农业农村|农业|商务|文化和旅游|文化|"
    r"退役军人事务|应急管理|国土资源)部|最高人民(?:法院|检察院))$"
)
_WITH_CITY = ("气象局", "税务局", "地震局", "审计局")
_TOWNSHIP = re.compile(r"^(?P<name>[\u3400-\u9fff〇]{1,20}?(?:镇|(?:族)?乡|苏木))(?:(?:人民)?政府)?$")
_STREET = re.compile(r"^(?:人民政府)?(?P<name>[\u3400-\u9fff〇]{1,20}?街道?)(?:办事处|办)?$")
_STREET_OFFICE = re.compile(r"(?:街道|街道办事处|街道办|街办事处)$")
_GOVERNMENT = re.compile(r"^(?:(?:人民)?政府|行政公署|行署|(?:人民政府)?(?:门户网站|网站))?$")
_OFFICE = re.compile(r"^(?:(?:人民)?政府|行政公署|行署)办(?P<hall>公厅|公室)?$")
_COMMITTEE = re.compile(r"^(?:党工委)?[、]?(?:管理委员会|管委会|开发建设管理委员会)?$")
_SPEAKING = re.compile(r"^[省市县区州旗盟](?=.{2,})")
#: 市, 区 … inside words that name no place.
_NO_PLACE = re.compile(
    r"城市|市场|市政|区域|社区|县域|开发区|高新区|经开区|新区|园区|景区|库区|林区|山区|示范区|度假区|保税区|工业区|试验区|实验区|"
    r"合作区|集聚区|功能区|保护区|名胜区|县委|市委|区委|省委|州委|旗委"
)
_PLACE = re.compile(r"[省市县区州旗盟]")
#: Cities whose governments have a 办公厅, not a 办公室 (deputy-provincial rank).
_HALLS = frozenset(
    {"210100", "210200", "220100", "230100", "320100", "330100", "330200", "350200", "370100", "370200",
     "420100", "440100", "440300", "510100", "610100"}
)  # fmt: skip


def name(
    signed: str, divisions: Divisions, *, near: str | None = None, portal: Division | None = None
) -> Named:
    """Name the issuer that signs ``signed``.

    ``near``: a division it is near to, used only to choose between places of one name.
    ``portal``: the division whose government runs the portal; it resolves 区统计局 and a bare 审计局.
    """
    above = _ABOVE.match(signed)
    lead = above[0] if above else ""
    rest = signed[len(lead) :]
    if not lead or divisions.names_at(rest) or divisions.match(rest, near):
        match = divisions.match(rest, near)
        if match is not None:
            return _placed(lead, match, rest, divisions)
        if divisions.names_at(rest) and not _TOWNSHIP.match(rest):
            return Named(None, None, "other", f"“{signed}”：几个地方同名，无法认定")
    if _NATIONAL.match(signed):
        return Named(signed, None, "department")
    return _unplaced(signed, divisions, portal)


def of_division(division: Division, divisions: Divisions) -> Named:
    """The government (or a zone's authority) of a division."""
    return _built("", place(division, divisions), "", division)


def place(division: Division, divisions: Divisions) -> str:
    """The place as issuers' names have it: 郑州市二七区, 上海市, 长沙高新技术产业开发区."""
    chain = divisions.chain(division.code)
    if division.level != "county" or not division.name.endswith("区") or len(chain) < 2:
        return division.name
    city = chain[-2]
    return (city.name if city.name.endswith("市") else "") + division.name


def _placed(lead: str, match: Match, text: str, divisions: Divisions) -> Named:
    division = match.division
    where = place(division, divisions)
    organ = text[match.length :]
    if match.form == "short" and match.length == len(match.name) and not organ.startswith(_WITH_CITY):
        where = match.name  # 南京海关: run from above, named after its seat
    elif match.form == "former":
        city = divisions.chain(division.code)[-2:-1] if division.level == "county" else (division,)
        district = match.name.endswith("区") and city and city[0].name.endswith("市")
        where = (city[0].name if district else "") + match.name
    return _built(lead, where, organ, division, former=match.form == "former")


def _built(lead: str, where: str, organ: str, division: Division, *, former: bool = False) -> Named:
    organ = organ.lstrip("、，,·-")
    if division.level == "zone":
        committee = division.committee or f"{division.name}管理委员会"
        if _COMMITTEE.match(organ) or _GOVERNMENT.match(organ):
            return Named(committee, division.code, "zone")
        if _OFFICE.match(organ) or re.fullmatch(r"(?:管理委员会|管委会)办公室", organ):
            return Named(committee + "办公室", division.code, "office")
    township = not lead and _township(organ)
    if township:
        return Named(where + township, division.code, "township")
    if _GOVERNMENT.match(organ) and not lead:
        league = not former and division.level == "prefecture" and division.name.endswith(("地区", "盟"))
        return Named(where + ("行政公署" if league else "人民政府"), division.code, "government")
    office = None if lead else _OFFICE.match(organ)
    if office:
        hall = office["hall"] or (
            "公厅" if division.level == "province" or division.code in _HALLS else "公室"
        )
        seat = "行政公署" if organ.startswith(("行政公署", "行署")) else "人民政府"
        return Named(f"{where}{seat}办{hall}", division.code, "office")
    kind: Kind = "department" if agency_like("某" + organ) else "other"
    if not lead and organ.endswith(("管委会", "管理委员会")):
        kind = "zone"
    return Named(lead + where + organ, division.code, kind)


def _township(organ: str) -> str | None:
    """Full name of a township's authority, or ``None`` if ``organ`` is none."""
    town = _TOWNSHIP.match(organ)
    if town:
        return town["name"] + "人民政府"
    if _STREET_OFFICE.search(organ) and (street := _STREET.match(organ)):
        head = "人民政府" if organ.startswith("人民政府") else ""
        return f"{head}{street['name']}办事处"
    return None


def _unplaced(signed: str, divisions: Divisions, portal: Division | None) -> Named:
    """A name without a place, understood within the portal where that is sure."""
    if portal is None:
        return Named(None, None, "other", f"“{signed}”没有写明地方，又没有网站可以认定")
    where = place(portal, divisions)
    spoken = _SPEAKING.match(signed)
    if spoken and not _township(signed):
        last = "区" if portal.level == "zone" else portal.name[-1]
        if spoken[0] != last:
            return Named(
                None,
                None,
                "other",
                f"“{signed}”说的是“{spoken[0]}”，而网站属于{portal.name}",
            )
        return _built("", where, signed[1:], portal)
    if _PLACE.search(_NO_PLACE.sub("", signed)):
        return Named(None, None, "other", f"“{signed}”所说的地方不在区划表中")
    if _township(signed):
        if portal.level not in ("county", "zone"):
            return Named(None, None, "township", f"“{signed}”在{portal.name}的某个县区，但没有写明")
        return _built("", where, signed, portal)
    if not agency_like(signed):
        return Named(None, None, "other", f"“{signed}”不是行政机关名称")
    return _built("", where, signed, portal)
