"""The folder is put in place whole or not at all, and nobody's files are lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import ArchiveError, DiskFullError, ReadOnlyError
from archive.export import export
from archive.export.folder import ForeignFolderError, replaced


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_an_earlier_export_is_replaced_with_all_its_files(made_db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(made_db, out)
    export(made_db, out, tables=["lines"], formats=["csv"])
    assert set(contents(out)) == {"README.txt", "datapackage.json", "csv/lines.csv"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    export(made_db, out)
    assert len(contents(out)) > 40


def test_an_empty_folder_is_taken_and_missing_ones_are_made(made_db: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    export(made_db, tmp_path / "empty", tables=["about"])
    export(made_db, tmp_path / "a" / "b" / "c", tables=["about"])
    assert contents(tmp_path / "a" / "b" / "c") == contents(tmp_path / "empty")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    export(made_db, tmp_path / "link", tables=["lines"])
    assert (tmp_path / "link").is_symlink()
    assert "csv/lines.csv" in contents(tmp_path / "empty")


def test_a_folder_of_somebody_elses_is_refused(made_db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(ForeignFolderError, match=r"it holds thesis\.docx, which no export put there"):
        export(made_db, out)
    assert contents(out) == {"thesis.docx": b"years of work"}
    (out / "thesis.docx").unlink()
    export(made_db, out)
    (out / "csv" / "notes.txt").write_bytes(b"mine")
    before = contents(out)
    with pytest.raises(ForeignFolderError, match=r"csv/notes\.txt"):
        export(made_db, out)
    assert contents(out) == before
    other = tmp_path / "other"
    other.mkdir()
    (other / "datapackage.json").write_text('{"name": "somebody-elses", "resources": []}')
    with pytest.raises(ForeignFolderError, match=r"datapackage\.json"):
        export(made_db, other)
    with pytest.raises(ForeignFolderError, match="a file; an export is a folder"):
        export(made_db, other / "datapackage.json")


def test_what_comes_into_the_folder_meanwhile_stops_the_swap(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def work() -> None:
        with replaced(out) as made:
            (made / "new").write_bytes(b"new")
            out.mkdir()
            (out / "theirs").write_bytes(b"theirs")

    with pytest.raises(ForeignFolderError):
        work()
    assert contents(tmp_path) == {"out/theirs": b"theirs"}


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_an_interrupted_export_leaves_the_one_before(
    made_db: Path, tmp_path: Path, stop: type[BaseException]
) -> None:
    out = tmp_path / "out"
    export(made_db, out, tables=["about"])
    before = contents(tmp_path)

    def work() -> None:
        with replaced(out) as made:
            (made / "half").write_bytes(b"half")
            raise stop

    with pytest.raises(stop):
        work()
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, DiskFullError, "the disk is full; nothing was kept"),
        (errno.EROFS, ReadOnlyError, "cannot be written there"),
        (errno.EACCES, ReadOnlyError, "cannot be written there"),
        (errno.EIO, ArchiveError, "cannot be written there"),
    ],
)
def test_what_the_disk_refuses_is_said(
    tmp_path: Path, number: int, kind: type[ArchiveError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught, replaced(tmp_path / "out"):
        raise OSError(number, os.strerror(number))
    assert str(tmp_path / "out") in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX")
@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_a_disk_that_takes_no_more(made_db: Path, tmp_path: Path, format_: str) -> None:
    """A real refusal by the system in the midst of a file: the limit for a file is below its size,
    and above that of SQLite's shared memory (32 KB)."""
    out = tmp_path / "out"
    export(made_db, out, tables=["about"])
    before = contents(tmp_path)
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from archive.errors import DiskFullError; from archive.export import export\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960))\n"
        "database, folder, format_ = sys.argv[1:]\n"
        "try: export(Path(database), Path(folder), tables=['divisions'], formats=[format_])\n"
        "except DiskFullError as error:\n    print(error); sys.exit(7)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(made_db), str(out), format_],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (7, "")
    assert run.stdout == f"{out}: the disk is full; nothing was kept of this export\n"
    assert contents(tmp_path) == before
