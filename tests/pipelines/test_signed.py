"""Signatures that readers make: taken as they are for the texts they are of, and for no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.records import Report
from archive.rows import Signed, document_id, reading
from archive.store import Store
from pipelines import alike
from pipelines.across import prove
from pipelines.keep import keep
from pipelines.near import signed
from tests.archive.made import report, rows, snapshot
from tests.pipelines.test_alike import FIGURES, TEXT, other
from tests.pipelines.test_likeness import long_text

HOME, MIRROR, LOST = "http://www.zhongyuan.gov.cn/1", "http://mirror.gov.cn/1", "http://mirror.gov.cn/2"
OWN, NOBODYS = report(FIGURES, text=TEXT), other(None)
REWRITTEN = report({**FIGURES, ("requests", "received", "total"): 128}, text=long_text(8))


def put(store: Store, url: str, made: Report, *, sign: bool = True, day: int = 0, body: str = "") -> str:
    shot = snapshot(url, body or url, day=day)
    read = reading(shot, made)
    return keep(store, shot, replace(read, signed=signed(read) if sign else None)).action


def waiting(store: Store) -> set[int]:
    return {row["document"] for row in rows(store, "SELECT document FROM _signed")}


def kept(store: Store) -> list[list[dict[str, Any]]]:
    return [rows(store, f"SELECT * FROM {name} ORDER BY 1, 2") for name in ("_texts", "_bands")]


def document(url: str, body: str = "") -> int:
    return document_id(url, snapshot(url, body or url).sha256)


def test_what_a_reader_has_signed_is_not_signed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path / "here.db") as store:
        for url, made in ((HOME, OWN), (LOST, NOBODYS)):
            put(store, url, made, sign=False)
        assert waiting(store) == set()
        prove(store)
        here = kept(store)
    monkeypatch.setattr(alike, "signature", lambda _: pytest.fail("signed again"))
    with Store(tmp_path / "there.db") as store:
        assert [put(store, HOME, OWN), put(store, LOST, NOBODYS)] == ["stored", "unassigned"]
        assert waiting(store) == {document(HOME), document(LOST)}
        prove(store)
        assert kept(store) == here
        assert waiting(store) == set()
        assert [row["document"] for row in rows(store, "SELECT * FROM copies")] == [document(LOST)]
    assert len(here[0]) == 2
    assert all(row["signature"] for row in here[0])


def test_a_signature_of_another_text_is_given_up(tmp_path: Path) -> None:
    found = []
    for name, false in (("without.db", None), ("false.db", Signed("of another text", bytes(288)))):
        with Store(tmp_path / name) as store:
            shot = snapshot(HOME, HOME)
            keep(store, shot, replace(reading(shot, OWN), signed=false))
            assert waiting(store) == ({document(HOME)} if false else set())
            prove(store)
            assert waiting(store) == set()
            found.append(kept(store))
    assert found[0] == found[1]
    assert found[0][1]


def test_copies_and_what_was_superseded_keep_none(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        assert put(store, HOME, OWN) == "stored"
        assert put(store, MIRROR, OWN, day=1) == "copied"
        assert waiting(store) == {document(HOME)}
        assert put(store, HOME, REWRITTEN, day=2, body="new") == "revised"
        assert waiting(store) == {document(HOME), document(HOME, "new")}
        prove(store)
        assert waiting(store) == set(), "the one that was superseded before its turn came included"
        assert {row["document"] for row in kept(store)[0]} == {document(HOME, "new")}


def test_a_pass_over_some_issuers_leaves_what_waits_for_others(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        put(store, HOME, OWN)
        prove(store)
        put(store, MIRROR, replace(REWRITTEN, agency="中原区教育局"))
        alike.finish(store)
        assert waiting(store) == {document(MIRROR)}, "its issuer is still on the list"


def test_a_text_of_nobody_that_came_meanwhile_keeps_its_own(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        put(store, LOST, NOBODYS)
        alike.finish(store)
        assert waiting(store) == {document(LOST)}, "no issuer is on the list, and it waits all the same"
        prove(store)
        assert waiting(store) == set()


@pytest.mark.parametrize(
    "made",
    [
        replace(OWN, error="无法读取"),
        report({("requests", "received", "total"): 9}, text=TEXT),
        report({}, text=TEXT),
        report(FIGURES, text="，。 "),
    ],
    ids=["unreadable", "small figures", "no figures", "no text"],
)
def test_what_will_never_be_compared_is_not_signed(made: Report) -> None:
    assert signed(reading(snapshot(HOME, HOME), made)) is None
