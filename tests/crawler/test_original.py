"""``gongkai original``: where an original lies, its bytes, and what is said when it cannot be had."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import main
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import crawl, history, page


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    crawl(data, history())
    return data


@pytest.fixture
def data(archive: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    shutil.copytree(archive, tmp_path / "data")
    return tmp_path / "data"


def original(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["original", "--data", str(data), *words])


def test_it_says_where_the_bytes_lie_and_saves_them(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "saved.html"
    run = original(archive, "益阳市资阳区人民政府", "2022", "--out", str(target))
    assert run.exit_code == 0
    assert target.read_bytes() == page(2022, sample=2)
    told = dict(line.split(maxsplit=1) for line in run.output.splitlines() if line)
    assert told["url"] == "http://www.ziyang.example/nb/2022.html"
    assert told["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert told["fetched_at"].startswith("2026-03-01T09:00:00")
    file, _, offset = told["warc"].partition(" at ")
    with (archive / WARCS / file).open("rb") as stream:
        stream.seek(int(offset))
        assert stream.read(2) == b"\x1f\x8b"


def test_an_identifier_and_a_pipe_will_do(archive: Path) -> None:
    db = sqlite3.connect(archive / DATABASE)
    number, document = db.execute("SELECT id, document FROM reports WHERE year = 2021").fetchone()
    db.close()
    run = original(archive, str(number), "--out", "-")
    assert run.exit_code == 0
    assert run.stdout_bytes == page(2021)
    assert "sha256" in run.stderr
    assert original(archive, "--document", str(document), "--out", "-").stdout_bytes == page(2021)


def test_all_originals_of_a_report(archive: Path, tmp_path: Path) -> None:
    run = original(archive, "益阳市资阳区人民政府2022年", "--all", "--out", str(tmp_path / "out"))
    assert run.exit_code == 0
    bodies = sorted(path.read_bytes() for path in (tmp_path / "out").iterdir())
    edited = page(2022, sample=3, more="新增一句。")
    assert bodies == sorted([page(2022, sample=2), page(2022, sample=2), edited])
    assert "current" in run.output.partition("\n\n")[0]  # that of the figures comes first
    parts = original(archive, "益阳市资阳区人民政府 2023", "--all")
    assert "2023_2.html" in parts.output
    assert original(archive, "益阳市资阳区人民政府 2022", "--all", "--out", "-").exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("益阳市资阳区人民政府 1999", "there are those for 2021, 2022, 2023"),
        ("资阳区 2022", "益阳市资阳区人民政府 2022 (430902)"),
        ("某某局 2022", "no issuer is called 某某局"),
        ("12345", "no report has the identifier 12345"),
        ("益阳市资阳区人民政府", "neither a report's identifier nor an issuer and a year"),
    ],
)
def test_what_is_unknown_is_said(archive: Path, words: str, said: str) -> None:
    run = original(archive, words)
    assert run.exit_code == 2
    assert said in run.output


def test_two_issuers_of_one_name_are_told_apart(data: Path) -> None:
    db = sqlite3.connect(data / DATABASE)
    db.execute("INSERT INTO agencies (id, name) SELECT 1, name FROM agencies")
    columns = [row[1] for row in db.execute("PRAGMA table_info(reports)")]
    chosen = ", ".join({"id": "1", "agency": "1", "division": "NULL"}.get(name, name) for name in columns)
    db.execute(f"INSERT INTO reports SELECT {chosen} FROM reports WHERE year = 2022")
    db.commit()
    db.close()
    run = original(data, "益阳市资阳区人民政府 2022")
    assert run.exit_code == 2
    assert "2 reports fit" in run.output
    assert "\n  1  益阳市资阳区人民政府 2022 (division unknown)" in run.output
    assert original(data, "1").exit_code == 0


def test_damaged_bytes_are_never_given_out(data: Path, tmp_path: Path) -> None:
    db = sqlite3.connect(data / DATABASE)
    db.execute("UPDATE documents SET sha256 = ? WHERE url LIKE '%/2021.html'", ["0" * 64])
    db.commit()
    db.close()
    target = tmp_path / "x.html"
    run = original(data, "益阳市资阳区人民政府 2021", "--out", str(target))
    assert (run.exit_code, target.exists()) == (1, False)
    assert "holds other bytes" in run.stderr
    shutil.rmtree(data / WARCS)
    gone = original(data, "益阳市资阳区人民政府 2022", "--out", str(target))
    assert (gone.exit_code, target.exists()) == (1, False)
    assert "no WARC file" in gone.stderr


def test_without_an_archive_none_is_made(tmp_path: Path) -> None:
    run = original(tmp_path / "none", "1")
    assert run.exit_code == 1
    assert "there is no archive" in run.output
    assert not (tmp_path / "none").exists()
    assert original(tmp_path).exit_code == 2
