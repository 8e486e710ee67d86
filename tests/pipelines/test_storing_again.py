"""A child killed after it committed and before it answered: asked again, each counts as without the kill."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.candidates import Outcome
from archive.records import Report, Snapshot
from archive.store import Store
from pipelines.items import COUNTED
from pipelines.keep import keep
from pipelines.storer import _apart
from pipelines.storing import Parsed
from tests.archive.made import report, snapshot
from tests.pipelines import test_part_states as parts

Come = tuple[Snapshot, Report]
FILES = ("http://a/f1.doc", "http://a/f2.doc", "http://a/f3.pdf")


def _in_parts(chance: random.Random, day: int) -> Come:
    """One page, whose further pages come, change and are lacking.

    Its own bytes stay: where they change and one that lacked its parts comes back with them, what completes
    the earlier state is a state of its own when it is asked for again, in whatever transaction.
    """
    read, names = chance.choice([(parts.ONE, ("甲",)), (parts.TWO, ("乙",)), (parts.LACKING, ())])
    return parts.fetched(*names, day=day, body="首页"), read


def _on_pages(chance: random.Random, day: int) -> Come:
    """Two pages and their files, which take each other's place."""
    page = f"http://a/p{chance.randrange(2)}"
    url, body = chance.choice([*FILES, page]), chance.choice("ab")
    same = random.Random(url + body)
    shot = snapshot(url, body, day=day)
    if url != page:
        beside = tuple(file for file in FILES if file == url or chance.random() < 0.4)
        shot = replace(shot, role="attachment", context=replace(shot.context, page_url=page, siblings=beside))
    return shot, report({parts.RECEIVED: same.randrange(2)}, text=f"正文{same.randrange(2)}", year=2019)


def _mirrored(chance: random.Random, day: int) -> Come:
    """Several addresses of two reports, some of which are known by a hint, are nobody's or no report."""
    url, body = f"http://a/{chance.randrange(4)}", chance.choice("ab")
    same = random.Random(url + body)
    read = report(text=f"正文{same.randrange(2)}", year=same.choice([2018, 2019]))
    if same.randrange(5) == 0:
        read = replace(read, is_report=False)
    hint = chance.randrange(5)
    read = replace(read, year=None) if hint == 0 else replace(read, agency="别的局") if hint == 1 else read
    return snapshot(url, body, day=day), read


def _unreadable_once(chance: random.Random, day: int) -> Come:
    """The same bytes, over which a reader was lost now and then."""
    url, body = f"http://a/{chance.randrange(3)}", chance.choice("ab")
    read = report(text=f"正文{random.Random(url + body).randrange(2)}", year=2019)
    lost = replace(
        read, cells=(), forms={}, text="", is_report=False, error="读取程序异常退出", agency=None, year=None
    )
    return snapshot(url, body, day=day), chance.choice([read, read, lost])


def _tables(store: Store) -> dict[str, list[str]]:
    """All but the books of what was done, the index and the counts."""
    found = store.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = [name for (name,) in found if not name.startswith(("_s", "_count"))]
    return {name: sorted(map(repr, store.db.execute(f'SELECT * FROM "{name}"'))) for name in names}


def _again(store: Store, some: list[Come]) -> list[str]:
    """Stored in the transactions of a child that is killed after each; gives as what each is counted."""
    counted = []
    rest = [Parsed(shot, b"") for shot, _ in some]
    while rest:
        several = _apart(rest)
        these = some[len(some) - len(rest) :][: len(several)]
        meant: list[Outcome] = [keep(store, *one) for one in these]
        for one, before in zip(these, meant, strict=True):
            answer = keep(store, *one)
            lasted = answer.action == "unchanged" and answer.document == before.document
            counted.append(COUNTED[(before if lasted else answer).action])
        rest = rest[len(several) :]
    return counted


HISTORIES = [_in_parts, _on_pages, _mirrored, _unreadable_once]


@pytest.mark.parametrize("come", HISTORIES)
def test_as_without_a_kill(tmp_path: Path, come: Callable[[random.Random, int], Come]) -> None:
    _counted_alike(tmp_path, come, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("come", HISTORIES)
def test_as_without_a_kill_in_many_histories(
    tmp_path: Path, come: Callable[[random.Random, int], Come]
) -> None:
    _counted_alike(tmp_path, come, range(4, 60))


def _counted_alike(tmp_path: Path, come: Callable[[random.Random, int], Come], seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"{come.__name__} {seed}")
        some = [come(chance, day) for day in range(chance.choice([4, 6, 8]))]
        with Store(tmp_path / f"{seed}-plain.db") as store:
            plain: Any = [COUNTED[keep(store, *one).action] for one in some], _tables(store)
        with Store(tmp_path / f"{seed}-killed.db") as store:
            assert (_again(store, some), _tables(store)) == plain, seed


def test_what_lies_beside_each_other_shares_no_transaction() -> None:
    page, other = snapshot("http://a/p"), snapshot("http://a/q")
    file = snapshot("http://a/f.doc")
    file = replace(file, context=replace(file.context, page_url=page.url))
    some = [Parsed(shot, b"") for shot in (page, other, file, snapshot("http://a/r"))]
    assert [parsed.snapshot.url for parsed in _apart(some)] == [page.url, other.url]
    assert len(_apart(some[1:])) == 3
