"""What Datasette says about the archive, made from ``schema.py`` and the statutory forms.

``python -m archive.metadata > metadata.yml`` writes the committed file, for people
who run Datasette themselves; ``archive.serve`` takes the same dictionary directly.
A test keeps the two in step.
"""

from __future__ import annotations

import sys
from typing import Any

import yaml

from archive import coverage, forms, migrations, schema
from archive.forms import indicators
from archive.queries import QUERIES

#: The database is served under this name whatever its file is called, so that
#: addresses people cite outlive the file.
DATABASE = "gongkai"

#: Rows a page of the tables whose rows are long; the rest take the site's page size.
SIZES = {"sections": 20, "documents": 50, "reports": 50, "findings": 50, "totals": 50}

#: Tables that serve the machinery only.
HIDDEN = ("_sqlite_migrations", *migrations.INTERNAL, *migrations.COUNTING, *coverage.TABLES)


def wordings(table: str, column: str) -> tuple[str, ...]:
    """Every official wording the forms give a figure column, the oldest form's first."""
    found: dict[str, None] = {}
    for form in forms.forms():
        for block in form.tables[table].blocks:
            for term in block.columns:
                if term.key == column:
                    found.setdefault(term.zh)
    return tuple(found)


def describe(table: schema.TableDef, column: schema.Column) -> str:
    """One column in a line: 中文 — English（单位：…）."""
    zh = column.zh
    if table.name in forms.TABLES:
        zh = " / ".join(wordings(table.name, column.name)) or zh
    text = f"{zh} — {column.en}"
    if column.unit is not None and f"单位：{column.unit}" not in text:
        text += f"（单位：{column.unit}）"
    return text


def title(table: schema.TableDef) -> str:
    """``中文 — English``."""
    return f"{table.zh} — {table.en}"


def notes(table: str) -> tuple[str, str]:
    """What a reader of a table should know first, in Chinese and English; empty for most."""
    if table == indicators.TABLE:
        return (
            "2014 至 2018 年度报告所附的统计表，每个指标一行。国家统计表的指标有代号（key）；"
            "地方自设的指标没有代号，保留原文名称和单位。"
            "没有数字的为空而不是 0，原因见“单元格说明”（cell_notes）。",
            "The lists annexed to the reports for 2014 to 2018, one row an indicator. Those of the national "
            "list have a key; a province's own have none and keep the source's wording and unit. "
            "A figure that is not known is empty, never 0; cell_notes says why.",
        )
    if table == schema.TOTALS.name:
        return (
            "每省、每年、每类机关、每级区划一行，随报告入库即时更新。只计有该数字的报告，份数列在旁边；"
            "占比 = 数字 ÷ 同一批报告的 _of。2014 至 2018 年度取统计表中含义相同的指标。"
            "政府的汇总报告可能包含其下属机关和下级政府：只取一类机关、一级区划"
            "（如 kind = government、level = county）才不致重复计算。",
            "One row a province, year, kind and level of issuer, kept up to date with every report stored. "
            "Only reports with the figure count, and how many they are stands beside it; a share is a figure "
            "divided by its _of, over the same reports. For 2014 to 2018 those indicators are taken that "
            "mean the same. A government's consolidated report may include its departments and the "
            "governments below it: take one kind and one level (such as kind = government, "
            "level = county), or a case is counted twice.",
        )
    if table not in forms.TABLES:
        return "", ""
    return (
        "每份报告、每个行目一行，每个数字一列。"
        "没有数字的单元格为空而不是 0，原因见“单元格说明”（cell_notes）。",
        "One row a report and line, one column a figure. "
        "A cell without a number is empty, never 0; cell_notes says why.",
    )


def _table(table: schema.TableDef) -> dict[str, Any]:
    entry: dict[str, Any] = {"title": title(table)}
    if note := " ".join(notes(table.name)).strip():
        entry["description"] = note
    if table.label is not None:
        entry["label_column"] = table.label
    if table.facets:
        entry["facets"] = list(table.facets)
    if table.sort is not None:
        direction = "sort_desc" if table.sort.startswith("-") else "sort"
        entry[direction] = table.sort.removeprefix("-")
    if table.name in SIZES:
        entry["size"] = SIZES[table.name]
    entry["columns"] = {column.name: describe(table, column) for column in table.columns}
    return entry


def build() -> dict[str, Any]:
    """The metadata dictionary of Datasette 0.65: texts, facets, sort orders, labels, canned queries."""
    tables: dict[str, Any] = {table.name: _table(table) for table in schema.TABLES}
    tables.update({name: {"hidden": True} for name in HIDDEN})
    return {
        "title": "公开 gongkai",
        "description": (
            "政府信息公开工作年度报告档案：原件、逐格读出的三张法定表格、勾稽核对。 "
            "Archive of the annual reports on open government information in China: "
            "originals, the three statutory tables read cell by cell, and their arithmetic."
        ),
        "license": "原文系行政机关依法公开的文件，引用请注明发布机关；软件 Apache-2.0",
        "source": "各级行政机关公布的政府信息公开工作年度报告 — annual reports as published by their issuers",
        "databases": {
            DATABASE: {
                "title": "数据表 — Tables",
                "description": (
                    "没有数字的单元格为空而不是 0。 A cell without a number is empty, never 0. "
                    "整表下载 whole tables as CSV: /download/<table>.csv"
                ),
                "tables": tables,
                "queries": {query.name: query.metadata() for query in QUERIES},
            }
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes SQL as literal blocks, so that a change of a query is readable in a diff."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def to_yaml() -> str:
    """``build()`` as the text of ``metadata.yml``."""
    body = yaml.dump(build(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    return f"# Made by: python -m archive.metadata > metadata.yml\n{body}"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # the file is UTF-8 in any locale
    sys.stdout.write(to_yaml())
