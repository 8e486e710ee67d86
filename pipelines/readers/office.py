"""DOC, WPS, RTF and OpenDocument, through LibreOffice where it is installed.

The one reader that touches the disk: LibreOffice reads a file and writes a
file, both in a private temporary directory that goes away with them. It runs
without window, macros or links, behind a proxy that does not exist, with a
profile of its own, and ends within bounds of time and output. What it makes is
DOCX (or XLSX for a spreadsheet), which keeps merged cells and automatic
numbers, and goes through that reader.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from archive.records import Document
from pipelines.readers import docx, messages, xlsx
from pipelines.readers.errors import MAX_BYTES, UnreadableError
from pipelines.readers.sniff import Binary

#: Seconds: a report takes two, a cold start ten.
TIMEOUT = 120
_PROGRAMS = ("soffice", "libreoffice")
#: Nobody listens there (RFC 863, discard): whatever asks for the network is refused at once.
_NOWHERE = "http://127.0.0.1:9"

# LibreOffice's own settings: no macros at all, no links followed, no network but through nowhere.
_SETTINGS = (
    ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("/org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)
# A process of its own sets the bounds: a hook between fork and exec is not safe in a program with threads.
# On its input it sees that the reader is gone, and then ends LibreOffice, clears up and ends itself.
_LAUNCH = """
import os, select, shutil, signal, subprocess, sys
try:
    import resource
except ImportError:
    os.execv(sys.argv[3], sys.argv[3:])
size, seconds = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
office = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL)
reader = select.poll()
reader.register(0, 0)
while office.poll() is None:
    if reader.poll(100):
        office.kill()
        shutil.rmtree(os.getcwd(), ignore_errors=True)
        os.killpg(0, signal.SIGKILL)
sys.exit(max(office.returncode, 0))
"""


def program() -> str | None:
    """Path of LibreOffice, or ``None``."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def read(body: bytes, found: Binary, notes: Sequence[str] = ()) -> Document:
    """Read a document that only LibreOffice opens.

    Raises ``UnreadableError`` where it is not installed, fails, or exceeds its bounds.
    """
    soffice = program()
    if soffice is None:
        name = "OpenDocument" if found.ending.startswith("od") else f".{found.ending}"
        raise UnreadableError(messages.needs_libreoffice(name))
    sheet = found.ending == "ods"
    converted = _convert(soffice, body, found, "xlsx" if sheet else "docx")
    said = (*notes, messages.converted(found.what))
    return xlsx.read(converted, said) if sheet else docx.read(converted, said)


def _convert(soffice: str, body: bytes, found: Binary, to: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="gongkai-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, target = folder / f"input.{found.ending}", folder / "out" / f"input.{to}"
        source.write_bytes(body)
        _write_profile(folder / "profile" / "user")
        command = [
            *(sys.executable, "-I", "-c", _LAUNCH, str(MAX_BYTES), str(TIMEOUT), soffice),
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
            *("--convert-to", to, "--outdir", str(target.parent), str(source)),
        ]
        said = _run(command, folder, found.what)
        try:
            return target.read_bytes()
        except FileNotFoundError:
            raise UnreadableError(messages.not_converted(found.what, said)) from None


def _run(command: Sequence[str], folder: Path, what: str) -> str:
    """Run to the end or to the limit of time; the last line LibreOffice said."""
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), _NOWHERE)
    own = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    held, ours = os.pipe()  # nobody writes; it ends when this process does
    process = subprocess.Popen(  # noqa: S603 - a fixed command, found by shutil.which
        command,
        cwd=folder,
        env={**own, **nowhere, "HOME": str(folder), "TMPDIR": str(folder)},
        stdin=held,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise UnreadableError(messages.conversion_too_long(what, TIMEOUT)) from None
    finally:
        _end(process)
        os.close(held)
        os.close(ours)
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].replace(str(folder), "")[:200] if lines else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and everything it started: soffice is a script that starts soffice.bin."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _write_profile(user: Path) -> None:
    user.mkdir(parents=True)
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{escape(value)}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>',
        encoding="utf-8",
    )
