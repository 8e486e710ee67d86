"""A Chinese page speaks Chinese: no word of the machinery's is left standing in its own text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.archive.site import sample
from tests.archive.site.conftest import Get

PAGES = (
    "/",
    f"/report/{sample.REPORT_2020}",
    f"/report/{sample.REPORT_2021}",
    f"/report/{sample.REPORT_2021}/at/requests.refused_third_party.civic",
    f"/issuer/{sample.ERQI}",
    f"/issuer/{sample.SHAHE}",
    "/division",
    "/division/410103",
    "/coverage",
    "/coverage?division=410000",
    "/status",
    "/findings?year=2021",
    f"/compare?issuers={sample.ERQI},{sample.SHAHE}",
    "/search?q=复议",
    "/search?q=没有这样的词",
    "/gongkai/failed_identities",
    "/report/1",
    "/nowhere",
)
#: Names, and what Chinese readers call by the same letters.
NAMES = {"gongkai", "English", "Atom", "Datasette", "CSV", "JSON", "SQL", "Excel", "BibTeX"}
NAMES |= {"UTC", "SHA", "HTML", "PDF", "GB", "KB", "bytes"}
#: What is quoted, or told in another language on purpose.
QUOTED = ("bdi", "code", "pre", "script", "style")
DATA = ("place", "citation", "digest", "col-message")


class Text(HTMLParser):
    """The page's own words."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.words: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "link", "input", "br", "img"):
            return
        given = dict(attrs)
        other = given.get("lang") == "en" or (given.get("href") or "").startswith("http")
        quoted = bool(self.open and self.open[-1][1])
        named = any(name in DATA for name in (given.get("class") or "").split())
        self.open.append((tag, quoted or other or named or tag in QUOTED))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.words |= set(re.findall(r"[A-Za-z]{2,}", data))


@pytest.mark.parametrize("path", PAGES)
def test_no_foreign_word_is_left(get: Get, path: str) -> None:
    page = get(path, "zh").text
    assert Text(page).words - NAMES == set()
    english = get(path, "en").text
    assert "Skip to content" in english
