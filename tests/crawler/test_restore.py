"""Backup and restore as docs/operations.md has it: the folder warc/ alone brings everything back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.store import Store
from archive.warc_files import OPEN
from crawler.cli import main
from crawler.verify import fingerprint
from pipelines.items import DATABASE, WARCS
from tests.archive.kept import Fetched, crawl, page
from tests.docs_archive import build


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("archive")
    build(data)  # with a mirror, an edit and a person's decision
    return data


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def restored(backup: Path, data: Path) -> None:
    """The lines of the document, a folder in the place of another machine."""
    shutil.copytree(backup, data / WARCS)
    assert run("reparse", "--data", str(data)).exit_code == 0
    check = run("check", "--data", str(data))
    assert check.exit_code == 0, check.output


def told(data: Path) -> dict[str, str]:
    """Table → digest; without those that serve the others (`gongkai check` looks at them), and the books."""
    return {name: digest for name, digest in fingerprint(data / DATABASE).items() if name[0] != "_"}


def test_the_warcs_alone_bring_it_back(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive / WARCS, tmp_path / "backup")
    restored(tmp_path / "backup", tmp_path / "data")
    before, after = told(archive), told(tmp_path / "data")
    assert before == after


def test_a_backup_that_was_made_while_a_crawl_wrote(archive: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(archive / WARCS, backup)
    last = sorted(backup.glob("*.warc.gz"))[-1]
    torn = last.with_name(last.name + OPEN)
    last.rename(torn)
    last.with_name(last.name + ".cdxj").unlink(missing_ok=True)
    with torn.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08\x00torn")
    shutil.copytree(backup, tmp_path / "data" / WARCS)
    done = run("reparse", "--data", str(tmp_path / "data"))
    assert (done.exit_code, "no whole record" in done.output) == (3, True)
    assert told(tmp_path / "data") == told(archive)
    # Who opens it next closes it: a crawl does, and then nothing is wrong.
    name = "益阳市赫山区人民政府"
    more = Fetched("http://www.hs.example/21.html", page(2021, agency=name), 30, "heshan", name, "430903")
    crawl(tmp_path / "data", [more])
    assert run("check", "--index", "--data", str(tmp_path / "data")).exit_code == 0


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="sqlite3 is not installed")
def test_the_database_s_own_backup_saves_the_reading(archive: Path, tmp_path: Path) -> None:
    with Store(archive / DATABASE):  # it is being written
        command = ["sqlite3", str(archive / DATABASE), f".backup {tmp_path / 'gongkai-backup.db'}"]
        subprocess.run(command, check=True)
    data = tmp_path / "data"
    shutil.copytree(archive / WARCS, data / WARCS)
    shutil.copy(tmp_path / "gongkai-backup.db", data / DATABASE)
    assert run("check", "--data", str(data)).exit_code == 0
    assert told(data) == told(archive)


def test_the_rehearsal_leaves_the_archive_alone(archive: Path, tmp_path: Path) -> None:
    before = fingerprint(archive / DATABASE)
    done = run("reparse", "--into", str(tmp_path / "spare.db"), "--data", str(archive))
    assert done.exit_code == 0, done.output
    assert fingerprint(archive / DATABASE) == before
    assert set(before) <= set(fingerprint(tmp_path / "spare.db"))
