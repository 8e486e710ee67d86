from __future__ import annotations

import io
from typing import Any

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler

from archive.candidates import Outcome
from crawler.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def progress(**settings: Any) -> Progress:
    return Progress.from_crawler(get_crawler(settings_dict={"GONGKAI_PROGRESS": True} | settings))


def test_no_bar_where_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with pytest.raises(NotConfigured):
        progress()


def test_no_bar_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    with pytest.raises(NotConfigured):
        progress(GONGKAI_PROGRESS=False)


def test_one_bar_for_all_portals_counts_pages_reports_and_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    one, two = progress(), progress()
    one._opened()
    two._opened()
    one._item(Outcome("http://a/1", "stored", 1, 7, findings=2))
    one._item(Outcome("http://a/2", "refused", 2, None, findings=0))
    two._item(Outcome("http://a/3", "stored", 3, 8, findings=1))
    for each in (one, two, one):
        each._page()
    one._closed()
    assert Progress._bar is not None
    Progress._bar.refresh()
    two._closed()
    assert Progress._bar is None
    drawn = screen.getvalue()
    assert "3 pages" in drawn
    assert "reports=2, findings=3" in drawn
