"""Hanweb 大汉 JCMS: the first rows as XML inside a script, the rest from dataproxy.jsp."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qsl, quote

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry

PROXY = "/module/web/jpage/dataproxy.jsp"
#: Rows the proxy gives at most, whatever perpage asks for; real hosts cap it too.
_WINDOW = 8
#: Rows a window repeats from the one before it, as real windows do.
_OVERLAP = 2
#: Parameters that say which window is wanted; all others must come back as they were given out.
_PAGING = frozenset({"page", "perpage", "startrecord", "endrecord", "col", "sourceContentType"})


class HanwebPortal(Portal):
    """A column's slug is its number; option ``unit`` is the number of the list widget."""

    def list_path(self, column: Column) -> str:
        return f"/col/col{column.slug}/index.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        day = entry.day
        return f"/art/{day.year}/{day.month}/{day.day}/art_{column.slug}_{entry.number}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_column(column)
        self.add(PROXY, self._proxy)

    def _add_column(self, column: Column) -> None:
        self.add(self.list_path(column), lambda request: self.html(self._column_page(column)))

    def _parameters(self, column: Column) -> str:
        """All but the page, byte for byte: the name is encoded twice, appid stands there twice."""
        name = quote(quote(self.site.name))
        return (
            f"appid=1&appid=1&webid=1&path=/&columnid={column.slug}"
            f"&unitid={self.site.number('unit')}&webname={name}&permissiontype=0"
        )

    def _records(self, column: Column, entries: tuple[Entry, ...]) -> str:
        rows = (
            f"<li><a href='{self.address(column, entry)}' title='{escape(entry.title)}' target='_blank'>"
            f"{chrome.shortened(entry.title)}</a><span>{entry.day}</span></li>"
            for entry in entries
        )
        return "\n".join(f"<record><![CDATA[{row}]]></record>" for row in rows)

    def _next_group(self, column: Column, page: int) -> str:
        href = f"{PROXY}?page={page}&{self._parameters(column)}"
        return f'<nextgroup><![CDATA[<a href="{href}"></a>]]></nextgroup>'

    def _column_page(self, column: Column) -> str:
        unit = self.site.number("unit")
        embedded = column.entries[: column.per_page]
        body = (
            f'{self.breadcrumb(column)}\n<div id="{unit}" class="default_pgContainer"></div>\n'
            f'<script type="text/xml"><datastore>\n{self._next_group(column, 1)}\n<recordset>\n'
            f"{self._records(column, embedded)}\n</recordset></datastore></script>\n"
            f"<script>$('#{unit}').jpage({{themename:'default',totalRecord:{len(column.entries)},"
            f"perPage:{column.per_page},dataBefore:'<ul>',dataAfter:'</ul>',proxyUrl:'{PROXY}'}});</script>\n"
            f'<span class="llcs">浏览量：<em id="hits">{self.hits()}</em></span>'
        )
        script = '<script src="/script/web/jpage/jpage.js"></script>\n'
        return chrome.page(self.site, chrome.head(self.site, column, extra=script), body)

    def _asked(self, request: Request) -> tuple[Column | None, int]:
        """Which column and which page; no column where a parameter differs by a byte."""
        raw = "&".join(part for part in (request.query, request.body.decode("ascii", "replace")) if part)
        pairs = [pair for pair in raw.split("&") if pair]
        fixed = {pair for pair in pairs if pair.partition("=")[0] not in _PAGING}
        # A form sends path=%2F where the address has path=/, and both are accepted.
        fixed = {"path=/" if pair == "path=%2F" else pair for pair in fixed}
        found = next((c for c in self.site.columns if set(self._parameters(c).split("&")) == fixed), None)
        # Like the servlet behind the real one: of a repeated parameter the first counts.
        number = dict(reversed(parse_qsl(raw))).get("page", "1")
        return found, int(number) if number.isdecimal() else 0

    def _proxy(self, request: Request) -> Answer:
        column, number = self._asked(request)
        if column is None:
            text = (
                "<datastore><totalrecord>0</totalrecord><totalpage>0</totalpage><nextgroup></nextgroup>"
                "<recordset></recordset></datastore>"
            )
            return Answer(text.encode(), "text/xml;charset=UTF-8")
        total = len(column.entries)
        pages = -(-total // _WINDOW)
        begin = max(0, (number - 1) * _WINDOW - _OVERLAP)
        window = column.entries[begin : number * _WINDOW] if 1 <= number <= pages else ()
        text = (
            f"<datastore><totalrecord>{total}</totalrecord><totalpage>{pages}</totalpage>"
            f"{self._next_group(column, number + 1)}<recordset>\n{self._records(column, window)}\n"
            "</recordset></datastore>"
        )
        return Answer(text.encode(), "text/xml;charset=UTF-8")

    def article(self, column: Column, entry: Entry) -> str:
        headline = f'<td class="title">{escape(entry.title)}</td>' if entry.headline else "<td></td>"
        links = [(self.address(column, e), e.title) for e in chrome.neighbours(column, entry)]
        attachment = ""
        if entry.attachment:
            attachment = (
                f'<p><a href="{self.attachment_path(column, entry)}">{escape(entry.attachment.name)}</a></p>'
            )
        source = escape(entry.source or "")
        body = (
            f"{self.breadcrumb(column)}\n"
            # The whole article lies in a layout table.
            '<table id="article" width="95%" border="0" cellspacing="0" cellpadding="0"><tbody>'
            f"<tr>{headline}</tr><tr><td>{chrome.date_line(entry, self.hits(entry))}"
            f"<!--<$[信息来源]>begin-->{source}<!--<$[信息来源]>end--></td></tr>"
            '<tr><td class="bt_content"><div id="zoom"><!--<$[信息内容]>begin--><meta name="ContentStart"/>\n'
            f'{entry.body}\n<meta name="ContentEnd"/><!--<$[信息内容]>end--></div>{attachment}</td></tr>'
            f"<tr><td>{chrome.tools()}</td></tr></tbody></table>\n{chrome.related(links)}"
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)
