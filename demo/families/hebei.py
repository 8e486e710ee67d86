"""河北: everything called by UUIDs; further pages are blocks of HTML whose ids stand in a script."""

from __future__ import annotations

from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_TEMPLATE = "3f2e1d0c-5555-4666-8777-888899990000"
_BLOCK = "6a7b8c9d-aaaa-4bbb-8ccc-ddddeeeeffff"


class HebeiPortal(PlainPortal):
    """A column's slug is its UUID."""

    def list_path(self, column: Column) -> str:
        return f"/columns/{column.slug}/index.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        h = entry.hex
        name = f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"
        return f"/columns/{column.slug}/{entry.day:%Y%m/%d}/{name}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_column(column)

    def _add_column(self, column: Column) -> None:
        block = f"/columns/{column.slug}/templates/{_TEMPLATE}/blocks/{_BLOCK}"
        body = (
            f'<ul class="list" id="{_BLOCK}">{self.rows(column, self.window(column, 1))}</ul>'
            f'<div class="pager">共{len(column.entries)}条 共{self.pages(column)}页</div>'
            f"<script>var columnId='{column.slug}', templateId='{_TEMPLATE}', blockId='{_BLOCK}';"
            "function turn(page){ $('#'+blockId).load('/columns/'+columnId+'/templates/'+templateId"
            "+'/blocks/'+blockId+'?page='+page+'&fix=0'); }</script>"
        )
        self.add(self.list_path(column), lambda request: self.listing(column, body))
        self.add(block, lambda request: self._block(column, request))

    def _block(self, column: Column, request: Request) -> Answer:
        query = parse_qs(request.query)
        number = int(query.get("page", ["1"])[0]) if query.get("fix") == ["0"] else 0
        return self.html(self.rows(column, self.window(column, number)) if number else "")
