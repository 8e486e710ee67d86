"""docs/archive.md: each example is run as it stands there, and gives what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.schema import SCHEMA_VERSION
from tests.docs_archive import build
from tests.paths import REPOSITORY

DOC = REPOSITORY / "docs" / "archive.md"
_MARK = "\x1eexample"


def examples() -> list[tuple[str, str]]:
    """(command, what it prints) of all console blocks, in their order."""
    found: list[tuple[str, str]] = []
    for block in re.findall(
        r"^```console\n(.*?)^```$", DOC.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif line.startswith("> "):
                command, _ = found[-1]
                found[-1] = (f"{command}\n{line[2:]}", "")
            else:
                command, printed = found[-1]
                found[-1] = (command, f"{printed}{line}\n")
    return found


def pattern(printed: str) -> str:
    """``…`` alone on a line is any lines, within a line anything."""
    lines = [
        ".*" if line == "…" else re.escape(line).replace("…", "[^\\n]*") for line in printed.splitlines()
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    missing = [
        name for name in ("bash", "zgrep", "zcat", "sqlite3", "jq", "sha256sum") if not shutil.which(name)
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("doc")
    build(folder / "data")
    # One shell for all, as for a reader: later examples use what earlier ones have set.
    script = "\n".join(f"printf '{_MARK}'\n{command}" for command, _ in examples())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout.split(_MARK)[1:]


@pytest.mark.parametrize("number", range(len(examples())))
def test_an_example_prints_what_the_document_says(printed: list[str], number: int) -> None:
    command, wanted = examples()[number]
    assert re.fullmatch(pattern(wanted), printed[number].rstrip("\n"), re.DOTALL), (
        f"$ {command}\n{printed[number]}"
    )


def test_the_document_is_about_this_schema_and_has_its_examples() -> None:
    text = DOC.read_text(encoding="utf-8")
    assert f"schema_version|{SCHEMA_VERSION}" in text
    assert len(examples()) >= 15
    assert sum(bool(wanted) for _, wanted in examples()) >= 12
