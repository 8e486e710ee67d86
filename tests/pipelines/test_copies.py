"""A merge undone by decision stays undone, and done again leaves no trace of the decision."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import merges, times
from archive.merges import NotMergedError
from archive.rows import document_id, report_id
from archive.store import Store
from pipelines.across import prove
from pipelines.copies import join, split
from pipelines.dedupe import arrange
from tests.archive import made
from tests.archive.made import at, put, report, rows, snapshot
from tests.archive.test_store import ARRIVALS, sound

RECEIVED = ("requests", "received", "total")
HERE, MIRROR, WRONG = (
    "http://www.zhongyuan.gov.cn/1",
    "http://mirror.gov.cn/1",
    "http://www.zhongyuan.gov.cn/9",
)
REPORT = report_id("中原区人民政府", "410102", 2023)
TRUE = report({RECEIVED: 27})
#: More figures than the true ones are (two of which are blank there), so that dedupe takes it for the better.
BLANK = report({RECEIVED: 27, ("requests", "granted", "total"): "blank"})
OTHER = report({RECEIVED: 3}, text="另一机关的报告。")


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    found = made.dump(path)
    db = sqlite3.connect(path)
    for name in ("_base", "_unproved", "_parts"):
        found[name] = sorted(db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
    db.close()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gongkai.db"


def document(url: str, body: str) -> int:
    return document_id(url, snapshot(url, body).sha256)


def received(store: Store) -> list[int | None]:
    return [row["total"] for row in rows(store, "SELECT total FROM requests WHERE line = 'received'")]


def outcomes(store: Store) -> dict[str, str]:
    return {row["url"]: row["outcome"] for row in rows(store, "SELECT url, outcome FROM documents")}


def both(store: Store) -> None:
    """A report, and one of another office that was taken for it and has more figures."""
    put(store, HERE, "one", BLANK)
    put(store, WRONG, "nine", OTHER, day=1)
    prove(store)


def test_a_split_gives_the_report_back_its_own_figures(path: Path) -> None:
    with Store(path) as store:
        both(store)
        assert received(store) == [3]
        (found,) = rows(store, "SELECT kind FROM findings WHERE scope = 'archive'")
        assert found == {"kind": "copies_differ"}
        moved = split(store, document(WRONG, "nine"), "办公室的报告", at(5))
        assert (moved.report, moved.url) == (REPORT, WRONG)
        assert (moved.before, moved.after) == (document(WRONG, "nine"), document(HERE, "one"))
        assert received(store) == [27]
        assert outcomes(store) == {HERE: "current", WRONG: "split"}
        assert rows(store, "SELECT * FROM copies") == []
        assert rows(store, "SELECT * FROM findings WHERE scope = 'archive'") == []
        (decision,) = rows(store, "SELECT * FROM splits")
        assert decision == {
            "report": REPORT,
            "url": WRONG,
            "document": document(WRONG, "nine"),
            "reason": "办公室的报告",
            "decided_at": times.text(at(5)),
        }
        assert store.known("zhongyuan") == {HERE, WRONG}, "an incremental crawl leaves it alone"
        assert merges.merged(store.db) == []
        assert [row["url"] for row in merges.split(store.db, report=REPORT)] == [WRONG]
    sound(path)


def test_the_report_is_as_if_what_was_taken_out_had_never_come(path: Path, tmp_path: Path) -> None:
    with Store(path) as store:
        both(store)
        split(store, document(WRONG, "nine"), "x", at(5))
        prove(store)
    alone = tmp_path / "alone.db"
    with Store(alone) as store:
        put(store, HERE, "one", BLANK)
        prove(store)
    ours, theirs = dump(path), dump(alone)
    apart = {name for name in ours if ours[name] != theirs[name]}
    assert apart == {"documents", "_states", "_readings", "splits"}


@pytest.mark.parametrize("taken", [(WRONG, "nine"), (HERE, "one")], ids=["current", "copy"])
def test_putting_it_back_restores_the_exact_earlier_state(path: Path, taken: tuple[str, str]) -> None:
    with Store(path) as store:
        both(store)
    before = dump(path)
    with Store(path) as store:
        split(store, document(*taken), "x", at(5))
        prove(store)
    assert dump(path) != before
    with Store(path) as store:
        join(store, document(*taken))
        prove(store)
    assert dump(path) == before
    sound(path)


def test_later_crawls_respect_it_whatever_the_address_shows(path: Path) -> None:
    with Store(path) as store:
        both(store)
        split(store, document(WRONG, "nine"), "x", at(5))
        prove(store)
    once = dump(path)
    with Store(path) as store:
        assert put(store, WRONG, "nine", OTHER, day=9).action == "unchanged"
        assert put(store, WRONG, "nine, read 17 times", OTHER, day=9).action == "unchanged"
        assert put(store, HERE, "one", BLANK, day=9).action == "unchanged"
        prove(store)
    assert dump(path) == once
    with Store(path) as store:
        changed = report({RECEIVED: 4}, text="另一机关的报告，更正。")
        outcome = put(store, WRONG, "nine, corrected", changed, day=10)
        assert (outcome.action, outcome.report) == ("copied", REPORT)
        assert received(store) == [27]
        assert rows(store, "SELECT outcome, reason FROM documents WHERE url <> ? ORDER BY id", HERE) == [
            {"outcome": "split", "reason": "经人工核对，不属于该报告"},
            {"outcome": "split", "reason": "经人工核对，不属于该报告"},
        ]
        assert rows(store, "SELECT document, number FROM revisions") == [
            {"document": document(HERE, "one"), "number": 1}
        ]
    sound(path)


def test_a_better_parser_respects_it(path: Path) -> None:
    with Store(path) as store:
        both(store)
        split(store, document(WRONG, "nine"), "x", at(5))
        better = report({RECEIVED: 5}, text="另一机关的报告。", parser="t2")
        assert put(store, WRONG, "nine", better, day=9).action == "reread"
        assert (received(store), outcomes(store)[WRONG]) == ([27], "split")
        join(store, document(WRONG, "nine"))
        assert received(store) == [5], "what was taken out is kept up to date"
    sound(path)


def test_an_attachment_of_what_was_taken_out_is_not_given_its_issuer(path: Path) -> None:
    with Store(path) as store:
        both(store)
        assert store.report_at(WRONG) == ("中原区人民政府", "410102", 2023)
        split(store, document(WRONG, "nine"), "x", at(5))
        assert store.report_at(WRONG) is None


def test_every_state_of_the_address_goes(path: Path) -> None:
    with Store(path) as store:
        both(store)
        put(store, WRONG, "nine, later", report({RECEIVED: 6}), day=3)
        assert outcomes(store)[WRONG] in ("current", "superseded")
        split(store, document(WRONG, "nine"), "x", at(5))
        found = rows(store, "SELECT outcome FROM documents WHERE url = ?", WRONG)
        assert found == [{"outcome": "split"}, {"outcome": "split"}]
        assert received(store) == [27]


def test_what_cannot_be_taken_out_or_put_back_is_said(path: Path) -> None:
    with Store(path) as store:
        put(store, HERE, "one", TRUE)
        put(store, "http://a/notice", "n", report(is_report=False))
        with pytest.raises(NotMergedError, match="all that report"):
            split(store, document(HERE, "one"), "x", at(5))
        with pytest.raises(NotMergedError, match="it is refused"):
            split(store, document("http://a/notice", "n"), "x", at(5))
        with pytest.raises(NotMergedError, match="none with this number"):
            split(store, 7, "x", at(5))
        with pytest.raises(NotMergedError, match="is not taken out"):
            join(store, document(HERE, "one"))
        put(store, MIRROR, "mirror", TRUE)
        split(store, document(MIRROR, "mirror"), "x", at(5))
        with pytest.raises(NotMergedError, match="taken out already"):
            split(store, document(MIRROR, "mirror"), "x", at(6))
        with pytest.raises(NotMergedError, match="all that report"):
            split(store, document(HERE, "one"), "x", at(6))
        assert rows(store, "SELECT url FROM splits") == [{"url": MIRROR}]
    sound(path)


@pytest.mark.parametrize("division", ["419999", None])
def test_issuers_whose_division_no_table_has(path: Path, division: str | None) -> None:
    with Store(path) as store:
        for url, body in ((HERE, "one"), (MIRROR, "mirror")):
            put(store, url, body, report(division=division))
        prove(store)
    before = dump(path)
    with Store(path) as store:
        split(store, document(MIRROR, "mirror"), "x", at(5))
        kinds = [row["kind"] for row in rows(store, "SELECT kind FROM findings WHERE scope = 'archive'")]
        assert kinds == (["unknown_division"] if division else [])
        join(store, document(MIRROR, "mirror"))
        prove(store)
    assert dump(path) == before


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_decision_undone_leaves_no_trace_wherever_it_fell(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Between the arrivals of a report's originals addresses are taken out; in the end all are put back."""
    with_, without = (tmp_path_factory.mktemp("split") / "gongkai.db" for _ in range(2))
    with Store(without) as store:
        for url, body, one, where in ARRIVALS:
            put(store, url, body, one, **where)
        prove(store)
    taken: dict[str, int] = {}
    with Store(with_) as store:
        for url, body, one, where in ARRIVALS:
            put(store, url, body, one, **where)
            held = rows(store, "SELECT id, url FROM documents ORDER BY id")
            chosen = data.draw(st.sampled_from(held))
            if chosen["url"] in taken or not data.draw(st.booleans()):
                continue
            if {row["url"] for row in held} - {*taken, chosen["url"]}:
                split(store, chosen["id"], "x", at(400))
                taken[chosen["url"]] = chosen["id"]
            else:
                with pytest.raises(NotMergedError, match="all that report"):
                    split(store, chosen["id"], "x", at(400))
            outs = {url for url, outcome in outcomes(store).items() if outcome == "split"}
            assert outs == set(taken)
        for id_ in data.draw(st.permutations(sorted(taken.values()))):
            join(store, id_)
        prove(store)
    assert dump(with_) == dump(without)
    sound(with_)


def test_a_report_of_which_everything_is_taken_out_stands_as_if_nothing_were(path: Path) -> None:
    """So it is while a replay puts its originals back one by one, the decision already known."""
    with Store(path) as store:
        both(store)
        held = merges.originals(store.db, REPORT)
    assert arrange([replace(one, split=True) for one in held]) == arrange(held)
    assert arrange(held).split == ()
