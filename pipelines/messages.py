"""What the readers of tables have to say: a kind for programs, a Chinese sentence for people."""

from __future__ import annotations

from archive.candidates import CellKey
from archive.forms import terms
from archive.records import Finding
from archive.wording import cell_label

_TABLES = {"disclosure": "表二", "requests": "表三", "reviews": "表四", "indicators": "统计表"}
# As much of the source as a sentence can carry.
_SHOWN = 80


def line(table: str, row: str) -> str:
    """表三“（一）予以公开”一行."""
    return f"{_TABLES[table]}“{terms(table)['rows'][row].zh}”一行"


def _shown(text: str) -> str:
    return " ".join(text.split())[:_SHOWN]


def columns_out_of_order(table: str, where: str) -> Finding:
    return Finding("columns_out_of_order", f"{_TABLES[table]}列标题的次序与法定格式不同，数字未采用", where)


def cell_count(table: str, row: str | None, got: int, want: int, where: str) -> Finding:
    place = line(table, row) if row else f"{_TABLES[table]}数字行"
    return Finding("cell_count", f"{place}有 {got} 个单元格，法定格式为 {want} 个", where)


def unmatched_row(table: str, text: str, where: str) -> Finding:
    return Finding(
        "unmatched_row", f"{_TABLES[table]}有一行数字不属于法定格式的任何一行：{_shown(text)}", where
    )


def line_twice(table: str, row: str, where: str | None) -> Finding:
    return Finding("line_twice", f"{line(table, row)}出现两次而数字不同，均未采用", where)


def several_tables(table: str, rows: int, where: str) -> Finding:
    message = (
        f"本页有多份{_TABLES[table]}而数字不同，其中 {rows} 行只在一份中读出，分不清属于哪一份，均未采用"
    )
    return Finding("several_tables", message, where)


def of_another(table: str, said: str, where: str) -> Finding:
    message = f"{_TABLES[table]}标明“{_shown(said)}”，不是本报告的年度或机关，数字未采用"
    return Finding("of_another", message, where)


def words_for_figures(table: str, row: str | None, where: str) -> Finding:
    place = line(table, row) if row else f"{_TABLES[table]}数字行"
    return Finding("words_for_figures", f"{place}的数字格里有文字，单元格可能错位，数字未采用", where)


def merged_figures(table: str, row: str, where: str) -> Finding:
    return Finding("merged_figures", f"{line(table, row)}的数字格跨行或跨列，分不清属于哪一格，未采用", where)


def uneven_lines(table: str, row: str, got: int, usual: int, where: str) -> Finding:
    message = f"{line(table, row)}有 {got} 个数字格，其他各行多为 {usual} 个，又没有合计可以证实，未采用"
    return Finding("uneven_lines", message, where)


def cells_lost_and_added(table: str, where: str) -> Finding:
    message = f"{_TABLES[table]}有的行缺格、有的行多格，格数正确的行也可能错位，数字均未采用"
    return Finding("cells_lost_and_added", message, where)


def unproved(table: str, rows: int, where: str | None) -> Finding:
    message = (
        f"{_TABLES[table]}有 {rows} 行数字与本行合计不符或无从核对，而同一文件的表格缺格、多格或断行，未采用"
    )
    return Finding("unproved", message, where)


def unvouched(table: str, where: str) -> Finding:
    message = f"{_TABLES[table]}没有合计可以核对，同一文字中的表三又未能完整读出，分不清单元格，数字未采用"
    return Finding("unproved", message, where)


def lines_torn(table: str, where: str | None) -> Finding:
    message = f"同一文件的表三有的行多出数字，{_TABLES[table]}没有合计可以核对，数字未采用"
    return Finding("unproved", message, where)


def counts_bundles(where: str | None) -> Finding:
    return Finding("counts_bundles", "表格注明以百件、万件等为单位，数字未采用", where)


def headings_missing(table: str, where: str) -> Finding:
    message = f"{_TABLES[table]}列标题不全，各行合计又不符合法定的列次序，数字未采用"
    return Finding("headings_missing", message, where)


def unit(table: str, row: str, column: str, raw: str, note: str, where: str | None) -> Finding:
    return Finding("unit", f"{cell_label(CellKey(table, row, column))}“{_shown(raw)}”：{note}", where)


def no_header(table: str, row: str, where: str) -> Finding:
    return Finding("no_header", f"{line(table, row)}上方没有列标题，数字未采用", where)


def unknown_headings(table: str, text: str, where: str) -> Finding:
    return Finding(
        "unknown_headings", f"{_TABLES[table]}的列标题不属于任何法定格式，数字未采用：{_shown(text)}", where
    )


def headings_mended(table: str, row: str, where: str) -> Finding:
    return Finding("headings_mended", f"{line(table, row)}的列标题残缺或重复，按位置认定", where)


def boundaries_lost(table: str, where: str) -> Finding:
    return Finding("boundaries_lost", f"{_TABLES[table]}的空单元格没有留下痕迹，连写的数字不予拆分", where)


def no_solution(table: str, where: str) -> Finding:
    message = f"{_TABLES[table]}连写的数字没有一种拆分符合全部勾稽关系，可能是发布机关的合计有误"
    return Finding("no_solution", message, where, "possibly_ours")


def lines_of_both_forms(table: str, rows: list[str]) -> Finding:
    names = "、".join(f"“{terms(table)['rows'][row].zh}”" for row in rows)
    return Finding("lines_of_both_forms", f"{_TABLES[table]}另有不属于所用格式的行，未采用：{names}")


def indicator_twice(label: str, where: str | None) -> Finding:
    return Finding("line_twice", f"统计表“{_shown(label)}”出现两次而数字不同，均未采用", where)


def indicator_unit(label: str, raw: str, note: str, where: str | None) -> Finding:
    return Finding("unit", f"统计表“{_shown(label)}”的“{_shown(raw)}”：{note}", where)


def indicator_merged(label: str, where: str) -> Finding:
    message = f"统计表“{_shown(label)}”的数字格跨行，分不清属于哪一行，未采用"
    return Finding("merged_figures", message, where)
