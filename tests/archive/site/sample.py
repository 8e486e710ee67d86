"""A small archive to look at: figures of one published report, and reports made to be awkward.

Every status of a cell, both forms and a mixture, a failing identity, a revision, a copy,
hostile titles and texts, and originals in real WARC files.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import derived, forms
from archive.store import Store
from archive.warc import WarcWriter

#: Identifiers as large as real ones (53 bits).
ERQI, SHAHE, HOSTILE = 6_001_799_503_372_111, 7_402_111_222_333_001, 8_003_456_789_012_345
REPORT_2020 = 5_000_000_000_000_020
REPORT_2021 = 5_000_000_000_000_021
REPORT_HOSTILE = 8_999_999_999_999_993
REPORT_EMPTY = 5_000_000_000_000_099
PAGE, PDF, OLD, LOST, COPY, BROKEN = 4_000_000_000_000_001, 4_000_000_000_000_002, 4_003, 4_004, 4_005, 4_006

SCRIPT = "<script>alert('标题')</script>"
#: Script, both quotes, a right-to-left override and an isolate.
HOSTILE_TITLE = f"{SCRIPT}\"'\u202e2022年政府信息公开\u2066工作年度报告"
FORMULA = '=HYPERLINK("http://portal.example/","点我")'

_COLUMNS = [column.key for column in forms.columns("requests")]

#: Table 3 of 郑州市二七区人民政府, 2020: public figures. (natural persons, businesses); the others are 0.
_ERQI_REQUESTS = {
    "received": (320, 9),
    "carried_in": (14, 0),
    "granted": (114, 8),
    "granted_in_part": (11, 0),
    "refused_by_law": (1, 0),
    "refused_third_party": (19, 0),
    "refused_internal_affairs": (1, 0),
    "refused_deliberative": (2, 0),
    "refused_administrative_query": (12, 0),
    "unavailable_not_held": (85, 1),
    "unavailable_needs_creation": (8, 0),
    "unavailable_unclear": (2, 0),
    "unprocessed_petition": (2, 0),
    "unprocessed_repeat": (5, 0),
    "other": (70, 0),
    "concluded": (332, 9),
    "carried_out": (2, 0),
}
_ERQI_DISCLOSURE: dict[str, dict[str, Any]] = {
    "rules": {"made": 0, "disclosed": 0, "disclosed_total": 0},
    "normative_documents": {"made": 19, "disclosed": 19, "disclosed_total": 19},
    "licences": {"previous_items": 647, "change": -55, "decisions": 27865},
    "other_services": {"previous_items": 125, "change": 284, "decisions": 518},
    "penalties": {"previous_items": 429, "change": -58, "decisions": 296},
    "coercive_measures": {"previous_items": 67, "change": -16, "decisions": 53},
    "fees": {"previous_items": 5, "change": 1},
    "procurement": {"items": 362, "amount": 94799.5301},
}
_ERQI_REVIEWS = {
    "reconsideration": (20, 1, 2, 21, 44),
    "litigation_direct": (19, 2, 0, 0, 21),
    "litigation_after_reconsideration": (0, 0, 0, 1, 1),
}

GBK_PAGE = (
    '<html><head><meta charset="gb2312"><title>镕</title></head><body onload="alert(1)">'
    "<script>alert('原件')</script><p>朱镕喆区人民政府</p></body></html>"
).encode("gbk")


def _requests(form: str, rows: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int | None]]:
    table = {}
    for row in forms.form(form).tables["requests"].rows:
        person, business = rows.get(row.key, (0, 0))
        table[row.key] = dict(zip(_COLUMNS, (person, business, 0, 0, 0, 0, person + business), strict=True))
    return table


def _insert(db: Any, table: str, **values: Any) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    db.execute(f'insert into "{table}" ({names}) values ({marks})', list(values.values()))


def _figures(db: Any, report: int, table: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    for line, cells in rows.items():
        _insert(db, table, report=report, line=line, place=f"table[2]/{line}", **cells)


def _note(db: Any, report: int, table: str, line: str, column: str, status: str, **more: Any) -> None:
    values = {"raw": None, "readings": None, "place": "table[2]/tr[9]/td[4]", **more}
    _insert(
        db,
        "cell_notes",
        report=report,
        table_key=table,
        line=line,
        column_key=column,
        status=status,
        **values,
    )


def _document(
    db: Any, ident: int, url: str, body: bytes, kind: str, writer: WarcWriter | None, **more: Any
) -> None:
    when = datetime(2026, 11, 1, 3, 4, 5, tzinfo=UTC)
    place = {}
    if writer is not None:
        found = writer.write(
            url=url, fetched_at=when, status=200, headers=[("Content-Type", "text/html")], body=body
        )
        place = {"warc_file": found.file, "warc_offset": found.offset, "warc_length": found.length}
    values = {
        "url": url,
        "fetched_at": "2026-11-01T03:04:05.000000Z",
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "kind": kind,
        "role": "page",
        "outcome": "current",
        **place,
        **more,
    }
    _insert(db, "documents", id=ident, **values)


def build(folder: Path, *, demo: bool = False) -> Path:
    """Write ``gongkai.db`` and ``warc/`` into ``folder``; returns the database's path."""
    path = folder / "gongkai.db"
    with Store(path, demo=demo):
        pass
    db = sqlite3.connect(path)
    db.execute("pragma foreign_keys = on")
    with db:
        _issuers(db)
        with WarcWriter(folder / "warc", "sample") as writer:
            _documents(db, writer)
        _erqi(db)
        _shahe(db)
        _hostile(db)
        _runs(db)
    db.close()
    with Store(path, demo=demo) as store, store.writing():
        derived.rebuild(store.db)  # the rows above were put in past the store
    return path


def _issuers(db: Any) -> None:
    for ident, name, aliases, division, province, kind in (
        (ERQI, "郑州市二七区人民政府", '["二七区政府"]', "410103", "河南省", "government"),
        (SHAHE, "沙河市人民政府办公室", None, "130582", "河北省", "office"),
        (HOSTILE, "<b>某局</b>", None, None, None, "department"),
    ):
        _insert(
            db,
            "agencies",
            id=ident,
            name=name,
            aliases=aliases,
            division=division,
            province=province,
            kind=kind,
        )
    _insert(
        db,
        "portals",
        key="erqi",
        name="二七区人民政府",
        family="trs",
        url="http://portal.example/nb/",
        division="410103",
        status="ok",
    )


def _documents(db: Any, writer: WarcWriter) -> None:
    _document(db, PAGE, "http://portal.example/nb/t2020.html", GBK_PAGE, "html", writer, portal="erqi")
    _document(db, PDF, "http://portal.example/nb/年报 “2021”.pdf", b"%PDF-1.4 not much", "pdf", writer)
    _document(
        db, OLD, "http://portal.example/nb/t2020.html", b"<html>\xef\xbb\xbf old</html>", "html", writer
    )
    _document(db, COPY, "javascript:alert(1)", b"<html>copy</html>", "html", None, outcome="copy")
    _document(db, LOST, "local.txt", b"text", "text", None)
    _document(
        db,
        BROKEN,
        "http://portal.example/x.html",
        b"<html>x</html>",
        "html",
        writer,
        sha256="0" * 64,
        outcome="copy",
    )


def _erqi(db: Any) -> None:
    _insert(
        db,
        "reports",
        id=REPORT_2020,
        title="郑州市二七区2020年政府信息公开工作年度报告",
        agency=ERQI,
        year=2020,
        province="河南省",
        division="410103",
        published_on="2021-04-09",
        form="2019",
        disclosure_form="2019",
        requests_form="2019",
        reviews_form="2019",
        verdict="pass",
        checks_passed=40,
        checks_failed=0,
        checks_not_assessable=0,
        figures=199,
        cells=199,
        url="http://portal.example/nb/t2020.html",
        document=PAGE,
        revision=2,
        content_hash="c0ffee" * 10,
        parser="1",
    )
    _figures(db, REPORT_2020, "requests", _requests("2019", _ERQI_REQUESTS))
    disclosure = {line: dict(cells) for line, cells in _ERQI_DISCLOSURE.items()}
    disclosure["procurement"]["amount_raw"] = "94799.5301万元"
    _figures(db, REPORT_2020, "disclosure", disclosure)
    outcomes = [column.key for column in forms.columns("reviews")]
    _figures(
        db,
        REPORT_2020,
        "reviews",
        {line: dict(zip(outcomes, cells, strict=True)) for line, cells in _ERQI_REVIEWS.items()},
    )
    for number, heading, text in (
        (1, "一、总体情况", "本区依照条例开展政府信息公开工作。\n全年各项任务均已完成。"),
        (5, "五、存在的主要问题及改进情况", "公开的深度仍有不足，将继续改进。"),
    ):
        _insert(db, "sections", report=REPORT_2020, number=number, heading=heading, text=text)
    for number, document, cells in ((1, OLD, None), (2, PAGE, 1)):
        _insert(
            db,
            "revisions",
            report=REPORT_2020,
            number=number,
            document=document,
            seen_at=f"2026-0{number}-01T00:00:00.000000Z",
            cells_changed=cells,
            text_changed=0,
        )
    _insert(
        db,
        "changes",
        report=REPORT_2020,
        revision=2,
        table_key="requests",
        line="received",
        column_key="natural_person",
        old=302,
        new=320,
        old_status="exact",
        new_status="exact",
    )
    _insert(
        db,
        "copies",
        report=REPORT_2020,
        document=COPY,
        url="javascript:alert(1)",
        reason="mirror",
        likeness=1.0,
    )
    _insert(
        db,
        "coverage",
        agency=ERQI,
        year=2020,
        status="late",
        report=REPORT_2020,
        deadline="2021-03-31",
        published_on="2021-04-09",
        days_late=9,
    )
    _insert(db, "coverage", agency=ERQI, year=2021, status="missing", deadline="2022-03-31")


def _shahe(db: Any) -> None:
    """Every status once, an identity that fails, one that cannot be assessed, and Table 4 missing."""
    _insert(
        db,
        "reports",
        id=REPORT_2021,
        title="沙河市人民政府办公室2021年政府信息公开工作年度报告",
        agency=SHAHE,
        year=2021,
        province="河北省",
        division="130582",
        published_on="2022-01-20",
        form="mixed",
        disclosure_form="2021",
        requests_form="2021",
        reviews_form=None,
        verdict="fail",
        checks_passed=30,
        checks_failed=2,
        checks_not_assessable=2,
        figures=160,
        cells=186,
        url="https://portal.example/2021.pdf",
        document=PDF,
        revision=1,
        content_hash="d" * 64,
        parser="1",
    )
    rows = _requests(
        "2021",
        {"received": (20, 1), "granted": (12, 1), "unavailable_not_held": (8, 0), "concluded": (20, 1)},
    )
    rows["received"]["total"] = 27
    for line, column in (
        ("granted_in_part", "natural_person"),
        ("granted_in_part", "business"),
        ("granted_in_part", "total"),
        ("refused_by_law", "natural_person"),
        ("refused_by_law", "total"),
        ("refused_third_party", "civic"),
    ):
        rows[line][column] = None
    _figures(db, REPORT_2021, "requests", rows)
    note = (db, REPORT_2021, "requests")
    _note(*note, "granted_in_part", "natural_person", "blank", raw="")
    _note(*note, "granted_in_part", "business", "blank", raw="\xa0")
    _note(*note, "granted_in_part", "total", "blank", raw="")
    _note(*note, "refused_by_law", "natural_person", "dash", raw="/")
    _note(*note, "refused_by_law", "total", "dash", raw="无")
    _note(*note, "refused_third_party", "civic", "unreadable", raw=SCRIPT)
    _note(*note, "concluded", "natural_person", "inferred", raw="2010000021")
    _figures(
        db,
        REPORT_2021,
        "disclosure",
        {
            "rules": {"issued": 3, "repealed": 0, "in_force": 8},
            "normative_documents": {"issued": None, "repealed": None, "in_force": None},
            "licences": {"decisions": 0},
            "penalties": {"decisions": 12},
            "coercive_measures": {"decisions": None},
            "fees": {"amount": 0.37, "amount_raw": "3700元"},
        },
    )
    note = (db, REPORT_2021, "disclosure")
    for column, part in (("issued", 0), ("repealed", 1), ("in_force", 2)):
        readings = [("22", "1", "148")[part], ("2", "21", "148")[part]]
        _note(*note, "normative_documents", column, "ambiguous", raw="221148", readings=json.dumps(readings))
    _note(*note, "coercive_measures", "decisions", "missing", place=None)
    for number, values in enumerate(
        (
            ("R1", "fail", "requests.received", 21, 27, "issuer"),
            ("R2", "fail", "requests.*.total", 27, 21, "possibly_ours"),
            ("R1", "not_assessable", "requests.granted_in_part", None, None, None),
        ),
        1,
    ):
        identity, verdict, at, left, right, blame = values
        _insert(
            db,
            "findings",
            report=REPORT_2021,
            number=number,
            kind="identity",
            identity=identity,
            verdict=verdict,
            at=at,
            left=left,
            right=right,
            blame=blame,
            message=f"{identity} {at}",
        )
    _insert(
        db,
        "findings",
        report=REPORT_2021,
        number=9,
        kind="table_missing",
        message="没有找到表四",
        place="table[4]",
    )
    _insert(
        db,
        "coverage",
        agency=SHAHE,
        year=2021,
        status="filed",
        report=REPORT_2021,
        deadline="2022-01-31",
        published_on="2022-01-20",
        days_late=-11,
    )


def _hostile(db: Any) -> None:
    _insert(
        db,
        "reports",
        id=REPORT_HOSTILE,
        title=HOSTILE_TITLE,
        agency=HOSTILE,
        year=2022,
        verdict="not_assessable",
        url="javascript:alert(document.domain)",
        document=LOST,
    )
    _insert(
        db, "sections", report=REPORT_HOSTILE, number=0, heading=FORMULA, text=f"{SCRIPT}\n</p><img src=x>"
    )
    _insert(
        db, "findings", report=REPORT_HOSTILE, number=1, kind="title", message=f"+1 {SCRIPT}", place="@sum"
    )
    _insert(
        db,
        "reports",
        id=REPORT_EMPTY,
        title="＝SUM(A1)",
        agency=HOSTILE,
        year=2023,
        verdict="not_assessable",
        url=None,
    )


def _runs(db: Any) -> None:
    _insert(
        db,
        "runs",
        id=1,
        portal="erqi",
        command="crawl",
        started_at="2026-11-01T03:00:00.000000Z",
        finished_at="2026-11-01T03:09:00.000000Z",
        finish_reason="finished",
        requests=12,
    )
