"""Every report the sample portals publish, made from issuers, oddities and real figures."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from archive import forms
from archive.forms import indicators as form_2014
from demo import figures, indicators, issuers, real
from demo.figures import Cells, Place, generator
from demo.publication import Publication, Style

#: How titles put issuer and year; the first is the usual one.
_TITLES = (
    "{name}{year}年政府信息公开工作年度报告",
    "{name}{year}年度政府信息公开工作年度报告",
    "{year}年{name}政府信息公开工作年度报告",
    "{name}{year}年政府信息公开年度报告",
    "{name}政府信息公开工作年度报告（{year}年度）",
    "{name}{digits}年政府信息公开工作年度报告",
)
_TITLE_WEIGHTS = (10, 3, 2, 2, 2, 1)
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
#: Lines whose sums are written even by those who leave nothing else but blanks.
_ALWAYS_WRITTEN = ("received", "carried_in", "concluded", "carried_out")


def invented(
    seed: int, of: Iterable[issuers.Issuer] = issuers.ISSUERS
) -> Iterator[tuple[issuers.Issuer, Publication]]:
    """The generated reports, issuer by issuer, oldest first."""
    for issuer in of:
        for year in issuers.LISTS.get(issuer.agency, ()):
            yield issuer, _listed(issuer, year, seed)
        made = figures.series(issuer.agency, issuer.years, issuer.profile, seed)
        for year in issuer.years:
            yield issuer, _publication(issuer, year, made[year], seed)


def published_really() -> Iterator[tuple[real.RealReport, Publication]]:
    """The reports with real figures."""
    for report in real.load_all():
        yield (
            report,
            Publication(
                agency=report.agency,
                division=report.division,
                year=report.year,
                title=report.title,
                published_on=report.published_on,
                form_of=dict.fromkeys(forms.TABLES, report.form),
                cells=report.cells,
                shown=report.shown,
                raw=report.raw,
                glued=report.glued,
                extra=report.extra,
                style=_REAL_STYLES[report.name],
                real=True,
                headline=report.name not in _WITHOUT_HEADLINE,
            ),
        )


_REAL_STYLES: Mapping[str, Style] = {
    "erqi_2020": Style(tables="word"),
    "langfang_office_2021": Style(blank="&nbsp;"),
    "ziyang_2020": Style(tables="word"),
    "dongtonghua_2020": Style(tables="nested"),
    "changsha_gaoxin_2019": Style(),
}
_WITHOUT_HEADLINE = frozenset({"changsha_gaoxin_2019", "dongtonghua_2020"})


def edited(publication: Publication, steps: Mapping[Place, int] = issuers.EDIT) -> Publication:
    """The report as it stands after a silent edit: same title, same date; each count moves by its step."""
    patch = {place: _count(publication.cells, place) + step for place, step in steps.items()}
    cells = figures.patched(publication.cells, patch)
    return replace(publication, cells=cells, shown=cells)


def _count(cells: Cells, place: Place) -> int:
    table, row, column = place
    value = cells[table][row][column]
    if not isinstance(value, int):
        raise TypeError(f"{'.'.join(place)} is no count: {value!r}")
    return value


def _publication(issuer: issuers.Issuer, year: int, made: Cells, seed: int) -> Publication:
    rng = generator(seed, "publication", issuer.agency, year)
    odd = issuers.ODDITIES.get((issuer.agency, year), issuers.Oddity())
    usual = "2019" if year <= 2020 else "2021"
    form_of = {**dict.fromkeys(forms.TABLES, usual), **odd.form_of}
    cells = figures.patched(figures.on_form(made, form_of), odd.patch)
    cells, raw = _zeros(cells, odd.zeros)
    style = replace(issuer.style, numbers=odd.numbers) if odd.numbers else issuer.style
    return Publication(
        agency=issuer.agency,
        division=issuer.division,
        year=year,
        title=odd.title or _title(issuer, year, rng),
        published_on=odd.published_on or _day(issuer, year, rng),
        form_of=form_of,
        cells=cells,
        shown=cells,
        raw={**raw, **_with_unit(cells, issuer)},
        glued={(table, row): _run(cells, table, row) for table, row in odd.glued},
        carrier=odd.carrier,
        style=style,
        broken=odd.broken,
    )


def _listed(issuer: issuers.Issuer, year: int, seed: int) -> Publication:
    """A report with the indicator list of its time."""
    rng = generator(seed, "publication", issuer.agency, year)
    odd = issuers.ODDITIES.get((issuer.agency, year), issuers.Oddity())
    own = issuer.agency in issuers.PROVINCIAL
    listed = indicators.provincial(year) if own else indicators.national(year)
    make = indicators.figures_provincial if own else indicators.figures_national
    cells = figures.patched(make(issuer.agency, year, issuer.profile, seed), odd.patch)
    return Publication(
        agency=issuer.agency,
        division=issuer.division,
        year=year,
        title=_title(issuer, year, rng),
        published_on=_day(issuer, year, rng),
        form_of={form_2014.TABLE: form_2014.PROVINCIAL if own else form_2014.NATIONAL},
        cells=cells,
        shown=cells,
        style=issuer.style,
        broken=odd.broken,
        listed=listed,
    )


def _title(issuer: issuers.Issuer, year: int, rng: random.Random) -> str:
    pattern = rng.choices(_TITLES, weights=_TITLE_WEIGHTS)[0]
    name = issuer.title_name or issuer.agency
    return pattern.format(name=name, year=year, digits=str(year).translate(_DIGITS))


def _day(issuer: issuers.Issuer, year: int, rng: random.Random) -> date:
    """In January, or for a government until the end of March: what the regulations allow."""
    government = issuer.profile in (figures.PREFECTURE, figures.COUNTY)
    return date(year + 1, 1, 6) + timedelta(days=rng.randint(0, 80 if government else 24))


def _run(cells: Cells, table: str, row: str) -> str:
    """A line's figures as one run of digits."""
    return "".join(str(_count(cells, (table, row, column))) for column in cells[table][row])


def _with_unit(cells: Cells, issuer: issuers.Issuer) -> dict[Place, str]:
    """Form 2019 names no unit for the procurement amount, so the cell does."""
    line = cells["disclosure"].get("procurement")
    if line is None:
        return {}
    amount = line["amount"]
    assert amount is not None, "only counts are ever left blank"
    text = f"{int(amount * 10_000)}元" if issuer.profile is figures.TOWNSHIP else f"{amount}万元"
    return {("disclosure", "procurement", "amount"): text}


def _zeros(cells: Cells, how: str) -> tuple[Cells, dict[Place, str]]:
    """The figures as written by someone who does not write zeros, and the text of the dashes."""
    if how == "zero":
        return cells, {}
    table = "requests" if how == "blank" else "disclosure"
    gone = [
        (table, row, column)
        for row, columns in cells[table].items()
        for column, value in columns.items()
        if value == 0 and not (how == "blank" and column == "total" and row in _ALWAYS_WRITTEN)
    ]
    raw = dict.fromkeys(gone, "/") if how == "dash" else {}
    return figures.patched(cells, dict.fromkeys(gone)), raw
