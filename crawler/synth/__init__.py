"""An archive of any size, made of invented reports by the code that reads, proves and stores real ones.

``reports`` makes what a parser would give; from there the same functions as in a crawl work out
rows, checks and what years say of each other. Only the writing is in bulk, and a test holds its
result to that of the store, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from archive import bulk, divisions
from archive.errors import WrongArchiveError
from archive.store import Store
from crawler.synth.rows import rows_of
from demo.synth.plan import TODAY, Issuer, Rates, issuers
from pipelines.report import PARSER

#: Issuers a batch: some thousand reports and 40 MB of rows.
_BATCH = 160


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
    with Store(path, demo=True) as store:
        done = 0
        with bulk.loading(store.db, parser=PARSER) as load:
            for batch in _batches(chosen, seed, rates, workers):
                load(batch)
                done += len(batch["reports"])
                told(done)
        store.refresh_coverage(TODAY)


def _batches(chosen: Sequence[Issuer], seed: int, rates: Rates, workers: int) -> Iterator[bulk.Batch]:
    jobs = [(chosen[at : at + _BATCH], seed, rates) for at in range(0, len(chosen), _BATCH)]
    if workers == 1:
        yield from map(_batch, jobs)
        return
    with get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(_batch, jobs)


def _batch(job: tuple[Sequence[Issuer], int, Rates]) -> bulk.Batch:
    chosen, seed, rates = job
    batch: bulk.Batch = {}
    for issuer in chosen:
        for name, rows in rows_of(issuer, seed, rates).items():
            batch.setdefault(name, []).extend(rows)
    return batch
