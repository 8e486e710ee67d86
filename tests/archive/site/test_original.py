from __future__ import annotations

import codecs
import sqlite3
from pathlib import Path

import pytest

from archive.site import original
from tests.archive.site import sample
from tests.archive.site.conftest import Get

POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_page_is_served_as_it_was_in_a_sandbox(get: Get) -> None:
    response = get(f"/original/{sample.PAGE}")
    assert response.status_code == 200
    assert response.content == sample.GBK_PAGE
    assert response.headers["content-type"] == "text/html; charset=gb18030"
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "content-disposition" not in response.headers


def test_other_types_are_files_to_save(get: Get) -> None:
    response = get(f"/original/{sample.PDF}")
    assert response.content == b"%PDF-1.4 not much"
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-security-policy"] == POLICY
    disposition = response.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=")
    assert "filename*=UTF-8''%E5%B9%B4%E6%8A%A5_2021_.pdf" in disposition
    assert disposition.isascii()


def test_page_can_be_saved_too(get: Get) -> None:
    response = get(f"/original/{sample.PAGE}?download=1")
    assert response.headers["content-disposition"].startswith('attachment; filename="t2020.html"')


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (sample.LOST, "没有它的字节"),
        (sample.BROKEN, "SHA-256 不符"),
        (12345, "没有编号为 12345 的原件"),
        (9_999_999_999_999_999_999, "没有编号为"),
    ],
)
def test_what_cannot_be_shown_is_explained(get: Get, document: int, words: str) -> None:
    response = get(f"/original/{document}")
    assert response.status_code == 404
    assert words in response.text
    assert sample.SCRIPT not in response.text


def _row(db: Path, document: int) -> dict[str, object]:
    conn = sqlite3.connect(db)
    row = original.find(conn, document)
    conn.close()
    assert row is not None
    return row


@pytest.mark.parametrize("name", ["gone.warc.gz", "../gongkai.db", "/etc/passwd"])
def test_a_missing_or_strange_file_name_is_an_error_without_paths(archive_db: Path, name: str) -> None:
    row = {**_row(archive_db, sample.PAGE), "warc_file": name}
    with pytest.raises(original.OriginalError) as caught:
        original.read(row, archive_db.parent / "warc")
    assert caught.value.key == "error.nowarc"
    assert caught.value.values == {"file": name}


def test_a_damaged_record_is_an_error(archive_db: Path) -> None:
    row = _row(archive_db, sample.PAGE)
    row["warc_length"] = int(str(row["warc_length"])) - 10
    with pytest.raises(original.OriginalError) as caught:
        original.read(row, archive_db.parent / "warc")
    assert caught.value.key == "error.badwarc"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("政府信息".encode(), "utf-8"),
        (b"plain ascii", "utf-8"),
        (b"", "utf-8"),
        ("<meta charset=gb2312>朱镕喆".encode("gbk"), "gb18030"),
        ("<meta charset='utf-8'>政府信息公开".encode("gbk"), "gb18030"),
        ('<meta charset="gb2312">政府信息公开'.encode(), "utf-8"),
        ("政府信息公开".encode() + b"\xff", "utf-8"),
        ('<meta charset="big5">政府資訊公開年度報告'.encode("big5"), "big5"),
        ('<meta charset="no-such-thing">政府'.encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF8 + "政府".encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + "政府".encode("utf-16-le"), "utf-16le"),
    ],
)
def test_charset_is_what_the_bytes_are(body: bytes, expected: str) -> None:
    assert original.charset(body) == expected


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("http://portal.example/a/t1.html", "html", "t1.html"),
        ("http://portal.example/a/", "html", "original.html"),
        ("http://portal.example/../../etc/passwd", None, "passwd.bin"),
        ("http://portal.example/%0d%0aX: y", "docx", "X_y.docx"),
        ("年报\u202e.pdf", "pdf", "年报_.pdf"),
        ("http://[broken", "text", "original.txt"),
        ("http://portal.example/" + "长" * 500 + ".pdf", "pdf", "长" * 120 + ".pdf"),
    ],
)
def test_file_names_are_safe(url: str, kind: str | None, name: str) -> None:
    assert original.file_name(url, kind) == name


def test_a_header_cannot_be_split_by_an_address() -> None:
    answer = original.answer(b"x", "pdf", 'http://portal.example/a"\r\nSet-Cookie: x=1')
    assert "\r" not in answer.headers["Content-Disposition"]
    assert "\n" not in answer.headers["Content-Disposition"]
