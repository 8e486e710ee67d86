from __future__ import annotations

from pathlib import Path

import yaml

from archive import forms, metadata, schema
from archive.queries import QUERIES

REPOSITORY = Path(__file__).resolve().parents[2]


def tables() -> dict[str, dict[str, object]]:
    return metadata.build()["databases"][metadata.DATABASE]["tables"]


def test_committed_file_is_what_the_generator_writes() -> None:
    committed = (REPOSITORY / "metadata.yml").read_text(encoding="utf-8")
    assert committed == metadata.to_yaml()
    assert yaml.safe_load(committed) == metadata.build()


def test_every_table_and_column_is_described_in_both_languages() -> None:
    for table in schema.TABLES:
        entry = tables()[table.name]
        assert entry["title"] == f"{table.zh} — {table.en}"
        assert list(entry["columns"]) == [column.name for column in table.columns]
        for column in table.columns:
            text = entry["columns"][column.name]
            assert column.en in text
            assert " — " in text
            if column.unit:
                assert f"单位：{column.unit}" in text


def test_a_column_that_forms_word_differently_tells_every_wording() -> None:
    columns = tables()["disclosure"]["columns"]
    assert columns["amount"].startswith("采购总金额 / 本年收费金额（单位：万元） — ")
    assert columns["decisions"].startswith("处理决定数量 / 本年处理决定数量 — ")


def test_facets_sort_and_labels_follow_the_schema() -> None:
    reports = tables()["reports"]
    assert reports["facets"] == ["province", "year", "form", "verdict"]
    assert reports["sort_desc"] == "year"
    assert reports["label_column"] == "title"
    assert tables()["lines"]["sort"] == "position"


def test_internal_tables_are_hidden_and_others_are_not() -> None:
    hidden = {name for name, entry in tables().items() if entry.get("hidden")}
    assert "_sqlite_migrations" in hidden
    assert not hidden & {table.name for table in schema.TABLES}


def test_queries_have_titles_and_notes_in_both_languages() -> None:
    names = [query.name for query in QUERIES]
    assert len(set(names)) == len(names)
    assert not set(names) & {table.name for table in schema.TABLES}
    for query in QUERIES:
        entry = query.metadata()
        assert entry["title"] == f"{query.zh} — {query.en}"
        assert query.note_zh in entry["description"]
        assert query.note_en in entry["description"]
        for parameter in query.params:
            assert f":{parameter}" in query.sql


def test_figure_tables_say_that_empty_is_not_zero() -> None:
    for name in forms.TABLES:
        assert "不是 0" in tables()[name]["description"]
