"""The status page: of the archive, and of a copy that has only what publish keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import health
from archive.outlook import Late, Outlook, Untold
from archive.publish import publish
from archive.serve import build_app
from archive.site import i18n
from archive.store import Store
from spiders.kinds import KINDS
from tests.archive.site.conftest import _getter


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("status") / "gongkai.db"
    with Store(path) as store:
        for key, outcomes in (("a", ("ok", "broken", "broken")), ("b", ("blocked", "ok")), ("c", ())):
            store.add_portals([{"key": key, "name": f"{key}县人民政府", "family": "trs", "status": "ok"}])
            for outcome in outcomes:
                run = store.start_run(key, mode="new")
                if outcome == "broken":
                    store.add_issue(run, "none_found", "http://a.example/", "没有<b>一条</b>报告链接")
                store.finish_run(run, reason="finished", outcome=outcome)
        sample = store.start_run("c", mode="some")
        store.finish_run(sample, reason="finished", outcome="broken")  # a sample is no turn of a portal
    return path


def test_standings(archive: Path) -> None:
    with Store(archive) as store:
        found = {one.portal: one for one in health.standings(store.db.conn)}
        begun = [r[0] for r in store.db.execute("SELECT started_at FROM runs WHERE portal = 'a' ORDER BY 1")]
        found_oldest = health.oldest(tuple(found.values()))
    assert {key: one.outcome for key, one in found.items()} == {"a": "broken", "b": "ok", "c": "unknown"}
    assert (found["a"].since, found["a"].last) == (begun[1], begun[2])
    assert [issue.kind for issue in found["a"].issues] == ["none_found"]
    assert found_oldest == found["a"]
    assert health.tally(tuple(found.values()))["ok"] == 1


@pytest.mark.parametrize("published", [False, True])
def test_the_page_in_both_languages(archive: Path, tmp_path: Path, published: bool) -> None:
    path = archive
    if published:
        path = tmp_path / "public.db"
        publish(archive, path, lambda copy: None)
    get = _getter(build_app(path, published=published))
    zh, en = get("/status"), get("/status?lang=en")
    assert (zh.status_code, en.status_code) == (200, 200)
    assert "a县人民政府" in zh.text
    assert "失灵" in zh.text
    assert "broken" in en.text
    assert "没有&lt;b&gt;一条" in zh.text
    assert "<b>一条" not in zh.text


def test_reasons_are_in_the_readers_language(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        store.add_portals([{"key": "a", "name": "甲县人民政府", "family": "trs", "status": "blocked:rs"}])
        run = store.start_run("a", mode="new")
        store.add_issue(run, "blocked:rs", "http://a.example/", "HTTP status 412: a challenge")
        store.add_issue(run, "none_found", "http://a.example/", "一条也没有")
        store.add_issue(run, "of_tomorrow", "http://a.example/", "of a later version")
        store.finish_run(run, reason="blocked:rs", outcome="blocked")
        store.finish_run(store.start_run("a", mode="some"), reason="sample")
        store.start_run(None, command="reparse")
    get = _getter(build_app(tmp_path / "gongkai.db"))
    zh, en = get("/status").text, get("/status?lang=en").text
    assert "瑞数防护" in zh
    assert "challenge of 瑞数" in en
    assert "HTTP status 412" not in zh
    assert "HTTP status 412" in en
    assert "一条也没有" in zh
    assert "一条也没有" not in en
    assert "of_tomorrow" in zh  # a kind that has no words is told all the same
    assert f"/gongkai/run_issues?run={run}" in zh
    for said in ("抽样完成", "未结束", "重新读取存档", "甲县人民政府"):
        assert said in zh
    assert "sample taken" in en
    # The tables say the same.
    assert "瑞数防护" in get("/gongkai/run_issues").text
    assert "抽样完成" in get("/gongkai/runs").text
    assert "瑞数防护" in get("/gongkai/portals").text


def test_what_portals_and_crawls_are_called_is_text(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>\"'\u202e局"
    with Store(tmp_path / "gongkai.db") as store:
        store.add_portals([{"key": "a", "name": name, "family": "<b>", "status": "<i>"}])
        run = store.start_run("a", mode="new")
        store.add_issue(run, "<img src=x>", "javascript:alert(1)", "<img src=x>\u2066")
        store.finish_run(run, reason="<b>", outcome="broken")
        other = store.start_run("a", mode="some")
        store.finish_run(other, reason="<b>\u202e")
    get = _getter(build_app(tmp_path / "gongkai.db"))
    for path in (
        "/status",
        "/gongkai/runs",
        "/gongkai/run_issues",
        "/gongkai/portals",
        f"/gongkai/runs/{run}",
    ):
        for lang in ("zh", "en"):
            page = get(path, lang)
            assert page.status_code == 200
            for markup in (
                "<script>alert",
                "<img src=x",
                "<i>",
                "<b>",
                "\u202e",
                "\u2066",
                'href="javascript',
            ):
                assert markup not in page.text.replace("<b>0%</b>", ""), (path, markup)
    assert "&lt;script&gt;alert(1)" in get("/status").text


def test_every_kind_of_trouble_has_words() -> None:
    known = i18n.all_keys()
    assert {f"issue.{kind}" for kind in KINDS} <= known
    assert {f"standing.{outcome}" for outcome in health.OUTCOMES} <= known


def test_what_is_due_and_who_could_not_be_told(archive: Path) -> None:
    due = tuple(
        Late(f"p{n}", f"<i>{n}</i>县人民政府", f"2026-02-{n % 28 + 1:02}T03:04:05Z") for n in range(23)
    )
    told = Outlook(due, (Untold("webhook", "2026-02-01T00:00:00Z", 7, "2026-02-03T00:00:00Z"),))
    page = _getter(build_app(archive, ask=lambda: told))("/status?lang=en").text
    assert "&lt;i&gt;0&lt;/i&gt;县人民政府" in page
    assert "2026-02-01 03:04" in page
    assert "3 more are due." in page
    assert "webhook: failed 7 times since 2026-02-01 00:00, tried again at 2026-02-03 00:00 (UTC)" in page
    assert (
        "网络回调（webhook）：自 2026-02-01 00:00 起失败 7 次"
        in _getter(build_app(archive, ask=lambda: told))("/status").text
    )
    assert "现在没有网站到期。" in _getter(build_app(archive, ask=Outlook))("/status").text
    for silent in (None, lambda: None):  # nobody to ask, or no answer: the page says nothing of it
        assert "到期" not in _getter(build_app(archive, ask=silent))("/status").text
