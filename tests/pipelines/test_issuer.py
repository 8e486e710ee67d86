"""Whose report, which division, which year: from documents made by hand and from real ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.divisions import DEFAULT
from archive.records import Context, Document, Grid, GridCell, Paragraph
from pipelines import agency, dates, readers
from pipelines.issuer import Identity, identify

REAL = Path(__file__).resolve().parents[2] / "../shared/real"
ERQI = Context(portal_name="郑州市二七区人民政府", division="410103")
LANGFANG = Context(portal_name="廊坊市人民政府", division="131000")
HUICHANG = Context(portal_name="会昌县人民政府门户网站", division="360733")
PHRASE = "政府信息公开工作年度报告"


def document(
    *lines: str,
    title: str | None = None,
    published: str | None = None,
    source: str | None = None,
    meta: Mapping[str, str] | None = None,
    breadcrumb: tuple[str, ...] = (),
) -> Document:
    text = "\n".join(lines)
    return Document("html", (Paragraph(text, "p"),), text, title, published, source, meta or {}, breadcrumb)


def kinds(identity: Identity) -> set[str]:
    return {finding.kind for finding in identity.findings}


@pytest.mark.parametrize(
    ("title", "context", "name", "division", "kind"),
    [
        (f"益阳市资阳区人民政府2020年{PHRASE}", Context(), "益阳市资阳区人民政府", "430902", "government"),
        (f"资阳区政府2020年{PHRASE}", Context(), "益阳市资阳区人民政府", "430902", "government"),
        (f"廊坊市人民政府办公室2021年{PHRASE}", LANGFANG, "廊坊市人民政府办公室", "131000", "office"),
        (f"廊坊市2021年{PHRASE}", LANGFANG, "廊坊市人民政府", "131000", "government"),
        (f"江苏省2024年{PHRASE}", Context(), "江苏省人民政府", "320000", "government"),
        (f"2019年上海市人民政府办公厅{PHRASE}", Context(), "上海市人民政府办公厅", "310000", "office"),
        (f"平潭综合实验区2021年度{PHRASE}", Context(), "平潭综合实验区管委会", "350128901", "zone"),
        (f"长沙高新区2019年{PHRASE}", Context(), "长沙高新技术产业开发区管理委员会", "430100901", "zone"),
        (f"二七区2020年{PHRASE}", ERQI, "郑州市二七区人民政府", "410103", "government"),
        (f"审计局2020年{PHRASE}", ERQI, "郑州市二七区审计局", "410103", "department"),
        (f"区统计局2020年{PHRASE}", ERQI, "郑州市二七区统计局", "410103", "department"),
        (f"会昌县城市管理局2020年{PHRASE}", Context(), "会昌县城市管理局", "360733", "department"),
        (f"城市管理局2020年{PHRASE}", HUICHANG, "会昌县城市管理局", "360733", "department"),
        (f"中村乡2020年{PHRASE}", HUICHANG, "会昌县中村乡人民政府", "360733", "township"),
        (f"县2023年{PHRASE}", HUICHANG, "会昌县人民政府", "360733", "government"),
        (f"全县2023年{PHRASE}", HUICHANG, "会昌县人民政府", "360733", "government"),
        (f"县政府办2023年{PHRASE}", HUICHANG, "会昌县人民政府办公室", "360733", "office"),
        (f"河北省沧州市气象局2021年{PHRASE}", Context(), "沧州市气象局", "130900", "department"),
        (f"教育部2021年{PHRASE}", Context(), "教育部", None, "department"),
        (f"威海市文登人民政府2022年{PHRASE}", Context(), "威海市文登区人民政府", "371003", "government"),
        (f"北京市崇文区人民政府2009年{PHRASE}", Context(), "北京市崇文区人民政府", "110101", "government"),
        (f"通州市人民政府2008年{PHRASE}", Context(), "通州市人民政府", "320612", "government"),
        (f"平利县正阳镇2021年度{PHRASE}", Context(), "平利县正阳镇人民政府", "610926", "township"),
    ],
)  # fmt: skip
def test_one_name_for_each_issuer(
    title: str, context: Context, name: str, division: str | None, kind: str
) -> None:
    found = identify(document("一、总体情况", title=title), context)
    assert (found.agency, found.division, found.kind) == (name, division, kind)
    assert found.year is not None
    assert not kinds(found)


@pytest.mark.parametrize(
    ("title", "context"),
    [
        (f"长桥乡2019年{PHRASE}", Context()),
        (f"审计局2019年{PHRASE}", Context()),
        (f"市中区教育局2019年{PHRASE}", Context()),
        (f"鼓楼区2019年{PHRASE}", Context()),
        (f"县2019年{PHRASE}", Context()),
        (f"县2019年{PHRASE}", ERQI),
        (f"市统计局2019年{PHRASE}", ERQI),
        (f"中村乡2019年{PHRASE}", LANGFANG),
        (f"某县审计局2019年{PHRASE}", LANGFANG),
        (f"我局2019年{PHRASE}", ERQI),
        (f"审计局2019年{PHRASE}", Context(portal_name="某协会", division="410103")),
    ],
)
def test_what_cannot_be_told_stays_none_and_says_why(title: str, context: Context) -> None:
    found = identify(document("我单位工作情况。", title=title), context)
    assert (found.agency, found.division, found.year) == (None, None, 2019)
    assert kinds(found) == {"agency_unknown"}
    assert all(f.message for f in found.findings)


def test_a_branch_has_the_place_inside_its_name() -> None:
    found = identify(document(title=f"国家税务总局二七区税务局2022年{PHRASE}"), Context())
    assert (found.agency, found.division) == ("国家税务总局郑州市二七区税务局", "410103")


def test_government_and_its_office_are_two_issuers() -> None:
    office = identify(document(title=f"廊坊市人民政府办公室2021年{PHRASE}"), LANGFANG)
    government = identify(document(title=f"廊坊市人民政府2021年{PHRASE}"), LANGFANG)
    assert office.division == government.division
    assert office.agency != government.agency


def test_a_headline_over_two_lines() -> None:
    found = identify(document("九原区政务服务局", f"2022年{PHRASE}", "一、总体情况"), Context())
    assert (found.agency, found.year) == ("包头市九原区政务服务局", 2022)
    broken = identify(document("会昌县中村乡2019年政府信息公开年度工作", "报 告", "一、总体情况"), Context())
    assert (broken.agency, broken.year) == ("会昌县中村乡人民政府", 2019)


def test_a_sentence_that_quotes_a_title_is_no_headline() -> None:
    found = identify(
        document(f"按照会昌县2019年{PHRASE}的要求，我们做了工作。", title=f"审计局2020年{PHRASE}"), HUICHANG
    )
    assert (found.agency, found.year) == ("会昌县审计局", 2020)


def test_the_signature_names_what_the_title_leaves_out() -> None:
    body = ("一、总体情况", "六、其他", "益阳市资阳区人民政府", "2021年1月26日", "【打印本页】")
    found = identify(document(*body, title=f"2020年{PHRASE}"), Context())
    assert (found.agency, found.year) == ("益阳市资阳区人民政府", 2020)
    assert kinds(found) == {"agency_from_text"}
    short = identify(
        document("一、总体情况", "益阳市资阳区审计局", "2021年1月26日", title=f"审计局2020年{PHRASE}"),
        Context(),
    )
    assert short.agency == "益阳市资阳区审计局"


def test_a_signature_of_another_office_is_a_finding_and_the_title_stays() -> None:
    body = ("一、总体情况", "廊坊市人民政府办公室", "2022年1月26日")
    found = identify(document(*body, title=f"廊坊市人民政府2021年{PHRASE}"), LANGFANG)
    assert found.agency == "廊坊市人民政府"
    assert kinds(found) == {"agency_conflict"}


def test_set_phrases_of_the_text() -> None:
    announced = f"根据规定，现公布区统计局2023年{PHRASE}。"
    assert identify(document(announced), ERQI).agency == "郑州市二七区统计局"
    assert identify(document(announced), Context()).agency is None
    assert identify(document(announced), Context()).year == 2023
    group = "二道江区某某街道办事处政务公开领导小组以书记为组长。本报告由综合办公室编写，涉及信息公开工作。"
    assert identify(document(group), Context()).agency == "通化市二道江区某某街道办事处"
    opening = "2019年，长沙高新区认真做好信息公开，现将我区2019年度政府信息公开情况报告如下："
    found = identify(document(opening), Context())
    assert (found.agency, found.year) == ("长沙高新技术产业开发区管理委员会", 2019)


def test_a_department_that_speaks_of_its_county_is_not_the_county() -> None:
    text = "2020年，二七区认真推进全区信息公开工作。"
    found = identify(document("本报告由我局编写。", "一、总体情况", text), ERQI)
    assert found.agency is None
    assert found.year == 2020


def test_the_portal_names_a_report_that_speaks_for_the_whole_place() -> None:
    lines = ("本报告按信息公开条例编制。", "一、概述", "2020年，全区公开工作继续推进，机制更加完善。")
    found = identify(document(*lines), ERQI)
    assert (found.agency, found.division, found.year) == ("郑州市二七区人民政府", "410103", 2020)
    assert kinds(found) == {"agency_from_portal"}
    alone = identify(document(*lines), Context())
    assert (alone.agency, alone.year) == (None, 2020)
    assert kinds(alone) == {"agency_unknown"}


def test_source_and_breadcrumb_where_the_title_is_silent() -> None:
    by_source = identify(document("一、总体情况", title=f"2020年{PHRASE}", source="区审计局"), ERQI)
    assert by_source.agency == "郑州市二七区审计局"
    crumbs = ("首页", "乡镇信息公开", "中村乡", "政府信息公开年报")
    by_crumb = identify(document("一、总体情况", title=f"2020年{PHRASE}", breadcrumb=crumbs), HUICHANG)
    assert by_crumb.agency == "会昌县中村乡人民政府"
    platform = identify(
        document("我单位工作。", title=f"2020年{PHRASE}", source="廊坊市政府信息公开平台"), LANGFANG
    )
    assert platform.agency is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("全县信息公开工作年度报告如下。", "会昌县人民政府"),
        ("我办信息公开工作年度报告如下。", "会昌县人民政府办公室"),
        ("信息公开工作年度报告如下。", None),
    ],
)
def test_an_office_posts_its_governments_report_too(text: str, name: str | None) -> None:
    page = document(text, title=f"2020年{PHRASE}", source="会昌县人民政府办公室")
    assert identify(page, Context()).agency == name


def test_a_source_that_cannot_speak_so_is_passed_over() -> None:
    page = document("我局信息公开年度报告如下。", title=f"2020年{PHRASE}", source="会昌县人民政府")
    assert identify(page, Context()).agency is None


def test_link_text_serves_an_attachment_without_a_title() -> None:
    context = Context(
        portal_name="会昌县人民政府", division="360733", link_text=f"会昌县审计局2023年{PHRASE}.pdf"
    )
    found = identify(document("一、总体情况"), context)
    assert (found.agency, found.year, kinds(found)) == ("会昌县审计局", 2023, set())


def test_the_site_identification_code_gives_the_division() -> None:
    meta = {"siteidcode": "4101030001", "sitename": "郑州市二七区人民政府"}
    assert (
        identify(document(title=f"审计局2020年{PHRASE}", meta=meta), Context()).agency == "郑州市二七区审计局"
    )


def test_an_issuer_from_elsewhere_is_told() -> None:
    found = identify(document(title=f"衢江区湖南镇2021年{PHRASE}"), ERQI)
    assert (found.agency, found.division) == ("衢州市衢江区湖南镇人民政府", "330803")
    assert kinds(found) == {"division_elsewhere"}


@pytest.mark.parametrize(
    "title",
    [
        f"会昌县2023年{PHRASE}解读",
        "某区2022年法治政府建设年度报告",
        f"关于编制2022年{PHRASE}的通知",
        "某区信息公开年度工作报告说明",
    ],
)
def test_a_lookalike_gets_no_identity(title: str) -> None:
    found = identify(document("本报告是信息公开年度报告。", title=title, published="2024-01-02"), HUICHANG)
    assert (found.agency, found.division, found.year) == (None, None, None)
    assert kinds(found) == {"title_not_report"}


def test_text_that_does_not_say_report_gets_none() -> None:
    found = identify(
        document("全市道路情况。", title="某市交通简讯", published="2024-01-02", source="廊坊市交通局"),
        LANGFANG,
    )
    assert (found.agency, found.year, kinds(found)) == (None, None, {"agency_unknown"})


def test_a_page_that_is_nothing_but_tables_is_asked() -> None:
    cell = GridCell("一、本年新收政府信息公开申请数量", "t", (0, 0))
    page = Document("html", (Grid(((cell,),), "t"),), "", published="2024-01-02", source="廊坊市水利局")
    found = identify(page, Context())
    assert (found.agency, found.year) == ("廊坊市水利局", 2023)


@pytest.mark.parametrize(
    ("title", "text", "published", "year", "expected"),
    [
        (f"会昌县2020年{PHRASE}", "统计期限自2020年1月1日起至12月31日止。", "2021-01-29", 2020, set()),
        (f"会昌县{PHRASE}", "统计期限自2021年1月1日起至2021年12月31日止。", None, 2021, set()),
        (f"会昌县{PHRASE}", "统计期限自202111日起至20211230日止。", "2022-01-20", 2021, {"year_inferred"}),
        (f"会昌县{PHRASE}", "统计期限自202111日起至20211230日止。", None, None, {"year_unknown"}),
        (
            f"会昌县2020年{PHRASE}",
            "统计期限自2021年1月1日起至12月31日止。",
            "2021-01-29",
            2020,
            {"year_conflict"},
        ),
        (
            f"会昌县2020年{PHRASE}",
            "统计期限自2021年1月1日起至12月31日止。",
            "2022-01-29",
            None,
            {"year_conflict"},
        ),
        (f"会昌县2020年{PHRASE}", "统计期限自2021年1月1日起至12月31日止。", None, None, {"year_conflict"}),
        (f"会昌县2021年{PHRASE}", "", "2021-01-29", None, {"year_conflict"}),
        (f"会昌县{PHRASE}", "2020年，全县信息公开工作继续推进。", None, 2020, set()),
        (f"会昌县{PHRASE}", "", "2021-03-29", 2020, {"year_inferred"}),
        (f"会昌县{PHRASE}", "", "2021-09-29", None, {"year_unknown"}),
        (f"会昌县二〇二〇年{PHRASE}", "", None, 2020, set()),
        (f"会昌县２０２０年{PHRASE}", "", None, 2020, set()),
    ],
)
def test_year(title: str, text: str, published: str | None, year: int | None, expected: set[str]) -> None:
    found = identify(document(text, title=title, published=published), Context())
    assert (found.year, kinds(found)) == (year, expected)


def test_two_titles_with_two_years() -> None:
    context = Context(link_text=f"会昌县2019年{PHRASE}")
    found = identify(document(title=f"会昌县2020年{PHRASE}"), context)
    assert (found.year, kinds(found)) == (2020, {"year_conflict"})
    both = identify(document(f"会昌县2019年{PHRASE}", title=f"会昌县2020年{PHRASE}"), Context())
    assert (both.year, kinds(both)) == (None, {"year_conflict"})


def test_date_of_publication() -> None:
    title = f"会昌县2020年{PHRASE}"
    listed = Context(list_date=date(2021, 1, 30))
    assert identify(document(title=title, published="2021-01-29 09:27"), listed).published_on == date(
        2021, 1, 29
    )
    assert identify(document(title=title), listed).published_on == date(2021, 1, 30)
    assert identify(document("发布时间：2021年1月28日", title=title), Context()).published_on == date(
        2021, 1, 28
    )
    address = "http://www.example.gov.cn/zfxxgknb/202101/t20210127_1.shtml"
    assert identify(document(title=title), Context(), url=address).published_on == date(2021, 1, 27)
    late = identify(document(title=title, published="2031-01-29"), Context(), fetched_on=date(2024, 1, 1))
    assert (late.published_on, kinds(late)) == (None, {"date_implausible"})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-01-29 09:27", date(2021, 1, 29)),
        ("2021年1月9日", date(2021, 1, 9)),
        ("2021-13-40", None),
        ("1999-01-01", None),
    ],
)
def test_reading_dates(text: str, day: date | None) -> None:
    assert dates.read(text) == day


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("/art/2024/1/29/art_1_2.html", date(2024, 1, 29)),
        ("/202401/t20240129_1.html", date(2024, 1, 29)),
        ("/wzxxgknb/2025/", None),
        (None, None),
    ],
)
def test_dates_in_addresses(address: str | None, day: date | None) -> None:
    assert dates.in_url(address) == day


def test_invented_divisions_come_with_the_registry() -> None:
    rows: list[dict[str, object]] = [
        {"code": "990000", "name": "示例省", "level": "province", "parent": None},
        {"code": "990100", "name": "样本市", "level": "prefecture", "parent": "990000"},
        {"code": "990102", "name": "例证区", "level": "county", "parent": "990100"},
    ]
    page = document(title=f"例证区审计局2023年{PHRASE}")
    assert identify(page, Context(), DEFAULT.with_extra(rows)).agency == "样本市例证区审计局"
    assert identify(page, Context()).agency is None


def test_naming_twice_changes_nothing() -> None:
    for signed in (
        "二七区政府",
        "长沙高新区",
        "中共会昌县委机构编制委员会办公室",
        "南京海关",
        "通州市人民政府",
    ):
        once = agency.name(signed, DEFAULT)
        assert once.agency is not None
        assert agency.name(once.agency, DEFAULT) == once


@given(st.text(max_size=200), st.text(max_size=80), st.sampled_from([Context(), ERQI, LANGFANG]))
def test_no_text_makes_it_raise(text: str, title: str, context: Context) -> None:
    identify(document(text, title=title, published=title, source=text), context)


@given(st.lists(st.text("会昌县人民政府信息公开工作年度报告2020年1月日，。我局全", max_size=60), max_size=8))
def test_no_lines_of_its_own_words_make_it_raise(lines: list[str]) -> None:
    identify(document(*lines), HUICHANG)


# --- real documents ---------------------------------------------------------

#: What the text alone leaves open, and the portal entry that closes it.
CONTEXTS = {
    "erqi_2020": ERQI,
    "pingtan_2019": Context(link_text=f"平潭综合实验区2019年度{PHRASE}"),
}
CASES = sorted(p.parent.name for p in REAL.glob("*/input.*")) if REAL.exists() else []


def _read(path: Path) -> Document:
    return readers.read(path.read_bytes(), name=path.name)


@pytest.mark.skipif(not CASES, reason="no real reports here")
@pytest.mark.parametrize("case", CASES)
def test_real_reports(case: str) -> None:
    truth = json.loads((REAL / case / "truth.json").read_text(encoding="utf-8"))
    found = identify(_read(next((REAL / case).glob("input.*"))), CONTEXTS.get(case, Context()))
    assert (found.agency, found.year) == (truth["agency"].partition("(")[0], truth["year"])
    assert found.division is not None


@pytest.mark.skipif(not CASES, reason="no real reports here")
def test_a_real_report_that_names_no_issuer() -> None:
    found = identify(_read(REAL / "erqi_2020/input.txt"), Context())
    assert (found.agency, found.year, kinds(found)) == (None, 2020, {"agency_unknown"})


EXCERPTS: Mapping[str, tuple[str | None, int | None]] = {
    "cangzhou_qixiang_2021": ("沧州市气象局", 2021),
    "changqiao_2019": (None, 2019),
    "daoxian_wenguang_2013": ("道县文广新局", 2013),
    "dingxi_blankform": (None, None),
    "heihe_qixiang_2021_mixed": ("黑河市气象局", 2021),
    "hunan_zhen_2021_on_longwan": (None, None),
    "ip_host_tjj_2023": (None, 2023),
    "jiuyuan_zwfw_2022": ("包头市九原区政务服务局", 2022),
    "liyuan_2020": ("哈密市伊州区丽园街道办事处", 2020),
    "nanyuan_2020": ("广州市荔湾区人民政府南源街道办事处", 2020),
    "niujie_2019_notables": (None, 2019),
    "putian_notice_2009": (None, None),
    "wendeng_bangongshi_2022_p9": ("威海市文登区人民政府办公室", 2022),
    "wendeng_xinfang_2022_p8": ("威海市文登区信访局", 2022),
    "wuxi_zhengfa_explain": (None, None),
    "xinzhou_qixiang_2021": ("武汉市新洲区气象局", 2021),
    "zhanjiang_dfz_2023": ("湛江市人民政府地方志办公室", 2023),
    "zhengyang_2021_oldform": ("平利县正阳镇人民政府", 2021),
}


@pytest.mark.skipif(not CASES, reason="no real reports here")
@pytest.mark.parametrize("excerpt", sorted(EXCERPTS))
def test_real_excerpts(excerpt: str) -> None:
    found = identify(_read(REAL / f"excerpts/{excerpt}.txt"), Context())
    assert (found.agency, found.year) == EXCERPTS[excerpt]


@pytest.mark.skipif(not CASES, reason="no real reports here")
@pytest.mark.parametrize("path", sorted(REAL.glob("excerpts/*.txt")), ids=lambda p: p.stem)
def test_every_excerpt_is_survived(path: Path) -> None:
    found = identify(_read(path), ERQI)
    assert found.agency or found.findings
