"""Addresses that no page of ours links to: each is refused in words, none is a fault of the site."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from archive.serve import build_app
from archive.site import counted, search
from archive.site.asked import unreadable
from tests.archive.site import sample
from tests.archive.site.conftest import Get, _getter

TABLE = "/gongkai/reports"
MISTYPED = (
    f"{TABLE}?_through=x",
    f"{TABLE}?_through=[]",
    f'{TABLE}?_through={{"table":"nothing","column":"a","value":1}}',
    f'{TABLE}?_through={{"table":"findings","column":"identity","value":{{}}}}',
    f"{TABLE}?_timelimit=x",
    f"{TABLE}?_sort=nothing",
    f"{TABLE}?_sort=id&_sort_desc=id",
    f"{TABLE}?_size=99999999",
    f"{TABLE}?_next=a,b,c,d",
    f"{TABLE}?_facet=nothing",
    f"{TABLE}?_facet_array=title",
    f"{TABLE}?year__in=[1",
    f'{TABLE}?year__in=[{{"a":1}}]',
    "/gongkai/agencies?_fts_table=nothing&_search=x",
    "/download/reports.csv?year__in=[1",
    "/download/reports.csv?year__nothing=1",
    "/gongkai?sql=attach database 'x' as y",
    "/gongkai?sql=pragma writable_schema=1",
    "/gongkai?sql=select readfile('/etc/passwd')",
    "/gongkai?sql=select load_extension('x')",
    "/gongkai/findings/1",
    "/gongkai/totals/1",
    "/gongkai/reports/1,2",
    "/gongkai/sqlite_master",
    "/original/../../etc/passwd",
    "/original/9999999999999999999",
    "/original/1/at/../../x",
    "/report/1/at/%00",
    "/report/9999999999999999999",
    "/coverage?division=%00",
    "/assets/../serve.py",
    "/-/allow-debug",
    "/-/databases",
    "/-/messages",
    "/-/patterns",
    "/-/permissions",
    "/-/threads",
)
HARMLESS = (
    f"{TABLE}?_next=99999999999999999999999999",
    f"{TABLE}?_facet_size=99999999&_facet=title&_facet=url&_facet=agency&_facet=document",
    f"{TABLE}?_search=%22%00 OR *&_searchmode=raw",
    f"{TABLE}?title__like={'%25a' * 200}",
    f"{TABLE}?_ttl=-1&_trace=1",
    "/search?q=%00&province=%00",
    "/search?q=复议&province=%00",
    "/search?q=AND OR NOT NEAR(&page=99999999999999999999&year=99999999999999999999",
    "/findings?province=%00&after=9999-999999999999999999&issuer=999999999999999999",
    "/compare?issuers=-1,9999999999999999999999&figure=%00&q=%00&years=99999999999999999999",
    "/coverage?page=0",
    "/division/410103?year=999999999",
    "/feed/reports.atom?province=%EF%BF%BE%00",
    "/gongkai/failed_identities?province=%00&sql=select+1",
)


@pytest.mark.parametrize("path", MISTYPED)
def test_what_cannot_be_answered_is_refused_in_words(
    get: Get, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = get(path)
    assert answer.status_code in (400, 403, 404)
    assert "Traceback" not in answer.text + capfd.readouterr().err


@pytest.mark.parametrize("path", HARMLESS)
def test_what_means_nothing_does_nothing(get: Get, path: str) -> None:
    assert get(path).status_code == 200


@pytest.mark.parametrize("path", ["/gongkai?sql=select+1", f"{TABLE}?_where=1", "/gongkai.csv?sql=select+1"])
def test_a_published_copy_takes_no_sql(archive_db: Path, path: str) -> None:
    assert _getter(build_app(archive_db, published=True))(path).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_written(get: Get, method: str) -> None:
    for path in (TABLE, f"{TABLE}/1", "/gongkai", f"/report/{sample.REPORT_2020}"):
        answer = get(path, method=method)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/\\elsewhere.example/", "//elsewhere.example/", "/%5Celsewhere.example/"])
def test_nobody_is_sent_elsewhere(archive_db: Path, path: str) -> None:
    raw = path.encode()
    scope: dict[str, Any] = {
        **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http"},
        **{"method": "GET", "path": unquote(path), "raw_path": raw, "query_string": b"", "headers": []},
    }
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await build_app(archive_db).app()(scope, receive, send)

    asyncio.run(ask())
    headers = {name.lower(): value for name, value in sent[0]["headers"]}
    assert not re.match(rb"[/\\]{2}|[a-z]+:", headers.get(b"location", b""))


def test_made_up_names_do_not_fill_the_memory(archive_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "_MOST", 60)
    app = build_app(archive_db)
    get = _getter(app)
    for number in range(30):
        assert get(f"/gongkai/made_up_{number}").status_code == 404
    assert get(f"/gongkai/{'long' * 500}").status_code == 404
    known = app.get_database("gongkai")._known
    assert len(known) <= 60
    assert not any("longlong" in repr(key) for key in known)
    assert get("/gongkai/reports").status_code == 200


def test_what_readers_ask_wrongly_is_not_logged(get: Get, capfd: pytest.CaptureFixture[str]) -> None:
    assert get(f"{TABLE}?{'&'.join(['nothing=1'] * 1500)}").status_code == 400
    assert get("/gongkai?sql=select+nothing").status_code == 400
    assert capfd.readouterr().err == ""


def test_parameters_that_cannot_be_read() -> None:
    def found(key: str, value: str) -> str | None:
        return unreadable([("year", "2020"), (key, value)])

    assert found("_through", '{"table": "findings", "column": "identity", "value": "R1"}') is None
    assert found("_through", '{"table": 1, "column": "identity", "value": "R1"}') is not None
    assert found("_through", "[" * 100_000) is not None
    assert found("year__in", "2020,2021") is None
    assert found("year__in", "[2020, 2021]") is None
    assert found("year__notin", "[[]]") == "year__notin=[[]]"
    assert found("_timelimit", "²") is not None
    assert found("title__contains", "[") is None


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


@pytest.mark.parametrize("path", [f"/gongkai.json?{urlencode({'sql': ENDLESS})}", "/search?q=公 开 信 息"])
def test_four_slow_questions_keep_no_page_waiting(
    archive_db: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(search, "load", lambda conn, asked, memo: conn.execute(ENDLESS).fetchall())
    app = build_app(archive_db)

    async def ask() -> list[int]:
        questions = [asyncio.create_task(app.client.get(path)) for _ in range(4)]
        await asyncio.sleep(0.5)
        pages = [await app.client.get(path) for path in ("/", "/findings", f"/report/{sample.REPORT_2020}")]
        assert not any(question.done() for question in questions)  # they take five seconds
        for question in questions:
            question.cancel()
        return [page.status_code for page in pages]

    assert asyncio.run(ask()) == [200, 200, 200]


@pytest.mark.parametrize("size", ["max", "1001", "5000"])
def test_a_page_has_no_more_rows_than_can_be_written_in_passing(get: Get, size: str) -> None:
    refused = get(f"{TABLE}?_size={size}")
    assert refused.status_code == 400
    assert "网页一次最多显示 1000 行" in refused.text
    assert get(f"{TABLE}.json?_size={size}").status_code == 200
    assert get(f"{TABLE}.csv?_size={size}").status_code == 200
    assert get(f"{TABLE}?_size=1000").status_code == 200


def test_facets_are_few(get: Get) -> None:
    """Each may take half a second: a page of all columns would take a thread for as long as it likes."""
    some = "&".join(f"_facet={column}" for column in ("province", "year", "agency", "form"))
    assert get(f"{TABLE}?{some}").status_code == 200
    many = "&".join(f"_facet{kind}=title" for kind in ("", "_array", "_date") for _ in range(3))
    refused = get(f"{TABLE}?{many}")
    assert refused.status_code == 400
    assert "分面" in refused.text
