"""An original and the ones it goes on in are one report."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from docx import Document as DocxDocument
from PIL import Image

from archive.records import PART_UNREAD, Context, Paragraph, Report, Snapshot
from demo import catalogue_pieces, publications, render_html
from demo.body import Drawn, blocks
from demo.figures import COUNTY
from demo.issuers import Issuer
from pipelines import joined
from pipelines.report import parse

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "http://a.gov.cn/nb/1.html"
ISSUER = Issuer("散页县人民政府", "990341", COUNTY, range(2023, 2024), "x")
((_, PUBLICATION),) = publications.invented(1, (ISSUER,))


def page(body: str, title: str = PUBLICATION.title) -> bytes:
    head = f'<head><meta charset="utf-8"><meta name="ArticleTitle" content="{title}"></head>'
    return f'<html>{head}<body><div class="article-content">{body}</div></body></html>'.encode()


def part(number: int, body: bytes, kind: str = "html") -> Snapshot:
    return Snapshot(
        f"http://a.gov.cn/nb/1_{number}.{kind}", body, NOW, role="attachment", context=Context(part=number)
    )


def whole(body: bytes, *parts: Snapshot, expected: int | None = None) -> Snapshot:
    return Snapshot(URL, body, NOW, context=Context(parts=expected or len(parts) or None), parts=parts)


def wrong(report: Report, publication: Any) -> list[Any]:
    got = {(cell.table, cell.row, cell.column): cell.value for cell in report.cells}
    return [
        (table, row, column)
        for table, rows in publication.cells.items()
        for row, line in rows.items()
        for column, value in line.items()
        if got.get((table, row, column)) != value
    ]


def bodies() -> tuple[str, str]:
    content = list(blocks(PUBLICATION, 1))
    cut = next(n for n, block in enumerate(content) if isinstance(block, Drawn)) + 1
    return tuple(render_html.body(piece, PUBLICATION.style) for piece in (content[:cut], content[cut:]))  # type: ignore[return-value]


def test_a_split_article_is_read_as_one() -> None:
    first, second = bodies()
    alone = parse(whole(page(first)))
    assert set(alone.forms) == {"disclosure"}
    both = parse(whole(page(first), part(1, page(second))))
    assert wrong(both, PUBLICATION) == []
    assert set(both.forms) == {"disclosure", "requests", "reviews"}
    assert [section.number for section in both.sections if section.number] == [1, 2, 3, 4, 5, 6]
    places = {(cell.where or "").partition("/")[0] for cell in both.cells}
    assert places == {"part[1]", "part[2]"}
    # The same as the article on one page.
    assert both.text.split() == parse(whole(page(first + second))).text.split()


def test_a_further_page_that_cannot_be_read_is_a_finding() -> None:
    first, _ = bodies()
    report = parse(whole(page(first), part(1, b"Rar!\x1a\x07\x00")))
    (finding,) = [f for f in report.findings if f.kind == PART_UNREAD]
    assert finding.where == "http://a.gov.cn/nb/1_1.html"
    assert set(report.forms) == {"disclosure"}


def test_what_did_not_come_is_a_finding() -> None:
    first, second = bodies()
    report = parse(whole(page(first), part(2, page(second)), expected=3))
    (finding,) = [f for f in report.findings if f.kind == "part_missing"]
    assert "第1、3个" in finding.message
    assert not [f for f in parse(whole(page(first), part(1, page(second)))).findings if "part" in f.kind]


def pictures() -> list[bytes]:
    return [path.read_bytes() for path in sorted(catalogue_pieces.PICTURES.glob("*.png"))]


def png(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()


def test_pictures_without_ocr_are_a_clear_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pipelines.readers.scan", None)
    monkeypatch.delattr("pipelines.readers.scan", raising=False)  # another test may have read a scan before
    parts = [part(n, body, "png") for n, body in enumerate(pictures(), 1)]
    report = parse(whole(page("<img src='1.png'>", catalogue_pieces.pictured().title), *parts))
    (finding,) = [f for f in report.findings if f.kind == PART_UNREAD]
    assert "pip install gongkai[ocr]" in finding.message
    assert finding.where == parts[0].url
    assert report.is_report  # the page was published under that title
    assert (report.cells, report.error) == ((), None)


def test_a_damaged_picture_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def read_all(files: Any, notes: Any = ()) -> Any:
        from pipelines.readers import ocr

        read.append(len(files))
        raise ocr.TextlessError("nothing")

    monkeypatch.setattr("pipelines.readers.ocr.read_all", read_all)
    sound = png(600, 800)
    report = parse(
        whole(page("<p>x</p>"), part(1, sound), part(2, sound[:-40]), part(3, sound), part(4, sound))
    )
    assert read == [1, 2]
    assert [f.where for f in report.findings if f.kind == PART_UNREAD] == ["http://a.gov.cn/nb/1_2.html"]


def test_a_gap_parts_two_scans_and_icons_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def read_all(files: Any, notes: Any = ()) -> Any:
        from pipelines.readers import ocr

        read.append(len(files))
        raise ocr.TextlessError("nothing")

    monkeypatch.setattr("pipelines.readers.ocr.read_all", read_all)
    sound = png(600, 800)
    # 3 is missing: a table on 2 must not be taken to go on on 4; 5 is a QR code.
    report = parse(
        whole(
            page("<p>x</p>"),
            part(1, sound),
            part(2, sound),
            part(4, sound),
            part(5, png(200, 200)),
            expected=5,
        )
    )
    assert read == [2, 1]
    assert [f.kind for f in report.findings if "part" in f.kind] == ["part_missing"]


@pytest.mark.slow
def test_the_pictures_of_a_report_are_one_report() -> None:
    pytest.importorskip("rapidocr")
    publication = catalogue_pieces.pictured()
    one, two = pictures()
    # Its tables stand on the second and third of four pictures; Table 4 is cut by the page break.
    parts = [part(n, body, "png") for n, body in enumerate((png(900, 1200), one, two, png(900, 1200)), 1)]
    report = parse(whole(page("<img src='1.png'>", publication.title), *parts))
    assert wrong(report, publication) == []
    assert set(report.forms) == {"disclosure", "requests", "reviews"}
    assert report.verdict == "pass"
    assert not [f for f in report.findings if "part" in f.kind]


def test_an_original_without_parts_is_read_as_before() -> None:
    first, second = bodies()
    report = parse(whole(page(first + second)))
    assert all((cell.where or "").startswith("table[") for cell in report.cells)
    assert parse(replace(whole(page(first + second)), context=Context())) == report


def test_paragraphs_of_nothing_but_white_space_are_none() -> None:
    # many of them would be one long run of it, and shortening that would move the lines behind it
    document, blank = DocxDocument(), 200
    for text in ("一、总体情况", *["\u3000"] * blank, "二、其他"):
        document.add_paragraph(text)
    made = BytesIO()
    document.save(made)
    read, _ = joined.read(whole(made.getvalue()))
    assert [block.text for block in read.blocks if isinstance(block, Paragraph)] == [
        "一、总体情况",
        "二、其他",
    ]
