"""The portals of the story as they stand at a moment, and their entries in the registry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from demo import changes
from demo.server import DemoPortals
from demo.site import Entry, Site

from .story import BEGINS, MORNING, SEED, Tale


class Stage:
    """Puts on the portals what the story says, as time goes by."""

    def __init__(self, portals: DemoPortals, tales: Iterable[Tale], registry: Path) -> None:
        self.portals = portals
        self._tales = tuple(tales)
        self._whole = {tale.key: portals.site(tale.key) for tale in self._tales}
        self._registry = registry
        self._shown: dict[str, object] = {}
        self._moved: set[str] = set()
        self._alterations: dict[str, changes.Change] = {}
        registry.mkdir()
        self.to(BEGINS)

    def to(self, moment: datetime) -> None:
        """Everything stands as it does at this moment."""
        for tale in self._tales:
            if tale.moves and moment >= tale.moves and tale.key not in self._moved:
                self.portals.move(tale.key)
                self._moved.add(tale.key)
            state = (published_until(moment), self._changes(tale, moment))
            if self._shown.get(tale.key) != state:
                self.portals.change(tale.key, partial(_site, self._whole[tale.key], *state))
                self._shown[tale.key] = state
            self._write_entry(tale, moment)

    def entries(self, tale: Tale, kinds: tuple[str, ...], moment: datetime) -> list[Entry]:
        """What the portal has published by a moment, as it was at first."""
        site = changes.as_of(self._whole[tale.key], published_until(moment))
        return [entry for column in site.columns for entry in column.entries if entry.kind in kinds]

    def _changes(self, tale: Tale, moment: datetime) -> tuple[changes.Change, ...]:
        """Of the whole site, the alteration first, for it knows the reports as they were."""
        lasting = [change for begins, change in tale.changes if begins <= moment]
        lasting += [spell.change for spell in tale.spells if spell.change and spell.holds(moment)]
        altered = tale.altered
        if altered and altered.at <= moment:
            alter = changes.altered(altered.agency, altered.year, altered.steps, SEED)
            lasting.insert(0, self._alterations.setdefault(tale.key, alter))
        return tuple(lasting)

    def _write_entry(self, tale: Tale, moment: datetime) -> None:
        path = self._registry / f"{tale.key}.yml"
        old = tale.left is not None and moment >= tale.left
        follows = not old or (tale.follows is not None and moment >= tale.follows)
        before: dict[str, Any] = yaml.safe_load(path.read_text()) if path.exists() else {}
        now = next(entry for entry in self.portals.registry if entry["key"] == tale.key)
        entry = {**now, **tale.entry, "visits": _days(tale)}
        if tale.mended and moment >= tale.mended[0]:
            entry |= tale.mended[1]
        if "expect" not in tale.entry:
            entry.pop("expect", None)
        if not follows:
            entry |= {name: before[name] for name in ("start", "family")}
        if entry != before:
            path.write_text(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _days(tale: Tale) -> dict[str, int]:
    return {"dense_days": tale.dense_days, "days": tale.days, "refetch_days": tale.refetch_days}


def published_until(moment: datetime) -> Any:
    """The last day whose reports are there."""
    return (moment - timedelta(hours=MORNING)).date()


def published(entry: Entry) -> datetime:
    """The moment at which an entry appears."""
    return datetime(entry.day.year, entry.day.month, entry.day.day, MORNING, tzinfo=BEGINS.tzinfo)


def _site(whole: Site, day: Any, made: tuple[changes.Change, ...], _: Site | None = None) -> Site:
    site = whole
    for change in made:
        site = change(site)
    return changes.as_of(site, day)
