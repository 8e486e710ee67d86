"""Which portals are asked one after another: those of one site, or of one registry group. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from spiders.portals import Portal


def shared(portal: Portal) -> set[str]:
    """What no two visits may ask at one time: the portal's sites, and its registry group."""
    # "=" is in no host name, so a group is never taken for a site.
    return set(portal.sites) | ({f"group={portal.group}"} if portal.group else set())


def groups(portals: Iterable[Portal]) -> list[list[Portal]]:
    """Portals that share a site or a registry group, directly or through a third; order kept."""
    found: list[tuple[set[str], list[Portal]]] = []
    for portal in portals:
        sites = shared(portal)
        members = [portal]
        apart = []
        for other_sites, others in found:
            if other_sites & sites:
                sites |= other_sites
                members = others + members
            else:
                apart.append((other_sites, others))
        found = [*apart, (sites, members)]
    return [members for _, members in found]
