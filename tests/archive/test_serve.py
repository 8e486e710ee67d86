from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from archive import serve
from tests.archive.site import sample


def test_no_file_and_no_archive_are_named(tmp_path: Path) -> None:
    with pytest.raises(serve.NoArchiveError, match="no such file"):
        serve.build_app(tmp_path / "none.db")
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be read as a header of one" * 20)
    with pytest.raises(serve.NoArchiveError, match="SQLite"):
        serve.build_app(text)
    other = tmp_path / "other.db"
    conn = sqlite3.connect(other)
    conn.execute("create table reports (id integer)")
    conn.close()
    with pytest.raises(serve.NoArchiveError, match="lacks about"):
        serve.build_app(other)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    db = sample.build(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
            serve.serve(db, port=port)


def test_settings_are_ones_datasette_knows() -> None:
    from datasette.app import DEFAULT_SETTINGS

    assert set(serve.SETTINGS) <= set(DEFAULT_SETTINGS)


def test_it_serves_while_a_crawl_writes_and_stops_when_told(tmp_path: Path) -> None:
    db = sample.build(tmp_path)
    code = (
        "import sys; from pathlib import Path; from archive.serve import serve; "
        "serve(Path(sys.argv[1]), port=0)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(db)], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split("→")[1].strip()
        writer = sqlite3.connect(db, timeout=5)
        writer.execute("begin immediate")
        writer.execute("update reports set title = 'during' where id = ?", (sample.REPORT_2020,))
        page = f"{address}report/{sample.REPORT_2020}"
        with urllib.request.urlopen(page, timeout=20) as before:
            assert "郑州市二七区2020年" in before.read().decode()  # uncommitted: not seen, not waited for
        writer.commit()
        writer.close()
        with urllib.request.urlopen(page, timeout=20) as after:
            assert "<h1><bdi>during</bdi></h1>" in after.read().decode()
    finally:
        process.terminate()
        process.wait(timeout=20)
