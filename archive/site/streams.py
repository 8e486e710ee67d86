"""Long files sent piece by piece, each to a reader who may leave at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from archive.site.downloads import RowStream

#: Threads of their own: a filter that little of a large table fits is looked for over minutes, and pages
#: must not wait behind it. As many as a small server's disk can serve.
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="download")


async def send_rows(stream: RowStream, headers: Mapping[str, str], send: Any, receive: Any) -> None:
    """Send all of a stream and close it. Its query is ended at once when the reader leaves.

    Raises ``sqlite3.OperationalError`` when the query fails: before the status is sent, so that it is an
    error page and not half a file, or later, so that the connection breaks and the file does not look whole.
    """
    gone = asyncio.create_task(_gone(receive))
    try:
        piece = await _piece(stream, gone)
        if piece is None:
            return
        start = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        while piece:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await _piece(stream, gone)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.cancel()
        await asyncio.to_thread(stream.close)


async def _piece(stream: RowStream, gone: asyncio.Task[None]) -> bytes | None:
    """The next piece; ``None`` once the reader has left."""
    if gone.done():
        return None
    reading = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(_THREADS, stream.piece))
    await asyncio.wait((reading, gone), return_when=asyncio.FIRST_COMPLETED)
    if not gone.done():
        return await reading
    reading.cancel()  # if no thread has begun with it
    stream.interrupt()
    with contextlib.suppress(asyncio.CancelledError, sqlite3.OperationalError):
        await reading
    return None


async def _gone(receive: Any) -> None:
    """Returns when the reader has left: the server itself swallows what is sent to nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass
