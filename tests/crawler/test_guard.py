from __future__ import annotations

from typing import Any

import pytest
from scrapy.utils.test import get_crawler
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import DNSLookupError

from crawler.guard import PublicResolver, is_public, refusal
from spiders.portals import Portal, from_entry


def portal(start: str) -> Portal:
    return from_entry(
        {
            "key": "shili",
            "name": "示例县人民政府",
            "family": "trs",
            "division": "990102",
            "level": "county",
            "start": [start],
            "status": "ok",
            "evidence": start,
        }
    )


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("127.255.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://www.shilixian.gov.cn/a", None),
        ("https://czj.shilixian.gov.cn/a", None),
        ("file:///etc/passwd", "scheme"),
        ("data:text/html,x", "scheme"),
        ("ftp://www.shilixian.gov.cn/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://127.0.0.1/", "foreign_host"),
        ("http://169.254.169.254/latest/meta-data/", "foreign_host"),
        ("http://[::1]/", "foreign_host"),
        ("http://2130706433/", "foreign_host"),
        ("http://0x7f.1/", "foreign_host"),
        ("http://localhost/", "foreign_host"),
        ("http://www.example.com/", "foreign_host"),
        ("http://www.shilixian.gov.cn@127.0.0.1/", "foreign_host"),
    ],
)
def test_where_a_portal_may_lead(url: str, kind: str | None) -> None:
    reason = refusal(url, portal("http://www.shilixian.gov.cn/"), demo=False)
    assert (reason[0] if reason else None) == kind


@pytest.mark.parametrize(
    "start",
    [
        "http://127.0.0.1/",
        "http://127.0.0.11:8080/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_no_entry_makes_a_private_address_right(start: str) -> None:
    reason = refusal(start, portal(start), demo=False)
    assert reason is not None
    assert reason[0] == "private_address"


def test_a_demonstration_stays_on_the_registrys_own_loopback() -> None:
    here = portal("http://127.0.0.11:8001/")
    assert refusal("http://127.0.0.11:8001/a", here, demo=True) is None
    assert refusal("http://127.0.0.11:8002/a", here, demo=True) is not None
    assert refusal("http://127.0.0.1:22/", here, demo=True) is not None
    assert refusal("http://8.8.8.8/", portal("http://8.8.8.8/"), demo=True) == (
        "private_address",
        "8.8.8.8 is no loopback address; not asked",
    )


@pytest.mark.parametrize(
    ("name", "means", "demo", "allowed"),
    [
        ("www.shilixian.gov.cn", "203.119.25.1", False, True),
        ("www.shilixian.gov.cn", "127.0.0.1", False, False),
        ("rebound.shilixian.gov.cn", "169.254.169.254", False, False),
        ("2130706433", "127.0.0.1", False, False),
        ("localhost", "127.0.0.1", False, False),
        ("www.shilixian.gov.cn", "203.119.25.1", True, False),
        ("127.0.0.11", "127.0.0.11", True, True),
    ],
)
def test_what_a_name_turns_out_to_mean(
    monkeypatch: pytest.MonkeyPatch, name: str, means: str, demo: bool, allowed: bool
) -> None:
    def resolve(self: Any, name: str, timeout: Any = ()) -> Deferred[str]:
        return succeed(means)

    monkeypatch.setattr("twisted.internet.base.ThreadedResolver.getHostByName", resolve)
    monkeypatch.setattr(PublicResolver, "refused", {})
    monkeypatch.setattr("scrapy.resolver.dnscache.limit", 0)
    crawler = get_crawler(settings_dict={"GONGKAI_DEMO": demo, "DNSCACHE_ENABLED": False})
    resolver = PublicResolver.from_crawler(crawler, None)  # type: ignore[arg-type]
    answers: list[Any] = []
    resolver.getHostByName(name).addBoth(answers.append)
    if allowed:
        assert answers == [means]
    else:
        assert isinstance(answers[0].value, DNSLookupError)
        assert PublicResolver.refused == {name: means}
