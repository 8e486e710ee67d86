"""The registry that comes with gongkai: every entry, and what all of them cover."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archive.divisions import DEFAULT
from crawler import guard
from crawler.commands.portals import first_requests
from spiders import coverage
from spiders.hosts import host_of, site_of
from spiders.portals import COUNTRY, Portal, families, load, packaged

REGISTRY = load()
ADDRESS = re.compile(r"https?://[^\s()]+")
PROVINCES = {division.code for code in range(11, 66) if (division := DEFAULT.get(f"{code}0000"))}

each = pytest.mark.parametrize("portal", REGISTRY.values(), ids=REGISTRY)


def test_there_are_more_than_a_hundred_over_all_provinces_and_families() -> None:
    assert len(REGISTRY) >= 100
    assert len(PROVINCES) == 31
    assert {portal.division[:2] + "0000" for portal in REGISTRY.values()} - {COUNTRY} == PROVINCES
    assert sum(portal.level == "ministry" for portal in REGISTRY.values()) >= 4
    assert {portal.family for portal in REGISTRY.values()} == set(families())


def test_keys_starts_and_sites_are_each_there_once() -> None:
    starts = Counter(start for portal in REGISTRY.values() for start in portal.start)
    assert [start for start, number in starts.items() if number > 1] == []
    # Written otherwise, an address is still the same: http or https, with or without its last slash.
    plain = Counter(re.sub(r"^https?://(www\.)?|/$|/index\.s?html?$", "", start) for start in starts)
    assert [start for start, number in plain.items() if number > 1] == []
    names = Counter(portal.name for portal in REGISTRY.values())
    assert [name for name, number in names.items() if number > 1] == []


@each
def test_its_division_is_one_of_today_and_of_its_level(portal: Portal) -> None:
    if portal.level == "ministry":
        assert portal.division == COUNTRY
        return
    division = DEFAULT.get(portal.division)
    assert division is not None
    assert division.code == portal.division
    if portal.level in ("province", "prefecture", "county"):
        assert division.level == portal.level


@each
def test_whoever_runs_it_is_of_its_division(portal: Portal) -> None:
    if portal.level in ("ministry", "zone"):
        return
    names = [division.name for division in DEFAULT.chain(portal.division)]
    assert names[-1] in portal.name or names[-1][:2] in portal.name
    found = DEFAULT.resolve(portal.name, hint=portal.division)
    assert found is None or DEFAULT.within(portal.division, found.code) or found.code == portal.division


@each
def test_its_first_requests_can_be_built_and_may_be_sent(portal: Portal) -> None:
    requests = first_requests(portal)
    assert [request.url.partition("#")[0] for request in requests]
    for request in requests:
        assert guard.refusal(request.url, portal, demo=False) is None
        assert host_of(request.url).endswith(".gov.cn")


@each
def test_its_evidence_is_on_one_of_its_hosts(portal: Portal) -> None:
    address = ADDRESS.search(portal.evidence)
    assert address, "an address"
    hosts = {host_of(start) for start in portal.start} | set(portal.hosts)
    assert host_of(address[0]) in hosts or portal.owns(address[0])
    if address[0].rstrip("/") not in {start.rstrip("/") for start in portal.start}:
        assert portal.evidence.startswith(("derived from ", "named in "))


@each
def test_an_entry_is_short(portal: Portal) -> None:
    text = packaged().joinpath(f"{portal.key}.yml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 10
    assert portal.status == "unverified" or portal.status.startswith(("ok", "partial", "blocked:", "gone"))


def test_a_site_has_few_portals_for_they_wait_for_each_other() -> None:
    sites = Counter(site for portal in REGISTRY.values() for site in portal.sites)
    assert max(sites.values()) <= 5
    assert all(site == site_of(site) for site in sites)


def test_the_document_is_in_step_with_the_registry() -> None:
    path = Path(__file__).resolve().parents[2] / "docs" / "portals.md"
    assert path.read_text(encoding="utf-8") == coverage.document(REGISTRY.values())


def test_the_document_names_every_portal_its_column_and_its_evidence() -> None:
    text = coverage.document(REGISTRY.values())
    for portal in REGISTRY.values():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{portal.key}` |")]
        assert portal.name in row
        assert all(urlsplit(start).netloc in row for start in portal.start)
        assert re.search(r"\[(derived|named|address)\]\(https?://", row)
        assert row.endswith(f"| {portal.status} |")
    totals = next(line for line in text.splitlines() if line.startswith("| **all** |"))
    cells = [int(cell) for cell in totals.strip("| ").split(" | ")[1:]]
    assert sum(cells[:-1]) == cells[-1] == len(REGISTRY)


def test_what_would_break_a_table_is_written_otherwise() -> None:
    portal = next(iter(REGISTRY.values()))
    hostile = Portal(
        "a", "甲|乙", "trs", portal.division, "county", ("http://a.gov.cn/(x)|y",), "unverified", "none"
    )
    row = coverage.document([hostile]).splitlines()[-1]
    assert row.count("|") == 8
    assert "(x)" not in row
