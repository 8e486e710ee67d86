"""The index of the WARC files: the keys and lines that other tools make, found, merged and made again."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import cdxj
from archive.surt import surt
from archive.warc import WarcWriter, mend
from tests.archive.test_warc import NOW, put

_SESSION = "0123456789ABCDEF0123456789ABCDEF"

#: What the Internet Archive's surt 0.3.1 gives.
KEYS = [
    ("http://www.Example.com:80/a/b/?x=2&a=1#f", "com,example)/a/b?a=1&x=2"),
    ("http://www2.a.gov.cn/", "cn,gov,a)/"),
    ("http://www.gov.cn/", "cn,gov)/"),
    ("http://a.gov.cn", "cn,gov,a)/"),
    ("http://a.gov.cn/?", "cn,gov,a)/"),
    ("http://a.gov.cn/x?&", "cn,gov,a)/x?&"),
    ("http://a.gov.cn/年报/1.html?B=1&a=", "cn,gov,a)/%e5%b9%b4%e6%8a%a5/1.html?a=&b=1"),
    ("http://a.gov.cn/%E5%B9%B4?q=%E5%B9%B4+b", "cn,gov,a)/%e5%b9%b4?q=%e5%b9%b4+b"),
    ("http://127.0.0.11:8080/a//b/../c/./d", "11,0,0,127:8080)/a/c/d"),
    ("https://a.gov.cn:443/", "cn,gov,a)/"),
    ("https://a.gov.cn:80/", "cn,gov,a:80)/"),
    ("http://user:pw@a.gov.cn/A/", "cn,gov,a)/a"),
    ("http://a..gov.cn./", "cn,gov,a)/"),
    ("http://例子.gov.cn/", "cn,gov,xn--fsqu00a)/"),
    ("http://a.gov.cn/%25%41", "cn,gov,a)/%25a"),
    ("http://a.gov.cn/a%2Fb", "cn,gov,a)/a/b"),
    ("http://a.gov.cn/a b", "cn,gov,a)/a%20b"),
    ("http://a.gov.cn/../x", "cn,gov,a)/../x"),
    ("http://a.gov.cn/a?%61=%62%26", "cn,gov,a)/a?&a=b"),
    ("http://a.gov.cn/x?a=1&a=0&b", "cn,gov,a)/x?a=0&a=1&b"),
    (f"http://a.gov.cn/a;jsessionid={_SESSION}?x=1", f"cn,gov,a)/a;jsessionid={_SESSION.lower()}?x=1"),
    (f"http://a.gov.cn/a?jsessionid={_SESSION}&x=1", "cn,gov,a)/a?x=1"),
    (f"http://a.gov.cn/x?PHPSESSID={_SESSION}", "cn,gov,a)/x"),
    ("http://a.gov.cn/(S(abcdefghijklmnopqrstuvwx))/p.aspx", "cn,gov,a)/p.aspx"),
    ("file:年报.html", "file:%e5%b9%b4%e6%8a%a5.html"),
    ("urn:gongkai:run:1", "urn:gongkai:run:1"),
]


@pytest.mark.parametrize(("url", "key"), KEYS)
def test_keys_are_those_of_the_internet_archive(url: str, key: str) -> None:
    assert surt(url) == key


@given(st.text(max_size=60))
def test_any_text_has_a_key_without_blanks(text: str) -> None:
    assert " " not in surt("http://a.gov.cn/" + text)
    assert "\n" not in surt(text)


def addresses(folder: Path) -> list[str]:
    lines = (folder / cdxj.INDEX).read_text(encoding="utf-8").splitlines()
    return [json.loads(line.split(" ", 2)[2])["url"] for line in lines]


def test_a_closed_file_has_a_list_and_the_index_takes_it_in(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer, "http://b.gov.cn/2.html?id=1")
        other = put(writer, "http://a.gov.cn/1.html", b"other")
        assert list(tmp_path.glob("*.cdxj")) == []
    assert [path.name for path in tmp_path.glob("*.cdxj")] == [f"{where.file}.cdxj"]
    assert list(cdxj.find(tmp_path, "http://a.gov.cn/1.html")) == []
    assert cdxj.merge(tmp_path) == 1
    assert [path.name for path in tmp_path.glob("*.cdxj")] == ["index.cdxj"]
    assert addresses(tmp_path) == ["http://a.gov.cn/1.html", "http://b.gov.cn/2.html?id=1"]
    [entry] = cdxj.find(tmp_path, "http://a.gov.cn/1.html")
    assert (entry.location, entry.timestamp, entry.mime) == (other, "20240201083015", "text/html")
    whole = (tmp_path / cdxj.INDEX).read_bytes()
    assert (cdxj.merge(tmp_path), cdxj.rebuild(tmp_path)) == (0, 1)
    assert (tmp_path / cdxj.INDEX).read_bytes() == whole
    cdxj.write(tmp_path / where.file)
    cdxj.merge(tmp_path)  # a file that is indexed twice is in it once
    assert (tmp_path / cdxj.INDEX).read_bytes() == whole


def test_a_file_that_was_mended_is_indexed(tmp_path: Path) -> None:
    with WarcWriter(tmp_path, "gongkai") as writer:
        where = put(writer)
    for path in tmp_path.glob("*.cdxj"):
        path.unlink()
    path = tmp_path / where.file
    path.write_bytes(path.read_bytes()[:-5])
    path.rename(tmp_path / f"{where.file}.open")
    mend(tmp_path)
    assert [one.name for one in tmp_path.glob("*.cdxj")] == [f"{where.file}.cdxj"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.text("ab/?=&年", max_size=6)), max_size=30))
def test_every_address_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("index")
    urls = [f"http://h{number}.gov.cn/{tail}" for number, tail in made]
    lines = [
        f"{surt(url)} 2024020108{n:04d} "
        + json.dumps(
            {
                "url": url,
                "mime": "text/html",
                "digest": "sha1:X",
                "length": "1",
                "offset": str(n),
                "filename": "f",
            }
        )
        + "\n"
        for n, url in enumerate(urls)
    ]
    (folder / cdxj.INDEX).write_bytes(b"".join(sorted(line.encode() for line in lines)))
    for url in {*urls, "http://absent.gov.cn/", "http://h0.gov.cn/", "http://z.gov.cn/"}:
        found = [entry.location.offset for entry in cdxj.find(folder, url)]
        assert found == [n for n, one in enumerate(urls) if one == url]


@pytest.mark.skipif(
    shutil.which("cdxj-indexer") is None, reason="Webrecorder's cdxj-indexer is not installed"
)
def test_the_lines_are_those_of_cdxj_indexer(tmp_path: Path) -> None:
    chance = random.Random(1)
    with WarcWriter(tmp_path, "gongkai", rotate_at=4000) as writer:
        for number in range(12):
            put(
                writer,
                f"http://www.A{number}.gov.cn/年报/{number}.html?b=1&A=2",
                os.urandom(chance.randint(0, 900)),
            )
        writer.write_resource(name="二七区 2020年报.docx", body=b"PK\3\4", fetched_at=NOW)
    cdxj.merge(tmp_path)
    with WarcWriter(tmp_path, "gongkai") as writer:
        put(writer, "http://www.A1.gov.cn/", b"1")
    cdxj.merge(tmp_path)
    with WarcWriter(tmp_path, "gongkai") as writer:
        put(writer, "http://www.A1.gov.cn/", b"1")  # a revisit
    cdxj.merge(tmp_path)
    command = ["cdxj-indexer", "--sort", "--records", "response,revisit,resource"]
    files = sorted(str(path) for path in tmp_path.glob("*.warc.gz"))
    done = subprocess.run([*command, *files], capture_output=True, check=True, text=True, encoding="utf-8")
    assert (tmp_path / cdxj.INDEX).read_text(encoding="utf-8").splitlines() == sorted(
        done.stdout.splitlines(), key=str.encode
    )


def listed(folder: Path, number: int, count: int) -> list[bytes]:
    """A list beside no WARC file, as a crawl leaves one: so many captures of few addresses."""
    made = []
    for n in range(count):
        url = f"http://h{(number * 7 + n) % 11}.gov.cn/"
        fields = {"url": url, "digest": "sha1:X", "length": "1", "offset": str(n), "mime": "text/html"}
        block = json.dumps(fields | {"filename": f"f{number}.warc.gz"})
        made.append(f"{surt(url)} {20240201000000 + 100 * number + n} {block}\n".encode())
    (folder / f"f{number}.warc.gz.cdxj").write_bytes(b"".join(sorted(made)))
    return made


def everything(folder: Path) -> list[bytes]:
    return sorted(line for part in cdxj.parts(folder) for line in part.read_bytes().splitlines(keepends=True))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_an_index_in_parts_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, counts: list[int]
) -> None:
    monkeypatch.setattr(cdxj, "_SMALL", 500)
    folder = tmp_path_factory.mktemp("parts")
    lines: list[bytes] = []
    for number, count in enumerate(counts):
        lines += listed(folder, number, count)
        assert cdxj.merge(folder) == 1
    assert everything(folder) == sorted(lines)
    assert (folder / cdxj.INDEX).exists()
    assert cdxj.files_named(folder) == {f"f{number}.warc.gz" for number in range(len(counts))}
    for number in range(12):
        url = f"http://h{number}.gov.cn/"
        wanted = sorted(line for line in lines if line.startswith(surt(url).encode() + b" "))
        stamps = [line.split(b" ")[1].decode() for line in wanted]
        assert [entry.timestamp for entry in cdxj.find(folder, url)] == stamps


def test_what_a_crawl_brings_is_not_merged_with_all_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdxj, "_SMALL", 2_000)
    written, put_whole = [0], cdxj._put

    def put_counted(path: Path, content: Iterable[bytes]) -> None:
        lines = list(content)
        written[0] += len(lines)
        put_whole(path, lines)

    monkeypatch.setattr(cdxj, "_put", put_counted)
    crawls, each, most = 400, 10, 0
    for number in range(crawls):
        listed(tmp_path, number, each)
        cdxj.merge(tmp_path)
        most = max(most, len(cdxj.parts(tmp_path)))
    total = crawls * each
    assert len(everything(tmp_path)) == total
    assert most <= 6  # log 4 of a megabyte over 2,000 bytes, and one that is new
    # In one part all that is there would be written each time: 800,000 lines.
    assert written[0] < 25 * total


def test_a_merge_that_was_killed_gives_no_line_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdxj, "_SMALL", 300)
    lines = listed(tmp_path, 0, 40)
    cdxj.merge(tmp_path)
    lines += listed(tmp_path, 1, 2)
    cdxj.merge(tmp_path)
    assert [path.name for path in cdxj.parts(tmp_path)] == ["index.cdxj", "index-1.cdxj"]
    lines += listed(tmp_path, 2, 30)
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            cdxj.merge(tmp_path)
    for number in range(11):
        key = surt(f"http://h{number}.gov.cn/").encode() + b" "
        found = [entry.timestamp for entry in cdxj.find(tmp_path, f"http://h{number}.gov.cn/")]
        assert found == sorted(line.split(b" ")[1].decode() for line in lines if line.startswith(key))
    cdxj.merge(tmp_path)
    assert everything(tmp_path) == sorted(lines)
    assert [path.name for path in tmp_path.iterdir()] == ["index.cdxj"]


def test_whoever_looks_while_another_merges_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdxj, "_SMALL", 1_000)
    url = "http://h0.gov.cn/"
    done, wrong = threading.Event(), []

    def look() -> None:
        before = 0
        while not done.is_set():
            try:
                found = sum(1 for _ in cdxj.find(tmp_path, url))
                cdxj.files_named(tmp_path)
            except FileNotFoundError as error:
                wrong.append(str(error))
                return
            if found < before:
                wrong.append(f"{found} after {before}")
            before = found

    listed(tmp_path, 0, 11)
    cdxj.merge(tmp_path)
    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    most = 0
    for number in range(1, 150):
        listed(tmp_path, number, 11)
        cdxj.merge(tmp_path)
        most = max(most, len(cdxj.parts(tmp_path)))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert most > 2
    assert sum(1 for _ in cdxj.find(tmp_path, url)) == 150


def test_a_part_that_is_never_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "index-3.cdxj").symlink_to(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="index-3"):
        list(cdxj.find(tmp_path, "http://a.gov.cn/"))
