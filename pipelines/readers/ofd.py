"""OFD (GB/T 33190-2016) → Document: the fixed-layout format of Chinese offices, a ZIP package of XML.

A page is text with the place of every character and paths with the place of every
rule, as in a PDF; so it becomes a page as pdfplumber has them, and tables and lines
are found by what finds them in PDF files. Nothing is unpacked to disk; a path in the
package is only a key among the package's own names.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree
from lxml.etree import _Element

from archive.records import Document
from pipelines.readers import lines, messages, ocr
from pipelines.readers.errors import UnreadableError
from pipelines.readers.ofd_page import MM, Sheet, draw, numbers
from pipelines.readers.package import DAMAGED, check_package
from pipelines.readers.paged import Item, document_of, lines_outside
from pipelines.readers.pdf import MAX_PAGE_CHARACTERS, MAX_PAGES
from pipelines.readers.pdf_tables import Effort, find_parts

#: A4 in millimetres, where neither page nor document says its size.
_A4 = (0.0, 0.0, 210.0, 297.0)
#: Millimetres; the largest sheet a plotter takes is 5 m long.
_MAX_SIDE = 5_000.0
#: Share of a page that a picture covers which is the scan of it.
_PICTURE = 0.5
#: Characters of a page that hangs behind its own scan or beside a stamp; a page of text has hundreds.
_FEW = 20


@dataclass(frozen=True, slots=True)
class _Package:
    """The files of a package by their names."""

    archive: zipfile.ZipFile
    names: dict[str, str]
    """Name with forward slashes → name in the directory."""

    def xml(self, name: str) -> _Element:
        """A part parsed; raises ``UnreadableError`` for one that is not there or no XML."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self.bytes(name), parser)
        except etree.XMLSyntaxError as error:
            raise UnreadableError(messages.ofd_part(name, error)) from error

    def bytes(self, name: str) -> bytes:
        if name not in self.names:
            raise UnreadableError(messages.ofd_missing(name[:200]))
        return self.archive.read(self.names[name])


@dataclass(slots=True)
class _Pages:
    """What is read page by page."""

    items: list[list[Item]] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    scanned: bool = False
    characters: int = 0


def read(body: bytes, notes: Sequence[str] = ()) -> Document:
    """Read one OFD file; pages that are pictures go through OCR where that is installed.

    Raises ``UnreadableError`` for a damaged or locked package, a bomb, one that
    declares a document type, and one without text.
    """
    said = list(notes)
    check_package(body, "OFD 文件", entities=False)
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            names = {
                entry.filename.replace("\\", "/").lstrip("/"): entry.filename for entry in archive.infolist()
            }
            return _read(_Package(archive, names), said)
    except DAMAGED as error:
        raise UnreadableError(messages.damaged("OFD", error)) from error


def _read(package: _Package, notes: list[str]) -> Document:
    entry = package.xml(next((n for n in package.names if n.lower() == "ofd.xml"), "OFD.xml"))
    roots = [_text(root) for root in _all(entry, "DocRoot")]
    if not roots:
        raise UnreadableError(messages.OFD_NO_DOCUMENT)
    if len(roots) > 1:
        notes.append(messages.ofd_documents_cut(len(roots)))
    root_name = _path("", roots[0])
    root = package.xml(root_name)
    places = [(page.get("BaseLoc") or "") for pages in _all(root, "Pages") for page in _all(pages, "Page")]
    if len(places) > MAX_PAGES:
        notes.append(messages.pages_cut(MAX_PAGES, len(places)))
    found = _Pages()
    effort = Effort()
    reader = _Reader(package, root, root_name, notes)
    for number, place in enumerate(places[:MAX_PAGES], start=1):
        try:
            sheet = reader.sheet(place, number)
        except UnreadableError as error:
            notes.append(messages.page_unreadable(number, error))
            found.items.append([])
            continue
        reader.read(sheet, number, effort, found)
    if not any(found.items):
        raise UnreadableError(messages.ofd_no_text(len(places), notes[-1] if notes else ""))
    title = next((_text(one) for one in _all(entry, "Title")), "")
    return document_of(
        found.items,
        notes,
        kind="scan" if found.scanned else "ofd",
        hint=title if lines.looks_like_title(title) else None,
        unsure=frozenset(found.unsure),
    )


class _Reader:
    """Pages of one document, with the templates and pictures that they share."""

    def __init__(self, package: _Package, root: _Element, name: str, notes: list[str]) -> None:
        self._package = package
        self._name = name
        self._notes = notes
        self._box = _box(root, _A4)
        self._templates = {
            one.get("ID"): one.get("BaseLoc") or "" for one in _all(root, "TemplatePage") if one.get("ID")
        }
        self._media = dict(self._files(root))

    def sheet(self, place: str, number: int) -> Sheet:
        """Everything drawn on a page, its template first; raises ``UnreadableError``."""
        name = _path(self._name, place)
        page = self._package.xml(name)
        left, top, width, height = _box(page, self._box)
        sheet = Sheet(number, (left, top), width * MM, height * MM)
        for use in _all(page, "Template"):
            base = self._templates.get(use.get("TemplateID"))
            if base is None:
                self._notes.append(messages.page_template_missing(number))
                continue
            draw(self._package.xml(_path(self._name, base)), sheet)
        draw(page, sheet)
        return sheet

    def read(self, sheet: Sheet, number: int, effort: Effort, found: _Pages) -> None:
        """Add the items of one page."""
        self._notes += sheet.notes()
        picture = sheet.picture(_PICTURE)
        if picture is not None and len(sheet.characters) < _FEW:
            found.items.append(self._scan(picture, number, found))
            return
        if len(sheet.characters) > MAX_PAGE_CHARACTERS:
            self._notes.append(messages.page_too_long(number, len(sheet.characters)))
            found.items.append([])
            return
        page = sheet.page()
        parts = find_parts(page, effort, self._notes)
        items: list[Item] = [*parts, *lines_outside(page, parts)]
        found.items.append(sorted(items, key=lambda item: (item.top, item.x0)))

    def _scan(self, resource: str, number: int, found: _Pages) -> list[Item]:
        name = self._media.get(resource)
        if name is None:
            self._notes.append(messages.page_picture_missing(number))
            return []
        try:
            items, unsure = ocr.picture(
                self._package.bytes(name), messages.page_picture(number), number, self._notes
            )
        except UnreadableError as error:
            self._notes.append(messages.pictures_unread([number], error))
            return []
        found.scanned = found.scanned or bool(items)
        found.unsure |= unsure
        return items

    def _files(self, root: _Element) -> Iterator[tuple[str, str]]:
        """Identifier of a picture → its name in the package, by the lists of resources."""
        for kind in ("PublicRes", "DocumentRes"):
            for place in _all(root, kind):
                try:
                    listed = _path(self._name, _text(place))
                    resources = self._package.xml(listed)
                except UnreadableError as error:
                    self._notes.append(str(error))
                    continue
                folder = resources.get("BaseLoc") or ""
                for media in _all(resources, "MultiMedia"):
                    for file in _all(media, "MediaFile"):
                        where = posixpath.join(folder, _text(file))
                        try:
                            yield media.get("ID") or "", _path(listed, where)
                        except UnreadableError as error:
                            self._notes.append(str(error))


def _all(element: _Element, name: str) -> Iterator[_Element]:
    """Descendants of this local name; the namespace's address has changed between drafts and standard."""
    return element.iterfind(f".//{{*}}{name}")


def _text(element: _Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _path(base: str, place: str) -> str:
    """Name of a part as another one refers to it (ST_Loc: from the package's root or from the part's folder).

    Raises ``UnreadableError`` for one that leads out of the package.
    """
    place = place.replace("\\", "/").strip()
    whole = place.lstrip("/") if place.startswith("/") else posixpath.join(posixpath.dirname(base), place)
    name = posixpath.normpath(whole)
    if name.startswith(("../", "/")) or name in ("..", "."):
        raise UnreadableError(messages.ofd_outside(place[:200]))
    return name


def _box(element: _Element, otherwise: tuple[float, ...]) -> tuple[float, float, float, float]:
    """The page area: left, top, width and height in millimetres."""
    for area in _all(element, "PhysicalBox"):
        found = numbers(_text(area))
        if len(found) == 4 and 0 < found[2] <= _MAX_SIDE and 0 < found[3] <= _MAX_SIDE:
            return found[0], found[1], found[2], found[3]
    left, top, width, height = otherwise
    return left, top, width, height
