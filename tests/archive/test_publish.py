"""A copy for readers: whole, of one moment, in place at once, taken up by a site that runs."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.app import Datasette

from archive import lock, metadata, publish, serve
from archive.derived import search
from archive.errors import ArchiveError, BusyError, DamagedError, DiskFullError, WrongArchiveError
from archive.migrations import COUNTING, INTERNAL
from archive.queries import QUERIES
from archive.schema import TABLES
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import crawl, history
from tests.archive.site import sample

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    crawl(data, history())
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    shutil.copytree(archive, tmp_path / "data")
    return tmp_path / "data"


def put(database: Path, target: Path, prepare: Callable[[Path], None] = lambda _: None) -> publish.Published:
    return publish.publish(database, target, prepare)


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    # Immutable: it must be readable without a log beside it.
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as conn:
        return conn.execute(sql).fetchall()


def change(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database, timeout=10)) as conn, conn:
        for sql in statements:
            conn.execute(sql)


def mark(database: Path, version: int) -> None:
    """Two tables that a page reads in several queries tell of the same version."""
    change(
        database,
        f"UPDATE reports SET title = 'version-{version}.'",
        f"UPDATE sections SET heading = 'version-{version}.'",
    )


def beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_a_copy_has_what_readers_see_and_nothing_else(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "public" / "gongkai.db"
    done = put(archive / DATABASE, target)
    assert (done.reports, done.bytes) == (3, target.stat().st_size)
    assert beside(target) == ["gongkai.db", "gongkai.db.lock"]
    assert target.stat().st_mode & 0o777 == 0o444
    names = {name for (name,) in query(target, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    index = {f"{search.TABLE}_{part}" for part in ("data", "idx", "docsize", "config")}
    kept = {*publish.KEPT, *index, *COUNTING, "_sqlite_migrations", "sqlite_stat1"}
    assert names == {t.name for t in TABLES} | kept
    assert set(publish.KEPT) | set(publish.DROPPED) == set(INTERNAL)
    assert query(target, "PRAGMA journal_mode") == [("delete",)]
    assert query(target, "SELECT count(*) > 10 FROM sqlite_stat1") == [(1,)]
    for name in sorted(names - {"sqlite_stat1"}):
        with closing(sqlite3.connect(archive / DATABASE)) as conn:
            there = conn.execute(f'SELECT * FROM "{name}"').fetchall()
        assert sorted(query(target, f'SELECT * FROM "{name}"'), key=repr) == sorted(there, key=repr)


def test_the_same_archive_gives_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    put(archive / DATABASE, tmp_path / "a.db")
    put(archive / DATABASE, tmp_path / "b.db")
    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()


def test_the_site_shows_of_a_copy_what_it_shows_of_the_archive(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "public" / "gongkai.db"
    put(data / DATABASE, target)
    own = serve.build_app(data / DATABASE)
    copy = serve.build_app(target, published=True, sql=True, warcs=data / WARCS)
    reports = [str(one) for (one,) in query(target, "SELECT id FROM reports")]
    issuers = [str(one) for (one,) in query(target, "SELECT id FROM agencies")]
    documents = [str(one) for (one,) in query(target, "SELECT id FROM documents")]
    assert query(target, "SELECT count(*) > 0 FROM _parts") == [(1,)]  # one of these pages names its parts
    paths = [
        *_PAGES,
        *(f"/gongkai/{one.name}.csv" for one in QUERIES),
        *(f"/report/{one}{ending}" for one in reports for ending in ("", ".json", ".csv")),
        *(f"/issuer/{one}" for one in issuers),
        *(f"/original/{one}" for one in documents),
        *(f"/gongkai/{table.name}" for table in TABLES),
        *(f"/download/{table.name}.csv" for table in TABLES),
    ]

    async def compare() -> int:
        for path in paths:
            one, other = await own.client.get(path), await copy.client.get(path)
            assert (one.status_code, other.status_code) == (200, 200), path
            assert _timeless(one.content) == _timeless(other.content), path
        return len(paths)

    expected = 3 * 3 + len(issuers) + len(documents) + 2 * len(TABLES)
    assert asyncio.run(compare()) == len(_PAGES) + len(QUERIES) + expected


#: One address of each kind that needs no number.
_PAGES = (
    *("/", "/division", "/coverage", "/findings", "/status", "/search?q=公开", "/search.json?q=公开"),
    *("/compare?q=人民政府", "/dictionary", "/gongkai", "/feed/reports.atom", "/feed/findings.atom"),
)


def _timeless(page: bytes) -> bytes:
    """Without how long the queries took."""
    return re.sub(rb"[\d.]+\s?ms", b"", page)


def test_a_copy_is_of_one_moment_while_others_write(data: Path, tmp_path: Path) -> None:
    database, target = data / DATABASE, tmp_path / "copy.db"
    mark(database, 0)
    ended = threading.Event()
    written = [0]

    def write() -> None:
        while not ended.is_set():
            written[0] += 1
            mark(database, written[0])

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    try:
        for _ in range(20):
            put(database, target)
            found = query(target, "SELECT title FROM reports UNION SELECT heading FROM sections")
            assert len(found) == 1
            seen.add(found[0])
    finally:
        ended.set()
        writer.join()
    assert len(seen) > 1  # something was written meanwhile


def test_what_prepare_raises_leaves_the_copy_before(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    put(data / DATABASE, target)
    before = target.read_bytes()
    change(data / DATABASE, "DELETE FROM findings")

    def refuse(copy: Path) -> None:
        assert query(copy, "SELECT count(*) FROM findings") == [(0,)]
        raise publish.RefusedError("no")

    with pytest.raises(publish.RefusedError):
        put(data / DATABASE, target, refuse)
    assert target.read_bytes() == before
    assert beside(target) == ["copy.db", "copy.db.lock", "data"]


def test_a_copy_that_came_out_wrong_is_not_published(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with pytest.raises(DamagedError, match="foreign_key_check"):
        put(data / DATABASE, target, lambda copy: change(copy, "DELETE FROM agencies"))
    assert not target.exists()


def test_only_an_earlier_copy_is_replaced(data: Path, archive: Path, tmp_path: Path) -> None:
    database = data / DATABASE
    with pytest.raises(WrongArchiveError, match="this is the archive itself"):
        put(database, database)
    (tmp_path / "link.db").symlink_to(database)
    with pytest.raises(WrongArchiveError, match="this is the archive itself"):
        put(database, tmp_path / "link.db")
    shutil.copy(archive / DATABASE, tmp_path / "archive.db")
    with pytest.raises(WrongArchiveError, match="an archive that gongkai writes to"):
        put(database, tmp_path / "archive.db")
    (tmp_path / "text.db").write_text("a letter that nobody wants to lose" * 40)
    with pytest.raises(WrongArchiveError, match="it is not an SQLite database"):
        put(database, tmp_path / "text.db")
    change(tmp_path / "other.db", "CREATE TABLE photos (id)")
    with pytest.raises(WrongArchiveError, match="a database of another program"):
        put(database, tmp_path / "other.db")
    demo = tmp_path / "demo"
    demo.mkdir()
    put(sample.build(demo, demo=True), tmp_path / "demo.db")
    with pytest.raises(
        WrongArchiveError, match="a copy of a gongkai demonstration, not of a gongkai archive"
    ):
        put(database, tmp_path / "demo.db")
    assert (tmp_path / "text.db").read_text().startswith("a letter")
    assert query(tmp_path / "archive.db", "SELECT count(*) FROM _unproved") != []


def test_a_link_stays_a_link(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "gongkai.db").symlink_to(tmp_path / "there" / "real.db")
    put(archive / DATABASE, tmp_path / "gongkai.db")
    assert (tmp_path / "gongkai.db").is_symlink()
    assert query(tmp_path / "there" / "real.db", "SELECT count(*) FROM reports") == [(3,)]


def test_one_publish_at_a_time_and_leftovers_go(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    for ending in (".copy", ".copy-wal", ".copy.lock", ".part", "-journal"):
        (tmp_path / f"copy.db{ending}").write_bytes(b"left by a killed one")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from archive import lock;"
            "lock.acquire(pathlib.Path(sys.argv[1]), timeout=1); print('held', flush=True); sys.stdin.read()",
            str(target),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(BusyError, match="another gongkai publishes there"):
        put(archive / DATABASE, target)
    assert (tmp_path / "copy.db.part").read_bytes() == b"left by a killed one"  # it may be the other's
    holder.kill()
    holder.communicate()
    put(archive / DATABASE, target)
    assert beside(target) == ["copy.db", "copy.db.lock"]
    lock.acquire(target, timeout=0)
    lock.release(target)


def test_a_full_disk_leaves_the_copy_before(archive: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    target = tmp_path / "copy.db"
    put(archive / DATABASE, target)
    before = target.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    first = 65536  # SQLite's own shared memory beside the archive is half of that
    assert first < len(before) - 4096
    for limit in (first, len(before) - 4096):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(DiskFullError, match=re.escape("copy.db.")):
                put(archive / DATABASE, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert target.read_bytes() == before
        assert beside(target) == ["copy.db", "copy.db.lock"]


_PUBLISH = """
import sys
from pathlib import Path
from archive.publish import publish
print("ready", flush=True)
publish(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: None)
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_the_old_copy_or_the_new(data: Path, tmp_path: Path) -> None:
    database, target = data / DATABASE, tmp_path / "public" / "gongkai.db"
    change(
        database,
        # Large enough that a kill meets every step.
        "CREATE TABLE ballast (x)",
        "INSERT INTO ballast WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
        " SELECT hex(randomblob(400)) FROM n",
    )
    mark(database, 0)
    put(database, target)
    chance = random.Random(20260301)
    command = [sys.executable, "-c", _PUBLISH, str(database), str(target)]
    there, version, kills, left = 0, 0, 0, set[str]()
    calm = 0.0
    while kills < 25:
        version += 1
        assert version < 100
        mark(database, version)
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        began = time.monotonic()
        try:
            child.wait(timeout=chance.uniform(0, calm) if calm else None)
            calm = calm or time.monotonic() - began  # the first one is let go
        except subprocess.TimeoutExpired:
            child.kill()
            kills += 1
        child.communicate()
        left |= set(beside(target))
        assert query(target, "PRAGMA integrity_check") == [("ok",)]
        assert query(target, "SELECT count(*) FROM ballast") == [(20000,)]
        [(title,)] = query(target, "SELECT title FROM reports UNION SELECT heading FROM sections")
        assert title in (f"version-{there}.", f"version-{version}.")
        there = int(title.removeprefix("version-").rstrip("."))
    assert there > 0
    assert {"gongkai.db.copy", "gongkai.db.part"} <= left  # both steps were met
    put(database, target)
    assert beside(target) == ["gongkai.db", "gongkai.db.lock"]
    assert query(target, "SELECT DISTINCT title FROM reports") == [(f"version-{version}.",)]


# -- while a site runs --


@contextmanager
def site(target: Path, data: Path) -> Iterator[tuple[str, int]]:
    """A real ``gongkai serve``; gives its host and port."""
    gongkai = Path(sys.executable).with_name("gongkai")
    command = [str(gongkai), "serve", "--published", str(target), "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = re.search(r"http://([\d.]+):(\d+)/", process.stderr.readline())
        assert found is not None
        yield found[1], int(found[2])
        assert process.poll() is None
    finally:
        process.terminate()
        process.communicate(timeout=20)


#: Rows, count, facet and labels of another table: some ten queries in as many turns of the event loop.
_PAGE = "/gongkai/sections.json?_labels=on&_facet=heading&_facet=report&_size=100"


def versions(connection: http.client.HTTPConnection, path: str = _PAGE) -> set[str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    assert answer.status == 200, body
    return set(re.findall(r"version-(\d+)\.", body))


def test_a_running_site_takes_up_each_copy_and_no_request_fails(data: Path, tmp_path: Path) -> None:
    database, target = data / DATABASE, tmp_path / "public" / "gongkai.db"
    mark(database, 0)
    put(database, target)
    report = query(target, "SELECT min(id) FROM reports")[0][0]
    ended, asked, wrong = threading.Event(), [0] * 6, list[str]()

    def read(number: int, host: str, port: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        while not ended.is_set():
            try:
                for path in (_PAGE, f"/report/{report}", "/download/reports.csv"):
                    found = versions(connection, path)
                    if len(found) != 1:
                        wrong.append(f"{path}: versions {sorted(found)} on one page")
                asked[number] += 1
            except (AssertionError, OSError, http.client.HTTPException) as error:
                wrong.append(repr(error))
                connection.close()

    with site(target, data) as (host, port):
        readers = [threading.Thread(target=read, args=(number, host, port)) for number in range(len(asked))]
        for reader in readers:
            reader.start()
        mine = http.client.HTTPConnection(host, port, timeout=30)
        try:
            for version in range(1, 13):
                before = list(asked)
                mark(database, version)
                put(database, target)
                # A request that begins when the copy is in place shows it, the very first one.
                assert versions(mine) == {str(version)}
                while any(now == then for now, then in zip(asked, before, strict=True)) and not wrong:
                    assert versions(mine) == {str(version)}
        finally:
            ended.set()
            for reader in readers:
                reader.join()
    assert wrong == []
    assert sum(asked) > 72


def test_readers_of_a_copy_ask_no_sql_unless_told_so(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    put(data / DATABASE, target)
    asked = ("/gongkai?sql=select+1", "/gongkai.json?sql=select+1", "/gongkai/reports?_where=1=1")
    query_of_ours = f"/gongkai/{next(iter(metadata.build()['databases']['gongkai']['queries']))}"

    async def ask(app: Datasette, path: str) -> tuple[int, str]:
        answer = await app.client.get(path, follow_redirects=True)
        return answer.status_code, answer.text

    async def compare() -> None:
        copy = serve.build_app(target, published=True)
        for path in asked:
            assert (await ask(copy, path))[0] == 403, path
        for path in ("/gongkai", "/gongkai/reports?year=2022", query_of_ours):
            status, text = await ask(copy, path)
            assert status == 200, path
            assert "sql-editor" not in text
            assert "?sql=" not in text
        for app in (serve.build_app(target, published=True, sql=True), serve.build_app(data / DATABASE)):
            assert {(await ask(app, path))[0] for path in asked} == {200}
            assert "sql-editor" in (await ask(app, "/gongkai"))[1]

    asyncio.run(compare())


def test_replaced_files_are_let_go(data: Path, tmp_path: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc")
    target = tmp_path / "copy.db"
    put(data / DATABASE, target)
    app = serve.build_app(target, published=True)

    def held() -> int:
        links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        return sum(str(target) in link for link in links)

    async def swap() -> None:
        for _ in range(5):
            put(data / DATABASE, target)
            assert (await app.client.get(_PAGE)).status_code == 200
            assert held() == 4  # one a thread

    before = held()
    asyncio.run(swap())
    assert before == 4


def test_a_file_that_is_no_archive_is_not_taken_up(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "copy.db"
    mark(data / DATABASE, 1)
    put(data / DATABASE, target)
    app = serve.build_app(target, published=True)

    async def get() -> set[str]:
        answer = await app.client.get(_PAGE)
        assert answer.status_code == 200
        return set(re.findall(r"version-(\d+)\.", answer.text))

    async def swap() -> None:
        assert await get() == {"1"}
        for content in (b"", b"no database, but as long as the header of one" * 30):
            (tmp_path / "bad").write_bytes(content)
            (tmp_path / "bad").replace(target)
            assert await get() == {"1"}
            assert await get() == {"1"}
        target.unlink()
        assert await get() == {"1"}
        mark(data / DATABASE, 2)
        put(data / DATABASE, target)
        assert await get() == {"2"}

    asyncio.run(swap())
    said = capfd.readouterr().err
    assert said.count("the file before it is served on") == 2  # once for each
    assert "it lacks about" in said
    assert "cannot be read as an SQLite database" in said


def test_caches_may_keep_pages_of_a_copy_and_ask_again(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    put(data / DATABASE, target)
    app = serve.build_app(target, published=True, warcs=data / WARCS)
    document = query(target, "SELECT min(id) FROM documents")[0][0]

    def get(path: str, **headers: str) -> httpx.Response:
        async def fetch() -> httpx.Response:
            return await app.client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})

        return asyncio.run(fetch())

    for path in ("/", _PAGE, f"/original/{document}", "/download/reports.csv", "/gongkai/reports"):
        first = get(path)
        assert "max-age=30" in first.headers["cache-control"]
        assert {"accept-language", "cookie"} <= set(first.headers["vary"].lower().split(", "))
        again = get(path, if_none_match=f'"x", {first.headers["etag"]}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert get(path, if_none_match=first.headers["etag"], accept_language="en").status_code == 200
    assert "etag" not in get("/report/1").headers
    assert get("/?lang=en").headers["cache-control"] == "private, no-store"
    old = get("/").headers["etag"]
    put(data / DATABASE, target)
    assert get("/", if_none_match=old).status_code == 200
    own = asyncio.run(serve.build_app(data / DATABASE).client.get("/"))
    assert "etag" not in own.headers  # a crawl may write at any moment


def test_the_site_writes_nothing(data: Path, tmp_path: Path) -> None:
    app = serve.build_app(data / DATABASE)
    with pytest.raises(ArchiveError, match="the site writes nothing"):
        app.get_database("gongkai").connect(write=True)
    answer = asyncio.run(app.client.get("/-/plugins.json"))
    assert [one["name"] for one in json.loads(answer.text)] == ["gongkai.py"]
