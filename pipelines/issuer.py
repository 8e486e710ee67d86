"""Whose report it is, of which division, for which year. Pure.

Titles come first, then the signature, set phrases of the text, the source line,
the breadcrumb and, where the text speaks for the whole place, the portal. What
stays unsure is ``None`` with a finding that says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from archive.divisions import DEFAULT, Divisions
from archive.records import Context, Document, Finding
from archive.titles import Title, agency_like, fold
from pipelines import agency as agencies
from pipelines import annex, evidence
from pipelines.agency import Kind, Named
from pipelines.case import NAMED, SITE_WORDS, Case, has_form, is_own, lay_out
from pipelines.evidence import Headline
from pipelines.year import published_on, report_year


@dataclass(frozen=True, slots=True)
class Identity:
    """An issuer and a year, as far as they are sure."""

    agency: str | None
    """Its one name (see ``pipelines.agency``)."""
    division: str | None
    year: int | None
    kind: Kind
    title: str | None
    published_on: date | None
    findings: tuple[Finding, ...] = ()


def identify(
    document: Document,
    context: Context,
    divisions: Divisions = DEFAULT,
    *,
    url: str | None = None,
    fetched_on: date | None = None,
) -> Identity:
    """Identify the report in ``document``.

    ``url`` may date it where nothing else does; ``fetched_on`` is a bound no date
    of publication can pass.
    """
    case = lay_out(document, context, divisions)
    findings: list[Finding] = []
    published = published_on(case, url, fetched_on, findings)
    title = _shown_title(case)
    other = annex.other_list(case)
    if other:
        findings.append(Finding("title_not_report", f"“{' '.join(other.split())}”不是全年的统计表"))
        return Identity(None, None, None, "other", title, published, tuple(findings))
    if annex.is_annex(case):
        return _of_annex(case, title, published, findings)
    refused = _refusal(case)
    if refused:
        findings.append(Finding("title_not_report", refused.title.reason or "", refused.where))
        return Identity(None, None, None, "other", title, published, tuple(findings))
    if not case.reports and not evidence.about_a_report(case.text) and not has_form(document):
        findings.append(Finding("agency_unknown", "标题和正文都没有表明这是年度报告"))
        return Identity(None, None, None, "other", title, published, tuple(findings))
    named = _agency(case, findings)
    year = report_year(case, published, findings)
    return Identity(named.agency, named.division, year, named.kind, title, published, tuple(findings))


def _of_annex(case: Case, title: str | None, published: date | None, findings: list[Finding]) -> Identity:
    """Issuer and year of the page an annex hangs on: as the archive has them, else by the page's title."""
    context = case.context
    findings.append(Finding(annex.OF_PAGE, "是所在页面报告的附表，发布机关和年度按该页面认定"))
    page = next((h.title for h in case.reports if h.where == "page title"), None)
    if context.page_agency is not None:
        kind = case.name(context.page_agency).kind
        named, year = Named(context.page_agency, context.page_division, kind), context.page_year
        title = title or f"{context.page_agency}{year}年政府信息公开工作年度报告"
    elif page is not None and page.agency:
        named, year = case.name(page.agency), page.year
    else:
        named, year = Named(None, None, "other"), page.year if page else None
    if named.agency is None:
        findings.append(Finding("agency_unknown", named.problem or "所在页面的标题没有写明发布机关"))
        return Identity(None, None, year, "other", title, published, tuple(findings))
    problem = annex.contradiction(case, named, year)
    if problem is not None:
        findings.append(Finding(annex.ELSEWHERE, f"{problem}，未并入"))
        return Identity(None, None, None, "other", title, published, tuple(findings))
    return Identity(named.agency, named.division, year, named.kind, title, published, tuple(findings))


def _refusal(case: Case) -> Headline | None:
    """The document's own title, if it says that this is something else and nothing says report."""
    if any(is_own(h) for h in case.reports):
        return None
    for headline in case.titles:
        named = headline.title.lookalike and (headline.title.core or headline.where in NAMED)
        if named and (is_own(headline) or not case.reports):
            return headline
    return None


def _shown_title(case: Case) -> str | None:
    """The title to show: the first that names a report, else the document's own."""
    ranked = sorted(case.reports, key=lambda h: (not h.title.agency, not h.title.year))
    best = ranked[0].raw if ranked else case.document.title
    return " ".join(best.split()) or None if best else None


def _agency(case: Case, findings: list[Finding]) -> Named:
    titled = [(h.where, h.title.agency) for h in case.reports if h.title.agency]
    names = {said: case.name(said) for said in {said for _, said in titled}}
    tried: list[tuple[str, str, Named]] = [(where, said, names[said]) for where, said in titled]
    sure = [(where, said, named) for where, said, named in tried if named.agency]
    if sure:
        where, said, named = sure[0]
        _contradictions(case, where, named, sure[1:], findings)
        return _as_headed(case, where, named, sure[1:], findings)
    spoken = next((h.title for h in case.reports if h.title.speaker), None)
    other = _from_text(case)
    if tried:
        where, said, unsure = tried[0]
        for _, _, named in other:
            # 审计局 in the title and 文登区审计局 below it are one office
            if named.agency and _same_office(said, named.agency):
                return named
        findings.append(Finding("agency_unknown", unsure.problem or f"“{said}”", where))
        return Named(None, None, unsure.kind)
    if spoken and not evidence.speaks_as_office(spoken.speaker or ""):
        return _spoken(case, spoken, findings)
    for place, said, named in other:
        poster = _poster(case, named) if place in _POSTERS else named
        if poster is not None and poster.agency:
            message = f"标题没有写明发布机关，取自“{said}”"
            findings.append(Finding("agency_from_text", message, place))
            return poster
    return _from_portal(case, other, findings)


def _as_headed(
    case: Case, where: str, named: Named, others: list[tuple[str, str, Named]], findings: list[Finding]
) -> Named:
    """The issuer of the page's title; where the text is headed by another's, whichever of them signs it.

    A page filed under the government's title may hold the report of its office or of a department.
    """
    headed = next(((said, other) for place, said, other in others if place.startswith("line")), None)
    if where not in NAMED or headed is None or headed[1].agency == named.agency:
        return named
    signed = case.name(case.signed) if case.signed else None
    for one in (named, headed[1]):
        if signed is not None and signed.agency == one.agency:
            return one
    message = f"页面标题为{named.agency}，正文标题为“{headed[0]}”，又没有落款可以认定"
    findings.append(Finding("agency_unknown", message, where))
    return Named(None, None, "other")


_POSTERS = ("source", "meta ContentSource", "list source")


def _poster(case: Case, named: Named) -> Named | None:
    """Who a source line stands for: an office posts its government's report as well as its own."""
    as_office = evidence.speaks_as_office(case.text)
    if named.kind == "office":
        division = case.divisions.get(named.division)
        if division is not None and evidence.speaks_as_government(case.text):
            return agencies.of_division(division, case.divisions)
        return named if as_office else None
    return None if named.kind == "government" and as_office else named


def _same_office(short: str, full: str) -> bool:
    stem = re.sub(r"^[省市县区州旗]|(?:人民政府|办事处)$", "", short)
    return len(stem) >= 2 and stem in full


def _spoken(case: Case, title: Title, findings: list[Finding]) -> Named:
    """县2023年… on the portal of a county: its government's."""
    operator, division = case.portal.operator, case.portal.resolves
    speaker = re.sub(r"^[我本全]|本级$|级$", "", title.speaker or "")
    if division and operator and operator.kind in ("government", "office", "zone"):
        last = "区" if division.level == "zone" else division.name[-1]
        if speaker == last:
            return agencies.of_division(division, case.divisions)
        message = f"标题说的是“{speaker}”，而网站属于{division.name}"
    else:
        message = f"标题只说“{title.speaker}”，又没有网站可以认定"
    findings.append(Finding("agency_unknown", message, "title"))
    return Named(None, None, "other")


def _from_text(case: Case) -> list[tuple[str, str, Named]]:
    """(where, what it says, issuer) of everything but titles and portal, the strongest first."""
    said: list[tuple[str, str | None]] = [("signature", case.signed)]
    said += [("opening", t.agency) for t in evidence.announced(case.text)]
    said.append(("working group", evidence.working_group(case.text, case.divisions)))
    said.append(("opening", evidence.subject(case.lines)))
    for where, source in (
        ("source", case.document.source),
        ("meta ContentSource", case.document.meta.get("contentsource")),
        ("list source", case.context.source),
    ):
        folded = fold(source or "")[0]
        said.append((where, folded if agency_like(folded) and not SITE_WORDS.search(folded) else None))
    if case.portal.resolves:
        for step in reversed(case.document.breadcrumb):
            folded = fold(step)[0]
            if _office_step(folded):
                said.append(("breadcrumb", folded))
    return [(where, name, case.name(name)) for where, name in said if name]


_OFFICE_STEP = re.compile(r"(?:局|办公室|委员会|镇|乡|街道|街道办事处|管委会)$")


def _office_step(step: str) -> bool:
    """A breadcrumb step that is one office; 乡镇街道 and 部门 are menus."""
    return (
        bool(_OFFICE_STEP.search(step))
        and agency_like(step)
        and not re.search(r"乡镇|镇街|街镇|部门|各", step)
    )


def _from_portal(case: Case, other: list[tuple[str, str, Named]], findings: list[Finding]) -> Named:
    """The portal's operator, where the text speaks as it would."""
    operator = case.portal.operator
    problem = next((named.problem for _, _, named in other if named.problem), None)
    if operator is None:
        message = problem or "标题、正文和网站都没有写明发布机关"
    elif _speaks_as(operator, case.text):
        findings.append(Finding("agency_from_portal", f"按网站主办单位认定：{operator.agency}"))
        return operator
    else:
        message = problem or f"正文口吻不像网站主办单位{operator.agency}，未采用"
    findings.append(Finding("agency_unknown", message))
    return Named(None, None, "other")


def _speaks_as(operator: Named, text: str) -> bool:
    if operator.kind == "department":
        return evidence.speaks_as_office(text)
    return operator.kind in ("government", "zone") and evidence.speaks_as_government(text)


def _contradictions(
    case: Case, where: str, named: Named, others: list[tuple[str, str, Named]], findings: list[Finding]
) -> None:
    """Other titles, the signature and the portal, beside the issuer taken from a title."""
    for place, said, other in others:
        if other.agency != named.agency:
            findings.append(
                Finding(
                    "agency_conflict",
                    f"{named.agency}（{where}）与“{said}”（{place}，即{other.agency}）不一致",
                )
            )
    signed = case.name(case.signed) if case.signed else None
    if signed and signed.agency and signed.agency != named.agency:
        findings.append(
            Finding("agency_conflict", f"标题为{named.agency}，落款为{signed.agency}", "signature")
        )
    portal = case.portal.division
    if portal and named.division:
        related = case.divisions.within(named.division, portal.code) or case.divisions.within(
            portal.code, named.division
        )
        if not related:
            findings.append(
                Finding(
                    "division_elsewhere",
                    f"{named.agency}不在网站所属的{portal.name}境内",
                )
            )
