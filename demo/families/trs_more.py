"""TRS where the static list is not all: search services behind it, a shell with its menu, columns by year."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs

from demo.families.plain import PlainPortal
from demo.portal import Answer, Request
from demo.site import Column, Entry

_CHANNEL, _SQL, _SORT = "200210", "chnlid=1813", "-docorderpri,-docreltime"
_SEARCH = "/fjdzapp/search"


class TrsMorePortal(PlainPortal):
    """A column's slug says which way: ``model``, ``zf_list``, ``was5``, ``ssp``, ``shell`` or ``years``."""

    box = "trs_editor_view TRS_UEDITOR"

    def _folder(self, column: Column) -> str:
        return f"/zfxxgk/{column.slug}/"

    def list_path(self, column: Column) -> str:
        return f"{self._folder(column)}?gk=3&cid=16280" if column.slug == "shell" else self._folder(column)

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{self._folder(column)}{entry.day:%Y%m}/t{entry.day:%Y%m%d}_{entry.number}.htm"

    def add_lists(self) -> None:
        model, zf_list, was5, ssp, shell, years = self.site.columns
        self.add(self._folder(model), lambda request: self._model(model))
        self.add(_SEARCH, lambda request: self._search(model, request))
        for column, api in (
            (zf_list, "/govsearch/jsonp/zf_list.jsp?lb=58855&sword=&page=1&callback=?"),
            (was5, "/was5/web/search?channelid=291575&templet=docs.jsp&sortfield=-pubdate&prepage=1&page=1"),
            (
                ssp,
                "/ssp/search/api/apiSearch?siteId=40280d11&apiName=zcwjk&chnlIdList=26370%2C5838&page=1&rows=1",
            ),
        ):
            self._add_service(column, api)
        self.add(self._folder(shell), lambda request: self._shell(shell, request))
        self.add(
            f"{self._folder(shell)}nb/", lambda request: self.listing(shell, self._list(shell, shell.entries))
        )
        self.add(self._folder(years), lambda request: self._years(years))
        for year, group in groupby(years.entries, key=lambda entry: entry.day.year):
            self._add_year(years, year - 1, tuple(group))

    def _list(self, column: Column, entries: tuple[Entry, ...]) -> str:
        return f'<ul class="list">\n{self.rows(column, entries)}\n</ul>'

    # -- static first page, a POST for the rest -----------------------------------

    def _model(self, column: Column) -> Answer:
        """With the template that the script fills, as on a real portal."""
        script = f"""<script>
    var SiteInfo = {{
        //was4doc: 290792,  //文档检索的was频道号
        itpSiteId: 21,
        searchId: {_CHANNEL}, //默认的文档检索频道的ID
    }};
    require(["list2.trsapi", "tools"], function(listModel, tools) {{
        listModel({{
            quickMode: "动静结合",
            maxStaticIndex: 1,
            listArgs: {{
                channelid: SiteInfo.searchId,
                classsql: "" || "{_SQL}",
                sortfield: "{_SORT}"
            }},
            pagebar: {{
                prepage: {column.per_page},
                recordCount: '{len(column.entries)}',
                pgTemp: "pgBar_xxgk.html"
            }}
        }});
    }});
</script>"""
        template = (
            '<dl ms-repeat="list"><dd><a ms-attr-href="el.chnldocurl" ms-attr-title="el.doctitle" '
            'ms-text="el.doctitle|html"></a><a href="{{el.chnldocurl}}">{{el.doctitle}}</a></dd>'
            "<dd ms-text=\"el.docreltime|date('yyyy-MM-dd')\"></dd></dl>"
        )
        return self.listing(column, self._list(column, self.window(column, 1)) + template + script)

    def expected(self, column: Column, number: int) -> bytes:
        """The form that the page's script sends for this page."""
        return (
            f"channelid={_CHANNEL}&sortfield=-docorderpri%2C-docreltime&classsql=chnlid%3D1813"
            f"&classcol=publishyear&classnum=100&classsort=0&cache=true&page={number}&prepage={column.per_page}"
        ).encode()

    def _search(self, column: Column, request: Request) -> Answer:
        for number in range(1, self.pages(column) + 1):
            if request.method == "POST" and request.body == self.expected(column, number):
                rows = [
                    {
                        "doctitle": f"<em>{entry.title}</em>",
                        "chnldocurl": self.base + self.address(column, entry),
                        # Milliseconds, at eight in the morning of that day in China.
                        "docreltime": (entry.day.toordinal() - 719_163) * 86_400_000,
                    }
                    for entry in self.window(column, number)
                ]
                return self.json(
                    {"pageCount": self.pages(column), "recordCount": len(column.entries), "data": rows}
                )
        return self.json({"data": [], "recordCount": 0})

    # -- services by GET --------------------------------------------------------------

    def _add_service(self, column: Column, api: str) -> None:
        script = f'<ul id="list"></ul><script>$.getJSON("{api}", function (res) {{ show(res); }});</script>'
        self.add(self._folder(column), lambda request: self.listing(column, script))
        self.add(api.partition("?")[0], lambda request: self._service(column, api, request))

    def _service(self, column: Column, api: str, request: Request) -> Answer:
        asked, given = parse_qs(request.query), parse_qs(api.partition("?")[2])
        number = int(asked.pop("page")[0])
        given.pop("page")
        callback = asked.pop("callback", [""])[0]
        given.pop("callback", None)
        if asked != given or not 1 <= number <= len(column.entries):
            shown: tuple[Entry, ...] = ()
        else:
            shown = column.entries[number - 1 : number]
        total = len(column.entries)
        rows = [(self.base + self.address(column, e), e.title, str(e.day)) for e in shown]
        if column.slug == "zf_list":
            data = [{"title": t, "puburl": u, "tip": {"dates": d}} for u, t, d in rows]
            text = f"{callback}({self._dump({'num': total, 'nPage': total, 'data': data})});"
        elif column.slug == "was5":
            # Its JSON holds a value in single quotes and line breaks where none may be.
            data = [{"title": t, "url": u, "pubtime": d} for u, t, d in rows]
            text = f'{{"count":"{total}",\n"py":\'###pypy###\',\n"docs":{self._dump(data)}}}'
        else:
            data = [{"_doctitle": t, "docpuburl": u, "pubdate": f"{d} 09:27:00"} for u, t, d in rows]
            text = self._dump({"datas": data, "total": total})
        return Answer(text.encode(), "application/json;charset=UTF-8")

    def _dump(self, content: Any) -> str:
        return json.dumps(content, ensure_ascii=False)

    # -- columns within columns ---------------------------------------------------------

    def _shell(self, column: Column, request: Request) -> Answer:
        menu = (
            '<ul class="left"><li><a data-url="./jgzn/">机构职能</a></li>'
            '<li><a data-url="./nb/">政府信息公开年报</a></li>'
            '<li><a data-url="{{el.url}}">政府信息公开指南</a></li></ul>'
        )
        return self.listing(column, f'{menu}<div id="content"></div>')

    def _years(self, column: Column) -> Answer:
        years = sorted({entry.day.year - 1 for entry in column.entries}, reverse=True)
        links = "".join(f'<li><a href="./{year}nb/">{year}年</a></li>' for year in years)
        return self.listing(column, f'<ul class="years">{links}</ul>')

    def _add_year(self, column: Column, year: int, entries: tuple[Entry, ...]) -> None:
        path = f"{self._folder(column)}{year}nb/"
        self.add(path, lambda request: self.listing(column, self._list(column, entries)))
