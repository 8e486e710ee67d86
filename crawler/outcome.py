"""What a visit says of its portal. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from spiders.hosts import host_of, site_of
from spiders.kinds import EXPECTATIONS
from spiders.visit import Visit

Outcome = Literal["ok", "partial", "blocked", "broken", "gone"]

#: Limits of our own that end a visit before its time: they say nothing of the portal.
_OURS = ("budget", "night")
#: Why a host that is at rest may be asked for no more, other than a block.
_RESTS = ("resting", "unreachable", "retry_after", "crawl_delay")
#: Issues of a visit whose lists were read, and that is not whole all the same.
_NOT_WHOLE = ("partial", *EXPECTATIONS, *_RESTS)


def _stopped(kinds: Iterable[str]) -> str | None:
    """The block among these kinds, else the first other reason to ask no more."""
    kinds = tuple(kinds)
    blocks = [kind for kind in kinds if kind.startswith("blocked:")]
    return next(iter((*blocks, *(kind for kind in _RESTS if kind in kinds))), None)


def finish_reason(visit: Visit, reason: str, rested: dict[str, str], *, sampled: bool) -> str:
    """Why a visit ended: Scrapy's reason if it was cut short, ``budget`` or ``night`` if we cut it short
    ourselves, a block, ``resting``, ``unreachable``, ``retry_after`` or ``crawl_delay``, ``robots``,
    ``no_list``, ``sample`` or ``finished``. ``rested``: host → why it was asked for no more."""
    if reason != "finished":
        return reason
    # A host found blocked on an earlier visit of this spider is not asked again; of other portals' hosts
    # it says nothing.
    own = {host: kind for host, kind in rested.items() if site_of(host) in visit.portal.sites}
    ours = [kind for kind in (*visit.issues, *own.values()) if kind in _OURS]
    if ours:
        return ours[0]
    if visit.read == 0:
        stopped = _stopped((*visit.issues, *own.values()))
        return stopped or ("robots" if "robots" in visit.issues else "no_list")
    # Midway: the hosts of all columns have stopped answering, so that nobody knows what they still hold.
    columns = [own.get(host_of(start), "") for start in visit.portal.start]
    stopped = _stopped(columns) if all(columns) else None
    return stopped or ("sample" if sampled else "finished")


def too_few(visit: Visit, reason: str) -> str | None:
    """What is wrong if a whole visit found fewer reports than its entry expects, else ``None``."""
    least, found = visit.portal.expect.reports_min, len(visit.found)
    if least is None or found >= least or visit.read == 0:
        return None
    # Cut short by us, or not begun: it says nothing of the portal.
    if reason not in ("finished", *_RESTS) and not reason.startswith("blocked:"):
        return None
    return f"列表上只有 {found} 条报告链接，登记的下限为 {least} 条"


def portal_status(visit: Visit, reason: str) -> str | None:
    """What a visit says of its portal (``portals.status``); ``None`` if it was cut short and says nothing."""
    if reason.startswith("blocked:"):
        return reason
    if reason == "robots":
        return "blocked:robots"
    if "all_refused" in visit.issues and reason in ("finished", "no_list"):
        return "blocked:refused"
    if reason == "finished" and "none_found" in visit.issues:
        return "broken"
    if reason == "no_list":
        return "gone" if "gone" in visit.issues else "broken"
    if reason in _RESTS:
        if visit.read:
            return "partial"
        return "unreachable" if reason == "unreachable" else None
    if reason not in ("finished", "sample"):
        return None
    kept_back = any(kind in _NOT_WHOLE or kind.startswith("blocked:") for kind in visit.issues)
    return "partial" if kept_back else "ok"


def outcome(status: str | None, *, silent_before: bool) -> Outcome | None:
    """The status as one of five; ``None`` where the visit says nothing of the portal.

    Who does not answer once may have had a bad day: ``silent_before`` says that the visit before had no
    answer either, and only then is the portal broken.
    """
    if status is None or (status == "unreachable" and not silent_before):
        return None
    plain = status.partition(":")[0]
    found: dict[str, Outcome] = {
        "ok": "ok",
        "partial": "partial",
        "blocked": "blocked",
        "gone": "gone",
        "broken": "broken",
        "unreachable": "broken",
    }
    return found[plain]
