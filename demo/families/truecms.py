"""TrueCMS: windows of rows as XML in JSONP, capped and overlapping; a second service that is switched off."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

#: Rows a window holds at most, whatever is asked for.
_CAP = 2


class TruecmsPortal(PlainPortal):
    """A column's slug is its id. Every total counts a row that was withdrawn."""

    def _folder(self, column: Column) -> str:
        return f"/fzx/xxgknb{self.site.columns.index(column)}"

    def list_path(self, column: Column) -> str:
        folder = self._folder(column)
        return f"{folder}/{folder.rpartition('/')[2]}.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        h = entry.hex
        return f"{self._folder(column)}/content/{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}.html"

    def _service(self, column: Column) -> str:
        return f"/truecms{self.site.columns.index(column) or ''}/messageController/getMessage.do"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_column(column)
        self.add(self._service(self.site.columns[0]), self._window)

    def _add_column(self, column: Column) -> None:
        self.add(self.list_path(column), lambda request: self._page(column))

    def _total(self, column: Column) -> int:
        return len(column.entries) + 1

    def _page(self, column: Column) -> Answer:
        shown = column.entries[:60] if column is not self.site.columns[0] else column.entries[:1]
        body = (
            f'<div id="content"></div><div id="initData"><ul>{self.rows(column, shown)}</ul></div>'
            f"<script>$('#content').jpage({{totalRecord:{self._total(column)},proxyUrl:'{self._service(column)}',"
            f"perPage:20,groupSize:3,ajaxParam:{{columnId:'{column.slug}'}}}});</script>"
        )
        return self.listing(column, body)

    def _window(self, request: Request) -> Answer:
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        column = self.site.columns[0]
        if query.get("columnId") != column.slug or request.referer != self.base + self.list_path(column):
            return self.not_found()
        start = int(query["startrecord"])
        begin = max(0, start - 2)  # a row of the window before comes again
        rows = "".join(
            f"<record><![CDATA[{self.rows(column, [entry])}]]></record>"
            for entry in column.entries[begin : start - 1 + _CAP]
        )
        if start > len(column.entries):
            rows = ""
        total = f"<totalrecord>{self._total(column)}</totalrecord>"
        store = f"<datastore>{total}<recordset>{rows}</recordset></datastore>"
        text = f"{query['callback']}({json.dumps({'result': store}, ensure_ascii=False)})"
        return Answer(text.encode(), "text/javascript;charset=UTF-8")
