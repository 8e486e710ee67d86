"""Up to six issuers side by side over up to six years: a table, a chart of one figure, and CSV."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archive.site.charts import Chart, Kind, Series, whole_range
from archive.site.i18n import Words
from archive.site.keyfigures import NONE, Cells, Group, Line, Value, cells, groups
from archive.site.rows import Row, many
from archive.tabular import BOM, csv_bytes

#: As many as colours and shapes tell apart, and as columns a screen holds.
MOST = 6
#: Issuers offered for a search.
_OFFERED = 30
#: The figure that is drawn where none is asked for.
FIGURE = "requests.received.total"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    issuers: tuple[int, ...] = ()
    years: tuple[int, ...] = ()
    figure: str = FIGURE
    search: str = ""

    def query(self) -> list[tuple[str, str]]:
        """The parameters that give this comparison again, in one order and spelling."""
        pairs = [("issuers", ",".join(map(str, self.issuers))), ("years", ",".join(map(str, self.years)))]
        if self.figure != FIGURE:
            pairs.append(("figure", self.figure))
        return [(name, value) for name, value in pairs if value]


def asked(issuers: Sequence[str], years: Sequence[str], figure: str, search: str) -> Asked:
    """From the parameters, each of which may come several times or list values with commas between.

    What is no number is left out; of more than ``MOST`` the first stay.
    """

    def numbers(texts: Sequence[str], longest: int) -> tuple[int, ...]:
        found = [int(n) for text in texts for n in re.split(r"[,，\s]+", text) if re.fullmatch(r"\d+", n)]
        return tuple(dict.fromkeys(n for n in found if len(str(n)) <= longest))[:MOST]

    known = re.fullmatch(r"[a-z_.0-9]{1,80}", figure)
    return Asked(
        # 18 digits: within SQLite's integers.
        numbers(issuers, 18),
        tuple(sorted(numbers(years, 4), reverse=True)),
        figure if known else FIGURE,
        search.strip()[:100],
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One issuer with its reports (year → report) and their cells."""

    row: Row
    reports: Mapping[int, int]
    cells: Cells


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared. ``years`` are those shown, newest first; ``known`` all that any issuer has."""

    asked: Asked
    issuers: tuple[Column, ...]
    years: tuple[int, ...]
    known: tuple[int, ...]
    offered: tuple[Row, ...]
    """Issuers the search found."""

    def without(self, issuer: int) -> Asked:
        """The same without one issuer."""
        left = tuple(one for one in self.asked.issuers if one != issuer)
        return Asked(left, self.asked.years, self.asked.figure)

    def with_(self, issuer: int) -> Asked:
        """The same with one issuer more."""
        return Asked((*self.asked.issuers, issuer), self.asked.years, self.asked.figure)

    @property
    def full(self) -> bool:
        return len(self.asked.issuers) >= MOST

    def table(self, words: Words) -> tuple[Group, ...]:
        """The key figures; a line's values are issuer by issuer, of each the years in order."""
        reports = [column.reports.get(year) for column in self.issuers for year in self.years]
        found: dict[tuple[int, str, str, str], Value] = {}
        for column in self.issuers:
            found.update(column.cells)
        return groups(found, reports, words)


_AGENCIES = "select id, name, province, division from agencies where id = ?"
#: Names that begin with what was typed come first. Reads all names: some milliseconds for a hundred thousand.
_SEARCH = """
select id, name, province, (select count(*) from reports as r where r.agency = a.id) as reports
from agencies as a where name like '%' || ?1 || '%' escape '\\' or aliases like '%' || ?1 || '%' escape '\\'
order by kind is not 'government', name not like ?1 || '%' escape '\\', length(name), name limit ?2"""


def load(conn: sqlite3.Connection, wanted: Asked) -> Comparison:
    """Read what is asked for; issuers that do not exist are left out."""
    columns = []
    for issuer in wanted.issuers:
        rows = many(conn, _AGENCIES, (issuer,))
        if rows:
            reports = many(conn, "select year, id from reports where agency = ?", (issuer,))
            held = {row["year"]: row["id"] for row in reports}
            columns.append(Column(rows[0], held, cells(conn, issuer)))
    known = tuple(sorted({year for column in columns for year in column.reports}, reverse=True))
    shown = tuple(year for year in wanted.years if year in known) or known[:MOST]
    pattern = re.sub(r"([\\%_])", r"\\\1", wanted.search)
    offered = many(conn, _SEARCH, (pattern, _OFFERED)) if wanted.search else []
    there = {column.row["id"] for column in columns}
    return Comparison(
        Asked(tuple(c.row["id"] for c in columns), wanted.years, wanted.figure, wanted.search),
        tuple(columns),
        shown,
        known,
        tuple(row for row in offered if row["id"] not in there),
    )


def chart(page: Comparison, line: Line, words: Words) -> Chart | None:
    """One figure over the years shown, a line an issuer; bars for a single issuer or a single year."""
    unit = words.code("unit", line.unit)
    if len(page.years) == 1 and len(page.issuers) > 1:
        names = tuple(column.row["name"] for column in page.issuers)
        values = tuple(value.value for value in line.values)
        title = f"{line.label} {page.years[0]}"
        only = Series(line.label, values)
        made = Chart("compared", title, unit, "ranks", words("report.issuer"), names, (only,))
        return made if made.points else None
    span = whole_range(page.years)
    width = len(page.years)
    series = []
    for at, column in enumerate(page.issuers):
        own = dict(zip(page.years, line.values[at * width : (at + 1) * width], strict=True))
        values = tuple(own.get(year, NONE).value for year in span)
        series.append(Series(column.row["name"], values))
    kind: Kind = "bars" if len(series) == 1 else "lines"
    places = tuple(map(str, span))
    made = Chart(
        "compared",
        line.label,
        words.code("unit", line.unit),
        kind,
        words("report.year"),
        places,
        tuple(series),
    )
    return made if made.points else None


_COLUMNS = ("issuer", "issuer_name", "year", "report", "figure", "label", "unit", "value", "status")
_HEADINGS = ("发布机关编号", "发布机关", "年度", "报告编号", "指标代号", "指标", "单位", "数值", "状态")


def rows(page: Comparison, words: Words) -> Iterator[tuple[object, ...]]:
    """What is shown, one row a figure, issuer and year that has a report."""
    width = len(page.years)
    for group in page.table(words):
        for line in group.lines:
            for at, column in enumerate(page.issuers):
                for year, value in zip(page.years, line.values[at * width : (at + 1) * width], strict=True):
                    report = column.reports.get(year)
                    if report is not None:
                        yield (
                            column.row["id"],
                            column.row["name"],
                            year,
                            report,
                            line.key,
                            line.label,
                            line.unit,
                            value.value,
                            value.status or "missing",
                        )


def as_csv(page: Comparison, words: Words, *, chinese: bool = False) -> bytes:
    """``rows`` as a file that Excel opens right."""
    header = _HEADINGS if chinese else _COLUMNS
    return BOM.encode() + csv_bytes([header, *rows(page, words)])
