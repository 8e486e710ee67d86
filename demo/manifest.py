"""What the sample portals published: the truth that a crawl of them is scored against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from demo import issuers, publications
from demo.families.blocked import BlockedPortal
from demo.figures import Cells, Value
from demo.portal import Portal
from demo.publication import Broken, Carrier, Publication
from demo.site import Column, Entry


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """One report as it stands on its portal."""

    portal: str
    """Registry key."""
    agency: str
    """Name the issuer signs with."""
    division: str
    year: int
    title: str
    published_on: date
    form: str
    """Form of Tables 2 and 3; ``mixed`` where they differ."""
    form_of: Mapping[str, str]
    """Table → form."""
    url: str
    """The page, also where the report itself is an attachment."""
    text_url: str
    """Where its text itself stands, if the page only shows it in a frame or sends on."""
    attachment_url: str | None
    part_urls: tuple[str, ...]
    """Further pages and pictures that belong to the page."""
    urls_of_copies: tuple[str, ...]
    carrier: Carrier
    cells: Cells
    """Only what is to be scored; ``None`` where the source leaves the cell blank or writes a dash."""
    real: bool
    broken: tuple[Broken, ...] = ()
    """Identities within this report that the issuer's own figures fail."""
    settled: tuple[tuple[str, str], ...] = ()
    """Lines (table, row) in one box each, which only the issuer's other years decide."""


@dataclass(frozen=True, slots=True)
class ExpectedIssue:
    """Something on a portal that a crawl must record, and go on."""

    portal: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the portals published, as of now."""

    reports: tuple[PublishedReport, ...]
    lookalikes: tuple[str, ...]
    """Addresses of what is listed beside the reports and is none."""
    forbidden: tuple[str, ...]
    """Addresses that robots.txt forbids."""
    blocked: tuple[str, ...]
    """Keys of portals that answer with a challenge."""
    decoys: tuple[str, ...] = ()
    """Files and pictures on articles' pages that are no part of them."""
    issues: tuple[ExpectedIssue, ...] = ()
    """All that a crawl must record as gone wrong."""
    edited: Mapping[str, Any] = field(default_factory=dict)
    """Which report ``edit()`` alters: ``portal``, ``agency``, ``year``, ``url``, and ``old`` and ``new``
    cells, those that change and no others."""


def published(portals: Iterable[Portal]) -> Manifest:
    """What stands on these portals now."""
    portals = tuple(portals)
    listed = tuple(_listed(portals))
    copies: dict[tuple[str, int], list[str]] = {}
    for portal, column, entry in listed:
        if entry.kind == "copy" and entry.publication:
            key = entry.publication.agency, entry.publication.year
            copies.setdefault(key, []).append(_url(portal, column, entry))

    def addresses(kind: str) -> tuple[str, ...]:
        return tuple(_url(*where) for where in listed if where[2].kind == kind)

    return Manifest(
        reports=tuple(_report(*where, copies) for where in listed if where[2].kind == "report"),
        lookalikes=addresses("lookalike"),
        forbidden=addresses("forbidden"),
        blocked=tuple(portal.site.key for portal in portals if isinstance(portal, BlockedPortal)),
        decoys=tuple(portal.base + path for portal in portals for path in portal.decoys),
        issues=tuple(_issues(portals, listed)),
        edited=_edit_note(portals),
    )


#: What each kind of entry that is no document leaves in the books.
_ISSUE_OF = {"forbidden": "robots", "gone": "gone", "foreign": "foreign_host", "looping": "redirects"}


def _issues(
    portals: Iterable[Portal], listed: Iterable[tuple[Portal, Column, Entry]]
) -> Iterator[ExpectedIssue]:
    for portal, column, entry in listed:
        if entry.kind in _ISSUE_OF:
            url = entry.path if entry.kind == "foreign" and entry.path else _url(portal, column, entry)
            yield ExpectedIssue(portal.site.key, _ISSUE_OF[entry.kind], url)
    for portal in portals:
        for kind, url in portal.issues:
            yield ExpectedIssue(portal.site.key, kind, url)


def edited_entry(portals: Iterable[Portal]) -> tuple[Portal, Column, Entry]:
    """Where the report stands that is altered after publication, as it was first published."""
    for portal in portals:
        for column in portal.site.columns:
            for entry in column.entries:
                publication = entry.publication
                if publication and (publication.agency, publication.year) == issuers.EDITED:
                    return portal, column, entry
    raise LookupError(f"no portal publishes {issuers.EDITED}")


def _listed(portals: Iterable[Portal]) -> Iterator[tuple[Portal, Column, Entry]]:
    """Every entry that can be fetched, as it stands now."""
    for portal in portals:
        if isinstance(portal, BlockedPortal):
            continue
        for column in portal.site.columns:
            for entry in column.entries:
                yield portal, column, portal.current(entry)


def _url(portal: Portal, column: Column, entry: Entry) -> str:
    return portal.base + portal.address(column, entry)


def _report(
    portal: Portal, column: Column, entry: Entry, copies: Mapping[tuple[str, int], list[str]]
) -> PublishedReport:
    publication = entry.publication
    assert publication is not None, "an entry of kind report has its publication"
    attachment = portal.attachment_path(column, entry) if entry.attachment else None
    return PublishedReport(
        portal=portal.site.key,
        agency=publication.agency,
        division=publication.division,
        year=publication.year,
        title=publication.title,
        published_on=publication.published_on,
        form=publication.form,
        form_of=publication.form_of,
        url=_url(portal, column, entry),
        text_url=portal.base + portal.text_path(column, entry),
        attachment_url=portal.base + attachment if attachment else None,
        part_urls=tuple(portal.base + path for path in portal.part_paths(column, entry)),
        urls_of_copies=tuple(copies.get((publication.agency, publication.year), ())),
        carrier=publication.carrier,
        cells=publication.cells,
        real=publication.real,
        broken=publication.broken,
        settled=() if publication.real else tuple(publication.glued),
    )


def _edit_note(portals: Iterable[Portal]) -> Mapping[str, Any]:
    portal, column, entry = edited_entry(portals)
    before = entry.publication
    assert before is not None, "edited_entry finds it by its publication"
    return {
        "portal": portal.site.key,
        "agency": before.agency,
        "year": before.year,
        "url": _url(portal, column, entry),
        "old": _changing(before),
        "new": _changing(publications.edited(before)),
    }


def _changing(publication: Publication) -> Cells:
    """The cells that the edit touches."""
    cells: dict[str, dict[str, dict[str, Value]]] = {}
    for table, row, column in issuers.EDIT:
        cells.setdefault(table, {}).setdefault(row, {})[column] = publication.cells[table][row][column]
    return cells
