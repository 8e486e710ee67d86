"""One module a CMS family, each a subclass of ``demo.portal.Portal``."""

from __future__ import annotations

from demo.families.blocked import CHALLENGES, BlockedPortal
from demo.families.epoint import EpointPortal
from demo.families.gkmlpt import GkmlptPortal
from demo.families.hanweb import HanwebPortal
from demo.families.hanweb_more import HanwebMorePortal
from demo.families.hebei import HebeiPortal
from demo.families.lonsun import LonsunPortal
from demo.families.nfcms import NfcmsPortal
from demo.families.numeric import NumericPortal
from demo.families.openness import OpennessPortal
from demo.families.pieces import PiecesPortal
from demo.families.static import StaticPortal
from demo.families.troubled import TroubledPortal
from demo.families.trs import TrsPortal
from demo.families.trs_more import TrsMorePortal
from demo.families.truecms import TruecmsPortal
from demo.families.ucap import UcapPortal
from demo.families.ucap_tree import UcapTreePortal
from demo.families.vsb import VsbPortal
from demo.portal import Portal
from demo.site import Site

_FAMILIES: dict[str, type[Portal]] = {
    "trs": TrsPortal,
    "hanweb": HanwebPortal,
    "ucap": UcapPortal,
    "gkmlpt": GkmlptPortal,
    "vsb": VsbPortal,
    "lonsun": LonsunPortal,
    "openness": OpennessPortal,
    "epoint": EpointPortal,
    "truecms": TruecmsPortal,
    "hebei": HebeiPortal,
    "numeric": NumericPortal,
    "static": StaticPortal,
}
#: Other ways in which portals of a family list, by option ``mode``.
_MODES: dict[str, type[Portal]] = {
    "services": TrsMorePortal,
    "catalogue": HanwebMorePortal,
    "tree": UcapTreePortal,
    "nfcms": NfcmsPortal,
    "pieces": PiecesPortal,
}


def open_portal(site: Site, base: str) -> Portal:
    """The portal of this site at this address; raises ``KeyError`` for a family without a sample."""
    portal = _kind(site)(site, base)
    if "challenging" in site.options:
        portal.instead = CHALLENGES[site.text("challenging")][1]
    return portal


def _kind(site: Site) -> type[Portal]:
    if site.options.get("challenge"):
        return BlockedPortal
    if "trouble" in site.options:
        return TroubledPortal
    return _MODES[site.text("mode")] if "mode" in site.options else _FAMILIES[site.family]
