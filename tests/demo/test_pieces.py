"""The portals that hide their reports do hide them, and give them to whoever looks."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest

from demo.families.pieces import PiecesPortal
from demo.manifest import PublishedReport
from demo.server import DemoPortals
from tests.demo import pages


def report(portals: DemoPortals, agency: str, year: int) -> PublishedReport:
    (found,) = (r for r in portals.manifest.reports if (r.agency, r.year) == (agency, year))
    return found


def tables(url: str) -> int:
    return len(pages.grids(pages.get(url).text))


@pytest.mark.parametrize("year", [2021, 2022])
def test_a_split_article_has_its_tables_on_three_pages(portals: DemoPortals, year: int) -> None:
    found = report(portals, "散页县人民政府", year)
    assert [tables(url) for url in (found.url, *found.part_urls)] == [1, 1, 1]


def test_pictures_are_all_the_text_there_is(portals: DemoPortals) -> None:
    found = report(portals, "散页县教育局", 2023)
    assert tables(found.url) == 0
    assert len(found.part_urls) == 2
    for url in found.part_urls:
        assert urlsplit(url).path in pages.get(found.url).text
        assert pages.get(url).body.startswith(b"\x89PNG")


@pytest.mark.parametrize("year", [2023, 2024])
def test_frames_and_scripts_hide_the_text(portals: DemoPortals, year: int) -> None:
    found = report(portals, "散页县人民政府", year)
    assert tables(found.url) == 0
    assert tables(found.text_url) == 3
    # Not even its address stands on the page, where a frame lies in a frame.
    assert (urlsplit(found.text_url).path in pages.get(found.url).text) == (year == 2024)


@pytest.mark.parametrize(
    ("year", "magic"), [(2021, b"PK\x03\x04"), (2022, b"PK\x03\x04"), (2023, b"%PDF"), (2024, b"PK\x03\x04")]
)
def test_files_stand_where_the_manifest_says(portals: DemoPortals, year: int, magic: bytes) -> None:
    found = report(portals, "附卷县人民政府", year)
    assert found.attachment_url
    assert tables(found.url) == 0
    assert pages.get(found.attachment_url).body.startswith(magic)


def test_decoys_stand_beside_the_reports(portals: DemoPortals) -> None:
    (portal, _) = (portal for portal in portals._portals if isinstance(portal, PiecesPortal))
    found = report(portals, "附卷县人民政府", 2022)
    text = pages.get(found.url).text
    for path in portal.decoys:
        assert path in text
        assert any(urljoin(url, path) == url for url in portals.manifest.decoys)
