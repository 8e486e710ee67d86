"""WARC files: what was received comes back, a torn tail is cut and said, and a stranger can read them."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import stat
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.bodies import decode_body
from archive.errors import ArchiveError, DamagedError, DiskFullError
from archive.records import Context, WarcLocation
from archive.warc import Torn, WarcWriter, iter_records, mend, read

NOW = datetime(2024, 2, 1, 8, 30, 15, 123456, tzinfo=UTC)
URL = "http://www.mouxian.gov.cn/zwgk/年报/1.html?id=3#top"
PAGE = ("<html><p>政府信息公开工作年度报告</p></html>" * 40).encode("gb18030")


def put(writer: WarcWriter, url: str = URL, body: bytes = PAGE, **headers: str) -> WarcLocation:
    return writer.write(
        url=url,
        fetched_at=NOW,
        status=200,
        reason="OK",
        headers=[("Content-Type", "text/html; charset=gb2312"), *headers.items()],
        body=body,
        request_headers=[(b"User-Agent", b"gongkai")],
    )


def check(folder: Path) -> None:
    """warcio's own verdict on every finished file, digests included."""
    files = sorted(str(path) for path in folder.glob("*.warc.gz"))
    assert files
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *files], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_page_comes_back_as_it_was_received(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer)
        early = read(tmp_path, where)  # while the file is still open
    record = read(tmp_path, where)
    assert record == early
    assert (record.type, record.url, record.status, record.fetched_at) == ("response", URL, 200, NOW)
    assert record.body == PAGE
    assert record.header("content-type") == "text/html; charset=gb2312"
    snapshot = record.snapshot(role="page", context=Context(portal="mouxian"))
    assert (snapshot.media_type, snapshot.charset, snapshot.warc) == ("text/html", "gb2312", where)
    assert (snapshot.body, snapshot.fetched_at) == (PAGE, NOW)
    check(tmp_path)


def test_request_and_response_are_one_exchange(tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    with WarcWriter(tmp_path, "gongkai") as writer:
        writer.write(
            url="http://a.gov.cn/search?q=年报",
            fetched_at=NOW,
            status=200,
            headers=[
                ("Transfer-Encoding", "chunked"),
                ("Content-Length", "999999"),
                ("Set-Cookie", "a=1\r\nX: 2"),
            ],
            body=b"{}",
            method="POST",
            request_headers=[("Accept", "*/*")],
            request_body=b"page=2",
            ip="127.0.0.11",
        )
    (path,) = tmp_path.glob("*.warc.gz")
    with path.open("rb") as stream:
        seen = [
            (r.rec_type, r.rec_headers, r.http_headers, r.raw_stream.read()) for r in ArchiveIterator(stream)
        ]
    info, response, request = seen
    assert [s[0] for s in seen] == ["warcinfo", "response", "request"]
    assert b"format: WARC File Format 1.1" in info[3]
    assert info[1].get_header("WARC-Filename") == path.name
    assert request[1].get_header("WARC-Concurrent-To") == response[1].get_header("WARC-Record-ID")
    assert {s[1].get_header("WARC-Date") for s in (request, response)} == {"2024-02-01T08:30:15.123456Z"}
    assert response[1].get_header("WARC-IP-Address") == "127.0.0.11"
    assert response[1].get_header("WARC-Payload-Digest").startswith("sha1:")
    assert (request[2].statusline, request[2].protocol) == ("/search?q=%E5%B9%B4%E6%8A%A5 HTTP/1.1", "POST")
    assert request[3] == b"page=2"
    # Twisted has undone the chunking; a record that still claimed it could not be read again.
    assert response[2].get_header("Transfer-Encoding") is None
    assert response[2].get_header("Content-Length") == "2"
    assert response[2].get_header("X") is None
    check(tmp_path)


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:])),
        ("x-gzip", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("gzip", PAGE),
        ("identity", PAGE),
        ("deflate, gzip", gzip.compress(zlib.compress(PAGE))),
    ],
    ids=["gzip", "two members", "x-gzip", "zlib", "raw deflate", "only says gzip", "identity", "two codings"],
)
def test_content_codings_are_kept_and_undone(tmp_path: Path, coding: str, wire: bytes) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer, body=wire, **{"Content-Encoding": coding})
    assert read(tmp_path, where).body == PAGE
    check(tmp_path)


def test_brotli_and_zstd() -> None:
    brotli = pytest.importorskip("brotli")
    zstd = pytest.importorskip("backports.zstd")
    for coding, packed in (("br", brotli.compress(PAGE)), ("zstd", zstd.compress(PAGE))):
        assert decode_body(packed, coding, where="here") == PAGE
        with pytest.raises(DamagedError):
            decode_body(packed[: len(packed) // 2], coding, where="here")
        with pytest.raises(DamagedError):
            decode_body(b"\xff" + packed, coding, where="here")
    for coding, bomb in (
        ("br", brotli.compress(bytes(5_000_000))),
        ("zstd", zstd.compress(bytes(5_000_000))),
    ):
        with pytest.raises(DamagedError, match="inflates beyond 100000 bytes"):
            decode_body(bomb, coding, where="here", limit=100_000)


def test_bombs_and_broken_bodies_are_named() -> None:
    with pytest.raises(DamagedError, match="here: the body inflates beyond 1000 bytes"):
        decode_body(gzip.compress(bytes(10_000_000)), "gzip", where="here", limit=1000)
    with pytest.raises(DamagedError, match="cut short"):
        decode_body(gzip.compress(PAGE)[:-20], "gzip", where="here")
    with pytest.raises(DamagedError, match="not what Content-Encoding says"):
        decode_body(gzip.compress(PAGE)[:12] + b"\0" * 40, "gzip", where="here")
    with pytest.raises(ArchiveError, match="'compress' cannot be undone"):
        decode_body(b"x", "compress", where="here")


def test_files_from_disk_are_resources(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "ingest") as writer:
        where = writer.write_resource(name="二七区 2020年报.docx", body=b"PK\3\4", fetched_at=NOW)
    (record,) = iter_records(tmp_path)
    assert (record.type, record.url, record.status, record.body) == (
        "resource",
        "二七区 2020年报.docx",
        None,
        b"PK\3\4",
    )
    assert record.location == where
    check(tmp_path)


@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=3000), value=st.text(max_size=30), status=st.integers(100, 599))
def test_any_bytes_and_any_header_come_back(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, value: str, status: int
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    with WarcWriter(folder, "gongkai") as writer:
        where = writer.write(url=URL, fetched_at=NOW, status=status, headers=[("X-Said", value)], body=body)
    record = read(folder, where)
    assert (record.body, record.status) == (body, status)
    assert list(iter_records(folder)) == [record]


def test_rotation_by_size(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai", rotate_at=6000) as writer:
        where = [put(writer, f"http://a.gov.cn/{n}", os.urandom(2500)) for n in range(6)]
        assert sum(path.name.endswith(".open") for path in tmp_path.iterdir()) == 1
    names = sorted({w.file for w in where})
    assert len(names) == 3
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".cdxj") == names
    assert [r.location for r in iter_records(tmp_path)] == where
    check(tmp_path)


def test_writers_never_share_a_file(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as one, WarcWriter(tmp_path, "gongkai") as two:
        assert (one.mended, two.mended) == ((), ())
        places = [put(writer, f"http://a.gov.cn/{n}") for n in range(3) for writer in (one, two)]
        assert mend(tmp_path) == ()  # both are alive and left alone
        assert [put(one).file, put(two).file] == [places[0].file, places[1].file]
    assert len({p.file for p in places}) == 2
    assert len(list(iter_records(tmp_path))) == 8
    check(tmp_path)


def test_writers_begin_and_end_beside_each_other(tmp_path: Path) -> None:
    """Each looks for what others left behind, while these make, lock and rename their files."""

    def write(number: int) -> list[WarcLocation]:
        places = []
        for _ in range(25):
            with WarcWriter(tmp_path, "gongkai") as writer:
                assert writer.mended == ()
                places.append(put(writer, f"{URL}?{number}"))
        return places

    with ThreadPoolExecutor(6) as threads:
        places = [place for each in threads.map(write, range(6)) for place in each]
    assert len({place.file for place in places}) == 150
    assert all(read(tmp_path, place).body == PAGE for place in places)
    assert not list(tmp_path.glob("*.open"))


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer, body=os.urandom(4000))
    path = tmp_path / where.file
    whole = path.read_bytes()
    middle = where.offset + where.length // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    with pytest.raises(DamagedError, match=f"{where.file} at {where.offset}"):
        read(tmp_path, where)
    with pytest.raises(ArchiveError, match="no WARC file"):
        read(tmp_path, WarcLocation("absent.warc.gz", 0, 1))
    with pytest.raises(ArchiveError, match="no file name"):
        read(tmp_path, WarcLocation("../absent.warc.gz", 0, 1))


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_torn_tail_costs_only_what_was_torn(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    folder = tmp_path_factory.mktemp("torn")
    with WarcWriter(folder, "gongkai") as writer:
        where = [put(writer, f"http://a.gov.cn/{n}", os.urandom(300)) for n in range(4)]
    path = folder / where[0].file
    whole = path.read_bytes()
    size = int(share * len(whole))
    # As a killed process leaves it: cut anywhere, the mark of an open file still on.
    path.unlink()
    (folder / (path.name + ".open")).write_bytes(whole[:size])
    left = [w for w in where if w.offset + w.length <= size]
    torn: list[Torn] = []
    assert [r.location for r in iter_records(folder, torn)] == left
    assert sum(t.kept + t.cut for t in torn) in (0, size)
    cut = mend(folder)
    assert cut == tuple(torn)
    assert list(folder.glob("*.open")) == []
    assert [r.location for r in iter_records(folder)] == left
    if left:
        assert len(read(folder, left[-1]).body) == 300


def test_a_tear_without_a_list_is_raised_after_the_whole_records(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer)
    path = tmp_path / where.file
    path.write_bytes(path.read_bytes()[:-3])
    records = iter_records(tmp_path)
    assert next(records).location == where
    with pytest.raises(DamagedError, match="are no whole record"):
        next(records)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file size stands in for a full disk: the kernel takes part of the record, then refuses."""
    with WarcWriter(tmp_path, "gongkai") as writer:
        first = put(writer)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
            with pytest.raises(DiskFullError, match="no room"):
                put(writer, "http://a.gov.cn/large", os.urandom(50_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)
        second = put(writer, "http://a.gov.cn/small")
    assert second.file == first.file
    assert [r.location for r in iter_records(tmp_path)] == [first, second]
    check(tmp_path)


@pytest.mark.parametrize("piece", [0, 1 << 20])
def test_large_records_are_compressed_by_pieces_and_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("archive.warc._IN_ONE_PIECE", piece)
    body = PAGE * 100
    with WarcWriter(tmp_path, "gongkai") as writer:
        places = [put(writer, body=body), writer.write_resource(name="1.pdf", body=body, fetched_at=NOW)]
        assert [read(tmp_path, place).body for place in places] == [body, body]
    check(tmp_path)


def test_what_is_not_synced_goes_to_the_disk_with_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the size that the file has when the system is asked for it."""
    synced: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode):
            synced.append(found.st_size)

    def put_by(url: str) -> WarcLocation:
        return writer.write(url=url, fetched_at=NOW, status=200, headers=[], body=PAGE, synced=False)

    with WarcWriter(tmp_path, "gongkai") as writer:
        writer.write_note(target="urn:x", block=b"{}")  # the file has begun
        monkeypatch.setattr(os, "fsync", fsync)
        first = put_by("http://a.gov.cn/1")
        assert synced == []
        note = writer.write_note(target="urn:x", block=b"{}")
        assert synced == [note.offset + note.length]
        assert note.offset > first.offset + first.length  # response, request, note
        last = put_by("http://a.gov.cn/2")
        assert len(synced) == 1
        writer.close()
        assert synced[1] > last.offset + last.length
    check(tmp_path)


def test_times_need_a_zone_and_prefixes_are_plain(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer, pytest.raises(ValueError, match="no time zone"):
        writer.write(url=URL, fetched_at=NOW.replace(tzinfo=None), status=200, headers=[], body=b"")
    with pytest.raises(ValueError, match="prefix"):
        WarcWriter(tmp_path, "../x")
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = writer.write(
            url=URL,
            fetched_at=NOW + timedelta(seconds=1),
            status=404,
            headers=[("Location", "/年报")],
            body=b"",
        )
    record = read(tmp_path, where)
    assert (record.status, record.body, record.header("Location")) == (404, b"", "/%E5%B9%B4%E6%8A%A5")
