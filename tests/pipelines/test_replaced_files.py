"""A file that a page leads to in place of another is a revision; one beside another is a copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import Report, Snapshot
from archive.rows import document_id, dump_context, load_context
from archive.store import Store
from pipelines.across import prove
from pipelines.keep import keep
from tests.archive.kept import everything
from tests.archive.made import report, rows, snapshot
from tests.archive.test_store import sound

PAGE = "http://www.zhongyuan.gov.cn/1.html"
RECEIVED = ("requests", "received", "total")
SHELL = report(text="请见附件。", tables=())
ONE, TWO = (report({RECEIVED: n}, text=f"全年收到{n}件。") for n in (27, 29))


def at(name: str) -> str:
    return f"http://www.zhongyuan.gov.cn/files/{name}"


def file(name: str, *siblings: str, day: int, known: bool = True, page: str = PAGE) -> Snapshot:
    made = snapshot(at(name), name, day=day, role="attachment", page_url=page)
    context = replace(made.context, siblings=tuple(map(at, siblings)) if known else None)
    return replace(made, context=context)


def put(store: Store, name: str, one: Report, *siblings: str, day: int, known: bool = True) -> str:
    return keep(store, file(name, *siblings, day=day, known=known), one).action


def document(name: str) -> int:
    return document_id(at(name), file(name, day=0).sha256)


def revisions(store: Store) -> list[int]:
    return [row["document"] for row in rows(store, "SELECT document FROM revisions ORDER BY number")]


def outcomes(store: Store) -> dict[str, str]:
    sql = "SELECT url, outcome FROM documents WHERE role = 'attachment'"
    return {row["url"].rpartition("/")[2]: row["outcome"] for row in rows(store, sql)}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "gongkai.db")
    keep(made, snapshot(PAGE, "页面"), SHELL)
    return made


def test_a_file_uploaded_anew_under_another_address_is_a_revision(store: Store) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        assert put(store, "b.docx", TWO, day=5) == "revised"
        assert outcomes(store) == {"a.docx": "superseded", "b.docx": "current"}
        assert revisions(store) == [document("a.docx"), document("b.docx")]
        (change,) = rows(store, "SELECT revision, line, old, new FROM changes")
        assert change == {"revision": 2, "line": "received", "old": 27, "new": 29}
        (told,) = rows(store, "SELECT text_diff, cells_changed FROM revisions WHERE number = 2")
        assert "-全年收到27件。\n+全年收到29件。" in told["text_diff"]
        assert [row["reason"] for row in rows(store, "SELECT reason FROM copies")] == ["page"]
        assert rows(store, "SELECT kind FROM findings WHERE kind = 'copies_differ'") == []
        (why,) = rows(store, "SELECT reason FROM documents WHERE id = ?", document("a.docx"))
        assert why["reason"] == "所在页面的附件，后来换成了另一个文件"
        (page,) = rows(store, "SELECT document, revision FROM reports")
        assert page == {"document": document("b.docx"), "revision": 2}
        before = everything(store.path)
        assert put(store, "b.docx", TWO, day=9) == "unchanged"
        prove(store)
    sound(store.path)
    assert {n for n, r in everything(store.path).items() if r != before[n]} <= {
        "_unproved",
        "_texts",
        "_bands",
    }


def test_even_with_fewer_figures_the_file_that_the_page_leads_to_counts(store: Store) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        put(store, "b.docx", report({RECEIVED: 29, ("requests", "granted", "total"): "blank"}), day=5)
        assert outcomes(store)["b.docx"] == "current"


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1), (1, 0, 2)])
def test_of_several_files_the_one_of_the_same_kind_went_before(store: Store, order: tuple[int, ...]) -> None:
    arrivals = [("a.docx", ONE, ("a.pdf",), 1), ("a.pdf", ONE, ("a.docx",), 1), ("b.pdf", TWO, (), 5)]
    with store:
        for number in order:
            name, one, siblings, day = arrivals[number]
            put(store, name, one, *siblings, day=day)
        assert revisions(store) == [document("a.pdf"), document("b.pdf")]
        assert outcomes(store) == {"a.docx": "superseded", "a.pdf": "superseded", "b.pdf": "current"}


@pytest.mark.parametrize(
    ("siblings", "known"), [(("a.docx",), True), ((), False)], ids=["beside it", "not known"]
)
def test_a_file_beside_another_or_without_evidence_is_a_copy(
    store: Store, siblings: tuple[str, ...], known: bool
) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        assert put(store, "b.docx", TWO, *siblings, day=5, known=known) == "copied"
        assert sorted(outcomes(store).values()) == ["copy", "current"]
        assert len(revisions(store)) == 1
        assert len(rows(store, "SELECT 1 FROM findings WHERE kind = 'copies_differ'")) == 1


def test_files_of_two_pages_never_replace_each_other(store: Store) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        other = file("b.docx", day=5, page="http://upper.gov.cn/7.html")
        assert keep(store, other, TWO).action == "copied"
        assert len(revisions(store)) == 1


def test_the_same_file_under_a_new_address_is_no_change(store: Store) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        assert put(store, "b.docx", ONE, day=5) == "copied"
        assert outcomes(store) == {"a.docx": "superseded", "b.docx": "current"}
        assert revisions(store) == [document("a.docx")]
        assert put(store, "c.docx", TWO, day=7) == "revised"
        assert revisions(store) == [document("a.docx"), document("c.docx")]
        assert len(rows(store, "SELECT * FROM changes")) == 1
    sound(store.path)


def test_a_page_that_leads_to_the_first_file_again_is_a_third_state(store: Store) -> None:
    with store:
        put(store, "a.docx", ONE, day=1)
        put(store, "b.docx", TWO, day=5)
        assert put(store, "a.docx", ONE, day=9) == "revised"
        assert revisions(store) == [document(name) for name in ("a.docx", "b.docx", "a.docx")]
        assert outcomes(store) == {"a.docx": "current", "b.docx": "superseded"}
        assert put(store, "a.docx", ONE, day=10) == "unchanged"
        assert [row["old"] for row in rows(store, "SELECT old FROM changes ORDER BY revision")] == [27, 29]
    sound(store.path)


def test_siblings_are_kept_with_the_original() -> None:
    for one in (file("a.docx", "b.pdf", day=1), file("a.docx", day=1), file("a.docx", day=1, known=False)):
        assert load_context(dump_context(one.context)) == one.context
