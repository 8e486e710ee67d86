"""What one visit brought, on its way from a worker to the archive: a *shard*.

A shard is a folder of files under a place that all machines reach, a folder or a bucket
(`fsspec <https://filesystem-spec.readthedocs.io>`_ knows which). Its list of files, with sizes and SHA-256,
is put last: a shard without it is one of a worker that is still at work, or lost, and is nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from archive.errors import ArchiveError
from crawler.cluster import ClusterError

LIST = "shard.json"
#: Names come from workers and buckets, and become paths here.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=-]{0,200}")
_BLOCK = 1 << 20


class DamagedShardError(ArchiveError):
    """A shard is not what its list says."""


class Shards:
    """The place: a folder's path, or an address such as ``s3://bucket/gongkai``. One archive each.

    Raises ``ClusterError`` where it cannot be reached, or what reaches it is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise ClusterError("fsspec is not installed: pip install 'gongkai[cluster]'") from error
        with suppress(ImportError):  # a folder needs it not
            from obstore.fsspec import register

            register(["s3", "gs"])
        self.address = address
        try:
            self._files, self._root = url_to_fs(address)
        except (ImportError, ValueError) as error:  # an unknown protocol, or one whose library is not there
            raise ClusterError(f"{address}: {error}") from error

    def __reduce__(self) -> tuple[type[Shards], tuple[str]]:
        return type(self), (self.address,)

    def put(self, name: str, folder: Path, about: Mapping[str, Any]) -> None:
        """Leave the files of a folder, which has no other folders, as a shard; ``about``: what it is of."""
        files = sorted(folder.iterdir())
        entries = {_sound(one.name): {"size": one.stat().st_size, "sha256": _digest(one)} for one in files}
        place = self._at(name)
        with _reached(place):
            self._files.makedirs(place, exist_ok=True)
            for path in files:
                self._files.put_file(str(path), f"{place}/{path.name}")
            content = json.dumps({**about, "files": entries}, ensure_ascii=False).encode()
            self._files.pipe_file(f"{place}/{LIST}.part", content)
            self._files.mv(f"{place}/{LIST}.part", f"{place}/{LIST}")  # whole, or not there

    def whole(self) -> list[str]:
        """Names of the shards that have their lists, in order."""
        with _reached(self.address):
            self._files.invalidate_cache()
            if not self._files.exists(self._root):
                return []
            found = [Path(str(path)).parent.name for path in self._files.glob(f"{self._root}/*/{LIST}")]
        return sorted(name for name in found if _NAME.fullmatch(name))

    def take(self, name: str, folder: Path) -> dict[str, Any]:
        """Copy a shard's files into a folder; gives what it is about.

        Raises ``DamagedShardError`` if they are not what its list says: then none may be used.
        """
        place = self._at(name)
        with _reached(place):
            self._files.invalidate_cache()
            content = self._files.cat_file(f"{place}/{LIST}")
        try:
            about: dict[str, Any] = json.loads(content)
            wanted = {
                _sound(file): (entry["size"], entry["sha256"]) for file, entry in about["files"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedShardError(f"{place}: its list cannot be read ({error})") from error
        for file, said in wanted.items():
            path = folder / file
            with _reached(place):
                self._files.get_file(f"{place}/{file}", str(path))
            if (path.stat().st_size, _digest(path)) != said:
                raise DamagedShardError(f"{place}/{file}: not the file that its worker left")
        return about

    def remove(self, name: str) -> None:
        """Take a shard away; its list goes first, so that half a shard is never taken for a whole one."""
        place = self._at(name)
        with _reached(place), suppress(FileNotFoundError):  # a bucket's folder is gone with its last file
            self._files.rm_file(f"{place}/{LIST}")
            self._files.rm(place, recursive=True)

    def leave_word(self, word: str) -> None:
        """Leave a word for whoever should reach this place; ``hears`` tells whether somebody does."""
        with _reached(self.address):
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(self._at(word), b"")

    def hears(self, word: str) -> bool:
        """Whether the word that was left can be seen from here; raises ``ClusterError`` if none can."""
        place = f"{self._at(word)}-{uuid4().hex[:12]}"
        with _reached(self.address):
            self._files.invalidate_cache()
            if not self._files.exists(self._at(word)):
                return False
            self._files.pipe_file(place, b"")
            self._files.rm_file(place)
        return True

    def take_back(self, word: str) -> None:
        """Take a word away."""
        with _reached(self.address):
            self._files.rm_file(self._at(word))

    def _at(self, name: str) -> str:
        return f"{self._root}/{_sound(name)}"


@contextmanager
def _reached(place: str) -> Iterator[None]:
    """Raises ``ClusterError`` for whatever went wrong: each kind of store has errors of its own."""
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        raise ClusterError(f"{place}: cannot be reached ({type(error).__name__}: {error})") from error


def _sound(name: str) -> str:
    if not _NAME.fullmatch(name) or name == LIST:
        raise DamagedShardError(f"{name!r} is no name of a file of a shard")
    return name


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
