"""Is this title that of a 政府信息公开工作年度报告? Whose, and for which year?

The grammar: ``[关于公布] (ISSUER YEAR | YEAR ISSUER | ISSUER) OPEN REPORT [（YEAR）] [carrier]``.
Words that mark something else (解读, 通知, 考核 …) count only right beside the
report phrase, never inside the issuer: 审计局, 统计局, 机构编制委员会办公室 issue reports too.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.folding import dense, nfkc
from archive.title_words import (
    ABOUT_BAD,
    ABOUT_GOOD,
    ENGLISH_BESIDE,
    HEAD,
    NOT_GOVERNMENT,
    OTHERS,
    PART,
    QUARTER,
    SEGMENT_TAIL,
    TAIL,
    VERB,
)

#: Longer texts are no titles; the bound also keeps hostile input cheap.
MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Title:
    """What a title says."""

    text: str
    """The title folded: entities, tags, white space and full-width forms gone."""
    agency: str | None
    """The issuer as the title names it."""
    year: int | None
    is_report: bool
    reason: str | None
    """Why it is none; ``None`` for a report."""
    is_collection: bool = False
    """A list of several issuers' reports (汇总, 各部门 …): no report itself, but worth walking."""
    core: str | None = None
    """The report phrase as matched."""
    lookalike: bool = False
    """It names another thing (an explanation, a notice, another report); not merely no report phrase."""
    speaker: str | None = None
    """县, 全市, 我局 … where the title names its issuer only from within the portal."""
    bare: bool = False
    """年报 alone stands for the report phrase; only the content can confirm it."""


_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.I | re.S)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_BRACKETS = str.maketrans("【〖[〔{】〗]〕}", "((((()))))", "《》〈〉「」『』“”\"'‘’")
# The words of this grammar as a portal's traditional version (big5.…) writes them; names stay as they are.
_TRADITIONAL = str.maketrans("開報務訊匯總單縣區鎮鄉處廳辦關於", "开报务讯汇总单县区镇乡处厅办关于")
_TRANSLATED = re.compile(f"[{re.escape(''.join(map(chr, _BRACKETS | _TRADITIONAL)))}]")
_ZH_DIGITS = str.maketrans("〇○◯零OoΟО一二三四五六七八九", "00000000123456789")
_ZH_YEAR = re.compile(r"二[〇○◯零OoΟО0][〇○◯零OoΟО0一二三四五六七八九]{2}(?=年|\)|$)")

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)(?:年度|年|度)?")
_DATE = re.compile(
    r"20\d\d(?:年\d{1,2}月(?:\d{1,2}日)?|[-./]\d{1,2}[-./]\d{1,2})|(?<!\d)20\d{6}(?!\d)|\(20\d\d\)\d+号"
)
_RANGE = re.compile(r"(?<!\d)20\d\d年?(?:[-—–~至到]|、)20\d\d(?!\d)")
_OPEN = r"(?:(?:政府|政务)?信息(?:主动)?公开|政务公开)"
_CORE = re.compile(
    rf"(?P<open>{_OPEN})(?P<mid>(?:工作|情况|的|年度|总结|年|\(?20\d\d(?:年度|年)?\)?){{0,8}})"
    r"(?P<report>报告|年报)(?!表|统计|格式)"
)
_REVERSED = re.compile(r"(?P<report>年度报告|年报)\((?P<open>政府信息公开|信息公开)\)")
_BARE = re.compile(r"^(?P<year>20\d\d)年?(?:度)?年?报[-_—–]+(?P<agency>[^-_—–()]{2,30})$")

_CARRIER = re.compile(
    r"^(?:(?:图片|超链接?|PDF|Word|WORD|文字|文本|网页|电子|扫描|盖章|公开|全真|修订|更正|最终|终|新|正式|简|详细|html)[版稿件]?"
    r"|全文|正文|定稿|试行|图文|公开|公示|公布|发布|附表|含附件|含附表|附件|附[:：].{0,20}|[含附及](?:图解|统计表|报表|数据|解读).{0,4}|修订|更正|更新|PDF|pdf|下载|点击下载|"
    r"new|NEW|New|[!！]|公告|的公告|的报告|的公布|的公示|的发布)+$"
)
_PERIOD = re.compile(r"自?(20\d\d)年1月1日起?[-—–~至到]+(?:\1年)?12月31日止?")
_ISSUED = re.compile(r"20\d\d年(?:公布|发布|公开)的?")
# A translation, or a file with an English name; white space is gone from folded text.
_ENGLISH = re.compile(
    r"annual(?:work)?report.{0,80}(?:(?:government|public|govt)(?:affairs)?information|informationdisclosure"
    r"|disclosureofinformation)|(?:opengovernmentinformation|government(?:al)?information"
    r"(?:disclosure|publicity|openness|release)|informationdisclosure).{0,60}annual(?:work)?report",
    re.I,
)
_NUMBER = re.compile(r"^(?:[一二三四五]|\d+)$")
_SUFFIX = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|ofd|s?html?|txt|zip|rar|rtf|jpg|png)$", re.I)
_SITE = re.compile(
    r"(?:网|网站|门户|门户网|平台|频道|专栏|栏目|在线|公开|年报|年度报告|首页|客户端|公告|主动公开内容)$"
)
_LABEL = re.compile(
    r"^(?:(?:附件|附|标题|题名|名称|文件名|文件名称|目录名称|信息名称|信息标题)\d{0,2}(?:[:：.、_-]|(?<=\d))|Page\d+[-—]|P\.\d+|"
    r"\d{1,3}[.、)](?!\d)|[一二三四五六七八九十]{1,3}、|\(\d{1,2}\)|[·•●★◆▪■>»›-])+"
)
_TAG_BRACKET = re.compile(r"^\((?!(?:图解|解读))[^()]{1,12}\)(?=.)")
_EDGE = "-_—–|:：,，.。·、/\\ ;；!！*#"
_COLLECTION = re.compile(r"(?:年报|年度报告|报告)\(?(?:汇总|汇编|合集|集锦|专栏|专题|专区|列表|大全|一览)")
_EACH = re.compile(
    r"(?:^|[市县区省州旗盟府直属委办]|20\d\d年?度?)(?:所属|下属|下级|直属)?各"
    r"(?:区县|县区|县市区|市县|区|县|市|州|旗|部门|单位|委|街|镇|乡|科|处|直属|有关|市直|县直|区直|省直|级|地)"
)
_SEVERAL = "是多个机关的报告汇总"
_ALL_YEARS = re.compile(r"(?:历年|往年|历年来|以往年度)的?$")
_MANY = re.compile(
    r"^(?:[省市区县州]直|[省市区县州]级|[省市区县州]政府|[省市县区]属)?(?:部门|单位|委办局|委局|区县|县区|县市区|县市|市县|街镇|镇街|"
    r"乡镇|街道|镇|乡|园区|开发区|直属机构|派出机构|工作部门|公共企事业单位|[、(和及)])+$"
)
_PLACE = re.compile(r"[省市县区州旗盟]$")
_SPEAKER = re.compile(
    r"^(?:(?:[我本全][省市县区州旗盟乡镇街局委厅办院部所站队]|[我本](?:单位|机关|街道|部门|中心|管委会))|[省市县区州旗](?:本级|级)?)$"
)
_GOOD_AGENCY = re.compile(r"^[\u3400-\u9fff〇][\u3400-\u9fff〇\d()·、A-Z]{1,59}$")

#: The last noun of a public office's name.
ORGAN = re.compile(
    r"(?:政府|办公室|办公厅|政府办|管委会|委员会|委|局|厅|部|办|署|院|处|站|所|队|支队|总队|大队|中心|馆|海关|街道|办事处|镇|乡|苏木|"
    r"开发区|高新区|新区|园区|试验区|实验区|示范区|保护区|度假区|区|县|市|省|州|旗|盟|联社|供销社|联合会|协会|十字会|贸促会|监会|总会|工会|妇联|残联|"
    r"行|法院|检察院|学校|大学|兵团|分局|气象台|机关|总社|消防|公积金)$"
)
_COMPANY = re.compile(r"(?:公司|集团|企业|股份|银行|基金会|合作社)$")


def fold(text: str) -> tuple[str, frozenset[int]]:
    """Text without tags, entities, white space and full-width forms, and the places where white space was."""
    text = text[: MAX_LENGTH * 20]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", _SCRIPT.sub("", text))
    text = _plain(text)
    kept: list[str] = []
    gaps: set[int] = set()
    size = 0
    for number, piece in enumerate(text.split()):
        if number or text[0].isspace():
            gaps.add(size)
        shown = _printable(piece)
        kept.append(shown)
        size += len(shown)
    if text[-1:].isspace():
        gaps.add(size)
    return _years_in_digits("".join(kept)), frozenset(gaps)


def fold_lines(lines: Sequence[str]) -> list[str]:
    """The text of ``fold`` for each line, all of them at once where none has entities or tags."""
    whole = "\n".join(lines)
    if "&" in whole or "<" in whole or max(map(len, lines), default=0) > MAX_LENGTH * 20:
        return [fold(line)[0] for line in lines]
    folded = [_years_in_digits(_printable(dense(line))) for line in _plain(whole).split("\n")]
    assert len(folded) == max(len(lines), 1), "a line has no line break in it"
    return folded[: len(lines)]


def _plain(text: str) -> str:
    text = nfkc(text)
    return text.translate(_BRACKETS).translate(_TRADITIONAL) if _TRANSLATED.search(text) else text


def _printable(text: str) -> str:
    # nothing printable is of these categories, and nearly everything is printable
    return text if text.isprintable() else "".join(filter(_is_shown, text))


def _years_in_digits(text: str) -> str:
    return _ZH_YEAR.sub(lambda m: "2" + m[0][1:].translate(_ZH_DIGITS), text)


def _is_shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def parse(title: str) -> Title:
    """What ``title`` says; never raises. Pure."""
    text, gaps = fold(title)
    if len(text) > MAX_LENGTH:
        return Title(text[:MAX_LENGTH], None, None, False, f"longer than {MAX_LENGTH} characters")
    if not text:
        return Title("", None, None, False, "标题为空")
    readings = [_read(text, gaps, m, start) for start, m in reversed(_cores(text))]
    if readings:
        return max(
            readings, key=lambda t: (t.is_report, t.is_collection, t.lookalike, bool(t.agency), bool(t.year))
        )
    bare = _BARE.match(_LABEL.sub("", _SUFFIX.sub("", text)))
    if bare and ORGAN.search(bare["agency"]) and not _COMPANY.search(bare["agency"]):
        return Title(text, bare["agency"], int(bare["year"]), True, None, core="年报", bare=True)
    if _ENGLISH.search(text) and not ENGLISH_BESIDE.search(text):
        return Title(text, None, _only_year(text)[0], True, None, core="annual report")
    for pattern, reason in OTHERS:
        if pattern.search(text):
            return Title(text, None, None, False, reason, lookalike=True)
    return Title(text, None, None, False, "没有“信息公开……年度报告”字样")


def names_many(text: str) -> bool:
    """Whether ``text`` stands for several issuers: 各镇街道, 市直部门, 区县."""
    return bool(_MANY.match(text) or _EACH.match(text))


def agency_like(text: str) -> bool:
    """Whether ``text`` looks like the name of a public office."""
    return bool(_GOOD_AGENCY.match(text) and ORGAN.search(text) and not _COMPANY.search(text))


def _cores(text: str) -> list[tuple[int, re.Match[str]]]:
    """Each report phrase and where the text that belongs to it begins (after breadcrumbs and the like)."""
    found: list[tuple[int, re.Match[str]]] = []
    for pattern in (_CORE, _REVERSED):
        previous = 0
        for match in pattern.finditer(text):
            start = max(previous, *(text.rfind(mark, 0, match.start()) + 1 for mark in ">»›|"))
            # 视频解读|某市…报告: what stands before the stroke says what this is, not where it lies.
            said = re.search(r"[^>»›|]*(?=[>»›|]$)", text[previous:start])
            if said and HEAD.match(said[0]):
                start -= len(said[0]) + 1
            found.append((start, match))
            previous = match.end()
        if found:
            break
    return found


def _read(text: str, gaps: frozenset[int], core: re.Match[str], start: int) -> Title:
    before, opening = text[start : core.start()], core["open"]
    if before.endswith("人民") and opening.startswith("政府"):  # 某县人民政府信息公开年报
        before, opening = before + "政府", opening[2:]
    mid = core.groupdict().get("mid") or ""
    base = Title(text, None, None, False, None, core=core[0])
    before = _LABEL.sub("", before)
    if _EACH.search(before) or _COLLECTION.match(text, core.start("report")):
        year = _only_year(before + mid)[0]
        return replace(base, year=year, is_collection=True, reason=_SEVERAL)
    head = HEAD.match(before)
    if head:
        return replace(base, lookalike=True, reason=f"前有“{head[0].strip('(')}”")
    tag = _TAG_BRACKET.match(before)
    if tag and _MANY.match(tag[0].strip("()")):
        return replace(base, year=_only_year(before + mid)[0], is_collection=True, reason=_SEVERAL)
    before = _TAG_BRACKET.sub("", before)
    if "学年" in before:
        return replace(base, lookalike=True, reason="是学校的学年报告")
    yearly_core = "年" in mid or core["report"] in ("年报", "年度报告")
    if part := QUARTER.search(before) or (None if yearly_core else PART.search(_DATE.sub("", before))):
        return replace(base, lookalike=True, reason=f"是{part[0]}的报告，不是年度报告")
    before, refused = _before(before, opening)
    if refused:
        return replace(base, lookalike=True, reason=refused)
    tail, refused, collection, tail_agency = _after(text, core.end(), gaps)
    if refused:
        return replace(base, lookalike=True, reason=refused)
    year, clash = _year(before, mid, tail)
    agency, speaker = _agency(before)
    if agency is None and speaker is None:
        agency = tail_agency
    elif agency and tail_agency and _PLACE.search(agency) and f"({tail_agency})" in tail:
        agency += tail_agency  # 某区政府信息公开年度报告（审计局）
    each_year = agency is None and speaker is None and (clash or _ALL_YEARS.search(before.strip(_EDGE)))
    if collection or each_year or (agency and (_MANY.match(agency) or _ALL_YEARS.search(agency))):
        return replace(base, year=year, is_collection=True, reason=_SEVERAL)
    if agency and _COMPANY.search(agency):
        return replace(base, agency=agency, year=year, lookalike=True, reason="发布者是企业")
    if not (year is not None or clash or yearly_core):
        return replace(base, agency=agency, reason="没有年份，也没有“年度”")
    if opening == "政务公开" and "年度" not in mid and core["report"] != "年报":
        return replace(base, agency=agency, year=year, lookalike=True, reason="是政务公开报告，不是年度报告")
    return replace(base, agency=agency, year=year, is_report=True, speaker=speaker)


def _before(before: str, opening: str) -> tuple[str, str | None]:
    """The text that names issuer and year, or why this is no report."""
    outer, about, inner = before.rpartition("关于")
    if about:
        bad = ABOUT_BAD.match(inner)
        if bad:
            return before, f"前有“关于{bad[0]}”"
        inner = ABOUT_GOOD.sub("", inner)
        named = _YEAR.sub("", inner).strip(_EDGE + "的")
        before = inner if named else outer + inner
    verb = VERB.search(before.strip(_EDGE))
    if verb:
        return before, f"紧前有“{verb[0]}”"
    if not opening.startswith("政府"):
        other = NOT_GOVERNMENT.search(before.strip(_EDGE))
        if other:
            return before, f"是{other[0]}信息公开，不是政府信息公开"
    return before, None


def _after(text: str, end: int, gaps: frozenset[int]) -> tuple[str, str | None, bool, str | None]:
    """What follows the phrase: (its first run of text, why it is no report, a collection?, an issuer)."""
    tail = _SUFFIX.sub("", text[end:])
    tail = re.sub(r"\(?\d+(?:\.\d+)?[KM]B?\)?$", "", tail, flags=re.I)
    if not tail:
        return "", None, False, None
    segments = [s for s in re.split(r"[-_—–|·:：,，;；>»›]+", _cut(tail, end, gaps)) if s]
    separated = end in gaps or tail[0] in "-_—–|·:：,，;；>»›"
    agency: str | None = None
    for index, segment in enumerate(segments):
        for piece, bracketed in _pieces(segment):
            beside = index == 0 and not separated and not bracketed
            if re.match(r"汇总|汇编|合集", piece):
                return tail, None, True, None
            plain = _YEAR.sub("", _DATE.sub("", piece)).strip(_EDGE)
            if not plain or _NUMBER.match(plain) or _CARRIER.match(plain):
                continue
            office = agency_like(plain) and not _SITE.search(plain)
            if office and not beside:
                agency = agency or plain
                continue
            other = (TAIL if beside or bracketed else SEGMENT_TAIL).match(plain)
            if beside or other:
                return tail, f"“{plain[:12]}” after the report phrase", False, None
    return tail, None, False, agency


def _cut(tail: str, end: int, gaps: frozenset[int]) -> str:
    """The tail with a separator where the source had white space between Chinese words."""
    out = []
    for index, char in enumerate(tail):
        if index and end + index in gaps:
            out.append("|")
        out.append(char)
    return "".join(out)


def _pieces(segment: str) -> list[tuple[str, bool]]:
    """A segment's runs: (text, whether it stood in brackets)."""
    runs = re.findall(r"\([^()]*\)?|[^()]+", segment)
    return [(run.strip("()"), run.startswith("(")) for run in runs if run.strip("()")]


def _only_year(text: str) -> tuple[int | None, bool]:
    """The one year in ``text``; (None, True) where it names several."""
    text = _ISSUED.sub("", _PERIOD.sub(r"\1年", text))
    if _RANGE.search(text):
        return None, True
    years = {int(y) for y in _YEAR.findall(_DATE.sub("", text))}
    return (years.pop(), False) if len(years) == 1 else (None, len(years) > 1)


def _year(before: str, mid: str, tail: str) -> tuple[int | None, bool]:
    """The year inside or before the phrase, else after it; (None, True) where they contradict."""
    year, clash = _only_year(before + "|" + mid)
    if year is None and not clash:
        return _only_year(tail)
    return year, clash


def _agency(before: str) -> tuple[str | None, str | None]:
    """(issuer, speaker) named before the phrase."""
    name = _ISSUED.sub("", _PERIOD.sub("", before))
    name = _YEAR.sub("", _RANGE.sub("", _DATE.sub("", name)))
    name = re.sub(r"^(?:关于|现将|现)", "", name.strip(_EDGE))
    name = name.strip(_EDGE)
    while name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip(_EDGE)
    name = re.sub(r"\(\)|\(年?度?\)", "", name)
    name = re.sub(r"(?:年度|的|年|度|关于)$", "", name).strip(_EDGE)
    if name.count("(") != name.count(")"):
        name = name.strip("()")
    if not name:
        return None, None
    if _SPEAKER.match(name):
        return None, name
    return (name, None) if _GOOD_AGENCY.match(name) and not _SITE.search(name) else (None, None)
