from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.cli import COMMANDS, main
from crawler.commands import crawl as command
from crawler.commands.crawl import exit_code
from crawler.sites import groups
from crawler.summary import CrawlSummary, PortalRun
from spiders.portals import load

from .servers import portal


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert len(result.output) > 200


def test_crawl_documents_its_exit_codes() -> None:
    text = run("crawl", "--help").output
    for code in ("0", "2", "3", "4", "5", "130"):
        assert f"\n    {code}  " in text


def test_portals_list_and_check_cover_the_whole_registry() -> None:
    listed = run("portals", "list")
    checked = run("portals", "check")
    assert (listed.exit_code, checked.exit_code) == (0, 0)
    for key, entry in load().items():
        assert f"\n{key} " in f"\n{listed.output}"
        for start in entry.start:
            assert f"ok     {key}: GET {start}" in checked.output


def test_portals_show_says_how_a_portal_is_asked() -> None:
    result = run("portals", "show", "luqiao")
    assert result.exit_code == 0
    for words in (
        "luqiao.gov.cn and sub-domains",
        "1 request a site",
        "3 s ± 50%",
        "User-Agent:     gongkai/",
    ):
        assert words in result.output
    assert run("portals", "show", "nowhere").exit_code == 2


def test_check_names_every_wrong_entry(tmp_path: Path) -> None:
    entry = (
        "key: {0}\nname: 示例县\nfamily: {1}\ndivision: 990102\nlevel: county\n"
        "start: ['{2}']\nstatus: ok\nevidence: none\n"
    )
    tmp_path.joinpath("good.yml").write_text(entry.format("good", "trs", "http://www.shilixian.gov.cn/"))
    tmp_path.joinpath("bad.yml").write_text(entry.format("bad", "joomla", "http://www.shilixian.gov.cn/"))
    tmp_path.joinpath("near.yml").write_text(entry.format("near", "trs", "http://127.0.0.1/"))
    result = run("portals", "check", "--portals", str(tmp_path))
    assert result.exit_code == 1
    assert "ok     good: GET http://www.shilixian.gov.cn/" in result.output
    assert "wrong  bad.yml: family: no family 'joomla'" in result.output
    assert "wrong  near.yml: start: http://127.0.0.1/ 127.0.0.1 is no public address" in result.output
    missing = run("portals", "check", "nowhere", "--portals", str(tmp_path))
    assert missing.exit_code == 1
    assert "wrong  nowhere.yml" in missing.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crawl", "nowhere"), "no portal nowhere"),
        (("crawl", "luqiao"), "set GONGKAI_CONTACT"),
        (("crawl", "--year", "99"), "99 is not in the range"),
        (("crawl", "--sample", "0"), "0 is not in the range"),
        (("crawl", "--portals", "no-such-folder"), "does not exist"),
    ],
)
def test_commands_that_make_no_sense(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.delenv("GONGKAI_CONTACT", raising=False)
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.output


def test_crawl_passes_on_what_it_was_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GONGKAI_CONTACT", "mailto:webmaster@example.org")
    told: dict[str, object] = {}

    def crawl(portals: list[object], **options: object) -> CrawlSummary:
        told.update(options, portals=portals)
        return CrawlSummary((PortalRun("luqiao", 1, "finished", found=2, stored=2),), 3.0)

    monkeypatch.setattr(command, "run", crawl)
    result = run(
        "crawl", "luqiao", "luqiao", "--year", "2023", "--sample", "2", "--all", "--data", str(tmp_path)
    )
    assert result.exit_code == 0
    assert told["portals"] == [load()["luqiao"]]
    assert (told["year"], told["sample"], told["refetch_all"], told["data"]) == (2023, 2, True, tmp_path)
    assert "2 report links, 0 of them known" in result.output


@pytest.mark.parametrize(
    ("portals", "interrupted", "code"),
    [
        ((PortalRun("a", 1, "finished", found=1),), False, 0),
        ((PortalRun("a", 1, "finished", found=1, failed={"robots": 1, "foreign_host": 2}),), False, 0),
        ((PortalRun("a", 1, "finished", found=1, failed={"gone": 1}),), False, 3),
        (
            (
                PortalRun("a", 1, "finished", found=1),
                PortalRun("b", 2, "blocked:rs", failed={"blocked:rs": 1}),
            ),
            False,
            3,
        ),
        ((PortalRun("b", 2, "blocked:rs", failed={"blocked:rs": 1}),), False, 4),
        ((), False, 4),
        ((PortalRun("a", 1, "archive_failed", found=1),), False, 5),
        ((PortalRun("a", 1, "shutdown", found=1),), True, 130),
    ],
)
def test_exit_codes(portals: tuple[PortalRun, ...], interrupted: bool, code: int) -> None:
    assert exit_code(CrawlSummary(portals, 1.0, interrupted)) == code


def test_a_summary_survives_the_way_between_processes_and_says_it_in_words() -> None:
    summary = CrawlSummary(
        (
            PortalRun("a", 1, "finished", 5, 5, found=3, known=1, stored=2, refused={"no report phrase": 4}),
            PortalRun("b", 2, "blocked:rs", 1, 1, failed={"blocked:rs": 1}),
        ),
        12.3,
    )
    assert CrawlSummary.from_dict(summary.as_dict()) == summary
    text = summary.in_words()
    assert "2 portals, 6 answers to 6 requests in 12 s" in text
    assert "refused    4: 4 no report phrase" in text
    assert "failed     1: 1 blocked:rs" in text
    assert "  b: blocked:rs; 1: 1 blocked:rs" in text


def test_portals_of_one_site_take_turns() -> None:
    a = portal("a", "http://www.shilixian.gov.cn/")
    b = portal("b", "http://www.linxian.gov.cn/")
    c = portal("c", "http://czj.shilixian.gov.cn/")
    assert groups([a, b, c]) == [[b], [a, c]]
    assert groups([]) == []
