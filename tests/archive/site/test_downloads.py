from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from archive import forms, schema, tabular
from archive.serve import build_app
from archive.site import downloads, streams
from tests.archive.site import sample
from tests.archive.site.conftest import Get


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("table", [table.name for table in schema.TABLES])
def test_every_table_comes_whole(get: Get, archive_db: Path, table: str) -> None:
    response = get(f"/download/{table}.csv")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="gongkai-{table}.csv"'
    conn = sqlite3.connect(archive_db)
    count = conn.execute(f"select count(*) from {table}").fetchone()[0]
    conn.close()
    found = rows(response.content)
    assert len(found) == count
    if found:
        assert {column.name for column in schema.table(table).columns} <= set(found[0])


@pytest.mark.parametrize("table", forms.TABLES)
def test_figure_rows_stand_on_their_own(get: Get, table: str) -> None:
    for row in rows(get(f"/download/{table}.csv").content):
        assert row["agency_label"] in ("郑州市二七区人民政府", "沙河市人民政府办公室")
        assert row["year"] in ("2020", "2021")
        assert row["province"] in ("河南省", "河北省")
        assert row["page"] == f"http://localhost/report/{row['report']}"
        assert row["line_label"] != row["line"]


def test_values_are_those_of_the_database(get: Get) -> None:
    found = {(r["report"], r["line"]): r for r in rows(get("/download/requests.csv").content)}
    received = found[str(sample.REPORT_2020), "received"]
    assert [received[c.key] for c in forms.columns("requests")] == ["320", "9", "0", "0", "0", "0", "329"]
    assert found[str(sample.REPORT_2021), "granted_in_part"]["natural_person"] == ""  # blank is not 0
    disclosure = {(r["report"], r["line"]): r for r in rows(get("/download/disclosure.csv").content)}
    assert disclosure[str(sample.REPORT_2020), "procurement"]["amount"] == "94799.5301"
    assert disclosure[str(sample.REPORT_2020), "licences"]["change"] == "-55"  # a number, not a formula


def test_chinese_headings_on_demand(get: Get) -> None:
    header = next(iter(rows(get("/download/requests.csv?_header=zh").content)))
    assert list(header)[:6] == [
        "年度报告",
        "年度报告（名称）",
        "发布机关",
        "发布机关（名称）",
        "省份",
        "年度",
    ]
    assert "自然人" in header


def test_datasettes_filters_apply(get: Get) -> None:
    found = rows(get("/download/requests.csv?line=received&year__gte=2021").content)
    assert [(row["line"], row["year"]) for row in found] == [("received", "2021")]
    assert rows(get("/download/reports.csv?title__contains=二七区&_sort=year").content)[0]["year"] == "2020"
    assert rows(get("/download/reports.csv?province__isnull=1").content)[0]["agency_label"] == "<b>某局</b>"


def test_a_filter_on_no_column_is_refused(get: Get) -> None:
    response = get("/download/reports.csv?nonsense=1")
    assert response.status_code == 400
    assert "nonsense" in response.text
    assert get("/download/nothing.csv").status_code == 404
    assert get("/download/_states.csv").status_code == 404


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_looks_like_a_formula_is_made_harmless(sign: str) -> None:
    assert tabular.harmless(f"{sign}1+1") == f"'{sign}1+1"


def test_whole_numbers_are_written_as_such(get: Get) -> None:
    written = tabular.csv_bytes([[21.0, 0.5, -55.0, 1e300, float("inf")]])
    assert written == b"21,0.5,-55,1e+300,inf\r\n"
    finding = rows(get("/download/findings.csv?identity=R1&verdict=fail").content)[0]
    assert (finding["left"], finding["right"]) == ("21", "27")


def test_numbers_and_plain_text_are_left_alone() -> None:
    for value in (-55, 0, 1.5, None, "郑州", "1-2", ""):
        assert tabular.harmless(value) == value


def test_no_cell_of_any_download_starts_a_formula(get: Get) -> None:
    paths = [f"/download/{table.name}.csv" for table in schema.TABLES]
    paths += [f"/report/{sample.REPORT_2021}.csv", f"/report/{sample.REPORT_HOSTILE}.csv"]
    seen = []
    for path in paths:
        for row in rows(get(path).content):
            for cell in row.values():
                if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")):
                    float(cell)  # a signed number is what Excel should take for one
                seen += [cell] if cell.startswith("'") else []
    assert f"'{sample.FORMULA}" in seen
    assert "'＝SUM(A1)" in seen
    assert "'@sum" in seen


def test_report_csv_has_one_row_a_cell_with_its_status(get: Get) -> None:
    response = get(f"/report/{sample.REPORT_2021}.csv")
    found = {(row["table"], row["row"], row["column"]): row for row in rows(response.content)}
    assert len(found) == 175 + 10
    assert found["requests", "received", "total"]["value"] == "27"
    blank = found["requests", "granted_in_part", "total"]
    assert (blank["value"], blank["status"]) == ("", "blank")
    assert found["disclosure", "normative_documents", "issued"]["readings"] == "22 | 2"
    fees = found["disclosure", "fees", "amount"]
    assert (fees["value"], fees["unit"], fees["raw"]) == ("0.37", "万元", "3700元")
    assert fees["column_label"] == "本年收费金额（单位：万元）"
    chinese = rows(get(f"/report/{sample.REPORT_2021}.csv?_header=zh").content)
    assert chinese[0]["发布机关"] == "沙河市人民政府办公室"


def test_a_reader_who_leaves_ends_the_query(archive_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream stops at the next piece and its connection is closed."""
    monkeypatch.setattr(downloads, "_ROWS", 1)
    closed: list[int] = []
    close = downloads.RowStream.close
    monkeypatch.setattr(downloads.RowStream, "close", lambda self: (closed.append(1), close(self)))
    app = build_app(archive_db).app()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        while not any(message.get("body") for message in sent):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))
        await asyncio.sleep(0)

    path = "/download/divisions.csv"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
    }
    asyncio.run(app(scope, receive, send))
    bodies = [message for message in sent if message.get("body")]
    assert 1 <= len(bodies) < 50  # of more than 3,000
    assert closed == [1]


def test_closing_a_stream_interrupts_a_query_under_way(archive_db: Path) -> None:
    table = schema.table("about")
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    endless = f"select 1 as key, 2 as value from ({numbers})"
    stream = downloads.RowStream(archive_db, tabular.Export(table, endless, table.columns, ("key",)))

    async def run() -> None:
        reading = asyncio.create_task(asyncio.to_thread(stream.piece))
        await asyncio.sleep(0.1)
        assert not reading.done()
        await asyncio.to_thread(stream.close)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            await reading

    asyncio.run(asyncio.wait_for(run(), timeout=20))


def endless(archive_db: Path) -> downloads.RowStream:
    """A query whose first row never comes."""
    table = schema.table("about")
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
    select = f"select 1 as key, 2 as value from ({numbers}) where i < 0"
    return downloads.RowStream(archive_db, tabular.Export(table, select, table.columns, ("key",)))


def test_a_reader_who_leaves_before_the_first_row_ends_the_query(archive_db: Path) -> None:
    stream = endless(archive_db)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.1)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(streams.send_rows(stream, {}, send, receive), timeout=10))
    assert sent == []
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        stream.piece()


def test_a_search_for_nothing_ends_in_time(
    archive_db: Path, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_SECONDS", 0.2)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        endless(archive_db).piece()
    monkeypatch.setattr(downloads, "_SECONDS", 0)
    refused = get("/download/divisions.csv?name__contains=nothing")
    assert refused.status_code == 400
    assert "查询超过时间限制" in refused.text


def test_head_sends_no_body(archive_db: Path) -> None:
    app = build_app(archive_db)

    async def head() -> Any:
        return await app.client.head("/download/reports.csv")

    response = asyncio.run(head())
    assert response.status_code == 200
    assert response.content == b""
