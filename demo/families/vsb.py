"""VSB 博达: the first page beside a folder in which the older pages count down."""

from __future__ import annotations

from html import escape

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry


class VsbPortal(Portal):
    """A column's slug is its path without extension; option ``node`` is the folder of its articles."""

    def list_path(self, column: Column) -> str:
        return f"{column.slug}.htm"

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"/info/{self.site.number('node')}/{entry.number % 100_000}.htm"

    def add_lists(self) -> None:
        for column in self.site.columns:
            pages = -(-len(column.entries) // column.per_page)
            for number in range(1, pages + 1):
                self._add_page(column, number, pages)

    def _file(self, number: int, pages: int) -> str:
        """Of page 2 and after, inside the folder: the last page is 1.htm."""
        return f"{pages - number + 1}.htm"

    def _add_page(self, column: Column, number: int, pages: int) -> None:
        path = f"{column.slug}.htm" if number == 1 else f"{column.slug}/{self._file(number, pages)}"

        def page(request: Request) -> Answer:
            return self.html(self._list(column, number, pages))

        self.add(path, page)

    def _link(self, column: Column, number: int, target: int, pages: int) -> str:
        """Address of page ``target`` as page ``number`` writes it."""
        folder = column.slug.rpartition("/")[2]
        if target == 1:
            return f"../{folder}.htm"
        return self._file(target, pages) if number > 1 else f"{folder}/{self._file(target, pages)}"

    def _pager(self, column: Column, number: int, pages: int) -> str:
        def step(name: str, target: int | None, text: str) -> str:
            if target is None:
                return f'<span class="p_{name}_d p_fun_d">{text}</span>'
            href = self._link(column, number, target, pages)
            return f'<span class="p_{name} p_fun"><a href="{href}">{text}</a></span>'

        def place(target: int) -> str:
            if target == number:
                return f'<span class="p_no_d">{target}</span>'
            href = self._link(column, number, target, pages)
            return f'<span class="p_no"><a href="{href}">{target}</a></span>'

        before, after = (number - 1 or None), (number + 1 if number < pages else None)
        return (
            '<span class="p_pages">'
            + step("first", before and 1, "首页")
            + step("prev", before, "上页")
            + "".join(place(target) for target in range(1, pages + 1))
            + step("next", after, "下页")
            + step("last", after and pages, "尾页")
            + "</span>"
        )

    def _list(self, column: Column, number: int, pages: int) -> str:
        shown = column.entries[(number - 1) * column.per_page : number * column.per_page]
        depth = column.slug.count("/") - 1 + (number > 1)
        rows = "\n".join(
            f'<li id="line_u9_{n}"><a href="{"../" * depth}{self.address(column, entry).lstrip("/")}" '
            f'title="{escape(entry.title)}">{chrome.shortened(entry.title)}</a><span>{entry.day}</span></li>'
            for n, entry in enumerate(shown)
        )
        body = (
            f"{self.breadcrumb(column)}\n<ul>\n{rows}\n</ul>\n"
            f'<div class="pb_sys_common pb_sys_style1">{self._pager(column, number, pages)}</div>'
        )
        return chrome.page(self.site, chrome.head(self.site, column), body)

    def article(self, column: Column, entry: Entry) -> str:
        headline = f"<h1>{escape(entry.title)}</h1>" if entry.headline else ""
        counter = f'<script>_showDynClicks("wbnews", {self.site.number("node")}, {entry.number})</script>'
        links = [(self.address(column, e), e.title) for e in chrome.neighbours(column, entry)]
        body = (
            f'{self.breadcrumb(column)}\n<form name="_newscontent_fromname">\n{headline}\n'
            f"{chrome.date_line(entry, self.hits(entry))}{counter}\n"
            f'<div id="vsb_content"><div class="v_news_content">\n{entry.body}\n</div></div>\n'
            f"{chrome.tools()}</form>\n{chrome.related(links)}"
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)
