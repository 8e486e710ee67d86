from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from crawler.logs import Formatter, JsonFormatter
from crawler.outcome import finish_reason, portal_status, too_few
from spiders.portals import from_entry
from spiders.visit import Visit

from .servers import portal

WWW = "www.shilixian.gov.cn"


@pytest.mark.parametrize(
    ("read", "issues", "rested", "reason", "sampled", "why", "status"),
    [
        (2, {}, {}, "finished", False, "finished", "ok"),
        (2, {"gone": 1}, {}, "finished", False, "finished", "ok"),
        (2, {"partial": 1}, {}, "finished", False, "finished", "partial"),
        (2, {}, {}, "finished", True, "sample", "ok"),
        # Midway: the column's own host, one of its sub-domains, and another portal's host.
        (2, {"blocked:rs": 1}, {WWW: "blocked:rs"}, "finished", False, "blocked:rs", "blocked:rs"),
        (
            2,
            {"blocked:rs": 1},
            {"rsj.shilixian.gov.cn": "blocked:rs"},
            "finished",
            False,
            "finished",
            "partial",
        ),
        (2, {}, {"h": "blocked:rs"}, "finished", False, "finished", "ok"),
        (2, {"blocked:rs": 1}, {WWW: "blocked:rs"}, "finished", True, "blocked:rs", "blocked:rs"),
        (2, {"retry_after": 1}, {WWW: "retry_after"}, "finished", False, "retry_after", "partial"),
        (2, {"unreachable": 1}, {WWW: "unreachable"}, "finished", False, "unreachable", "partial"),
        (2, {"fewer_than_expected": 1}, {}, "finished", False, "finished", "partial"),
        (0, {"unreachable": 1}, {}, "finished", False, "unreachable", "unreachable"),
        (0, {"unreachable": 1, "blocked:rs": 1}, {}, "finished", False, "blocked:rs", "blocked:rs"),
        (0, {"resting": 1}, {WWW: "resting"}, "finished", False, "resting", None),
        (0, {"retry_after": 1}, {WWW: "retry_after"}, "finished", False, "retry_after", None),
        (0, {"crawl_delay": 1}, {WWW: "crawl_delay"}, "finished", False, "crawl_delay", None),
        (0, {"dns": 1}, {"h": "blocked:rs"}, "finished", False, "no_list", "broken"),
        (0, {"blocked:jsl": 1}, {"h": "blocked:jsl"}, "finished", False, "blocked:jsl", "blocked:jsl"),
        (0, {}, {WWW: "blocked:rs"}, "finished", False, "blocked:rs", "blocked:rs"),
        (0, {"robots": 1}, {}, "finished", False, "robots", "blocked:robots"),
        (0, {"gone": 1}, {}, "finished", False, "no_list", "gone"),
        (0, {"timeout": 1}, {}, "finished", False, "no_list", "broken"),
        (3, {"budget": 1}, {"h": "budget"}, "finished", False, "budget", None),
        (0, {"night": 1, "robots": 1}, {"h": "night"}, "finished", False, "night", None),
        (0, {}, {WWW: "budget"}, "finished", False, "budget", None),
        (2, {}, {"other": "budget"}, "finished", False, "finished", "ok"),
        (1, {}, {}, "shutdown", False, "shutdown", None),
        (1, {}, {}, "archive_failed", False, "archive_failed", None),
    ],
)
def test_why_a_visit_ended_and_what_it_says_of_the_portal(
    read: int,
    issues: dict[str, int],
    rested: dict[str, str],
    reason: str,
    sampled: bool,
    why: str,
    status: str | None,
) -> None:
    visit = Visit(portal("a", f"http://{WWW}/"))
    visit.read = read
    visit.issues.update(issues)
    found = finish_reason(visit, reason, rested, sampled=sampled)
    assert found == why
    assert portal_status(visit, found) == status


def test_columns_on_two_hosts_are_blocked_only_together() -> None:
    entry = portal("a", f"http://{WWW}/").entry() | {
        "start": [f"http://{WWW}/", "http://www.linxian.gov.cn/"]
    }
    visit = Visit(from_entry(entry))
    visit.read = 2
    rested = {WWW: "blocked:rs"}
    visit.issues.update({"blocked:rs": 1})
    assert finish_reason(visit, "finished", rested, sampled=False) == "finished"
    assert portal_status(visit, "finished") == "partial"
    rested["www.linxian.gov.cn"] = "blocked:jsl"
    assert finish_reason(visit, "finished", rested, sampled=False) == "blocked:rs"


@pytest.mark.parametrize(
    ("found", "read", "reason", "short"),
    [
        (4, 2, "finished", True),
        (5, 2, "finished", False),
        (6, 2, "finished", False),
        (4, 2, "blocked:rs", True),
        (4, 2, "retry_after", True),
        # The cause is on record already, or the portal is not to blame.
        (0, 0, "no_list", False),
        (0, 0, "blocked:rs", False),
        (4, 2, "budget", False),
        (4, 2, "night", False),
        (4, 2, "sample", False),
        (4, 2, "shutdown", False),
    ],
)
def test_fewer_reports_than_the_entry_expects(found: int, read: int, reason: str, short: bool) -> None:
    visit = Visit(from_entry(portal("a", f"http://{WWW}/").entry() | {"expect": {"reports_min": 5}}))
    visit.read = read
    visit.found.update(f"http://{WWW}/{number}" for number in range(found))
    assert (too_few(visit, reason) is not None) is short
    visit.portal = portal("a", f"http://{WWW}/")
    assert too_few(visit, reason) is None


def test_a_log_line_is_json_and_names_portal_and_address() -> None:
    record = logging.LogRecord("spiders.base", logging.WARNING, "x.py", 1, "gone: %s", ("HTTP 404",), None)
    record.portal, record.url = "luqiao", "http://www.luqiao.gov.cn/"
    line: dict[str, Any] = json.loads(JsonFormatter().format(record))
    assert line["message"] == "gone: HTTP 404"
    assert (line["level"], line["portal"], line["url"]) == ("WARNING", "luqiao", "http://www.luqiao.gov.cn/")


def test_log_messages_never_hold_the_bytes_of_an_item() -> None:
    class Item:
        url = "http://www.shilixian.gov.cn/1.html"
        body = b"secret" * 1000

    spider: Any = None
    for said in (
        Formatter().scraped(Item(), None, spider),
        Formatter().dropped(Item(), ValueError("no"), None, spider),
        Formatter().item_error(Item(), ValueError("no"), None, spider),
    ):
        text = said["msg"] % said["args"]
        assert Item.url in text
        assert "secret" not in text
