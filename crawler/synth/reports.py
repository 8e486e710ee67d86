"""The reports of one invented issuer, as a parser would give them. Pure, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from archive import forms
from archive.records import Cell, Context, Report, Section, Snapshot, Status
from archive.rows import agency_id
from demo.figures import Cells, Place, generator, on_form, series
from demo.synth import prose
from demo.synth.plan import TODAY, Issuer, Rates, published
from pipelines import decode, identities, narrative
from pipelines.version import PARSER

#: A line of Table 2 whose three figures stand in one box.
_GLUED = "normative_documents"


@cache
def _places(form: str) -> Mapping[Place, str]:
    """Where each cell of a form would stand in a page."""
    found = {}
    for number, table in enumerate(forms.TABLES, start=1):
        for line, row in enumerate(forms.form(form).tables[table].rows, start=2):
            for at, column in enumerate(forms.form(form).tables[table].columns_of(row.key), start=2):
                found[table, row.key, column.key] = f"table[{number}]/tr[{line}]/td[{at}]"
    return found


def reports(issuer: Issuer, seed: int, rates: Rates) -> Iterator[tuple[Snapshot, Report]]:
    """Original and report of each year, oldest first."""
    # Years that are not published have figures too: what they carry over.
    figures = series(issuer.agency, range(issuer.first, issuer.years[-1] + 1), issuer.profile, seed)
    for year in issuer.years:
        rng = generator(seed, "report", issuer.agency, issuer.division, year)
        form = "2021" if year >= 2021 else "2019"
        values = on_form(figures[year], dict.fromkeys(forms.TABLES, form))
        _misstate(values, rng, rates)
        yield _report(issuer, year, form, _cells(values, form, rng, rates), values, seed, rates, rng)


def _misstate(values: Cells, rng: random.Random, rates: Rates) -> None:
    """What the issuer itself gets wrong."""
    if rng.random() < rates.identity:
        table, row = rng.choice(
            (("requests", "received"), ("requests", "granted"), ("reviews", "reconsideration"))
        )
        values[table][row]["total"] = _plus(values[table][row]["total"], rng.randint(1, 9))
    if rng.random() < rates.carried:
        # The report adds up in itself: only the year before says otherwise.
        more = rng.randint(1, 4)
        received = values["requests"]["received"]
        if _plus(received["natural_person"], -more) >= 0:
            for row, sign in (("carried_in", 1), ("received", -1)):
                for column in ("natural_person", "total"):
                    values["requests"][row][column] = _plus(values["requests"][row][column], sign * more)


def _plus(value: int | Decimal | None, more: int) -> int:
    assert isinstance(value, int), "a count of Table 3 or 4"
    return value + more


def _cells(values: Cells, form: str, rng: random.Random, rates: Rates) -> tuple[Cell, ...]:
    draw = rng.random()
    nothing: Status | None = None
    if draw < rates.blank + rates.dash:
        nothing = "blank" if draw < rates.blank else "dash"
    made: dict[Place, Cell] = {}
    for place, where in _places(form).items():
        value = values[place[0]][place[1]][place[2]]
        if value == 0 and nothing is not None:
            made[place] = _null(place, "" if nothing == "blank" else "—", nothing, where)
        else:
            made[place] = _exact(place, value, where)
    if form == "2021" and rng.random() < rates.glued:
        _glue(made)
    if rng.random() < rates.unreadable:
        place = rng.choice(tuple(made))
        made[place] = _null(place, "若干", "unreadable", made[place].where)
    return tuple(made.values())


@lru_cache(maxsize=100_000)
def _exact(place: Place, value: int | Decimal | None, where: str) -> Cell:
    """The same object for the same figure: most are small numbers, and making one is what takes time."""
    return Cell(*place, value, str(value), "exact", where)


def _null(place: Place, raw: str, status: Status, where: str | None) -> Cell:
    return Cell(*place, None, raw, status, where)


def _glue(made: dict[Place, Cell]) -> None:
    line = [place for place in made if place[:2] == ("disclosure", _GLUED)]
    if any(made[place].value is None for place in line):
        return
    raw = "".join(str(made[place].value) for place in line)
    readings = decode.split_readings(raw, len(line))
    for place in line:
        made[place] = replace(made[place], value=None, raw=raw, status="ambiguous", readings=readings)


def _said(values: Cells) -> Mapping[int, str]:
    """Sentences that tell figures of the tables, as the issuer wrote them."""

    def total(row: str, table: str = "requests") -> str:
        return str(values[table][row]["total"])

    return {
        3: f"本年度新收政府信息公开申请{total('received')}件，上年结转{total('carried_in')}件；"
        f"办结{total('concluded')}件，结转下年度继续办理{total('carried_out')}件。",
        4: f"本年度因政府信息公开引起的行政复议{total('reconsideration', 'reviews')}件，"
        f"未经复议直接起诉{total('litigation_direct', 'reviews')}件。",
    }


def _report(
    issuer: Issuer,
    year: int,
    form: str,
    cells: tuple[Cell, ...],
    values: Cells,
    seed: int,
    rates: Rates,
    rng: random.Random,
) -> tuple[Snapshot, Report]:
    url = f"http://d{issuer.division}.example/{year}/{agency_id(issuer.agency, issuer.division)}.html"
    day = published(issuer, year, seed, rates)
    title = f"{issuer.agency}{year}年政府信息公开工作年度报告"
    written = prose.write(
        generator(seed, "prose", issuer.agency, issuer.division),
        rng,
        year=year,
        place=issuer.place,
        said=_said(values),
    )
    sections = tuple(Section(number, heading, text) for number, heading, text in written)
    text = "\n".join(f"{section.heading}\n{section.text}" for section in sections)
    tables = dict.fromkeys(forms.TABLES, form)
    checks = identities.check(cells, tables)
    checks += narrative.check(sections, cells, tables, agency=issuer.agency, year=year)
    fetched = datetime.combine(min(day or TODAY, TODAY) + timedelta(days=3), time(2, 0), UTC)
    snapshot = Snapshot(
        url=url,
        body=f"<html><title>{title}</title>".encode(),
        fetched_at=fetched,
        media_type="text/html",
        context=Context(
            portal=f"d{issuer.division}",
            portal_name=issuer.place,
            division=issuer.division,
            link_text=title,
            list_date=day,
        ),
    )
    report = Report(
        source=url,
        agency=issuer.agency,
        division=issuer.division,
        year=year,
        title=title,
        published_on=day,
        forms=tables,
        cells=cells,
        checks=checks,
        findings=(),
        sections=sections,
        text=text,
        parser=PARSER,
        is_report=True,
    )
    return snapshot, report
