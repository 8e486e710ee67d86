"""Files made for the tests: PDF pages drawn rule by rule, DOCX packages written part by part.

``python -m tests.pipelines.readers.made`` writes those that are kept as fixtures.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "readers"

LEFT = 70.0
HEIGHT = 842.0
ROW = 24.0
SIZE = 10.5


@dataclass(frozen=True)
class Rect:
    """A cell on a page: rows and columns it covers, ends excluded, and its lines of text."""

    top: int
    left: int
    bottom: int
    right: int
    text: str = ""


@dataclass(frozen=True)
class Ruled:
    """A table at a height (points from the top) with column widths; ``bare`` draws no rules."""

    at: float
    widths: Sequence[float]
    cells: Sequence[Rect]
    shift: float = 0.0
    bare: bool = False


@dataclass(frozen=True)
class Text:
    at: float
    text: str
    x: float = LEFT
    size: float = SIZE


def pdf(
    pages: Sequence[Sequence[Ruled | Text]], *, shaded: bool = False, password: str | None = None
) -> bytes:
    """A PDF whose text layer uses a font every reader knows, the same bytes at every call."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(595, HEIGHT), invariant=1, encrypt=password)
    for items in pages:
        for item in items:
            if isinstance(item, Text):
                if shaded:
                    page.setFillColorRGB(1, 1, 1)
                    page.rect(item.x, HEIGHT - item.at - 18, 440, 22, stroke=0, fill=1)
                    page.setFillColorRGB(0, 0, 0)
                page.setFont("STSong-Light", item.size)
                page.drawString(item.x, HEIGHT - item.at - item.size, item.text)
            else:
                _table(page, item)
        page.showPage()
    page.save()
    return out.getvalue()


def _table(page: object, table: Ruled) -> None:
    edges = [LEFT + table.shift]
    for width in table.widths:
        edges.append(edges[-1] + width)
    for cell in table.cells:
        x0, x1 = edges[cell.left], edges[cell.right]
        top, bottom = table.at + cell.top * ROW, table.at + cell.bottom * ROW
        if not table.bare:
            page.rect(x0, HEIGHT - bottom, x1 - x0, bottom - top, stroke=1, fill=0)  # type: ignore[attr-defined]
        lines = cell.text.split("\n") if cell.text else []
        start = (top + bottom) / 2 - len(lines) * (SIZE + 1) / 2
        for number, line in enumerate(lines):
            page.setFont("STSong-Light", SIZE)  # type: ignore[attr-defined]
            y = HEIGHT - start - number * (SIZE + 1) - SIZE
            page.drawString(x0 + 3, y, line)  # type: ignore[attr-defined]


def row(at: int, texts: Sequence[str], start: int = 0) -> list[Rect]:
    """Cells of one row and column each."""
    return [Rect(at, start + n, at + 1, start + n + 1, text) for n, text in enumerate(texts)]


WIDTHS = (28, 46, 130, 50, 50, 50, 50)
"""Group label, subgroup label, label and four figures: Table 3 in small."""


def broken_table(*, header_again: bool = False, last_full: bool = True) -> bytes:
    """A table over two pages whose group label is cut in two and whose outer label goes on empty."""
    # a label runs to the edge of its cell, or leaves half of it free
    widths = WIDTHS if last_full else (28, 86, 130, 50, 50, 50, 50)
    upper = [
        Rect(0, 0, 1, 3, "（本列数据的勾稽关系）"),
        *row(0, ["自然人", "企业", "其他", "总计"], 3),
        Rect(1, 0, 2, 3, "一、本年新收申请数量"),
        *row(1, ["3", "1", "0", "4"], 3),
        Rect(2, 0, 4, 1, "三、\n结果"),
        Rect(2, 1, 3, 3, "（一）予以公开"),
        *row(2, ["1", "", "0", "1"], 3),
        Rect(3, 1, 4, 2, "（四）无" if last_full else "（四）"),
        Rect(3, 2, 4, 3, "1.本机关不掌握"),
        *row(3, ["1", "1", "0", "2"], 3),
    ]
    start = 1 if header_again else 0
    header = [Rect(0, 0, 1, 3, "（本列数据的勾稽关系）"), *row(0, ["自然人", "企业", "其他", "总计"], 3)]
    lower = [
        *(header if header_again else []),
        Rect(start, 0, start + 3, 1, ""),
        Rect(start, 1, start + 2, 2, "法提供"),
        Rect(start, 2, start + 1, 3, "2.没有现成信息"),
        *row(start, ["0", "", "0", "0"], 3),
        Rect(start + 1, 2, start + 2, 3, "3.补正后不明确"),
        *row(start + 1, ["1", "0", "0", "1"], 3),
        Rect(start + 2, 1, start + 3, 3, "（七）总计"),
        *row(start + 2, ["3", "1", "0", "4"], 3),
    ]
    return pdf(
        [
            [
                Text(90, "某某县人民政府", 220, 18),
                Text(115, "2023年政府信息公开工作年度报告", 150, 18),
                Text(
                    160, "本报告由某某县人民政府办公室编制，统计期限自1月1日起至12月31日止，全文在", LEFT + 21
                ),
                Text(178, "县人民政府网站公布。"),
                Text(200, "三、收到和处理政府信息公开申请情况", LEFT + 21),
                Ruled(680, widths, upper),
                Text(800, "- 1 -", 290),
            ],
            [
                Ruled(70, widths, lower, shift=1.5),
                Text(260, "四、政府信息公开行政复议、行政诉讼情况", LEFT + 21),
                Text(290, "无。", LEFT + 21),
                Text(800, "- 2 -", 290),
            ],
        ]
    )


_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    "{overrides}</Types>"
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{items}</Relationships>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)


def docx(
    body: str, *, prolog: str = "", relations: str = "", parts: Mapping[str, bytes] | None = None
) -> bytes:
    """A DOCX package with this body XML (``w:`` prefix bound), the same bytes at every call."""
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{prolog}'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'xmlns:r="{_OFFICE}"><w:body>{body}</w:body></w:document>'
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
    files: dict[str, bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES.format(
            overrides=f'<Override PartName="/word/numbering.xml" ContentType="{kind}"/>'
        ).encode(),
        "_rels/.rels": _RELATIONS.format(
            items=f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        ).encode(),
        "word/_rels/document.xml.rels": _RELATIONS.format(
            items=f'<Relationship Id="rId1" Type="{_OFFICE}/numbering" Target="numbering.xml"/>{relations}'
        ).encode(),
        "word/document.xml": document.encode(),
        "word/numbering.xml": _NUMBERING.encode(),
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def p(text: str, properties: str = "") -> str:
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def tc(text: str, *, span: int = 1, merge: str | None = None) -> str:
    wide = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    tall = "" if merge is None else '<w:vMerge w:val="restart"/>' if merge == "restart" else "<w:vMerge/>"
    inner = text if text.startswith("<w:") else p(text)
    return f"<w:tc><w:tcPr>{wide}{tall}</w:tcPr>{inner}</w:tc>"


def tbl(*rows: Sequence[str]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows) + "</w:tbl>"


def report_docx() -> bytes:
    """A short report: automatic numbers, merged cells, a nested table, tracked changes, a content control."""
    numbered = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    return docx(
        p("某某局2024年政府信息公开工作年度报告")
        + p("总体情况", numbered)
        + "<w:p><w:r><w:t>本年公开信息</w:t></w:r><w:del><w:r><w:delText>99</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>12</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>"
        "<w:r><w:t>条。</w:t></w:r></w:p>"
        + p("主动公开政府信息情况", numbered)
        + tbl(
            [tc("第二十条第（一）项", span=4)],
            [tc("信息内容"), tc("本年制发件数"), tc("本年废止件数"), tc("现行有效件数")],
            [tc("规章"), tc("0"), tc(""), tc("/")],
        )
        + "<w:sdt><w:sdtContent>"
        + p("收到和处理政府信息公开申请情况", numbered)
        + "</w:sdtContent></w:sdt>"
        + tbl(
            [tc("三、本年度办理结果", merge="restart"), tc("（一）予以公开", span=2), tc("5")],
            [tc("", merge="continue"), tc("（三）不予公开", merge="restart"), tc("1.属于国家秘密"), tc("0")],
            [tc("", merge="continue"), tc("", merge="continue"), tc("2.其他禁止公开"), tc("1")],
        )
        + tbl([tc(p("版式") + tbl([tc("结果维持"), tc("结果纠正")], [tc("1"), tc("2")]) + p("")), tc("")])
        + p("其他需要报告的事项", numbered)
        + p("无。")
    )


def main() -> None:
    """Write the binary fixtures."""
    made = {
        "pdf/cut_label": ("input.pdf", broken_table()),
        "pdf/header_again": ("input.pdf", broken_table(header_again=True)),
        "docx/report": ("input.docx", report_docx()),
    }
    for case, (name, body) in made.items():
        folder = FIXTURES / case
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)


if __name__ == "__main__":
    main()
