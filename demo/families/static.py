"""A system of nobody's: 下一页, a frame, a pager that only counts, rows that jump by script, no end."""

from __future__ import annotations

import re

from demo import chrome
from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_ENDLESS = re.compile(r"/zwgk/tongbao/index(?:_(\d+))?\.html")
_CALENDAR = re.compile(r"/rili/(\d{4})(\d\d)\.html")


class StaticPortal(PlainPortal):
    """Columns in their order: followed by 下一页, in a frame, counted and clicked, without an end."""

    def list_path(self, column: Column) -> str:
        place = self.site.columns.index(column)
        return f"{column.slug}.html" if place == 2 else f"{column.slug}/index.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        folder = column.slug.rpartition("/")[0] if self.site.columns.index(column) == 2 else column.slug
        return f"{folder}/{entry.day:%Y%m}/{entry.number}.html"

    def add_lists(self) -> None:
        followed, framed, counted, _ = self.site.columns
        for number in range(1, self.pages(followed) + 1):
            self._add_followed(followed, number)
        shell = f'<iframe src="/banner.html"></iframe><iframe src="{framed.slug}/nb.html" id="list"></iframe>'
        self.add(self.list_path(framed), lambda request: self.listing(framed, shell))
        self.add(f"{framed.slug}/nb.html", lambda request: self._bare(framed))
        for number in range(1, self.pages(counted) + 1):
            self._add_counted(counted, number)

    def answer(self, request: Request) -> Answer:
        """Two kinds of pages that exist for every number."""
        if endless := _ENDLESS.fullmatch(request.path):
            return self._endless(int(endless[1] or 1))
        if month := _CALENDAR.fullmatch(request.path):
            return self._calendar(int(month[1]), int(month[2]))
        return super().answer(request)

    def _add_followed(self, column: Column, number: int) -> None:
        """With a calendar in a frame, and attributes that only a script would make links of."""
        noise = '<a href="{{item.url}}">{{item.title}}</a><a href="${url}">详情</a><a href="#">更多</a>'
        frame = '<iframe src="/rili/202401.html"></iframe>' if number == 1 else ""
        following = ""
        if number < self.pages(column):
            following = f'<a href="{column.slug}/index_p{number + 1}.html">下一页&gt;</a>'
        body = f"<ul>{self.rows(column, self.window(column, number))}</ul>{noise}{following}{frame}"
        name = "index" if number == 1 else f"index_p{number}"
        self.add(f"{column.slug}/{name}.html", lambda request: self.listing(column, body))

    def _bare(self, column: Column) -> Answer:
        return self.html(f"<html><body><ul>{self.rows(column, column.entries)}</ul></body></html>")

    def _add_counted(self, column: Column, number: int) -> None:
        folder = column.slug.rpartition("/")[0]
        rows = "\n".join(
            f"<li onclick=\"jumpToDetail('.{self.href(column, entry).removeprefix(folder)}')\">"
            f"{entry.title}<span>{entry.day}</span></li>"
            for entry in self.window(column, number)
        )
        body = f"<ul>{rows}</ul><script>var totalPage = {self.pages(column)}; showPager(totalPage);</script>"
        # Called as a folder's pages are, though the first page is not.
        path = self.list_path(column) if number == 1 else f"{folder}/index_{number}.html"
        self.add(path, lambda request: self.listing(column, body))

    def _endless(self, number: int) -> Answer:
        column = self.site.columns[3]
        rows = "".join(
            f'<li><a href="/zwgk/tongbao/{number}_{n}.html">关于第{number}期第{n}号栏目更新情况的通报</a>'
            f"<span>2024-01-{n:02d}</span></li>"
            for n in range(1, column.per_page + 1)
        )
        following = f'<a href="/zwgk/tongbao/index_{number + 1}.html">下一页</a>'
        return self.listing(column, f"<ul>{rows}</ul>{following}")

    def _calendar(self, year: int, month: int) -> Answer:
        days = "".join(
            f'<td><a href="/rili/{year}{month:02d}/{day}.html">{year}-{month}-{day}</a></td>'
            for day in (1, 2)
        )
        after = f"{year + month // 12}{month % 12 + 1:02d}"
        body = f'<table><tr>{days}</tr></table><a href="/rili/{after}.html">下一页</a>'
        head = chrome.head(self.site, self.site.columns[0])
        return self.html(chrome.page(self.site, head, body))
