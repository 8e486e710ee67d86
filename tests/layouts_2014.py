"""The indicator list of 2014 as issuers really lay it out, made from given figures.

``KEEPS`` names the layouts that keep every cell's boundary, blank or not;
``KEEPS_FILLED`` those that keep it where no cell is blank. From the others a
figure is right or null.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from archive.forms import indicators as form
from demo import body, layout, render_docx, render_pdf

Value = int | Decimal | None
#: Line key → figure of the year.
Figures = Mapping[str, Value]
Row = tuple[str, str, str]

HEAD: Row = ("统计指标", "单位", "统计数")
TITLE = "样本县人民政府2016年政府信息公开工作年度报告"
_PROSE = ("一、概述", "本机关依照条例的规定办理了全年的公开工作。")


def rows(figures: Figures) -> list[Row]:
    """The national list: label, unit, figure; a dash for the unit of a heading."""
    return [
        (line.full, line.unit or "——", "" if line.heading else shown(figures.get(line.key)))
        for line in form.national().lines.values()
    ]


def shown(value: Value) -> str:
    return "" if value is None else str(value)


# --- pages -------------------------------------------------------------------


def page(*tables: str) -> bytes:
    inner = "".join(tables)
    text = "".join(f"<p>{line}</p>" for line in (TITLE, *_PROSE))
    return (
        f'<html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>'
        f'<div class="TRS_Editor">{text}{inner}</div></body></html>'
    ).encode()


def _tr(cells: Sequence[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _table(*lines: str) -> str:
    return "<table border=1>" + "".join(lines) + "</table>"


def _plain(figures: Figures) -> bytes:
    return page(_table(_tr(HEAD, "th"), *(_tr([html.escape(c) for c in row]) for row in rows(figures))))


def _word(figures: Figures) -> bytes:
    def cell(text: str) -> str:
        return f'<p class="MsoNormal"><span style="font-size:10pt">{html.escape(text) or "&nbsp;"}</span></p>'

    return page(_table(*(_tr([cell(c) for c in row]) for row in (HEAD, *rows(figures)))))


def _caption(figures: Figures) -> bytes:
    """Caption, year and office in rows of the table itself; units in brackets; officials sign below."""
    top = "<tr><td colspan=3>政府信息公开情况统计表</td></tr><tr><td colspan=3>（2016年度）</td></tr>"
    top += "<tr><td colspan=2>填报单位（盖章）：样本县人民政府</td><td></td></tr>"
    end = "<tr><td colspan=3>单位负责人：　审核人：　联系电话：0100-7654321</td></tr>"
    return page(_table(top, *(_tr(row) for row in (HEAD, *rows(figures))), end))


def _coded(figures: Figures) -> bytes:
    lines = [_tr(("序号", *HEAD))]
    lines += [_tr((str(n), *row)) for n, row in enumerate(rows(figures), start=1)]
    return page(_table(*lines))


def _remarked(figures: Figures) -> bytes:
    return page(_table(_tr((*HEAD, "备注")), *(_tr((*row, "")) for row in rows(figures))))


def _headings_span(figures: Figures) -> bytes:
    lines = [_tr(HEAD)]
    for label, unit, figure in rows(figures):
        lines.append(f"<tr><td colspan=3>{label}</td></tr>" if unit == "——" else _tr((label, unit, figure)))
    return page(_table(*lines))


def _grouped(figures: Figures) -> bytes:
    """The part of the form in a column of its own, spanning its lines."""
    national = form.national()
    lines = ["<tr><td colspan=2>统计指标</td><td>单位</td><td>统计数</td></tr>"]
    all_rows = list(zip(national.lines.values(), rows(figures), strict=True))
    for part in dict.fromkeys(national.part(line.key) for line, _ in all_rows):
        own = [(line, row) for line, row in all_rows if national.part(line.key) == part]
        for number, (_, row) in enumerate(own):
            first = f"<td rowspan={len(own)}>{national.lines[part].zh}</td>" if number == 0 else ""
            lines.append("<tr>" + first + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>")
    return page(_table(*lines))


def _split_pages(figures: Figures) -> bytes:
    """Two tables, the second without a header."""
    lines = [_tr(row) for row in rows(figures)]
    return page(_table(_tr(HEAD), *lines[:30]), "<p>第 2 页</p>", _table(*lines[30:]))


def _header_again(figures: Figures) -> bytes:
    lines = [_tr(row) for row in rows(figures)]
    return page(_table(_tr(HEAD), *lines[:25], _tr(HEAD), *lines[25:]))


def _no_header(figures: Figures) -> bytes:
    return page(_table(*(_tr(row) for row in rows(figures))))


def _cumulative(figures: Figures) -> bytes:
    head = (
        "<tr><td rowspan=2>指标名称</td><td rowspan=2>计量单位</td><td colspan=2>统计数</td></tr>"
        "<tr><td>2016年度</td><td>历年累计</td></tr>"
    )
    lines = [_tr((*row, "" if row[1] == "——" else f"{n * 37}")) for n, row in enumerate(rows(figures))]
    return page(_table(head, *lines))


def _full_width(figures: Figures) -> bytes:
    table = str.maketrans("0123456789.", "０１２３４５６７８９．")
    return page(_table(*(_tr((a, b, c.translate(table))) for a, b, c in (HEAD, *rows(figures)))))


def _commas(figures: Figures) -> bytes:
    made = {key: None if value is None else f"{value:,}" for key, value in figures.items()}
    return page(_table(_tr(HEAD), *(_tr(row) for row in rows(made))))  # type: ignore[arg-type]


def _numbers_own_way(figures: Figures) -> bytes:
    """Other numbers before the labels, none at all, 数 left out, half-width brackets."""
    lines = [_tr(HEAD)]
    for n, (label, unit, figure) in enumerate(rows(figures)):
        body = label.lstrip("0123456789.一二三四五六七八九、（）").replace("其中：", "")
        label = (f"{n}、{body}", f"({n % 9 + 1}){body}", body, f"①{body}")[n % 4]
        lines.append(_tr((label.replace("（", "(").replace("）", ")"), unit, figure)))
    return page(_table(*lines))


def _sheet(figures: Figures) -> layout.Sheet:
    return tuple(
        tuple(layout.Box(text, kind="label" if n == 0 else "figure") for n, text in enumerate(row))
        for row in (HEAD, *rows(figures))
    )


def _blocks(figures: Figures) -> list[body.Block]:
    text: list[body.Block] = [body.Line(TITLE, "title"), body.Line(_PROSE[0], "heading")]
    return [*text, body.Line(_PROSE[1], "paragraph"), body.Drawn(_sheet(figures))]


def _docx(figures: Figures) -> bytes:
    return render_docx.render(_blocks(figures), TITLE)


def _pdf(figures: Figures) -> bytes:
    return render_pdf.render(_blocks(figures), TITLE)


# --- text ---------------------------------------------------------------------


def _text(*lines: str) -> bytes:
    return "\n".join((TITLE, *_PROSE, "政府信息公开情况统计表", *lines)).encode()


def _pipes(figures: Figures) -> bytes:
    return _text(*("|".join(row) for row in (HEAD, *rows(figures))))


def _pipes_end(figures: Figures) -> bytes:
    return _text(*("|".join(row) + "|" for row in (HEAD, *rows(figures))))


def _markdown(figures: Figures) -> bytes:
    lines = [HEAD, ("---", "---", "---"), *rows(figures)]
    return _text(*("| " + " | ".join(row) + " |" for row in lines))


def _tabs(figures: Figures) -> bytes:
    return _text(*("\t".join(row) for row in (HEAD, *rows(figures))))


def _wrapped_pipes(figures: Figures) -> bytes:
    """The note of a label on a line of its own."""
    lines = ["|".join(row).replace("（不", "\n（不") for row in (HEAD, *rows(figures))]
    return _text(*lines)


def _cell_a_line(figures: Figures) -> bytes:
    return _text(*(cell for row in (HEAD, *rows(figures)) for cell in row if cell))


def _cell_a_line_blanks(figures: Figures) -> bytes:
    """Blank cells as empty lines."""
    return _text(*(cell for row in (HEAD, *rows(figures)) for cell in row))


def _cell_pipe_a_line(figures: Figures) -> bytes:
    return _text(*(f"{cell}\n|" for row in (HEAD, *rows(figures)) for cell in row))


def _row_glued(figures: Figures) -> bytes:
    return _text(*("".join(row) for row in (HEAD, *rows(figures))))


def _row_spaced(figures: Figures) -> bytes:
    return _text(*(" ".join(row) for row in (HEAD, *rows(figures))))


def _spaced(figures: Figures) -> bytes:
    return _text(" ".join(cell for row in (HEAD, *rows(figures)) for cell in row if cell))


def _glued(figures: Figures) -> bytes:
    return _text("".join(cell for row in (HEAD, *rows(figures)) for cell in row) + "附注：本表由办公室填报。")


def _glued_no_dots(figures: Figures) -> bytes:
    lines = [(label[:1] + label[2:] if label[1:2] == "." else label, u, f) for label, u, f in rows(figures)]
    return _text("".join(cell for row in (HEAD, *lines) for cell in row))


def _glued_circled(figures: Figures) -> bytes:
    """Labels numbered ①②③, which fold to bare digits."""
    lines = [
        (chr(ord("①") + int(label[0]) - 1) + label[2:] if label[1:2] == "." else label, u, f)
        for label, u, f in rows(figures)
    ]
    return _text("".join(cell for row in (HEAD, *lines) for cell in row))


def _glued_renumbered(figures: Figures) -> bytes:
    """An issuer that numbers its lines through: the digit before a dot is not the form's."""
    lines = []
    for n, (label, unit, figure) in enumerate(rows(figures), start=1):
        lines.append((f"{n}.{label[2:]}" if label[1:2] == "." else label, unit, figure))
    return _text("".join(cell for row in (HEAD, *lines) for cell in row))


def _glued_dated(figures: Figures) -> bytes:
    """A date right behind the last figure."""
    return _text("".join(cell for row in (HEAD, *rows(figures)) for cell in row) + "2017年3月1日")


def _coded_lines(figures: Figures) -> bytes:
    """One cell a line with codes among them: a blank's place is taken by the next code."""
    lines = [cell for n, row in enumerate(rows(figures), start=1) for cell in (str(n), *row) if cell]
    return _text("序号", *HEAD, *lines)


def _unnamed_codes(figures: Figures) -> bytes:
    """The same, its header lost."""
    lines = [cell for n, row in enumerate(rows(figures), start=1) for cell in (str(n), *row) if cell]
    return _text(*lines)


Layout = Callable[[Figures], bytes]

LAYOUTS: Mapping[str, Layout] = {
    "plain table": _plain,
    "word paste": _word,
    "caption inside the table": _caption,
    "with codes": _coded,
    "with remarks": _remarked,
    "headings across": _headings_span,
    "parts in a column": _grouped,
    "two tables": _split_pages,
    "header again": _header_again,
    "without header": _no_header,
    "with cumulative": _cumulative,
    "full width": _full_width,
    "commas": _commas,
    "numbers of its own": _numbers_own_way,
    "docx": _docx,
    "pdf": _pdf,
    "pipes": _pipes,
    "pipes at the end": _pipes_end,
    "markdown": _markdown,
    "tabs": _tabs,
    "wrapped pipes": _wrapped_pipes,
    "cell a line": _cell_a_line,
    "cell a line, blanks kept": _cell_a_line_blanks,
    "cell and pipe a line": _cell_pipe_a_line,
    "glued rows": _row_glued,
    "spaced rows": _row_spaced,
    "spaced": _spaced,
    "glued": _glued,
    "glued without dots": _glued_no_dots,
    "glued with circles": _glued_circled,
    "glued, renumbered": _glued_renumbered,
    "glued to a date": _glued_dated,
    "codes a line": _coded_lines,
    "codes without header": _unnamed_codes,
}
#: Every cell right, blanks as blanks.
KEEPS = (
    *("plain table", "word paste", "caption inside the table", "with codes", "with remarks"),
    *("headings across", "parts in a column", "two tables", "header again", "without header"),
    *("with cumulative", "full width", "commas", "numbers of its own", "docx", "pdf"),
    *("pipes", "pipes at the end", "markdown", "tabs", "wrapped pipes"),
    *("cell a line", "cell a line, blanks kept", "cell and pipe a line", "glued rows", "spaced rows"),
    *("spaced", "glued"),
)
#: Files, which take a hundred times as long to draw as to lay out a page.
FILES = ("docx", "pdf")
#: Nothing of the list is read at all: what stands where cannot be told.
REFUSED = ("codes a line", "codes without header")
