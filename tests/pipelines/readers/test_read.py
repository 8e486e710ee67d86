"""``read``: the carrier by content, refusals that name what the bytes are, and no other exception ever."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.records import Document, Paragraph
from pipelines.readers import UnreadableError, messages, read
from tests.paths import REPOSITORY
from tests.pipelines.readers import made

MEGABYTE = 1024 * 1024


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in files.items():
            package.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><body><p>a</p></body></html>", "html"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>a", "html"),
        (b"<!-- c --><p style='x'>\xe4\xb8\x80</p>", "html"),
        ("<?xml version='1.0'?><html><body>一</body></html>".encode(), "html"),
        ("一、总体情况\n规章 | 0 |<br>\n".encode(), "text"),
        ("当 1 < 2 时 --> 略".encode(), "text"),
        ("<html><body>一</body></html>".encode("utf-16"), "html"),
        ("总体情况".encode("gb18030"), "text"),
        (b'{"a": 1}', "text"),
    ],
)
def test_the_content_decides(body: bytes, kind: str) -> None:
    assert read(body).kind == kind


def test_name_and_header_never_decide_but_a_contradiction_is_noted() -> None:
    document = read(made.report_docx(), media_type="text/html; charset=gbk", name="报告.pdf")
    assert document.kind == "docx"
    assert document.notes == (
        "网页服务器说是 html，内容其实是 docx",
        "文件名说是 pdf，内容其实是 docx",
    )
    assert read(b"<html><p>a", media_type="text/html", name="a.html?x=1.pdf").notes == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "文件是空的"),
        (b" \r\n\t ", "只有空白"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "OLE"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "PNG 图片"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "JPEG 图片"),
        (b"GIF89a" + bytes(20), "GIF 图片"),
        (b"Rar!\x1a\x07\x00", "RAR"),
        (b"\x1f\x8b\x08" + bytes(20), "gzip"),
        (zipped(**{"xl__workbook_dot_xml": b""}), "XLSX 文件已损坏"),
        (zipped(**{"ppt__presentation_dot_xml": b""}), "PPTX"),
        (zipped(**{"a_dot_exe": b"MZ"}), "压缩包里没有可以读取的文档"),
        (b"PK\x03\x04 broken", "ZIP 文件已损坏"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "MHTML"),
        (random.Random(7).randbytes(4000), "无法辨认的二进制数据"),
        (b"%PDF-1.4 broken", "PDF 文件已损坏"),
        (zipped(**{"word__document_dot_xml": b"<a/>"}), "DOCX 文件已损坏"),
        (b"x" * (65 * MEGABYTE), "65.0 MB，超过上限"),
        (b"<html><body>" + b"x" * (50 * MEGABYTE), "50.0 MB，超过上限"),
        (b"x\n" * MEGABYTE * 2, "超过上限"),
        (b"<html>" + b"<div>" * 50_000 + b"x", "其后的内容会丢失"),
        (b"<html><p " + b" ".join(b"a%d=1" % n for n in range(60_000)) + b">x", "60000 个属性"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_refusals_name_what_it_is_and_come_fast(body: bytes, message: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableError, match=message):
        read(body)
    assert time.perf_counter() - started < 10


def test_a_refusal_says_the_same_each_time() -> None:
    said = set()
    for _ in range(2):
        with pytest.raises(UnreadableError, match="PNG 图片已损坏") as refused:
            read(b"\x89PNG\r\n\x1a\n" + bytes(20))
        said.add(str(refused.value))
    assert len(said) == 1
    assert "BytesIO" in said.pop()
    assert messages.quoted("no <_io.BytesIO object at 0x7F0b12> here") == "（no BytesIO here）"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>" + b"x" * (15 * MEGABYTE), id="15 MB in one line"),
        pytest.param(b"<html><body>" + b"<table><tr><td>a</td><td>b" * 600, id="600 tables deep"),
        pytest.param(b"<html><body>" + b"<div>" * 1900 + b"x" + b"<p>y</p>" * 100, id="1900 deep"),
        pytest.param(b"<html><body>" + b"<!-- a -->" * 200_000 + b"x", id="comments"),
        pytest.param(b"<!---->" * 2000 + b"<", id="comments and no element"),
        pytest.param(b"<html><div class=content>" * 900 + b"a" * MEGABYTE, id="containers in containers"),
        pytest.param(b"<html><table>" + b"<tr><td>1<td>2" * 60_000, id="rows without end"),
        pytest.param(b"<html><script>_CONFIG={DETAIL:{" + b'"content":"\\' * 50_000, id="broken script"),
        pytest.param(("位置：" + ">" * 100_000).encode(), id="breadcrumb of nothing"),
        pytest.param(("来源：" + "发布 " * 100_000).encode(), id="source of nothing"),
    ],
)
def test_hostile_pages_end_in_bounded_time(body: bytes) -> None:
    started = time.perf_counter()
    document = read(body)
    assert time.perf_counter() - started < 20
    assert isinstance(document, Document)


def test_compression_bombs_are_refused_before_they_unpack() -> None:
    packed = zlib.compress(bytes(120 * MEGABYTE), 9)
    for body in (packed, zlib.compress(packed, 9)):
        with pytest.raises(UnreadableError, match="解压后超过 96"):
            read(b"%PDF-1.4\n1 0 obj<</Filter/FlateDecode>>stream\n" + body + b"\nendstream endobj")
    with pytest.raises(UnreadableError, match="压缩炸弹"):
        read(made.docx("", parts={"word/media.bin": bytes(20 * MEGABYTE)}))
    with pytest.raises(UnreadableError, match="XML 超过"):
        read(made.docx("", parts={"word/other.xml": bytes(60 * MEGABYTE)}))


@pytest.mark.parametrize(
    ("text", "codec", "charset"),
    [
        ('<html><head><meta charset="gb2312"></head><body>朱镕喆镇</body></html>', "gb18030", None),
        ('<html><head><meta charset="gb2312"></head><body>朱镕喆镇</body></html>', "utf-8", "gbk"),
        ("<html><head></head><body>朱镕喆镇</body></html>", "gb18030", "utf-8"),
        ('<html><head><meta charset="utf-8"></head><body>朱镕喆镇</body></html>', "gb18030", "iso-8859-1"),
        ('<?xml version="1.0" encoding="GBK"?><html><body>朱镕喆镇</body></html>', "gb18030", None),
        ('<?xml version="1.0" encoding="GBK"?><html><body>朱镕喆镇</body></html>', "utf-8-sig", None),
        ('<html><head><meta charset="x-no-such"></head><body>朱镕喆镇</body></html>', "utf-16", None),
    ],
)
def test_the_bytes_decide_the_encoding(text: str, codec: str, charset: str | None) -> None:
    assert read(text.encode(codec), charset=charset).text == "朱镕喆镇"


def test_one_damaged_character_does_not_turn_a_page_to_mojibake() -> None:
    body = ("<html><body><p>" + "政府信息公开工作年度报告" * 20 + "</p></body></html>").encode()
    document = read(body[:60] + b"\xff" + body[60:], charset="gbk")
    assert "工作年度报告政府信息公开" in document.text
    assert any("不是 utf-8 编码" in note for note in document.notes)


ALPHABET = st.sampled_from(
    [
        *("<table>", "<tr>", "<td", " rowspan=", " colspan=", ">", "</table>", "<p>", "<br>", "&nbsp;"),
        *("0", "12", "规章", "一、总体情况", "<script>", "</script>", "<!--", "-->", "'", '"', "<html>"),
        *("<meta name=ArticleTitle content=", "window._CONFIG={DETAIL:{", '"content":"', "\\u003C"),
        *("<div style='display:none'>", "</div>", "位置：", "来源：", "<ucaptitle>", "<pre>", "\n", " "),
        *("\x00", "\x1f", "\ufffe", "&#1;", "&#x1f;", "&#99999999;", "&#xd800;", "\x0c"),
        *("<form>", "<tfoot>", "<caption>", "65535", "-1"),
    ]
)


def reads_or_refuses(body: bytes) -> None:
    try:
        document = read(body)
    except UnreadableError:
        return
    assert all(block.where for block in document.blocks if isinstance(block, Paragraph))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400))
def test_random_bytes_raise_nothing_else(body: bytes) -> None:
    reads_or_refuses(body)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        [b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"\xfe\xff", b"<?xml ", b"\xef\xbb\xbf"]
    ),
    st.binary(max_size=300),
)
def test_random_bytes_behind_a_magic_number_raise_nothing_else(magic: bytes, body: bytes) -> None:
    reads_or_refuses(magic + body)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ALPHABET, max_size=60))
def test_mangled_html_raises_nothing_else(pieces: list[str]) -> None:
    reads_or_refuses("".join(pieces).encode("utf-8", "surrogatepass"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_raise_nothing_else(data: st.DataObject) -> None:
    _damaged(data)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_many_damaged_files_raise_nothing_else(data: st.DataObject) -> None:
    _damaged(data)


def _damaged(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([made.report_docx(), BROKEN_TABLE]))
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 60))
    reads_or_refuses(whole[:start] + data.draw(st.binary(max_size=20)) + whole[start + length :])


BROKEN_TABLE = (made.FIXTURES / "pdf" / "cut_label" / "input.pdf").read_bytes()


def test_a_page_is_read_without_what_only_files_need() -> None:
    code = (
        "import sys; from pipelines.readers import read; read('<html><p>正文。</p></html>'.encode());"
        "print(sorted({'numpy', 'openpyxl', 'xlrd', 'docx', 'pdfplumber', 'PIL'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
