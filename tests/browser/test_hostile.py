"""What portals publish is text, whatever it looks like."""

from __future__ import annotations

import pytest

from tests.archive.site import sample
from tests.browser.conftest import Open, Served

PAGES = (
    "",
    f"report/{sample.REPORT_HOSTILE}",
    f"report/{sample.REPORT_2021}",
    f"report/{sample.REPORT_2021}/at/requests.refused_third_party.civic",
    f"issuer/{sample.HOSTILE}",
    f"compare?issuers={sample.HOSTILE},{sample.ERQI}",
    "compare?q=<script>alert(1)</script>",
    "compare?issuers=1&figure=<b>",
    "findings",
    "status",
    "search?q=<script>alert(1)</script>",
    f"gongkai/agencies/{sample.HOSTILE}",
    f"gongkai/findings/{sample.REPORT_HOSTILE},1",
    "gongkai/reports?title__contains=<script>alert(1)</script>&_search=\u202e<b>",
    "gongkai/failed_identities?province=<script>alert(1)</script>",
    "findings?province=<script>alert(1)</script>&identity=\"'><img src=x onerror=alert(1)>",
    "coverage?division=410000&status=<b>&year=<b>",
    "gongkai/reports",
    "gongkai/findings",
    "gongkai/sections",
    f"gongkai/reports/{sample.REPORT_HOSTILE}",
)


@pytest.mark.parametrize("lang", ["zh-CN", "en-US"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_runs_and_nothing_turns_the_text(hostile: Served, opened: Open, path: str, lang: str) -> None:
    seen = opened(hostile.address, lang, 390)
    seen.go(path)
    page = seen.page
    assert page.locator("script", has_text="alert").count() == 0
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("main b", has_text="某局").count() == 0
    text = page.locator("body").inner_text()
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    seen.fits()
    # An attribute that listens would be a way in even where its text is harmless today.
    listening = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
        ".filter(name => name.startsWith('on'))"
    )
    assert listening == []


def test_it_is_shown_as_text(hostile: Served, opened: Open) -> None:
    seen = opened(hostile.address)
    seen.go(f"report/{sample.REPORT_HOSTILE}")
    assert seen.page.locator("h1").inner_text() == sample.HOSTILE_TITLE.replace("\u202e", "\ufffd").replace(
        "\u2066", "\ufffd"
    )
    text = seen.page.locator("main").inner_text()
    assert sample.FORMULA in text
    assert sample.SCRIPT in text
    # No link where there is no web address.
    assert seen.page.locator("a[href^='javascript:']").count() == 0
    seen.shoot("hostile-report")
    seen.go(f"issuer/{sample.HOSTILE}")
    assert seen.page.locator("h1").inner_text() == "<b>某局</b>"


def test_the_archived_page_can_do_nothing(hostile: Served, opened: Open) -> None:
    """Its onload and script would raise an alert."""
    seen = opened(hostile.address)
    seen.go(f"original/{sample.PAGE}")
    assert "朱镕喆区人民政府" in seen.page.locator("body").inner_text()
    # The browser says that it kept the page's script from running, and says nothing else.
    assert seen.complaints
    assert all("sandbox" in said or "Content Security Policy" in said for said in seen.complaints)
    seen.complaints.clear()
