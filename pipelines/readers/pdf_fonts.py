"""Fonts of a PDF page that do not say which characters they draw.

A subset embedded without a table of its characters (``ToUnicode``) and without an
encoding numbers its glyphs as it likes: that its 51 is a 3 is no more than a guess
(PDF Reference 1.7, 5.5.5 and 5.9.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: Forms in forms whose fonts are looked at.
_MAX_DEPTH = 4
#: Fonts and forms of one page: Word writes ten.
_MAX_ENTRIES = 400


def nameless(page: Any) -> frozenset[str]:
    """Names of the fonts of a pdfplumber page whose codes say nothing."""
    return frozenset(
        _name(font) for font in _fonts(getattr(page.page_obj, "resources", None), 0) if not _is_told(font)
    )


def _fonts(resources: Any, depth: int) -> Iterator[dict[str, Any]]:
    own = _resolved(resources)
    if not isinstance(own, dict) or depth > _MAX_DEPTH:
        return
    fonts = _resolved(own.get("Font"))
    for entry in list(fonts.values())[:_MAX_ENTRIES] if isinstance(fonts, dict) else ():
        font = _resolved(entry)
        if isinstance(font, dict):
            yield font
    forms = _resolved(own.get("XObject"))
    for entry in list(forms.values())[:_MAX_ENTRIES] if isinstance(forms, dict) else ():
        attributes = getattr(_resolved(entry), "attrs", None)
        if isinstance(attributes, dict):
            yield from _fonts(attributes.get("Resources"), depth + 1)


def _is_told(font: dict[str, Any]) -> bool:
    """Whether something says which character a code is; Type 1 fonts have an encoding in their program."""
    descriptor = _resolved(font.get("FontDescriptor"))
    program = ("FontFile2", "FontFile3")
    embedded = isinstance(descriptor, dict) and any(key in descriptor for key in program)
    simple = getattr(font.get("Subtype"), "name", "") in ("TrueType", "Type1", "MMType1")
    return not (simple and embedded) or "ToUnicode" in font or font.get("Encoding") is not None


def _name(font: dict[str, Any]) -> str:
    name = _resolved(font.get("BaseFont"))
    return str(getattr(name, "name", name))


def _resolved(value: Any) -> Any:
    return value.resolve() if hasattr(value, "resolve") else value
