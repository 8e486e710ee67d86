"""OFD: text and rules to tables, and packages made to do harm."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Any

import pytest

from archive.records import Grid
from demo import publications, render_ofd
from demo.body import blocks
from demo.figures import COUNTY
from demo.issuers import Issuer
from pipelines.match import match
from pipelines.readers import UnreadableError, read
from pipelines.readers.ofd_page import MAX_OBJECTS, deltas, numbers

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
ISSUER = Issuer("散页县人民政府", "990341", COUNTY, range(2019, 2025), "x")


def package(
    *pages: str, document: str = "", files: dict[str, bytes] | None = None, root: str = "Doc_0/Document.xml"
) -> bytes:
    parts = {
        "OFD.xml": (
            f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
        ).encode(),
        "Doc_0/Document.xml": (
            f"<ofd:Document {NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
            f"</ofd:PageArea>{document}</ofd:CommonData><ofd:Pages>"
            + "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(len(pages)))
            + "</ofd:Pages></ofd:Document>"
        ).encode(),
    }
    for n, page in enumerate(pages):
        parts[f"Doc_0/Pages/{n}.xml"] = f"<ofd:Page {NS}>{page}</ofd:Page>".encode()
    return render_ofd.packed({**parts, **(files or {})})


def content(*objects: str) -> str:
    return f'<ofd:Content><ofd:Layer ID="1">{"".join(objects)}</ofd:Layer></ofd:Content>'


def text(x: float, y: float, said: str, more: str = "", code: str = "", inner: str = "") -> str:
    return (
        f'<ofd:TextObject ID="2" Boundary="{x} {y} 60 4" Font="3" Size="4" {more}>{inner}'
        f'<ofd:TextCode X="0" Y="3.5" {code}>{said}</ofd:TextCode></ofd:TextObject>'
    )


def box(x: float, y: float, wide: float, high: float, more: str = "") -> str:
    return (
        f'<ofd:PathObject ID="3" Boundary="{x} {y} {wide} {high}" {more}>'
        f"<ofd:AbbreviatedData>M 0 0 L {wide} 0 L {wide} {high} L 0 {high} C</ofd:AbbreviatedData>"
        "</ofd:PathObject>"
    )


def table(*cells: str, top: float = 30) -> str:
    """Two columns, a row for every two cells."""
    drawn = []
    for n, said in enumerate(cells):
        x, y = 20 + 40 * (n % 2), top + 8 * (n // 2)
        drawn += [box(x, y, 40, 8), said if said.startswith("<") else text(x + 2, y + 2, said)]
    return "".join(drawn)


def grid(body: bytes) -> list[list[str]]:
    (found,) = [block for block in read(body).blocks if isinstance(block, Grid)]
    return [[cell.text if cell else "" for cell in row] for row in found.rows]


@pytest.mark.parametrize("year", [2019, 2023])
def test_every_cell_of_a_report(year: int) -> None:
    publication = next(p for _, p in publications.invented(1, (ISSUER,)) if p.year == year)
    document = read(render_ofd.render(blocks(publication, 1), publication.title))
    assert document.kind == "ofd"
    assert document.title == publication.title
    got = {(cell.table, cell.row, cell.column): cell.value for cell in match(document).cells}
    want = {
        (key, row, column): value
        for key, rows in publication.cells.items()
        for row, line in rows.items()
        for column, value in line.items()
    }
    assert {place: got.get(place) for place in want} == want


def test_text_and_rules_of_a_page() -> None:
    document = read(package(content(text(20, 20, "情况说明"), table("行政许可", "12", "行政处罚", "3"))))
    assert "情况说明" in document.text
    assert grid(package(content(table("行政许可", "12", "行政处罚", "3")))) == [
        ["行政许可", "12"],
        ["行政处罚", "3"],
    ]


def test_rules_drawn_as_thin_boxes_and_matrices() -> None:
    """As converters from PDF draw them: filled boxes in points, scaled to millimetres."""
    thin = [
        f'<ofd:PathObject ID="4" CTM="0.3528 0 0 0.3528 0 0" Boundary="{x} {y} {w} {h}" '
        'Stroke="false" Fill="true">'
        f'<ofd:AbbreviatedData>M 0 0 L {w / 0.3528} 0 L {w / 0.3528} {h / 0.3528} L 0 {h / 0.3528} C'
        "</ofd:AbbreviatedData></ofd:PathObject>"
        for x, y, w, h in (
            (20, 30, 80, 0.2), (20, 38, 80, 0.2), (20, 46, 80, 0.2),
            (20, 30, 0.2, 16), (60, 30, 0.2, 16), (100, 30, 0.2, 16),
        )
    ]  # fmt: skip
    words = [
        f'<ofd:TextObject ID="2" CTM="0.3528 0 0 0.3528 0 0" Boundary="{x} {y} 30 4" Font="3" Size="10">'
        f'<ofd:TextCode X="0" Y="9">{said}</ofd:TextCode></ofd:TextObject>'
        for x, y, said in ((22, 32, "许可"), (62, 32, "12"), (22, 40, "处罚"), (62, 40, "3"))
    ]
    assert grid(package(content(*thin, *words))) == [["许可", "12"], ["处罚", "3"]]


def test_a_template_is_part_of_the_page() -> None:
    document = '<ofd:TemplatePage ID="9" BaseLoc="Tpls/0.xml"/>'
    form = f"<ofd:Page {NS}>{content(table('许可', '', '处罚', ''))}</ofd:Page>".encode()
    page = '<ofd:Template TemplateID="9"/>' + content(text(62, 32, "12"), text(62, 40, "3"))
    body = package(page, document=document, files={"Doc_0/Tpls/0.xml": form})
    assert grid(body) == [["许可", "12"], ["处罚", "3"]]


def test_what_is_not_shown_is_no_figure() -> None:
    hidden = text(62, 32, "99", 'Visible="false"') + text(62, 32, "88", 'Fill="false"')
    clear = text(62, 32, "77", inner='<ofd:FillColor Value="0 0 0" Alpha="0"/>')
    assert grid(package(content(table("许可", hidden + clear + text(62, 32, "12"), "处罚", "3"))))[0] == [
        "许可",
        "12",
    ]
    # White or turned figures: whether they are seen cannot be told; the cell is no number, and not blank.
    white = text(62, 32, "12", inner='<ofd:FillColor Value="255 255 255"/>')
    turned = text(62, 32, "12", 'CTM="0 1 -1 0 4 0"')
    for doubtful in (white, turned):
        (row, _) = grid(package(content(table("许可", doubtful, "处罚", "3"))))
        assert "\ufffd" in row[1]
        assert not re.search(r"\d", row[1])


def test_places_of_characters() -> None:
    assert deltas("g 3 2.5 4", 10) == [2.5, 2.5, 2.5, 4.0]
    assert deltas("g 999999999999 2", 3) == [2.0, 2.0, 2.0]
    assert deltas("g 1e9 2", 3) == [2.0, 2.0, 2.0]
    assert deltas("2 x", 3) == deltas("g 3", 3) == deltas(None, 3) == deltas("2 2", 0) == []
    assert numbers("0 0 210 297") == [0.0, 0.0, 210.0, 297.0]
    assert numbers("0 0 nan 297") == numbers("1,2") == numbers(None) == []
    # Two figures of one object, set into two cells by their steps.
    row = text(42, 32, "12345", code='DeltaX="2 2 16 2"')
    assert grid(package(content(box(20, 30, 40, 8), box(60, 30, 40, 8), row))) == [["123", "45"]]


@pytest.mark.parametrize("place", ["../../../etc/passwd", "..\\..\\x.xml", "/../x.xml"])
def test_a_path_out_of_the_package_leads_nowhere(place: str) -> None:
    with pytest.raises(UnreadableError, match="指向包外"):
        read(package(content(text(20, 20, "x")), root=place))


def test_a_missing_page_is_said_and_the_others_are_read() -> None:
    body = package(content(text(20, 20, "第一页")), content(text(20, 20, "第二页")))
    with zipfile.ZipFile(BytesIO(body)) as archive:
        files = {n: archive.read(n) for n in archive.namelist() if n != "Doc_0/Pages/0.xml"}
    document = read(render_ofd.packed(files))
    assert "第二页" in document.text
    assert any("第 1 页" in note for note in document.notes)


def bomb() -> bytes:
    return package(
        content(text(20, 20, "x")), files={"Doc_0/Res/x.xml": b"<a>" + b" " * 30_000_000 + b"</a>"}
    )


def entities() -> bytes:
    declared = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c SYSTEM "file:///etc/passwd">]><a>&c;</a>'
    return package(content(text(20, 20, "x")), files={"Doc_0/Document.xml": declared})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bomb(), "压缩炸弹"),
        (entities(), "文档类型"),
        (package(), "没有文字"),
        (package(content()), "没有文字"),
        (package(content(text(20, 20, "x")), root="Doc_9/Document.xml"), "缺少 Doc_9"),
        (package(content(text(20, 20, "x")), files={"Doc_0/Document.xml": b"<a"}), "不是 XML"),
        (render_ofd.packed({"OFD.xml": b"<a/>"}), "没有指明文档"),
        (package(content(text(20, 20, "x")))[:-30], "已损坏"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(body)


def test_a_page_of_too_many_objects_is_cut_and_says_so() -> None:
    flood = "".join(text(20, 20, "一" * 5_000) for _ in range(MAX_OBJECTS // 5_000 + 3))
    document = read(package(content(flood), content(text(20, 20, "第二页"))))
    assert "第二页" in document.text
    assert any("未读取" in note for note in document.notes)


def test_nothing_is_written_to_disk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read(package(content(text(20, 20, "情况")), files={"../../evil.xml": b"<a/>", "/abs.xml": b"<a/>"}))
    assert list(tmp_path.iterdir()) == []
