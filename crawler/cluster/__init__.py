"""Work past one machine: jobs on workers of ``dask.distributed``, one writer here.

Workers are started by whoever runs the machines (``dask worker ADDRESS``), as many as are
there; they need this package, of the same parser, and nothing of the archive: an original
travels to them with its bytes, the reading comes back. dask gives the job of a worker that is
lost to another. See docs/scaling.md.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from crawler.config.keys import scheduler
from pipelines.version import PARSER

if TYPE_CHECKING:
    from distributed import Client
    from tornado.ioloop import IOLoop

#: Seconds within which a scheduler has to answer.
_ANSWER = 20


class ClusterError(ArchiveError):
    """The cluster cannot be asked, or its workers are not of this version."""


def possible(address: str) -> None:
    """Raises ``ClusterError`` where no waiting would help: no dask here, or ``address`` is none."""
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ClusterError("dask.distributed is not installed: pip install 'gongkai[cluster]'") from error
    try:
        scheduler(address)
    except ValueError as error:
        raise ClusterError(f"{address!r} {error}") from error


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """``connect`` for the length of a block, after which nothing of it is left in this process.

    dask's own event loop runs on where no scheduler answers or one is lost, and so a process that tries for
    weeks would gather threads.
    """
    possible(address)
    with _loop() as loop, closing(connect(address, loop=loop)) as client:
        yield client


@contextmanager
def _loop() -> Iterator[IOLoop]:
    """An event loop at work in a thread of its own."""
    from tornado.ioloop import IOLoop

    begun: Future[tuple[IOLoop, asyncio.Event]] = Future()

    async def work() -> None:
        end = asyncio.Event()
        begun.set_result((IOLoop.current(), end))
        await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(work()), name="cluster", daemon=True)
    thread.start()
    loop, end = begun.result()
    try:
        yield loop
    finally:
        loop.add_callback(end.set)
        thread.join(_ANSWER)


def connect(address: str, *, loop: IOLoop | None = None) -> Client:
    """A client of the scheduler at ``address`` (``tcp://host:8786``, ``tls://host:8786``).

    ``loop``: a running one that the caller ends. Raises ``ClusterError`` where nobody answers, no worker is
    there, or one has another parser.
    """
    possible(address)
    from distributed import Client

    try:
        client = Client(address, timeout=_ANSWER, set_as_default=False, loop=loop)
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
