from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from crawler.logs import Formatter, JsonFormatter
from crawler.runs import finish_reason, portal_status
from spiders.visit import Visit

from .servers import portal


@pytest.mark.parametrize(
    ("read", "issues", "rested", "reason", "sampled", "why", "status"),
    [
        (2, {}, {}, "finished", False, "finished", "ok"),
        (2, {"gone": 1}, {}, "finished", False, "finished", "ok"),
        (2, {"partial": 1}, {}, "finished", False, "finished", "partial"),
        (2, {}, {}, "finished", True, "sample", "ok"),
        (2, {"blocked:rs": 1}, {"h": "blocked:rs"}, "finished", False, "finished", "ok"),
        (0, {"blocked:jsl": 1}, {"h": "blocked:jsl"}, "finished", False, "blocked:jsl", "blocked:jsl"),
        (0, {}, {"h": "blocked:rs"}, "finished", False, "blocked:rs", "blocked:rs"),
        (0, {"robots": 1}, {}, "finished", False, "robots", "blocked:robots"),
        (0, {"gone": 1}, {}, "finished", False, "no_list", "gone"),
        (0, {"timeout": 1}, {}, "finished", False, "no_list", "broken"),
        (3, {"budget": 1}, {"h": "budget"}, "finished", False, "budget", None),
        (0, {"night": 1, "robots": 1}, {"h": "night"}, "finished", False, "night", None),
        (0, {}, {"h": "budget"}, "finished", False, "budget", None),
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
    visit = Visit(portal("a", "http://www.shilixian.gov.cn/"))
    visit.read = read
    visit.issues.update(issues)
    found = finish_reason(visit, reason, rested, sampled=sampled)
    assert found == why
    assert portal_status(visit, found) == status


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
