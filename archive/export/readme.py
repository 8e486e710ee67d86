"""README.txt of an export: what the files are and how to open them, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from archive import metadata
from archive.export.package import File, Provenance
from archive.tabular import BOM

_ZH = """\
政府信息公开工作年度报告：数字与核对
{demo}
档案最后变动于 {changed}（UTC），含原件 {originals} 份。
各表、各列的含义、单位和相互关系见 datapackage.json（Frictionless Data Package v2），
其中 bytes、hash 为各文件的大小和 SHA-256。

怎样使用
{how}
· 没有数字的单元格为空，不是 0；原因见 cell_notes 表，长表 figures 中见 status 列。
· figures 是全部数字的长表，一个单元格一行；status 为 exact 的是原件中单独成格、
  直接读出的数字，inferred 的由勾稽关系唯一确定，其余没有数字。
· 每个数字都可以追溯：document 列指向 documents 表中的原件（网址、抓取时间、SHA-256、
  WARC 文件和偏移），where、place 列是在原件中的位置。
· 政府的汇总报告可能包含其下属机关，合计会重复计算。
· 时间均为世界协调时（UTC）。

许可：{license}

文件
"""

_EN = """\
Annual reports on open government information in China: figures and checks
{demo}
The archive last changed at {changed} (UTC) and holds {originals} originals.
What each table and column means, its unit and what it points to: datapackage.json
(Frictionless Data Package v2), with every file's size and SHA-256.

How to use it
{how}
- A cell without a figure is empty, never 0; the table cell_notes says why, the column
  status in the long table figures.
- figures is the long table of all figures, one row a cell. exact: it stands in a cell of
  its own and was read as it is; inferred: the arithmetic leaves exactly one reading; any
  other status: no figure.
- Every figure leads to its original: the column document points into the table documents
  (address, time, SHA-256, WARC file and offset), where and place say where in it.
- A government's consolidated report may include its departments: sums can count a case
  twice.
- Times are UTC.

Licence: {license}

Files
"""

_HOW_ZH = {
    "csv": "· CSV：UTF-8（带 BOM），Excel、WPS 可直接打开。16 位编号（report、agency 等）在 Excel 中\n"
    "  只显示前 15 位，请用 agency_label、year 等列识别，或以文本方式导入。\n"
    "· CSV 中以 = + - @ 等开头的文字前加了一个撇号（'），以免被当作公式执行；数字不受影响。",
    "parquet": "· Parquet：pandas.read_parquet、DuckDB、R arrow 均可读取，带类型，文字与原文完全一致。",
}
_HOW_EN = {
    "csv": "- CSV: UTF-8 with a byte order mark, Excel and WPS open it right. Of 16-digit ids (report,\n"
    "  agency …) Excel shows only 15 digits: go by agency_label, year …, or import them as text.\n"
    "- In CSV, text that begins with = + - @ and the like has an apostrophe (') before it, so that\n"
    "  no spreadsheet runs it as a formula. Numbers are as they are.",
    "parquet": "- Parquet: for pandas.read_parquet, DuckDB, R arrow; with types, text as in the archive.",
}
_DEMO_ZH = "演示数据，机关和数字多为虚构，请勿引用。\n"
_DEMO_EN = "Demonstration data, most of it invented: do not cite.\n"


def readme(origin: Provenance, files: Sequence[File]) -> str:
    """The text, with the lines and the mark that editors on Windows expect."""
    formats = sorted({file.format for file in files})
    texts = {
        "changed": origin.changed or "–",
        "originals": f"{origin.originals:,}",
        "license": metadata.build()["license"],
    }
    rows = {file.sheet.name: file for file in files}
    width = max(map(len, rows))
    zh, en = [], []
    for name, file in rows.items():
        zh.append(f"{name:<{width}}  {file.rows:>11,} 行    {file.sheet.table.zh}")
        en.append(f"{name:<{width}}  {file.rows:>11,} rows  {file.sheet.table.en}")
    parts = [
        _ZH.format(
            **texts,
            how="\n".join(_HOW_ZH[format_] for format_ in formats),
            demo=_DEMO_ZH if origin.demonstration else "",
        ),
        "\n".join(zh),
        "\n\n" + "-" * 80 + "\n\n",
        _EN.format(
            **texts,
            how="\n".join(_HOW_EN[format_] for format_ in formats),
            demo=_DEMO_EN if origin.demonstration else "",
        ),
        "\n".join(en),
        "\n",
    ]
    return BOM + "".join(parts).replace("\n", "\r\n")
