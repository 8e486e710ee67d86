"""The store on real SQLite files: what it keeps, and that doing it twice is doing it once."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import forms
from archive.errors import (
    BusyError,
    ClashError,
    DiskFullError,
    NewerSchemaError,
    ReadOnlyError,
    WrongArchiveError,
)
from archive.records import Cell, Check, Finding, Report
from archive.rows import agency_id, document_id, report_id
from archive.schema import SCHEMA_VERSION
from archive.store import Store
from pipelines.keep import keep
from tests.archive.made import at, dump, put, report, rows, snapshot

RECEIVED = ("requests", "received", "total")
GRANTED = ("requests", "granted", "total")
URL = "http://www.zhongyuan.gov.cn/2024/1.html"
MIRROR = "http://www.zhengzhou.gov.cn/2024/9.html"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "gongkai.db"


def sound(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_report_is_stored_whole(path: Path) -> None:
    values = {
        RECEIVED: 27,
        ("requests", "received", "research"): "blank",
        ("requests", "granted", "business"): "unreadable",
        ("disclosure", "fees", "amount"): Decimal("25.1"),
    }
    checks = (
        Check("R1", "requests.received", "pass", 27, 27),
        Check("R3", "requests.*.total", "fail", 21, 27, "issuer"),
        Check("R1", "requests.granted", "not_assessable", None, None),
    )
    findings = (Finding("reader", "a row held only borders", "table[2]/tr[9]"),)
    with Store(path) as store:
        outcome = put(store, URL, "one", report(values, checks=checks, findings=findings))
        assert (outcome.action, outcome.findings) == ("stored", 3)
        (row,) = rows(store, "SELECT * FROM reports")
        assert row["id"] == outcome.report == report_id("中原区人民政府", "410102", 2023)
        assert (row["form"], row["requests_form"], row["verdict"], row["revision"]) == (
            "2021",
            "2021",
            "fail",
            1,
        )
        assert (row["province"], row["division"], row["year"]) == ("河南省", "410102", 2023)
        assert (row["checks_passed"], row["checks_failed"], row["checks_not_assessable"]) == (1, 1, 1)
        every = sum(len(list(t.cells())) for t in forms.form("2021").tables.values())
        assert (row["cells"], row["figures"]) == (every, every - 2)
        assert (row["url"], row["document"]) == (URL, outcome.document)

        (received,) = rows(store, "SELECT * FROM requests WHERE line = 'received'")
        assert (received["total"], received["research"], received["business"]) == (27, None, 0)
        assert received["place"] == "table[2]/tr[1]" or received["place"].startswith("table[2]")
        (fees,) = rows(store, "SELECT * FROM disclosure WHERE line = 'fees'")
        assert (fees["amount"], fees["amount_raw"], fees["issued"]) == (25.1, "25.1", None)
        notes = rows(store, "SELECT line, column_key, status, raw FROM cell_notes ORDER BY line DESC")
        assert notes == [
            {"line": "received", "column_key": "research", "status": "blank", "raw": ""},
            {"line": "granted", "column_key": "business", "status": "unreadable", "raw": "约三件"},
        ]
        found = rows(store, "SELECT * FROM findings ORDER BY number")
        assert [f["message"] for f in found] == [
            "总计列：第三项各行之和 21 ≠ 总计 27",
            "“（一）予以公开”一行：各类申请人之和与总计无法核对，所需单元格为空、缺失或不能确定",
            "a row held only borders",
        ]
        assert [(f["identity"], f["verdict"], f["blame"]) for f in found] == [
            ("R3", "fail", "issuer"),
            ("R1", "not_assessable", None),
            (None, None, None),
        ]
        assert (found[0]["at"], found[0]["left"], found[0]["right"]) == ("requests.*.total", 21.0, 27.0)
        (document,) = rows(store, "SELECT * FROM documents")
        assert (document["outcome"], document["portal"], document["bytes"]) == ("current", "zhongyuan", 3)
        assert json.loads(document["context"])["list_date"] == "2024-03-01"
        assert rows(store, "SELECT number, heading FROM sections") == [
            {"number": 1, "heading": "一、总体情况"}
        ]
        assert store.about == {
            "name": "gongkai",
            "kind": "archive",
            "schema_version": str(SCHEMA_VERSION),
            "parser": "t1",
        }
        (agency,) = rows(store, "SELECT * FROM agencies")
        assert (agency["name"], agency["kind"], agency["division"]) == (
            "中原区人民政府",
            "government",
            "410102",
        )
    sound(path)


def test_twice_is_once(path: Path) -> None:
    with Store(path) as store:
        store.add_portals(
            [{"key": "zhongyuan", "name": "中原区人民政府", "family": "trs", "division": "410102"}]
        )
        put(store, URL, "one", report({RECEIVED: 1}))
        put(store, MIRROR, "mirror", report({RECEIVED: 1}))
        put(store, "http://a/notice", "n", report(is_report=False))
        put(store, "http://a/nobody", "u", report(agency=None))
        put(store, "http://a/broken", "b", report(error="cut short"))
        store.refresh_coverage(date(2026, 1, 1))
    once = dump(path)
    with Store(path) as store:
        store.add_portals(
            [{"key": "zhongyuan", "name": "中原区人民政府", "family": "trs", "division": "410102"}]
        )
        later = {"day": 30}
        assert put(store, URL, "one", report({RECEIVED: 1}), **later).action == "unchanged"
        counter = put(store, URL, "one, read 17 times", report({RECEIVED: 1}), **later)
        assert (counter.action, counter.document) == (
            "unchanged",
            document_id(URL, snapshot(URL, "one").sha256),
        )
        assert put(store, MIRROR, "mirror", report({RECEIVED: 1}), **later).action == "unchanged"
        assert put(store, "http://a/notice", "n2", report(is_report=False), **later).action == "unchanged"
        assert put(store, "http://a/nobody", "u", report(agency=None), **later).action == "unchanged"
        assert put(store, "http://a/broken", "b", report(error="cut short"), **later).action == "unchanged"
        assert store.refresh_coverage(date(2026, 1, 1)) == 0
    assert dump(path) == once
    sound(path)


def test_a_silent_edit_is_a_revision(path: Path) -> None:
    with Store(path) as store:
        first = put(store, URL, "one", report({RECEIVED: 27, GRANTED: "blank"}))
        second = put(store, URL, "two", report({RECEIVED: 31, GRANTED: 4}, text="改动"), day=9)
        assert (first.action, second.action, second.report) == ("stored", "revised", first.report)
        assert rows(store, "SELECT url, outcome FROM documents ORDER BY fetched_at") == [
            {"url": URL, "outcome": "superseded"},
            {"url": URL, "outcome": "current"},
        ]
        revisions = rows(
            store, "SELECT number, document, cells_changed, text_changed FROM revisions ORDER BY number"
        )
        assert revisions == [
            {"number": 1, "document": first.document, "cells_changed": None, "text_changed": None},
            {"number": 2, "document": second.document, "cells_changed": 2, "text_changed": 1},
        ]
        changes = rows(store, "SELECT line, old, new, old_status, new_status FROM changes ORDER BY line")
        assert changes == [
            {"line": "granted", "old": None, "new": 4.0, "old_status": "blank", "new_status": "exact"},
            {"line": "received", "old": 27.0, "new": 31.0, "old_status": "exact", "new_status": "exact"},
        ]
        assert rows(store, "SELECT total FROM requests WHERE line = 'received'") == [{"total": 31}]
        assert rows(store, "SELECT revision, document FROM reports") == [
            {"revision": 2, "document": second.document}
        ]
        # Back to the first bytes: a third state, and the first original is current again.
        third = put(store, URL, "one", report({RECEIVED: 27, GRANTED: "blank"}), day=20)
        assert (third.action, third.document) == ("revised", first.document)
        assert rows(store, "SELECT total FROM requests WHERE line = 'received'") == [{"total": 27}]
        assert [r["document"] for r in rows(store, "SELECT document FROM revisions ORDER BY number")] == [
            first.document,
            second.document,
            first.document,
        ]
    sound(path)


def test_copies_that_differ_are_a_finding(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "one", report({RECEIVED: 5}))
        joined = put(
            store, MIRROR, "two", report({RECEIVED: 6}), portal="zhengzhou", portal_division="410100"
        )
        assert (joined.action, joined.reason) == ("copied", "其他网址发布的同一报告，但有数字不一致")
        (copy,) = rows(store, "SELECT url, reason, likeness FROM copies")
        assert (copy["url"], copy["reason"], 0.9 < copy["likeness"] < 1) == (MIRROR, "differs", True)
        (finding,) = rows(store, "SELECT kind, message FROM findings")
        assert finding["kind"] == "copies_differ"
        assert MIRROR in finding["message"]
        assert "表三“一、本年新收政府信息公开申请数量”的“总计”" in finding["message"]
        # Once the mirror is corrected, the finding is gone.
        put(
            store, MIRROR, "three", report({RECEIVED: 5}), portal="zhengzhou", portal_division="410100", day=3
        )
        assert rows(store, "SELECT reason, likeness FROM copies") == [{"reason": "mirror", "likeness": 1.0}]
        assert rows(store, "SELECT * FROM findings") == []
        assert rows(store, "SELECT outcome FROM documents WHERE url = ? ORDER BY fetched_at", MIRROR) == [
            {"outcome": "superseded"},
            {"outcome": "copy"},
        ]
    sound(path)


def test_tables_only_in_the_attachment(path: Path) -> None:
    page = report(tables=(), text="报告见附件")
    docx = report({RECEIVED: 3})
    with Store(path) as store:
        put(store, URL, "page", page)
        assert rows(store, "SELECT form, figures FROM reports") == [{"form": None, "figures": 0}]
        joined = put(store, URL + ".docx", "PK", docx, role="attachment", page_url=URL)
        assert (joined.action, joined.report) == ("copied", report_id("中原区人民政府", "410102", 2023))
        (row,) = rows(store, "SELECT url, document, form FROM reports")
        assert row == {"url": URL, "document": joined.document, "form": "2021"}
        assert rows(store, "SELECT url, reason FROM copies") == [{"url": URL, "reason": "page"}]
        assert rows(store, "SELECT text FROM sections") == [{"text": docx.text}]
    sound(path)


ARRIVALS = (
    (URL, "page", report(tables=(), text="见附件"), {}),
    (URL, "page, edited", report(tables=(), text="见附件，有更正"), {"day": 5}),
    (URL + ".pdf", "%PDF-1.7", report({RECEIVED: 5}), {"role": "attachment", "page_url": URL}),
    (MIRROR, "m1", report({RECEIVED: 6}), {"portal": "zhengzhou", "portal_division": "410100"}),
    (MIRROR, "m2", report({RECEIVED: 7}), {"portal": "zhengzhou", "portal_division": "410100", "day": 2}),
    (MIRROR, "m1", report({RECEIVED: 6}), {"portal": "zhengzhou", "portal_division": "410100", "day": 4}),
    ("http://c/1", "c", report({RECEIVED: 5, GRANTED: "blank"}, agency="中原区 人民政府"), {"portal": "c"}),
    (
        "http://c/1",
        "c, counter",
        report({RECEIVED: 5, GRANTED: "blank"}, agency="中原区 人民政府"),
        {"portal": "c", "day": 1},
    ),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([a[0] for a in ARRIVALS]))
def test_the_database_does_not_depend_on_the_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory, urls: list[str]
) -> None:
    queues = {url: [a for a in ARRIVALS if a[0] == url] for url in urls}
    dumps = []
    for order in (ARRIVALS, [queues[url].pop(0) for url in urls]):
        path = tmp_path_factory.mktemp("order") / "gongkai.db"
        with Store(path) as store:
            for url, body, made, where in order:
                put(store, url, body, made, **where)
        dumps.append(dump(path))
        sound(path)
    assert dumps[0] == dumps[1]
    assert len(dumps[0]["reports"]) == 1
    assert len(dumps[0]["documents"]) == 6


def test_what_is_no_report_is_kept_with_the_reason(path: Path) -> None:
    with Store(path) as store:
        put(
            store, "http://a/1", "1", report(is_report=False, findings=(Finding("not_a_report", "a notice"),))
        )
        put(store, "http://a/2", "2", report(year=None, findings=(Finding("no_year", "no year anywhere"),)))
        put(store, "http://a/3", "3", report(error="the PDF is cut short"))
        found = rows(
            store, "SELECT outcome, reason, report, figures > 0 AS valued FROM documents ORDER BY url"
        )
        assert [(f["outcome"], f["report"]) for f in found] == [
            ("refused", None),
            ("unassigned", None),
            ("unreadable", None),
        ]
        assert found[0]["reason"].endswith("a notice")
        assert found[1]["reason"] == "未能确定年度：no year anywhere"
        assert (found[1]["valued"], found[2]["reason"]) == (1, "the PDF is cut short")
        assert rows(store, "SELECT * FROM reports") == []
        # unreadable alone is fetched again: it may have been cut short on its way
        assert store.known("zhongyuan") == {"http://a/1", "http://a/2"}
        assert store.known("elsewhere") == frozenset()
        # a hint found later assigns what nobody could assign before
        again = put(store, "http://a/2", "2", report(year=2022), day=3)
        assert again.action == "stored"
        assert rows(store, "SELECT outcome FROM documents WHERE url = 'http://a/2'") == [
            {"outcome": "current"}
        ]
        # and a list without that hint takes nothing back
        assert put(store, "http://a/2", "2", report(year=None), day=4).action == "unchanged"
    sound(path)


def test_pages_of_a_crawl_cut_short_are_asked_for_again(path: Path) -> None:
    page, pdf = "http://a/1", "http://a/1.pdf"
    with Store(path) as store:

        def run(day: int, reason: str | None) -> frozenset[str]:
            """A crawl begins; gives what it leaves alone; ends as told, or is killed."""
            number = store.start_run("zhongyuan", started_at=at(day))
            known = store.known("zhongyuan")
            if reason:
                store.finish_run(number, reason=reason, finished_at=at(day))
            return known

        assert run(0, "finished") == frozenset()
        put(store, "http://a/0", "0", report(year=2020), day=0)
        assert run(5, None) == {"http://a/0"}  # killed after the page and one of its attachments
        put(store, page, "1", report(tables=()), day=5)
        put(store, pdf, "2", report(), day=5, role="attachment", page_url=page)
        assert run(6, "shutdown") == {"http://a/0", pdf}
        assert run(7, "finished") == {"http://a/0", pdf}
        assert run(8, "blocked:challenge") == {"http://a/0", page, pdf}
        assert run(9, "finished") == {"http://a/0", page, pdf}


def test_the_same_bytes_stay_with_the_report_they_were_read_as(path: Path) -> None:
    with Store(path) as store:
        first = put(store, URL, "one", report(year=2023))
        other = put(store, URL, "one", report(year=2024), day=2)
        assert (other.action, other.document, other.report) == ("unchanged", first.document, first.report)


def test_one_address_for_every_year_s_report_keeps_all_of_them(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "2022", report(year=2022))
        put(store, URL, "2023", report(year=2023), day=300)
        assert rows(store, "SELECT year, revision FROM reports ORDER BY year") == [
            {"year": 2022, "revision": 1},
            {"year": 2023, "revision": 1},
        ]


def test_cells_that_no_column_can_hold(path: Path) -> None:
    huge = {RECEIVED: 10**30, GRANTED: 2**63 - 1}
    with Store(path) as store:
        put(store, URL, "one", report(huge))
        values = rows(
            store, "SELECT line, total FROM requests WHERE line IN ('received', 'granted') ORDER BY line"
        )
        assert values == [{"line": "granted", "total": 2**63 - 1}, {"line": "received", "total": None}]
        assert rows(store, "SELECT status, raw FROM cell_notes") == [
            {"status": "unreadable", "raw": str(10**30)}
        ]
        twice = report()
        twice = replace(twice, cells=(*twice.cells, twice.cells[0]))
        assert put(store, "http://a/2", "2", twice).action == "unreadable"
        strange = (Cell("requests", "received", "aliens", 3, "3", "exact", None),)
        strange_ = replace(twice, cells=strange)
        outcome = put(store, "http://a/3", "3", strange_)
        assert outcome.action == "unreadable"
        assert "aliens" in (outcome.reason or "")
    sound(path)


def test_an_unknown_division_is_a_finding_and_no_broken_reference(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "one", report(division="419999"))
        assert rows(store, "SELECT division, province FROM agencies") == [
            {"division": None, "province": "河南省"}
        ]
        assert [f["kind"] for f in rows(store, "SELECT kind FROM findings")] == ["unknown_division"]
        zone = {"code": "419999", "name": "新区", "full_name": "河南省新区", "level": "zone"}
        store.load_divisions([zone | {"parent": "410000", "province": "河南省"}])
        assert [d["code"] for d in store.extra_divisions()] == ["419999"]
        put(store, URL, "two", report({RECEIVED: 1}, division="419999"), day=2)
        assert rows(store, "SELECT division FROM agencies") == [{"division": "419999"}]
        assert rows(store, "SELECT * FROM findings") == []
        orphan = {"code": "999999", "name": "x", "full_name": "x", "level": "zone", "parent": "888888"}
        with pytest.raises(sqlite3.IntegrityError):
            store.load_divisions([orphan])
    sound(path)


def test_spellings_of_one_name_are_one_issuer(path: Path) -> None:
    with Store(path) as store:
        put(store, "http://a/1", "1", report(agency="中原区财政局（国资局）", year=2022))
        put(store, "http://a/2", "2", report(agency="中原区财政局(国资局)", year=2023))
        (agency,) = rows(store, "SELECT * FROM agencies")
        assert agency["id"] == agency_id("中原区财政局（国资局）", "410102")
        assert (agency["name"], json.loads(agency["aliases"])) == (
            "中原区财政局(国资局)",
            ["中原区财政局（国资局）"],
        )
        assert agency["kind"] == "department"


def test_two_keys_with_one_identifier_are_an_error(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "one", report())
        store.db.execute("UPDATE agencies SET name = '别的机关'")
        with pytest.raises(ClashError, match="别的机关"):
            put(store, URL, "two", report({RECEIVED: 1}), day=2)
        assert rows(store, "SELECT count(*) AS n FROM documents") == [{"n": 1}]


def test_runs_and_their_issues(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run("zhongyuan", started_at=at(0), parser="t1")
        store.add_issue(run, "robots", URL, "disallowed")
        store.add_issue(run, "http", MIRROR, "503")
        store.finish_run(run, reason="finished", finished_at=at(1), requests=7, stored=2)
        (row,) = rows(store, "SELECT * FROM runs")
        assert (row["portal"], row["command"], row["requests"], row["stored"], row["failed"]) == (
            "zhongyuan", "crawl", 7, 2, 0,
        )  # fmt: skip
        assert (row["started_at"], row["finish_reason"]) == ("2024-02-01T08:00:00.000000Z", "finished")
        assert [i["number"] for i in rows(store, "SELECT number FROM run_issues ORDER BY number")] == [1, 2]
        with pytest.raises(ValueError, match="stolen"):
            store.finish_run(run, reason="finished", stolen=1)
        with pytest.raises(ClashError):
            store.start_run("zhongyuan", started_at=at(0))
    sound(path)


def test_the_registry_does_not_undo_what_a_crawl_found(path: Path) -> None:
    entry = {"key": "p", "name": "某县人民政府", "family": "trs", "division": "410102", "start": ["http://p/"],
             "status": "unverified"}  # fmt: skip
    with Store(path) as store:
        store.add_portals([entry])
        store.set_portal_status("p", "blocked:ruishu")
        store.add_portals([entry])
        (row,) = rows(store, "SELECT status, url, division FROM portals")
        assert row == {"status": "blocked:ruishu", "url": "http://p/", "division": "410102"}
        store.add_portals([entry | {"status": "gone"}])
        assert rows(store, "SELECT status FROM portals") == [{"status": "gone"}]


# Who may open what


def test_demonstration_and_real_data_do_not_mix(tmp_path: Path) -> None:
    Store(tmp_path / "demo.db", demo=True).close()
    Store(tmp_path / "real.db").close()
    with pytest.raises(WrongArchiveError, match=r"demo\.db: holds a gongkai demonstration"):
        Store(tmp_path / "demo.db")
    with pytest.raises(WrongArchiveError, match=r"real\.db: holds a gongkai archive"):
        Store(tmp_path / "real.db", demo=True)
    with Store(tmp_path / "demo.db", demo=True) as store:
        assert store.about["kind"] == "demonstration"


def test_a_newer_schema_is_refused_by_name(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerSchemaError, match=r"gongkai\.db: written with schema 99"):
        Store(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()


def test_another_program_s_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(WrongArchiveError, match="another program"):
        Store(other)
    (tmp_path / "text.db").write_text("no database at all, but a text of some length " * 9)
    with pytest.raises(WrongArchiveError, match="not an SQLite database"):
        Store(tmp_path / "text.db")


_CHILD = """
import sys
from archive.store import Store
from archive.errors import ArchiveError
try:
    with Store(sys.argv[1], timeout=0.3):
        print("opened")
except ArchiveError as error:
    print(type(error).__name__, error)
"""


def test_a_second_writer_is_told_and_readers_are_not(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "one", report())
        told = subprocess.run(
            [sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True
        )
        assert told.stdout.startswith("BusyError")
        assert "another gongkai process is writing" in told.stdout
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        assert reader.execute("SELECT count(*) FROM reports").fetchone() == (1,)
        reader.close()
        with Store(path) as same_process:  # one process is one writer
            put(same_process, MIRROR, "two", report())
    after = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=True
    )
    assert after.stdout == "opened\n"
    sound(path)


def test_a_foreign_lock_is_named_and_nothing_is_half_written(path: Path) -> None:
    with Store(path, timeout=0.1) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="another program is writing"):
            put(store, URL, "one", report())
        other.execute("ROLLBACK")
        other.close()
        assert rows(store, "SELECT * FROM documents") == []
        assert put(store, URL, "one", report()).action == "stored"


def test_a_full_disk_is_named_and_nothing_is_half_written(path: Path) -> None:
    with Store(path) as store:
        put(store, URL, "one", report())
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = dump(path)
        pages = store.db.execute("PRAGMA page_count").fetchone()[0]
        store.db.execute(f"PRAGMA max_page_count = {pages}")

        def fill() -> None:
            for number in range(50):
                put(store, f"http://a/{number}", "x", report(year=1900 + number, text="长" * 9000))

        with pytest.raises(DiskFullError, match="disk is full"):
            fill()
        stored = {row["url"] for row in rows(store, "SELECT url FROM documents")}
        assert {row[6] for row in dump(path)["documents"] if row[1] == URL} == {
            row[6] for row in before["documents"]
        }
        assert len(stored) == len(rows(store, "SELECT * FROM reports"))
    sound(path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ReadOnlyError, match="cannot be made"):
        Store(tmp_path / "file" / "gongkai.db")
    (tmp_path / "gongkai.db").mkdir()
    with pytest.raises(ReadOnlyError, match="neither opened nor created"):
        Store(tmp_path / "gongkai.db")


def test_a_read_only_database(path: Path) -> None:
    Store(path).close()
    with Store(path) as store:
        store.db.execute("PRAGMA query_only = ON")
        with pytest.raises(ReadOnlyError, match="read-only"):
            put(store, URL, "one", report())
        store.db.execute("PRAGMA query_only = OFF")
        assert rows(store, "SELECT * FROM documents") == []


def test_one_store_a_process_is_closed_by_its_last_user(path: Path) -> None:
    first, second = Store.shared(path), Store.shared(path)
    assert first is second
    with pytest.raises(ValueError, match="demo=False"):
        Store.shared(path, demo=True)
    first.close()
    assert put(second, URL, "one", report()).action == "stored"
    second.close()
    with pytest.raises(sqlite3.ProgrammingError):
        second.db.execute("SELECT 1")
    with Store.shared(path) as anew:
        assert anew is not first


def test_keep_reads_an_older_parser_s_original_again_before_it_calls_a_revision(path: Path) -> None:
    from archive.warc import WarcWriter

    warcs = path.parent / "warc"
    with WarcWriter(warcs, "t") as writer, Store(path) as store:
        shots = []
        for number, body in enumerate((b"one", b"two")):
            where = writer.write(url=URL, fetched_at=at(number), status=200, headers=[], body=body)
            shots.append(snapshot(URL, body, day=number, warc=where))
        # The old parser left a cell blank that the new one reads.
        keep(store, shots[0], report({GRANTED: "blank"}, parser="old"))
        asked = []

        def parse(shot: object) -> Report:
            asked.append(shot)
            return report({GRANTED: 4}, parser="new")

        outcome = keep(
            store, shots[1], report({GRANTED: 4, RECEIVED: 9}, parser="new"), parse=parse, warcs=warcs
        )
        assert outcome.action == "revised"
        assert asked == [shots[0]]
        assert [c["line"] for c in rows(store, "SELECT line FROM changes")] == ["received"]
        assert {r["parser"] for r in rows(store, "SELECT parser FROM _readings")} == {"new"}
        # Where the original cannot be read again, no change is claimed.
        other = snapshot(MIRROR, "a")
        keep(store, other, report({GRANTED: 1}, year=2020, parser="old"))
        edited = snapshot(MIRROR, "b", day=2)
        keep(store, edited, report({GRANTED: 2}, year=2020, parser="new"), parse=parse, warcs=warcs)
        rid = report_id("中原区人民政府", "410102", 2020)
        assert rows(store, "SELECT * FROM changes WHERE report = ?", rid) == []
        last = rows(store, "SELECT cells_changed FROM revisions WHERE report = ? ORDER BY number", rid)
        assert [r["cells_changed"] for r in last] == [None, None]
    sound(path)


def test_threads_that_write_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        run = store.start_run(None)

        def issues(name: str) -> None:
            for number in range(100):
                store.add_issue(run, "http", f"http://{name}/{number}", "x")

        def reports(name: str) -> None:
            for year in range(2008, 2024):
                assert put(store, f"http://{name}/{year}", str(year), report(year=year)).action == "stored"
                assert store.held_at(f"http://{name}/{year}")

        with ThreadPoolExecutor(3) as threads:
            done = [threads.submit(issues, "a"), threads.submit(issues, "b"), threads.submit(reports, "c")]
        for one in done:
            one.result()
        assert rows(store, "SELECT count(*) AS n FROM run_issues") == [{"n": 200}]
        assert rows(store, "SELECT count(*) AS n FROM reports") == [{"n": 16}]


def test_divisions_beyond_the_packaged_list_are_known_as_soon_as_they_are_there(tmp_path: Path) -> None:
    zone = {"code": "419999", "name": "新城", "full_name": "河南省新城", "level": "zone", "parent": "410000",
            "province": "河南省"}  # fmt: skip
    with Store(tmp_path / "gongkai.db") as store:
        assert store.extra_divisions() == []
        store.load_divisions([zone])
        assert store.extra_divisions() == [zone]
