from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from archive.site import assets
from tests.archive.site.conftest import Get
from tests.paths import REPOSITORY

VENDORED = (assets.FOLDER / "vendor", REPOSITORY / "tests" / "browser" / "vendor")


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parts[-3])
def test_vendored_files_are_those_the_list_names(folder: Path) -> None:
    packages = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))
    listed = {name: of for entry in packages.values() for name, of in entry["files"].items()}
    assert set(listed) | {"vendor.json"} == {path.name for path in folder.iterdir()}
    for name, entry in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"], name
    for name, entry in packages.items():
        script = next(file for file in entry["files"] if file.endswith(".js"))
        head = (folder / script).read_text(encoding="utf-8")[:400]
        assert f"v{entry['version']}" in head, name
        assert any(file.endswith(".LICENSE.txt") for file in entry["files"]), name


def test_an_address_changes_with_the_content_and_may_be_kept(get: Get) -> None:
    page = get("/").text
    for name in ("site.css", "charts.css", "charts.js", "vendor/d3.min.js", "vendor/plot.umd.min.js"):
        address = re.search(rf'"(/assets/{re.escape(name)}\?v=[0-9a-f]{{8}})"', page)
        assert address is not None, name
        answer = get(address[1])
        assert answer.content == (assets.FOLDER / name).read_bytes()
        assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in get("/assets/site.css").headers.get("cache-control", "")
    assert "immutable" not in get("/assets/none.css?v=1").headers.get("cache-control", "")


def test_our_own_script_names_no_other_host() -> None:
    script = (assets.FOLDER / "charts.js").read_text(encoding="utf-8")
    assert re.findall(r"https?://[^\"']+", script) == ["http://www.w3.org/2000/svg"]  # a namespace
    assert "fetch(" not in script
