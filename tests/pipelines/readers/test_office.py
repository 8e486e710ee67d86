"""DOC, WPS, RTF and OpenDocument through LibreOffice: same grid as DOCX, no network, no files, bounded."""

from __future__ import annotations

import http.server
import io
import os
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.records import Grid
from pipelines.match import match
from pipelines.readers import UnreadableError, office, read
from tests.pipelines.readers import made
from tests.pipelines.test_layouts import _case

needs_office = pytest.mark.skipif(office.program() is None, reason="LibreOffice (soffice) is not installed")

REPORT_DOC = made.FIXTURES / "office" / "report.doc"
_TABLE = (
    r"{\trowd\clvmgf\cellx2000\cellx6000\cellx8000 三、结果\intbl\cell （一）予以公开\intbl\cell "
    r"5\intbl\cell\row"
    r"\trowd\clvmrg\cellx2000\cellx6000\cellx8000 \intbl\cell （二）部分公开\intbl\cell \intbl\cell\row}"
)


def rtf(body: str) -> bytes:
    escaped = "".join(
        c if ord(c) < 128 else f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in body
    )
    return (r"{\rtf1\ansi\deff0{\fonttbl{\f0 SimSun;}}" + escaped + r"\par}").encode("ascii")


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text.strip() if cell else "-" for cell in row] for row in grid.rows]


@needs_office
def test_every_figure_of_a_doc() -> None:
    document = read(REPORT_DOC.read_bytes(), name="报告.wps")
    assert document.kind == "docx"
    assert document.title == "样本县人民政府2022年政府信息公开工作年度报告"
    assert document.notes == ("DOC 文件由 LibreOffice 转换后读取",)
    _, figures = _case("erqi_2020.yml")
    cells = {(c.row, c.column): c for c in match(document).cells if c.table == "requests"}
    for row, line in figures["requests"].items():
        for column, value in line.items():
            assert (cells[row, column].status, cells[row, column].value) == ("exact", value)


@needs_office
def test_rtf_with_merged_and_blank_cells() -> None:
    document = read(rtf(r"某某局2024年政府信息公开工作年度报告\par " + _TABLE))
    assert document.title == "某某局2024年政府信息公开工作年度报告"
    assert texts(document.grids[0]) == [
        ["三、结果", "（一）予以公开", "5"],
        ["三、结果", "（二）部分公开", ""],
    ]


def open_document(address: str) -> bytes:
    """A text whose picture lies at an address and whose section is another file."""
    out = io.BytesIO()
    spaces = " ".join(
        f'xmlns:{short}="{name}"'
        for short, name in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
            "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
            "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
            "xlink": "http://www.w3.org/1999/xlink",
        }.items()
    )
    section = f'<text:section-source xlink:href="{address}"/><text:p>原文</text:p>'
    picture = f'<draw:image xlink:type="simple" xlink:href="{address}"/>'
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:text><text:section text:name="s">{section}</text:section><text:p>正文'
        f'<draw:frame svg:width="2cm" svg:height="2cm">{picture}</draw:frame></text:p>'
        "</office:text></office:body></office:document-content>"
    )
    name = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = (
        f'<?xml version="1.0"?><m:manifest xmlns:m="{name}" m:version="1.2"><m:file-entry m:full-path="/" '
        'm:media-type="application/vnd.oasis.opendocument.text"/><m:file-entry m:full-path="content.xml" '
        'm:media-type="text/xml"/></m:manifest>'
    )
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


@pytest.fixture
def portal() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that notes who asks."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/picture.png", asked
    server.shutdown()
    server.server_close()


@needs_office
def test_nothing_a_document_refers_to_is_fetched(portal: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = portal
    assert "正文" in read(open_document(address)).text
    assert asked == []
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", encoding="utf-8")
    assert "机密" not in read(open_document(secret.as_uri())).text


@needs_office
def test_damage_is_an_outcome() -> None:
    with pytest.raises(UnreadableError, match=r"LibreOffice 无法|已损坏|但不是 DOC"):
        read(REPORT_DOC.read_bytes()[:2000])


def test_without_libreoffice_the_refusal_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "program", lambda: None)
    with pytest.raises(UnreadableError, match=r"读取 \.doc 文件需要安装 LibreOffice（soffice）"):
        read(REPORT_DOC.read_bytes())
    with pytest.raises(UnreadableError, match=r"读取 \.rtf 文件需要安装 LibreOffice"):
        read(rtf("正文"))


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for LibreOffice")
def test_a_converter_that_does_not_end_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/child\nwait\n", encoding="ascii")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(office, "program", lambda: str(script))
    monkeypatch.setattr(office, "TIMEOUT", 2)
    started = time.perf_counter()
    with pytest.raises(UnreadableError, match="在 2 秒内没有转换完RTF 文件"):
        read(rtf("正文"))
    assert time.perf_counter() - started < 20
    child = (tmp_path / "child").read_text().strip()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True, check=False)
    assert state.stdout.strip()[:1] in ("", "Z"), "the sleeping child was ended too"


@pytest.mark.skipif(os.name != "posix", reason="a script stands in for LibreOffice")
def test_a_converter_that_writes_without_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "soffice"
    code = "import pathlib; pathlib.Path('out').mkdir(); open('out/input.docx', 'wb').write(bytes(1 << 22))"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(office, "program", lambda: str(script))
    monkeypatch.setattr(office, "MAX_BYTES", 1 << 20)
    with pytest.raises(UnreadableError, match="DOCX 文件已损坏"):
        read(rtf("正文"))
