"""Scans of reports, made: pages printed by Chromium, rendered at 300 dpi, spoilt as scanners and copiers do.

Needs Chromium and a Chinese font; ``missing()`` says what is not there.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from tests.layouts import Figures, official, page, table_html

#: Dots an inch of an ordinary office scanner.
DPI = 300
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer"),
)
#: How the printed report looks: fonts and measures of a word processor's page.
STYLES = {
    "serif": "body{font-family:'Liberation Serif','Noto Serif CJK SC',serif;font-size:12pt}"
    "table{font-size:10pt}",
    "sans": "body{font-family:'Noto Sans CJK SC',sans-serif;font-size:12pt}table{font-size:9.5pt}",
    "song": "body{font-family:'Noto Serif CJK SC',serif;font-size:14pt}table{font-size:10.5pt}",
}
_SHEET = (
    "@page{size:A4;margin:20mm 18mm}h1{text-align:center;font-size:20pt}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #000;text-align:center;padding:2px 3px}"
)


def browser() -> str | None:
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )


def missing() -> str | None:
    """Why no page can be printed here, or ``None``."""
    if browser() is None:
        return "Chromium is not installed (it prints the pages)"
    if shutil.which("fc-list") is None:
        return "fontconfig's fc-list is not installed, so the fonts are not known"
    listed = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return (
        None
        if "Noto" in listed.stdout
        else "no Noto CJK font is installed (e.g. apt-get install fonts-noto-cjk)"
    )


def printed(html: str, style: str = "serif") -> bytes:
    """The page as a PDF."""
    program = browser()
    assert program is not None
    sheet = f"<style>{STYLES[style]}{_SHEET}</style></head>"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html.replace("</head>", sheet, 1) if "</head>" in html else sheet + html, "utf-8")
        command = [
            program,
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        subprocess.run(command, capture_output=True, check=True, timeout=120)
        return target.read_bytes()


def official_pdf(figures: Figures, form: str, style: str = "serif") -> bytes:
    """The official layout of given figures, printed."""
    return printed(page({key: table_html(table) for key, table in official(figures, form).items()}), style)


def rendered(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    """Grey pages of a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            document[n].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
            for n in range(len(document))
        ]


Spoil = Callable[[Image.Image], Image.Image]


def _askew(degrees: float) -> Spoil:
    """The sheet laid down at an angle on a larger bed: no corner is lost."""
    return lambda image: image.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _turned(degrees: float) -> Spoil:
    return lambda image: image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)


def _noisy(image: Image.Image) -> Image.Image:
    """Grain of a sensor, specks of dust, paper that is not quite white."""
    random = np.random.default_rng(1)
    pixels = np.asarray(image, dtype=np.float32) * 0.86 + 24
    pixels += random.normal(0, 9, pixels.shape)
    specks = random.random(pixels.shape)
    pixels[specks < 0.0004] = 40
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))


def _jpeg(image: Image.Image) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return Image.open(io.BytesIO(out.getvalue())).convert("L")


def _black_and_white(image: Image.Image) -> Image.Image:
    return image.point(lambda value: 255 if value > 150 else 0)


def _half(image: Image.Image) -> Image.Image:
    """150 dpi: what a phone's scanning program or a fax leaves."""
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


#: name → what happens to each page.
SPOILT: dict[str, Sequence[Spoil]] = {
    "clean": (),
    "turned by 0.5°": (_turned(0.5),),
    "turned by -0.8°": (_turned(-0.8),),
    "noise": (_noisy,),
    "JPEG 60": (_jpeg,),
    "black and white": (_black_and_white,),
    "150 dpi": (_half,),
    "turned, noise, JPEG 60": (_turned(0.5), _noisy, _jpeg),
    "on its left side": (_askew(90),),
    "on its right side": (_askew(270),),
    "upside down": (_askew(180),),
    "askew by 3°": (_askew(3),),
    "askew by -7°": (_askew(-7),),
    "upside down, askew, noise": (_askew(178), _noisy),
}


def spoilt(images: Sequence[Image.Image], how: str) -> list[Image.Image]:
    pages = list(images)
    for step in SPOILT[how]:
        pages = [step(image) for image in pages]
    return pages


def image_pdf(images: Sequence[Image.Image], dpi: int = DPI) -> bytes:
    """A PDF of nothing but page images, as a scanner writes it."""
    out = io.BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=list(images[1:]), resolution=dpi)
    return out.getvalue()
