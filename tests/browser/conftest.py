"""A real browser against a real ``gongkai serve``: every request and console message is watched."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Route,
    sync_playwright,
)

from tests.archive.site import sample
from tests.browser import published
from tests.paths import REPOSITORY

#: Screenshots of every page, in a folder that git ignores.
SHOTS = REPOSITORY / "artefacts" / "browser"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
#: A page that is longer is cut: Chromium draws no picture of more than 16,384 pixels.
_TALLEST = 16_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


@dataclass
class Served:
    """An archive and the address it is shown at, with a slash at the end."""

    folder: Path
    address: str


def _serve(folder: Path) -> Iterator[Served]:
    command = [sys.executable, "-c", "from crawler.cli import main; main()", "serve"]
    process = subprocess.Popen(
        [*command, "--data", str(folder), "--port", "0"], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "→" in line, line
        yield Served(folder, line.split("→")[1].strip())
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Invented issuers over some years, served."""
    yield from _serve(published.build(tmp_path_factory.mktemp("published")))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Titles, names and texts that want to be markup, script or formulas, served."""
    folder = tmp_path_factory.mktemp("hostile")
    sample.build(folder)
    yield from _serve(folder)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next((found for name in _CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("Chromium is not installed (e.g. apt-get install chromium)")
    with sync_playwright() as playwright:
        # No sandbox: containers have no user namespaces, and all it shows here is our own.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and all that it asked for and complained of."""

    page: Page
    base: str
    lang: str
    width: int
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.lang[:2]}-{self.width}"

    def go(self, path: str, *, status: int = 200) -> None:
        """Open an address of the site, given without the leading slash."""
        answer = self.page.goto(self.base + path, wait_until="load")
        assert answer is not None
        assert answer.status == status, path

    def follow(self, link: Locator) -> None:
        """Click, and wait for the page that it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            link.click()

    def refuse(self, dialog: Dialog) -> None:
        """No page of ours asks anything; a script of a portal's would."""
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def fits(self) -> None:
        """The page is no wider than the screen: wide tables scroll within themselves."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} pixels wide on a screen of {self.width}"

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        tall = self.page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": self.width, "height": min(tall, _TALLEST)}
        self.page.screenshot(path=str(SHOTS / f"{name}-{self.name}.png"), full_page=True, clip=clip)


Open = Callable[..., Watched]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """``opened(address, lang, width)``: a fresh browser whose every request and message is watched."""
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def open_(base: str, lang: str = "zh-CN", width: int = 1280, *, script: bool = True) -> Watched:
        context = chromium.new_context(
            locale=lang,
            viewport={"width": width, "height": 900},
            accept_downloads=True,
            java_script_enabled=script,
        )
        contexts.append(context)
        one = Watched(context.new_page(), base, lang, width)
        watched.append(one)
        host = urlsplit(base).netloc

        def pass_on(route: Route) -> None:
            asked = urlsplit(route.request.url)
            if asked.scheme not in ("http", "https") or asked.netloc == host:
                route.continue_()
            else:
                one.outside.append(route.request.url)
                route.abort()

        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                one.complaints.append(f"{one.page.url}: {message.text}")

        context.route(re.compile("."), pass_on)
        context.on("page", lambda page: one.complaints.append(f"a window opened: {page.url}"))
        one.page.on("console", heard)
        one.page.on("pageerror", lambda error: one.complaints.append(f"{one.page.url}: {error}"))
        one.page.on(
            "dialog", lambda dialog: (one.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss())
        )
        return one

    yield open_
    for context in contexts:
        context.close()
    for one in watched:
        assert one.outside == [], "asked another host"
        assert one.complaints == []
