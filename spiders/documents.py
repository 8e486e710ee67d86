"""The article side of a visit: a report's page with all that belongs to it.

A report may be a page, a file, a frame in a frame, pages that follow each other, or
pictures of paper. What is one original is one snapshot; what goes on with another one
is that one's part (``Snapshot.parts``) and is fetched before it is handed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import scrapy
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from archive.records import Snapshot
from spiders import failures, snapshots
from spiders.articles import Attachment, attachments, belongs, names_report, page_title
from spiders.hosts import host_of
from spiders.links import Link, TooManyLinksError
from spiders.pieces import forward, further, has_tables, pictures
from spiders.visit import Visit

#: Files taken from one article: the report in three formats and what is bound in with it.
MAX_ATTACHMENTS = 6
#: Further pages and pictures of one article: a printed report has 4 to 30 pages, one picture each, and an
#: article is split into fewer.
MAX_PARTS = 30
#: Bytes of them: as much as one file may have (DOWNLOAD_MAXSIZE), for they are held until the last has come.
MAX_PARTS_BYTES = 64 * 1024 * 1024
#: Frames in frames, and pages that only send on: a viewer in a frame of a shell is three.
MAX_DEPTH_OF_ARTICLE = 3


class Recorded(IgnoreRequest):
    """A request or answer that was refused, and the reason has been reported already.

    ``kind``: as what it was reported, where somebody may want to know.
    """

    def __init__(self, reason: str = "", *, kind: str = "") -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document was found: how deep below the list's link, and on which article it hangs."""

    link: Link
    depth: int = 0
    page_url: str | None = None
    page_title: str | None = None
    siblings: tuple[str, ...] | None = None
    """For a file: the others that its article led to, where all of them are known."""
    framed: bool = False
    """Whether it is a frame of its article, so that all of it is the article."""


@dataclass
class Gathered:
    """A page whose parts are being fetched, one after the other."""

    response: Response
    place: Place
    title: str
    pages: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    tabled: bool = False
    """Whether a page of it has tables of figures; then its pictures are none."""
    seen: set[str] = field(default_factory=set)
    bodies: set[bytes] = field(default_factory=set)
    parts: list[Snapshot] = field(default_factory=list)
    failed: int = 0

    @property
    def number(self) -> int:
        """Number of the part that comes next."""
        return len(self.parts) + self.failed + 1


class DocumentSpider(scrapy.Spider):
    """What a spider does with a report once a list has led to it."""

    #: Addresses that are settled in the archive; set by whoever knows it when a visit begins.
    known: frozenset[str] = frozenset()
    visit: Visit
    #: Hosts that have answered with a block: host → kind. Asked no more by this spider.
    rested: dict[str, str]

    def issue(self, kind: str, url: str, message: str) -> None:
        """Reports what went wrong."""
        raise NotImplementedError

    def failed(self, failure: Failure) -> None:
        """Reports a request that brought nothing."""
        raise NotImplementedError

    def _own(self, url: str) -> bool:
        raise NotImplementedError

    def _refuse(self, reason: str) -> None:
        raise NotImplementedError

    def document_request(self, link: Link) -> Request:
        """The request for what a list's link leads to."""
        return self._request(link.url, Place(link))

    def _request(self, url: str, place: Place, before: str | None = None) -> Request:
        return Request(
            url,
            callback=self.parse_document,
            errback=self.failed if place.page_url is None else self.attachment_failed,
            cb_kwargs={"place": place},
            meta={snapshots.SENT_ON_FROM: before} if before else {},
        )

    def parse_document(self, response: Response, place: Place) -> Iterator[Any]:
        """What a link leads to: a page, with its parts and attachments, or a file."""
        page = snapshots.as_page(response)
        if page is None:
            yield self._snapshot(response, place)
            return
        onward = forward(page) if place.depth < MAX_DEPTH_OF_ARTICLE else None
        if onward is not None and self._own(onward):
            # As with a redirect, the list will name the address it named before.
            yield self._request(onward, _deeper(place), snapshots.linked_url(response))
            return
        gathered = Gathered(page, place, place.page_title or page_title(page) or place.link.text)
        gathered.seen.add(page.url)
        gathered.bodies.add(page.body)
        yield from self._read_on(page, gathered)

    def _snapshot(self, response: Response, place: Place, **more: Any) -> Snapshot:
        return snapshots.snapshot(
            response,
            self.visit.portal,
            place.link,
            page_url=place.page_url,
            page_title=place.page_title,
            siblings=place.siblings,
            **more,
        )

    # -- parts -------------------------------------------------------------

    def _read_on(self, page: TextResponse, gathered: Gathered) -> Iterator[Any]:
        """What a page of an article leads to: its files, its further pages, its pictures."""
        try:
            files = self._files(page, gathered)
            gathered.pages += self._fresh(gathered, further(page, gathered.response.url, MAX_PARTS))
            gathered.tabled = gathered.tabled or has_tables(page)
            if not any(names_report(file, gathered.title) for file in files):
                gathered.pictures += self._fresh(gathered, pictures(page))
        except TooManyLinksError as error:
            self.issue("partial", page.url, f"{error}; its attachments were left")
            files = []
        # What further pages, frames or pages that only send on lead to is not known here.
        whole = gathered.place.depth == 0 and page is gathered.response and not gathered.pages
        yield from self._next_part(gathered)
        yield from self._attached(files, gathered, whole=whole)

    def _fresh(self, gathered: Gathered, urls: tuple[str, ...]) -> Iterator[str]:
        for url in urls:
            if url not in gathered.seen:
                gathered.seen.add(url)
                yield url

    def _next_part(self, gathered: Gathered) -> Iterator[Any]:
        """Asks for the next part, or hands the whole on."""
        if gathered.tabled:
            gathered.pictures.clear()
        queue = gathered.pages or gathered.pictures
        size = sum(len(part.body) for part in gathered.parts)
        if queue and (gathered.number > MAX_PARTS or size > MAX_PARTS_BYTES):
            message = (
                f"more than {MAX_PARTS} pages and pictures, or {MAX_PARTS_BYTES} bytes; the rest was left"
            )
            self.issue("partial", gathered.response.url, message)
            gathered.failed += len(gathered.pages) + len(gathered.pictures)
            queue = []
        while queue:
            url = queue.pop(0)
            if self._own(url):
                picture = queue is gathered.pictures
                yield Request(
                    url,
                    callback=self.parse_part,
                    errback=self.part_failed,
                    cb_kwargs={"gathered": gathered, "picture": picture},
                )
                return
            gathered.failed += 1
            queue = gathered.pages or gathered.pictures
        total = len(gathered.parts) + gathered.failed
        yield self._snapshot(
            gathered.response, gathered.place, parts=tuple(gathered.parts), total=total or None
        )

    def parse_part(self, response: Response, gathered: Gathered, picture: bool) -> Iterator[Any]:
        """A further page or a picture of an article."""
        page = snapshots.as_page(response)
        if (page is None) != picture:
            self.issue("partial", response.url, "is no picture" if picture else "is no page; left out")
            gathered.failed += 1
        elif page is not None and not _goes_on(page, gathered):
            self._refuse("another article, or the first page again")
            gathered.pages.clear()
        else:
            gathered.bodies.add(response.body)
            gathered.parts.append(self._part(response, gathered))
            if page is not None:
                yield from self._read_on(page, gathered)
                return
        yield from self._next_part(gathered)

    def _part(self, response: Response, gathered: Gathered) -> Snapshot:
        place = gathered.place
        return snapshots.snapshot(
            response,
            self.visit.portal,
            Link(response.url, place.link.text, place.link.date, place.link.source),
            page_url=snapshots.linked_url(gathered.response),
            page_title=gathered.title,
            part=gathered.number,
        )

    def part_failed(self, failure: Failure) -> Iterator[Any]:
        """A part that did not come: its page is handed on without it, and asked for again."""
        gathered: Gathered = failure.request.cb_kwargs["gathered"]  # type: ignore[attr-defined]
        self._not_come(failure, snapshots.linked_url(gathered.response))
        gathered.failed += 1
        yield from self._next_part(gathered)

    # -- attachments -------------------------------------------------------

    def _files(self, page: TextResponse, gathered: Gathered) -> list[Attachment]:
        """The files that belong to an article; raises ``TooManyLinksError``."""
        taken = []
        for file in attachments(page, framed=gathered.place.framed):
            reason = belongs(file, gathered.title)
            if reason is None:
                taken.append(file)
            else:
                self._refuse(reason)
        return taken

    def _attached(self, files: list[Attachment], gathered: Gathered, *, whole: bool) -> Iterator[Request]:
        place = gathered.place
        page_url = place.page_url or snapshots.linked_url(gathered.response)
        if place.depth >= MAX_DEPTH_OF_ARTICLE:
            return
        for file in files:
            if file.url in self.known or file.url in self.visit.asked or file.url in gathered.seen:
                continue
            if not self._own(file.url):
                continue
            if self.visit.attached[page_url] == MAX_ATTACHMENTS:
                self.issue("partial", page_url, f"more than {MAX_ATTACHMENTS} attachments; the rest was left")
                return
            self.visit.attached[page_url] += 1
            self.visit.asked.add(file.url)
            link = Link(file.url, file.name or place.link.text, place.link.date, place.link.source)
            framed = not file.name
            others = tuple(sorted({other.url for other in files} - {file.url})) if whole else None
            beside = Place(link, place.depth + 1, page_url, gathered.title, others, framed)
            yield self._request(file.url, beside)

    def attachment_failed(self, failure: Failure) -> None:
        """An attachment that did not come: its page is remembered, for only the page leads there."""
        self._not_come(failure, failure.request.cb_kwargs["place"].page_url)  # type: ignore[attr-defined]

    def _not_come(self, failure: Failure, page_url: str) -> None:
        self.failed(failure)
        request: Request = failure.request  # type: ignore[attr-defined]
        given_up = isinstance(failure.value, Recorded) or status_of(failure.value) in failures.GONE
        if not given_up or host_of(request.url) in self.rested:
            self.issue(
                "attachment", page_url, f"its attachment {request.url} did not come; to be asked for again"
            )


def status_of(error: BaseException | None) -> int | None:
    """HTTP status behind an error, if an answer came at all."""
    return error.response.status if isinstance(error, HttpError) else None


def _deeper(place: Place) -> Place:
    return Place(place.link, place.depth + 1, place.page_url, place.page_title, place.siblings)


def _goes_on(page: TextResponse, gathered: Gathered) -> bool:
    """Whether a page belongs to the article: not one it has, and under no other title."""
    if page.body in gathered.bodies:
        return False
    own, title = ("".join(text.split()) for text in (gathered.title, page_title(page) or ""))
    return not (own and title) or own in title or title in own
