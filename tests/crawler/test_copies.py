"""``gongkai copies``: the command around ``archive.merges`` and ``pipelines.copies``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.store import Store
from crawler.cli import main
from pipelines.across import prove
from tests.archive.kept import page
from tests.pipelines import test_alike as near
from tests.pipelines.test_copies import HERE, REPORT, WRONG, both, document, dump, received

ONE, NINE = document(HERE, "one"), document(WRONG, "nine")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with Store(tmp_path / "gongkai.db") as store:
        both(store)
        store.refresh_coverage()
    return tmp_path


def run(data: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["copies", *args, "--data", str(data)])


def test_list_names_each_copy_with_its_reason(data: Path) -> None:
    listed = run(data, "list")
    assert listed.exit_code == 0
    assert f"中原区人民政府 2023 (report {REPORT})\n  figures from {NINE}  {WRONG}\n" in listed.output
    assert f"  {ONE}  {HERE}\n      differs, " in listed.output
    assert listed.output.endswith("copies: 1, taken out by decision: 0\n")
    assert CliRunner().invoke(main, ["copies"], env={"GONGKAI_DATA": str(data)}).output == listed.output
    (row,) = [json.loads(line) for line in run(data, "list", "--json").output.splitlines()]
    assert (row["kind"], row["document"], row["reason"], row["current"]) == ("copy", ONE, "differs", NINE)
    assert 0.9 < row["likeness"] < 1
    assert run(data, "list", "--reason", "mirror").output == "copies: 0\n"
    assert run(data, "list", "--report", "1").output == "copies: 0, taken out by decision: 0\n"


def test_show_puts_the_cells_that_differ_side_by_side(data: Path) -> None:
    shown = run(data, "show", str(ONE))
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert lines[0] == f"left   {ONE}  copy – 其他网址发布的同一报告，但有数字不一致"
    assert lines[3] == f"right  {NINE}  current"
    cells = [line for line in lines if " | " in line]
    assert [line.split(maxsplit=3)[:3] for line in cells] == [["(blank)", "|", "0"], ["27", "|", "3"]]
    assert all("表三" in line and "总计" in line for line in cells)
    assert lines[-1] == "cells that differ: 2; text: differs, 5.0 % alike"
    found = json.loads(run(data, "show", str(ONE), str(NINE), "--json").output)
    assert found["cells"][1] == {
        "table": "requests",
        "row": "received",
        "column": "total",
        "left": {"value": 27, "status": "exact"},
        "right": {"value": 3, "status": "exact"},
    }
    assert (found["left"]["url"], found["right"]["url"], found["same_text"]) == (HERE, WRONG, False)
    every = json.loads(run(data, "show", str(ONE), "--all", "--json").output)
    assert len(every["cells"]) > 150


def test_split_and_join_and_the_archive_is_as_before(data: Path) -> None:
    before = dump(data / "gongkai.db")
    done = run(data, "split", str(NINE), "--reason", "办公室的报告")
    assert done.exit_code == 0
    assert f"its figures are from document {ONE} now, before from {NINE}" in done.output
    with Store(data / "gongkai.db") as store:
        assert received(store) == [27]
    listed = run(data, "list").output
    assert f"taken out of 中原区人民政府 2023 (report {REPORT}):\n  {NINE}  {WRONG}\n" in listed
    assert "Z: 办公室的报告\ncopies: 0, taken out by decision: 1\n" in listed
    assert run(data, "show", str(NINE)).output.startswith(f"left   {NINE}  split – 经人工核对")
    again = run(data, "split", str(NINE), "--reason", "x")
    assert (again.exit_code, "taken out already" in again.output) == (1, True)
    assert run(data, "join", str(NINE)).exit_code == 0
    assert dump(data / "gongkai.db") == before
    assert run(data, "join", str(NINE)).exit_code == 1


def test_a_decision_needs_a_reason_and_an_archive(data: Path, tmp_path: Path) -> None:
    assert run(data, "split", str(NINE)).exit_code == 2
    assert run(data, "split", str(NINE), "--reason", " ").exit_code == 2
    empty = tmp_path / "none"
    for args in (["list"], ["show", "1"], ["split", "1", "--reason", "x"], ["join", "1"]):
        failed = run(empty, *args)
        assert (failed.exit_code, "there is no archive" in failed.output) == (1, True)
    assert not empty.exists()
    assert "none with this number" in run(data, "show", "7").output


def test_files_ingested_again_stay_where_they_were_put(tmp_path: Path) -> None:
    data, files = tmp_path / "data", [tmp_path / "甲.html", tmp_path / "乙.html"]
    ingest = ["ingest", "--data", str(data), "--division", "430902", *map(str, files)]

    def outcomes() -> list[tuple[str, str]]:
        with Store(data / "gongkai.db") as store:
            sql = "SELECT url, outcome FROM documents ORDER BY url, fetched_at"
            return [(Path(row["url"]).stem, row["outcome"]) for row in store.db.query(sql)]

    for number, file in enumerate(files):
        file.write_bytes(page(2021, agency="资阳区", slip=number))
    assert CliRunner().invoke(main, ingest).exit_code == 0
    (taken,) = [json.loads(line) for line in run(data, "list", "--json").output.splitlines()]
    here = Path(taken["url"]).stem
    assert sorted(outcomes()) == sorted(
        [(here, "copy"), *((f.stem, "current") for f in files if f.stem != here)]
    )
    assert run(data, "split", str(taken["document"]), "--reason", "x").exit_code == 0
    before = dump(data / "gongkai.db")
    assert CliRunner().invoke(main, ingest).exit_code == 0
    after = dump(data / "gongkai.db")
    assert {name for name in after if after[name] != before[name]} == {"runs"}
    Path(taken["url"]).write_bytes(page(2021, agency="资阳区", slip=7))
    assert CliRunner().invoke(main, ingest).exit_code == 0
    assert [outcome for stem, outcome in outcomes() if stem == here] == ["split", "split"]
    assert run(data, "list").output.endswith("copies: 0, taken out by decision: 1\n")


def test_near_copies_are_listed_shown_and_undone(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        for place in (near.OWN, near.OFFICE, near.NOBODY):
            place.put(store)
        prove(store)
    nobody = near.NOBODY.document
    listed = run(tmp_path, "list", "--reason", "near").output
    assert listed.endswith("copies: 4\n")
    assert listed.count("near, 100.0 % of the figures agree, text 99.") == 3, (
        "one pair is equal to the letter"
    )
    assert "其他网址" not in listed
    assert "所署的发布机关不同或未能确定 (中原区人民政府办公室)" in listed
    shown = run(tmp_path, "show", str(nobody), str(near.OWN.document), "--text")
    assert shown.exit_code == 0, shown.output
    assert f"left   {nobody}  unassigned" in shown.output
    assert "\n@@ " in shown.output
    assert "cells that differ: 0; text: differs, 99." in shown.output
    assert "say which (--report)" in run(tmp_path, "split", str(nobody), "--reason", "x").output
    chosen = ("--report", str(near.REPORT))
    assert run(tmp_path, "split", str(nobody), "--reason", "x", *chosen).exit_code == 0
    assert run(tmp_path, "list", "--reason", "near").output.endswith("copies: 3\n")
    assert f"taken out of 中原区人民政府 2023 (report {near.REPORT})" in run(tmp_path, "list").output
    assert run(tmp_path, "join", str(nobody)).exit_code == 0
    assert run(tmp_path, "list", "--reason", "near").output == listed
