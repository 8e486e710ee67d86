"""Pages that are not taken apart in the crawler's own process, where nothing bounds the time."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse

from spiders.fingerprints import system_of
from spiders.lists import ListError, text_page
from spiders.snapshots import MAX_PAGE, as_page

FLOOD = b"<html><body><p " + b"".join(b"a%d=1 " % n for n in range(300_000)) + b">x</p></body></html>"
LONG = b"<html><body>" + b"<p>1</p>" * (MAX_PAGE // 8 + 1)


def page(body: bytes) -> HtmlResponse:
    return HtmlResponse("http://a.example/nb/1.html", body=body, encoding="utf-8")


@pytest.mark.parametrize("body", [FLOOD, LONG])
def test_a_page_without_measure_is_handed_on_as_it_came(body: bytes) -> None:
    assert as_page(page(body)) is None
    assert as_page(page(body[:1000])) is not None


def test_a_list_whose_attributes_have_no_end_is_none() -> None:
    with pytest.raises(ListError, match="300000 attributes"):
        text_page(page(FLOOD))
    assert system_of(page(FLOOD)) is None or system_of(page(FLOOD)) == ""
