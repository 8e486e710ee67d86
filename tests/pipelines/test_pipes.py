"""Pipes to children hold more where the system lets them, and are pipes all the same where it does not."""

from __future__ import annotations

import sys

import pytest

from pipelines import pipes


@pytest.mark.skipif(pipes._SET_SIZE is None, reason="the size of pipes is Linux's")
def test_a_pipe_that_may_not_hold_more_is_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has 64 MB in pipes gets no larger ones (pipe(7), pipe-user-pages-soft)."""
    asked = []

    def refused(handle: int, *_: int) -> int:
        asked.append(handle)
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(pipes.fcntl, "fcntl", refused)
    child = pipes.begin("json.tool")
    assert len(asked) == 2
    assert pipes.end(child) != 0  # it was asked nothing


@pytest.mark.skipif(sys.platform != "linux", reason="the size of pipes is Linux's")
def test_a_pipe_holds_a_page() -> None:
    child = pipes.begin("json.tool")
    assert child.stdin is not None
    assert pipes.fcntl.fcntl(child.stdin.fileno(), pipes.fcntl.F_GETPIPE_SZ) == pipes._PIPE
    pipes.end(child)
