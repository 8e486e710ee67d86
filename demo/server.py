"""The sample portals, running: ``with DemoPortals(seed=1) as portals: …``.

Nothing here opens a connection; it only answers on loopback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from archive.packaged import read_yaml
from demo import catalogue, publications
from demo.changes import Change, led_to
from demo.families import open_portal
from demo.families.blocked import BlockedPortal
from demo.loopback import LoggedRequest, PortalServer, bind
from demo.manifest import Manifest, edited_entry, published
from demo.portal import Portal
from demo.site import Site

__all__ = ["DemoPortals", "LoggedRequest"]


class DemoPortals:
    """All sample portals, each on an address of its own, running while the context is open.

    ``seed`` decides figures, prose and dates; the same seed gives the same
    pages byte for byte, ports and page counters apart. An instance is used
    once: its log and its changes belong to one run. ``ports``: those of an instance that
    is closed, whose addresses this one is to have again.
    """

    def __init__(self, seed: int = 1, ports: Sequence[int] = ()) -> None:
        self.seed = seed
        self._ports = ports
        self._servers: list[PortalServer] = []
        self._portals: list[Portal] = []
        #: Addresses that portals have left; they lead to the new ones.
        self._left: list[PortalServer] = []
        self._manifest: Manifest | None = None

    def __enter__(self) -> DemoPortals:
        try:
            for number, site in enumerate(_sites(self.seed)):
                server = bind(number, self._ports[number] if self._ports else 0)
                self._servers.append(server)
                portal = open_portal(site, f"http://{server.netloc}")
                self._portals.append(portal)
                server.start(portal)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every portal and give its port back; harmless when done twice."""
        for server in (*self._servers, *self._left):
            server.stop()

    @property
    def ports(self) -> tuple[int, ...]:
        """Of each portal, in the order of the registry."""
        return tuple(server.server_port for server in self._servers)

    @property
    def divisions(self) -> list[dict[str, Any]]:
        """The invented divisions: ``code``, ``name``, ``level``, ``parent``."""
        return list(read_yaml("demo", "divisions.yml"))

    @property
    def registry(self) -> list[dict[str, Any]]:
        """The portals as entries of the registry."""
        return [_registry_entry(portal) for portal in self._portals]

    @property
    def steady(self) -> list[dict[str, Any]]:
        """Those that answer the same however often they are asked: no counters, no blocks that come later."""
        return [
            _registry_entry(portal)
            for portal in self._portals
            if not portal.site.counting and portal.site.options.get("trouble") != "midway"
        ]

    def write_registry(self, folder: Path) -> None:
        """One ``<key>.yml`` a portal; the folder is made if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        for entry in self.registry:
            text = yaml.safe_dump(entry, allow_unicode=True, sort_keys=False)
            folder.joinpath(f"{entry['key']}.yml").write_text(text, encoding="utf-8")

    @property
    def manifest(self) -> Manifest:
        """What is published now: after ``edit()``, with the new figures."""
        if not self._portals:
            raise RuntimeError("the portals have no addresses before they are started")
        if self._manifest is None:
            self._manifest = published(self._portals)
        return self._manifest

    @property
    def requests(self) -> list[LoggedRequest]:
        """Every request so far, in the order of arrival."""
        made: list[LoggedRequest] = []
        for server in (*self._servers, *self._left):
            with server.lock:
                made += server.log
        return sorted(made, key=lambda request: request.time_started)

    def edit(self) -> None:
        """Let the issuer alter its report without a word: same address, same date, other figures.

        Done twice, it changes nothing more.
        """
        portal, _, entry = edited_entry(self._portals)
        assert entry.publication is not None, "edited_entry finds it by its publication"
        after = publications.edited(entry.publication)
        # Title, date and metas stay those of the entry; only the body is new.
        body = catalogue.entry_of(after, self.seed).body
        portal.edit(replace(entry, body=body, publication=after))
        self._manifest = None

    # -- while they run ----------------------------------------------------------

    def site(self, key: str) -> Site:
        """The site that stands at a portal's address now."""
        return self._portals[self._number(key)].site

    def server(self, key: str) -> PortalServer:
        """The server that answers for a portal now."""
        return self._servers[self._number(key)]

    def change(self, key: str, change: Change) -> None:
        """From now on another site answers at this portal's address; an ``edit()`` of it is forgotten."""
        number = self._number(key)
        before = self._portals[number]
        self._portals[number] = open_portal(change(before.site), before.base)
        self._servers[number].portal = self._portals[number]
        self._manifest = None

    def move(self, key: str) -> None:
        """The portal moves to another address; the old one leads there, whatever is asked for."""
        number = self._number(key)
        left, before = self._servers[number], self._portals[number]
        server = bind(len(self._servers) + len(self._left))
        self._left.append(left)
        self._servers[number] = server
        self._portals[number] = open_portal(before.site, f"http://{server.netloc}")
        self._manifest = None
        server.start(self._portals[number])
        left.portal = open_portal(led_to(f"http://{server.netloc}")(before.site), before.base)

    def _number(self, key: str) -> int:
        for number, portal in enumerate(self._portals):
            if portal.site.key == key:
                return number
        raise LookupError(f"no sample portal {key}")


@cache
def _sites(seed: int) -> tuple[Site, ...]:
    """Sites are immutable and take a moment to draw, so a process draws them once."""
    return catalogue.sites(seed)


def _registry_entry(portal: Portal) -> dict[str, Any]:
    site = portal.site
    blocked = isinstance(portal, BlockedPortal)
    entry: dict[str, Any] = {
        "key": site.key,
        "name": site.name,
        "family": site.family,
        "division": site.division,
        "level": site.level,
        "start": list(portal.start),
    }
    if site.site_id_code:
        entry["site_id_code"] = site.site_id_code
    if "group" in site.options:
        entry["group"] = site.text("group")
    found = sum(e.kind in ("report", "copy") for column in site.columns for e in column.entries)
    least = site.number("expect") if "expect" in site.options else found
    if least and not blocked:
        entry["expect"] = {"reports_min": least}
    entry["status"] = "unverified" if blocked or "trouble" in site.options else "ok"
    entry["evidence"] = "sample portal on loopback"
    return entry
