"""HTML of what a page has hundreds of: cells of tables. Templates take fifty times as long for them.

Every text goes through ``_text``, which escapes it and shows directional controls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from urllib.parse import quote

from markupsafe import Markup, escape

from archive.site import words as wording
from archive.site.figures import Figure, FigureTable
from archive.site.filing import Part
from archive.site.findings import Failing
from archive.site.i18n import Lang, Words
from archive.site.keyfigures import Line, Value
from archive.site.layout import Head, Place
from archive.site.rows import Row
from archive.site.safety import plain
from archive.site.sums import Sum

#: Characters of an unreadable cell that the table shows; the rest is in the title and on its page.
_RAW = 12


def _text(value: object) -> str:
    return str(escape(plain(str(value))))


def _attribute(name: str, value: object) -> str:
    return f' {name}="{_text(value)}"'


@cache
def _label(lang: Lang, table: str, part: str, key: str, form: str | None) -> str:
    return _text(wording.label(Words(lang), table, part, key, form))


class FormTable:
    """One statutory table of a report, laid out as the official form, each figure leading to its page.

    ``at`` is the address under which the figures' pages lie, with a slash at the end.
    """

    def __init__(self, table: FigureTable, words: Words, at: str) -> None:
        self._table = table
        self._words = words
        self._at = at

    def html(self) -> Markup:
        """The ``table`` element; empty where the report has no such table."""
        layout = self._table.layout
        if layout is None:
            return Markup()
        head = "\n".join(map(self._line, layout.head))
        bodies = ("\n".join(map(self._line, body)) for body in layout.bodies)
        parts = [f'<table class="form {self._table.key}">']
        if head:
            parts.append(f"<thead>{head}</thead>")
        parts += [f"<tbody>{body}</tbody>" for body in bodies]
        return Markup("\n".join([*parts, "</table>"]))  # noqa: S704 - escaped part by part

    def _line(self, cells: Iterable[Head | Place]) -> str:
        made = (self._head(cell) if isinstance(cell, Head) else self._cell(cell) for cell in cells)
        return f"<tr>{''.join(made)}</tr>"

    def _head(self, cell: Head) -> str:
        table, words = self._table, self._words
        failed = cell.row in table.failed_rows or cell.column in table.failed_columns
        spans = _spans(cell.colspan, cell.rowspan)
        title = _attribute("title", words.pick(cell.en, cell.zh))
        label = _text(words.pick(cell.zh, cell.en))
        if not failed:
            return f'<th scope="{cell.scope}"{spans}{title}>{label}</th>'
        flag = _text(words("legend.failed"))
        return (
            f'<th scope="{cell.scope}"{spans}{title} class="failed">{label} '
            f'<a class="flag" href="#failed" title="{flag}" aria-label="{flag}">⚠</a></th>'
        )

    def _cell(self, place: Place) -> str:
        table = self._table
        figure = table.figures[place.row, place.column]
        failed = place.row in table.failed_rows or place.column in table.failed_columns
        key = f"{figure.table}.{figure.row}.{figure.column}"
        ident = "" if ":" in figure.row else f' id="cell-{key.replace(".", "-")}"'
        classes = f"s-{figure.status}{' failed' if failed else ''}"
        link = f'<a class="fig" rel="nofollow" href="{self._at}{quote(key)}">{self._shown(figure)}</a>'
        title = self._title(figure)
        return f'<td{ident} class="{classes}"{_spans(place.colspan, 1)} title="{title}">{link}</td>'

    def _title(self, figure: Figure) -> str:
        lang, form = self._words.lang, self._table.form
        row = _label(lang, figure.table, "row", figure.row, form)
        column = _label(lang, figure.table, "column", figure.column, form)
        text = f"{row} · {column}: {_text(self._words(f'status.{figure.status}'))}"
        if figure.raw is not None:
            text += f" “{_text(figure.raw)}”"
        if figure.readings:
            text += f" ({_text(' | '.join(figure.readings))})"
        return f"{text} @ {_text(figure.place)}" if figure.place else text

    def _shown(self, figure: Figure) -> str:
        words = self._words
        if figure.status == "exact":
            return f"{wording.number(figure.value)}{self._unit(figure)}"
        mark = (
            ""
            if figure.status == "dash"
            else f'<span class="mark">{_text(words(f"mark.{figure.status}"))}</span>'
        )
        if figure.status == "inferred":
            return f'<span class="num">{wording.number(figure.value)}</span>{mark}'
        if figure.status == "dash":
            return f'<span class="mark plain"><bdi>{_text(figure.raw or "—")}</bdi></span>'
        if figure.status == "unreadable":
            raw = figure.raw or ""
            shown = raw if len(raw) <= _RAW else f"{raw[: _RAW - 1]}…"
            return f'<span class="raw"><bdi>{_text(shown)}</bdi></span>{mark}'
        return mark

    def _unit(self, figure: Figure) -> str:
        """An amount's unit, unless the heading says it."""
        if figure.column != "amount":
            return ""
        words = self._words
        if "单位" in _label(words.lang, figure.table, "column", "amount", self._table.form):
            return ""
        unit = words.code("unit", wording.unit(figure.table, figure.column))
        return f' <span class="unit">{_text(unit)}</span>'


def _spans(columns: int, rows: int) -> str:
    text = f' colspan="{columns}"' if columns > 1 else ""
    return f'{text} rowspan="{rows}"' if rows > 1 else text


def value_cells(words: Words, values: Iterable[Value], unit: str) -> Markup:
    """``td`` elements of key figures: the number, or the status of what lacks it."""
    return Markup("".join(_value_cell(words, value, unit) for value in values))  # noqa: S704 - escaped


def _value_cell(words: Words, value: Value, unit: str) -> str:
    status = value.status
    number = ""
    if value.value is not None:
        number = f"{value.value:.1f}" if unit == "%" else wording.number(value.value)
    if status is None or status == "exact":
        return f"<td>{number}</td>"
    if status == "inferred":
        number = f'<span class="num">{number}</span><span class="mark">{_text(words("mark.inferred"))}</span>'
    elif status == "dash":
        number = '<span class="mark plain">—</span>'
    else:
        number = f'<span class="mark">{_text(words(f"mark.{status}"))}</span>'
    return f'<td class="s-{status}" title="{_text(words(f"status.{status}"))}">{number}</td>'


def line_label(words: Words, line: Line) -> Markup:
    """A key figure's label with its unit, unless the label says it."""
    unit = "" if "单位" in line.label or "10,000" in line.label else words.code("unit", line.unit)
    # Held together: a unit alone on a line looks like a label of its own.
    return Markup(f'{_text(line.label)}\u00a0<span class="unit">{_text(unit)}</span>')  # noqa: S704 - escaped


def filing_mark(words: Words, status: str, days: int | None = None) -> Markup:
    """When a report came, as a coloured word."""
    late = status == "late" and days is not None
    text = words("coverage.days", n=days) if late else words.code("coverage.short", status)
    return Markup(f'<span class="filing {_text(status)}">{_text(text)}</span>')  # noqa: S704 - escaped


def filing_cells(words: Words, years: Mapping[int, Row], shown: Iterable[int], reports: str) -> Markup:
    """``td`` elements of one issuer in the grid; ``reports`` is where reports' pages lie, with a slash."""
    made = []
    for year in shown:
        row = years.get(year)
        mark: str = "" if row is None else filing_mark(words, row["status"], row["days_late"])
        if row is not None and row["report"] is not None:
            when = _text(row["published_on"] or "")
            mark = f'<a href="{reports}{row["report"]:d}" title="{when}">{mark}</a>'
        made.append(f"<td>{mark}</td>")
    return Markup("".join(made))  # noqa: S704 - escaped


def sums_table(words: Words, found: Iterable[Sum]) -> Markup:
    """The identities of a report with both sums; the place leads to the cell of the sum."""
    rows = []
    for one in found:
        sides = one.sides
        cell = wording.cell_of(one.identity, one.at)
        where = _text(wording.where(words, one.at))
        if cell is not None:
            where = f'<a href="#cell-{"-".join(cell)}">{where}</a>'
        numbers = "<td></td><td></td>"
        if sides is not None:
            numbers = "".join(f'<td class="n">{wording.number(side)}</td>' for side in sides)
        verdict = f'<span class="verdict {one.verdict}">{_text(words(f"verdict.{one.verdict}"))}</span>'
        rows.append(
            f'<tr><th scope="row"><span class="identity">{one.identity}</span> {where}</th>'
            f"{numbers}<td>{verdict}</td></tr>"
        )
    heads = (words(f"sums.{name}") for name in ("place", "left", "right", "verdict"))
    head = "".join(f'<th scope="col">{_text(text)}</th>' for text in heads)
    body = "\n".join(rows)
    table = f'<table class="list sums-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return Markup(table)  # noqa: S704 - escaped part by part


def share_bar(words: Words, part: Part, year: int) -> Markup:
    """A bar of who filed when; its text is the share filed in time of those of whom it is known."""
    if not part.of(year):
        return Markup()
    parts = ((status, part.of(year, status)) for status in ("filed", "late", "undated", "blocked", "missing"))
    bars = "".join(f'<i class="{status}" style="flex-grow:{n}"></i>' for status, n in parts if n)
    known = part.of(year, "filed", "late", "missing")
    percent = f"{100 * part.of(year, 'filed') / known:.0f}%" if known else ""
    return Markup(  # noqa: S704 - our own text and numbers
        f'<span class="share"><span class="bar" aria-hidden="true">{bars}</span><b>{percent}</b></span>'
    )


def summary_cells(words: Words, part: Part, years: Iterable[int], link: str | None) -> Markup:
    """``td`` elements of a summary: the bar, and how many are late, missing, undated or blocked.

    ``link`` is the address of the part's grid, to which year and status are added; ``None``: no links.
    """
    made = []
    for year in years:
        lacking = []
        for status in ("late", "missing", "undated", "blocked"):
            if n := part.of(year, status):
                text = f"{_text(words(f'coverage.short.{status}'))} {n:,}"
                if link is not None:
                    text = f'<a href="{_text(link)}&amp;year={year}&amp;status={status}#grid">{text}</a>'
                lacking.append(f"<span>{text}</span>")
        inner = share_bar(words, part, year)
        made.append(
            f'<td>{inner}{f"""<span class="lack">{"".join(lacking)}</span>""" if lacking else ""}</td>'
        )
    return Markup("".join(made))  # noqa: S704 - escaped part by part


def failing(words: Words, found: Iterable[Failing], reports: str) -> Markup:
    """The list of failed checks, report by report; ``reports`` is where reports' pages lie, with a slash."""
    return Markup("\n".join(_failing(words, one, reports) for one in found))  # noqa: S704 - escaped


def _failing(words: Words, one: Failing, reports: str) -> str:
    row = one.row
    page = f"{reports}{row['id']:d}"
    name = _text(row["agency_name"] or row["title"])
    year = _text(words("findings.of_year", year=row["year"]))
    province = f' <span class="meta">{_text(row["province"])}</span>' if row["province"] else ""
    checks = "\n".join(_failed_check(words, check, page) for check in one.checks)
    of = f'<p class="of"><a href="{page}"><bdi>{name}</bdi> {year}</a>{province}</p>'
    return f"<li>{of}\n<ul>{checks}</ul></li>"


def _failed_check(words: Words, check: Row, page: str) -> str:
    identity, key = _text(check["identity"]), f"identity.{check['identity']}"
    title = _text(words(key)) if words.has(key) else ""
    sentence = wording.check(
        words, check["identity"], check["at"], check["verdict"], check["left"], check["right"]
    )
    blame = check["blame"]
    whose = ""
    if blame:
        whose = f' <span class="blame-{_text(blame)}">{_text(words.code("blame.plain", blame))}</span>'
    cell = wording.cell_of(check["identity"], check["at"])
    anchor = f"cell-{'-'.join(cell)}" if cell else "failed"
    return (
        f'<li><a class="identity" href="?identity={quote(check["identity"])}" title="{title}">{identity}</a> '
        f"<span>{_text(sentence or check['message'])}{whose} "
        f'<a class="at" href="{page}#{_text(anchor)}">{_text(words("findings.look"))}</a></span></li>'
    )
