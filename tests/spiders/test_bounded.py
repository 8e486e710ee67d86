"""What a hostile page can make a reader do takes time in proportion to the page, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from crawler.blocking import gone, visible
from spiders import articles, links
from spiders.families import hanweb
from spiders.links import MAX_LINKS, TooManyLinksError, plain
from spiders.lists import ListError, count, parsed, words
from spiders.portals import RegistryError, read


def page(body: str) -> HtmlResponse:
    return HtmlResponse("http://www.shilixian.gov.cn/nb/", body=body.encode(), encoding="utf-8")


@pytest.mark.parametrize(
    "work",
    [
        lambda: articles._BARE.fullmatch("1" * 150 + "审"),
        lambda: articles._BARE.fullmatch("p0" * 60 + "!"),
        lambda: hanweb.read_column(page("<record><![CDATA[" * 100_000)),
        lambda: hanweb.read_column(page("<nextgroup><![CDATA[ " * 100_000)),
        lambda: links.links(page("<div>" + "<a href=x>y</a>" * MAX_LINKS + "</div>")),
        lambda: links.links(page("<div>" + "<a name=x>y</a>" * 30_000 + "<a href=z>y</a>" * 3000 + "</div>")),
        lambda: links.links(page("<p>" + "<b>x</b>" * 50_000 + "<a href=z>y</a>" * 10_000 + "</p>")),
        lambda: visible("<script>" * 60_000),
        lambda: visible("<!--" * 120_000),
        lambda: visible("<" * 500_000),
        lambda: gone("<title>" * 9_000, "http://x/a", []),
    ],
)
def test_no_page_takes_minutes(work: Callable[[], object]) -> None:
    begun = time.process_time()
    work()
    assert time.process_time() - begun < 3


def test_visible_text_is_what_stands_outside_of_tags_scripts_and_comments() -> None:
    html = "<head><title>x</title></head>一<!-- <b>二 --><SCRIPT>三</script >四<b>五</b><style>六"
    assert visible(html) == "一四五六"


def test_names_that_say_nothing_are_still_told() -> None:
    for name in (
        "附件1",
        "点击下载PDF",
        "P020240131412345678901",
        "3f2a9c0d1b4e5f60718293",
        "相关附件：",
        "",
    ):
        assert articles._BARE.fullmatch(name), name
    for name in ("审计局2023年报", "附件：政府信息公开工作年度报告"):
        assert not articles._BARE.fullmatch(name), name


def test_a_page_with_more_links_than_any_list_is_refused() -> None:
    with pytest.raises(TooManyLinksError):
        links.links(page("<a href=/1>x</a>" * (MAX_LINKS + 1)))


def test_a_date_belongs_to_the_row_that_holds_no_other_link() -> None:
    rows = "<ul><li><div><a href=/1>一</a></div><span>2024-01-02</span></li><li><a href=/2>二</a></li></ul>"
    assert [str(link.date) for link in links.links(page(rows))] == ["2024-01-02", "None"]


@pytest.mark.parametrize("value", [-5, 10**9, 1e3, float("inf"), True, None, [], "x", "9" * 5000, "٣"])
def test_no_number_of_rows(value: object) -> None:
    with pytest.raises(ListError):
        count(value)


def test_json_beyond_reading_is_no_list() -> None:
    assert count("17") == count(17) == 17
    assert words({"a": 1}) is words(" ") is None
    with pytest.raises(ListError):
        parsed("[" * 10_000)


def test_text_that_json_can_spell_and_no_file_can_hold() -> None:
    assert plain(" 年\n报\ud800\0 ") == "年 报"
    assert len(plain("x" * 1_000_000)) == 500


_ENTRY = """key: x
name: 示例县人民政府
family: vsb
division: 990102
level: county
start: [http://www.shilixian.gov.cn/nb/]
status: ok
evidence: x
"""


@pytest.mark.parametrize(
    "text",
    [
        "key: !!python/object/apply:os.system ['true']\n",
        "a: &a [x, x]\nb: &b [*a, *a]\n",
        "key: " + "[" * 20_000,
        "? [a]\n: b\n",
        "key: 2024-13-45\n",
        "key: " + "9" * 5000,
        "#" * 100_000,
        _ENTRY.replace("key: x", "key: ../x"),
        _ENTRY.replace("示例县人民政府", '"a\\ud800"'),
        _ENTRY.replace("示例县人民政府", '"a\\e[2J"'),
        _ENTRY.replace("www.shilixian.gov.cn", "www.shilixian.gov.cn:0"),
        _ENTRY.replace("www.shilixian.gov.cn", "www..gov.cn"),
        _ENTRY.replace("www.shilixian.gov.cn", "a" * 300 + ".cn"),
        _ENTRY.replace("[http://www.shilixian.gov.cn/nb/]", "'http://www.shilixian.gov.cn/a b'"),
        _ENTRY.replace("[http://www.shilixian.gov.cn/nb/]", "'http://127.0.0.1\\@www.shilixian.gov.cn/'"),
    ],
)
def test_hostile_entries_are_refused_by_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=r"^x\.yml: "):
        read(path)


def test_the_entry_that_they_were_made_from_is_right(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(_ENTRY, encoding="utf-8")
    assert read(path).key == "x"
