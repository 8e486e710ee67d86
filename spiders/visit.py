"""What a spider remembers while it is on a portal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from spiders.portals import Portal

#: Issues of one kind that are listed one by one in a visit; a hostile list makes hundreds of thousands,
#: each a transaction. Beyond, they are counted.
MAX_LISTED = 500


@dataclass
class Chain:
    """One column as it is paged through."""

    start: str
    name: str | None = None
    depth: int = 0
    pages: int = 0
    seen: set[str] = field(default_factory=set)
    rows: int = 0
    total: int | None = None


@dataclass
class Visit:
    """What has been met on one portal so far."""

    portal: Portal
    judged: set[tuple[str, str]] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    """Addresses of report links."""
    known: set[str] = field(default_factory=set)
    """Those among them left alone, for they are settled in the archive."""
    asked: set[str] = field(default_factory=set)
    """Documents and attachments requested."""
    attached: Counter[str] = field(default_factory=Counter)
    """Attachments requested, by the article they hang on."""
    reports: int = 0
    """Report links requested."""
    read: int = 0
    """List pages that could be read."""
    refused: Counter[str] = field(default_factory=Counter)
    """Links in list rows that are no reports, by reason."""
    issues: Counter[str] = field(default_factory=Counter)
    said: set[tuple[str, str, str]] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    """Hosts that have answered, whatever they said."""
    schemes: dict[str, str] = field(default_factory=dict)
    """Host → http or https, where the other gave no answer at all."""
    statuses: Counter[int] = field(default_factory=Counter)
    """Answers by HTTP status, those for robots.txt left out."""
    silent: Counter[str] = field(default_factory=Counter)
    """Requests without any answer, by host."""
    closed: bool = False
    shut: bool = False
    """The archive could not be written: what fails from now on is no fault of the portal."""
    run: int | None = None
    """Number of its ``runs`` row, where it is on the books."""
    system: str | None = None
    """CMS that the first page of its lists shows (``spiders.fingerprints``); empty if it shows no sign."""

    def note(self, kind: str, url: str, message: str) -> tuple[str, str, str] | None:
        """Counts an issue; gives it as it is to be listed, or ``None`` where it is only counted.

        Each thing counts once a visit. Of a visit that ends because the archive cannot be written nothing
        counts but that.
        """
        if (kind, url, message) in self.said or (self.shut and kind != "archive"):
            return None
        self.issues[kind] += 1
        listed = self.issues[kind] - MAX_LISTED
        if listed > 1:
            return None
        if listed == 1:
            url, message = "", f"{MAX_LISTED} of this kind are listed; the others are only counted"
        self.said.add((kind, url, message))
        return kind, url, message
