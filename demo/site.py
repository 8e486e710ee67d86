"""What a sample portal holds: columns with entries, and how its pages differ from another's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from demo.publication import Publication

EntryKind = Literal["report", "copy", "lookalike", "forbidden", "gone", "foreign", "looping", "withheld"]
Way = Literal[
    "page", "straight", "frame", "viewer", "downfile", "m00", "refresh", "gateway", "soft404", "home",
    "twice", "loop", "reload", "itself", "away",
    "split", "paged", "pictures", "nested", "script", "clicked", "unnamed",
]  # fmt: skip
Metas = Literal["all", "untitled", "none"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that hangs on an article."""

    name: str
    media_type: str
    data: bytes

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list and the article behind it."""

    title: str
    day: date
    body: str
    """HTML of the article's body, without its container."""
    kind: EntryKind
    source: str | None = None
    """ContentSource; ``None`` where the portal gives none."""
    metas: Metas = "all"
    headline: bool = True
    """Whether the page shows the title outside its <title>."""
    publication: Publication | None = None
    attachment: Attachment | None = None
    further: tuple[str, ...] = ()
    """Bodies of the article's further pages."""
    pictures: tuple[Attachment, ...] = ()
    """Pictures that stand for its text."""
    path: str | None = None
    """Where it lies, if not where the family would put it; of a foreign entry the whole address."""
    way: Way = "page"
    """How a reader gets to it: ``straight`` a file linked from the list, ``frame`` the text in a frame,
    ``viewer``, ``downfile`` and ``m00`` a file behind a viewer or a program, ``refresh`` a page that
    sends on once, ``gateway`` a link through an IPv6 gateway, ``soft404`` and ``home`` not at all;
    nor where a page sends on ``twice``, in a ``loop`` or to be loaded again (``reload``), and where an
    answer leads to ``itself`` or ``away`` to another host. ``split`` and ``paged``: over several pages,
    ``pictures``: shown as such, ``nested``: in a frame in a frame, ``script``: where a script leads,
    ``clicked``: a file that a click opens, ``unnamed``: a file whose type only its bytes tell."""

    @property
    def key(self) -> str:
        """What stays the same when the article is edited."""
        return f"{self.day}/{self.title}"

    @property
    def hex(self) -> str:
        """32 hex digits, as some systems name their articles."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]

    @property
    def number(self) -> int:
        """Seven digits, as other systems do."""
        return 1_000_000 + int(self.hex[:12], 16) % 9_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A list of entries, newest first."""

    name: str
    slug: str
    """What the family calls it: a folder, a number, a path."""
    entries: tuple[Entry, ...]
    per_page: int


@dataclass(frozen=True, slots=True)
class Site:
    """A portal: who runs it, on which system, with which columns."""

    key: str
    name: str
    family: str
    division: str
    level: str
    columns: tuple[Column, ...]
    site_id_code: str | None = None
    charset: str = "utf-8"
    """As header and meta say it."""
    robots: str | None = None
    """Text of robots.txt; ``None``: there is none (404)."""
    counting: bool = False
    """Whether every page carries a counter that moves with every fetch."""
    issues: tuple[tuple[str, str], ...] = ()
    """What a crawl must record of the portal beside its entries: (kind, path)."""
    options: Mapping[str, str | int] = field(default_factory=dict)
    """What the family leaves to the portal."""

    def text(self, option: str) -> str:
        """An option that is text; raises ``TypeError`` if it is not."""
        value = self.options[option]
        if not isinstance(value, str):
            raise TypeError(f"{self.key}: option {option} is no text: {value!r}")
        return value

    def number(self, option: str) -> int:
        """An option that is a number; raises ``TypeError`` if it is not."""
        value = self.options[option]
        if not isinstance(value, int):
            raise TypeError(f"{self.key}: option {option} is no number: {value!r}")
        return value
