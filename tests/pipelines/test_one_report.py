"""What is one report, what is two, which of its originals counts: the rules one by one, in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archive.records import Report
from archive.store import Store
from pipelines.across import prove
from tests.archive.made import put, report, rows

PAGE, FILE = "http://www.zhongyuan.gov.cn/1.html", "http://www.zhongyuan.gov.cn/1.pdf"
MIRROR, UPPER = "http://zy.example.gov.cn/1", "http://www.zhengzhou.gov.cn/zy/1"
RECEIVED, GRANTED = ("requests", "received", "total"), ("requests", "granted", "total")
OWN = report({RECEIVED: 27, GRANTED: 19})
ATTACHED: dict[str, Any] = {"role": "attachment", "page_url": PAGE}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "gongkai.db")


def copies(store: Store) -> list[tuple[str, str, float, float | None]]:
    sql = "SELECT url, reason, likeness, text_likeness FROM copies ORDER BY url"
    return [tuple(row.values()) for row in rows(store, sql)]  # type: ignore[misc]


def current(store: Store) -> list[str]:
    sql = "SELECT d.url FROM reports AS r JOIN documents AS d ON d.id = r.document ORDER BY d.url"
    return [row["url"] for row in rows(store, sql)]


def differing(store: Store) -> list[str]:
    return [r["message"] for r in rows(store, "SELECT message FROM findings WHERE kind = 'copies_differ'")]


@pytest.mark.parametrize(
    "other",
    [
        report({RECEIVED: 27, GRANTED: 19}, agency="中原区人民政府办公室"),
        report({RECEIVED: 27, GRANTED: 19}, year=2022),
        report({RECEIVED: 27, GRANTED: 19}, division="410103"),
    ],
    ids=["the office", "another year", "another place"],
)
def test_another_issuer_or_year_is_another_report_whatever_it_says(store: Store, other: Report) -> None:
    with store:
        put(store, PAGE, "own", OWN)
        put(store, UPPER, "other", other)
        prove(store)
        assert (current(store), copies(store)) == ([PAGE, UPPER][:: 1 if PAGE < UPPER else -1], [])


def test_an_address_is_no_identity(store: Store) -> None:
    """One address for every year's report: each year stands, and none is the other's revision."""
    with store:
        put(store, PAGE, "2023", OWN)
        put(store, PAGE, "2024", report({RECEIVED: 30}, year=2024), day=300)
        assert [row["year"] for row in rows(store, "SELECT year FROM reports ORDER BY year")] == [2023, 2024]
        assert [row["number"] for row in rows(store, "SELECT number FROM revisions")] == [1, 1]


def test_mirrors_and_collections_are_joined_and_the_issuers_own_portal_counts(store: Store) -> None:
    with store:
        put(store, MIRROR, "m", OWN, portal="news", portal_division=None)
        put(store, UPPER, "u", OWN, portal="zhengzhou", portal_division="410100")
        put(store, PAGE, "p", OWN)
        assert current(store) == [PAGE]
        assert copies(store) == [(url, "mirror", 1.0, 1.0) for url in sorted((MIRROR, UPPER))]


def test_a_page_and_its_file_that_agree(store: Store) -> None:
    with store:
        put(store, PAGE, "p", OWN)
        put(store, FILE, "f", OWN, **ATTACHED)
        assert current(store) == [PAGE], "with as many figures rather the page"
        assert copies(store) == [(FILE, "attachment", 1.0, 1.0)]
        assert differing(store) == []


def test_a_page_and_its_file_that_do_not_agree(store: Store) -> None:
    with store:
        put(store, PAGE, "p", OWN)
        put(store, FILE, "f", report({RECEIVED: 72, GRANTED: 19}), **ATTACHED)
        [(url, reason, likeness, _)] = copies(store)
        assert (url, reason) == (FILE, "differs")
        assert likeness < 1
        [message] = differing(store)
        assert "新收政府信息公开申请" in message
        assert PAGE in message
        assert FILE in message


def test_the_original_with_more_figures_counts(store: Store) -> None:
    with store:
        put(store, PAGE, "p", report({RECEIVED: 27, GRANTED: "unreadable"}))
        put(store, FILE, "f", OWN, **ATTACHED)
        assert current(store) == [FILE]
        assert [copy[:2] for copy in copies(store)] == [(PAGE, "page")]
        (found,) = rows(store, "SELECT total FROM requests WHERE line = 'granted'")
        assert found == {"total": 19}


def test_a_text_that_differs_a_little_is_told(store: Store) -> None:
    text = "本机关全年办理申请，答复及时，群众满意，未发生行政复议。" * 5
    with store:
        put(store, PAGE, "p", report({RECEIVED: 27}, text=text + "甲乙丙丁戊己庚辛壬癸"))
        put(store, MIRROR, "m", report({RECEIVED: 27}, text=text), portal="news", portal_division=None)
        [(_, reason, likeness, alike)] = copies(store)
        assert (reason, likeness) == ("mirror", 1.0)
        assert alike is not None
        assert 0.6 < alike < 1
