"""The door to OCR: page images and scanned PDF pages → items of pages. Offline; an optional extra.

Nothing of it is imported before the first picture is read, so that everyone
else needs none of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archive.records import Document
from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError

if TYPE_CHECKING:
    from pipelines.readers.paged import Item
    from pipelines.readers.scan_engine import Gray

#: Pages recognised of one file: a report has 4 to 30, and a page takes some seconds.
MAX_PAGES = 60
#: Pixels of one image as it comes: A4 at 1000 dpi. Beyond that it is a bomb or a map.
MAX_PIXELS = 100_000_000
#: Pixels of a side: A0 at 600 dpi has 28,000. OpenCV takes 16 times the pixels for one that is long and thin.
MAX_SIDE = 30_000
#: Dots an inch at which PDF pages are drawn: what office scanners use.
DPI = 300
#: Pixels of one page drawn: A3 at that resolution.
MAX_DRAWN = 36_000_000

MISSING = messages.NEEDS_OCR


class NotInstalledError(UnreadableError):
    """The extra ``ocr`` is missing."""


class TextlessError(UnreadableError):
    """Sound pictures in which OCR finds no text: a photograph."""


def _scan() -> Any:
    """The OCR module, or ``UnreadableError`` where the extra is not installed."""
    try:
        from pipelines.readers import scan
    except ImportError as error:
        raise NotInstalledError(MISSING) from error
    return scan


def size(body: bytes, what: str) -> tuple[int, int]:
    """Width and height of an image file in pixels.

    Raises ``UnreadableError`` for one that is damaged or too large; needs no OCR.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(body)) as file:
            if _too_large(file):
                raise UnreadableError(messages.too_many_pixels(what, file.width, file.height))
            file.load()
            return file.width, file.height
    except Image.DecompressionBombError as error:
        raise UnreadableError(messages.picture_bomb(what, error)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError(messages.damaged_picture(what, error)) from error


def _too_large(image: Any) -> bool:
    return bool(image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE)


def read(body: bytes, what: str, notes: Sequence[str] = ()) -> Document:
    """Read a page image (PNG, JPEG, TIFF …); ``what`` names its format.

    Raises ``UnreadableError`` without the extra ``ocr``, for a damaged image and
    for one without text.
    """
    return read_all([(body, what)], notes)


def read_all(files: Sequence[tuple[bytes, str]], notes: Sequence[str] = ()) -> Document:
    """Read image files, each with its format's name, as the pages of one document; raises as ``read``."""
    scan = _scan()
    from pipelines.readers.paged import document_of

    said = list(notes)
    pages: list[list[Item]] = []
    unsure: set[str] = set()
    for body, what in files:
        for image in _images(body, what, said):
            if len(pages) == MAX_PAGES:
                said.append(messages.pictures_cut(MAX_PAGES))
                break
            page = scan.read_page(image, len(pages) + 1)
            pages.append(page.items)
            unsure |= page.unsure
            said += page.notes
    formats = "、".join(dict.fromkeys(what for _, what in files))
    if not any(pages):
        raise TextlessError(messages.no_text_found(formats))
    said.append(messages.recognised_from(formats))
    return document_of(scan.aligned(pages), said, kind="scan", unsure=frozenset(unsure))


def picture(body: bytes, what: str, number: int, notes: list[str]) -> tuple[list[Item], frozenset[str]]:
    """The items of a page that is this picture, and the places whose text is unsure; raises as ``read``."""
    scan = _scan()
    for image in _images(body, what, notes):
        page = scan.read_page(image, number)
        notes += [*page.notes, messages.recognised_pages([number])]
        return page.items, page.unsure
    raise UnreadableError(messages.empty_picture(what))


def pdf_pages(
    body: bytes, numbers: Sequence[int], notes: list[str]
) -> tuple[dict[int, list[Item]], frozenset[str]]:
    """The items of the pages named (counted from 1), and the places whose text is unsure."""
    scan = _scan()
    if len(numbers) > MAX_PAGES:
        notes.append(messages.scans_cut(MAX_PAGES, len(numbers)))
    found: dict[int, list[Item]] = {}
    unsure: set[str] = set()
    for number, image in _drawn(body, numbers[:MAX_PAGES]):
        page = scan.read_page(image, number)
        found[number] = page.items
        unsure |= page.unsure
        notes += page.notes
    aligned = scan.aligned(list(found.values()))
    if any(aligned):
        notes.append(messages.recognised_pages(list(found)))
    return dict(zip(found, aligned, strict=True)), frozenset(unsure)


def _drawn(body: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, Gray]]:
    """The pages of a PDF as grey images."""
    import numpy as np
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(body) as pdf:
            for number in numbers:
                page = pdf[number - 1]
                width, height = page.get_size()
                scale = min(DPI / 72, (MAX_DRAWN / max(1.0, width * height)) ** 0.5)
                bitmap = page.render(scale=scale, grayscale=True)
                image = bitmap.to_numpy()
                yield number, np.array(image[:, :, 0] if image.ndim == 3 else image, dtype=np.uint8)
                bitmap.close()
                page.close()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(messages.page_not_drawn(error)) from error


def _images(body: bytes, what: str, notes: list[str]) -> Iterator[Gray]:
    """The pictures in an image file, turned as it says, on white where it is transparent."""
    import numpy as np
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(io.BytesIO(body)) as file:
            if _too_large(file):
                raise UnreadableError(messages.too_many_pixels(what, file.width, file.height))
            for number, frame in enumerate(ImageSequence.Iterator(file), 1):
                if number > MAX_PAGES + 1:
                    break
                if file.format == "GIF" and number > 1:
                    notes.append(messages.FIRST_FRAME)
                    break
                if _too_large(frame):
                    raise UnreadableError(messages.too_many_pixels(what, frame.width, frame.height))
                upright = ImageOps.exif_transpose(frame)
                if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                    layer = upright.convert("RGBA")
                    upright = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
                yield np.asarray(upright.convert("L"))
    except Image.DecompressionBombError as error:
        raise UnreadableError(messages.picture_bomb(what, error)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError(messages.damaged_picture(what, error)) from error
