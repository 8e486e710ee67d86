"""DOCX files that show something else than their text runs hold: every cell as shown, or unreadable."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from archive.records import Grid
from pipelines.readers import read
from pipelines.readers.docx_text import UNKNOWN
from tests.pipelines.readers.made import docx, p, tbl, tc

RUN = "<w:r>{properties}<w:t>{text}</w:t></w:r>"


def run(text: str, properties: str = "") -> str:
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{text}</w:t></w:r>'


def styled(body: str, styles: str) -> bytes:
    """A package with these styles."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"
    relation = (
        '<Relationship Id="rId8" Target="styles.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/>'
    )
    part = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"{styles}</w:styles>"
    )
    body_bytes = docx(body, relations=relation, parts={"word/styles.xml": part.encode()})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body_bytes)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                override = f'<Override PartName="/word/styles.xml" ContentType="{kind}"/></Types>'.encode()
                data = data.replace(b"</Types>", override)
            new.writestr(name, data)
    return out.getvalue()


def figure(cell: str, *, styles: str = "") -> str:
    """What is read of a cell with this paragraph XML."""
    body = tbl([tc("信息内容"), tc("数量")], [tc("规章"), f"<w:tc><w:p>{cell}</w:p></w:tc>"])
    (grid,) = read(styled(body, styles) if styles else docx(body)).grids
    assert grid.rows[1][1] is not None
    return grid.rows[1][1].text


CHARACTER = '<w:style w:type="character" w:styleId="{id}">{based}<w:rPr>{look}</w:rPr></w:style>'
RAISED = CHARACTER.format(id="note", based="", look='<w:vertAlign w:val="superscript"/>')
HIDDEN = CHARACTER.format(id="hide", based="", look="<w:vanish/>")
HEIR = CHARACTER.format(id="heir", based='<w:basedOn w:val="hide"/>', look="<w:b/>")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (run("3") + run("1", '<w:vertAlign w:val="superscript"/>'), "3^1^"),
        (run("3") + run("1", '<w:position w:val="8"/>'), "3^1^"),
        (run("3") + run("1", '<w:position w:val="0"/>'), "31"),
        (run("3") + run("1", "<w:strike/>"), "3~~1~~"),
        (run("3") + run("1", '<w:strike w:val="0"/>'), "31"),
        (run("3") + run("1", "<w:vanish/>"), "3"),
        (run("3") + run("1", '<w:color w:val="FFFFFF"/>'), f"3{UNKNOWN}"),
        (run("3") + run("1", '<w:sz w:val="2"/>'), f"3{UNKNOWN}"),
        (run("3", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>'), "3"),
        (run("3", '<w:color w:val="FFFFFF"/><w:highlight w:val="blue"/>'), "3"),
        (run("3", '<w:color w:val="FFFFFF"/><w:shd w:val="solid" w:color="000000" w:fill="FFFFFF"/>'), "3"),
        (run("3") + run("1", '<w:color w:val="auto" w:themeColor="background1"/>'), f"3{UNKNOWN}"),
        (run("3", '<w:color w:val="808080" w:themeColor="background1" w:themeShade="80"/>'), "3"),
        (run("3") + run("1", '<w:color w:val="000000"/><w:highlight w:val="black"/>'), f"3{UNKNOWN}"),
        (run("3") + run("1", '<w:w w:val="1"/>'), f"3{UNKNOWN}"),
        (run("3", '<w:w w:val="80"/>'), "3"),
        (run("3") + "<w:r><w:pgNum/></w:r>", f"3{UNKNOWN}"),
    ],
)
def test_how_a_digit_is_set(cell: str, text: str) -> None:
    assert figure(cell) == text


@pytest.mark.parametrize(
    ("style", "text"), [("note", "3^1^"), ("hide", "3"), ("heir", "3"), ("no-such", "31")]
)
def test_styles_raise_and_hide_too(style: str, text: str) -> None:
    cell = run("3") + run("1", f'<w:rStyle w:val="{style}"/>')
    assert figure(cell, styles=RAISED + HIDDEN + HEIR) == text


def test_a_style_hides_in_white_though_the_run_says_its_size() -> None:
    white = CHARACTER.format(id="white", based="", look='<w:color w:val="FFFFFF"/>')
    cell = run("3") + run("1", '<w:rStyle w:val="white"/><w:sz w:val="21"/>')
    assert figure(cell, styles=white) == f"3{UNKNOWN}"
    black = run("3") + run("1", '<w:rStyle w:val="white"/><w:color w:val="000000"/>')
    assert figure(black, styles=white) == "31"


def test_a_figure_in_the_colour_of_its_cell_is_unknown() -> None:
    def grey(colour: str) -> str:
        shade = '<w:tcPr><w:shd w:val="clear" w:fill="D9D9D9"/>'
        cell = tc(f"<w:p>{run('3', f'<w:color w:val={colour!r}/>')}</w:p>").replace("<w:tcPr>", shade)
        (grid,) = read(docx(tbl([tc("信息内容"), tc("数量")], [tc("规章"), cell]))).grids
        assert grid.rows[1][1] is not None
        return grid.rows[1][1].text

    assert [grey(colour) for colour in ("D9D9D9", "FFFFFF", "000000")] == [UNKNOWN, "3", "3"]


def test_the_mark_of_a_note_is_no_part_of_the_figure() -> None:
    note = '<w:r><w:footnoteReference w:id="2"{}/><w:t>1</w:t></w:r>'
    assert figure(run("3") + note.format(' w:customMarkFollows="1"')) == "3^1^"
    assert figure(run("3") + note.format("")) == "31"


def test_styles_that_are_based_on_each_other_end() -> None:
    loop = CHARACTER.format(id="a", based='<w:basedOn w:val="b"/>', look="") + CHARACTER.format(
        id="b", based='<w:basedOn w:val="a"/>', look="<w:vanish/>"
    )
    assert figure(run("3") + run("1", '<w:rStyle w:val="a"/>'), styles=loop) == "3"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<w:r><w:sym w:font="Symbol" w:char="F034"/></w:r>', "4"),
        (run("1") + '<w:r><w:sym w:font="Wingdings" w:char="F06C"/></w:r>', f"1{UNKNOWN}"),
        ('<w:r><w:sym w:font="Symbol" w:char="zz"/></w:r>', UNKNOWN),
    ],
)
def test_signs_of_symbol_fonts_are_their_digit_or_unknown(cell: str, text: str) -> None:
    assert figure(cell) == text


def field(instruction: str, result: str | None) -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    shown = mark("separate") + run(result) if result is not None else ""
    return f"{mark('begin')}<w:r><w:instrText>{instruction}</w:instrText></w:r>{shown}{mark('end')}"


def test_a_field_shows_its_result_and_a_sum_never_worked_out_is_no_blank() -> None:
    assert figure(field("=SUM(ABOVE)", "12")) == "12"
    assert figure(field("=SUM(ABOVE)", None)) == UNKNOWN
    assert figure(field("PAGE", None)) == ""
    assert figure('<w:fldSimple w:instr="=SUM(ABOVE)">' + run("12") + "</w:fldSimple>") == "12"


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def test_the_code_of_a_field_is_not_shown() -> None:
    code = run(" =7 ")
    assert figure(mark("begin") + code + mark("separate") + run("12") + mark("end")) == "12"
    inner = mark("begin") + code + mark("separate") + run("3") + mark("end")
    assert figure(mark("begin") + inner + mark("separate") + run("12") + mark("end")) == "12"
    assert figure(run("1") + mark("begin") + run("2")) == f"1{UNKNOWN}"
    assert figure(mark("end") + run("12")) == "12"


@pytest.mark.parametrize("instruction", ["EQ \\o(3,7)", " eq 3", "SYMBOL 55", "FORMDROPDOWN", "AUTONUM"])
def test_a_field_that_shows_something_without_a_result(instruction: str) -> None:
    assert figure(run("1") + field(instruction, None)) == f"1{UNKNOWN}"


def alternate(first: str, second: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="w14">{first}</mc:Choice>'
        f"<mc:Fallback>{second}</mc:Fallback></mc:AlternateContent>"
    )


def test_alternatives_are_read_once_and_only_where_they_say_the_same() -> None:
    assert figure(f"<w:r>{alternate('<w:t>12</w:t>', '<w:t>12</w:t>')}</w:r>") == "12"
    assert figure(f"<w:r>{alternate('<w:t>12</w:t>', '<w:t>13</w:t>')}</w:r>") == UNKNOWN
    assert figure(f"<w:r>{alternate('<w:t>12</w:t>', '<w:pict/>')}</w:r>") == "12"
    for second, text in ((tc("12"), "12"), (tc("13"), None)):
        body = tbl([tc("信息内容"), tc("数量")], [tc("规章"), alternate(tc("12"), second)])
        (grid,) = read(docx(body)).grids
        cell = grid.rows[1][1]
        assert (cell.text if cell else None) == text


def test_cells_merged_as_old_files_merge_them() -> None:
    def old(text: str, kind: str) -> str:
        return tc(text).replace("<w:tcPr>", f"<w:tcPr><w:hMerge{kind}/>")

    first, more = old("5", ' w:val="restart"'), old("9", "")
    (grid,) = read(docx(tbl([tc("规章"), first, more, tc("7")], [tc("a"), tc("b"), tc("c"), tc("d")]))).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "5", "5", "7"]
    assert grid.rows[0][2] is grid.rows[0][1]


def test_a_table_in_a_figures_cell() -> None:
    def nested(*row: str) -> str:
        return tbl([tc(text) for text in row]) + p("")

    for inside, text in (
        (nested("12"), "12"),
        (nested("1", "2"), UNKNOWN),
        (p("5") + nested("7", "8"), f"5{UNKNOWN}"),
        (p("5") + nested("", ""), "5"),
    ):
        body = tbl([tc("信息内容"), tc("数量")], [tc("规章"), tc("0")], [tc("行政规范性文件"), tc(inside)])
        grid = read(docx(body)).grids[0]
        assert grid.rows[2][1] is not None
        assert grid.rows[2][1].text == text


def test_equations_are_read_only_where_they_are_plain_text() -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    assert figure(f"<m:oMath {math}><m:r><m:t>12</m:t></m:r></m:oMath>") == "12"
    power = (
        f"<m:oMath {math}><m:sSup><m:e><m:r><m:t>3</m:t></m:r></m:e>"
        "<m:sup><m:r><m:t>1</m:t></m:r></m:sup></m:sSup></m:oMath>"
    )
    assert figure(power) == UNKNOWN


def test_a_picture_in_place_of_a_figure_is_no_blank() -> None:
    assert figure("<w:r><w:pict/></w:r>") == UNKNOWN
    assert figure("<w:r><w:drawing/></w:r>" + run("5")) == "5"


def test_tracked_changes_of_text_rows_and_cells() -> None:
    inserted = '<w:ins w:id="1">' + run("12") + "</w:ins>"
    assert figure(inserted + "<w:del><w:r><w:delText>99</w:delText></w:r></w:del>") == "12"
    gone = "<w:tr><w:trPr><w:del/></w:trPr>" + tc("行政规范性文件") + tc("7") + "</w:tr>"
    hidden = "<w:tr><w:trPr><w:hidden/></w:trPr>" + tc("行政规范性文件") + tc("8") + "</w:tr>"
    table = tbl([tc("信息内容"), tc("数量")], [tc("规章"), tc("5")]).replace(
        "</w:tbl>", gone + hidden + "</w:tbl>"
    )
    (grid,) = read(docx(table)).grids
    assert [[cell.text for cell in row if cell] for row in grid.rows] == [["信息内容", "数量"], ["规章", "5"]]
    cut = tbl([tc("规章"), tc("5").replace("<w:tcPr>", "<w:tcPr><w:cellDel/>")])
    (grid,) = read(docx(cut)).grids
    assert grid.rows[0][1] is not None
    assert grid.rows[0][1].text == UNKNOWN


def test_a_number_that_word_counts_is_no_part_of_a_figure() -> None:
    numbered = '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    body = tbl([tc(p("规章", numbered)), tc(p("5", numbered)), tc(p("", numbered))])
    (grid,) = read(docx(body)).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == [
        "1.规章",
        f"2.{UNKNOWN}5",
        f"3.{UNKNOWN}",
    ]


def test_a_table_in_a_text_box_is_a_table_once() -> None:
    inner = (
        "<w:txbxContent>"
        + tbl([tc("信息内容"), tc("数量")], [tc("规章"), tc("5")])
        + p("")
        + "</w:txbxContent>"
    )
    box = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'>{inner}</mc:Choice>"
        f"<mc:Fallback>{inner}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    document = read(docx(p("正文") + box))
    (grid,) = document.grids
    assert isinstance(grid, Grid)
    assert [cell.text for cell in grid.rows[1] if cell] == ["规章", "5"]
    assert not re.search(r"\d", document.text)


def test_tables_in_footers_and_embedded_documents_are_said() -> None:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    footer = f"<w:ftr {space}>{tbl([tc('a'), tc('1')])}</w:ftr>"
    relation = (
        '<Relationship Id="rId7" Target="footer1.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer"/>'
    )
    body = docx(p("正文") + "<w:altChunk/>", relations=relation, parts={"word/footer1.xml": footer.encode()})
    assert read(body).notes == ("页眉、页脚或脚注里有表格，未读取", "文件里嵌有另一份文档，未读取")
