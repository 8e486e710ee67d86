"""The same bytes again are a revisit: read back as if they lay there, by us and by others."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import cdxj
from archive.errors import DamagedError
from archive.records import WarcLocation
from archive.warc import WarcWriter, iter_records, read
from archive.warc_read import payload_digest
from tests.archive.test_warc import NOW, check

URL = "http://www.mouxian.gov.cn/nb/1.html"
BODY = os.urandom(3000)


def visit(
    folder: Path, body: bytes = BODY, *, url: str = URL, day: int = 0, coding: str = ""
) -> WarcLocation:
    """One crawl with one answer."""
    headers = [("Content-Type", "text/html"), ("X-Day", str(day))]
    headers += [("Content-Encoding", coding)] if coding else []
    with WarcWriter(folder, "gongkai") as writer:
        where = writer.write(
            url=url, fetched_at=NOW + timedelta(days=day), status=200, reason="OK", headers=headers, body=body
        )
    cdxj.merge(folder)
    return where


def records(folder: Path) -> Iterator[tuple[str, object]]:
    """As warcio reads them."""
    for path in sorted(folder.glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests=True):
                yield record.rec_type, record.rec_headers


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_same_bytes_again_are_kept_once(tmp_path: Path, coding: str) -> None:
    wire = gzip.compress(BODY) if coding else BODY
    first = visit(tmp_path, wire, coding=coding)
    again = visit(tmp_path, wire, day=1, coding=coding)
    assert again.length < 1000 < first.length
    one, other = read(tmp_path, first), read(tmp_path, again)
    assert (one.type, other.type) == ("response", "revisit")
    assert one.body == other.body == BODY
    assert (other.status, other.url, other.fetched_at) == (200, URL, NOW + timedelta(days=1))
    assert other.header("X-Day") == "1"  # its own headers, not those of the first
    assert [record.body for record in iter_records(tmp_path)] == [BODY, BODY]
    check(tmp_path)


def test_a_revisit_is_one_by_the_standard(tmp_path: Path) -> None:
    visit(tmp_path)
    visit(tmp_path, day=1)
    found = list(records(tmp_path))
    assert [kind for kind, _ in found] == [
        "warcinfo",
        "response",
        "request",
        "warcinfo",
        "revisit",
        "request",
    ]
    original, revisit, request = (found[n][1].get_header for n in (1, 4, 5))  # type: ignore[attr-defined]
    assert revisit("WARC-Profile") == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert revisit("WARC-Refers-To-Target-URI") == URL
    assert revisit("WARC-Refers-To-Date") == original("WARC-Date") == "2024-02-01T08:30:15.123456Z"
    assert revisit("WARC-Refers-To") == original("WARC-Record-ID")
    assert revisit("WARC-Payload-Digest") == original("WARC-Payload-Digest") == payload_digest(BODY)
    assert request("WARC-Concurrent-To") == revisit("WARC-Record-ID")
    assert [entry.mime for entry in cdxj.find(tmp_path, URL)] == ["text/html", "warc/revisit"]


def test_what_is_other_or_elsewhere_or_empty_is_a_response(tmp_path: Path) -> None:
    visit(tmp_path)
    visit(tmp_path, BODY[:-1], day=1)
    visit(tmp_path, url=URL + "?a=1", day=2)
    visit(tmp_path, b"", url=URL + "x", day=3)
    visit(tmp_path, b"", url=URL + "x", day=4)
    assert {kind for kind, _ in records(tmp_path)} == {"warcinfo", "response", "request"}


def test_a_third_time_refers_to_the_first(tmp_path: Path) -> None:
    for day in range(3):
        last = visit(tmp_path, day=day)
    dates = [h.get_header("WARC-Refers-To-Date") for kind, h in records(tmp_path) if kind == "revisit"]  # type: ignore[attr-defined]
    assert dates == ["2024-02-01T08:30:15.123456Z"] * 2
    assert read(tmp_path, last).body == BODY


def test_it_is_found_without_an_index_and_by_an_old_one(tmp_path: Path) -> None:
    first = visit(tmp_path)
    again = visit(tmp_path, day=1)
    (tmp_path / cdxj.INDEX).unlink()
    assert read(tmp_path, again).body == BODY
    cdxj.rebuild(tmp_path)
    (tmp_path / first.file).rename(tmp_path / "moved.warc.gz")
    assert read(tmp_path, again).body == BODY


def test_damage_of_the_first_is_told_of_the_second_and_not_built_upon(tmp_path: Path) -> None:
    first = visit(tmp_path)
    again = visit(tmp_path, day=1)
    path = tmp_path / first.file
    whole = bytearray(path.read_bytes())
    whole[first.offset + first.length // 2] ^= 1
    path.write_bytes(whole)
    with pytest.raises(DamagedError, match=r"is in no WARC file"):
        read(tmp_path, again)
    # Fetched once more, the bytes are kept whole.
    third = visit(tmp_path, day=2)
    assert (read(tmp_path, third).type, read(tmp_path, third).body) == ("response", BODY)
    assert read(tmp_path, visit(tmp_path, day=3)).type == "revisit"


def test_a_revisit_made_by_another_tool_is_read(tmp_path: Path) -> None:
    """By warcio itself, of WARC 1.0, without a record's identifier."""
    first = visit(tmp_path)
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    date = "2024-02-01T08:30:15.123456Z"
    record = writer.create_revisit_record(URL, payload_digest(BODY), URL, date, http_headers=http)
    writer.write_record(record)
    (tmp_path / "other.warc.gz").write_bytes(out.getvalue())
    found = read(tmp_path, WarcLocation("other.warc.gz", 0, len(out.getvalue())))
    assert (found.type, found.body) == ("revisit", BODY)
    assert read(tmp_path, first).body == BODY
    lie = writer.create_revisit_record(URL, payload_digest(b"other"), URL, date, http_headers=http)
    out.seek(0)
    out.truncate()
    writer.write_record(lie)
    (tmp_path / "lie.warc.gz").write_bytes(out.getvalue())
    with pytest.raises(DamagedError, match="has another digest"):
        read(tmp_path, WarcLocation("lie.warc.gz", 0, len(out.getvalue())))
