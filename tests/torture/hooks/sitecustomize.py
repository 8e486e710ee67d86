"""Kills this process with SIGKILL just before its n-th step onto the disk.

Python imports a module of this name by itself when its folder is on PYTHONPATH, so the commands under
test run unaltered. A step is a call of ``os`` that makes something on the disk lasting or visible;
only those below one folder count, and each process counts its own. Without TORTURE_STEP nothing is touched.

- TORTURE_STEP: number of the step before which to die; 0 only counts
- TORTURE_UNDER: folder whose files count
- TORTURE_TEAR: if set, a step is a write into a WARC file, and half of it is written before dying
- TORTURE_COUNT: file that gets a line for each step, which begins with the process
- TORTURE_OF: if set, only processes that run this module count
- TORTURE_ONCE: if set, a file that the first who dies makes; nobody dies where it is, nor takes others along
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path

_STEPS = ("fsync", "replace", "rename", "unlink", "remove", "ftruncate", "link", "rmdir", "mkdir")
_STATEMENTS = ("BEGIN", "COMMIT", "PRAGMA JOURNAL", "VACUUM", "CREATE TABLE", "DROP TABLE")


def _arm() -> None:
    number = int(os.environ["TORTURE_STEP"])
    under = os.environ["TORTURE_UNDER"]
    tear = bool(os.environ.get("TORTURE_TEAR"))
    count, once = os.environ.get("TORTURE_COUNT"), os.environ.get("TORTURE_ONCE")
    done = 0
    # A crawl's originals are stored by a child of it, which would only be begun anew if it died alone.
    crawl = os.getppid() if "pipelines.storer" in sys.orig_argv else None

    def concerns(where: object) -> str | None:
        try:
            if isinstance(where, int):
                path = str(Path(f"/proc/self/fd/{where}").readlink())
            else:
                path = str(Path(where).absolute())
        except (OSError, TypeError):
            return None
        return path if path.startswith(under) else None

    def step(name: str, path: str) -> bool:
        nonlocal done
        done += 1
        if count:
            handle = os.open(count, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            write(handle, f"{os.getpid()} {name} {path}\n".encode())
            os.close(handle)
        return done == number

    def die() -> None:
        if once:
            try:
                os.close(os.open(once, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return
        elif crawl is not None and os.getppid() == crawl:
            os.kill(crawl, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    write = os.write

    def torn_write(handle, data):
        path = concerns(handle)
        if path and path.endswith(".warc.gz.open") and step("write", path):
            write(handle, bytes(data)[: len(data) // 2])
            die()
        return write(handle, data)

    def before(name):
        call = getattr(os, name)

        def stepped(where, *more, **named):
            path = concerns(where)
            if path and step(name, path):
                die()
            return call(where, *more, **named)

        return stepped

    connect = sqlite3.connect

    def connected(database, *more, **named):
        found = connect(database, *more, **named)
        text = os.fspath(database)
        path = concerns(text.removeprefix("file://").partition("?")[0] if text.startswith("file:") else text)

        def traced(statement):
            counts = statement.lstrip().upper().startswith(_STATEMENTS)
            if counts and step("sql", f"{path} {statement[:40]!r}"):
                die()

        if path:
            found.set_trace_callback(traced)
        return found

    if tear:
        os.write = torn_write
    else:
        for name in _STEPS:
            setattr(os, name, before(name))
        sqlite3.connect = connected


if (
    "TORTURE_STEP" in os.environ
    and os.environ.get("TORTURE_OF", sys.orig_argv[0]) in sys.orig_argv
    and Path("/proc/self/fd").is_dir()
):
    _arm()
