from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from archive.records import Check, Finding
from archive.store import Store
from tests.archive.made import at, put, report
from tests.archive.site import sample


def fill(path: Path) -> Path:
    """An archive as the store makes it: statuses, a copy that differs, a revision, an unknown division."""
    received, granted = ("requests", "received", "total"), ("requests", "granted", "total")
    awkward: Mapping[tuple[str, str, str], Any] = {
        received: 27,
        granted: 2**63 - 1,
        ("requests", "received", "research"): "blank",
        ("requests", "granted", "business"): "unreadable",
        ("disclosure", "fees", "amount"): "missing",
        ("reviews", "reconsideration", "total"): "dash",
    }
    url = "http://www.zhongyuan.gov.cn/1.html"
    with Store(path) as store:
        checks = (Check("R3", "requests.*.total", "fail", 21, 27, "issuer"),)
        findings = (Finding("reader", '=cmd|"/c calc"!A1', "table[2]/tr[9]"),)
        put(store, url, "one", report(awkward, checks=checks, findings=findings))
        put(store, url, "two", report({**awkward, received: 28}, text="更正，\n含“引号”,逗号。"), day=9)
        put(store, "http://mirror/1", "m", report({received: 3}, tables=("requests",)), day=3)
        put(store, "http://a/2", "2", report(year=2019, form="2019", division="419999"), day=4)
        put(store, "http://a/3", "3", report(is_report=False), day=5)
        run = store.start_run(None, command="ingest", started_at=at(20))
        store.add_issue(run, "file", "=1+1.html", "it's missing")
        store.finish_run(run, reason="finished", finished_at=at(20), stored=2)
        store.refresh_coverage(date(2026, 1, 1))
    return path


@pytest.fixture(scope="session")
def made_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("made") / "gongkai.db")


@pytest.fixture(scope="session")
def sample_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample.build(tmp_path_factory.mktemp("sample"))
