"""UCAP whose column page knows only a tree of channels; the rows are searched channel by channel."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_TREE = "/common/getChannelList"


class UcapTreePortal(PlainPortal):
    """One page for all columns: the first is the tree's node 年报, the others lie below it."""

    @property
    def start(self) -> tuple[str, ...]:
        return (self.base + self.list_path(self.site.columns[0]),)

    def list_path(self, column: Column) -> str:
        return "/bfx/c100120/zfxxgk_list.shtml"

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"/bfx/{column.slug}/{entry.day:%Y%m}/{entry.hex}.shtml"

    def _channel(self, column: Column) -> str:
        return hashlib.sha256(column.slug.encode()).hexdigest()[:32]

    def add_lists(self) -> None:
        first = self.site.columns[0]
        script = f'<script>$.get("{_TREE}?channelCode=c100120&websiteCodeName=bfx", showTree);</script>'
        self.add(self.list_path(first), lambda request: self.listing(first, f'<ul id="tree"></ul>{script}'))
        self.add(_TREE, self._tree)
        for column in self.site.columns:
            self._add_search(column)

    def _tree(self, request: Request) -> Answer:
        if parse_qs(request.query) != {"channelCode": ["c100120"], "websiteCodeName": ["bfx"]}:
            return self.not_found()
        first, *below = self.site.columns
        reports = {
            "channelId": self._channel(first),
            "displayName": first.name,
            "children": [
                {"channelId": self._channel(c), "displayName": "部门", "children": []} for c in below
            ],
        }
        other = {"channelId": "f" * 32, "displayName": "政府信息公开指南", "children": []}
        return self.json(
            {"code": 200, "results": {"displayName": "政府信息公开", "children": [other, reports]}}
        )

    def _add_search(self, column: Column) -> None:
        self.add(f"/common/search/{self._channel(column)}", lambda request: self._search(column, request))

    def _search(self, column: Column, request: Request) -> Answer:
        number = int(parse_qs(request.query).get("page", ["1"])[0])
        results = [
            {
                "title": entry.title,
                "url": self.href(column, entry),
                "publishedTimeStr": f"{entry.day} 15:20:11",
                "domainMetaList": [{"resultList": [{"key": "source", "value": entry.source or ""}]}],
            }
            for entry in self.window(column, number)
        ]
        data = {
            "channelId": self._channel(column),
            "total": len(column.entries),
            "page": number,
            "rows": column.per_page,
            "results": results,
        }
        return self.json({"code": 200, "data": data})
