"""One module a CMS family, each a subclass of ``demo.portal.Portal``."""

from __future__ import annotations

from demo.families.blocked import BlockedPortal
from demo.families.gkmlpt import GkmlptPortal
from demo.families.hanweb import HanwebPortal
from demo.families.trs import TrsPortal
from demo.families.ucap import UcapPortal
from demo.families.vsb import VsbPortal
from demo.portal import Portal
from demo.site import Site

_FAMILIES: dict[str, type[Portal]] = {
    "trs": TrsPortal,
    "hanweb": HanwebPortal,
    "ucap": UcapPortal,
    "gkmlpt": GkmlptPortal,
    "vsb": VsbPortal,
}


def open_portal(site: Site, base: str) -> Portal:
    """The portal of this site at this address; raises ``KeyError`` for a family without a sample."""
    if site.options.get("challenge"):
        return BlockedPortal(site, base)
    return _FAMILIES[site.family](site, base)
