"""LonSun 龙讯: /public/column/{organId}?type=3, more rows from /site/label/8888; installed below a path."""

from __future__ import annotations

from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry


class LonsunPortal(PlainPortal):
    """A column's slug is the unit's number; on the unit of option ``unserved`` the label gives nothing."""

    box = "j-fontContent"

    def list_path(self, column: Column) -> str:
        return f"{self._root}/public/column/{column.slug}?type=3&action=list"

    @property
    def _root(self) -> str:
        return self.site.text("root")

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{self._root}/public/{column.slug}/{entry.number}.html"

    def add_lists(self) -> None:
        for column in self.site.columns:
            self._add_column(column)
        self.add(f"{self._root}/site/label/8888", self._label)

    def _add_column(self, column: Column) -> None:
        self.add(f"{self._root}/public/column/{column.slug}", lambda request: self._page(column, request))

    def _page(self, column: Column, request: Request) -> Answer:
        query = parse_qs(request.query)
        if query.get("type") != ["3"] or query.get("action") != ["list"]:
            return self.listing(column, "<p>暂无相关信息</p>")
        number = int(query.get("pageIndex", ["1"])[0])
        pager = (
            'Ls.pagination("#page_public_info",function(pageIndex,$this){ Ls.ajax({url:"/site/label/8888",'
            f'data:{{labelName:"publicInfoList",siteId:"{self.site.text("site")}",organId:"{column.slug}",'
            'file:"/c3/publicInfoList_newest"}}); },'
            f"{{pageIndex:{number},pageSize:{column.per_page},pageCount:{self.pages(column)},"
            f"total:{len(column.entries)}}});"
        )
        body = (
            f'<ul class="clearfix xxgk_nav_list">\n{self.rows(column, self.window(column, number))}\n</ul>\n'
            f'<div id="page_public_info"></div><script>{pager}</script>'
        )
        return self.listing(column, body, f'<meta name="SiteId" content="{self.site.text("site")}">\n')

    def _label(self, request: Request) -> Answer:
        query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        column = next((c for c in self.site.columns if c.slug == query.get("organId")), None)
        wanted = {
            "labelName": "publicInfoList",
            "siteId": self.site.text("site"),
            "type": "3",
            "action": "list",
            "file": "/c3/publicInfoList_newest",
            "result": "暂无相关信息",
        }
        if column is None or column.slug == self.site.text("unserved") or not wanted.items() <= query.items():
            return Answer(b"")
        rows = self.rows(column, self.window(column, int(query["pageIndex"])))
        return self.html(f'<ul class="clearfix xxgk_nav_list">{rows}</ul>')
