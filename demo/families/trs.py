"""TRS 拓尔思 WCM: static lists, pager in a script, articles in month folders."""

from __future__ import annotations

from html import escape

from demo import chrome
from demo.portal import Answer, Portal, Request
from demo.site import Column, Entry


class TrsPortal(Portal):
    """Options: ``ext`` (html or shtml), ``first`` (number of page 1 in the pager's call, 0 or 1)."""

    def list_path(self, column: Column) -> str:
        return column.slug

    def path_of(self, column: Column, entry: Entry) -> str:
        return f"{column.slug}{entry.day:%Y%m}/t{entry.day:%Y%m%d}_{entry.number}.{self.site.text('ext')}"

    def attachment_path(self, column: Column, entry: Entry) -> str:
        assert entry.attachment is not None
        # The real system names files by the time of upload, to the nanosecond.
        stamp = f"{entry.day:%Y%m%d}{int(entry.hex[:8], 16):010d}"
        return f"{column.slug}{entry.day:%Y%m}/P0{stamp}.{entry.attachment.extension}"

    def add_lists(self) -> None:
        first, ext = self.site.number("first"), self.site.text("ext")
        for column in self.site.columns:
            pages = -(-len(column.entries) // column.per_page)
            for number in range(pages):
                name = f"index.{ext}" if number == 0 else f"index_{number + first}.{ext}"
                paths = [column.slug + name, *([column.slug] if number == 0 else [])]
                for path in paths:
                    self._add_list(path, column, number, pages)

    def _add_list(self, path: str, column: Column, number: int, pages: int) -> None:
        def page(request: Request) -> Answer:
            return self.html(self._list(column, number, pages))

        self.add(path, page)

    def _relative(self, column: Column, path: str) -> str:
        return f"./{path.removeprefix(column.slug)}" if path.startswith(column.slug) else path

    def _list(self, column: Column, number: int, pages: int) -> str:
        shown = column.entries[number * column.per_page : (number + 1) * column.per_page]
        rows = "\n".join(
            f'<li><a href="{self._relative(column, self.address(column, entry))}" '
            f'title="{escape(entry.title)}" target="_blank">{chrome.shortened(entry.title)}</a>'
            f"<span>{entry.day}</span></li>"
            for entry in shown
        )
        first, ext = self.site.number("first"), self.site.text("ext")
        pager = f'createPageHTML({pages}, {number + first}, "index", "{ext}");'
        body = (
            f"{self.breadcrumb(column, 'CurrChnlCls')}\n"
            f'<div class="gl_list"><h2>{escape(column.name)}</h2>\n<ul class="list">\n{rows}\n</ul>\n'
            f'<div class="page"><script type="text/javascript">{pager}</script></div></div>'
        )
        script = '<script src="/images/createPage.js"></script>\n'
        return chrome.page(self.site, chrome.head(self.site, column, extra=script), body)

    def article(self, column: Column, entry: Entry) -> str:
        headline = f"<h1>{escape(entry.title)}</h1>" if entry.headline else ""
        links = [(self.address(column, e), e.title) for e in chrome.neighbours(column, entry)]
        body = (
            f"{self.breadcrumb(column, 'CurrChnlCls')}\n"
            f'<div class="article">{headline}\n{chrome.date_line(entry, self.hits(entry))}\n'
            '<div class="trs_editor_view TRS_UEDITOR trs_paper_default trs_web">\n'
            f"{entry.body}\n</div>\n{self._attachment(column, entry)}{chrome.tools()}</div>\n"
            f"{chrome.related(links)}"
        )
        return chrome.page(self.site, chrome.head(self.site, column, entry), body)

    def _attachment(self, column: Column, entry: Entry) -> str:
        if entry.attachment is None:
            return ""
        name = self.attachment_path(column, entry).rpartition("/")[2]
        return (
            f'<p class="insertfileTag"><a href="./{name}" appendix="true" otheroperation="false">'
            f"附件：{escape(entry.attachment.name)}</a></p>\n"
        )
