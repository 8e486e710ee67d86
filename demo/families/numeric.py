"""陕西: pages called 1.html, 2.html, their number inside parseInt('…'); articles called by snowflake ids."""

from __future__ import annotations

from demo.families.plain import PlainPortal
from demo.site import Column, Entry


class NumericPortal(PlainPortal):
    """A column's slug is its folder."""

    box = "m-txt-article"

    def list_path(self, column: Column) -> str:
        return f"{column.slug}1.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{column.slug}{1_900_000_000_000_000_000 + entry.number}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            for number in range(1, self.pages(column) + 1):
                self._add_page(column, number)

    def _add_page(self, column: Column, number: int) -> None:
        pager = (
            f"<script>var current = parseInt('{number}'); var totalPage = parseInt('{self.pages(column)}');"
            "for (var i = 1; i <= totalPage; i++) { pages.push(i + '.html'); }</script>"
        )
        rows = self.rows(column, self.window(column, number))
        body = f'<div class="m-lst"><ul>\n{rows}\n</ul></div>{pager}'
        self.add(f"{column.slug}{number}.html", lambda request: self.listing(column, body))
