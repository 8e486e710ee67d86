"""广东 gkmlpt whose tree points elsewhere: to a static column of NFCMS, by year, pages counted from 1."""

from __future__ import annotations

from itertools import groupby

from demo import chrome
from demo.families.plain import PlainPortal
from demo.site import Column, Entry


class NfcmsPortal(PlainPortal):
    """The column's slug is its folder; its older entries lie in sub-columns called 2022年."""

    def list_path(self, column: Column) -> str:
        return "/gkmlpt/index"

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{column.slug}/content/post_{entry.number}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_column(column)

    def _add_column(self, column: Column) -> None:
        tree = (
            '[{"id":2612,"name":"政府信息公开指南","jump_url":"","children":[],"post_count":1},'
            f'{{"id":2629,"name":"政府信息公开年报","jump_url":"{column.slug}/index.html","children":[],"post_count":0}}]'
        )
        config = (
            f'<script>window._CONFIG = {{"SITE_NAME":"{self.site.name}", SID: \'{self.site.text("sid")}\', '
            f"TREE: {tree}, SERVICE_AREA_ID: 755}};</script>"
        )
        page = chrome.page(self.site, chrome.head(self.site, column), f'{config}<div id="app"></div>')
        self.add(self.list_path(column), lambda request: self.html(page))
        newest, *older = (
            (year, tuple(group)) for year, group in groupby(column.entries, lambda e: e.day.year)
        )
        links = "".join(
            f'<li><a href="{column.slug}/{year - 1}n/index.html">{year - 1}年</a></li>' for year, _ in older
        )
        self._add_list(column, column.slug, newest[1], f'<ul class="years">{links}</ul>')
        for year, entries in older:
            self._add_list(column, f"{column.slug}/{year - 1}n", entries, "")

    def _add_list(self, column: Column, folder: str, entries: tuple[Entry, ...], more: str) -> None:
        per_page = 1
        for number, start in enumerate(range(0, len(entries), per_page), start=1):
            name = "index" if number == 1 else f"index_{number}"
            following = ""
            if start + per_page < len(entries):
                following = f'<a class="next" href="{folder}/index_{number + 1}.html">下一页</a>'
            self._add_page(
                column, f"{folder}/{name}.html", entries[start : start + per_page], more + following
            )

    def _add_page(self, column: Column, path: str, entries: tuple[Entry, ...], more: str) -> None:
        body = f'<ul class="news_list2">{self.rows(column, entries)}</ul>{more}'
        self.add(path, lambda request: self.listing(column, body))
