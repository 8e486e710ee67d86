from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from archive.bodies import decode_body, text_encoding
from archive.errors import ArchiveError, DamagedError
from crawler.guard import is_public, refusal
from crawler.politeness import retry_after
from crawler.robots import _bounded

from .servers import portal


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("gb2312", "gb2312"),
        ("big5", "big5"),
        *((label, None) for label in ("base64", "idna", "punycode", "rot13", "zip", "undefined", "utf-7")),
        *((label, None) for label in ("unicode_escape", "no-such", "", "x\0")),
    ],
)
def test_only_charsets_that_pages_are_in_are_believed(label: str, codec: str | None) -> None:
    assert text_encoding(label) == codec


def test_a_name_that_is_no_coding_leaves_the_body() -> None:
    assert decode_body(b"text", "utf-8", where="x") == b"text"
    assert decode_body(gzip.compress(b"text"), "none, gzip", where="x") == b"text"
    with pytest.raises(ArchiveError, match="cannot be undone"):
        decode_body(b"text", "compress", where="x")


def test_codings_upon_codings_are_refused() -> None:
    with pytest.raises(DamagedError, match="4 content codings"):
        decode_body(b"", "gzip, gzip, gzip, gzip", where="x")


@pytest.mark.parametrize(
    "address",
    [
        "::127.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::127.0.0.1",
        "::ffff:100.100.100.200",
    ],
)
def test_no_ipv6_form_hides_a_private_address(address: str) -> None:
    assert not is_public(address)


def test_nat64_of_a_public_address_is_public() -> None:
    assert is_public("64:ff9b::8.8.8.8")


def test_an_address_without_end_is_not_asked() -> None:
    here = portal("shili", "http://127.0.0.1:8001/nb/")
    reason = refusal("http://127.0.0.1:8001/" + "a" * 3000, here, demo=True)
    assert reason is not None
    assert reason[0] == "long_address"


@pytest.mark.parametrize("value", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "-5", "1e9", "٣", "junk"])
def test_no_time_to_come_back(value: str) -> None:
    assert retry_after(value, datetime.now(UTC)) is None


def test_a_wait_of_any_length_is_a_number() -> None:
    assert retry_after("9" * 5000, datetime.now(UTC)) == float("inf")


def test_robots_rules_are_read_to_the_last_whole_line() -> None:
    rules = b"Disallow: /x\n" * 100_000
    kept = _bounded(rules)
    assert 500 * 1024 <= len(kept) <= 512 * 1024
    assert kept.endswith(b"Disallow: /x")
    assert _bounded(rules[:1300]) == rules[:1300]
