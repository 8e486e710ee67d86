"""CSV that Datasette writes, as it reaches the reader."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from archive.queries import QUERIES
from archive.serve import SETTINGS, build_app
from archive.site import cells
from archive.site.spreadsheet import Lines
from tests.archive.site import sample
from tests.archive.site.conftest import Get, _getter

MARK = b"\xef\xbb\xbf"


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(MARK)
    assert not content.startswith(MARK * 2)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_lines_come_whole_however_they_are_cut(size: int) -> None:
    rows = [["a", "b"], ["=1+1", "-5"], ['"引"\r\n@x', "1,5"], ["\u2028-x", "+3.5e2"], ["\r\n\r\n", "\x85"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    content = text.getvalue().encode()
    lines = Lines()
    pieces = [lines.feed(content[at : at + size]) for at in range(0, len(content), size)]
    pieces.append(lines.feed(b"", last=True))
    expected = [*rows[:1], ["'=1+1", "-5"], *rows[2:4], ["'\r\n\r\n", "\x85"]]
    assert read(b"".join(pieces)) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/gongkai/reports.csv",
        "/gongkai/reports.csv?_stream=on&_search=政府信息",
        "/gongkai/sections.csv?_dl=1",
        "/gongkai.csv?sql=select+title+from+reports",
    ],
)
def test_datasettes_csv_opens_right(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="gongkai')
    found = read(answer.content)
    assert len(found) > 1
    for row in found:
        for cell in row:
            if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")):
                float(cell)


def test_what_is_no_csv_is_left_alone(get: Get) -> None:
    assert get("/gongkai/nothing.csv").status_code == 404
    assert "text/html" in get("/gongkai/reports.csv?_trace=1").headers["content-type"]
    assert "a-b" in get("/gongkai/reports.csv?_sort=a-b").text


@pytest.mark.parametrize("query", [query.name for query in QUERIES])
def test_a_query_is_answered_whole(get: Get, archive_db: Path, query: str) -> None:
    sql, params = next((one.sql, one.params) for one in QUERIES if one.name == query)
    conn = sqlite3.connect(archive_db)
    stored = conn.execute(sql, dict.fromkeys(params, "")).fetchall()
    found = read(get(f"/gongkai/{query}.csv").content)
    assert len(found) == len(stored) + 1
    english, chinese = found[0], read(get(f"/gongkai/{query}.csv?_header=zh").content)[0]
    assert len(english) == len(chinese)
    if "page" in english:
        assert all(row[english.index("page")].startswith("http://localhost/report/") for row in found[1:])


def test_an_answer_is_longer_than_a_page(archive_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "max_returned_rows", 1)
    get = _getter(build_app(archive_db))
    assert "超过 1 行" in get("/gongkai/failed_identities").text
    assert len(read(get("/gongkai/failed_identities.csv").content)) == 3
    assert len(read(get("/gongkai/failed_identities.csv?year=2021&province=河北省").content)) == 3
    assert len(read(get("/gongkai/failed_identities.csv?year=2020").content)) == 1


def test_of_a_long_answer_a_page_shows_the_beginning(get: Get) -> None:
    sql = "with recursive n(i) as (select 1 union all select i + 1 from n limit 1500) select i from n"
    page = get(f"/gongkai?{urlencode({'sql': sql})}").text
    assert "超过 1,000 行，只显示前 1,000 行" in page
    assert page.count('<td class="col-i') == 1000
    assert len(read(get(f"/gongkai.csv?{urlencode({'sql': sql})}").content)) == 1501
    whole = get(f"/gongkai.json?{urlencode({'sql': sql})}").json()
    assert (len(whole["rows"]), whole["truncated"]) == (1500, False)


def test_a_page_makes_ready_no_more_than_it_shows(archive_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = cells.answer

    def answer(columns: Any, rows: Any, *more: Any) -> Any:
        made.append(len(rows))
        return real(columns, rows, *more)

    monkeypatch.setattr(cells, "answer", answer)
    get = _getter(build_app(archive_db))
    for more in (999, 1000, 1001, 4000):
        sql = f"with recursive n(i) as (select 1 union all select i + 1 from n limit {more}) select i from n"
        page = get(f"/gongkai?{urlencode({'sql': sql})}").text
        assert ("超过 1,000 行" in page) == (more > 1000)
    assert made == [999, 1000, 1000, 1000]


def test_numbers_are_numbers(get: Get) -> None:
    found = read(get("/gongkai/failed_identities.csv").content)
    assert found[1][found[0].index("left")] == "21"
    assert str(sample.REPORT_2021) in found[1][-1]
