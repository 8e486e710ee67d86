"""A fetched answer as the archive's record of it. Pure."""

from __future__ import annotations

from scrapy.http import HtmlResponse, Response, TextResponse

from archive.flood import flood
from archive.records import Context, Snapshot
from spiders.articles import sniff
from spiders.links import Link
from spiders.portals import Portal
from spiders.tree import source

#: Bytes of a page in which files and further pages are sought. A report has a tenth of a megabyte, one with
#: pictures within some; 16 MB of text take ten seconds, in which no other portal has its turn.
MAX_PAGE = 16 * 1024 * 1024
#: Key of a request's meta: the address whose page's script sent its reader here.
SENT_ON_FROM = "gongkai_sent_on_from"


def snapshot(
    response: Response,
    portal: Portal,
    link: Link,
    *,
    page_url: str | None = None,
    page_title: str | None = None,
    siblings: tuple[str, ...] | None = None,
    part: int | None = None,
    parts: tuple[Snapshot, ...] = (),
    total: int | None = None,
) -> Snapshot:
    """The document behind a link; an attachment if ``page_url`` says which page it hangs on, then
    ``siblings`` which others do.

    ``part`` is its place if it goes on with that page; ``parts`` are those that go on with it, ``total``
    how many there should be.

    The time and place of capture are in the response's ``meta``.
    """
    media_type, charset = _content_type(response)
    return Snapshot(
        url=linked_url(response),
        body=response.body,
        fetched_at=response.meta["fetched_at"],
        media_type=media_type,
        charset=charset,
        role="page" if page_url is None else "attachment",
        context=Context(
            portal=portal.key,
            portal_name=portal.name,
            division=portal.division,
            site_id_code=portal.site_id_code,
            link_text=link.text or None,
            list_date=link.date,
            source=link.source,
            page_url=page_url,
            page_title=page_title,
            siblings=siblings,
            part=part,
            parts=total,
        ),
        warc=response.meta["warc"],
        parts=parts,
    )


def linked_url(response: Response) -> str:
    """The address that was linked, before any redirect: the one a list will name again."""
    before: str | None = response.meta.get(SENT_ON_FROM)
    redirected = [before] if before else response.meta.get("redirect_urls", [])
    return redirected[0] if redirected else response.url


def as_page(response: Response) -> TextResponse | None:
    """The response as HTML if its bytes are HTML, whatever its Content-Type says.

    ``None`` also for a page that is not to be taken apart in the crawl's own process, where nothing bounds
    the time: it is handed on as it came, and whoever reads it says what is wrong with it.
    """
    if len(response.body) > MAX_PAGE or sniff(response.body) != "html":
        return None
    page = response if isinstance(response, TextResponse) else response.replace(cls=HtmlResponse)
    return None if flood(source(page)) else page


def _content_type(response: Response) -> tuple[str | None, str | None]:
    stated = (response.headers.get("Content-Type") or b"").decode("latin-1")
    media_type, _, rest = stated.partition(";")
    name, _, value = rest.partition("=")
    charset = value.strip().strip("\"'") if name.strip().lower() == "charset" else ""
    return media_type.strip().lower() or None, charset or None
