"""Elements found by their attributes and texts in linear time; plain pages read the same without styles."""

from __future__ import annotations

import time

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dom import bearers, cell_text, flow, in_order, look, select
from pipelines.grid import from_html
from pipelines.readers import read

STYLES = (
    *(
        "",
        "color: black",
        "text-align: center; mso-font-kerning: 0pt",
        "font-size: 16pt",
        "line-height: 20pt",
    ),
    *("display:none", "vertical-align: super", "text-decoration: line-through", "font-size: 1px"),
    *("position: absolute", "opacity: 0", "color: white", "unicode-bidi: bidi-override", "float: left"),
)
TAGS = ("p", "span", "sup", "del", "a href='#1'", "small", "font color=white", "div", "b", "bdo", "center")

attribute = st.one_of(
    st.sampled_from(STYLES[:5]).map(lambda style: f' style="{style}"'),
    st.sampled_from(STYLES).map(lambda style: f' style="{style}"'),
    st.sampled_from(["", " hidden", " class=x"]),
)
NESTED = "<table><tr><td>7<td>8</table>"
text = st.sampled_from(["", "3", "12", " ", "件", "\n 4 ", "5<br>6", NESTED])


@st.composite
def inline(draw: st.DrawFn, depth: int = 3) -> str:
    if not depth or draw(st.booleans()):
        return draw(text)
    tag = draw(st.sampled_from(TAGS))
    inside = "".join(draw(st.lists(inline(depth - 1), max_size=2)))
    return f"<{tag}{draw(attribute)}>{inside}</{tag.split()[0]}>{draw(text)}"


section = st.one_of(st.just(""), attribute.map(lambda attribute: f"<tbody{attribute}>"))


@st.composite
def page(draw: st.DrawFn) -> str:
    cells = draw(st.lists(st.lists(st.tuples(attribute, inline()), min_size=1, max_size=3), max_size=3))
    rows = "".join(
        f"{draw(section)}<tr{draw(attribute)}>{''.join(f'<td{a}>{inside}</td>' for a, inside in row)}</tr>"
        for row in cells
    )
    return f"<html><body>{draw(inline())}<table>{rows}</table></body></html>"


@given(page())
def test_plain_pages_read_the_same_without_asking(source: str) -> None:
    root = lxml.html.document_fromstring(source)
    if not look(root).plain:
        return
    table = root.find(".//table")
    assert from_html(table, plain=True) == from_html(table)
    for cell in root.iter("td"):
        assert cell_text(cell, plain=True) == cell_text(cell)
    assert list(flow(root, plain=True)) == list(flow(root))


@pytest.mark.parametrize("style", STYLES[5:])
def test_a_page_whose_style_says_something_is_not_plain(style: str) -> None:
    root = lxml.html.document_fromstring(
        f'<body><p style="color: black">1</p><b style="{style}">2</b></body>'
    )
    assert not look(root).plain


def test_a_page_with_a_hidden_attribute_is_not_plain() -> None:
    seen = look(lxml.html.document_fromstring("<body><p hidden>1</p><p>2</p></body>"))
    assert [element.text for element in seen.hidden] == ["1"]
    assert not seen.plain


def test_most_pages_are_plain() -> None:
    root = lxml.html.document_fromstring("".join(f'<p style="{style}">1</p>' for style in STYLES[:5]))
    assert look(root) == ([], True)


@given(page())
@pytest.mark.parametrize(
    "path", ["descendant-or-self::*/@class", "descendant-or-self::*/@style", "descendant::text()"]
)
def test_bearers_are_the_parents_an_xpath_finds(path: str, source: str) -> None:
    root = lxml.html.document_fromstring(source)
    found = bearers(root, path)
    assert len(set(found)) == len(found)
    assert in_order(root, found) == select(root, f"{path}/..")


@pytest.mark.parametrize(
    "element",
    [
        *('<p class="crumb">a</p>', '<p class="content">a</p>', '<p class="content2">a</p>', "<p id=x>a</p>"),
        *("<p>位置</p>", "<p hidden>a</p>", '<p style="display:none">a</p>', "<p>位置<b></b>位置</p>"),
    ],
)
def test_sixty_thousand_of_what_is_looked_for_are_read_in_time(element: str) -> None:
    started = time.process_time()
    read(f"<html><body>{element * 60_000}</body></html>".encode())
    assert time.process_time() - started < 5.0
