"""What becomes of a portal over a year: each takes a site and gives the one that stands there then. Pure.

``DemoPortals.change`` puts it in place while the servers run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from demo import catalogue, publications
from demo.figures import Place
from demo.site import Column, Entry, Site

Change = Callable[[Site], Site]


def as_of(site: Site, day: date) -> Site:
    """With what is published by the end of this day, and nothing later."""

    def shown(column: Column) -> Column:
        return replace(column, entries=tuple(entry for entry in column.entries if entry.day <= day))

    return replace(site, columns=tuple(map(shown, site.columns)))


def altered(agency: str, year: int, steps: Mapping[Place, int], seed: int) -> Change:
    """One report is altered in silence (``publications.edited``): same title, address and date."""

    def after(entry: Entry) -> Entry:
        publication = entry.publication
        if publication is None or (publication.agency, publication.year) != (agency, year):
            return entry
        new = publications.edited(publication, steps)
        made = catalogue.entry_of(new, seed)
        return replace(entry, body=made.body, attachment=made.attachment, publication=new)

    def change(site: Site) -> Site:
        columns = (replace(column, entries=tuple(map(after, column.entries))) for column in site.columns)
        return replace(site, columns=tuple(columns))

    return change


def ruled(robots: str) -> Change:
    """With this robots.txt."""
    return lambda site: replace(site, robots=robots)


def challenging(kind: str) -> Change:
    """Everything is answered with a challenge (``demo.families.blocked.CHALLENGES``)."""
    return _with(challenging=kind)


def drawn(site: Site) -> Site:
    """The lists are drawn by a script that nobody here knows: menus, and not one row."""
    return _with(drawn=1)(site)


def silent(site: Site) -> Site:
    """Connections are taken and closed without an answer."""
    return _with(silent=1)(site)


def led_to(base: str) -> Change:
    """Everything leads to the same path at another address."""
    return _with(led_to=base)


def rebuilt(family: str, slugs: tuple[str, ...], **options: str | int) -> Change:
    """The same content on another system, at that system's addresses; one slug a column."""

    def change(site: Site) -> Site:
        columns = tuple(replace(column, slug=slug) for column, slug in zip(site.columns, slugs, strict=True))
        return replace(site, family=family, columns=columns, options=options)

    return change


def _with(**options: str | int) -> Change:
    return lambda site: replace(site, options={**site.options, **options})
