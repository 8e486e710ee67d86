"""Openness, three generations on one site: by ``branch_id``, by numbered pages, and under its later names."""

from __future__ import annotations

from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry


class OpennessPortal(PlainPortal):
    """The first, second and third column are of the first, second and third generation."""

    def _generation(self, column: Column) -> int:
        return self.site.columns.index(column) + 1

    def list_path(self, column: Column) -> str:
        generation = self._generation(column)
        if generation == 1:
            return f"/opennessAnnualReport/?branch_id={column.slug}"
        if generation == 2:
            return f"/OpennessAnnualReport/showList/{column.slug}/page_1.html"
        # The registry names the unit's list of everything; its menu leads to the reports.
        return f"/XxgkContent/showList/{column.slug}/0/page_1.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        generation = self._generation(column)
        if generation == 1:
            return f"/openness/detail/annual_report/{entry.hex[:24]}.html"
        if generation == 2:
            return f"/OpennessAnnualReport/show/{entry.number}.html"
        return f"/Xxgknb/show/{entry.number}.html"

    def attachment_path(self, column: Column, entry: Entry) -> str:
        """Called .html, and is a PDF."""
        return f"/OpennessAnnualReport/download/{entry.number}.html"

    def add_lists(self) -> None:
        first, second, third = self.site.columns
        self.add("/opennessAnnualReport/", lambda request: self._by_branch(first, request))
        for number in range(1, self.pages(second) + 1):
            self._add_numbered(second, number)
        reports = f"/XxgkAnnualReport/showList/{third.slug}/page_1.html"
        menu = f'<ul class="menu"><li><a href="{reports}">政府信息公开年报</a></li></ul>'
        everything = (
            '<ul><li><a href="/XxgkContent/show/1.html">机构职能</a><span>2024-05-06</span></li></ul>'
        )
        self.add(self.list_path(third), lambda request: self.listing(third, menu + everything))
        self.add(
            reports, lambda request: self.listing(third, f"{menu}<ul>{self.rows(third, third.entries)}</ul>")
        )
        self.add("/XxgkContent/show/1.html", lambda request: self.listing(third, "<p>机构职能</p>"))

    def _by_branch(self, column: Column, request: Request) -> Answer:
        query = parse_qs(request.query)
        if query.get("branch_id") != [column.slug]:
            return self.not_found()
        number = int(query.get("page", ["1"])[0])
        pager = ""
        if number < self.pages(column):
            pager = f'<a href="{self.list_path(column)}&amp;page={number + 1}">下一页</a>'
        return self.listing(column, f"<ul>{self.rows(column, self.window(column, number))}</ul>{pager}")

    def _add_numbered(self, column: Column, number: int) -> None:
        # The pager is a script: only the number of pages is written.
        pager = f'<div class="page">共{len(column.entries)}条 共{self.pages(column)}页 第{number}页</div>'
        path = f"/OpennessAnnualReport/showList/{column.slug}/page_{number}.html"
        self.add(
            path,
            lambda request: self.listing(
                column, f"<ul>{self.rows(column, self.window(column, number))}</ul>{pager}"
            ),
        )
