"""ZIP archives: the report in them decides, names are only names, bombs are refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from pipelines.readers import UnreadableError, read
from tests.pipelines.readers import made
from tests.pipelines.readers.test_read import MEGABYTE

NOTICE = "关于报送材料的通知\n请各单位于月底前报送。\n".encode() * 400


def packed(members: dict[str, bytes], *, method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, body in members.items():
            package.writestr(name, body)
    return out.getvalue()


def test_the_report_decides_and_the_others_are_named() -> None:
    document = read(
        packed({"通知.txt": NOTICE, "附件/年报.docx": made.report_docx(), "说明.txt": "另见附件。".encode()})
    )
    assert document.kind == "docx"
    assert document.title == "某某局2024年政府信息公开工作年度报告"
    assert document.notes == (
        "内容取自压缩包里的“附件/年报.docx”",
        "压缩包里还有其他文档：通知.txt、说明.txt",
    )


def test_names_that_leave_the_folder_and_system_files_are_left_out() -> None:
    members = {
        "../../etc/a.docx": made.report_docx(),
        "/abs.docx": made.report_docx(),
        "C:\\b.docx": made.report_docx(),
        "__MACOSX/._a.docx": b"\x00\x05\x16\x07",
        "a.txt": "正文".encode(),
    }
    document = read(packed(members))
    assert (document.kind, document.text) == ("text", "正文")
    assert document.notes[0] == "压缩包里有 3 个文件的名称指向包外，未读取"


def test_archives_are_opened_one_level_deep() -> None:
    inner = packed({"年报.docx": made.report_docx()})
    assert read(packed({"内.zip": inner})).kind == "docx"
    with pytest.raises(UnreadableError, match="不再打开"):
        read(packed({"外.zip": packed({"内.zip": inner})}))


def test_names_in_gbk_without_a_mark_are_read() -> None:
    info = zipfile.ZipInfo("0123.txt")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(info, "正文".encode())
    body = out.getvalue().replace(b"0123.txt", "年报".encode("gbk") + b".txt")
    assert "内容取自压缩包里的“年报.txt”" in read(body).notes


def test_what_cannot_be_read_is_said_and_does_not_stop_the_rest() -> None:
    document = read(packed({"年度报告.pdf": b"%PDF-1.4 broken", "程序.exe": b"MZ", "a.txt": "正文".encode()}))
    assert document.text == "正文"
    assert any(note.startswith("压缩包里的“年度报告.pdf”无法读取：PDF 文件已损坏") for note in document.notes)
    assert any(note.startswith("压缩包里的“程序.exe”无法读取：这是Windows 程序") for note in document.notes)


def test_bombs_locks_and_empty_archives_are_refused() -> None:
    with pytest.raises(UnreadableError, match="压缩炸弹"):
        read(packed({"a.txt": bytes(20 * MEGABYTE)}, method=zipfile.ZIP_DEFLATED))
    with pytest.raises(UnreadableError, match="超过上限 2000 个"):
        read(packed({f"{n}.txt": b"x" for n in range(2100)}))
    with pytest.raises(UnreadableError, match="没有可以读取的文档"):
        read(packed({}))
    locked = bytearray(packed({"a.txt": b"x"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableError, match="设有密码"):
        read(bytes(locked))
