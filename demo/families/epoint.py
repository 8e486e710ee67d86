"""Epoint 新点: a shell, a script with the site's id, rows by a POST of JSON right to the byte."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_PAGE = "/dynamic/zwgk/govInfoPub.html"
_ROWS = 20


class EpointPortal(PlainPortal):
    """A column's slug is its category. The first column counts pages from 0 and takes plain fields; the
    second counts from 1 and wants them in ``params``."""

    box = "ewb-article-content"

    def list_path(self, column: Column) -> str:
        return f"{_PAGE}?categorynum={column.slug}&deptcode="

    def path_of(self, column: Column, entry: Entry) -> str:
        h = entry.hex
        name = f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}"
        return f"/zw/003/{column.slug}/{entry.day:%Y%m%d}/{name}.html"

    def add_lists(self) -> None:
        self.add(_PAGE, self._shell)
        site = f'var siteInfo = {{"projectName":"/EWB-FRONT","siteGuid":"{self.site.text("guid")}"}};'
        self.fixed("/js/webBuilderCommon.js", Answer(site.encode(), "application/javascript"))
        self.add("/EWB-FRONT/rest/lightfrontaction/getgovinfolist", self._list)

    def _column(self, category: str) -> Column | None:
        return next((c for c in self.site.columns if c.slug == category), None)

    def _shell(self, request: Request) -> Answer:
        column = self._column(parse_qs(request.query).get("categorynum", [""])[0])
        if column is None:
            return self.not_found()
        body = '<ul id="govinfolist"></ul><script src="/js/webBuilderCommon.js"></script>'
        return self.listing(column, body)

    def expected(self, column: Column, number: int) -> bytes:
        """The body that asks for this page of this column."""
        fields = (
            f'{{"deptcode":"","categorynum":"{column.slug}","pageIndex":{number},"pageSize":{_ROWS},'
            f'"siteGuid":"{self.site.text("guid")}"}}'
        )
        return (fields if column is self.site.columns[0] else f'{{"params":{fields}}}').encode()

    def _list(self, request: Request) -> Answer:
        for column in self.site.columns:
            for number in range(5):
                if request.method == "POST" and request.body == self.expected(column, number):
                    first = 0 if column is self.site.columns[0] else 1
                    return self._rows(column, number - first)
        return self.json({"status": {"code": 0, "text": "参数错误"}})

    def _rows(self, column: Column, page: int) -> Answer:
        shown = column.entries[page * _ROWS : (page + 1) * _ROWS] if page >= 0 else ()
        data: list[dict[str, Any]] = [
            {
                "title": entry.title[:20],
                "realtitle": entry.title,
                "infodate": f"{entry.day}",
                "infourl": self.href(column, entry),
            }
            for entry in shown
        ]
        return Answer(
            json.dumps(
                {"custom": {"total": len(column.entries), "data": data}, "status": {"code": 1}}
            ).encode(),
            "text/plain;charset=utf-8",
        )
