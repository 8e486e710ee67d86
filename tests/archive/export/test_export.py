"""The export on real archives: every row in both formats, the same bytes twice, and a true description."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from archive import schema
from archive.errors import DamagedError
from archive.export import NoTableError, Summary, export, names
from archive.export.figures import FIGURES
from archive.export.parquet import NoParquetError
from archive.export.sheets import Sheet, kind, sheets
from archive.schema import SCHEMA_VERSION
from archive.tabular import harmless
from tests.archive.export.conftest import fill

TABLES = {sheet.name: sheet for sheet in sheets()}


@pytest.fixture(scope="module", params=["made_db", "sample_db"])
def database(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


@pytest.fixture(scope="module")
def out(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "export"
    export(database, folder)
    return folder


def package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def parquet(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows as DuckDB reads them, which did not write them."""
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        found = db.execute(f"SELECT * FROM '{folder}/parquet/{name}.parquet'")
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def csv_rows(folder: Path, name: str) -> list[dict[str, str]]:
    content = (folder / "csv" / f"{name}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the byte order mark"
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def stored(database: Path, table: str) -> list[dict[str, Any]]:
    conn = sqlite3.connect(database)
    conn.row_factory = sqlite3.Row
    found = [dict(row) for row in conn.execute(f'SELECT * FROM "{table}"')]
    conn.close()
    return found


def as_text(value: Any) -> str:
    """A value of Parquet as the CSV writes it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(harmless(value))


@pytest.mark.parametrize("table", [table.name for table in schema.TABLES])
def test_every_row_of_every_table_is_there(database: Path, out: Path, table: str) -> None:
    columns = [column.name for column in schema.table(table).columns]
    temporal = {c.name for c in schema.table(table).columns if kind(c) in ("date", "datetime")}
    found = [
        {
            name: as_text(row[name]) if name in temporal and row[name] is not None else row[name]
            for name in columns
        }
        for row in parquet(out, table)
    ]
    assert sorted(found, key=repr) == sorted(stored(database, table), key=repr)


@pytest.mark.parametrize("table", names())
def test_both_formats_say_the_same_in_the_same_order(out: Path, table: str) -> None:
    sheet = TABLES[table]
    typed, plain = parquet(out, table), csv_rows(out, table)
    assert [list(row) for row in typed[:1]] == [[field.name for field in sheet.fields]] * len(typed[:1])
    assert len(typed) == len(plain)
    for one, other in zip(typed, plain, strict=True):
        for field in sheet.fields:
            if kind(field) == "real" and one[field.name] is not None:
                assert float(other[field.name]) == one[field.name]
            else:
                assert other[field.name] == as_text(one[field.name]), field.name
    keys = [tuple(row[name] for name in sheet.table.key) for row in typed]
    assert len(set(keys)) == len(keys)
    if "line" not in sheet.table.key and table != "figures":  # these have their lines in the form's order
        assert keys == sorted(keys, key=lambda key: [(value is not None, value) for value in key])


def test_types_are_those_of_the_schema(out: Path) -> None:
    wanted = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "real": pyarrow.float64(),
        "date": pyarrow.date32(),
        "datetime": pyarrow.timestamp("us", tz="UTC"),
    }
    seen = set()
    for name, sheet in TABLES.items():
        found = pyarrow.parquet.read_schema(out / "parquet" / f"{name}.parquet")
        assert [(f.name, f.type, f.nullable) for f in found] == [
            (f.name, wanted[kind(f)], not f.required) for f in sheet.fields
        ]
        seen |= {kind(field) for field in sheet.fields}
        zh = found.field(0).metadata[b"description"].decode()
        assert sheet.fields[0].zh in zh
    assert seen == set(wanted)


def test_the_long_table_is_every_cell_the_parser_saw(made_db: Path, tmp_path: Path) -> None:
    export(made_db, tmp_path / "out", tables=["figures"], formats=["parquet"])
    rows = parquet(tmp_path / "out", "figures")
    reports = stored(made_db, "reports")
    assert {row["report"] for row in rows} == {report["id"] for report in reports}
    for report in reports:
        own = [row for row in rows if row["report"] == report["id"]]
        assert len(own) == report["cells"]
        # One figure is larger than a double can hold.
        assert sum(row["value"] is not None for row in own) == report["figures"] - (report["year"] == 2023)
        assert {row["document"] for row in own} == {report["document"]}
    cells = {(r["year"], r["table"], r["row"], r["column"]): r for r in rows}
    received = cells[2023, "requests", "received", "total"]
    assert {name: received[name] for name in ("value", "unit", "status", "form", "issuer", "division")} == {
        "value": 28,
        "unit": "件",
        "status": "exact",
        "form": "2021",
        "issuer": "中原区人民政府",
        "division": "410102",
    }
    assert received["where"] == "table[2]"
    huge = cells[2023, "requests", "granted", "total"]
    assert (huge["value"], huge["status"], huge["raw"]) == (None, "unreadable", str(2**63 - 1))
    awkward = {
        ("requests", "received", "research"): ("blank", ""),
        ("requests", "granted", "business"): ("unreadable", "约三件"),
        ("disclosure", "fees", "amount"): ("missing", None),
        ("reviews", "reconsideration", "total"): ("dash", "/"),
    }
    for key, wanted in awkward.items():
        cell = cells[2023, *key]
        assert (cell["value"], cell["status"], cell["raw"]) == (None, *wanted)
    assert cells[2019, "disclosure", "procurement", "amount"]["unit"] == "万元"
    assert next(row["table"] for row in rows if row["year"] == 2023) == "disclosure"


def test_the_long_table_has_indicator_lists_with_their_units(sample_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    source, copy = sqlite3.connect(sample_db), sqlite3.connect(path)
    source.backup(copy)
    report = copy.execute("SELECT min(id) FROM reports").fetchone()[0]
    lines = [("raw:网站访问量", 1, None, 12.5, None, "万人次"), ("raw:未填", 2, None, None, 7.0, "件")]
    for line, number, key, year, cumulative, unit in lines:
        copy.execute("INSERT INTO lines (key, table_key, zh) VALUES (?, 'indicators', ?)", [line, line[4:]])
        copy.execute(
            "INSERT INTO indicators (report, number, line, key, label, year_value, cumulative, unit, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '12.5')",
            [report, number, line, key, line[4:], year, cumulative, unit],
        )
    copy.execute(
        "INSERT INTO cell_notes (report, table_key, line, column_key, status, raw)"
        " VALUES (?, 'indicators', 'raw:未填', 'year', 'blank', '')",
        [report],
    )
    copy.commit()
    copy.close()
    export(path, tmp_path / "out", tables=["figures"], formats=["csv"])
    found = [row for row in csv_rows(tmp_path / "out", "figures") if row["table"] == "indicators"]
    assert [(r["row"], r["column"], r["value"], r["unit"], r["status"]) for r in found] == [
        ("raw:网站访问量", "year", "12.5", "万人次", "exact"),
        ("raw:未填", "year", "", "件", "blank"),
        ("raw:未填", "cumulative", "7", "件", "exact"),
    ]


def test_two_exports_are_equal_to_the_byte(database: Path, out: Path, tmp_path: Path) -> None:
    export(database, tmp_path / "again")
    files = sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())
    assert len(files) == 2 * len(TABLES) + 2
    for file in files:
        assert (tmp_path / "again" / file).read_bytes() == (out / file).read_bytes(), file


def test_rows_that_came_in_another_order_give_the_same_bytes(made_db: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    fill(other)
    conn = sqlite3.connect(other)
    for table in schema.TABLES:
        rows = conn.execute(f'SELECT * FROM "{table.name}" ORDER BY rowid DESC').fetchall()
        conn.execute(f'DELETE FROM "{table.name}"')
        marks = ", ".join("?" * len(table.columns))
        conn.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)
    conn.commit()
    conn.execute("VACUUM")
    conn.close()
    export(made_db, tmp_path / "one")
    export(other, tmp_path / "two")
    for file in (tmp_path / "one").rglob("*.*"):
        twin = tmp_path / "two" / file.relative_to(tmp_path / "one")
        assert twin.read_bytes() == file.read_bytes(), file.name


def test_the_description_is_true(out: Path) -> None:
    told = package(out)
    assert told["$schema"].startswith("https://datapackage.org/profiles/2")
    assert [resource["name"] for resource in told["resources"]] == list(names())
    assert told["licenses"][0]["title"].startswith("原文系")
    keys: dict[str, dict[str, set[Any]]] = {}
    for resource in told["resources"]:
        for file in (resource, resource["parquet"]):
            content = (out / file["path"]).read_bytes()
            assert file["bytes"] == len(content)
            assert file["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        rows = parquet(out, resource["name"])
        assert resource["rows"] == len(rows)
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == list(csv_header(out, resource["name"]))
        for field in fields:
            assert field["title"]
            assert " — " in field["description"]
            limits = field.get("constraints", {})
            values = [row[field["name"]] for row in rows]
            assert not limits.get("required") or None not in values
            assert not limits.get("unique") or len(set(values)) == len(values)
            assert not limits.get("enum") or {*values} - {None} <= {*limits["enum"]}, field["name"]
        keys[resource["name"]] = {f["name"]: {row[f["name"]] for row in rows} for f in fields}
    checked = 0
    for resource in told["resources"]:
        for foreign in resource["schema"].get("foreignKeys", ()):
            target = foreign["reference"]["resource"] or resource["name"]
            (mine,), (theirs,) = foreign["fields"], foreign["reference"]["fields"]
            assert keys[resource["name"]][mine] - {None} <= keys[target][theirs]
            checked += 1
    assert checked > 40


def csv_header(folder: Path, name: str) -> list[str]:
    text = (folder / "csv" / f"{name}.csv").read_text(encoding="utf-8-sig")
    return next(csv.reader(io.StringIO(text, newline="")))


def test_every_column_is_described_with_its_unit(out: Path) -> None:
    told = {resource["name"]: resource for resource in package(out)["resources"]}
    for table in (*schema.TABLES, FIGURES):
        fields = {field["name"]: field for field in told[table.name]["schema"]["fields"]}
        for column in table.columns:
            assert column.en in fields[column.name]["description"]
            assert fields[column.name].get("unit") == column.unit
        assert told[table.name]["schema"]["primaryKey"] == list(table.key)


def test_the_package_is_as_old_as_the_archive(made_db: Path, sample_db: Path, tmp_path: Path) -> None:
    export(made_db, tmp_path / "out", tables=["about"])
    assert package(tmp_path / "out")["created"] == "2024-02-21T08:00:00.000000Z"
    origin = package(tmp_path / "out")["provenance"]
    assert (origin["originals"], origin["first_fetched"]) == (5, "2024-02-01T08:00:00.000000Z")
    assert origin["archive"]["schema_version"] == str(SCHEMA_VERSION)
    export(sample_db, tmp_path / "out", tables=["about"])
    assert {"title": "二七区人民政府", "path": "http://portal.example/nb/"} in package(tmp_path / "out")[
        "sources"
    ]


def test_an_empty_archive_is_exported_too(tmp_path: Path) -> None:
    from archive.store import Store

    with Store(tmp_path / "gongkai.db", demo=True):
        pass
    summary = export(tmp_path / "gongkai.db", tmp_path / "out")
    told = package(tmp_path / "out")
    assert summary.created is None
    assert "created" not in told
    assert told["name"] == "gongkai-demonstration"
    assert "请勿引用" in told["description"]
    assert parquet(tmp_path / "out", "figures") == []
    readme = (tmp_path / "out" / "README.txt").read_bytes().decode("utf-8-sig")
    assert "演示数据" in readme
    assert "Demonstration data" in readme
    assert "\n" not in readme.replace("\r\n", "")


def test_some_tables_and_one_format(made_db: Path, tmp_path: Path) -> None:
    summary = export(made_db, tmp_path / "out", tables=["requests", "reports"], formats=["csv"])
    assert sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")
    ) == [
        "README.txt",
        "csv/reports.csv",
        "csv/requests.csv",
        "datapackage.json",
    ]
    assert [file.sheet.name for file in summary.files] == ["reports", "requests"]
    (_, requests) = package(tmp_path / "out")["resources"]
    # What points to tables that are not there is left out.
    assert [key["reference"]["resource"] for key in requests["schema"]["foreignKeys"]] == ["reports"]
    assert "parquet" not in requests
    export(made_db, tmp_path / "out", tables=["reports"], formats=["parquet"])
    (only,) = package(tmp_path / "out")["resources"]
    assert (only["path"], only["format"]) == ("parquet/reports.parquet", "parquet")
    with pytest.raises(NoTableError, match="no table _states; known: about, divisions"):
        export(made_db, tmp_path / "out", tables=["_states"])


def test_all_tables_are_of_one_moment(made_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gongkai.db"
    fill(path)
    written: list[str] = []

    def read(conn: sqlite3.Connection) -> Any:
        """The first table, during which a crawl goes on writing."""
        writer = sqlite3.connect(path)
        writer.execute("UPDATE reports SET title = 'changed meanwhile'")
        writer.commit()
        writer.close()
        written.append("yes")
        return TABLES["about"].read(conn)

    first = Sheet(TABLES["about"].table, TABLES["about"].fields, read)
    monkeypatch.setattr("archive.export.sheets", lambda: (first, TABLES["reports"]))
    export(path, tmp_path / "out")
    assert written == ["yes"]
    assert {row["title"] for row in stored(path, "reports")} == {"changed meanwhile"}
    assert parquet(tmp_path / "out", "reports") == _exported(made_db, tmp_path / "calm", "reports")


def _exported(database: Path, folder: Path, table: str) -> list[dict[str, Any]]:
    export(database, folder, tables=[table])
    return parquet(folder, table)


def test_without_pyarrow_csv_still_works(
    made_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(NoParquetError, match=r"install gongkai\[export\], or export with --format csv"):
        export(made_db, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert isinstance(export(made_db, tmp_path / "out", formats=["csv"]), Summary)


def test_a_time_that_is_none_is_said_and_nothing_is_left(made_db: Path, tmp_path: Path) -> None:
    path = tmp_path / "gongkai.db"
    fill(path)
    conn = sqlite3.connect(path)
    conn.execute("UPDATE reports SET published_on = '2024-02-31'")
    conn.commit()
    conn.close()
    export(made_db, tmp_path / "out")
    before = {file: file.read_bytes() for file in (tmp_path / "out").rglob("*.*")}
    with pytest.raises(DamagedError, match=r"reports\.published_on: a value is no date32"):
        export(path, tmp_path / "out")
    assert {file: file.read_bytes() for file in (tmp_path / "out").rglob("*.*")} == before
    left = {one.name for one in tmp_path.iterdir() if not one.name.startswith("gongkai.db")}
    assert left == {"out"}
