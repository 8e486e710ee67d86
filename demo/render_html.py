"""Blocks → the HTML of an article's body, in the ways portals really mark it up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from demo.body import Block, Drawn
from demo.layout import Box, Sheet
from demo.publication import Style

_CellMarkup = Callable[[Box, Style], str]


def body(blocks: Iterable[Block], style: Style) -> str:
    """The article's body, without its container."""
    return "\n".join(_block(block, style) for block in blocks)


def table(sheet: Sheet, style: Style) -> str:
    """One table with its spans."""
    if style.tables == "word":
        opening = (
            '<table class="MsoNormalTable" border="1" cellspacing="0" cellpadding="0" '
            'style="border-collapse:collapse;border:none;mso-border-alt:solid windowtext .5pt;width:100.0%">'
        )
    else:
        opening = (
            '<table border="1" cellspacing="0" cellpadding="0" style="width:100%;border-collapse:collapse">'
        )
    rows = "\n".join(f"<tr>{''.join(_cell(box, style) for box in row)}</tr>" for row in sheet)
    drawn = f"{opening}<tbody>\n{rows}\n</tbody></table>"
    if style.tables == "nested":
        # Older templates lay every table into another one that only centres it.
        return (
            '<table width="98%" border="0" align="center" cellpadding="0" cellspacing="0"><tbody><tr>'
            f'<td align="center" valign="top">{drawn}</td></tr></tbody></table>'
        )
    return drawn


def _block(block: Block, style: Style) -> str:
    if isinstance(block, Drawn):
        return table(block.sheet, style)
    text = escape(block.text, quote=False)
    if style.tables == "word":
        return _word_line(block.kind, text)
    return {
        "title": f'<p style="text-align:center"><strong>{text}</strong></p>',
        "heading": f"<p><strong>{text}</strong></p>",
        "paragraph": f"<p>　　{text}</p>",
        "signature": f'<p style="text-align:right">{text}</p>',
    }[block.kind]


def _word_line(kind: str, text: str) -> str:
    """A line as a word processor pastes it: one paragraph, several runs."""
    if kind == "title":
        return (
            '<p class="MsoNormal" align="center" style="text-align:center;line-height:36.0pt">'
            f'<b><span style="font-size:22.0pt;font-family:方正小标宋简体">{text}</span></b></p>'
        )
    if kind == "heading":
        return (
            '<p class="MsoNormal" style="text-indent:32.0pt;mso-char-indent-count:2.0">'
            f'<span style="font-size:16.0pt;font-family:黑体">{text}</span></p>'
        )
    half = len(text) // 2
    # Splitting inside an entity would change the text.
    first, second = (text, "") if "&" in text else (text[:half], text[half:])
    align = "right" if kind == "signature" else "justify"
    return (
        f'<p class="MsoNormal" style="text-align:{align};text-indent:32.0pt;line-height:28.0pt">'
        f'<span style="font-size:16.0pt;font-family:仿宋_GB2312">{first}</span>'
        f'<span lang="EN-US" style="font-size:16.0pt;font-family:仿宋_GB2312">{second}</span></p>'
    )


def _spans(box: Box) -> str:
    across = f' colspan="{box.colspan}"' if box.colspan > 1 else ""
    down = f' rowspan="{box.rowspan}"' if box.rowspan > 1 else ""
    return across + down


def _cell(box: Box, style: Style) -> str:
    text = escape(box.text, quote=False) or style.blank
    if style.tables == "word":
        return _word_cell(box, text)
    if style.tables == "th" and box.kind != "figure":
        return f'<th scope="{"col" if box.kind == "head" else "row"}"{_spans(box)}>{text}</th>'
    align = ' align="center"' if box.kind != "label" else ""
    return f"<td{_spans(box)}{align}>{text}</td>"


def _word_cell(box: Box, text: str) -> str:
    if box.kind == "head" and len(box.text) == 7 and box.text.endswith("数量"):
        # The narrow columns of the official document break 本年新制作数量 after its third character.
        text = f"{text[:3]}<br />{text[3:]}"
    return (
        f'<td{_spans(box)} valign="center" style="border:solid windowtext 1.0pt;padding:0cm 5.4pt 0cm 5.4pt">'
        '<p class="MsoNormal" align="center" style="text-align:center">'
        f'<span lang="EN-US" style="font-size:10.5pt;font-family:宋体">{text}</span><o:p></o:p></p></td>'
    )
