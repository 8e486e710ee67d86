from __future__ import annotations

from typing import Any

import pytest

from crawler.redirects import objection, over, switches

A, B, C = (f"http://www.shilixian.gov.cn/{name}" for name in "abc")
S = "https://www.shilixian.gov.cn/a"


@pytest.mark.parametrize(
    ("url", "scheme", "there"),
    [
        (A, "https", S),
        (S, "http", A),
        ("http://www.shilixian.gov.cn:80/a?b=1", "https", "https://www.shilixian.gov.cn/a?b=1"),
        ("https://www.shilixian.gov.cn:443/", "http", "http://www.shilixian.gov.cn/"),
        ("http://127.0.0.1:8080/", "https", "https://127.0.0.1:8080/"),
        ("http://[::1]:80/", "https", "https://[::1]/"),
    ],
)
def test_the_other_scheme(url: str, scheme: str, there: str) -> None:
    assert over(url, scheme) == there


def test_switches_are_counted_within_a_host() -> None:
    assert switches([A, B]) == 0
    assert switches([A, S]) == 1
    assert switches([A, S, B]) == 2
    assert switches([A, "https://www.linxian.gov.cn/"]) == 0


@pytest.mark.parametrize(
    ("passed", "reasons", "to", "reason", "why"),
    [
        ([A], [], B, 302, None),
        ([A], [], S, 301, None),
        ([A, B], [302], C, 302, None),
        ([A], [], B, "meta refresh", None),
        ([A, B], [302], C, "meta refresh", None),
        ([A, B], ["meta refresh"], C, 302, None),
        ([A], [], A, 302, "leads back"),
        ([A, B], [302], f"{A}#top", 302, "leads back"),
        ([A, B], ["meta refresh"], C, "meta refresh", "followed once"),
        ([A, S], [301], B, 302, "a second time"),
        ([A, S], [301], A, 302, "leads back"),
    ],
)
def test_when_a_chain_ends(
    passed: list[str], reasons: list[Any], to: str, reason: Any, why: str | None
) -> None:
    said = objection(passed, reasons, to, reason)
    assert (said is None) if why is None else (said is not None and why in said)
