"""What a crawl came to: numbers a portal, and all of them in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: Issues that are an answer to be respected, not a failure of the crawl.
EXPECTED = frozenset(("robots", "foreign_host", "scheme_switched"))


@dataclass(frozen=True, slots=True)
class PortalRun:
    """One portal in one crawl, as its ``runs`` row has it."""

    portal: str
    run: int | None
    """Number of the ``runs`` row; ``None`` if the crawl could not even begin."""
    finish_reason: str
    requests: int = 0
    responses: int = 0
    found: int = 0
    """Report links found on lists."""
    known: int = 0
    """Of these, left alone: settled in the archive."""
    stored: int = 0
    unchanged: int = 0
    revised: int = 0
    copied: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """Links and documents that are no reports, by reason."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Issues by kind."""

    @property
    def troubled(self) -> bool:
        """Whether something failed that may hide reports."""
        return any(kind not in EXPECTED for kind in self.failed)

    @property
    def empty(self) -> bool:
        """Whether no list of the portal gave a single report link."""
        return self.found == 0


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """All portals of one crawl."""

    portals: tuple[PortalRun, ...]
    seconds: float = 0.0
    interrupted: bool = False
    fault: str = ""
    """What kept the archive from being written, if that ended the crawl."""

    def _sum(self, name: str) -> int:
        return sum(getattr(portal, name) for portal in self.portals)

    @property
    def requests(self) -> int:
        return self._sum("requests")

    @property
    def responses(self) -> int:
        return self._sum("responses")

    @property
    def found(self) -> int:
        return self._sum("found")

    @property
    def known(self) -> int:
        return self._sum("known")

    @property
    def stored(self) -> int:
        return self._sum("stored")

    @property
    def unchanged(self) -> int:
        return self._sum("unchanged")

    @property
    def revised(self) -> int:
        return self._sum("revised")

    @property
    def copied(self) -> int:
        return self._sum("copied")

    @property
    def refused(self) -> dict[str, int]:
        return _merged(portal.refused for portal in self.portals)

    @property
    def failed(self) -> dict[str, int]:
        return _merged(portal.failed for portal in self.portals)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; ``from_dict`` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CrawlSummary:
        portals = tuple(PortalRun(**portal) for portal in data["portals"])
        return cls(portals, data["seconds"], data["interrupted"], data["fault"])

    def in_words(self) -> str:
        """The end summary, one thing a line."""
        lines = [
            f"{_count(len(self.portals), 'portal')}, {_count(self.responses, 'answer')} to"
            f" {_count(self.requests, 'request')} in {self.seconds:.0f} s",
            f"  found      {_count(self.found, 'report link')}, {self.known} of them known and left alone",
            f"  stored     {_count(self.stored, 'new report')}, {_count(self.revised, 'revision')}",
            f"  copies     {_count(self.copied, 'document')} joined to a report as copies",
            f"  unchanged  {_count(self.unchanged, 'document')} fetched again",
            f"  refused    {_reasons(self.refused)}",
            f"  failed     {_reasons(self.failed)}",
        ]
        lines += [
            f"  {portal.portal}: {portal.finish_reason}; {_reasons(portal.failed)}"
            for portal in self.portals
            if portal.failed or portal.finish_reason != "finished"
        ]
        return "\n".join(lines)


def _merged(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total.most_common())


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _reasons(counts: Mapping[str, int]) -> str:
    if not counts:
        return "nothing"
    total = sum(counts.values())
    parts = ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items(), key=lambda c: -c[1]))
    return f"{total}: {parts}"
