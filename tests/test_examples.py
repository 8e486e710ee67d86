"""Every command that a document shows is run as it stands there, on the archive of `gongkai demo`.

docs/archive.md has a test and an archive of its own; what cannot be run here is listed with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo import real
from tests.layouts import LAYOUTS
from tests.paths import REPOSITORY

pytestmark = pytest.mark.slow

#: docs/adding-a-portal.md shows refusals of an entry that is nowhere: tests/spiders/test_portals.py.
DOCS = ("README.md", "docs/operations.md", "docs/configuration.md", "docs/publishing.md")
#: What is not run: beginning of the command → why.
ELSEWHERE = {
    "make demo": "the fixture does it",
    "make test": "that is what runs this",
    "make bench-site": "takes an hour",
    "GONGKAI_CONTACT=you@example.org gongkai crawl": "asks a real portal",
    "gongkai serve": "does not end; the fixture runs one",
    "curl http://127.0.0.1:6800/": "tests/crawler/test_scrapyd.py",
    "sudo ": "changes the machine",
    "git pull": "changes the clone",
    "rsync ": "the machine `backup` is not there; tests/crawler/test_restore.py does the same with a folder",
}
#: What a command ends with where that is not 0.
CODES = {
    "gongkai check": 3,  # some sample portals are blocked, as they should be
    "gongkai status": 3,
    "GONGKAI_NIGHT=sometimes gongkai config": 2,
}
#: What prints something else here, for the page is another one.
OTHERS = ("gongkai parse report.html",)
#: Written out of the archive, these differ with each one: digits, digests, times.
_VARYING = re.compile(r"[0-9a-f]{64}|\d[\d,.:TZ-]*")


@dataclass(frozen=True)
class Example:
    document: str
    command: str
    printed: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.document}: {self.command}"


def examples() -> list[Example]:
    found: list[Example] = []
    for document in DOCS:
        text = (REPOSITORY / document).read_text(encoding="utf-8")
        for block in re.findall(r"^[ ]*```console\n(.*?)^[ ]*```$", text, re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                line = line.strip() if line.lstrip().startswith("$ ") else line
                if line.startswith("$ "):
                    found.append(Example(document, line[2:], ()))
                elif line.startswith("# ") and document == "docs/operations.md":
                    break  # as root, on a server
                else:
                    last = found.pop()
                    found.append(Example(document, last.command, (*last.printed, line)))
    return found


def runnable() -> list[Example]:
    return [one for one in examples() if not any(one.command.startswith(begin) for begin in ELSEWHERE)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A folder as a reader has it after `gongkai demo`, with the site at work; gives the environment."""
    folder = tmp_path_factory.mktemp("reader")
    env = {name: value for name, value in os.environ.items() if not name.startswith("GONGKAI_")}
    env |= {
        "PWD": str(folder),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    done = subprocess.run(
        ["gongkai", "demo", "--no-serve"], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sample = next(one for one in real.load_all())
    folder.joinpath("report.html").write_bytes(LAYOUTS["official"](sample.cells, sample.form))
    folder.joinpath("spiders").symlink_to(REPOSITORY / "spiders")
    folder.joinpath("gongkai.toml").write_text('contact = "a@example.org"\ndata = "data/demo"\n')
    with _serving(folder, env) as port:
        yield env | {"PORT": str(port)}


@contextmanager
def _serving(folder: Path, env: dict[str, str]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = subprocess.Popen(
        ["gongkai", "serve", "--port", str(port)], cwd=folder, env=env, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20):
                break
            time.sleep(0.2)
        yield port
    finally:
        site.terminate()
        site.wait(60)


def _as_it_may_be_run(command: str, port: str) -> str:
    """The same on another port, and small where size is all that it shows."""
    return command.replace(":8001", f":{port}").replace("--reports 10000", "--reports 100")


@pytest.mark.parametrize("example", runnable(), ids=lambda one: one.name)
def test_an_example_runs_and_prints_what_stands_there(place: dict[str, str], example: Example) -> None:
    command = _as_it_may_be_run(example.command, place["PORT"])
    missing = [
        word for word in ("curl", "jq") if re.search(rf"\b{word}\b", command) and not shutil.which(word)
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if command.startswith("gongkai schedule install") and os.geteuid() == 0:
        command += " --user gongkai"  # units of the whole system
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=place["PWD"],
        env=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == CODES.get(example.command, 0), done.stdout
    lines = iter(map(_told, done.stdout.splitlines()))
    for wanted in example.printed:
        if wanted.strip() == "…" or example.command in ("gongkai parse report.html",):
            continue
        pattern = re.escape(_told(wanted)).replace("…", ".*")
        assert any(re.fullmatch(pattern, line) for line in lines), (wanted, done.stdout)


def _told(line: str) -> str:
    return " ".join(_VARYING.sub("0", line.removeprefix("\ufeff")).split())


def test_what_is_not_run_is_still_in_a_document() -> None:
    for begin in ELSEWHERE:
        assert any(one.command.startswith(begin) for one in examples()), begin
    assert len(runnable()) > 20
