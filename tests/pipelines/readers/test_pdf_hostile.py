"""PDF files that are locked, damaged, huge, or whose text layer is not what the page shows."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest

from archive.records import Document
from pipelines.readers import UnreadableError, ocr, pdf_ink, read
from pipelines.readers.errors import UnreadableError as Refused
from tests.pipelines.readers import made
from tests.pipelines.readers.made import Rect, Ruled, Text, row

pytest.importorskip("reportlab")
pypdfium2 = pytest.importorskip("pypdfium2")

HEAD = row(0, ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"])
WIDTHS = (120, 100, 100, 100)


def table(*lines: list[str]) -> Ruled:
    cells = list(HEAD)
    for number, texts in enumerate(lines, 1):
        cells += row(number, texts)
    return Ruled(100, WIDTHS, cells)


def figures(document: Document) -> list[list[str | None]]:
    (grid,) = document.grids
    return [[cell.text if cell else None for cell in line] for line in grid.rows[1:]]


def drawn(draw: Any, *, size: tuple[float, float] = (595, 842), **options: Any) -> bytes:
    """One page that ``draw`` draws on a reportlab canvas."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen import canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=size, invariant=1, **options)
    draw(page)
    page.showPage()
    page.save()
    return out.getvalue()


@pytest.fixture
def no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise Refused(ocr.MISSING)

    monkeypatch.setattr(ocr, "_scan", missing)


# --- locked, damaged, huge ----------------------------------------------------


def test_a_file_locked_only_against_printing_is_read_and_one_with_a_password_is_refused() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    pages = [[table(["规章", "1", "", "3"])]]
    open_to_all = StandardEncryption("", ownerPassword="owner", canPrint=0, strength=128)
    assert figures(read(made.pdf(pages, password=open_to_all))) == [["规章", "1", "", "3"]]  # type: ignore[arg-type]
    with pytest.raises(UnreadableError, match=r"^PDF 文件设有打开密码，无法读取$"):
        read(made.pdf(pages, password="secret"))


def test_a_broken_cross_reference_table_is_made_good() -> None:
    body = made.pdf([[table(["规章", "1", "", "3"])]])
    broken = re.sub(rb"startxref\n\d+", b"startxref\n7", body)
    assert broken != body
    assert figures(read(broken)) == [["规章", "1", "", "3"]]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.97])
def test_a_file_cut_short_is_refused(share: float) -> None:
    body = made.pdf([[table(["规章", "1", "2", "3"])], [Text(100, "六、其他需要报告的事项")]])
    with pytest.raises(UnreadableError, match=r"^PDF 文件已损坏，无法读取"):
        read(body[: int(len(body) * share)])


def test_a_file_that_lost_only_its_end_is_read_and_says_so() -> None:
    body = made.pdf([[table(["规章", "1", "", "3"])]])
    document = read(body[: body.rindex(b"%%EOF")])
    assert figures(document) == [["规章", "1", "", "3"]]
    assert document.notes == ("PDF 文件没有结束标记，可能下载不完整",)


def test_two_thousand_pages_are_cut_in_bounded_time() -> None:
    def draw(page: Any) -> None:
        for number in range(2_000):
            page.setFont("STSong-Light", 11)
            page.drawString(70, 700, f"第{number}段正文")
            page.showPage()

    body = drawn(draw)
    started = time.perf_counter()
    document = read(body)
    assert time.perf_counter() - started < 60
    assert document.notes[0] == "文件共 2001 页，只读取了前 200 页"
    assert "第199段正文" in document.text
    assert "第200段正文" not in document.text


# --- pictures, and fonts that do not say what they show ------------------------


def picture_among_text() -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    def draw(page: Any) -> None:
        page.setFont("STSong-Light", 11)
        page.drawString(70, 700, "一、总体情况")
        page.showPage()
        page.drawImage(ImageReader(Image.new("L", (600, 850), 200)), 0, 0, 595, 842)
        page.showPage()
        page.setFont("STSong-Light", 11)
        page.drawString(70, 700, "六、其他需要报告的事项")

    return drawn(draw)


@pytest.mark.usefixtures("no_ocr")
def test_a_picture_among_pages_of_text_is_said_and_the_text_is_read() -> None:
    document = read(picture_among_text())
    assert "一、总体情况" in document.text
    assert "六、其他需要报告的事项" in document.text
    assert document.notes == (
        "第 2 页只能按图片识别而未能读取：需要文字识别（OCR）：pip install gongkai[ocr]",
    )


def nameless(pages: int = 1) -> bytes:
    """Pages in an embedded font whose table of characters is gone."""
    from pathlib import Path

    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", folder / "Vera.ttf"))

    def draw(page: Any) -> None:
        for _ in range(pages):
            page.setFont("Vera", 11)
            for number in range(30):
                page.drawString(70, 760 - 20 * number, f"Annual report, line {number}: 1234567890")
            page.showPage()

    return drawn(draw, pageCompression=0).replace(b"/ToUnicode", b"/XoUnicode")


@pytest.mark.usefixtures("no_ocr")
def test_text_whose_characters_nobody_can_tell_is_refused() -> None:
    body = nameless()
    assert b"/XoUnicode" in body
    with pytest.raises(
        UnreadableError, match=r"^第 1 页的字体没有字符对照表，文字层是乱码，未采用：需要文字识别"
    ):
        read(body)
    # the same page with its table of characters is read
    assert "line 3: 1234567890" in read(body.replace(b"/XoUnicode", b"/ToUnicode")).text


def private_use() -> bytes:
    """A table whose digits a font keeps in the private use area."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = __import__("pathlib").Path(__import__("reportlab").__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", folder / "Vera.ttf"))

    def draw(page: Any) -> None:
        for at, label in enumerate(("本年制发件数", "本年废止件数", "现行有效件数", "规章")):
            page.setFont("STSong-Light", 10)
            page.rect(70 + 100 * (at % 4), 700 - 24 * (at // 4), 100, 24)
            page.drawString(75 + 100 * (at % 4), 706, label)
        for at in range(4):
            page.setFont("Vera", 10)
            page.rect(70 + 100 * at, 676, 100, 24)
            page.drawString(75 + 100 * at, 682, "1234")

    body = drawn(draw, pageCompression=0)

    def moved(match: re.Match[bytes]) -> bytes:
        return re.sub(rb"<00(3[0-9])>", rb"<E0\1>", match[0])

    found = re.sub(rb"begincmap.*?endcmap", moved, body, flags=re.S)
    assert found != body
    return found


@pytest.mark.usefixtures("no_ocr")
def test_figures_in_a_private_use_area_are_no_figures() -> None:
    with pytest.raises(UnreadableError, match="文字层是乱码"):
        read(private_use())


# --- what the page shows -------------------------------------------------------


def test_a_diagonal_through_a_cell_is_a_dash_and_drawn_figures_are_no_blank() -> None:
    def draw(page: Any) -> None:
        for at in range(4):
            page.rect(70 + 100 * at, 700, 100, 24)
            page.rect(70 + 100 * at, 676, 100, 24)
            page.setFont("STSong-Light", 10)
            page.drawString(75 + 100 * at, 706, "甲乙丙丁"[at])
        page.drawString(75, 682, "规章")
        page.line(170, 700, 270, 676)
        page.circle(320, 690, 3)
        page.circle(320, 684, 3)

    (grid,) = read(drawn(draw)).grids
    assert [cell.text if cell else None for cell in grid.rows[1]] == ["规章", "/", pdf_ink.UNKNOWN, ""]


def test_text_upside_down_is_turned_before_it_is_read() -> None:
    def draw(page: Any) -> None:
        page.translate(595, 842)
        page.rotate(180)
        for at in range(3):
            page.setFont("STSong-Light", 10)
            page.rect(70 + 100 * at, 700, 100, 24)
            page.drawString(75 + 100 * at, 706, ("规章", "12", "340")[at])

    (grid,) = read(drawn(draw)).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "12", "340"]


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_page_that_lies_on_its_side_is_turned(degrees: int) -> None:
    def draw(page: Any) -> None:
        if degrees == 90:
            page.translate(595, 0)
        else:
            page.translate(0, 842)
        page.rotate(degrees if degrees == 90 else -90)
        for at in range(3):
            page.setFont("STSong-Light", 10)
            page.rect(70 + 100 * at, 400, 100, 24)
            page.drawString(75 + 100 * at, 406, ("规章", "12", "340")[at])

    (grid,) = read(drawn(draw)).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "12", "340"]


def test_a_watermark_across_the_table_is_no_part_of_it() -> None:
    def draw(page: Any) -> None:
        for at in range(3):
            page.setFont("STSong-Light", 10)
            page.rect(70 + 100 * at, 700, 100, 24)
            page.drawString(75 + 100 * at, 706, ("规章", "12", "")[at])
        page.translate(285, 700)
        page.rotate(35)
        page.setFillGray(0.85)
        page.drawString(0, 0, "2024")

    (grid,) = read(drawn(draw)).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "12", ""]


def test_a_page_that_cannot_be_drawn_gives_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_ink, "_draw", lambda document, page: None)
    document = read(made.pdf([[table(["规章", "12", "", "3"])]]))
    assert figures(document) == [["规章", "��", "", "�"]]
    assert document.notes == ("第 1 页无法绘出，不能确认文字是否可见，其中的数字未采用",)


def test_hidden_text_is_left_out_and_said() -> None:
    def draw(page: Any) -> None:
        page.setFont("STSong-Light", 11)
        page.drawString(70, 700, "本年公开12条")
        page.setFillGray(1)
        page.drawString(70, 660, "本年公开99条")

    document = read(drawn(draw))
    assert document.text == "本年公开12条"
    assert document.notes == ("第 1 页含有看不见的文字，未采用",)


def test_the_ends_of_a_cell_beyond_the_page_are_no_blank() -> None:
    body = made.pdf(
        [[Ruled(100, (200, 200, 200), [Rect(0, 0, 1, 1, "规章"), Rect(0, 1, 1, 2, "1"), Rect(0, 2, 1, 3)])]]
    )
    (grid,) = read(body).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "1", ""]
    with pypdfium2.PdfDocument(body) as document:
        document[0].set_cropbox(0, 0, 500, 842)
        out = io.BytesIO()
        document.save(out)
    (grid,) = read(out.getvalue()).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", "1", pdf_ink.UNKNOWN]


def test_a_page_with_a_picture_of_a_trillion_pixels_is_not_drawn() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    def draw(page: Any) -> None:
        for at in range(2):
            page.rect(70 + 100 * at, 700, 100, 24)
            page.setFont("STSong-Light", 10)
            page.drawString(75 + 100 * at, 706, ("规章", "12")[at])
        page.drawImage(ImageReader(Image.new("L", (7, 9), 255)), 300, 300, 20, 20)

    whole = drawn(draw, pageCompression=0)
    huge = re.sub(rb"/Height 9\b", b"/Height 999999999999", whole)
    assert huge != whole
    (grid,) = read(huge).grids
    assert [cell.text if cell else None for cell in grid.rows[0]] == ["规章", pdf_ink.UNKNOWN * 2]


def test_objects_that_stand_for_each_other_are_refused_at_once() -> None:
    ring = b"%PDF-1.7\n"
    began = time.monotonic()
    with pytest.raises(Refused, match="循环引用"):
        read(ring + b"\n900 0 obj\n901 0 R\nendobj\n901 0 obj 900 0 R endobj\n%%EOF")
    assert time.monotonic() - began < 5
    chain = b"".join(b"%d 0 obj %d 0 R endobj\n" % (n, n + 1) for n in range(900, 2000))
    with pytest.raises(Refused) as other:
        read(b"%PDF-1.7\n" + chain + b"%%EOF")
    assert "循环引用" not in str(other.value)
