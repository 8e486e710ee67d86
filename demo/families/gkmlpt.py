"""广东 gkmlpt 政府信息公开目录平台: a tree in window._CONFIG, lists from a JSON API."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry

#: Rows a page, fixed by the platform.
_PER_PAGE = 100
#: Nodes of the catalogue, the same in every sample: the column "annual report" has this number …
_REPORTS = 2629
#: … and 0 stands for everything.
_EVERYTHING = 0


class GkmlptPortal(Portal):
    """A column is an issuer's catalogue: its slug the department's path (or nothing) and its SID."""

    def list_path(self, column: Column) -> str:
        return f"{self._root(column)}/index"

    def _root(self, column: Column) -> str:
        return f"{column.slug.partition('#')[0]}/gkmlpt"

    def _sid(self, column: Column) -> str:
        return column.slug.partition("#")[2]

    def path_of(self, column: Column, entry: Entry) -> str:
        number = str(entry.number)
        return f"{self._root(column)}/content/{number[:1]}/{number[:4]}/post_{number}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_catalogue(column)

    def _add_catalogue(self, column: Column) -> None:
        self.add(self.list_path(column), lambda request: self.html(self._index(column)))
        for node in (_REPORTS, _EVERYTHING):
            self.add(f"{self._root(column)}/api/all/{node}", lambda request: self._list(column, request))

    def _config(self, column: Column, detail: str = "") -> str:
        """A script's literal, not JSON: some names have no quotes."""
        tree = [
            {"id": 2612, "name": "政府信息公开指南", "jump_url": "", "children": [], "post_count": 1},
            {
                "id": 2620,
                "name": "法定主动公开内容",
                "jump_url": "",
                "post_count": len(column.entries),
                "children": [
                    {"id": 2621, "name": "机构职能", "jump_url": "", "children": [], "post_count": 1},
                    {
                        "id": _REPORTS,
                        "name": "政府信息公开年报",
                        "jump_url": "",
                        "children": [],
                        "post_count": self._post_count(column),
                    },
                ],
            },
        ]
        return (
            f'<script>window._CONFIG = {{"SITE_NAME":{_literal(self.site.name)}, '
            f"SID: '{self._sid(column)}', TREE: {_literal(tree)}, {detail}SERVICE_AREA_ID: 755}};</script>"
        )

    def _post_count(self, column: Column) -> int:
        """More than the list will give: the count includes withdrawn posts."""
        return len(column.entries) + 3

    def _index(self, column: Column) -> str:
        body = f'{self._config(column)}\n<div id="app"></div><script src="/gkmlpt/js/app.js"></script>'
        return chrome.page(self.site, chrome.head(self.site, column), body)

    def _list(self, column: Column, request: Request) -> Answer:
        query = {key: values[0] for key, values in parse_qs(request.query).items()}
        page = query.get("page", "1")
        number = int(page) if page.isdecimal() else 0
        begin = (number - 1) * _PER_PAGE
        if query.get("sid") != self._sid(column) or number < 1 or begin >= len(column.entries):
            return self.not_found()
        return self.json(
            {
                "classify": {
                    "id": _REPORTS,
                    "name": "政府信息公开年报",
                    "parent": 2620,
                    "jump_url": "",
                    "post_count": self._post_count(column),
                },
                "total": len(column.entries),
                "offset": begin,
                "articles": [self._row(column, e) for e in column.entries[begin : begin + _PER_PAGE]],
            }
        )

    def _row(self, column: Column, entry: Entry) -> dict[str, Any]:
        published = datetime(entry.day.year, entry.day.month, entry.day.day, tzinfo=UTC)
        seconds = int(published.timestamp())
        return {
            "id": entry.number,
            "title": entry.title,
            "url": f"{self.base}{self.address(column, entry)}",
            "post_url": "",
            "type": "normal",
            "publisher": entry.source or "",
            "identifier": f"{self.site.division}000/{entry.day.year}-{entry.number % 100000:05d}",
            "document_number": "",
            "create_time": seconds,
            "first_publish_time": seconds,
            "display_publish_time": seconds,
            "date": int((published - timedelta(days=2)).timestamp()),
            # The day the platform took the old site over: says nothing of the post.
            "created_at": "2024-06-03 16:44:02",
            "classify_main": _REPORTS,
            "classify_main_name": "政府信息公开年报",
            "attachment": [],
            "is_expired": 0,
            "is_abolished": 0,
            "abstract": "",
        }

    def article(self, column: Column, entry: Entry) -> str:
        detail = f"DETAIL: {_literal({**self._row(column, entry), 'content': entry.body})}, "
        headline = f'<h1 class="title document-number">{escape(entry.title)}</h1>' if entry.headline else ""
        row = self._row(column, entry)
        body = (
            f"{self._config(column, detail)}\n"
            '<div class="content"><div class="classify"><table><tbody>'
            f'<tr><td class="first">索引号:</td><td>{row["identifier"]}</td><td class="first">分类:</td>'
            f"<td>{escape(column.name)}</td></tr>"
            f'<tr><td class="first">发布机构:</td><td>{escape(entry.source or "")}</td>'
            f'<td class="first">成文日期:</td><td>{entry.day - timedelta(days=2)}</td></tr>'
            "</tbody></table></div>\n"
            f"{headline}{chrome.date_line(entry, self.hits(entry))}\n"
            f'<div class="article-content">\n{entry.body}\n</div>\n{chrome.tools()}</div>'
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)


def _literal(content: Any) -> str:
    """JSON that may stand inside a <script>: no < of its own."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003C").replace(">", "\\u003E")
