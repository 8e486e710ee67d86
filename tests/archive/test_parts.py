"""Originals that go on with another one: kept, in their order, and read back with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.kinds import kind_of
from archive.records import PART_UNREAD, Context, Finding, Report, Snapshot
from archive.store import Store
from archive.warc import WarcWriter
from pipelines.keep import keep

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "http://a.gov.cn/nb/1.html"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "gongkai.db") as opened:
        yield opened


def snapshots(folder: Path, *bodies: bytes) -> Snapshot:
    """A page with these parts, all in a WARC."""
    with WarcWriter(folder, "test") as warcs:
        made = []
        for number, body in enumerate((b"<html>page</html>", *bodies)):
            url = URL if number == 0 else f"http://a.gov.cn/nb/1_{number}.png"
            where = warcs.write_resource(name=url, body=body, fetched_at=NOW, media_type=None)
            context = Context(part=number or None, parts=len(bodies) if number == 0 else None, portal="x")
            role = "page" if number == 0 else "attachment"
            made.append(Snapshot(url, body, NOW, role=role, context=context, warc=where))  # type: ignore[arg-type]
    return replace(made[0], parts=tuple(made[1:]))


def report(*findings: Finding, text: str = "正文") -> Report:
    return Report(
        source=URL, agency="散页县人民政府", division=None, year=2023, title="年报", published_on=None,
        forms={}, cells=(), checks=(), findings=findings, sections=(), text=text, parser="1", is_report=True,
    )  # fmt: skip


def outcomes(store: Store) -> dict[str, str]:
    rows = store.db.query("SELECT url, outcome FROM documents")
    return {row["url"].rpartition("/")[2]: row["outcome"] for row in rows}


def test_parts_are_kept_with_their_report(store: Store, tmp_path: Path) -> None:
    whole = snapshots(tmp_path / "warc", b"\x89PNG\r\n\x1a\n1", b"\x89PNG\r\n\x1a\n2")
    outcome = keep(store, whole, report())
    assert outcomes(store) == {"1.html": "current", "1_1.png": "part", "1_2.png": "part"}
    rows = list(store.db.query("SELECT role, kind, report FROM documents WHERE outcome = 'part'"))
    assert rows == [{"role": "attachment", "kind": "png", "report": outcome.report}] * 2
    assert store.original(outcome.document, tmp_path / "warc") == whole
    assert store.known("x") == {URL}
    # Again: nothing changes.
    before = list(store.db.query("SELECT * FROM documents ORDER BY id"))
    assert keep(store, whole, report()).action == "unchanged"
    assert list(store.db.query("SELECT * FROM documents ORDER BY id")) == before


def test_a_page_with_an_unread_part_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    whole = snapshots(tmp_path / "warc", b"\x89PNG\r\n\x1a\n1", b"\x89PNG\r\n\x1a\n2")
    keep(store, whole, report(Finding(PART_UNREAD, "没有读出", whole.parts[0].url)))
    assert outcomes(store) == {"1.html": "current", "1_1.png": "unreadable", "1_2.png": "part"}
    assert store.known("x") == frozenset()
    # Once they can be read, all is settled.
    assert keep(store, whole, report(text="正文和图片")).action == "reread"
    assert outcomes(store) == {"1.html": "current", "1_1.png": "part", "1_2.png": "part"}
    assert store.known("x") == {URL}


def test_parts_of_what_is_no_report_are_kept_too(store: Store, tmp_path: Path) -> None:
    whole = snapshots(tmp_path / "warc", b"\x89PNG\r\n\x1a\n1")
    keep(store, whole, replace(report(Finding("not_a_report", "不是")), is_report=False))
    assert outcomes(store) == {"1.html": "refused", "1_1.png": "part"}


def test_an_original_of_its_own_is_not_made_a_part(store: Store, tmp_path: Path) -> None:
    whole = snapshots(tmp_path / "warc", b"<html>other report</html>")
    own = replace(whole.parts[0], role="page", context=Context())
    keep(store, own, replace(report(text="另一份"), year=2022))
    keep(store, whole, report())
    assert outcomes(store) == {"1.html": "current", "1_1.png": "current"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"II*\0", "tif"),
        (b"PK\x03\x04..OFD.xml", "ofd"),
        (b"PK\x03\x04..word/document.xml", "docx"),
        (b"PK\x03\x04..xl/workbook.xml", None),
        (b"PK\x03\x04..a.pdf", "zip"),
    ],
)
def test_what_an_original_is(body: bytes, kind: str | None) -> None:
    assert kind_of(body) == kind
