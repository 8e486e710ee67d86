"""What is asked of a page in short says the same as what is asked at length."""

from __future__ import annotations

import lxml.html
import pytest

from spiders.boxes import article, in_article, is_aside, says_more, visible
from spiders.links import clean

PAGES = (
    "<body>一<script>x</script>二<noscript>三<p>四</p>五</noscript>六<!-- 七 -->八<?九?>十</body>",
    "<body><div class='TRS_Editor'>正文 <b>之 一</b><style>p {}</style> 后</div>下</body>",
    "<body> \n </body>",
)


@pytest.mark.parametrize("page", PAGES)
def test_a_text_says_more_than_one_character_less(page: str) -> None:
    root = lxml.html.document_fromstring(page)
    for element in (root, *root.iter("body", "div", "p")):
        size = len(visible(element))
        assert says_more(element, size - 1)
        assert not says_more(element, size)


def test_the_body_with_most_text_is_the_article_and_the_outer_one_of_equals() -> None:
    page = (
        "<body><div id='zoom'>短</div><div class='content'><div id='long' class='TRS_Editor'>长得多的</div>"
        "</div></body>"
    )
    assert article(lxml.html.document_fromstring(page)).get("class") == "content"
    one = lxml.html.document_fromstring("<body><p>前</p><div id='zoom'>唯一</div></body>")
    assert article(one).get("id") == "zoom"
    assert article(lxml.html.document_fromstring("<body><p>前</p></body>")).tag == "body"


def test_an_address_from_the_root_is_the_same_from_each_page_of_a_host_and_no_other() -> None:
    for page in ("http://a.cn/x/1.html", "http://a.cn/y?u=http://b.cn/z", "http://a.cn#/t"):
        assert clean("/col/1.html", page) == "http://a.cn/col/1.html"
    assert clean("/col/1.html", "https://a.cn:8443/x/1.html") == "https://a.cn:8443/col/1.html"
    assert clean("//b.cn/1.html", "https://a.cn/x/1.html") == "https://b.cn/1.html"
    assert clean("\\col\\1.html", "http://a.cn/x/1.html") == "http://a.cn/col/1.html"
    assert clean("1.html", "http://a.cn/x/1.html") != clean("1.html", "http://a.cn/y/1.html")


def test_what_an_element_is_called_says_the_same_however_long_it_is() -> None:
    for name, inside in (("TRS_Editor", True), ("related", False), ("list", False)):
        for filling in ("", "x" * 300):
            page = f"<body><div class='{name} {filling}'><p><a>x</a></p></div></body>"
            [link] = lxml.html.document_fromstring(page).iter("a")
            assert in_article(link) is inside
            assert is_aside(link) is (name == "related")


def test_an_article_is_also_called_by_its_id_or_by_its_tag() -> None:
    for opening in ("<td id=zoom>", "<p class=v_news_content>", "<ucapcontent>"):
        page = f"<body><table class=list><tr><td>前</td>{opening}文</table></body>"
        found = article(lxml.html.document_fromstring(page))
        assert found.tag == opening[1:].rstrip(">").partition(" ")[0]
        assert visible(found) == "文"
