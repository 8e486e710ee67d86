from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from archive import forms
from archive.queries import QUERIES
from tests.archive.site import sample
from tests.archive.site.conftest import Get

PAGES = (
    "/",
    f"/report/{sample.REPORT_2020}",
    f"/report/{sample.REPORT_2021}",
    f"/report/{sample.REPORT_HOSTILE}",
    f"/report/{sample.REPORT_EMPTY}",
    f"/issuer/{sample.ERQI}",
    f"/issuer/{sample.HOSTILE}",
    "/division",
    "/division/410103",
    "/division/410000",
    "/coverage",
    "/status",
    "/coverage?division=410000",
    "/coverage?division=410000&year=2021&status=missing&kind=government",
    "/findings",
    "/findings?province=河北省&year=2021&identity=R1&blame=issuer",
    f"/findings?issuer={sample.SHAHE}",
    "/compare",
    f"/compare?issuers={sample.ERQI}",
    f"/compare?issuers={sample.ERQI},{sample.SHAHE},{sample.HOSTILE}&q=局",
    f"/compare?issuers={sample.ERQI},{sample.SHAHE}&years=2020",
    f"/report/{sample.REPORT_2020}/at/requests.received.total",
    f"/report/{sample.REPORT_2021}/at/disclosure.normative_documents.issued",
    f"/report/{sample.REPORT_2021}/at/requests.refused_third_party.civic",
    f"/original/{sample.PAGE}/at/table[2]/tr[3]/td[1]",
    f"/original/{sample.LOST}/at/p[1]",
    "/dictionary",
    "/gongkai",
    "/gongkai/reports",
    "/gongkai/reports?province=河南省&year=2020",
    "/gongkai/requests?line=received&_sort=total",
    "/gongkai/findings",
    "/gongkai/cell_notes",
    "/gongkai/sections",
    "/gongkai/documents",
    "/gongkai/coverage",
    f"/gongkai/reports/{sample.REPORT_HOSTILE}",
    f"/gongkai/agencies/{sample.HOSTILE}",
    "/gongkai?sql=select+1+as+one",
    "/search",
    "/search?q=政府信息公开&year=2022",
    "/search?q=<script>alert('标题')</script>",
    "/search?q=\u202e没有这样的词&province=河南省",
    "/gongkai/reports?_search=政府信息",
    "/gongkai/totals",
    *(f"/gongkai/{query.name}" for query in QUERIES),
)
# Pages of Datasette's that are not ours.
PLAIN = ("/-/metadata", "/-/versions", "/-/settings", "/-/plugins")
BROKEN = (
    "/report/1",
    "/issuer/1",
    "/original/1",
    "/division/999999",
    f"/report/{sample.REPORT_2020}/at/requests.received.nothing",
    f"/report/{sample.REPORT_2020}/at/x",
    f"/original/{sample.PAGE}/at/<script>",
    "/original/1/at/p[1]",
    "/coverage?division=999999",
    "/nowhere",
    "/gongkai/nothing",
    "/gongkai?sql=drop+table+reports",
)
BANNER = "演示数据 Demonstration: sample portals on this machine; figures partly invented"


class Elements(HTMLParser):
    """Start tags with their attributes, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))

    def handle_endtag(self, tag: str) -> None:
        self.text += " " if tag in {"dt", "dd", "th", "td", "li", "p"} else ""

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound(get: Get, path: str, lang: str) -> None:
    response = get(path, lang)
    assert response.status_code == 200
    page = Elements(response.text)
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == 1
    assert names.count("main") == 1
    html = next(attributes for tag, attributes in page.tags if tag == "html")
    assert html["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert len(set(page.ids)) == len(page.ids)
    for tag, attributes in page.tags:
        if tag == "th":
            assert attributes.get("scope") in {"col", "row", "colgroup", "rowgroup"}, attributes
        if tag in {"link", "script", "img", "iframe"}:
            address = attributes.get("src") or attributes.get("href") or ""
            own = not address or (address.startswith("/") and not address.startswith("//"))
            assert own or address.startswith("http://localhost/"), address
        if tag == "a":
            assert re.match(r"(https?:/|/|#|\?)", attributes.get("href") or ""), attributes
        assert not any(name.startswith("on") for name in attributes), attributes


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_never_becomes_markup(get: Get, path: str) -> None:
    text = get(path).text
    assert sample.SCRIPT not in text
    assert "<script>alert" not in text
    assert "<b>某局" not in text
    assert "<img src=x" not in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_hostile_text_is_shown_as_text(get: Get) -> None:
    page = Elements(get(f"/report/{sample.REPORT_HOSTILE}").text)
    assert "<script>alert('标题')</script>\"'\ufffd2022年政府信息公开\ufffd工作年度报告" in page.text
    assert sample.FORMULA in page.text
    assert "</p><img src=x>" in page.text
    assert "javascript:alert(document.domain)" in page.text


@pytest.mark.parametrize("path", [*PAGES, *PLAIN, *BROKEN])
def test_demonstration_banner_is_on_every_page(get_demo: Get, path: str) -> None:
    for lang in ("zh", "en"):
        assert BANNER in get_demo(path, lang).text


@pytest.mark.parametrize("path", ["/", f"/report/{sample.REPORT_2020}", "/gongkai/reports", "/report/1"])
def test_real_archive_has_no_banner(get: Get, path: str) -> None:
    assert "演示数据" not in get(path).text


@pytest.mark.parametrize("path", BROKEN)
def test_what_is_not_there_is_said_in_words(get: Get, path: str) -> None:
    response = get(path)
    assert response.status_code in (400, 404)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = Elements(response.text)
    assert ("没有这个页面" in page.text) or ("请求有误" in page.text)
    assert "Traceback" not in page.text
    english = Elements(get(path, "en").text).text
    assert ("Not found" in english) or ("Bad request" in english)


def test_robots_leave_alone_what_costs_a_reading(get: Get) -> None:
    answer = get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Disallow: /report/*/at/" in answer.text.split("\n")
    assert (
        'content="noindex, nofollow"' in get(f"/report/{sample.REPORT_2020}/at/requests.received.total").text
    )


def test_errors_for_programs_are_json(get: Get) -> None:
    response = get("/report/1.json")
    assert response.status_code == 404
    assert response.json()["status"] == 404
    assert response.json()["ok"] is False


def test_language_switch_lasts_and_is_no_filter(get: Get) -> None:
    switched = get("/gongkai/reports?lang=en", "zh")
    assert switched.status_code == 200
    assert "Annual reports" in switched.text
    assert "2020年政府信息公开工作年度报告" in switched.text  # rows are still there
    assert "gongkai_lang=en" in switched.headers["set-cookie"]
    assert switched.headers["cache-control"] == "private, no-store"
    kept = get("/", "zh", headers={"Cookie": "gongkai_lang=en"})
    assert "Reports by province and year" in kept.text
    assert "Accept-Language" in kept.headers["vary"]
    assert "各省各年报告数" in get("/?lang=zh", "en").text
    assert "各省各年报告数" in get("/?lang=tlh", "zh").text


def test_front_page_counts(get: Get) -> None:
    text = " ".join(Elements(get("/").text).text.split())
    assert "份报告 4" in text
    assert "个机关 3" in text
    assert "2020–2023" in text
    assert "2026-11-01" in text
    html = get("/").text
    assert f'<a href="/report/{sample.REPORT_2021}">' in html
    assert "/gongkai/reports?province=%E6%B2%B3%E5%8D%97%E7%9C%81&amp;year=2020" in html
    # Provinces in the order of their division codes; what has none comes last.
    assert html.index("河北省</a></th>") < html.index("河南省</a></th>") < html.index("未定</th>")
    assert "province__isnull=1" in html


def test_report_page_tells_filing_verdict_and_origin(get: Get) -> None:
    page = get(f"/report/{sample.REPORT_2020}")
    text = " ".join(Elements(page.text).text.split())
    assert "逾法定期限（2021-03-31）9 天" in text
    assert "40 项勾稽关系全部相符" in text
    assert "在法定期限（2022-01-31）内" in Elements(get(f"/report/{sample.REPORT_2021}").text).text
    assert f'href="/original/{sample.PAGE}"' in page.text
    assert 'href="http://portal.example/nb/t2020.html"' in page.text
    assert "第 2 版" in text
    assert "302" in text
    assert "javascript:alert(1)" in text
    assert "script-src 'none'" in page.headers["content-security-policy"]


class Cells(HTMLParser):
    """Texts of the td of one table, by its class."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.name, self.inside, self.cell = name, False, False
        self.cells: list[str] = []
        self.titles: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "table":
            self.inside = (found.get("class") or "").split()[-1:] == [self.name]
        if tag == "td" and self.inside:
            self.cell = True
            self.cells.append("")
            self.titles.append(found.get("title") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self.cell = False

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.cells[-1] += data.strip()


def test_table_3_shows_every_figure_at_its_place(get: Get) -> None:
    cells = Cells(get(f"/report/{sample.REPORT_2020}").text, "requests").cells
    assert len(cells) == 23 * 7
    assert cells[:7] == ["320", "9", "0", "0", "0", "0", "329"]
    assert cells[-14:-7] == ["332", "9", "0", "0", "0", "0", "341"]
    reviews = Cells(get(f"/report/{sample.REPORT_2020}").text, "reviews").cells
    assert reviews == ["20", "1", "2", "21", "44", "19", "2", "0", "0", "21", "0", "0", "0", "1", "1"]
    disclosure = Cells(get(f"/report/{sample.REPORT_2020}").text, "disclosure").cells
    assert "-55" in disclosure
    assert disclosure[-1] == "94799.5301万元"


def test_a_cell_without_a_number_shows_why_and_never_zero(get: Get) -> None:
    page = get(f"/report/{sample.REPORT_2021}").text
    found = Cells(page, "requests")
    keys = [(row.key, column.key) for row, column in forms.form("2021").tables["requests"].cells()]
    cells = dict(zip(keys, found.cells, strict=True))
    titles = dict(zip(keys, found.titles, strict=True))
    assert cells["granted_in_part", "natural_person"] == "空"
    assert cells["refused_by_law", "natural_person"] == "/"
    assert cells["refused_by_law", "total"] == "无"
    assert cells["concluded", "natural_person"] == "20推"
    assert cells["refused_third_party", "civic"].endswith("误")
    assert cells["granted", "research"] == "0"
    assert "推断" in titles["concluded", "natural_person"]
    assert "2010000021" in titles["concluded", "natural_person"]
    assert "table[2]/tr[9]/td[4]" in titles["concluded", "natural_person"]
    disclosure = Cells(page, "disclosure")
    assert disclosure.cells[3:6] == ["歧", "歧", "歧"]
    assert "22 | 2" in disclosure.titles[3]
    assert "缺" in disclosure.cells
    # Each has an entry in the list below the tables, and a page of its own.
    assert len(re.findall(r'<tr id="note-\d+">', page)) == 11
    links = re.findall(rf'<a class="fig" rel="nofollow" href="(/report/{sample.REPORT_2021}/at/[^"]+)"', page)
    assert len(links) == 25 * 7 + 10
    for link in links[::17]:
        assert get(link).status_code == 200


def test_failed_checks_in_plain_words_with_whose_error(get: Get) -> None:
    text = Elements(get(f"/report/{sample.REPORT_2021}").text).text
    assert "「一、本年新收政府信息公开申请数量」一行：各类申请人之和为 21，总计写作 27，相差 6。" in text
    assert "属发布机关的计算有误" in text
    assert "可能是本档案读取有误" in text
    assert "无法核对之处（1）" in text
    assert "没有找到表四" in text
    assert "本报告中没有找到这张表" in text


def test_labels_in_english_on_demand_and_chinese_beside(get: Get) -> None:
    page = Elements(get(f"/report/{sample.REPORT_2020}", "en").text)
    assert "I. Applications newly received this year" in page.text
    titles = {attributes.get("title") for tag, attributes in page.tags if tag == "th"}
    assert "一、本年新收政府信息公开申请数量" in titles


def test_report_json_holds_every_cell(get: Get) -> None:
    data = get(f"/report/{sample.REPORT_2021}.json").json()
    assert data["report"]["agency_name"] == "沙河市人民政府办公室"
    assert data["forms"] == {"disclosure": "2021", "requests": "2021"}
    cells = {(c["table"], c["row"], c["column"]): c for c in data["cells"]}
    assert len(cells) == 175 + 11 - 1
    assert cells["requests", "received", "total"]["value"] == 27
    ambiguous = cells["disclosure", "normative_documents", "issued"]
    assert ambiguous["value"] is None
    assert ambiguous["status"] == "ambiguous"
    assert ambiguous["readings"] == ["22", "2"]
    assert cells["disclosure", "coercive_measures", "decisions"]["status"] == "missing"
    assert [f["verdict"] for f in data["findings"]] == ["fail", "fail", "not_assessable", None]
    assert json.loads(json.dumps(data)) == data


def test_issuer_page_sets_years_side_by_side(get: Get) -> None:
    text = " ".join(Elements(get(f"/issuer/{sample.ERQI}").text).text.split())
    assert "指标 2021 2020" in text
    assert "逾期 9 天" in text
    assert "未见报告" in text
    assert "一、本年新收政府信息公开申请数量 件 329" in text  # 2021 has none
    assert "（三）不予公开合计 件 35" in text
    assert "公开率（全部或部分公开 ÷ 总计） % 39" in text
    assert "二七区政府" in text


def test_a_sum_with_an_unknown_part_is_no_number(get: Get) -> None:
    page = get(f"/issuer/{sample.SHAHE}").text
    row = page[page.index("（三）不予公开合计") :].split("</tr>")[0]
    assert 'class="s-dash"' in row
    assert re.search(r">\d+</td>", row) is None


def test_issuer_without_reports_or_hostile_name(get: Get) -> None:
    assert "&lt;b&gt;某局&lt;/b&gt;" in get(f"/issuer/{sample.HOSTILE}").text


def test_table_page_speaks_chinese_and_links_to_our_pages(get: Get) -> None:
    page = get("/gongkai/reports")
    assert f'<a href="/report/{sample.REPORT_2020}">' in page.text
    assert f'<a href="/issuer/{sample.ERQI}">郑州市二七区人民政府</a>' in page.text
    assert "勾稽不符" in page.text
    facets = re.findall(r'id="facet-(\w+)"', page.text)
    assert facets == ["province", "year", "form", "verdict"]
    assert '/download/reports.csv"' in page.text
    requests = get("/gongkai/requests?line=received").text
    assert f'<a href="/report/{sample.REPORT_2020}">郑州市二七区2020年' in requests
    assert "一、本年新收政府信息公开申请数量" in requests
    assert "/download/requests.csv?line=received" in requests


def test_a_row_names_what_it_points_to(get: Get) -> None:
    report = get(f"/gongkai/reports/{sample.REPORT_2020}").text
    assert f'<a href="/issuer/{sample.ERQI}">郑州市二七区人民政府</a>' in report
    assert '<a href="/division/410103">' in report
    assert f'<a href="/report/{sample.REPORT_2020}">郑州市二七区2020年' in report
    hostile = get(f"/gongkai/reports/{sample.REPORT_HOSTILE}").text
    assert f'<a href="/issuer/{sample.HOSTILE}">&lt;b&gt;某局&lt;/b&gt;</a>' in hostile
    finding = get(f"/gongkai/findings/{sample.REPORT_2021},1").text
    assert f'<a href="/report/{sample.REPORT_2021}">沙河市' in finding
    document = get(f"/gongkai/documents/{sample.PAGE}").text
    assert f'<a href="/original/{sample.PAGE}">' in document
    assert 'href="/gongkai/portals/erqi">二七区人民政府</a>' in document


def test_internal_tables_are_not_listed(get: Get) -> None:
    assert "_sqlite_migrations" not in get("/gongkai").text
    row = get(f"/gongkai/reports/{sample.REPORT_2020}").text
    assert "/gongkai/sections?report=" in row
    assert "/gongkai/_" not in row


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("applications_by_province", {"province": "河南省", "received": 329, "granted_percent": 39.0}),
        ("failed_identities", {"identity": "R1", "left": 21.0, "right": 27.0}),
        ("top_issuers", {"agency_name": "郑州市二七区人民政府", "received": 329}),
        ("refusals_by_reason", {"year": 2020, "reason": "1.本机关不掌握相关政府信息", "cases": 86}),
        ("filing_by_province", {"year": 2020, "late": 1, "missing": 0}),
    ],
)
def test_canned_queries_answer(get: Get, query: str, expected: dict[str, object]) -> None:
    rows = get(f"/gongkai/{query}.json?_shape=array").json()
    assert any(expected.items() <= row.items() for row in rows), rows


def test_canned_queries_take_their_parameters(get: Get) -> None:
    assert get("/gongkai/failed_identities.json?_shape=array&year=2020&province=").json() == []
    assert len(get("/gongkai/failed_identities.json?_shape=array&year=2021&province=河北省").json()) == 2


def test_a_share_is_not_taken_where_a_part_is_unknown(get: Get) -> None:
    rows = get("/gongkai/applications_by_province.json?_shape=array").json()
    unknown = next(row for row in rows if row["province"] == "河北省")
    assert unknown["received"] == 27
    assert unknown["granted_percent"] is None
    assert unknown["concluded"] is None


@pytest.mark.parametrize("path", ["/-/databases", "/-/databases.json", "/-/threads", "/-/threads.json"])
def test_no_page_names_folders_of_the_machine(get: Get, path: str) -> None:
    assert get(path).status_code == 404


@pytest.mark.parametrize("path", [*PAGES, *PLAIN])
def test_the_databases_folder_is_told_nowhere(get: Get, archive_db: Path, path: str) -> None:
    assert str(archive_db.parent) not in get(path).text


def test_nothing_can_be_written(get: Get) -> None:
    for sql in ("delete from reports", "with x as (select 1) insert into about values ('a','b')"):
        assert get(f"/gongkai?sql={sql}").status_code == 400
