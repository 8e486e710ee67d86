"""Scans: figures right or null, blanks blank, merged cells at their places, pages one table."""

from __future__ import annotations

import builtins
import io
import sys
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from archive.records import Document, Report, Snapshot
from pipelines.readers import UnreadableError, ocr, read
from pipelines.report import parse
from tests.pipelines.readers import made
from tests.pipelines.test_layouts import _case

pytest.importorskip("rapidocr", reason="the extra ocr is not installed")
np = pytest.importorskip("numpy")
cv2 = pytest.importorskip("cv2")

from PIL import Image  # noqa: E402 - after the skip

from pipelines.readers import scan_cells, scan_engine, scan_page, scan_rules, scan_turn  # noqa: E402
from pipelines.readers.scan_engine import Line  # noqa: E402

#: Every test loads or runs the recogniser.
pytestmark = pytest.mark.slow

SCANS = made.FIXTURES / "scan"
PAGES = ("page1.png", "page2.jpg")


def parsed(body: bytes, name: str = "scan") -> Report:
    return parse(Snapshot(name, body, datetime(2026, 1, 1, tzinfo=UTC)))


def scanned_pdf(*names: str) -> bytes:
    images = [Image.open(SCANS / name).convert("L") for name in names]
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=images[1:], resolution=300)
    return out.getvalue()


def laid_down(degrees: float, *names: str) -> bytes:
    """The pages as a TIFF file, each laid on the glass at an angle (counter-clockwise)."""
    pages = [
        Image.open(SCANS / name)
        .convert("L")
        .rotate(degrees, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
        for name in names
    ]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return out.getvalue()


def compared(report: Report) -> tuple[int, list[str]]:
    """(cells read right, those that are wrong) against the true figures of the two pages."""
    _, truth = _case("erqi_2020.yml")
    cells = {(c.table, c.row, c.column): c.value for c in report.cells if c.value is not None}
    true = {(t, r, c): v for t, rows in truth.items() for r, line in rows.items() for c, v in line.items()}
    wrong = [f"{p}: {v}" for p, v in cells.items() if true[p] is None or Decimal(str(v)) != true[p]]
    return len(cells) - len(wrong), wrong


def said(report: Report) -> list[str]:
    return [finding.message for finding in report.findings if finding.kind == "reader"]


@pytest.fixture(scope="module")
def two_pages() -> Report:
    """Black and white, then a page that leans, in grain and JPEG at 200 dpi: Table 3 runs over both."""
    return parsed(scanned_pdf(*PAGES))


def test_a_scan_of_two_pages_is_read_right(two_pages: Report) -> None:
    _, truth = _case("erqi_2020.yml")
    cells = {(c.table, c.row, c.column): c for c in two_pages.cells}
    wanted = {(t, r, c): v for t, rows in truth.items() for r, line in rows.items() for c, v in line.items()}
    wrong = {p for p, v in wanted.items() if cells[p].value is not None and Decimal(str(cells[p].value)) != v}
    right = sum(cells[p].value is not None for p in wanted)
    assert wrong == set()
    assert right >= 0.98 * len(wanted)
    assert two_pages.forms == {"disclosure": "2019", "requests": "2019", "reviews": "2019"}
    assert two_pages.verdict == "pass"
    assert cells["disclosure", "procurement", "amount"].raw == "94799.5301万元"
    assert cells["disclosure", "licences", "change"].value == -55


def test_title_year_and_headings_come_from_the_text_outside_the_tables(two_pages: Report) -> None:
    assert two_pages.title == "样本县人民政府2022年政府信息公开工作年度报告"
    assert two_pages.year == 2022
    assert [section.number for section in two_pages.sections if section.number] == [1, 2, 3, 4, 5, 6]
    assert two_pages.is_report


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_scan_on_its_side_or_its_head_is_turned_and_read_right(degrees: int) -> None:
    report = parsed(laid_down(degrees, *PAGES))
    right, wrong = compared(report)
    assert wrong == []
    assert right >= 0.95 * 198
    assert report.title == "样本县人民政府2022年政府信息公开工作年度报告"
    notes = [f"第{number}页扫描件横置或倒置，转动{360 - degrees}度后识别" for number in (1, 2)]
    assert [note for note in said(report) if "扫描件" in note] == notes


@pytest.mark.parametrize("degrees", [3.0, -6.0, 177.0])
def test_a_scan_laid_down_askew_is_set_straight_and_read_right(degrees: float) -> None:
    report = parsed(laid_down(degrees, *PAGES))
    right, wrong = compared(report)
    assert wrong == []
    assert right >= 0.95 * 198


@pytest.mark.parametrize("degrees", [20.0, 110.0])
def test_a_scan_too_far_askew_is_never_misread_and_says_so(degrees: float) -> None:
    report = parsed(laid_down(degrees, *PAGES))
    right, wrong = compared(report)
    assert wrong == []
    if right < 0.95 * 198:
        messages = [*said(report), *(f.message for f in report.findings if f.kind in REFUSALS)]
        assert any("认不出文字方向" in message or "没有" in message for message in messages)


#: Kinds of findings that say in Chinese that figures were not taken.
REFUSALS = ("not_a_report", "table_missing", "section_without_table", "ocr_unsure", "ocr_contradicted")


def test_pages_of_one_scan_may_lie_in_different_ways(two_pages: Report) -> None:
    pages = [
        Image.open(SCANS / name).convert("L").rotate(turn, expand=True)
        for name, turn in zip(PAGES, (90, 180), strict=True)
    ]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    report = parsed(out.getvalue())
    right, wrong = compared(report)
    assert wrong == []
    assert right >= 0.98 * 198
    assert report.forms == two_pages.forms


def test_figures_of_a_page_without_words_are_unsure() -> None:
    """A table of nothing but 6, 8 and 9 reads as well upside down."""
    page = np.full((900, 1200), 255, np.uint8)
    for x0, y0, x1, y1 in frame([100, 300, 500, 700, 900], [100, 200, 300, 400, 500]):
        cv2.line(page, (x0, y0), (x1, y1), 0, 3)
    for row in range(4):
        for column in range(4):
            at = (150 + 200 * column, 170 + 100 * row)
            cv2.putText(page, f"{6 + row}{9 - column}8", at, cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 3)
    assert scan_turn.quarter_turns(page) is None
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG")
    document = read(out.getvalue())
    cells = {cell.where: cell for grid in document.grids for row in grid.rows for cell in row if cell}
    assert sum(cell.text.strip().isdigit() for cell in cells.values()) >= 12
    assert not any(cell.sure for cell in cells.values())
    assert "第1页扫描件认不出文字方向，页内数字均不确定" in document.notes


def test_blank_cells_stay_blank_and_figures_among_them_are_read() -> None:
    report = parsed((SCANS / "blanks.png").read_bytes())
    cells = {(c.row, c.column): c for c in report.cells if c.table == "requests"}
    assert [cells["received", c].value for c in ("natural_person", "business", "total")] == [99, 1, 100]
    for row in ("received", "carried_in", "granted"):
        for column in ("research", "civic", "legal_service", "other_org"):
            assert cells[row, column].status == "blank"
    assert (cells["carried_in", "total"].status, cells["carried_in", "total"].value) == ("exact", 0)
    assert cells["refused_by_law", "natural_person"].status == "blank"


def test_pictures_alone_in_a_zip_are_the_pages_of_one_scan(two_pages: Report) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number, name in reversed(list(enumerate(PAGES, 9))):
            package.write(SCANS / name, f"扫描/第{number}页.{name[-3:]}")
    report = parsed(out.getvalue())
    assert report.forms == two_pages.forms
    own = {(c.table, c.row, c.column): c.value for c in report.cells if c.value is not None}
    other = {(c.table, c.row, c.column): c.value for c in two_pages.cells if c.value is not None}
    assert len(own) >= 0.98 * len(report.cells)
    assert all(own[place] == other[place] for place in own.keys() & other.keys())


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_picture_without_text_and_a_damaged_one_are_refused() -> None:
    out = io.BytesIO()
    Image.new("L", (800, 600), 255).save(out, "PNG")
    with pytest.raises(UnreadableError, match="PNG 图片里没有识别出文字"):
        read(out.getvalue())
    with pytest.raises(UnreadableError, match="PNG 图片已损坏"):
        read((SCANS / "page1.png").read_bytes()[:3000])
    for side in (12_000, 20_000):
        huge = io.BytesIO()
        Image.new("1", (side, side)).save(huge, "PNG")
        with pytest.raises(UnreadableError, match="过大"):
            read(huge.getvalue())


def test_pages_of_text_beside_a_scanned_page_are_read_too() -> None:
    import pypdfium2

    out = io.BytesIO()
    with pypdfium2.PdfDocument.new() as joined:
        with pypdfium2.PdfDocument(
            made.pdf([[made.Text(100, "某某局2024年政府信息公开工作年度报告")]])
        ) as text:
            joined.import_pages(text)
        with pypdfium2.PdfDocument(scanned_pdf("page2.jpg")) as scan:
            joined.import_pages(scan)
        joined.save(out)
    document = read(out.getvalue())
    assert document.kind == "scan"
    assert document.title == "某某局2024年政府信息公开工作年度报告"
    places = {cell.where for grid in document.grids for row in grid.rows for cell in row if cell}
    assert all(place.startswith("page[2]/picture/table[") for place in places)
    assert len(places) > 150
    assert "第 2 页的文字由图片识别得到" in document.notes


def _without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in ("rapidocr", "onnxruntime", "cv2", "numpy"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    for name in [n for n in sys.modules if n.startswith("pipelines.readers.scan")]:
        monkeypatch.delitem(sys.modules, name)
    import pipelines.readers

    for name in [n for n in vars(pipelines.readers) if n.startswith("scan")]:
        monkeypatch.delattr(pipelines.readers, name)
    monkeypatch.setattr(builtins, "__import__", refuse)


def test_without_the_extra_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = scanned_pdf("page2.jpg")
    _without_extra(monkeypatch)
    with pytest.raises(UnreadableError, match=r"需要文字识别（OCR）：pip install gongkai\[ocr\]"):
        ocr.read((SCANS / "page1.png").read_bytes(), "PNG 图片")
    with pytest.raises(
        UnreadableError, match=r"没有文字层，只有页面图片：需要文字识别（OCR）：pip install gongkai\[ocr\]"
    ):
        read(scan)


# --- parts --------------------------------------------------------------------


def drawn(lines: list[tuple[int, int, int, int]], size: tuple[int, int] = (600, 900)) -> Any:
    ink = np.zeros(size, dtype=np.uint8)
    for x0, y0, x1, y1 in lines:
        cv2.line(ink, (x0, y0), (x1, y1), 255, 3)
    return ink


def frame(xs: list[int], ys: list[int]) -> list[tuple[int, int, int, int]]:
    return [(xs[0], y, xs[-1], y) for y in ys] + [(x, ys[0], x, ys[-1]) for x in xs]


def tables(ink: Any) -> list[scan_rules.Table]:
    return scan_rules.find_tables(scan_rules.find_rules(ink, 30), 30)


def places(table: scan_rules.Table) -> list[tuple[int, int, int, int]]:
    return sorted((c.top, c.left, c.bottom, c.right) for c in table.cells)


def test_rules_make_cells_and_missing_edges_make_spans() -> None:
    ink = drawn(frame([100, 300, 500, 700], [100, 200, 300, 400]))
    cv2.line(ink, (300, 110), (300, 190), 0, 9)  # the first two places of the first row are one cell
    cv2.line(ink, (110, 300), (290, 300), 0, 9)  # a label over the last two rows
    (table,) = tables(ink)
    assert places(table) == [
        (0, 0, 1, 2),
        (0, 2, 1, 3),
        (1, 0, 3, 1),
        (1, 1, 2, 2),
        (1, 2, 2, 3),
        (2, 1, 3, 2),
        (2, 2, 3, 3),
    ]
    assert not any(cell.doubtful for cell in table.cells)


def test_a_table_cut_by_a_page_break_is_closed_where_it_is_open() -> None:
    lines = frame([100, 300, 500], [150, 250]) + [(x, 100, x, 340) for x in (100, 300, 500)]
    (table,) = tables(drawn(lines))
    assert [c[::2] for c in places(table)] == [(0, 1), (0, 1), (1, 2), (1, 2), (2, 3), (2, 3)]


def test_a_rule_half_gone_makes_its_cells_doubtful_and_one_lost_breaks_no_row() -> None:
    ink = drawn(frame([100, 300, 500], [100, 200, 300, 400]))
    cv2.line(ink, (300, 235), (300, 262), 0, 9)
    (table,) = tables(ink)
    assert {(c.top, c.left) for c in table.cells if c.doubtful} == {(1, 0), (1, 1)}
    # an edge gone where the rest of the cell's frame is not a rectangle: the places stay apart
    ink = drawn(frame([100, 300, 500], [100, 200, 300]))
    cv2.line(ink, (110, 200), (290, 200), 0, 9)
    cv2.line(ink, (300, 110), (300, 190), 0, 9)
    (table,) = tables(ink)
    assert len(places(table)) == 4
    assert sum(cell.doubtful for cell in table.cells) == 3


def test_text_and_a_frame_of_one_column_are_no_table() -> None:
    assert tables(drawn(frame([100, 700], [100, 300, 500]))) == []
    ink = np.zeros((600, 900), np.uint8)
    cv2.putText(ink, "HHHHHHHHHHHHHHHH", (50, 200), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 255, 4)
    assert tables(ink) == []


@pytest.mark.parametrize("degrees", [-11.5, -6.0, -2.3, -0.5, 0.0, 0.4, 1.7, 9.0])
def test_a_leaning_page_is_set_straight(degrees: float) -> None:
    page = (255 - drawn(frame([100, 500, 900, 1300], list(range(100, 1700, 80))), (1800, 1400))).astype(
        np.uint8
    )
    turned = np.asarray(
        Image.fromarray(page).rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC)
    )
    assert abs(scan_page.lean(turned) + degrees) <= 0.06


def strip(*boxes: tuple[int, int, int, int]) -> scan_cells.Strip:
    return scan_cells.Strip(scan_cells._hull(boxes), tuple(sorted(boxes)))


TWO_DIGITS = strip((0, 0, 18, 30), (22, 0, 40, 30))


@pytest.mark.parametrize(
    ("readings", "ink", "text", "sure"),
    [
        (["12"] * 4, TWO_DIGITS, "12", True),
        (["12", "12", "12", "17"], TWO_DIGITS, "12", False),
        (["1"] * 4, TWO_DIGITS, "1", False),  # two equal digits taken for one
        (["O"] * 4, strip((0, 0, 18, 30)), "0", True),
        (["1.2"] * 4, strip((0, 0, 18, 30), (20, 26, 24, 30), (28, 0, 46, 30)), "1.2", True),
        (
            ["12"] * 4,
            strip((0, 0, 18, 30), (20, 26, 24, 30), (28, 0, 46, 30)),
            "12",
            False,
        ),  # the point passed over
        (["1.2"] * 4, TWO_DIGITS, "1.2", False),  # a point made up
        (["-5"] * 4, strip((0, 14, 10, 17), (14, 0, 32, 30)), "-5", True),
        (["5"] * 4, strip((0, 14, 10, 17), (14, 0, 32, 30)), "5", False),  # the minus passed over
        (["44"] * 4, strip((0, 0, 36, 30)), "44", True),  # two digits that touch
        (["4"] * 4, strip((0, 0, 36, 30)), "4", False),
        (["12"] * 4, strip((0, 0, 18, 30), (90, 0, 108, 30)), "12", False),  # of two cells
        (["", "", "", ""], TWO_DIGITS, "?", False),
    ],
)
def test_a_figure_is_sure_only_where_readings_and_ink_agree(
    readings: list[str], ink: scan_cells.Strip, text: str, sure: bool
) -> None:
    lines = [Line(reading, 0.99 if reading else 0.0, 0.99) for reading in readings]
    assert scan_cells.judge(lines, ink, 40) == scan_cells.Text(text, sure)


def test_a_figure_of_which_one_character_is_doubted_is_unsure() -> None:
    lines = [Line("12", 0.99, 0.99)] * 3 + [Line("12", 0.6, 0.8)]
    assert not scan_cells.judge(lines, TWO_DIGITS, 40).sure


@pytest.mark.parametrize(
    ("probabilities", "text", "confidence"),
    [
        ({"0": 0.75, "O": 0.20, "o": 0.03, "8": 0.02}, "0", 0.98),
        ({"O": 0.55, "0": 0.40, "Q": 0.05}, "O", 0.95),
        ({"0": 0.75, "8": 0.20, "6": 0.05}, "0", 0.75),
        ({"1": 0.50, "l": 0.30, "7": 0.20}, "1", 0.80),
    ],
)
def test_what_looks_alike_is_no_doubt_but_another_digit_is(
    probabilities: dict[str, float], text: str, confidence: float
) -> None:
    characters = ("", *"0123456789OoQIl|", " ")
    steps = np.zeros((2, len(characters)), dtype=np.float32)
    steps[1, 0] = 1.0
    for character, probability in probabilities.items():
        steps[0, characters.index(character)] = probability
    line = scan_engine.decoded(steps, characters, scan_engine.alike(characters))
    assert line.text == text
    assert line.confidence == pytest.approx(confidence)
    assert line.mean == pytest.approx(probabilities[text])


def test_dust_is_no_ink_and_a_dash_is() -> None:
    ink = np.zeros((100, 200), np.uint8)
    ink[50:53, 40:43] = 255
    ink[70:75, 140:145] = 255
    assert scan_cells.strips(ink, (0, 0, 200, 100), 40) == []
    ink[50:54, 90:104] = 255
    assert [s.pieces[0] for s in scan_cells.strips(ink, (0, 0, 200, 100), 40)] == [(90, 50, 104, 54)]


def test_documents_of_other_kinds_have_only_sure_cells() -> None:
    document: Document = read(made.report_docx())
    assert all(cell.sure for grid in document.grids for row in grid.rows for cell in row if cell)
