"""UCAP 开普: static lists with createPageHTML('page_div', …), or JSON from /common/search/."""

from __future__ import annotations

import hashlib
from html import escape
from typing import Any
from urllib.parse import parse_qs

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry


class UcapPortal(Portal):
    """A column's slug is its code (c100122); option ``json`` names the columns that a script fills."""

    def list_path(self, column: Column) -> str:
        return f"{self._folder(column)}{self._stem(column)}.shtml"

    def _by_script(self, column: Column) -> bool:
        return column.slug in self.site.text("json").split()

    def _stem(self, column: Column) -> str:
        return "xxgk_list" if self._by_script(column) else "zfxxgk_gknbz"

    def _folder(self, column: Column) -> str:
        return f"/{self.site.text('site')}/{column.slug}/"

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{self._folder(column)}{entry.day:%Y%m}/{entry.hex}.shtml"

    def attachment_path(self, column: Column, entry: Entry) -> str:
        assert entry.attachment is not None
        file = hashlib.sha256(entry.attachment.name.encode()).hexdigest()[:32]
        return (
            f"{self.path_of(column, entry).removesuffix('.shtml')}/files/{file}.{entry.attachment.extension}"
        )

    def add_lists(self) -> None:
        for column in self.site.columns:
            if self._by_script(column):
                self._add_script_column(column)
            else:
                self._add_static_column(column)

    def _add_static_column(self, column: Column) -> None:
        pages = -(-len(column.entries) // column.per_page)
        for number in range(1, pages + 1):
            suffix = "" if number == 1 else f"_{number}"
            self._add_static_page(
                f"{self._folder(column)}{self._stem(column)}{suffix}.shtml", column, number, pages
            )

    def _add_static_page(self, path: str, column: Column, number: int, pages: int) -> None:
        self.add(path, lambda request: self.html(self._static_list(column, number, pages)))

    def _static_list(self, column: Column, number: int, pages: int) -> str:
        shown = column.entries[(number - 1) * column.per_page : number * column.per_page]
        rows = "\n".join(
            f'<li><a href="{self.address(column, entry)}" target="_blank">{escape(entry.title)}</a>'
            f"<span>{entry.day}</span></li>"
            for entry in shown
        )
        numbers = f"{pages},{number},'{self._stem(column)}','shtml',{len(column.entries)}"
        pager = f"createPageHTML('page_div',{numbers});"
        body = (
            f'{self.breadcrumb(column)}\n<ul class="list">\n{rows}\n</ul>\n'
            f'<div id="page_div"></div><script>{pager}</script>'
        )
        return chrome.page(self.site, chrome.head(self.site, column), body)

    def _channel(self, column: Column) -> str:
        return hashlib.sha256(f"{self.site.key}/{column.slug}".encode()).hexdigest()[:32]

    def _add_script_column(self, column: Column) -> None:
        self.add(
            self.list_path(column),
            lambda request: self.html(self._script_list(column)),
        )
        self.add(f"/common/search/{self._channel(column)}", lambda request: self._search(column, request))

    def _script_list(self, column: Column) -> str:
        address = (
            f"/common/search/{self._channel(column)}?_isAgg=true&_isJson=true&_pageSize={column.per_page}"
            "&_template=index&_rangeTimeGte=&_channelName=&page=1"
        )
        body = (
            f'{self.breadcrumb(column)}\n<ul class="list" id="zfxxgk_list"></ul><div id="page_div"></div>\n'
            f'<script>var channelId = "{self._channel(column)}";\n$.ajax({{url: "{address}", '
            "dataType: 'json', success: function (res) { showList(res.data.results); "
            "createPageHTML('page_div', Math.ceil(res.data.total / res.data.rows), 1, 'xxgk_list', 'shtml', "
            "res.data.total); }});</script>"
        )
        return chrome.page(self.site, chrome.head(self.site, column), body)

    def _search(self, column: Column, request: Request) -> Answer:
        query = {key: values[0] for key, values in parse_qs(request.query).items()}
        if query.get("_isJson") != "true":
            return self.html('<ul class="list"></ul>')
        asked = query.get("_pageSize", "")
        # No more than the column is set to, whatever is asked for.
        rows = min(int(asked), column.per_page) if asked.isdecimal() and int(asked) else column.per_page
        page = query.get("page", "1")
        number = int(page) if page.isdecimal() else 1
        shown = column.entries[(number - 1) * rows : number * rows] if number else ()
        return self.json(
            {
                "code": 200,
                "data": {
                    "channelId": self._channel(column),
                    "total": len(column.entries),
                    "page": number,
                    "rows": rows,
                    "results": [self._result(column, entry) for entry in shown],
                },
            }
        )

    def _result(self, column: Column, entry: Entry) -> dict[str, Any]:
        source = {"key": "source", "value": entry.source or ""}
        return {
            "title": entry.title,
            "url": f"{self.base.removeprefix('http:')}{self.address(column, entry)}",
            "publishedTimeStr": f"{entry.day} 15:20:11",
            "channelCodeName": column.slug,
            "channelName": column.name,
            "content": entry.title,
            "domainMetaList": [{"domainMetaName": "公文", "resultList": [source]}],
        }

    def article(self, column: Column, entry: Entry) -> str:
        headline = f"<h1><UCAPTITLE>{escape(entry.title)}</UCAPTITLE></h1>" if entry.headline else ""
        links = [(self.address(column, e), e.title) for e in chrome.neighbours(column, entry)]
        attachment = ""
        if entry.attachment:
            attachment = (
                f'<div class="fj">附件：<a href="{self.attachment_path(column, entry)}">'
                f"{escape(entry.attachment.name)}</a></div>"
            )
        body = (
            f'{self.breadcrumb(column)}\n<div class="article_content">{headline}\n'
            f'<p class="time"><PUBLISHTIME>{entry.day} 15:20</PUBLISHTIME></p>\n'
            f"{chrome.date_line(entry, self.hits(entry))}\n"
            f'<div id="UCAP-CONTENT"><UCAPCONTENT>\n{entry.body}\n</UCAPCONTENT></div>\n'
            f"{attachment}{chrome.tools()}</div>\n{chrome.related(links)}"
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)
