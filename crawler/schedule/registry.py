"""The registry as a daemon reads it: again when a file has changed, without the entries that are wrong."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from spiders.portals import Portal, RegistryError, packaged, read

log = logging.getLogger(__name__)

#: Statuses of an entry that say that nobody need ask: whoever wrote it has looked.
_LEFT_OUT = ("gone", "blocked")


class Registry:
    """Portals of a folder that are to be visited."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = packaged() if folder is None else folder
        self._stamp: frozenset[tuple[str, int, int]] | None = None
        self._portals: tuple[Portal, ...] = ()
        #: What is wrong with entries, by file.
        self.wrong: dict[str, str] = {}
        #: Keys of entries that say of themselves that they are gone or blocked.
        self.left_out: tuple[str, ...] = ()

    def portals(self) -> tuple[Portal, ...]:
        """Those that can be used; raises ``RegistryError`` where there is no folder."""
        stamp = self._look()
        if stamp != self._stamp:
            self._read(sorted(name for name, _, _ in stamp))
            self._stamp = stamp
        return self._portals

    def _look(self) -> frozenset[tuple[str, int, int]]:
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".yml")]
        except OSError as error:
            raise RegistryError(f"{self._folder}: {error.strerror}") from error
        return frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)

    def _read(self, names: list[str]) -> None:
        portals: list[Portal] = []
        left_out: list[str] = []
        wrong: dict[str, str] = {}
        for name in names:
            try:
                portal = read(self._folder / name)
            except RegistryError as error:
                wrong[name] = str(error)
                if self.wrong.get(name) != str(error):
                    log.error("an entry of the registry is wrong and is left out: %s", error)
                continue
            if portal.status.partition(":")[0] in _LEFT_OUT:
                left_out.append(portal.key)
            else:
                portals.append(portal)
        self._portals, self.left_out, self.wrong = tuple(portals), tuple(left_out), wrong
