"""What stands around the list or the article: head, breadcrumb, date line, tools, footer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from demo.site import Column, Entry, Site


def meta(name: str, content: str) -> str:
    """One <meta> of the norm for government pages (国办发〔2017〕47号)."""
    return f'<meta name="{name}" content="{escape(content)}">'


def head(site: Site, column: Column, entry: Entry | None = None, extra: str = "") -> str:
    """<head> with as many of the required metas as this page keeps."""
    lines = [f'<meta charset="{site.charset}">']
    if site.charset == "gb2312":
        lines = ['<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />']
    lines.append(f"<title>{escape(entry.title if entry else column.name)}-{escape(site.name)}</title>")
    if entry is None or entry.metas != "none":
        lines.append(meta("SiteName", site.name))
        if site.site_id_code:
            lines.append(meta("SiteIDCode", site.site_id_code))
        lines.append(meta("ColumnName", column.name))
        if entry is None:
            lines += [meta("ColumnDescription", column.name), meta("ColumnKeywords", column.name)]
        lines.append(meta("ColumnType", "信息公开年报"))
    if entry is not None and entry.metas == "all":
        lines += [meta("ArticleTitle", entry.title), meta("PubDate", f"{entry.day} 09:27")]
        if entry.source:
            lines.append(meta("ContentSource", entry.source))
    return "<head>\n" + "\n".join(lines) + f"\n{extra}</head>"


def breadcrumb(column: Column, href: str, link_class: str = "") -> str:
    """您现在的位置; ``href``: address of the column."""
    mark = f' class="{link_class}"' if link_class else ""
    return (
        f'<div class="dqwz">您现在的位置：<a href="/"{mark}>首页</a> &gt; '
        f'<a href="/"{mark}>政府信息公开</a> &gt; <a href="{href}"{mark}>{escape(column.name)}</a></div>'
    )


def date_line(entry: Entry, hits: int) -> str:
    """Date, source, counter and font sizes, as they stand under a headline."""
    source = f"<span>来源：{escape(entry.source)}</span>　" if entry.source else ""
    return (
        f'<div class="info"><span>发布日期：{entry.day}</span>　{source}'
        f'<span class="llcs">浏览量：<em id="hits">{hits}</em></span>　'
        '<span class="font">字体：[<a href="javascript:doZoom(18)">大</a> '
        '<a href="javascript:doZoom(16)">中</a> <a href="javascript:doZoom(14)">小</a>]</span></div>'
    )


def tools() -> str:
    """What stands under an article."""
    return (
        '<div class="ewm"><img src="/images/ewm.png" alt="二维码">扫一扫在手机打开当前页</div>'
        '<div class="dy"><a href="javascript:window.print()">【打印本页】</a>'
        '<a href="javascript:window.close()">【关闭窗口】</a></div>'
    )


def related(links: Sequence[tuple[str, str]]) -> str:
    """相关阅读: (address, title) of neighbours in the same column."""
    if not links:
        return ""
    rows = "".join(f'<li><a href="{escape(href)}">{escape(title)}</a></li>' for href, title in links)
    return f'<div class="xgyd"><h3>相关阅读</h3><ul>{rows}</ul></div>'


def footer(site: Site) -> str:
    """Who runs the site; the widget that carries its identification code."""
    code = site.site_id_code
    widget = (
        f'<script id="_jiucuo_" sitecode="{code}" src="https://zfwzgl.www.gov.cn/exposure/jiucuo.js"></script>'
        if code
        else ""
    )
    number = f"　网站标识码：{code}" if code else ""
    return (
        f'<div class="footer"><p>主办单位：{escape(site.name)}{number}</p>'
        f"<p>gongkai 演示站点，并非真实政府网站</p>{widget}</div>"
    )


def page(site: Site, head_html: str, body: str) -> str:
    """The whole page."""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n{head_html}\n<body>\n'
        f'<div class="top"><a href="/">{escape(site.name)}</a><ul class="nav"><li><a href="/">首页</a></li>'
        '<li><a href="/">政务公开</a></li></ul></div>\n'
        f"{body}\n{footer(site)}\n</body></html>\n"
    )


def neighbours(column: Column, entry: Entry, number: int = 2) -> tuple[Entry, ...]:
    """Other public entries of the column, for 相关阅读."""
    return tuple(e for e in column.entries if e.key != entry.key and e.kind != "forbidden")[:number]


def shortened(title: str, length: int = 16) -> str:
    """A list's own short form of a title; the whole stands in the link's title attribute."""
    return escape(title if len(title) <= length else f"{title[:length]}…")
