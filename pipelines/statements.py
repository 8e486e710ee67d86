"""Figures a report names in its prose, with what they count. Pure.

A figure becomes a statement only if the whole piece of sentence around it says one
thing in known words: when, who, a verb, the thing, the number, its unit. Anything
else – another body, an earlier year, a running total, another thing with a number –
is left alone, for a figure whose subject is not certain proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from archive.folding import dense
from archive.records import Section
from pipelines.speaker import Speaker, names, speaker
from pipelines.text import fold, squeeze

#: Longer pieces of a sentence say more than one thing.
_LONGEST = 80
#: A line this long that does not end like a sentence goes on in the next one (PDF, text in columns).
_WRAPPED = 15


@dataclass(frozen=True, slots=True)
class Statement:
    """One figure of the prose."""

    fact: str
    """What it counts: ``received``, ``concluded``, ``applicant.natural_person``, ``outcome.refused`` …"""
    value: Decimal
    text: str
    """The piece of sentence it stands in."""
    share: bool = False
    """Whether it is a percentage."""
    count: Decimal | None = None
    """For a share: the count it follows (不予公开5件，占6.17%)."""


_REQUEST = (
    r"(?:各类|有效|群众|公民|公众|社会公众|申请人|外部)*"
    r"(?:(?:政府)?信息公开(?:的)?申请(?:事项|办件|件)?|(?:政府)?信息依申请公开(?:的)?(?:申请|事项|办件)?"
    r"|依申请公开(?:政府)?(?:信息)?(?:的)?(?:申请|事项|办件|件)?|公开政府信息(?:的)?申请)"
)
# Two channels at least and a word that adds them up: one channel alone is a part.
_CHANNELS = r"通过(?:[^、,\d#]{2,6}、)+[^、,\d#]{2,8}?(?:等)?(?:方式|途径|渠道|形式)?(?:提交|提出|递交)?的"
_WHEN = r"(?:Y内?|本年度?|全年度?|当年|年内|今年|年度内|本?报告期内?|期间)?"
_SUM = r"(?:共计|总计|合计|总共|一共|共)?"
_GOT = r"(?:新收到?|收到并受理|受理并答复|收到|受理|接收到?|接到|收悉)"
_DONE = r"(?:办理答复|办理并答复|办结答复|答复办结|办结|答复)"
_SURELY = r"(?:及时|依法|依规|按时|按期|按规定|规范|已|均|全部|共计|共|予以|完成)*"
_NEXT = r"(?:下年度?|下一年度?|次年|下年)"
_GO_ON = r"(?:继续)?(?:办理|答复|处理)?"

_APPLICANTS = {
    "自然人": "natural_person",
    "商业企业": "business",
    "科研机构": "research",
    "社会公益组织": "civic",
    "法律服务机构": "legal_service",
    "法人或其他组织": "organisations",
    "法人或者其他组织": "organisations",
}
_OUTCOMES = {
    "予以公开及部分公开": "granted_both",
    "予以公开和部分公开": "granted_both",
    "予以公开、部分公开": "granted_both",
    "公开及部分公开": "granted_both",
    "予以公开": "granted",
    "依法公开": "granted",
    "同意公开": "granted",
    "予以部分公开": "granted_in_part",
    "部分公开": "granted_in_part",
    "不予公开": "refused",
    "无法提供": "unavailable",
    "不予处理": "unprocessed",
    "其他处理": "others",
    "本机关不掌握相关政府信息": "unavailable_not_held",
    "没有现成信息需要另行制作": "unavailable_needs_creation",
    "补正后申请内容仍不明确": "unavailable_unclear",
    "信访举报投诉类": "unprocessed_petition",
    "信访、举报、投诉类": "unprocessed_petition",
    "重复申请": "unprocessed_repeat",
}
_COURTS = {
    "行政复议": "reconsideration",
    "行政诉讼": "litigation",
    "诉讼": "litigation",
    "未经复议直接起诉": "litigation_direct",
    "复议后起诉": "litigation_after_reconsideration",
}

_NUMBER = re.compile(r"(?P<n>\d+(?:\.\d+)?)(?P<unit>件|条|份|宗|起|例|%)(?!次)")
# Each wording of these two begins with a character of its own, so that the search can leap to it; what
# stands before one is looked back for.
_PAST = re.compile(
    r"去年|往年|历年|历次|同期|前年|近年|以来|累计|截至|截止|上半年|下半年|季度|月(?<=\d月)|每年|每月|平均"
    r"|同比|环比|增长|增加|减少|下降|上升|回落|上年(?!度?结转)|上一年(?!度?结转)|年(?<=\d{4}年)|预计|目标|计划"
)
_OTHER_BODY = re.compile(
    r"各(?!类|项|种|方面|地?界)|所属|下属|直属|成员单位|基层|部门|单位|科室|乡镇|镇街|街道|企业(?!#)"
    r"|法院|检察院|学校|医院|公司|委员会|局(?<=[\u4e00-\u9fff]{2}局)(?!面|势|部|限)"
)
#: One of these is in each wording of a flattened table.
_TABLE_WORDS = ("勾稽关系", "信息内容", "申请人情况", "结果维持", "政府信息公开申请数量")
_TABLE = re.compile(
    r"本列数据的勾稽关系|^信息内容|信息内容(?:本年|上一年|采购)|申请人情况(?:自然人|$)"
    r"|结果维持(?:结果纠正|$)|本年新收政府信息公开申请数量"
)
_ENUMERATED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、])[^,。;:]*$"
)
_PARTS = ("其中", "分别", "包括")
_DIGIT = re.compile(r"\d")
_SPLIT_NUMBER = re.compile(r"(?<=\d)\s+(?=\d)")
#: No figure has so many digits; a line of them takes time with the square of its length.
_RUN_ON = re.compile(r"\d{20,}")
#: They cover three digits that follow each other among every sixth character.
_SAMPLE, _RUN_ON_SAMPLE = 6, re.compile(r"\d{3}")
_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}(?!\d))")
_BRACKETED = re.compile(r"\([^()]*\)")
_PIECE_END = re.compile(r"[,:\[\]]|\.{2,}")
_LATE = re.compile(r"延期|超期|逾期未")
_OWN_BODY = re.compile(r"[我本](?:单位|街道|[局委办厅院处署])|各类|商业企业")
_TOPIC = re.compile(r"公开申请|依申请公开|申请公开|结转下年度继续办理")
#: One of these is in every paragraph in which a figure that is read here may stand.
_TELLING = ("公开申请", "申请公开", "信息公开", "占", "结转下年度继续办理")
_MAY_TELL = (*_TELLING, "(", "“", "”")
_QUARREL = re.compile(r"(?:政府)?信息公开.{0,12}?(?:引起|引发|被|提起|类|案件|涉及)")


@cache
def _speaks(kind: str) -> re.Pattern[str]:
    """The beginning of a sentence in which the issuer speaks of itself."""
    return re.compile(rf"{_WHEN},?(?:{names(kind)})")


@cache
def _grammar(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Fact → the pieces of sentence that state it; ``#`` stands for number and unit."""
    begin = rf"{_WHEN}(?:{names(kind)})?{_WHEN}{_SUM}"
    patterns = {
        "received": rf"{begin}{_GOT}{_SUM}{_REQUEST}{_SUM}#|{begin}{_GOT}#(?:{_REQUEST}|申请)"
        rf"|{begin}{_GOT}{_CHANNELS}{_REQUEST}(?:共计|总计|合计)#",
        "concluded": rf"{begin}{_SURELY}{_DONE}(?:{_REQUEST}|申请)?{_SUM}#(?:{_REQUEST}|申请)?",
        "handled": rf"{begin}{_SURELY}办理{_REQUEST}{_SUM}#",
        "carried_out": rf"{_SUM}结转[至到]?{_NEXT}{_GO_ON}(?:{_REQUEST}|的?申请)?#"
        rf"|#(?:{_REQUEST}|申请)?结转[至到]?{_NEXT}{_GO_ON}",
        "carried_in": rf"{_WHEN}(?:上年度?|上一年度?)结转(?:至?本年度?)?(?:办理)?的?(?:{_REQUEST}|申请)?#",
    }
    return tuple((fact, re.compile(pattern)) for fact, pattern in patterns.items())


def _named(labels: Iterable[str], before: str, after: str) -> re.Pattern[str]:
    longest = sorted(labels, key=len, reverse=True)
    return re.compile(rf"{before}(?P<label>{'|'.join(longest)}){after}#(?:申请)?")


_APPLICANT = _named(
    _APPLICANTS, r"(?:其中|涉及|来自|包括|含|新收申请中)*", r"(?:提出|提交|申请|公开|政府信息|信息|的)*"
)
_OUTCOME = _named(
    _OUTCOMES,
    r"(?:其中|作出|分别为|依法(?!公开)|决定|属于|因.{2,14}原因)*",
    r"(?:答复|决定|处理|情形|申请|的)*",
)
_COURT = _named(
    _COURTS,
    rf"(?:{_WHEN}{_SUM}(?:因)?(?:政府)?信息公开(?:工作|申请|类|引起|引发|被|申请|提起|发生|产生|涉及|案件|的)*"
    r"|(?:其中|发生|产生|被申请|被提起|被|提起|涉及|引起|引发|的|和|及)*)",
    r"(?:案件|申请|案)*",
)
_SHARE_OF = re.compile(
    r"(?:约)?占(?:比|总数|总量|全部申请|申请总数|申请总量|办结总数|答复总数|比例)?(?:为|的)?#"
)
_OWN_SHARE = re.compile(
    rf"(?:其中|新收申请中)*(?P<label>{'|'.join(_APPLICANTS)})(?:提出|提交|申请|的)*占(?:比|总数)?(?:为|的)?#"
)


def read(
    sections: Iterable[Section], *, agency: str | None = None, year: int | None = None
) -> tuple[Statement, ...]:
    """The statements of a report's sections, in order."""
    found: list[Statement] = []
    issuer = speaker(agency)
    for section in sections:
        for paragraph in _paragraphs(section.text):
            if _DIGIT.search(paragraph) and _may_tell(paragraph):
                found += _paragraph(paragraph, issuer, year)
    return tuple(found)


def _may_tell(paragraph: str) -> bool:
    """Whether a paragraph may have one of the ``_TELLING`` words once brackets and quotes are gone."""
    return any(mark in paragraph for mark in _MAY_TELL)


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs without white space: lines that were broken for their width joined, tables cut off."""
    joined = ""
    whole = squeeze(text)
    text = fold(text)
    tabled = "|" in text or any(word in whole for word in _TABLE_WORDS)
    runs_on = _RUN_ON_SAMPLE.search(whole[::_SAMPLE]) is not None and _RUN_ON.search(whole) is not None
    for line in text.split("\n"):
        if tabled and ("|" in line or _TABLE.search(dense(line))):
            # What stands in a flattened table is no prose; where it ends nobody says.
            return
        parts = line.split()
        if len(parts) > 1:
            parts = _SPLIT_NUMBER.sub("§", line).split()  # one number or two: no number
        line = "".join(parts)
        if runs_on:
            line = _RUN_ON.sub("§", line)
        if _ENUMERATED.match(line):
            if joined:
                yield joined
            joined = ""
            continue
        joined += line
        if len(line) < _WRAPPED or line.endswith(("。", ";", ":", "!", "?")):
            yield joined
            joined = ""
    if joined:
        yield joined


@lru_cache(maxsize=64)
def _this_year(year: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The report's own year, from its first day to its last and by itself."""
    return (
        re.compile(rf"{year}年1月1日(?:起|以来)?[至到]{year}年12月31日(?:止|期间)?"),
        re.compile(rf"{year}年(?<!\d{year}年)度?"),
    )


def _paragraph(text: str, issuer: Speaker, year: int | None) -> Iterator[Statement]:
    text = _BRACKETED.sub("", _THOUSANDS.sub("", text))
    text = text.replace("“", "").replace("”", "")
    if not any(word in text for word in _TELLING):
        return
    if year is not None and f"{year}年" in text:
        for pattern in _this_year(year):
            text = pattern.sub("Y", text)
    sentences = text.replace("!", "。").replace("?", "。").split("。")
    while sentences and not _has_figure(sentences[-1]):
        sentences.pop()
    topic = alien = False
    told = last = 0
    for at, sentence in enumerate(sentences):
        if not _has_figure(sentence):
            continue
        topic = topic or any(map(_TOPIC.search, sentences[told : at + 1]))
        told = at + 1
        if not (topic or _quarrels(sentence) or "占" in sentence):
            continue  # nothing that is read here is counted
        # Figures of another body, or of other years, may go on: 其中… belongs to the sentence before,
        # and a government's report speaks of many bodies.
        if issuer.governs:
            alien = _still_alien(sentences[last : at + 1], issuer, alien)
        else:
            alien = at > 0 and sentence.startswith(_PARTS) and _is_alien(sentences[at - 1], issuer)
            alien = alien and not _speaks_itself(sentence, issuer)
        last = at
        if not alien:
            yield from _sentence(sentence, issuer, topic)


def _still_alien(sentences: Sequence[str], issuer: Speaker, alien: bool) -> bool:
    """Whether the last of these sentences speaks of another body, if the first did (``alien``)."""
    for at in range(len(sentences) - 1, 0, -1):
        if _speaks_itself(sentences[at], issuer):
            return False
        if _names_other(sentences[at - 1], issuer):
            return True
    return alien


def _is_alien(sentence: str, issuer: Speaker) -> bool:
    return _PAST.search(sentence) is not None or _names_other(sentence, issuer)


def _quarrels(sentence: str) -> bool:
    return "信息公开" in sentence and _QUARREL.search(sentence) is not None


def _speaks_itself(sentence: str, issuer: Speaker) -> bool:
    return _speaks(issuer.kind).match(issuer.as_itself(sentence)) is not None


def _names_other(text: str, issuer: Speaker) -> bool:
    return _OTHER_BODY.search(_own_gone(text, issuer)) is not None


def _has_figure(text: str) -> bool:
    # a digit is found much sooner than a number with its unit is found to be missing
    return _DIGIT.search(text) is not None and _NUMBER.search(text) is not None


def _own_gone(text: str, issuer: Speaker) -> str:
    """The text without the issuer's own name, which is no other body."""
    return _OWN_BODY.sub("", text.replace(issuer.name, "") if issuer.name else text)


def _sentence(sentence: str, issuer: Speaker, topic: bool) -> Iterator[Statement]:
    if _LATE.search(sentence):
        # On time and late are parts of what was answered.
        return
    for clause in sentence.split(";"):
        last: Statement | None = None
        for text in _pieces(clause):
            if _PAST.search(text):
                break
            piece = _piece(text)
            if _names_other(piece.template, issuer) and not _APPLICANT.fullmatch(piece.template):
                return
            last = _statement(piece, issuer, topic, sentence, last)
            if last is not None:
                yield last


def _pieces(clause: str) -> Iterator[str]:
    """A clause cut at its commas and ellipses; at 、 only behind a figure, for before one it lists words."""
    for part in _PIECE_END.split(clause):
        held: list[str] = []
        for piece in part.split("、"):
            held.append(piece)
            if _has_figure(piece):
                yield "、".join(held)
                held = []
        if held:
            yield "、".join(held)


class _Piece(NamedTuple):
    """A piece of a sentence."""

    text: str
    template: str
    """With ``#`` for its only figure; as it is where it has none or several."""
    number: re.Match[str] | None
    """Its only figure."""


def _piece(text: str) -> _Piece:
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        return _Piece(text, text, None)
    match = found[0]
    return _Piece(text, f"{text[: match.start()]}#{text[match.end() :]}", match)


def _statement(
    piece: _Piece, issuer: Speaker, topic: bool, sentence: str, last: Statement | None
) -> Statement | None:
    if piece.number is None or len(piece.text) > _LONGEST or _DIGIT.search(piece.template):
        return None
    value = Decimal(piece.number["n"])
    if piece.number["unit"] == "%":
        return _share(piece.template, value, piece.text, last)
    if value != value.to_integral_value():
        return None
    fact = _fact(piece.template, issuer, topic, sentence)
    return Statement(fact, value, piece.text) if fact is not None else None


def _share(template: str, value: Decimal, piece: str, last: Statement | None) -> Statement | None:
    own = _OWN_SHARE.fullmatch(template)
    if own is not None:
        return Statement(f"applicant.{_APPLICANTS[own['label']]}", value, piece, share=True)
    if last is None or last.share or not _SHARE_OF.fullmatch(template):
        return None
    return Statement(last.fact, value, f"{last.text}，{piece}", share=True, count=last.value)


def _fact(template: str, issuer: Speaker, topic: bool, sentence: str) -> str | None:
    court = _COURT.fullmatch(template)
    if court is not None:
        return _COURTS[court["label"]] if _quarrels(sentence) else None
    if not topic:
        return None
    own = issuer.as_itself(template)
    for fact, pattern in _grammar(issuer.kind):
        if pattern.fullmatch(own):
            return fact
    for prefix, pattern, labels in (
        ("applicant", _APPLICANT, _APPLICANTS),
        ("outcome", _OUTCOME, _OUTCOMES),
    ):
        match = pattern.fullmatch(template)
        if match is not None:
            return f"{prefix}.{labels[match['label']]}"
    return None
