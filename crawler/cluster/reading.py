"""Originals read by the workers of a cluster."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from archive.records import Snapshot
from archive.rows import Reading
from crawler.cluster import ClusterError
from pipelines.reading import Divisions, Limits, Loaded, Located, Readers
from pipelines.version import PARSER

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)

#: Originals under way at a time: some for each of a hundred cores, and 20 MB of the usual size.
AT_ONCE = 200


class ClusterReaders:
    """``pipelines.reading.Readers`` on other machines.

    An original travels inside its job, so that the scheduler can give it to another worker when
    one is lost. What loses four workers, each in its turn, is read here: a child process
    guards the reader there too, so it was the machines and not the page. So is everything once
    the scheduler itself is gone.
    """

    def __init__(self, client: Client, extra: Divisions = (), *, limits: Limits | None = None) -> None:
        self._client = client
        self._extra = tuple(dict(row) for row in extra)
        self._limits = limits or Limits()
        self._here = Readers(1, extra, limits=limits)
        self._stopped = False

    def read(self, snapshot: Snapshot) -> Reading:
        """Read on the next worker that is free; may be called from several threads."""
        from distributed import KilledWorker
        from distributed.client import ClosedClientError, FutureCancelledError

        future = None
        try:
            future = self._client.submit(_read, snapshot, self._extra, self._limits, PARSER, pure=False)
            read = future.result()
        except (KilledWorker, FutureCancelledError, ClosedClientError) as error:
            if self._stopped:
                raise
            log.warning("%s: read here, no worker lived to do it (%s)", snapshot.url, type(error).__name__)
            return self._here.read(snapshot)
        finally:
            if future is not None:
                future.release()
        if not isinstance(read, Reading):
            raise ClusterError(f"a worker answered with {type(read).__name__}: it has another gongkai")
        return read

    def load(self, located: Located) -> Loaded:
        """The same of an original that is loaded here: workers have nothing of the archive."""
        snapshot = located.load()
        return snapshot.without_bytes(), self.read(snapshot)

    def stop(self) -> None:
        """Nothing that is being read is wanted any more; ``close`` is still to be called."""
        self._stopped = True
        self._here.stop()

    def close(self) -> None:
        """Part from the cluster; its workers stay."""
        self._here.close()
        self._client.close()


# -- in the worker -------------------------------------------------------------------------

_pool: dict[tuple[object, ...], Readers] = {}
_making = threading.Lock()


def _read(snapshot: Snapshot, extra: Divisions, limits: Limits, parser: str) -> Reading:
    """Read in a child of this worker; as many at once as dask gives it threads."""
    from distributed import get_worker

    if parser != PARSER:  # it joined after the others were asked
        raise ClusterError(f"this worker has parser {PARSER}, asked is {parser}")
    key = (limits, repr(extra))
    with _making:
        if key not in _pool:
            for old in _pool.values():  # of a job that is over
                old.close()
            _pool.clear()
            _pool[key] = Readers(get_worker().state.nthreads, extra, limits=limits)
        readers = _pool[key]
    return readers.read(snapshot)
