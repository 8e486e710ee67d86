"""A report in parts whose page stays and of which a further page or a picture is replaced: a revision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import PART_MISSING, Finding, Report, Snapshot
from archive.rows import document_id
from archive.store import Store
from pipelines.across import prove
from pipelines.keep import keep
from tests.archive.kept import everything
from tests.archive.made import report, rows, snapshot

PAGE, SECOND = "http://www.zhongyuan.gov.cn/1", "http://www.zhongyuan.gov.cn/1_2"
RECEIVED = ("requests", "received", "total")
ONE = report({RECEIVED: 27}, text="第一页。第二页说27件。")
TWO = report({RECEIVED: 29}, text="第一页。第二页说29件。")
LACKING = replace(
    report(text="第一页。", tables=()),
    findings=(Finding(PART_MISSING, "本文另有1个续页或图片，其中第1个没有取到"),),
)


def fetched(*parts: str, day: int = 0, body: str = "首页") -> Snapshot:
    whole = snapshot(PAGE, body, day=day)
    further = (snapshot(SECOND, part, day=day, role="attachment", page_url=PAGE) for part in parts)
    return replace(whole, parts=tuple(further))


def states(store: Store) -> list[tuple[int, str, int | None, int | None]]:
    sql = "SELECT number, document, cells_changed, text_changed FROM revisions ORDER BY number"
    return [tuple(row.values()) for row in rows(store, sql)]  # type: ignore[misc]


def outcomes(store: Store) -> dict[int, str]:
    return {row["id"]: row["outcome"] for row in rows(store, "SELECT id, outcome FROM documents")}


def part(body: str) -> int:
    return document_id(SECOND, snapshot(SECOND, body).sha256)


WHOLE = document_id(PAGE, fetched().sha256)


def put(store: Store, one: Report, *parts: str, day: int = 0, body: str = "首页") -> str:
    return keep(store, fetched(*parts, day=day, body=body), one).action


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "gongkai.db")


def test_a_replaced_part_is_a_revision_with_figures_and_text(store: Store) -> None:
    with store:
        assert put(store, ONE, "甲") == "stored"
        assert put(store, TWO, "乙", day=1) == "revised"
        assert states(store) == [(1, WHOLE, None, None), (2, part("乙"), 1, 1)]
        (change,) = rows(store, "SELECT revision, line, old, new FROM changes")
        assert change == {"revision": 2, "line": "received", "old": 27, "new": 29}
        (told,) = rows(store, "SELECT text_diff FROM revisions WHERE number = 2")
        assert "-第二页说27件。\n+第二页说29件。" in told["text_diff"]
        assert outcomes(store) == {WHOLE: "current", part("甲"): "superseded", part("乙"): "part"}
        assert rows(store, "SELECT part FROM _parts") == [{"part": part("乙")}]
        assert rows(store, "SELECT total FROM requests WHERE line = 'received'") == [{"total": 29}]


def test_back_to_the_first_state_is_a_third_one(store: Store) -> None:
    with store:
        for day, (one, body) in enumerate([(ONE, "甲"), (TWO, "乙"), (ONE, "甲"), (TWO, "乙")]):
            put(store, one, body, day=day)
        prove(store)
        found = states(store)
        assert [row[1:] for row in found] == [
            (WHOLE, None, None),
            (part("乙"), 1, 1),
            (part("甲"), 1, 1),
            (part("乙"), 1, 1),
        ]
        assert [r["old"] for r in rows(store, "SELECT old FROM changes ORDER BY revision")] == [27, 29, 27]
        assert rows(store, "SELECT parts FROM _variants") == [{"parts": str(part("甲"))}]
    once = everything(store.path)
    with Store(store.path) as again:
        assert put(again, TWO, "乙", day=9) == "unchanged"
        prove(again)
    assert everything(store.path) == once


def test_a_part_in_other_bytes_that_says_the_same_is_none(store: Store) -> None:
    with store:
        put(store, ONE, "甲")
        assert put(store, ONE, "甲 token 4711", day=1) == "unchanged"
        assert [row[0] for row in states(store)] == [1]


def test_a_part_that_does_not_come_is_no_change(store: Store) -> None:
    with store:
        put(store, ONE, "甲")
        before = everything(store.path)
        assert put(store, LACKING, day=1) == "unchanged"
        assert put(store, LACKING, day=1, body="首页 token") == "unchanged"
        assert everything(store.path) == before


def test_a_part_that_was_lacking_completes_the_report(store: Store) -> None:
    with store:
        assert put(store, LACKING) == "stored"
        assert put(store, ONE, "甲", day=1) == "reread"
        assert states(store) == [(1, WHOLE, None, None)]
        assert rows(store, "SELECT seen_at, parts FROM _states") == [
            {"seen_at": "2024-02-01T08:00:00.000000Z", "parts": str(part("甲"))}
        ]
        assert put(store, TWO, "乙", day=2) == "revised"
        assert [row[0] for row in states(store)] == [1, 2]


def test_a_better_parser_reads_a_replaced_part_and_is_no_change(store: Store) -> None:
    with store:
        put(store, ONE, "甲")
        better = replace(ONE, parser="t2", text=ONE.text + "更多。")
        assert put(store, better, "甲", day=1) == "reread"
        assert [row[0] for row in states(store)] == [1]
        assert put(store, replace(TWO, parser="t2"), "乙", day=2) == "revised"
        assert states(store)[1][2:] == (1, 1)


def test_an_edited_page_with_its_parts_is_its_own_original(store: Store) -> None:
    with store:
        put(store, ONE, "甲")
        put(store, TWO, "乙", day=1, body="首页，更正")
        new = document_id(PAGE, fetched(body="首页，更正").sha256)
        assert [row[1] for row in states(store)] == [WHOLE, new]
        assert rows(store, "SELECT count(*) AS n FROM _variants") == [{"n": 0}]


def test_a_state_that_comes_again_under_a_better_parser_costs_no_other(store: Store) -> None:
    with store:
        put(store, ONE, "甲")
        put(store, TWO, "乙", day=1)
        better = replace(ONE, parser="t2", text=ONE.text + "更多。")
        assert put(store, better, "甲", day=2) == "revised"
        assert [row[1] for row in states(store)] == [WHOLE, part("乙"), part("甲")]
        kept = rows(store, "SELECT parts, parser FROM _variants")
        assert kept == [{"parts": str(part("乙")), "parser": "t1"}]
        assert put(store, replace(TWO, parser="t2"), "乙", day=3) == "revised"
        assert [row[0] for row in states(store)] == [1, 2, 3, 4]
        assert states(store)[3][2:] == (1, 1)
