"""``gongkai wacz``: valid by Webrecorder's own validator, with every report under its title."""

from __future__ import annotations

import gzip
import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from archive import wacz
from archive.merges import reading
from archive.warc import WarcWriter
from crawler.cli import main
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import START, crawl, history

library = pytest.importorskip("wacz.main", reason="needs the extra wacz")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    crawl(folder, history())
    return folder


def pack(data: Path, target: Path) -> Result:
    return CliRunner().invoke(main, ["wacz", str(target), "--data", str(data)])


def lines(packed: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in packed.read(name).decode().splitlines()]


def test_it_is_valid_and_holds_every_file_and_report(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "gongkai.wacz"
    done = pack(data, target)
    assert done.exit_code == 0, done.output
    assert library.main(["validate", "-f", str(target)]) == 0
    assert [path.name for path in target.parent.iterdir()] == ["gongkai.wacz"]
    files = sorted((data / WARCS).glob("*.warc.gz"))
    assert len(files) == 2
    with zipfile.ZipFile(target) as packed:
        for file in files:
            assert packed.read(f"archive/{file.name}") == file.read_bytes()
            assert packed.getinfo(f"archive/{file.name}").compress_type == zipfile.ZIP_STORED
        header, *pages = lines(packed, "pages/pages.jsonl")
        index = gzip.decompress(packed.read("indexes/index.cdx.gz")).decode()
    assert header["format"] == "json-pages-1.0"
    assert all(f'"url": "{page["url"]}"' in index for page in pages)
    with reading(data / DATABASE) as db:
        sql = """
            SELECT d.url, d.fetched_at, r.title FROM documents AS d JOIN reports AS r ON r.id = d.report
            WHERE d.outcome IN ('current', 'copy', 'superseded')
        """
        wanted = {(row["url"], row["fetched_at"][:19], row["title"]) for row in db.query(sql)}
    assert {(page["url"], page["ts"][:19], page["title"]) for page in pages} == wanted
    assert len(pages) == len(wanted) == 5
    assert f"{target}: {len(files)} WARC files, 5 pages, {target.stat().st_size:,} bytes" in done.output


def test_the_validator_can_say_no(data: Path, tmp_path: Path) -> None:
    target, spoilt = tmp_path / "a.wacz", tmp_path / "b.wacz"
    assert pack(data, target).exit_code == 0
    with zipfile.ZipFile(target) as whole, zipfile.ZipFile(spoilt, "w") as other:
        for name in whole.namelist():
            content = whole.read(name)
            other.writestr(name, content + b"x" if name.endswith(".warc.gz") else content)
    assert library.main(["validate", "-f", str(spoilt)]) == 1


def test_a_file_that_is_being_written_is_left_out(data: Path, tmp_path: Path) -> None:
    with WarcWriter(data / WARCS, "u") as writer:
        writer.write(url="http://a/", fetched_at=START, status=200, headers=[], body=b"a")
        done = pack(data, tmp_path / "a.wacz")
        assert done.exit_code == 0
        assert "left out, still open: u-" in done.output
    with zipfile.ZipFile(tmp_path / "a.wacz") as packed:
        assert not any(Path(name).name.startswith("u-") for name in packed.namelist())


def test_what_keeps_it_from_being_written_is_said(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = pack(tmp_path / "none", tmp_path / "a.wacz")
    assert (run.exit_code, "there is no archive" in run.output) == (1, True)
    (tmp_path / "file").write_text("")
    run = pack(data, tmp_path / "file" / "a.wacz")
    assert run.exit_code == 1
    before = (tmp_path / "a.wacz").write_bytes(b"an earlier one")
    monkeypatch.setattr(library, "main", lambda words: print("no room") or 1)
    run = pack(data, tmp_path / "a.wacz")
    assert (run.exit_code, "wacz: no room" in run.output) == (1, True)
    assert len((tmp_path / "a.wacz").read_bytes()) == before

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(wacz.NoWaczError, match=r"pip install gongkai\[wacz\]"):
        wacz.write(Database(memory=True), data / WARCS, tmp_path / "a.wacz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wacz", "file"]
