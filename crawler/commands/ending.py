"""How a command ends that is told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

#: As of any program that Ctrl-C ends.
EXIT_INTERRUPTED = 130


@contextmanager
def stoppable(said: str) -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does: what is under way is undone, ``said`` is said, exit code 130."""
    # Only the main thread may set what a signal does.
    mine = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if mine else None
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"interrupted; {said}", err=True)
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    finally:
        if mine:
            signal.signal(signal.SIGTERM, before)
