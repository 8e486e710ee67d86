"""Looking at portals: the sample portals of each family, and what keeps a portal from being looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner

from archive.divisions import DEFAULT, Divisions
from crawler.cli import main
from crawler.detect import Detection, OneHost, detect
from demo.server import DemoPortals
from spiders.portals import COUNTRY, from_entry

from .servers import Reply, Server


@pytest.fixture(scope="module")
def portals() -> Iterator[DemoPortals]:
    with DemoPortals(seed=1) as running:
        yield running


@pytest.fixture(scope="module")
def divisions(portals: DemoPortals) -> Divisions:
    return DEFAULT.with_extra(portals.divisions)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server("127.0.0.1", {"/robots.txt": Reply("", 404)})
    yield running
    running.stop()


def _one_of_each(portals: DemoPortals) -> dict[str, dict[str, Any]]:
    return {entry["family"]: entry for entry in portals.registry if entry["status"] == "ok"}


def _of_another_place(entry: dict[str, Any]) -> bool:
    """Whether the portal's identification code contradicts its division, as one sample portal's does."""
    code, division = (entry.get("site_id_code") or entry["division"])[:6], entry["division"]
    here, there = code.rstrip("0"), division.rstrip("0")
    return not (here.startswith(there) or there.startswith(here))


@pytest.mark.slow
def test_every_family_is_recognised_from_its_home_page(
    portals: DemoPortals, divisions: Divisions, tmp_path: Path
) -> None:
    for family, entry in _one_of_each(portals).items():
        parts = urlsplit(entry["start"][0])
        found = detect(f"http://{parts.netloc}/", data=tmp_path, demo=True)
        assert (found.family, found.issues) == (family, []), entry["key"]
        assert found.column in entry["start"], entry["key"]
        ready = found.entry(divisions)
        assert ready["name"] == entry["name"]
        if _of_another_place(entry):
            assert found.missing(divisions) == ["division", "level"]
        else:
            assert found.missing(divisions) == [], entry["key"]
            assert ready["division"] == entry["division"]
            assert from_entry(ready).level == entry["level"]


def test_a_report_leads_to_its_column_too(portals: DemoPortals, tmp_path: Path) -> None:
    entry = _one_of_each(portals)["trs"]
    report = next(r for r in portals.manifest.reports if r.portal == entry["key"] and r.carrier == "html")
    found = detect(report.url, data=tmp_path, demo=True)
    assert found.family == "trs"
    assert found.column in entry["start"]
    assert found.entry()["evidence"] == f"derived from {report.url}"


def test_a_blocked_portal_is_named_as_that_and_asked_once(portals: DemoPortals, tmp_path: Path) -> None:
    entry = next(each for each in portals.registry if each["key"] == "demo-yanlian")
    assert entry["key"] in portals.manifest.blocked
    before = len(portals.requests)
    found = detect(entry["start"][0], data=tmp_path, demo=True)
    assert found.family is None
    assert [kind for kind, _, _ in found.issues] == ["blocked:rs"]
    assert len(portals.requests) == before + 1
    # And it rests from whoever asks next with the same data folder.
    again = detect(entry["start"][0], data=tmp_path, demo=True)
    assert [kind for kind, _, _ in again.issues] == ["resting"]
    assert len(portals.requests) == before + 1


def test_robots_txt_is_obeyed(server: Server, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = Reply(
        "User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"}
    )
    found = detect(f"{server.base}/", data=tmp_path, demo=True)
    assert [(kind, message) for kind, _, message in found.issues] == [
        ("robots", "forbidden by robots.txt; not asked")
    ]
    assert server.targets == ["/robots.txt"]


def test_a_missing_page_is_gone(server: Server, tmp_path: Path) -> None:
    found = detect(f"{server.base}/nothing/", data=tmp_path, demo=True)
    assert found.family is None
    assert found.issues == [("gone", f"{server.base}/nothing/", "HTTP status 404")]


def test_without_any_sign_it_is_static(server: Server, tmp_path: Path) -> None:
    server.pages["/"] = Reply("<title>示例县</title><a href='/zwgk/'>政务公开</a>")
    server.pages["/zwgk/"] = Reply("<title>政务公开</title><a href='/zwgk/a/'>政府信息公开</a>")
    server.pages["/zwgk/a/"] = Reply("<title>政府信息公开</title><a href='/zwgk/a/nb/'>政府信息公开年报</a>")
    server.pages["/zwgk/a/nb/"] = Reply("<title>政府信息公开年报</title><ul><li>2023</li></ul>")
    found = detect(f"{server.base}/", data=tmp_path, demo=True)
    assert (found.family, found.sign) == ("static", "no sign of a known system")
    assert found.column == f"{server.base}/zwgk/a/nb/"
    assert server.targets == ["/robots.txt", "/", "/zwgk/", "/zwgk/a/", "/zwgk/a/nb/"]


def test_no_more_than_three_hops(server: Server, tmp_path: Path) -> None:
    for number in range(9):
        server.pages[f"/{number}/"] = Reply(f"<title>x</title><a href='/{number + 1}/'>政府信息公开</a>")
    found = detect(f"{server.base}/0/", data=tmp_path, demo=True)
    assert found.column is None
    assert server.targets == ["/robots.txt", "/0/", "/1/", "/2/", "/3/"]


def test_a_column_that_does_not_answer_is_none(server: Server, tmp_path: Path) -> None:
    server.pages["/"] = Reply("<a href='/nb/'>政府信息公开年报</a>")
    found = detect(f"{server.base}/", data=tmp_path, demo=True)
    assert found.column is None
    assert [kind for kind, _, _ in found.issues] == ["gone"]


def test_no_other_host_is_asked_and_where_the_column_may_be_is_said(server: Server, tmp_path: Path) -> None:
    other = Server("127.0.0.1", {})
    server.pages["/"] = Reply(f"<a href='{other.base}/nb/'>政府信息公开年报</a>")
    found = detect(f"{server.base}/", data=tmp_path, demo=True)
    other.stop()
    assert found.column is None
    assert found.elsewhere == [f"{other.base}/nb/"]
    assert other.targets == []


@pytest.mark.parametrize("demo", [True, False])
def test_only_the_right_kind_of_address_is_asked(
    server: Server, tmp_path: Path, demo: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_CONTACT", "mailto:webmaster@example.org")
    url = "http://192.0.2.1/" if demo else f"{server.base}/"
    found = detect(url, data=tmp_path, demo=demo)
    assert [kind for kind, _, _ in found.issues] == ["private_address"]
    assert server.targets == []


def test_nobody_is_asked_without_a_contact(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GONGKAI_CONTACT", raising=False)
    found = detect(f"{server.base}/", data=tmp_path)
    assert "GONGKAI_CONTACT" in found.issues[0][2]
    assert server.targets == []


def test_one_host_owns_itself_and_no_sub_domain() -> None:
    start = "https://www.shilixian.gov.cn/"
    own = OneHost("k", "n", "detect", COUNTRY, "ministry", (start,), "unverified", start)
    assert own.owns("http://www.shilixian.gov.cn/zwgk/")
    for url in (
        "https://shilixian.gov.cn/",
        "https://xxgk.www.shilixian.gov.cn/",
        "https://xxgk.shilixian.gov.cn/",
        "https://a@www.shilixian.gov.cn/",
        "ftp://www.shilixian.gov.cn/",
    ):
        assert not own.owns(url)


@pytest.mark.parametrize(
    ("name", "code", "division", "level", "key"),
    [
        ("台州市路桥区人民政府", "3310040001", "331004", "county", "luqiao"),
        ("台州市路桥区人民政府", None, "331004", "county", "luqiao"),
        ("某部", "bm29000002", COUNTRY, "ministry", "luqiao"),
        ("某网站", None, None, None, "luqiao"),
        ("台州市路桥区人民政府", "3310000001", "331004", "county", "luqiao"),
        ("台州市人民政府", "3310040001", "331004", "county", "luqiao"),
        ("台州市路桥区人民政府", "3301000001", None, None, "luqiao"),
    ],
)
def test_the_entry_says_what_could_be_told(
    name: str, code: str | None, division: str | None, level: str | None, key: str
) -> None:
    url = "http://www.luqiao.gov.cn/col/col1/index.html"
    found = Detection(url, "hanweb", column=url, name=name, site_id_code=code)
    entry = found.entry()
    assert (entry.get("division"), entry.get("level"), entry["key"]) == (division, level, key)
    assert found.missing() == ([] if division else ["division", "level"])
    assert entry["evidence"] == url
    if division:
        assert from_entry(entry).start == (url,)


def test_the_command_prints_an_entry_ready_for_the_registry(
    portals: DemoPortals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGKAI_DEMO", "1")
    entry = _one_of_each(portals)["vsb"]
    home = f"http://{urlsplit(entry['start'][0]).netloc}/"
    result = CliRunner().invoke(main, ["portals", "detect", home, "--data", str(tmp_path)])
    assert result.exit_code == 0, result.output
    printed = yaml.safe_load(result.stdout)
    assert from_entry(printed).family == "vsb"
    assert "# family:  vsb, by " in result.stdout
    assert "column type" in result.stdout


def test_the_command_says_in_words_why_it_could_not(server: Server, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GONGKAI_DEMO", "1")
    result = CliRunner().invoke(main, ["portals", "detect", f"{server.base}/x/", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "gone: " in result.stderr
    assert "HTTP status 404" in result.stderr
    assert "nothing can be told" in result.stdout
    assert CliRunner().invoke(main, ["portals", "detect", "luqiao"]).exit_code == 2
