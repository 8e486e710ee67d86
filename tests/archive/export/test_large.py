"""What takes long: a table of a million rows, and CSV opened by a spreadsheet."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from archive import forms
from archive.export import export
from archive.store import Store
from pipelines.readers import office
from tests.archive.site import sample

pytestmark = pytest.mark.slow
REPORTS = 40_000
LINES = list(forms.terms("requests")["rows"])
#: Comma, double quote, UTF-8 (76), from line 1; numbers found, formulas evaluated (the last token).
CSV = "44,34,76,1,,0,false,true,false,false,false,0,true"
COLUMNS = [term.key for term in forms.columns("requests")]


def large(path: Path, reports: int) -> Path:
    """Reports with all lines of Table 3 and nothing else."""
    with Store(path):
        pass
    conn = sqlite3.connect(path)
    conn.executemany(
        "INSERT INTO agencies (id, name, kind) VALUES (?, ?, 'department')",
        ((number, f"第{number}局") for number in range(reports // 8 + 1)),
    )
    conn.executemany(
        "INSERT INTO reports (id, title, agency, year, requests_form) VALUES (?, ?, ?, ?, '2021')",
        ((10**15 + n, f"第{n // 8}局{2016 + n % 8}年年度报告", n // 8, 2016 + n % 8) for n in range(reports)),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(reports):
            for place, line in enumerate(LINES):
                figures = [(number * 7 + place * 11 + column) % 5000 for column in range(len(COLUMNS))]
                yield 10**15 + number, line, *figures, f"table[3]/tr[{place}]"

    marks = ", ".join("?" * (len(COLUMNS) + 3))
    conn.executemany(
        f"INSERT INTO requests (report, line, {', '.join(COLUMNS)}, place) VALUES ({marks})", rows()
    )
    conn.commit()
    conn.close()
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_a_million_rows_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    program = (
        "import re, sys; from pathlib import Path; from archive.export import export\n"
        "summary = export(Path(sys.argv[1]), Path(sys.argv[2]), tables=['requests', 'figures'])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print([file.rows for file in summary.files], peak)\n"
    )
    peaks = []
    for reports in (2_000, REPORTS):
        path = large(tmp_path / f"{reports}" / "gongkai.db", reports)
        command = [sys.executable, "-c", program, str(path), str(tmp_path / "out")]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        rows, peak = run.stdout.rsplit(maxsplit=1)
        one, all_ = reports * len(LINES), reports * len(LINES) * len(COLUMNS)
        assert rows == str([one, one, all_, all_])
        peaks.append(int(peak) / 1024)
    assert REPORTS * len(LINES) > 1_000_000
    # 20 times the rows; what grows is the footer of the Parquet files.
    assert peaks[1] < peaks[0] + 60, f"{peaks[0]:.0f} MB for few rows, {peaks[1]:.0f} MB for many"
    with duckdb.connect() as db:
        query = "SELECT count(*), sum(value) FROM '{}'"
        total = db.execute(query.format(tmp_path / "out" / "parquet" / "figures.parquet")).fetchone()
    conn = sqlite3.connect(tmp_path / f"{REPORTS}" / "gongkai.db")
    summed = conn.execute(f"SELECT {' + '.join(f'sum({name})' for name in COLUMNS)} FROM requests").fetchone()
    conn.close()
    assert total == (REPORTS * len(LINES) * len(COLUMNS), summed[0])


@pytest.mark.skipif(office.program() is None, reason="LibreOffice (soffice) is not installed")
def test_a_spreadsheet_reads_chinese_and_numbers_and_runs_nothing(tmp_path: Path) -> None:
    """LibreOffice opens the CSV with formulas evaluated, as Excel does.

    Its window sees by the byte order mark that this is UTF-8; without a window it has to be told.
    """
    database = sample.build(tmp_path)
    conn = sqlite3.connect(database)
    with conn:
        for number, text in enumerate(
            ("=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=cmd|' /C calc'!A0", "＝1+1"), 1
        ):
            conn.execute(
                "INSERT INTO sections (report, number, heading, text) VALUES (?, ?, ?, ?)",
                [sample.REPORT_EMPTY, number, text, f'{text}\n第二行，含“引号”"和,逗号'],
            )
    conn.close()
    export(database, tmp_path / "out", formats=["csv"])
    (tmp_path / "control.csv").write_text("a\n=1+1\n", encoding="utf-8-sig")
    names = ("reports", "requests", "disclosure", "sections", "figures")
    # A profile of its own: one that is in use elsewhere makes soffice end without a word.
    subprocess.run(
        [str(office.program()), f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         f"--infilter=CSV:{CSV}", "--convert-to", "xlsx", "--outdir", str(tmp_path / "xlsx"),
         str(tmp_path / "control.csv"), *(str(tmp_path / "out" / "csv" / f"{name}.csv") for name in names)],
        check=True, capture_output=True, timeout=300, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    control = openpyxl.load_workbook(tmp_path / "xlsx" / "control.xlsx").worksheets[0]
    assert (control["A1"].value, control["A2"].data_type) == ("a", "f"), "this is how it would be run"
    found = {name: _sheet(tmp_path / "xlsx" / f"{name}.xlsx") for name in names}
    # By its name: of the 16 digits of its number a spreadsheet keeps 15.
    own = [row for row in found["sections"] if row["report_label"] == "'＝SUM(A1)"]
    texts = {row["heading"]: row["text"] for row in own}
    assert set(texts) == {"'=1+1", "'+1+1", "'-1+1", "'@SUM(1,1)", "'=cmd|' /C calc'!A0", "'＝1+1"}
    assert texts["'=1+1"].replace("\r\n", "\n") == "'=1+1\n第二行，含“引号”\"和,逗号"
    received = next(r for r in found["requests"] if r["line"] == "received" and r["year"] == 2020)
    assert [received[name] for name in COLUMNS] == [320, 9, 0, 0, 0, 0, 329]
    assert (received["agency_label"], received["province"]) == ("郑州市二七区人民政府", "河南省")
    licences = next(r for r in found["disclosure"] if r["line"] == "licences" and r["year"] == 2020)
    assert (licences["change"], licences["decisions"]) == (-55, 27865)  # a number, with its sign
    procurement = next(r for r in found["disclosure"] if r["line"] == "procurement")
    assert procurement["amount"] == 94799.5301
    blank = next(r for r in found["figures"] if r["status"] == "blank")
    assert blank["value"] is None
    assert {row["title"] for row in found["reports"]} >= {"'＝SUM(A1)", sample.HOSTILE_TITLE}
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    rows = {resource["name"]: resource["rows"] for resource in told["resources"]}
    assert {name: len(found[name]) for name in names} == {name: rows[name] for name in names}


def _sheet(path: Path) -> list[dict[str, Any]]:
    """The rows of a workbook's only sheet; no cell of it may be a formula."""
    book = openpyxl.load_workbook(path)
    [sheet] = book.worksheets
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"n", "s", "d"}, "f is a formula"
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]
