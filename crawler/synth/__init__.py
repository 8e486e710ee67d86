"""An archive of any size, made of invented reports by the code that reads, proves and stores real ones.

``reports`` makes what a parser would give; from there the same functions as in a crawl work out
rows, checks and what years say of each other. Only the writing is in bulk, and a test holds its
result to that of the store, row by row.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self, TypeVar

from archive import bulk, divisions
from archive.derived import search
from archive.errors import WrongArchiveError
from archive.store import Store
from crawler.synth.rows import rows_of
from demo.synth.plan import TODAY, Issuer, Rates, issuers
from pipelines.version import PARSER

J = TypeVar("J")
R = TypeVar("R")

#: Issuers a batch: some thousand reports and 40 MB of rows.
_BATCH = 160
#: Reports whose words are worked out at a time.
_LOT = 200


def make(
    path: Path,
    reports: int,
    *,
    seed: int = 1,
    rates: Rates | None = None,
    workers: int = 1,
    told: Callable[[int], None] = lambda _done: None,
) -> None:
    """Make the archive ``path``, which must not be there, with so many reports.

    ``told`` gets the number of reports done. The same ``reports``, ``seed`` and ``rates`` give
    the same rows, however many processes work. Raises ``ValueError`` for more reports than
    the country's bodies publish.
    """
    if path.exists():
        raise WrongArchiveError(f"{path} is there already; a generated archive is made under a new name only")
    rates = rates or Rates()
    chosen = issuers(divisions.rows(), reports, seed, rates)
    jobs = ((chosen[at : at + _BATCH], seed, rates) for at in range(0, len(chosen), _BATCH))
    # It is written without a journal, so it gets its name when it is whole.
    part = path.with_name(f"{path.name}.part")
    _clear(part)
    with _Pool(workers) as pool, Store(part, demo=True) as store:
        done = 0
        with bulk.loading(store.db, parser=PARSER, words=partial(_worded, pool)) as load:
            for batch in pool.each(_batch, jobs):
                load(batch)
                done += len(batch["reports"])
                told(done)
        store.refresh_coverage(TODAY)
        store.settle()
    part.rename(path)
    _clear(part)


def _clear(part: Path) -> None:
    for ending in ("", "-wal", "-shm", ".lock"):
        part.with_name(part.name + ending).unlink(missing_ok=True)


class _Pool:
    """Other processes, or with one worker none."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        # What they make has no cycles, and looking for some through a batch takes a tenth of their time.
        self._processes = (
            ProcessPoolExecutor(
                workers, mp_context=get_context("spawn"), initializer=gc.set_threshold, initargs=(200_000,)
            )
            if workers > 1
            else nullcontext()
        )

    def __enter__(self) -> Self:
        self._processes.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._processes.__exit__(*exc)

    def each(self, function: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """The results in the order of the jobs, of which only a few are under way at a time.

        However far the processes could run ahead of who takes the results, memory stays the same.
        """
        if not isinstance(self._processes, ProcessPoolExecutor):
            yield from map(function, jobs)
            return
        waiting: deque[Future[R]] = deque()
        for job in jobs:
            waiting.append(self._processes.submit(function, job))
            if len(waiting) > 2 * self._workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batch(job: tuple[Sequence[Issuer], int, Rates]) -> bulk.Batch:
    chosen, seed, rates = job
    batch: bulk.Batch = {}
    for issuer in chosen:
        for name, rows in rows_of(issuer, seed, rates).items():
            batch.setdefault(name, []).extend(rows)
    return bulk.ordered(batch)


def _worded(pool: _Pool, entries: Iterable[search.Entry]) -> Iterator[tuple[search.Entry, search.Words]]:
    """``search.worded``, the words worked out by the pool."""
    source = iter(entries)
    lots = iter(lambda: list(islice(source, _LOT)), [])
    for lot in pool.each(_words, lots):
        yield from lot


def _words(lot: Sequence[search.Entry]) -> list[tuple[search.Entry, search.Words]]:
    # The texts, which are not asked for any more, need not travel back.
    return [(replace(one, sections=()), words) for one, words in search.worded(lot)]
