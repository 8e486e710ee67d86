"""Every table and column of the archive, once.

The DDL (``migrations.py``), Datasette's ``metadata.yml`` (``metadata.py``), the
data dictionary and the exports are made from these definitions. The figure
tables take their columns from the statutory forms.

The module is long because it is a list: one entry a column, and the archive's
whole vocabulary in one place is worth more than short files.

Dates are ISO 8601 text, times are UTC, ids are ``keys.stable_id`` of the natural
key, so that two archives made from the same originals are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive import forms
from archive.measures import MEASURES, Measure

#: Raised with every change of a table; ``migrations.py`` leads each release here.
SCHEMA_VERSION = 7

Type = Literal["text", "integer", "real"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it means in Chinese and English, its unit, where it points."""

    name: str
    type: Type
    zh: str
    en: str
    unit: str | None = None
    references: str | None = None
    """Table this column is a foreign key to (its single primary key)."""
    required: bool = False
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class TableDef:
    """One table: its columns, natural key and how Datasette first shows it."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Primary key."""
    unique: tuple[tuple[str, ...], ...] = ()
    indices: tuple[tuple[str, ...], ...] = ()
    """Further indices over several columns; one that a column leads makes its own unnecessary. A leading
    ``-`` means descending: rows of one value, e.g. the newest first, in the order in which pages list them.
    """
    facets: tuple[str, ...] = ()
    label: str | None = None
    """Column that names a row where other tables point to it."""
    sort: str | None = None
    """First sort order; a leading ``-`` means descending."""

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


def _c(
    name: str,
    type_: Type,
    zh: str,
    en: str,
    *,
    unit: str | None = None,
    to: str | None = None,
    required: bool = False,
    indexed: bool = False,
) -> Column:
    return Column(name, type_, zh, en, unit, to, required, indexed or to is not None)


ABOUT = TableDef(
    "about",
    "档案说明",
    "About this archive",
    (
        _c("key", "text", "项目", "What is told", required=True),
        _c("value", "text", "内容", "Its value"),
    ),
    key=("key",),
)

DIVISIONS = TableDef(
    "divisions",
    "行政区划",
    "Administrative divisions and development zones",
    (
        _c("code", "text", "区划代码", "Division code (GB/T 2260; zones: ours)", required=True),
        _c("name", "text", "名称", "Name", required=True),
        _c("full_name", "text", "全称", "Name with its province and prefecture", required=True),
        _c("level", "text", "级别", "province, prefecture, county or zone", required=True),
        _c("parent", "text", "上级区划", "Division it lies in", to="divisions"),
        _c("province", "text", "省份", "Province", indexed=True),
    ),
    key=("code",),
    facets=("level", "province"),
    label="full_name",
    sort="code",
)

AGENCIES = TableDef(
    "agencies",
    "发布机关",
    "Issuers of reports",
    (
        _c("id", "integer", "编号", "Identifier", required=True),
        _c("name", "text", "机关名称", "Name as it signs", required=True, indexed=True),
        _c("aliases", "text", "其他名称", "Other names seen (JSON list)"),
        _c("division", "text", "所属区划", "Division it belongs to", to="divisions"),
        _c("province", "text", "省份", "Province", indexed=True),
        _c("kind", "text", "机关类型", "government, office, department, township, zone or other"),
    ),
    key=("id",),
    unique=(("division", "name"),),
    facets=("province", "kind"),
    label="name",
    sort="name",
)

PORTALS = TableDef(
    "portals",
    "政府网站",
    "Portals in the registry",
    (
        _c("key", "text", "代号", "Registry key", required=True),
        _c("name", "text", "网站主办单位", "Who runs the portal", required=True),
        _c("family", "text", "建站系统", "CMS family", required=True),
        _c("url", "text", "年报栏目地址", "Start address of the report column"),
        _c("site_id_code", "text", "网站标识码", "SiteIDCode"),
        _c("division", "text", "所属区划", "Division", to="divisions"),
        _c("status", "text", "状态", "unverified, ok, partial, blocked, broken, unreachable or gone"),
    ),
    key=("key",),
    facets=("family", "status"),
    label="name",
    sort="key",
)

REPORTS = TableDef(
    "reports",
    "年度报告",
    "Annual reports: one issuer, one year",
    (
        _c("id", "integer", "编号", "Identifier", required=True),
        _c("title", "text", "标题", "Title", required=True),
        _c("agency", "integer", "发布机关", "Issuer", to="agencies", required=True),
        _c("year", "integer", "年度", "Year reported on", required=True, indexed=True),
        _c("province", "text", "省份", "Province", indexed=True),
        _c("division", "text", "所属区划", "Division", to="divisions"),
        _c("published_on", "text", "发布日期", "Date of publication", indexed=True),
        _c(
            "form",
            "text",
            "报告格式",
            "Statutory form: 2014, provincial, 2019, 2021, mixed; empty if no table was found",
            indexed=True,
        ),
        _c("disclosure_form", "text", "表二格式", "Form of Table 2"),
        _c("requests_form", "text", "表三格式", "Form of Table 3"),
        _c("reviews_form", "text", "表四格式", "Form of Table 4"),
        _c("indicators_form", "text", "统计表格式", "Form of the indicator list: 2014, or provincial"),
        _c("verdict", "text", "勾稽结论", "pass, fail or not_assessable", indexed=True),
        _c("checks_passed", "integer", "通过的勾稽关系", "Identities that hold", unit="项"),
        _c("checks_failed", "integer", "不符的勾稽关系", "Identities that fail", unit="项"),
        _c(
            "checks_not_assessable",
            "integer",
            "无法核对的勾稽关系",
            "Identities that could not be assessed",
            unit="项",
        ),
        _c("figures", "integer", "已读数字", "Cells with a value", unit="个"),
        _c("cells", "integer", "表格单元", "Cells of the forms found", unit="个"),
        _c(
            "repetition",
            "real",
            "与上年重复",
            "Sentences that stand identically in the issuer's report of the year before",
            unit="%",
        ),
        _c("url", "text", "原文链接", "Live page"),
        _c("document", "integer", "原件", "Archived original the figures were read from", to="documents"),
        _c("revision", "integer", "修订序号", "Current revision, 1 = as first seen"),
        _c("content_hash", "text", "内容指纹", "Digest of figures and prose"),
        _c("parser", "text", "解析器版本", "Parser version"),
    ),
    key=("id",),
    unique=(("agency", "year"),),
    # Counts of a province's years, and what fails from the newest year on, are read from the index alone.
    # What repeats most is read from the index's end. Pages of the table are read in the order of the falling
    # ones, however many rows fit.
    indices=(
        ("-year",),
        ("province", "-year"),
        ("form", "-year"),
        ("verdict", "-year"),
        ("verdict", "year"),
        ("repetition", "year"),
    ),
    facets=("province", "year", "form", "verdict"),
    label="title",
    sort="-year",
)

SECTIONS = TableDef(
    "sections",
    "报告正文",
    "Text of the six sections",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("number", "integer", "部分", "Section, 1 to 6; 0 = before the first heading", required=True),
        _c("heading", "text", "标题", "Heading as the report has it"),
        _c("text", "text", "正文", "Text without page chrome"),
    ),
    key=("report", "number"),
)

DOCUMENTS = TableDef(
    "documents",
    "原件",
    "Originals fetched or ingested",
    (
        _c("id", "integer", "编号", "Identifier", required=True),
        _c("url", "text", "网址", "Address, or file name when ingested", required=True, indexed=True),
        _c("fetched_at", "text", "抓取时间", "When these bytes were first fetched (UTC)", required=True),
        _c("sha256", "text", "SHA-256", "SHA-256 of the bytes", required=True, indexed=True),
        _c("bytes", "integer", "大小", "Size", unit="字节"),
        _c("media_type", "text", "媒体类型", "Content-Type as the server said it"),
        _c(
            "kind",
            "text",
            "文件类型",
            "What the content is: html, pdf, docx, ofd, zip, text or a picture",
            indexed=True,
        ),
        _c("role", "text", "角色", "page or attachment", indexed=True),
        _c("warc_file", "text", "WARC 文件", "WARC file"),
        _c("warc_offset", "integer", "WARC 偏移", "Offset of the record", unit="字节"),
        _c("warc_length", "integer", "WARC 长度", "Length of the record", unit="字节"),
        _c("portal", "text", "来源网站", "Portal it was found on", to="portals"),
        _c("report", "integer", "年度报告", "Report it carries", to="reports"),
        _c(
            "outcome",
            "text",
            "结果",
            "current, copy, superseded, split, refused, unassigned, unreadable, or part of another original",
            indexed=True,
        ),
        _c("reason", "text", "原因", "Why, where the outcome needs one"),
        _c("content_hash", "text", "内容指纹", "Digest of figures and prose"),
        _c("figures", "integer", "已读数字", "Cells with a value", unit="个"),
        _c("page_url", "text", "所在页面", "For an attachment: the page it hangs on"),
        _c("link_text", "text", "链接文字", "Text of the link that led here"),
        _c("context", "text", "抓取线索", "Hints found with it (JSON)"),
    ),
    key=("id",),
    unique=(("url", "sha256"),),
    facets=("kind", "role", "outcome"),
    label="url",
    sort="url",
)

LINES = TableDef(
    "lines",
    "表格行目",
    "Lines of the statutory tables and indicator lists",
    (
        _c("key", "text", "代号", "Key", required=True),
        _c("table_key", "text", "表", "disclosure, requests, reviews or indicators"),
        _c("position", "integer", "次序", "Order in the form; empty for a line of a province's own (raw:)"),
        _c("zh", "text", "法定文字", "Official wording; for a line of a province's own, the source's"),
        _c("en", "text", "英文", "English"),
    ),
    key=("key",),
    label="zh",
    sort="position",
)


def _figures(key: str) -> TableDef:
    """Table 2, 3 or 4: one row a report and line, one column a figure."""
    entry = forms.form("2021").tables[key]
    figures = []
    for term in forms.columns(key):
        figures.append(
            _c(term.key, "real" if term.kind == "amount" else "integer", term.zh, term.en, unit=term.unit)
        )
    if key == "disclosure":
        figures.append(_c("amount_raw", "text", "金额原文", "Amount as the source writes it, unit included"))
    return TableDef(
        key,
        entry.zh,
        entry.en,
        (
            _c("report", "integer", "年度报告", "Report", to="reports", required=True),
            _c("line", "text", "行目", "Line of the form", to="lines", required=True),
            *figures,
            _c("place", "text", "原件位置", "Where the line stands in the original"),
        ),
        key=("report", "line"),
        # The largest of the country are read from the index's end.
        indices=(("line", "total"),) if key == "requests" else (),
        facets=("line",),
    )


INDICATORS = TableDef(
    "indicators",
    "统计表指标",
    "Indicator lists of the reports for 2014 to 2018",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("number", "integer", "序号", "Order in the list", required=True),
        _c("line", "text", "行目", "Line, as cell_notes and changes name it", to="lines", required=True),
        _c(
            "key",
            "text",
            "国家指标",
            "Indicator of the national list; empty for a province's own",
            to="lines",
        ),
        _c("label", "text", "指标名称", "Label as the source writes it", required=True),
        _c("year_value", "real", "本年度", "Figure of the year, in the unit of the line"),
        _c("cumulative", "real", "历年累计", "Figure of all years so far, where the list has it"),
        _c("unit", "text", "单位", "What the line counts"),
        _c("status", "text", "状态", "Status of the year's figure: exact, or why not", indexed=True),
        _c("raw", "text", "原文", "The year's figure as the source has it"),
        _c("place", "text", "原件位置", "Where the line stands in the original"),
    ),
    key=("report", "number"),
    facets=("key", "unit", "status"),
)

CELL_NOTES = TableDef(
    "cell_notes",
    "单元格说明",
    "Cells that were not read plainly",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("table_key", "text", "表", "disclosure, requests, reviews or indicators", required=True),
        _c("line", "text", "行目", "Line of the form", to="lines", required=True),
        _c("column_key", "text", "列目", "Column of the form", required=True),
        _c("status", "text", "状态", "blank, dash, inferred, ambiguous, unreadable or missing", indexed=True),
        _c("raw", "text", "原文", "Text as the source has it"),
        _c("readings", "text", "可能读法", "Readings that fit (JSON list)"),
        _c("evidence", "text", "推定依据", "Other reports that settle the cell, and how"),
        _c("place", "text", "原件位置", "Where it stands in the original"),
    ),
    key=("report", "table_key", "line", "column_key"),
    facets=("status", "table_key"),
)

FINDINGS = TableDef(
    "findings",
    "核对发现",
    "Checks that failed or could not be assessed, and other findings",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("number", "integer", "序号", "Number within the report", required=True),
        _c(
            "scope",
            "text",
            "范围",
            "report: of this report alone; across: with other reports; archive: how it is held",
        ),
        _c("kind", "text", "类型", "identity, or the kind of finding", indexed=True),
        _c(
            "identity",
            "text",
            "勾稽关系",
            "R1, R2, R3, V1; I1 … indicator list; N1 … prose against table; Y1, Y2, Y3 across years; H1",
            indexed=True,
        ),
        _c("verdict", "text", "结论", "fail or not_assessable", indexed=True),
        _c("at", "text", "位置", "Where the identity was applied"),
        _c("left", "real", "左边", "Left side"),
        _c("right", "real", "右边", "Right side"),
        _c("blame", "text", "责任", "issuer or possibly_ours"),
        _c("message", "text", "说明", "In words"),
        _c("place", "text", "原件位置", "Where it stands in the original"),
    ),
    key=("report", "number"),
    facets=("kind", "identity", "verdict", "blame"),
)

REVISIONS = TableDef(
    "revisions",
    "修订",
    "States of a report as its issuer changed it",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("number", "integer", "修订序号", "1 = as first seen", required=True),
        _c("document", "integer", "原件", "Archived original", to="documents"),
        _c("seen_at", "text", "发现时间", "When it was first seen (UTC)", indexed=True),
        _c("content_hash", "text", "内容指纹", "Digest of figures and prose"),
        _c("cells_changed", "integer", "变动数字", "Cells that differ from the revision before", unit="个"),
        _c("text_changed", "integer", "正文变动", "1 if the prose differs from the revision before"),
        _c(
            "text_diff",
            "text",
            "正文差异",
            "What changed in the prose since the revision before, sentence by sentence (unified diff)",
        ),
    ),
    key=("report", "number"),
    # Feeds look at the latest twenty thousand in the index alone.
    indices=(("seen_at", "report", "number"),),
)

CHANGES = TableDef(
    "changes",
    "变动数字",
    "Figures an issuer altered after publication",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("revision", "integer", "修订序号", "Revision that brought the change", required=True),
        _c("table_key", "text", "表", "disclosure, requests, reviews or indicators", required=True),
        _c("line", "text", "行目", "Line of the form", to="lines", required=True),
        _c("column_key", "text", "列目", "Column of the form", required=True),
        _c("old", "real", "原数", "Value before"),
        _c("new", "real", "新数", "Value after"),
        _c("old_status", "text", "原状态", "Status before"),
        _c("new_status", "text", "新状态", "Status after"),
    ),
    key=("report", "revision", "table_key", "line", "column_key"),
)

COPIES = TableDef(
    "copies",
    "其他发布处",
    "Other places with the same report",
    (
        _c("report", "integer", "年度报告", "Report", to="reports", required=True),
        _c("document", "integer", "原件", "Archived original of the copy", to="documents", required=True),
        _c("url", "text", "网址", "Address"),
        _c("reason", "text", "认定理由", "mirror, attachment, page, differs, no_figures or near"),
        _c("likeness", "real", "数字相同程度", "Share of the figures that agree, 0 to 1"),
        _c(
            "text_likeness",
            "real",
            "正文相同程度",
            "Likeness of the prose (Jaccard, runs of five characters), 0 to 1; empty where a side has none",
        ),
    ),
    key=("report", "document"),
    facets=("reason",),
)

SPLITS = TableDef(
    "splits",
    "人工拆分",
    "Addresses taken out of a report by decision: what they show is not that report",
    (
        _c("report", "integer", "年度报告", "Report it was taken out of", to="reports", required=True),
        _c("url", "text", "网址", "Address; whatever it shows later stays out too", required=True),
        _c("document", "integer", "原件", "Original that was looked at", to="documents", required=True),
        _c("reason", "text", "理由", "Why, as whoever decided put it", required=True),
        _c("decided_at", "text", "决定时间", "When it was decided (UTC)", required=True),
    ),
    key=("report", "url"),
)

RUNS = TableDef(
    "runs",
    "抓取记录",
    "Crawls: one row a portal a run",
    (
        _c("id", "integer", "编号", "Identifier", required=True),
        _c("portal", "text", "网站", "Portal", to="portals"),
        _c("command", "text", "命令", "crawl, ingest or reparse"),
        _c(
            "mode",
            "text",
            "方式",
            "new: what is not known was fetched; all: everything; some: a sample or one year",
        ),
        _c("started_at", "text", "开始", "Start (UTC)", required=True),
        _c("finished_at", "text", "结束", "End (UTC)", indexed=True),
        _c("finish_reason", "text", "结束原因", "Why it ended"),
        _c(
            "outcome",
            "text",
            "结论",
            "What it says of the portal: ok, partial, blocked, broken or gone; empty if it says nothing",
            indexed=True,
        ),
        _c("system", "text", "识别系统", "CMS that the column's page shows; empty if it shows no sign"),
        _c("requests", "integer", "请求数", "Requests sent"),
        _c("responses", "integer", "响应数", "Responses received"),
        _c("found", "integer", "发现", "Report links found on lists"),
        _c("known", "integer", "已知未取", "Links left alone because they are known and unchanged"),
        _c("stored", "integer", "新入库", "New reports stored"),
        _c("unchanged", "integer", "无变化", "Originals fetched again and found unchanged"),
        _c("revised", "integer", "修订", "Revisions recorded"),
        _c("copied", "integer", "副本", "Documents joined to a report as copies"),
        _c("refused", "integer", "拒收", "Documents refused as no report"),
        _c("failed", "integer", "失败", "Issues recorded"),
        _c("pages", "integer", "新读页面", "Pages read that were new: the next five say what they gave"),
        _c("titled", "integer", "其中有标题", "Of these, with a title"),
        _c("assigned", "integer", "其中有机关和年度", "Of these, with issuer and year"),
        _c("dated", "integer", "其中有发布日期", "Of these, with a date of publication"),
        _c("tabled", "integer", "其中读出数字", "Of these, whose report has figures"),
        _c("failing", "integer", "其中勾稽不符", "Of these, whose report fails an identity"),
        _c("parser", "text", "解析器版本", "Parser version"),
        _c("log", "text", "日志文件", "File of the data folder that holds its log"),
    ),
    key=("id",),
    indices=(("-started_at",),),
    facets=("portal", "finish_reason", "outcome"),
    sort="-started_at",
)

RUN_ISSUES = TableDef(
    "run_issues",
    "抓取问题",
    "What went wrong in a crawl",
    (
        _c("run", "integer", "抓取记录", "Run", to="runs", required=True),
        _c("number", "integer", "序号", "Number within the run", required=True),
        _c(
            "kind",
            "text",
            "类型",
            "blocked:…, robots, http, gone, foreign_host, too_large, error …",
            indexed=True,
        ),
        _c("url", "text", "网址", "Address"),
        _c("message", "text", "说明", "What happened"),
    ),
    key=("run", "number"),
    facets=("kind",),
)

COVERAGE = TableDef(
    "coverage",
    "覆盖情况",
    "Issuer × year: filed, late, missing or blocked",
    (
        _c("agency", "integer", "发布机关", "Issuer", to="agencies", required=True),
        _c("year", "integer", "年度", "Year reported on", required=True),
        _c("status", "text", "状态", "filed, late, undated, missing or blocked", indexed=True),
        _c("report", "integer", "年度报告", "Report", to="reports"),
        _c(
            "deadline",
            "text",
            "法定期限",
            "31 January (departments) or 31 March (governments) of the next year",
        ),
        _c("published_on", "text", "发布日期", "Date of publication"),
        _c("days_late", "integer", "逾期天数", "Days after the deadline", unit="天"),
    ),
    key=("agency", "year"),
    facets=("status", "year"),
)


def _sums(measure: Measure) -> tuple[Column, ...]:
    zh, en = measure.zh, measure.en
    found = [
        _c(measure.key, "integer", f"{zh}合计", f"{en}, added up; empty where no report has it", unit="件"),
        _c(
            f"{measure.key}_reports",
            "integer",
            f"有“{zh}”一数的报告",
            "Reports that have this figure" + (" and the one it is a part of" if measure.of else ""),
            unit="份",
            required=True,
        ),
    ]
    if measure.of:
        whole = next(m for m in MEASURES if m.key == measure.of)
        found.append(
            _c(
                f"{measure.key}_of",
                "integer",
                f"同一批报告的{whole.zh}",
                f"{whole.en}, added up over the same reports: what a share is taken of",
                unit="件",
            )
        )
    return tuple(found)


TOTALS = TableDef(
    "totals",
    "各省各年合计",
    "Key figures added up by province, year, kind and level of issuer",
    (
        _c("province", "text", "省份", "Province; empty text where it is not known", required=True),
        _c("year", "integer", "年度", "Year reported on", required=True),
        _c(
            "kind",
            "text",
            "机关类型",
            "government, office, department, township, zone or other",
            required=True,
        ),
        _c(
            "level",
            "text",
            "区划级别",
            "province, prefecture, county or zone; empty text: not known",
            required=True,
        ),
        _c("reports", "integer", "报告数", "Reports of this group", unit="份", required=True),
        _c("passed", "integer", "勾稽相符的报告", "Reports whose arithmetic holds", unit="份", required=True),
        _c("failed", "integer", "勾稽不符的报告", "Reports that fail an identity", unit="份", required=True),
        _c("figures", "integer", "已读数字", "Cells with a value", unit="个", required=True),
        *(column for measure in MEASURES for column in _sums(measure)),
    ),
    key=("province", "year", "kind", "level"),
    facets=("province", "year", "kind", "level"),
    sort="-year",
)

#: Every table, in an order in which references point backwards or to the table itself;
#: ``reports`` and ``documents`` point at each other.
TABLES: tuple[TableDef, ...] = (
    ABOUT,
    DIVISIONS,
    AGENCIES,
    PORTALS,
    LINES,
    REPORTS,
    DOCUMENTS,
    SECTIONS,
    *(_figures(key) for key in forms.TABLES),
    INDICATORS,
    CELL_NOTES,
    FINDINGS,
    REVISIONS,
    CHANGES,
    COPIES,
    SPLITS,
    RUNS,
    RUN_ISSUES,
    COVERAGE,
    TOTALS,
)


def table(name: str) -> TableDef:
    """The definition of one table; raises ``KeyError`` with the known names."""
    for definition in TABLES:
        if definition.name == name:
            return definition
    raise KeyError(f"no table {name!r}; known: {', '.join(t.name for t in TABLES)}")
