"""What a page's own ``<style>`` hides, strikes out or raises, written on the elements it names.

Of the cascade (CSS 2.2, chapter 6) as much is kept as decides whether a digit belongs to
the number beside it: later rules follow earlier ones, and what the element says itself stands.
Files of styles elsewhere are not fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import XPathError, _Element

from pipelines import looks
from pipelines.dom import select, text_of

#: Characters of all ``<style>`` of a page; what Word writes has 50,000.
_MOST = 300_000
#: Rules that are looked up in the tree, and elements on which one is written.
_MOST_RULES = 50
#: The same for rules that name no class or id of the element itself; only those that hide digits of a cell.
_MOST_LOOSE = 20
_MOST_ELEMENTS = 5_000
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.S)
#: A rule, or the head of a group of rules (``@media``).
_PIECE = re.compile(r"([^{};]*)([{};])")
_NAME = re.compile(r"[.#]([\w-]+)")
#: Only what is told by class or id of the element itself; a rule for every ``li`` of a menu says nothing.
_NOT = re.compile(r":not\([^()]*\)")
_OWN = re.compile(r"[^\s>+~]*[.#][\w-]+[^\s>+~:]*")
_COMBINED = re.compile(r"[\s>+~]+")
_SCREEN = re.compile(
    r"@(?:supports|layer)\b|@media\b(?!.*\b(?:print|max-width|max-device-width)\b)", re.I | re.S
)
#: Text that a rule writes before or behind an element's own: a figure in it is none of the cell's.
_WRITES = re.compile(r"(?:^|;)\s*content\s*:[^;]*(?:\d|attr\(|counters?\()", re.I)
_WRITTEN = re.compile(r"::?(?:before|after)\s*$", re.I)
_AS_UNKNOWN = "unicode-bidi:bidi-override"
#: A figure is as long; what holds more is a part of the page.
_FIGURE = re.compile(r"[\s\d.,+-]{1,20}")
_IMPORTANT = re.compile(r"!\s*important", re.I)
_PROPERTY = re.compile(r"(?:^|;)\s*([\w-]+)\s*:")


def apply(root: _Element) -> None:
    """Write on each element what the page's style sheets say of it; call before they are dropped."""
    sheet = "".join(text_of(style) for style in root.iter("style") if not _for_print(style))
    if not sheet or len(sheet) > _MOST:
        return
    there: frozenset[str] | None = None
    number = loose = 0
    for selectors, declarations in _rules(_COMMENT.sub("", sheet)):
        said = looks.read(declarations)
        writes = _WRITES.search(declarations) is not None
        if said == looks.NO_STYLE and not writes:
            continue
        there = _names(root) if there is None else there
        for selector in selectors.split(","):
            selector, written = _WRITTEN.subn("", selector.strip())
            if bool(written) != writes or not there.issuperset(_NAME.findall(_NOT.sub("", selector))):
                continue
            by_name = _OWN.fullmatch(_COMBINED.split(selector)[-1]) is not None
            if not by_name and not (said.hides or said.sign or said.odd == "unseen" or writes):
                continue
            number, loose = number + by_name, loose + (not by_name)
            if number > _MOST_RULES:
                return
            if by_name or loose <= _MOST_LOOSE:
                _write(root, selector, _AS_UNKNOWN if writes else declarations, figures=not by_name)


def _for_print(style: _Element) -> bool:
    return (style.get("media") or "").strip().lower() == "print"


def _names(root: _Element) -> frozenset[str]:
    """Every class and id of the page."""
    found: set[str] = set()
    for element in root.iter():
        found.update((element.get("class") or "").split())
        found.add(element.get("id") or "")
    return frozenset(found)


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of the rules for every screen, in order."""
    skipped = depth = 0
    head = ""
    own = ""
    for piece in _PIECE.finditer(sheet):
        text, mark = piece[1], piece[2]
        if mark == "{":
            depth += 1
            head, own = text.strip(), ""
            if head.startswith("@"):
                if skipped or not _SCREEN.match(head):
                    skipped += 1
                else:
                    depth -= 1  # its rules stand as if it were not there
                head = ""
        elif mark == ";":
            own += text + ";"
        else:
            if head:
                if not skipped:
                    yield head, own + text
                head = ""
            elif skipped:
                skipped -= 1
            depth = max(0, depth - 1)


def _write(root: _Element, selector: str, declarations: str, *, figures: bool) -> None:
    """Write the declarations on what a selector finds; ``figures``: only on figures in cells of tables."""
    try:
        found = select(root, CSSSelector(selector.strip(), translator="html").path)
    except (SelectorError, XPathError):
        return  # no selector that a browser of today would follow either
    for element in found[:_MOST_ELEMENTS]:
        if figures and not _is_figure(element):
            continue
        own = element.get("style") or ""
        said = {match[1].lower() for match in _PROPERTY.finditer(own)}
        new = ";".join(
            part
            for part in declarations.split(";")
            if part.strip()
            and (part.partition(":")[0].strip().lower() not in said or _IMPORTANT.search(part))
        )
        if new:
            element.set("style", f"{new};{own}")


def _is_figure(element: _Element) -> bool:
    text = text_of(element)
    if _FIGURE.fullmatch(text) is None or not any(map(str.isdigit, text)):
        return False
    return element.tag in ("td", "th") or any(above.tag in ("td", "th") for above in element.iterancestors())
