"""Which answers go to the disk by themselves, and which with the note that is waited for."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.capture import _to_be_noted
from spiders.base import LIST

URL = "http://www.example.gov.cn/1.html"


@pytest.mark.parametrize(
    ("request_", "status", "noted"),
    [
        (Request(URL), 200, True),
        (Request(URL), 404, False),
        (Request(URL), 302, False),
        (Request(URL, meta={LIST: True}), 200, False),
        (Request("http://www.example.gov.cn/robots.txt", callback=NO_CALLBACK), 200, False),
    ],
    ids=["report", "missing", "redirect", "list", "robots.txt"],
)
def test_only_what_may_be_an_original_waits_for_its_note(request_: Request, status: int, noted: bool) -> None:
    assert _to_be_noted(request_, Response(URL, status=status)) is noted
