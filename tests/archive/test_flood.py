"""Pages with more attributes than can be taken apart are known, however they hide them."""

from __future__ import annotations

import io
import time
import zipfile

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from archive.flood import MAX_ATTRIBUTES, MAX_TOGETHER, flood, may_flood
from archive.records import Grid
from benchmarks.pages import pages
from pipelines.readers import UnreadableError, read

MANY = 20_000
#: What opens an element in ways that a pattern takes for its end, or for something else.
HIDDEN = (
    "<a ",
    "<a b' c='>' ",
    "<a b=\"'\" c='>' ",
    "<a b=x' c='>' ",
    '<a b="<p>" ',
    '<a b="=>" ',
    '<!--<a b="--><a ',
    "<script>'<a b=\"'</script><a ",
    '<title><a b="</title><a ',
    "</p b='\">'><a ",
    '<?x <a b="><a ',
    '<a\tb\t="\'>"/',
)


def page(opening: str, attributes: str) -> bytes:
    return f'<html><body>{opening}{attributes} z="">x</a></body></html>'.encode()


def many(count: int, form: str = "a{}=1", between: str = " ") -> str:
    return between.join(form.format(n) for n in range(count))


@pytest.mark.parametrize("opening", HIDDEN)
@pytest.mark.parametrize(
    ("form", "between"), [("a{}=1", " "), ('a{}=">"', ""), ("a{}='<b>'", "/"), ('a{}="c"', "\n")]
)
def test_an_element_with_too_many_attributes_is_known(opening: str, form: str, between: str) -> None:
    body = page(opening, many(MANY, form, between))
    started = time.process_time()
    assert flood(body) >= MANY
    assert time.process_time() - started < 2.0
    with pytest.raises(UnreadableError, match="个属性，太多"):
        read(body)


def test_what_only_looks_like_attributes_is_none() -> None:
    words = many(MANY, "w{} x")
    assert flood(page(f"<p>{words}</p>", "")) == 0
    assert flood(page(f'<a title="{words}"', "")) == 0
    assert flood(page('<a =">"', f" {words}")) == 0, (
        "an equals sign begins a name, so that > ends the element"
    )
    assert flood(page(f"<script>var x = '<a {words}'</script><a", "")) == 0
    assert flood(page(f"<!-- <a {words} --><a", "")) == 0


def test_as_many_as_allowed_are_allowed_and_not_over_and_over() -> None:
    whole = f"<a {many(MAX_ATTRIBUTES)}>x</a>"
    assert flood(whole.encode()) == 0
    assert flood(f"<a {many(MAX_ATTRIBUTES + 1)}>x</a>".encode()) == MAX_ATTRIBUTES + 1
    times = MAX_TOGETHER // MAX_ATTRIBUTES
    assert flood((whole * times).encode()) == 0
    assert flood((whole * (times + 1)).encode()) == MAX_TOGETHER + MAX_ATTRIBUTES


@pytest.mark.parametrize(("form", "between"), [("a{}<", " "), ("a{}=<q", " "), ("a{}='<'", ""), ("<{}", "/")])
def test_a_bracket_may_be_part_of_a_name(form: str, between: str) -> None:
    assert flood(page("<a ", many(MANY, form, between))) >= MANY


def test_counting_takes_no_longer_than_the_page_is_long() -> None:
    """No tree is made so deep, and each end without a beginning would look through all that is open."""
    started = time.process_time()
    assert flood(b"<body>" + b" " * 300 + b"<b>" * 60_000 + b"</i>" * 60_000) == 0
    assert time.process_time() - started < 1.0


def test_no_page_is_none_and_one_that_stops_is_counted_so_far() -> None:
    assert flood(b" " * 100_000) == 0
    assert flood(b"<!-- " + b"a " * 100_000) == 0
    assert flood(page("<a ", many(MANY)) + b"<div>" * 50_000) == MANY + 1
    assert flood(b"<div>" * 50_000 + page("<a ", many(MANY))) == 0, "no tree is made of it"


_MARKS = "<>='\"/ab \n\x0c"
_PIECES = (
    *("<a ", "<b\t", "</a ", "<!--", "-->", "<!", "<?", "<script>", "</script>", "<title>", "</title>"),
    *(' a="', "' b='", '">', "'>", '=">', ">' ", 'c="d" ', "e=f ", " =", "==", "<a b=c"),
)
_TOKENS = st.sampled_from((*_MARKS, *_PIECES))
RUN, QUOTED = 3, 1


@given(st.lists(_TOKENS, max_size=60))
@example(["<a ", "b", "'", " b='", ">' ", "e=f ", "e=f ", "e=f "])
@example(["<a ", *["a<", "b<", "a<", "b<", "a<", "b<", "a<", ""], " "])
@example(["<!--", "<a ", 'c="d" ', "-->", "<a ", "a ", "b ", "c ", "d "])
def test_the_quick_look_never_says_no_wrongly(tokens: list[str]) -> None:
    source = "".join(tokens)
    # names of their own, as the second of a name is no attribute
    source = "".join(
        f"{c}{at}" if c in "abcdef" and "script" not in source else c for at, c in enumerate(source)
    )
    try:
        tree = lxml.html.document_fromstring(source.encode())
    except etree.LxmlError:
        return
    most = max((len(element.attrib) for element in tree.iter(etree.Element)), default=0)
    if not may_flood(source.encode(), RUN, QUOTED):
        assert most <= RUN * (QUOTED + 1)


def test_a_part_of_a_file_with_many_attributes_is_read_in_time() -> None:
    """XML is taken apart in linear time, whatever an element has."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pages()["DOCX"](0))) as archive, zipfile.ZipFile(made, "w") as copy:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "word/document.xml":
                part = part.replace(b"<w:body>", b"<w:body " + many(300_000, 'a{}=""').encode() + b">")
            copy.writestr(name, part, zipfile.ZIP_DEFLATED)
    started = time.process_time()
    document = read(made.getvalue())
    assert time.process_time() - started < 5.0
    assert sum(isinstance(block, Grid) for block in document.blocks) == 3
