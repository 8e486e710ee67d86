"""Which tables of a document are another year's or another office's, by what stands over them. Pure.

A page may hold last year's table beside this year's, a second report under a title of
its own, or a table of one office in its government's report. A title, a caption, a
label over rows or at their side, a sheet's name says whose figures follow: where that
is not the report's issuer and year, the figures are kept as text and not counted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from archive import forms
from archive.folding import dense
from archive.forms.indicators import TABLE as INDICATORS
from archive.records import Cell, Document, Finding, Grid, GridCell
from archive.titles import agency_like, fold
from pipelines import messages, scope_lists, scope_text
from pipelines.pictures import unmarked
from pipelines.tables import labels
from pipelines.titled import parse as parse_title

_TABLES = (*forms.TABLES, INDICATORS)
#: A caption is short; what is longer is prose.
_CAPTION = 40
_TITLE = 80
#: Sentences, laws and their numbers, and days speak of years without naming a table's.
_NO_CAPTION = re.compile(r"[,，。;；!?《》]|\d号|修订|修正|格式|印发|以来|截[至止]|\d月")
_PERIOD = re.compile(r"\(?自?(20\d\d)年1月1日(?:起)?(?:至|到|[-—–~]+)(?:\1年)?12月31日止?\)?")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=年|$|\))")
_LEAD = r"(?:附[件表录]?\d*|对比|其中|下表[为是]?|以下[为是]?|表[一二三四五六\d]*|\(|[:：、.])*"
_SUBJECT = (
    r"(?:的|政府信息|主动公开|公开|收到和处理|申请|行政复议|行政诉讼|工作|年度|情况|数据|数字|数量|数|统计|表|报告"
    r"|对比|比较|如下|完成|\(|\)|[:：、])*"
)
#: 上年, 历年数据, 附：去年情况.
_OTHER_TIME = re.compile(
    rf"{_LEAD}(?:上一?年度?同?期?|去年度?同?期?|前年度?|往年度?|历年(?:累计)?|同期|上一?期|累计){_SUBJECT}"
)
_FILLED_BY = re.compile(r"^(?:(?:填报|填表|报送|编制|统计)?(?:单位|部门|机关)(?:名称)?[:：])+")
_HEADING = re.compile(r"^([一二三四五六七八九])\s*、")
_NUMERALS = "一二三四五六七八九"
#: A government's report is filled in by its office, and the words for the two stand for each other.
_GOVERNMENT = re.compile(r"(?:人民)?政府$|本级$|本部$|机关$")
_OFFICE = re.compile(r"办公[室厅]$|政府办$|(?:管委会|委员会|办事处)$")
#: Names of offices begin with no such words; cells of the forms and of other tables do.
_NO_NAME = re.compile(r"^(?:本|该|各|其他|主动|申请|行政|政府|单位|所属|全)")
_ORGAN = re.compile(r"(?:局|委|厅|镇|乡|街道|中心|支队|大队|院|校|站|所)$")


@dataclass(frozen=True, slots=True)
class Scope:
    """Issuer and year of the report, as it names them."""

    names: tuple[str, ...]
    """The issuer's name in full and as the title has it."""
    year: int | None

    @classmethod
    def of(cls, agency: str | None, year: int | None, title: str | None) -> Scope:
        """The scope of a report of this issuer, year and title."""
        titled = parse_title(title).agency if title else None
        return cls(tuple(name for name in (agency, titled) if name), year)


def withhold(
    cells: Sequence[Cell], document: Document, scope: Scope
) -> tuple[tuple[Cell, ...], tuple[Finding, ...]]:
    """The cells without the figures that are another's, and what was said over each of these tables."""
    listed = frozenset(unmarked(cell.where) for cell in cells if cell.table == INDICATORS and cell.where)
    reasons = dict(_foreign(document, scope, listed))
    in_text = {
        (table, place): reason
        for table, place, reason in scope_text.foreign(
            document,
            cells,
            lambda line: _told(line, scope),
            lambda line: _told(_bare_year(line) or line, scope),
        )
    }
    if not reasons and not in_text:
        return tuple(cells), ()
    kept: list[Cell] = []
    said: dict[tuple[str, str], str] = {}
    for cell in cells:
        place = unmarked(cell.where)
        reason = None
        if place is not None and cell.table in _TABLES:
            reason = reasons.get(place) or in_text.get((cell.table, place))
        if reason is None or cell.value is None:
            kept.append(cell)
            continue
        kept.append(replace(cell, value=None, status="ambiguous", readings=(str(cell.value),)))
        said.setdefault((cell.table, reason), cell.where or "")
    findings = tuple(messages.of_another(table, reason, where) for (table, reason), where in said.items())
    return tuple(kept), findings


def _told(line: str, scope: Scope) -> str | None:
    """Whose a line of text says that figures are: ``""`` the report's own, ``None`` nobody's."""
    if len(line) <= _CAPTION and _of_form(line):
        return None
    line = _line(line)
    own = _title(line, scope)
    own = _own_time(line, scope) if own is None else own
    if own is None:
        return _other_office(line, scope)
    return "" if own else line


def _foreign(document: Document, scope: Scope, listed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(place, the words over it) of every cell that belongs to another report."""
    over: str | None = None
    section = noted = 0
    begun = titled = by_title = False
    early: list[tuple[str, str]] = []
    sheet = ""
    line_number = 0
    followed = [isinstance(block, Grid) for block in document.blocks[1:]] + [False]
    for at, block in enumerate(document.blocks):
        own_sheet = block.where.partition("]")[0] if block.where.startswith("sheet[") else ""
        if own_sheet != sheet:
            sheet = own_sheet
            name = sheet[len("sheet[") :]
            over = says(_bare_year(name) or name, scope)
            noted = len(_NUMERALS)
        if isinstance(block, Grid):
            places = list(_in_grid(block, scope, over, listed))
            yield from places if begun else ()
            early += () if begun else places
            begun |= _has_form(block)
            continue
        stands_over = followed[at] and _stands_over(document, at)
        for raw in block.text.split("\n"):
            line_number += 1
            line = _bare_year(raw) if stands_over else _line(raw)
            if not line and not by_title:
                continue
            heading = _HEADING.match(line)
            if heading is not None:
                number = _NUMERALS.index(heading[1]) + 1
                if over is not None and number > noted:
                    over = None
                section = number
                begun |= over is None
            own = _title(line, scope)
            if own is not None:
                over, noted = (None, 0) if own else (line, len(_NUMERALS))
                by_title = not own
                if own and not titled:
                    yield from early
                titled |= own
                begun |= own
            elif (about := _own_time(line, scope)) is not None:
                over, noted, by_title = (None, 0, False) if about else (line, section, False)
            elif said := _other_office(line, scope):
                over, noted, by_title = said, section, False
            elif over is not None and by_title:  # in text a caption may be a cell of the table
                place = (f"line {line_number}", over)
                if begun:
                    yield place
                else:
                    early.append(place)


def _line(raw: str) -> str:
    """The line without white space, as titles are compared; empty where nothing is told by it.

    What is longer than a caption tells something only as a title or as a section's heading.
    """
    if len(raw) > 2 * _TITLE or not _TELLS.search(raw):
        return ""
    if len(raw) > _CAPTION and not (_may_be_title(raw) or _HEADING.match(raw.lstrip())):
        return fold(raw)[0] if len(dense(raw)) <= _CAPTION else ""
    return fold(raw)[0]


def _may_be_title(raw: str) -> bool:
    # one of the two is in every such word, and a character is sooner found than a pattern
    return ("报" in raw or "報" in raw) and _OF_TITLE.search(raw) is not None


def _has_form(grid: Grid) -> bool:
    return any(
        labels.row("requests", cell.text) in ("received", "carried_in")
        or labels.row("disclosure", cell.text) is not None
        for row in grid.rows
        for cell in row[:3]
        if cell is not None
    )


def _in_grid(grid: Grid, scope: Scope, over: str | None, listed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Cells under a label row of another year or office; the whole table where its side or head says so."""
    begin = scope_lists.first_line(grid, listed)
    notes: Iterable[str] = ()
    if begin is None:
        # each text is looked at once first: most tables have no note anywhere
        if True in [len(text) <= _CAPTION and _is_note(text) for text in grid.texts]:
            notes = (text for r in range(len(grid.rows)) for text in _said_beside(grid, r))
    else:
        # what a list counts may be of another year (上年结转), its headings may not
        notes = (_bare_year(text) or text for text in scope_lists.headings(grid, begin))
    beside = next((said for text in notes if (said := says(text, scope))), None)
    reason = over or beside
    for r, row in enumerate(grid.rows):
        if beside is None and (alone := _alone(grid.own(r))) is not None:
            # a figure stands right of its label, and in Table 4 at the left only with others
            bare = len(grid.own(r)) == 1 or alone.origin[1] == 0 or (begin is not None and r < begin)
            line = (bare and _bare_year(alone.text)) or _line(alone.text)
            own = _title(line, scope)
            if own is not None:
                reason = None if own else line
            elif (about := _own_time(line, scope)) is not None:
                reason = None if about else line
            elif said := _other_office(line, scope):
                reason = said
        if reason is not None:
            for cell in row:
                if cell is not None:
                    yield cell.where, reason


#: 2021, 21年, 二〇二一: a year where a label or a caption stands, elsewhere a figure or a term.
_BARE_YEAR = re.compile(r"20\d\d|[12]\d年度?|二[〇○零0O][一二三四五六七八九〇○零0O]{2}")
_DIGITS = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")


def _bare_year(text: str) -> str:
    """A year without its 年 or its century as one with both; empty for any other text."""
    folded = "".join(unicodedata.normalize("NFKC", text).split()) if len(text) <= _CAPTION else ""
    if _BARE_YEAR.fullmatch(folded) is None:
        return ""
    digits = folded.rstrip("年度").translate(_DIGITS)
    return f"20{digits[-2:]}年"


def _stands_over(document: Document, at: int) -> bool:
    """Whether a bare year is all that stands here, right over a table; several in a row are a menu."""
    here, before = document.blocks[at], document.blocks[at - 1] if at else None
    if isinstance(here, Grid) or not _bare_year(here.text):
        return False
    return before is None or isinstance(before, Grid) or not _bare_year(before.text)


def _said_beside(grid: Grid, r: int) -> Iterator[str]:
    """Texts of a row that may say whose it is: its notes, and a bare year before its label."""
    for cell in _notes(grid, r):
        year = _bare_year(cell.text)
        if not year:
            yield cell.text
        elif any(cell.origin[1] < other.origin[1] and _of_form(other.text) for other in grid.own(r)):
            yield year


def _alone(own: Sequence[GridCell]) -> GridCell | None:
    """The one cell of a row that is not empty; ``None`` where there are several or none."""
    found: GridCell | None = None
    for cell in own:
        if cell.text and not cell.text.isspace():
            if found is not None:
                return None
            found = cell
    return found


def _notes(grid: Grid, r: int) -> list[GridCell]:
    """Cells of a row with several that are no label of a form and no figure."""
    notes = [cell for cell in grid.own(r) if len(cell.text) <= _CAPTION and _is_note(cell.text)]
    return notes if notes and _alone(grid.own(r)) is None else []


#: Signs of which one is in every line that is told here, and in few others.
_TELLS = re.compile(r"20\d\d|[年期累、报報局委厅廳镇鎮乡鄉队院校站所道心]")
_OF_TITLE = re.compile(r"报\s*告|年\s*报|報\s*告|年\s*報")
_MAYBE = re.compile(r"20\d\d|２\s*０|二\s*[〇○零0O]|年|期|累|" + _ORGAN.pattern[:-1] + r"\s*$")


@lru_cache(maxsize=4096)
def _is_note(text: str) -> bool:
    """Whether a short text may name a year or an office, and is no label of a form."""
    return _MAYBE.search(text) is not None and not _of_form(text)


def _of_form(text: str) -> bool:
    return any(
        labels.row(table, text) or labels.column(table, text) or labels.group(table, text)
        for table in forms.TABLES
    )


def says(text: str, scope: Scope) -> str | None:
    """The words, where they name a year or an office that is not the report's."""
    line = fold(text)[0]
    if _own_time(line, scope) is False:
        return line
    return _other_office(line, scope)


def _title(line: str, scope: Scope) -> bool | None:
    """Whether a line that is a report's title is this report's; ``None`` where it is no title."""
    if len(line) > _TITLE or "信息公开" not in line or not ("报告" in line or "年报" in line):
        return None
    title = parse_title(line)
    if not title.is_report or _NO_CAPTION.search(line):
        return None
    if title.year is not None and scope.year is not None and title.year != scope.year:
        return False
    if title.agency is None:
        return True
    return not scope.names or any(_same(title.agency, name) for name in scope.names)


def _own_time(line: str, scope: Scope) -> bool | None:
    """Whether a caption names the report's year; ``None`` where it is no caption or names no time."""
    # 2060 alone is a figure, and 上一年 the half of a heading (上一年项目数量) that stands in two lines.
    if not line or len(line) > _CAPTION or line.isdigit() or line == "上一年":
        return None
    if _OTHER_TIME.fullmatch(line):
        return False
    line = _PERIOD.sub(r"\1年", line)
    if scope.year is None or _NO_CAPTION.search(line):
        return None
    years = set(map(int, _YEAR.findall(line)))
    return years == {scope.year} if len(years) == 1 else None


def _other_office(line: str, scope: Scope) -> str | None:
    """The line, where it is the name of another department or township than the issuer."""
    if not line or len(line) > _CAPTION:
        return None
    name = _FILLED_BY.sub("", line).strip(":：()")
    if not scope.names or not _ORGAN.search(name) or _NO_NAME.match(name) or not agency_like(name):
        return None
    return None if any(_same(name, own) for own in scope.names) else line


def _same(one: str, other: str) -> bool:
    """Whether two names may be one issuer's: in full or in short, a place or its government."""
    if _OFFICE.search(one) and _OFFICE.search(other) and one[-2:] == other[-2:]:
        return one.endswith(other) or other.endswith(one)
    first, second = _GOVERNMENT.sub("", one), _GOVERNMENT.sub("", other)
    return first.endswith(second) or second.endswith(first)
