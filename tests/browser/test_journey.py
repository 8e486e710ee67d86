"""A reader's way through the archive: find a report, check a figure, compare, take the numbers home."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Served, Watched

ISSUER, OTHER = "青禾市人民政府", "样本县人民政府"
SCREENS = [(lang, width) for lang in ("zh-CN", "en-US") for width in (1280, 390)]


def database(archive: Served) -> sqlite3.Connection:
    return sqlite3.connect(f"{(archive.folder / 'gongkai.db').as_uri()}?mode=ro", uri=True)


def agency(archive: Served, name: str) -> int:
    return int(database(archive).execute("select id from agencies where name = ?", (name,)).fetchone()[0])


@pytest.mark.parametrize(("lang", "width"), SCREENS)
def test_from_the_front_page_to_numbers_on_disk(
    archive: Served, opened: Open, tmp_path: Path, lang: str, width: int
) -> None:
    seen = opened(archive.address, lang, width)
    _front(seen)
    report = _find_a_report(seen)
    _check_a_figure(seen, archive, report)
    _issuer(seen)
    body = _compare_and_download(seen, archive, tmp_path)
    _is_what_the_database_has(body, archive)


def _shown(seen: Watched, name: str) -> None:
    seen.fits()
    seen.shoot(f"journey-{name}")


def _front(seen: Watched) -> None:
    seen.go("")
    expect(seen.page.locator("html")).to_have_attribute("lang", "zh-CN" if seen.lang == "zh-CN" else "en")
    # Each chart is drawn from the same numbers that its table shows.
    figures = seen.page.locator("figure.chart")
    assert figures.count() == 3
    for figure in figures.all():
        expect(figure.locator(".stage svg").last).to_be_visible()
        assert figure.locator("tbody tr").count() > 3
    _shown(seen, "1-front")


def _find_a_report(seen: Watched) -> int:
    form = seen.page.locator("main form[role=search]")
    # The text of reports is found by words; where only titles are, by a name.
    by_text = "/search" in (form.get_attribute("action") or "")
    form.locator("input[type=search]").fill("复议" if by_text else ISSUER)
    seen.follow(form.locator("button"))
    _shown(seen, "2-found")
    link = seen.page.locator("main a[href*='/report/']").filter(has_text="报告").first
    seen.follow(link)
    found = re.search(r"/report/(\d+)", seen.page.url)
    assert found is not None, seen.page.url
    # The journey goes on with a report whose issuer has other years.
    seen.go(f"report/{_report_of(seen, ISSUER)}")
    expect(seen.page.locator("h1")).to_contain_text("报告")
    _shown(seen, "3-report")
    return int(seen.page.url.rsplit("/", 1)[1].partition("?")[0])


def _report_of(seen: Watched, name: str) -> int:
    seen.go(f"gongkai/reports?title__contains={name}2023")
    link = seen.page.locator("main a[href*='/report/']").first.get_attribute("href")
    assert link is not None
    return int(link.rsplit("/", 1)[1])


def _check_a_figure(seen: Watched, archive: Served, report: int) -> None:
    stored = (
        database(archive)
        .execute("select total from requests where report = ? and line = 'received'", (report,))
        .fetchone()[0]
    )
    figure = seen.page.locator("#cell-requests-received-total a.fig")
    expect(figure).to_have_text(str(stored))
    seen.follow(figure)
    expect(seen.page.locator(".mark-cell")).to_have_count(1)
    # The original may write it with commas or full-width digits.
    marked = re.sub(r"\D", "", seen.page.locator(".mark-cell").inner_text().translate(_ASCII))
    assert int(marked) == stored
    assert seen.page.locator(".excerpt tr").count() > 20
    _shown(seen, "4-figure")
    seen.follow(seen.page.locator("a[href*='/original/']").first)
    assert "政府信息公开" in seen.page.locator("body").inner_text()
    seen.shoot("journey-5-original")
    seen.page.go_back()
    seen.page.go_back()


_ASCII = str.maketrans("０１２３４５６７８９", "0123456789")


def _issuer(seen: Watched) -> None:
    seen.follow(seen.page.locator("dl.facts a[href*='/issuer/']"))
    expect(seen.page.locator("h1")).to_have_text(ISSUER)
    expect(seen.page.locator("figure.chart .stage svg").first).to_be_visible()
    _shown(seen, "6-issuer")
    seen.follow(seen.page.locator("a[href*='/compare?issuers=']"))


def _compare_and_download(seen: Watched, archive: Served, folder: Path) -> bytes:
    search = seen.page.locator("main form[role=search]")
    search.locator("input[type=search]").fill(OTHER[:3])
    seen.follow(search.locator("button"))
    seen.follow(seen.page.locator(".offered a", has_text=OTHER).first)
    assert seen.page.locator(".chips li").count() == 2
    for year in (2025, 2024, 2020):
        seen.page.locator(f"input[name=years][value='{year}']").uncheck()
    seen.follow(seen.page.locator("form.filters button"))
    expect(seen.page.locator("table.compared thead th")).to_have_count(4)
    expect(seen.page.locator("#compared .stage svg").last).to_be_visible()
    _shown(seen, "7-compare")
    with seen.page.expect_download() as download:
        seen.page.locator("a[href*='/compare.csv']").first.click()
    saved = folder / download.value.suggested_filename
    download.value.save_as(saved)
    return saved.read_bytes()


def _is_what_the_database_has(body: bytes, archive: Served) -> None:
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    conn = database(archive)
    assert {row["issuer_name"] for row in rows} == {ISSUER, OTHER}
    assert {row["year"] for row in rows} == {"2021", "2022", "2023"}
    cells = 0
    for row in rows:
        parts = row["figure"].split(".")
        if len(parts) != 3:
            continue  # a sum or share: of these the database has the parts
        table, line, column = parts
        if table == "indicators":
            continue
        stored = conn.execute(
            f'select f."{column}" from "{table}" as f join reports as r on r.id = f.report '
            "where r.agency = ? and r.year = ? and f.line = ?",
            (int(row["issuer"]), int(row["year"]), line),
        ).fetchone()
        value = stored[0] if stored else None
        assert (float(row["value"]) if row["value"] else None) == value, row
        cells += value is not None
    assert cells > 100


def test_without_javascript_every_number_is_there(archive: Served, opened: Open) -> None:
    seen = opened(archive.address, script=False)
    seen.go("")
    assert seen.page.locator("figure.chart svg").count() == 0
    for table in seen.page.locator("figure.chart table").all():
        assert table.is_visible()
    seen.shoot("noscript-front")
    seen.go(f"issuer/{agency(archive, ISSUER)}")
    for table in seen.page.locator("figure.chart table").all():
        assert table.is_visible()
    seen.go(f"compare?issuers={agency(archive, ISSUER)}")
    seen.page.locator("main form[role=search] input[type=search]").fill(OTHER)
    seen.follow(seen.page.locator("main form[role=search] button"))
    seen.follow(seen.page.locator(".offered a").first)
    assert seen.page.locator(".chips li").count() == 2


def test_the_language_switch_keeps_the_page_and_stays(archive: Served, opened: Open) -> None:
    seen = opened(archive.address, "zh-CN")
    seen.go("findings?year=2021")
    seen.follow(seen.page.locator("a.switch"))
    assert "/findings" in seen.page.url
    assert "year=2021" in seen.page.url
    expect(seen.page.locator("html")).to_have_attribute("lang", "en")
    seen.go("coverage")
    expect(seen.page.locator("h1")).to_have_text("Coverage")


def test_a_keyboard_is_enough(archive: Served, opened: Open) -> None:
    seen = opened(archive.address)
    seen.go("")
    page = seen.page
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main input[type=search]").first).to_be_focused()
    page.keyboard.type(ISSUER[:3])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("main a[href*='/report/']").count() > 0
    # What has the focus is seen to have it.
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    # A table of two hundred figures can be passed over.
    seen.go(f"report/{_report_of(seen, ISSUER)}")
    skip = page.locator("a.skip-table[href='#after-requests']")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#after-reviews"


def test_a_finding_leads_to_its_cell(archive: Served, opened: Open) -> None:
    seen = opened(archive.address)
    seen.go("findings")
    seen.follow(seen.page.locator(".failing a.at").first)
    target = seen.page.locator("td:target")
    expect(target).to_have_count(1)
    expect(target).to_be_in_viewport()


def test_silent_changes_are_shown_word_by_word(archive: Served, opened: Open) -> None:
    row = (
        database(archive).execute("select report from revisions where number = 2 and text_changed").fetchone()
    )
    seen = opened(archive.address)
    seen.go(f"report/{row[0]}")
    details = seen.page.locator("details.prose-changes")
    details.locator("summary").click()
    assert "（经修改）" in "".join(details.locator("ins").all_inner_texts())
    assert seen.page.locator(".revisions tbody tr").count() == 3
