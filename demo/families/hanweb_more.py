"""Hanweb besides jpage: the xxgk module's search.jsp, and jpaas columns, one of them stuck on page 1."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_SEARCH = "/module/xxgk/search.jsp"


class HanwebMorePortal(PlainPortal):
    """A column's slug is its number. The first is of the xxgk module, the others of jpaas; the last counts
    a row more than it gives, and gives its first page for every number."""

    def list_path(self, column: Column) -> str:
        return f"/col/col{column.slug}/index.html"

    def path_of(self, column: Column, entry: Entry) -> str:
        day = entry.day
        if column is self.site.columns[0]:
            return f"/art/{day.year}/{day.month}/{day.day}/art_{column.slug}_{entry.number}.html"
        return f"/col/col{column.slug}/art/{day.year}/art_{entry.hex}.html"

    def add_lists(self) -> None:
        module, *jpaas = self.site.columns
        self.add(self.list_path(module), lambda request: self._module(module))
        self.add(_SEARCH, lambda request: self._search(module, request))
        for column in jpaas:
            self._add_jpaas(column)
        self.add(_UNIT, self._unit)

    # -- xxgk -----------------------------------------------------------------------

    def _module(self, column: Column) -> Answer:
        body = (
            '<iframe src="/module/xxgk/tree.jsp?area=11990330" height="0"></iframe><div id="div1651"></div>'
            '<form><input type="hidden" name="jdid" value="15"></form>'
            "<script>var divid = 'div1651'; var infotypeId = 'B001A001';</script>"
        )
        return self.listing(column, body)

    def expected(self, number: int) -> bytes:
        """The form that asks for this page."""
        return (
            "infotypeId=B001A001&jdid=15&area=11990330&divid=div1651&vc_title=&vc_number="
            f"&sortfield=createdatetime:0,compaltedate:0&currpage={number}&vc_filenumber=&vc_all=&texttype=0"
            "&fbtime=-1&standardXxgk=0"
        ).encode()

    def _search(self, column: Column, request: Request) -> Answer:
        # Another unit's articles stand between the column's own.
        strange = "".join(
            f'<tr class="tr_main_value_odd"><td>9</td><td><a href="/art/2024/3/{n}/art_1700_{n}.html" '
            f'title="样张县{n}月政府信息公开工作年度报告">样张县</a></td><td>2024-03-0{n}</td></tr>'
            for n in (1, 2)
        )
        pages = [strange, *(self._table(column, entry) for entry in column.entries)]
        for number, rows in enumerate(pages, start=1):
            if request.method == "POST" and request.body == self.expected(number):
                total = len(column.entries) + 2
                foot = f'<div class="page">共{total}条 共{len(pages)}页 当前第{number}页</div>'
                return self.html(f'<div class="zfxxgk_zdgkc"><table>{rows}</table>{foot}</div>')
        return self.html('<div class="zfxxgk_zdgkc"></div>')

    def _table(self, column: Column, entry: Entry) -> str:
        link = f'<a href="{self.href(column, entry)}" title="{entry.title}">{entry.title[:9]}…</a>'
        return f'<tr class="tr_main_value_even"><td>1</td><td>{link}</td><td>{entry.day}</td></tr>'

    # -- jpaas ----------------------------------------------------------------------

    def _add_jpaas(self, column: Column) -> None:
        query = (
            f"{{'webId':'2','pageId':'{column.slug}','parseType':'bulidstatic','pageType':'column',"
            "'tagId':'当前栏目_list','tplSetId':'rQ3bIqHyJTdO6uu4lLbxY'}"
        )
        body = f'<div class="page-content" id="fy" url="{_UNIT}" queryData="{query}"></div>'
        self.add(self.list_path(column), lambda request: self.listing(column, body))

    def _unit(self, request: Request) -> Answer:
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        column = next((c for c in self.site.columns if c.slug == query.get("pageId")), None)
        if column is None or query.get("tplSetId") != "rQ3bIqHyJTdO6uu4lLbxY":
            return self.json({"success": False, "code": "403"})
        stuck = column is self.site.columns[-1]
        number = 1 if stuck else int(json.loads(query["paramJson"])["pageNo"])
        shown = self.window(column, number)
        count = len(column.entries) + (1 if stuck else 0)
        html = (
            f'<ul class="list">{self.rows(column, shown)}</ul>'
            f'<div class="pagination" count="{count}" rows="{column.per_page}" pageNo="{number}"></div>'
        )
        return self.json({"success": True, "code": "200", "data": {"html": html}})
