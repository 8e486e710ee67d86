"""Answers from fixture files, as Scrapy would hand them to a spider."""

from __future__ import annotations

from pathlib import Path

from scrapy.http import HtmlResponse, TextResponse

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "portals"


def fixture(name: str, url: str) -> TextResponse:
    """A fixture file as the answer from ``url``."""
    return HtmlResponse(url, body=FIXTURES.joinpath(name).read_bytes(), encoding="utf-8")


def html(text: str, url: str = "http://www.shilixian.gov.cn/zfxxgk/zfxxgknb/") -> TextResponse:
    """A piece of HTML as the answer from ``url``."""
    return HtmlResponse(url, body=text.encode(), encoding="utf-8")
