"""A document laid out for the question whose it is: its titles, its lines, its portal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from archive.divisions import Division, Divisions
from archive.records import Context, Document, Grid
from archive.titles import fold, fold_lines
from pipelines import agency as agencies
from pipelines import evidence
from pipelines.agency import Named
from pipelines.evidence import Headline
from pipelines.titled import parse

#: Text looked at for set phrases; a long report has 30,000 characters.
_TEXT = 60_000
#: What a portal's name has around the name of who runs it.
SITE_WORDS = re.compile(
    r"(?:门户网站|政府门户|政府网站|政务网|官方网站|网站|官网|政府网|网)$|^中国[·.•]|^(?:主办单位|主办)[:：]"
)


@dataclass(frozen=True, slots=True)
class Portal:
    division: Division | None
    """Division whose portal it is."""
    operator: Named | None
    """Who runs it."""
    resolves: Division | None
    """The division that bare names (审计局) belong to: only where a government runs the portal."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked about, laid out once."""

    document: Document
    context: Context
    divisions: Divisions
    portal: Portal
    lines: tuple[str, ...]
    text: str
    """The opening of the body without white space, full-width forms folded."""
    titles: tuple[Headline, ...]
    signed: str | None
    signed_when: tuple[int, int] | None

    @property
    def reports(self) -> tuple[Headline, ...]:
        return tuple(h for h in self.titles if h.title.is_report)

    def name(self, signed: str) -> Named:
        near = self.portal.division.code if self.portal.division else None
        return agencies.name(signed, self.divisions, near=near, portal=self.portal.resolves)


def has_form(document: Document) -> bool:
    """Whether a line of Table 3 stands anywhere: a page may be nothing but its tables."""
    for block in document.blocks:
        if isinstance(block, Grid):
            texts = [cell.text for row in block.rows for cell in row[:2] if cell]
        else:
            texts = [block.text]
        if any("政府信息公开申请数量" in re.sub(r"\s", "", text[:_TEXT]) for text in texts):
            return True
    return False


def lay_out(document: Document, context: Context, divisions: Divisions) -> Case:
    text = document.text or "\n".join(b.text for b in document.blocks if not isinstance(b, Grid))
    lines = tuple(line for raw in text.split("\n") if (line := raw.strip()))
    signed, when = evidence.signature(lines)
    return Case(
        document,
        context,
        divisions,
        _portal(document, context, divisions),
        lines,
        _compact(lines),
        tuple(_titles(document, context, lines)),
        signed,
        when,
    )


def _compact(lines: Sequence[str]) -> str:
    sizes = accumulate(map(len, lines))
    enough = next((number for number, size in enumerate(sizes, 1) if size > _TEXT), len(lines))
    return "\n".join(fold_lines(lines[:enough]))


def _portal(document: Document, context: Context, divisions: Divisions) -> Portal:
    """The portal by its registry entry, else by its SiteIDCode (six digits of a division) and SiteName."""
    site = context.site_id_code or document.meta.get("siteidcode") or ""
    named = SITE_WORDS.sub("", fold(context.portal_name or document.meta.get("sitename") or "")[0])
    division = divisions.get(context.division)
    if division is None and site[:6].isdigit() and len(site) == 10:
        division = divisions.get(site[:6])
    if division is None and named:
        division = divisions.resolve(named)
    operator = agencies.name(named, divisions, near=division.code if division else None) if named else None
    if operator is not None and operator.agency is None:
        operator = None
    if operator is None:  # the division alone tells whose portal it is, where no name contradicts
        government = division is not None and not named
    else:
        government = operator.kind in ("government", "office", "zone") and division is not None
    if government and operator is None and division is not None:
        operator = agencies.of_division(division, divisions)
    resolves = division if government else None
    if operator and operator.kind == "department" and operator.division:
        resolves = divisions.get(operator.division)
    return Portal(division, operator, resolves)


def _titles(document: Document, context: Context, lines: tuple[str, ...]) -> Iterator[Headline]:
    """Everything that may be the title, the document's own first."""
    own = [("title", document.title), ("meta ArticleTitle", document.meta.get("articletitle"))]
    for where, raw in own:
        if raw and raw.strip():
            yield Headline(where, raw, parse(raw))
    yield from evidence.headlines(lines)
    for where, raw in (("link text", context.link_text), ("page title", context.page_title)):
        if raw and raw.strip():
            yield Headline(where, raw, parse(raw))
    if not any(parse(raw).is_report for _, raw in own if raw):
        shown = [h for h in evidence.headlines(leading(document)) if h.title.is_report]
        # a page's menus may list other reports: only a single one can be its own headline
        if len({(h.title.agency, h.title.year) for h in shown}) == 1:
            yield shown[0]


def leading(document: Document) -> list[str]:
    """First lines of the whole page, chrome included."""
    texts = (b.text[:4000] for b in document.blocks[:40] if not isinstance(b, Grid))
    lines = [line.strip() for text in texts for line in text.split("\n") if line.strip()]
    return lines[: 2 * evidence.HEAD_LINES]


NAMED = ("title", "meta ArticleTitle")


def is_own(headline: Headline) -> bool:
    return headline.where not in ("link text", "page title")
