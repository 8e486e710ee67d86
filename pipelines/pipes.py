"""What passes through pipes between this process and children of its own; it is trusted as they are.

A child is asked with objects and answers with messages. A message is its length in 8 bytes and then its
bytes, so that it can be passed on unread.
"""

from __future__ import annotations

import logging
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import IO, Any

try:
    import fcntl

    _SET_SIZE: int | None = getattr(fcntl, "F_SETPIPE_SZ", None)
except ImportError:  # pragma: no cover - Windows
    _SET_SIZE = None

log = logging.getLogger(__name__)

_LENGTH = Struct("<Q")

# -- messages -----------------------------------------------------------------------------


def sealed(what: object) -> bytes:
    """A message that ``opened`` gives back."""
    return pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL)


def opened(message: bytes) -> Any:
    """What was ``sealed``."""
    return pickle.loads(message)  # noqa: S301  (from our own parent or child)


#: Bytes that a pipe is to hold. What is read of a page is a little more than one holds by itself: both sides
#: would wait for each other in the midst of every message.
_PIPE = 1 << 18

# -- the parent's side --------------------------------------------------------------------


def begin(module: str, *given: object) -> subprocess.Popen[bytes]:
    """A child that runs a module of ours, with pipes to it and from it."""
    # -P: a folder in which somebody stands is no place to import from.
    command = [sys.executable, "-P", "-m", module, *map(str, given)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        _widen(pipe.fileno())
    return child


def _widen(pipe: int) -> None:
    """Have a pipe hold more, where the system lets one (Linux), and the user has not too many of them."""
    if _SET_SIZE is not None:
        with suppress(OSError):
            fcntl.fcntl(pipe, _SET_SIZE, _PIPE)


def ask(stream: IO[bytes], what: object) -> None:
    """Ask a child; raises ``OSError`` where none is there any more."""
    # Not sealed first: what is large goes straight into the pipe and is not copied.
    pickle.dump(what, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """A child's answer; raises ``EOFError`` where none comes any more, or a part of it."""
    [length] = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _exactly(stream, length)


def end(child: subprocess.Popen[bytes]) -> int:
    """Have a child end that has been asked its last; gives how it ended, a signal's number below 0."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.close()
    except OSError:  # what was buffered for a child that is gone
        log.debug("a child had ended before its input did")
    try:
        # Its answers end before it does, and a large process takes a while to end.
        return child.wait(timeout=_ENDING)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
    finally:
        child.stdout.close()


#: Seconds that an ending child is waited for.
_ENDING = 10.0


def _exactly(stream: IO[bytes], number: int) -> bytes:
    found = stream.read(number)
    if len(found) < number:
        raise EOFError(f"{len(found)} of {number} bytes came")
    return found


# -- the child's side ---------------------------------------------------------------------


def taken() -> tuple[IO[bytes], IO[bytes]]:
    """What a child is asked, and where its answers go; from now on it ends when its parent does."""
    # What a library prints must not run into the answers.
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    # Ctrl-C reaches the whole group; the parent decides when its child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(asked.fileno())
    return asked, answers


def asked_for(stream: IO[bytes]) -> Any:
    """What the parent asks next; raises ``EOFError`` where it asks nothing more."""
    return pickle.load(stream)  # noqa: S301  (from our own parent)


def reply(stream: IO[bytes], message: bytes) -> None:
    """Answer the parent."""
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _end_with(handle: int) -> None:
    """End as soon as nobody holds the other end of ``handle``: who would get the answer is gone."""
    if not hasattr(select, "poll"):
        return

    def watch() -> None:
        hung_up = select.poll()
        hung_up.register(handle, 0)
        hung_up.poll()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
