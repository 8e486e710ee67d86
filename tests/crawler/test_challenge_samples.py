"""Recorded challenges are told from their whole answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.blocking import challenge

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "portals"


@pytest.mark.parametrize(
    ("name", "status", "kind"), [("challenge_412.txt", 412, "rs"), ("challenge_521.txt", 521, "jsl")]
)
def test_recorded_challenges(name: str, status: int, kind: str) -> None:
    head, _, body = FIXTURES.joinpath(name).read_bytes().partition(b"\n\n")
    assert int(head.split()[1]) == status
    assert challenge(status, body) == kind
    assert challenge(200, body) == kind  # the same page under an innocent status
