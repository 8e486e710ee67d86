"""The annex of a report as a file of its own: 附件：政府信息公开情况统计表. Pure.

Its title names no report, and mostly no issuer: both are those of the page it hangs
on. Only what contradicts the page keeps them apart. Source: 国办发〔2014〕32号, whose
list issuers attach to a report in prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archive.annexes import as_title, names_annex, names_other_list
from archive.records import Context, Document, Grid
from archive.titles import Title, fold
from pipelines.agency import Named
from pipelines.case import Case, is_own

#: Kind of the finding that an original is the annex of a report.
OF_PAGE = "annex_of_page"
#: Kind of the finding that it is that of another report than the page's.
ELSEWHERE = "annex_elsewhere"

_FILLED_BY = re.compile(
    r"(?:填报|填表|报送|上报|编制)(?:单位|机关|部门)(?:\([^()]{0,8}\))?[:：]?(?P<name>[^:：()\d]{2,40})"
)
_YEAR_ALONE = re.compile(r"\(?(20\d\d)(?:年度|年)?\)?")
#: Captions, the office that filled the list in and the like stand above the first of these rows of a table.
_TOP_ROWS = 6
_TOP_LINES = 15
_LONGEST = 120


def is_annex(case: Case) -> bool:
    """Whether a document is a list that hangs on a page and is no report by its own title."""
    if case.context.page_url is None or any(is_own(headline) for headline in case.reports):
        return False
    return any(names_annex(text) for text in _captions(case.document, case.context))


def other_list(case: Case) -> str | None:
    """What a file on a page calls itself if it is the list of less than a year, or an empty one."""
    if case.context.page_url is None or any(is_own(headline) for headline in case.reports):
        return None
    return next((t for t in _captions(case.document, case.context) if names_other_list(t)), None)


def _captions(document: Document, context: Context) -> Iterator[str]:
    """What the file is called, inside and in the link to it."""
    for raw in (document.title, context.link_text, *_top(document)):
        if raw and len(raw) <= _LONGEST:
            yield raw


def _top(document: Document) -> Iterator[str]:
    """The first lines and cells."""
    yield from [line for line in document.text.split("\n") if line.strip()][:_TOP_LINES]
    for block in document.blocks[:_TOP_LINES]:
        if not isinstance(block, Grid):
            yield from block.text.split("\n")[:_TOP_LINES]
            continue
        for number, row in enumerate(block.rows[:_TOP_ROWS]):
            yield from (cell.text for cell in row if cell and cell.text.strip() and cell.origin[0] == number)


def contradiction(case: Case, agency: Named, year: int | None) -> str | None:
    """What the file says against being this issuer's and this year's; ``None`` where nothing does."""
    for name in dict.fromkeys(_names(case)):
        if not _fits(case, name, agency):
            return f"附表写的是“{name}”，所在页面是{agency.agency}的报告"
    years = dict.fromkeys(_years(case))
    if year is not None and years and year not in years:
        return f"附表写的是{'、'.join(map(str, years))}年，所在页面是{year}年的报告"
    return None


def _titles(case: Case) -> Iterator[Title]:
    for text in _captions(case.document, case.context):
        if names_annex(text):
            yield as_title(text)


def _names(case: Case) -> Iterator[str]:
    for title in _titles(case):
        if title.agency:
            yield title.agency
    for raw in _top(case.document):
        found = _FILLED_BY.search(fold(raw[:_LONGEST])[0])
        if found and "单位" not in found["name"]:
            yield found["name"]


def _years(case: Case) -> Iterator[int]:
    for title in _titles(case):
        if title.year:
            yield title.year
    for raw in _top(case.document):
        alone = _YEAR_ALONE.fullmatch(fold(raw[:_LONGEST])[0])
        if alone:
            yield int(alone[1])


def _fits(case: Case, name: str, agency: Named) -> bool:
    """Whether a name is the issuer's, in full or in short; an office fills in its government's list."""
    named = case.name(name)
    if named.agency is None:
        stem = re.sub(r"^[省市县区州旗]|(?:人民政府|政府|办公室|办公厅)$", "", name)
        return len(stem) >= 2 and stem in (agency.agency or "")
    of_office = named.kind == "office" and agency.kind == "government" and named.division == agency.division
    return named.agency == agency.agency or of_office
