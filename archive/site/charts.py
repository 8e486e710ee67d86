"""Charts as data: drawn by ``static/charts.js``, and always beside a table of the same numbers.

A value that is not known is ``None``: the table shows an empty cell and the line breaks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from archive.site import totals
from archive.site.i18n import Words
from archive.site.keyfigures import Group, line
from archive.site.words import number

Kind = Literal["bars", "lines", "ranks"]
"""Over the years: bars or lines; side by side: ranks, bars that lie."""
Value = int | float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line or set of bars: a value for each place on the axis."""

    name: str
    values: tuple[Value, ...]
    bases: tuple[int, ...] | None = None
    """Reports that each value rests on; ``None`` where a value is one report's own figure."""
    href: str | None = None
    """Where the name leads."""
    dashed: bool = False
    """A part of the series before it, drawn in the same colour."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what is counted, in which unit, over which years or issuers."""

    key: str
    """Unique on the page; its element's id."""
    title: str
    unit: str
    kind: Kind
    axis: str
    """What the places on the axis are, e.g. 年度."""
    places: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""

    @property
    def points(self) -> int:
        """Places on the axis that have a value."""
        values = zip(*(series.values for series in self.series), strict=True)
        return sum(any(value is not None for value in at) for at in values)

    @property
    def bases(self) -> tuple[int, ...] | None:
        """Reports each place rests on, where all series rest on the same; ``None`` otherwise."""
        found = {series.bases for series in self.series}
        return found.pop() if len(found) == 1 else None

    def shown(self, value: Value) -> str:
        """A value as text: shares with one decimal place, counts as they are, none empty."""
        if value is None:
            return ""
        if self.unit == "%":
            return f"{value:.1f}"
        return f"{value:,}" if isinstance(value, int) else number(value)

    def json(self, words: Words) -> str:
        """What the script needs, as JSON for an attribute."""
        return json.dumps(
            {
                "kind": self.kind,
                "unit": self.unit,
                "lang": words.pick("zh-CN", "en"),
                "base": words("chart.base", n="{n}"),
                "places": self.places,
                "series": [
                    {
                        "name": series.name,
                        "values": series.values,
                        "bases": series.bases,
                        "dashed": series.dashed,
                    }
                    for series in self.series
                ],
            },
            ensure_ascii=False,
        )


def whole_range(years: Sequence[int]) -> tuple[int, ...]:
    """Every year from the first to the last: a year without a report is a gap, not left out."""
    return tuple(range(min(years), max(years) + 1)) if years else ()


def of_totals(found: Sequence[totals.Group], words: Words) -> tuple[Chart, ...]:
    """Applications, how they were answered, reviews and corrections, over the years."""
    by_year = {int(group.keys["year"]): group for group in found}
    years = whole_range(sorted(by_year))
    places = tuple(map(str, years))

    def series(measure: str, *, share: bool = False, dashed: bool = False) -> Series:
        sums = [by_year[year][measure] if year in by_year else totals.Sum(None, 0) for year in years]
        return Series(
            words(f"chart.{measure}"),
            tuple(total.percent if share else total.value for total in sums),
            tuple(total.reports for total in sums),
            dashed=dashed,
        )

    def chart(key: str, unit: str, kind: Kind, *lines: Series) -> Chart:
        return Chart(
            key,
            words(f"chart.{key}"),
            unit,
            kind,
            words("report.year"),
            places,
            lines,
            words(f"chart.{key}.note"),
        )

    made = (
        chart("applications", words.code("unit", "件"), "bars", series("received")),
        chart(
            "answers",
            "%",
            "lines",
            *(series(measure, share=True) for measure in ("granted", "refused", "not_held")),
        ),
        chart(
            "disputes",
            words.code("unit", "件"),
            "lines",
            series("reviews"),
            series("reviews_corrected", dashed=True),
            series("lawsuits"),
            series("lawsuits_corrected", dashed=True),
        ),
    )
    return tuple(_from_first(one) for one in made if one.points)


def of_issuer(years: Sequence[int], groups: Sequence[Group], words: Words) -> tuple[Chart, ...]:
    """The same three of one issuer, by its own figures; none where fewer than two years have one.

    ``years`` are those of the groups' lines. Up to 2018 the indicator list has what means the same.
    """
    span = whole_range(years)

    def series(name: str, key: str, older: str = "", *, dashed: bool = False) -> Series:
        values: dict[int, Value] = {}
        for found in (line(groups, key), line(groups, f"indicators.{older}.year")):
            for year, figure in zip(years, found.values, strict=True) if found else ():
                if figure.value is not None:
                    values.setdefault(year, _whole(figure.value))
        return Series(words(f"chart.{name}"), tuple(values.get(year) for year in span), dashed=dashed)

    def chart(key: str, unit: str, kind: Kind, *lines: Series) -> Chart:
        old = any(
            line.values[at] is not None for line in lines for at, year in enumerate(span) if year <= 2018
        )
        note = words("chart.older") if old else ""
        title = words(f"chart.{key}")
        return Chart(key, title, unit, kind, words("report.year"), tuple(map(str, span)), lines, note)

    cases = words.code("unit", "件")
    corrected = "reviews.reconsideration.corrected"
    made = (
        chart("applications", cases, "bars", series("received", "requests.received.total", "applications")),
        chart(
            "answers",
            "%",
            "lines",
            *(series(name, f"requests.{name}_share") for name in ("granted", "refused", "not_held")),
        ),
        chart(
            "disputes",
            cases,
            "lines",
            series("reviews", "reviews.reconsideration.total", "reconsiderations"),
            series("reviews_corrected", corrected, "reconsiderations_corrected", dashed=True),
            series("lawsuits", "reviews.lawsuits_total", "lawsuits"),
            series("lawsuits_corrected", "reviews.lawsuits_corrected", "lawsuits_corrected", dashed=True),
        ),
    )
    return tuple(_from_first(one) for one in made if one.points > 1)


def _whole(value: int | float) -> int | float:
    """A count that a column of fractions holds, as the count it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _from_first(chart: Chart) -> Chart:
    """Without the years before the first that has a value: older reports have other tables."""
    first = min(at for series in chart.series for at, value in enumerate(series.values) if value is not None)
    return Chart(
        chart.key,
        chart.title,
        chart.unit,
        chart.kind,
        chart.axis,
        chart.places[first:],
        tuple(
            Series(
                series.name,
                series.values[first:],
                None if series.bases is None else series.bases[first:],
                series.href,
                series.dashed,
            )
            for series in chart.series
        ),
        chart.note,
    )
