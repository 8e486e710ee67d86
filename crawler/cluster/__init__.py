"""Work past one machine: jobs on workers of ``dask.distributed``, one writer here.

Workers are started by whoever runs the machines (``dask worker ADDRESS``), as many as are
there; they need this package, of the same parser, and nothing of the archive: an original
travels to them with its bytes, the reading comes back. dask gives the job of a worker that is
lost to another. See docs/scaling.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from pipelines.report import PARSER

if TYPE_CHECKING:
    from distributed import Client

#: dask takes an empty address for the wish to begin a cluster here.
_ADDRESS = re.compile(r"(?:tcp|tls)://[^\s/:]+:\d{1,5}|(?:tcp|tls)://\[[0-9A-Fa-f:]+\]:\d{1,5}")
#: Seconds within which a scheduler has to answer.
_ANSWER = 20


class ClusterError(ArchiveError):
    """The cluster cannot be asked, or its workers are not of this version."""


def connect(address: str) -> Client:
    """A client of the scheduler at ``address`` (``tcp://host:8786``, ``tls://host:8786``).

    Raises ``ClusterError`` where nobody answers, no worker is there, or one has another parser.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("dask.distributed is not installed: pip install 'gongkai[cluster]'") from error
    if not _ADDRESS.fullmatch(address):
        raise ClusterError(f"{address!r} is no scheduler's address; it is like tcp://10.0.0.1:8786")
    try:
        client = Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"{address}: no scheduler answers ({error}); start one: dask scheduler") from error
    try:
        _check(client, address)
    except BaseException:
        client.close()
        raise
    return client


def _check(client: Client, address: str) -> None:
    workers = client.run(_parser, on_error="return")
    if not workers:
        raise ClusterError(f"{address}: no worker is there; start some: dask worker {address}")
    for worker, parser in sorted(workers.items()):
        if parser != PARSER:
            failed = isinstance(parser, Exception)
            said = f"no gongkai ({parser})" if failed else f"parser {parser}, here it is {PARSER}"
            raise ClusterError(f"{worker}: has {said}; install the same version on all machines")


def _parser() -> str:
    """The parser that this worker has; where there is no gongkai, this function cannot be found."""
    return PARSER
