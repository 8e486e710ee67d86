"""The lists page through, family by family, to exactly what the manifest says; nuisances are there."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
import yaml
from lxml import html

from demo import catalogue
from demo.families import open_portal
from demo.portal import Request
from demo.server import DemoPortals
from tests.demo import pages


def _entry(portals: DemoPortals, key: str) -> dict:  # type: ignore[type-arg]
    return next(entry for entry in portals.registry if entry["key"] == key)


def _published(portals: DemoPortals, start: str) -> set[str]:
    """Every address of the manifest on this host."""
    manifest = portals.manifest
    urls = {report.url for report in manifest.reports}
    urls |= {url for report in manifest.reports for url in report.urls_of_copies}
    urls |= {*manifest.lookalikes, *manifest.forbidden}
    return {url for url in urls if urlsplit(url).netloc == urlsplit(start).netloc}


def _links(base: str, text: str, xpath: str) -> list[str]:
    return [urljoin(base, a.get("href")) for a in html.fromstring(text).xpath(xpath)]


def walk_trs(start: str) -> list[str]:
    text = pages.get(start).text
    pager = re.search(r'createPageHTML\((\d+), (\d+), "(\w+)", "(\w+)"\)', text)
    assert pager
    count, first = int(pager[1]), int(pager[2])
    found = _links(start, text, '//ul[@class="list"]//a')
    for number in range(1, count):
        url = urljoin(start, f"{pager[3]}_{number + first}.{pager[4]}")
        text = pages.get(url).text
        assert f"createPageHTML({count}, {number + first}," in text
        found += _links(url, text, '//ul[@class="list"]//a')
    beyond = pages.get(urljoin(start, f"{pager[3]}_{count + first}.{pager[4]}"))
    assert beyond.status == 404
    return found


def walk_hanweb(start: str) -> list[str]:
    text = pages.get(start).text
    group = re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"', text)
    total = re.search(r"totalRecord:(\d+)", text)
    assert group
    assert total
    found: list[str] = []
    number = 0
    while True:
        records = re.findall(r"<record><!\[CDATA\[<li><a href='([^']+)'", text)
        new = [urljoin(start, href) for href in records if urljoin(start, href) not in found]
        if not new and number:
            break
        found += new
        number += 1
        query = group[1].replace("?page=1&", f"?page={number}&")
        text = pages.get(urljoin(start, f"{query}&perpage=100")).text
    assert len(found) == int(total[1])
    return found


def walk_ucap(start: str) -> list[str]:
    text = pages.get(start).text
    pager = re.search(r"createPageHTML\('page_div',(\d+),(\d+),'(\w+)','shtml',(\d+)\)", text)
    if pager is None:
        return _walk_ucap_json(start, text)
    assert pager[2] == "1"
    found = _links(start, text, '//ul[@class="list"]//a')
    for number in range(2, int(pager[1]) + 1):
        url = urljoin(start, f"{pager[3]}_{number}.shtml")
        found += _links(url, pages.get(url).text, '//ul[@class="list"]//a')
    assert len(found) == int(pager[4])
    return found


def _walk_ucap_json(start: str, text: str) -> list[str]:
    address = re.search(r'"(/common/search/[0-9a-f]{32}\?[^"]+)&page=1"', text)
    assert address
    found: list[str] = []
    number = 1
    while True:
        data = json.loads(pages.get(urljoin(start, f"{address[1]}&page={number}")).body)["data"]
        if not data["results"]:
            assert len(found) == data["total"]
            assert number > 2
            return found
        assert all(result["url"].startswith("//127.") for result in data["results"])
        found += [urljoin(start, result["url"]) for result in data["results"]]
        number += 1


def walk_gkmlpt(start: str) -> list[str]:
    text = pages.get(start).text
    sid = re.search(r"SID: '(\d+)'", text)
    node = re.search(r'"id":(\d+),"name":"政府信息公开年报"', text)
    assert sid
    assert node
    api = urljoin(start, f"api/all/{node[1]}")
    found: list[str] = []
    number = 1
    while (got := pages.get(f"{api}?page={number}&sid={sid[1]}")).status == 200:
        answer = json.loads(got.body)
        assert answer["classify"]["post_count"] > answer["total"]
        found += [article["url"] for article in answer["articles"]]
        number += 1
    assert got.status == 404
    assert len(found) == answer["total"]
    assert pages.get(f"{api}?page=1&sid=1").status == 404
    return found


def walk_vsb(start: str) -> list[str]:
    found: list[str] = []
    url: str | None = start
    while url:
        text = pages.get(url).text
        found += _links(url, text, '//li[starts-with(@id,"line_u9_")]/a')
        following = _links(url, text, '//span[@class="p_next p_fun"]/a')
        url = following[0] if following else None
    return found


WALKERS = {"trs": walk_trs, "hanweb": walk_hanweb, "ucap": walk_ucap, "gkmlpt": walk_gkmlpt, "vsb": walk_vsb}
KEYS = (
    "demo-qinghe",
    "demo-chengxi",
    "demo-yangben",
    "demo-mochuan",
    "demo-yangli",
    "demo-shifan",
    "demo-erqi",
    "demo-langfang",
    "demo-ziyang",
    "demo-erdaojiang",
    "demo-changsha",
)


@pytest.mark.parametrize("key", KEYS)
def test_lists_page_through_to_exactly_what_was_published(portals: DemoPortals, key: str) -> None:
    entry = _entry(portals, key)
    found = [url for start in entry["start"] for url in WALKERS[entry["family"]](start)]
    assert len(found) == len(set(found))
    assert set(found) == _published(portals, entry["start"][0])


def test_every_published_page_answers(portals: DemoPortals) -> None:
    for entry in portals.registry:
        if entry["key"] in portals.manifest.blocked:
            continue
        for url in _published(portals, entry["start"][0]):
            got = pages.get(url)
            assert got.status == 200
            assert int(got.headers["Content-Length"]) == len(got.body)


def test_every_link_of_every_list_and_report_leads_somewhere_on_the_portal(portals: DemoPortals) -> None:
    seen: Counter[int] = Counter()
    for entry in portals.registry:
        if entry["key"] not in _plain(portals) or entry["key"] in portals.manifest.blocked:
            continue
        start = entry["start"][0]
        first = next(r.url for r in portals.manifest.reports if r.portal == entry["key"])
        for page in (start, first, urljoin(start, "/")):
            text = pages.get(page).text
            # A template's {{url}} becomes a link only when its script has run.
            links = {
                u for u in _links(page, text, "//body//a[@href]") if "{{" not in u and "javascript:" not in u
            }
            assert all(urlsplit(u).netloc == urlsplit(start).netloc for u in links)
            seen.update(pages.get(u).status for u in links)
    assert set(seen) == {200}


def test_what_they_publish_is_enough(portals: DemoPortals) -> None:
    reports = portals.manifest.reports
    assert len(reports) >= 40
    assert len({report.agency for report in reports}) >= 12
    assert {report.year for report in reports} == set(range(2016, 2026))
    assert {report.form for report in reports} == {"2014", "provincial", "2019", "2021", "mixed"}
    lists = ("2014", "provincial")
    assert all((report.year < 2019) == (report.form in lists) for report in reports)
    assert sum(report.real for report in reports) == 5
    assert Counter(report.carrier for report in reports)["pdf"] >= 4
    assert Counter(report.carrier for report in reports)["docx"] == 3
    assert {"ofd", "zip", "pictures"} < {report.carrier for report in reports}
    assert any(report.year == 2021 and report.form == "2019" for report in reports)
    assert len({(report.agency, report.year) for report in reports}) == len(reports)
    both = {"样本县人民政府", "样本县人民政府办公室"}
    assert {r.agency for r in reports if r.year == 2022 and r.portal == "demo-yangben"} >= both


def test_lookalikes_of_every_kind_are_listed(portals: DemoPortals) -> None:
    titles = [
        html.fromstring(pages.get(url).text).findtext(".//title") for url in portals.manifest.lookalikes
    ]
    for word in ("企业年报", "法治政府建设年度报告", "政府网站工作年度报表", "》解读", "关于编制"):
        assert any(word in title for title in titles), word


def test_a_copy_has_the_same_body_and_other_chrome(portals: DemoPortals) -> None:
    (report,) = (r for r in portals.manifest.reports if r.urls_of_copies)
    own, copy = (html.fromstring(pages.get(url).text) for url in (report.url, *report.urls_of_copies))
    body = '//div[contains(@class,"trs_editor_view")]'
    assert own.xpath(body)[0].text_content() == copy.xpath(body)[0].text_content()
    assert own.text_content() != copy.text_content()


def test_the_challenge_answers_everything_with_412(portals: DemoPortals) -> None:
    start = _entry(portals, "demo-yanlian")["start"][0]
    for url in (start, urljoin(start, "/robots.txt"), urljoin(start, "/")):
        got = pages.get(url)
        assert got.status == 412
        assert "$_ts" in got.text
        assert "Set-Cookie" in got.headers


def test_robots_txt_forbids_a_report_like_page(portals: DemoPortals) -> None:
    (url,) = portals.manifest.forbidden
    robots = pages.get(urljoin(url, "/robots.txt"))
    assert "Disallow: /neibu/" in robots.text
    assert urlsplit(url).path.startswith("/neibu/")
    assert "政府信息公开工作年度报告" in pages.get(url).text
    other = _entry(portals, "demo-yangben")["start"][0]
    assert pages.get(urljoin(other, "/robots.txt")).status == 404


class TestHanwebProxy:
    @pytest.fixture
    def proxy(self, portals: DemoPortals) -> str:
        start = _entry(portals, "demo-yangben")["start"][0]
        group = re.search(r'<a href="(/module/web/jpage/dataproxy.jsp[^"]+)"', pages.get(start).text)
        assert group
        return urljoin(start, group[1])

    def _records(self, url: str, form: bytes | None = None) -> list[str]:
        return re.findall(r"<record>.*?href='([^']+)'", pages.get(url, form).text)

    def test_parameters_given_back_byte_for_byte_answer(self, proxy: str) -> None:
        assert self._records(proxy)

    def test_a_form_answers_too(self, proxy: str) -> None:
        address, _, query = proxy.partition("?")
        form = query.replace("path=/", "path=%2F").replace("page=1&", "").encode()
        assert self._records(f"{address}?startrecord=1&endrecord=45&perpage=15", b"col=1&" + form)

    def test_a_name_encoded_once_or_thrice_gets_nothing(self, proxy: str) -> None:
        name = re.search("webname=([^&]+)", proxy)
        assert name
        for other in (unquote(name[1]), quote(name[1])):
            assert self._records(proxy.replace(name[1], other)) == []

    def test_a_missing_parameter_gets_nothing(self, proxy: str) -> None:
        assert self._records(proxy.replace("&permissiontype=0", "")) == []

    def test_windows_overlap(self, proxy: str) -> None:
        first = self._records(proxy)
        second = self._records(proxy.replace("page=1&", "page=2&"))
        assert second
        assert set(first) & set(second)
        assert set(first) != set(second)

    def test_of_a_repeated_page_the_first_counts(self, proxy: str) -> None:
        assert self._records(f"{proxy}&page=2") == self._records(proxy)


def test_a_counting_portal_changes_bytes_and_nothing_else(portals: DemoPortals) -> None:
    url = next(r.url for r in portals.manifest.reports if r.portal == "demo-yangben")
    first, second = pages.get(url).text, pages.get(url).text
    assert first != second
    counter = re.compile(r'<em id="hits">\d+</em>')
    assert counter.sub("", first) == counter.sub("", second)


def test_gkmlpt_carries_the_article_in_its_script_as_well(portals: DemoPortals) -> None:
    report = next(r for r in portals.manifest.reports if r.portal == "demo-yangli")
    text = pages.get(report.url).text
    content = re.search(r'"content":("(?:[^"\\]|\\.)*")', text)
    assert content
    assert "<" not in content[1]
    assert json.loads(content[1]) in text
    (article,) = html.fromstring(text).xpath('//div[@class="article-content"]')
    assert len(article.xpath(".//table")) == 3


def test_gkmlpt_dates_are_those_of_publication_and_later_pages_hold_reports(portals: DemoPortals) -> None:
    start = _entry(portals, "demo-yangli")["start"][0]
    second = json.loads(pages.get(urljoin(start, "api/all/2629?page=2&sid=755031")).body)["articles"]
    by_url = {report.url: report for report in portals.manifest.reports}
    shown = [(by_url[a["url"]], a["create_time"]) for a in second if a["url"] in by_url]
    assert shown
    assert all(datetime.fromtimestamp(when, UTC).date() == r.published_on for r, when in shown)


def test_nothing_is_dated_in_the_future(portals: DemoPortals) -> None:
    assert max(report.published_on for report in portals.manifest.reports) < date(2026, 4, 1)


def test_invented_divisions_are_no_real_ones(portals: DemoPortals) -> None:
    codes = {entry["code"]: entry for entry in portals.divisions}
    assert all(entry["parent"] is None or entry["parent"] in codes for entry in portals.divisions)
    invented = {r.division for r in portals.manifest.reports if not r.real}
    assert invented <= set(codes)
    shared = Path(__file__).resolve().parents[2] / "../shared/divisions/list.json"
    if not shared.is_file():
        pytest.skip("the list of divisions is not here")
    known = json.loads(shared.read_text(encoding="utf-8"))
    assert not set(codes) & set(known)
    assert not {entry["name"] for entry in codes.values()} & set(known.values())


def test_write_registry(portals: DemoPortals, tmp_path: Path) -> None:
    portals.write_registry(tmp_path / "portals")
    files = sorted((tmp_path / "portals").glob("*.yml"))
    assert [file.stem for file in files] == sorted(entry["key"] for entry in portals.registry)
    loaded = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    assert sorted(loaded, key=lambda e: e["key"]) == sorted(portals.registry, key=lambda e: e["key"])
    assert all(re.fullmatch(r"\d{6}", entry["division"]) for entry in loaded)
    hosts = [urlsplit(entry["start"][0]).netloc for entry in loaded]
    assert len(set(hosts)) == len(hosts)
    assert all(host.startswith("127.") for host in hosts)


def _plain(portals: DemoPortals) -> set[str]:
    """Portals on which nothing is the matter but what robots.txt forbids."""
    trouble = {issue.portal for issue in portals.manifest.issues if issue.kind != "robots"}
    return {entry["key"] for entry in portals.registry} - trouble


def _all_bodies(portals: DemoPortals) -> dict[str, bytes]:
    """Pages by path, with what may differ between runs taken out."""
    bodies = {}
    for report in portals.manifest.reports:
        for url in (report.url, report.attachment_url):
            if url:
                body = re.sub(rb"127\.0\.0\.\d+:\d+", b"HOST", pages.get(url).body)
                parts = urlsplit(url)
                bodies[f"{report.portal}{parts.path}?{parts.query}"] = re.sub(rb'id="hits">\d+', b"", body)
    return bodies


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(portals: DemoPortals) -> None:
    mine = _all_bodies(portals)
    fresh = catalogue.sites(1)
    assert fresh == catalogue.sites(1)
    for site in fresh:
        portal = open_portal(site, "http://HOST")
        for path, body in mine.items():
            if path.startswith(f"{site.key}/"):
                path, _, query = path.removeprefix(site.key).partition("?")
                scheme = urlsplit(portal.base).scheme
                answer = portal.answer(Request("GET", path, query, scheme=scheme))
                assert re.sub(rb'id="hits">\d+', b"", answer.body) == body
    assert catalogue.sites(2) != fresh


def test_requests_are_logged_as_they_came(portals: DemoPortals) -> None:
    before = len(portals.requests)
    start = _entry(portals, "demo-erqi")["start"][0]
    pages.get(f"{start}?x=%41")
    last = portals.requests[-1]
    assert len(portals.requests) == before + 1
    assert (last.host, last.method, last.status) == (urlsplit(start).netloc, "GET", 200)
    assert last.path == f"{urlsplit(start).path}?x=%41"
    assert last.user_agent.startswith("Python-urllib")
    assert last.time_started <= last.time_ended


def test_edit_and_stop() -> None:
    with DemoPortals(seed=1) as running:
        note = running.manifest.edited
        counter = re.compile(r'<em id="hits">\d+</em>')
        before = counter.sub("", pages.get(note["url"]).text)
        running.edit()
        after = counter.sub("", pages.get(note["url"]).text)
        assert before != after
        report = next(r for r in running.manifest.reports if r.url == note["url"])
        assert pages.figures(pages.grids(after), report.form_of) == report.cells
        for table, rows in note["new"].items():
            for row, line in rows.items():
                assert line.items() <= report.cells[table][row].items()
        assert running.manifest.edited == note
        running.edit()
        assert counter.sub("", pages.get(note["url"]).text) == after
    with pytest.raises(OSError, match="refused"):
        pages.get(note["url"])


def test_there_is_no_manifest_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="before they are started"):
        DemoPortals().manifest  # noqa: B018
