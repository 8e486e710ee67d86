"""Draws the pictures that a sample portal shows for a report (``python -m tests.demo.draw_pictures``).

Needs Chromium and a Chinese font. The pictures are kept with the demonstration, which
must run where neither is installed; a test reads them and compares with the figures.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from demo import catalogue_pieces, render_html
from demo.body import blocks
from tests.scans import printed, rendered

#: Dots an inch: digits of the tables are 17 pixels high, which is enough, and a page has 100 KB.
DPI = 150
#: Shades of grey kept.
_SHADES = 16
_STYLE = (
    "<style>@page{size:A4;margin:14mm 14mm}"
    "body{font-family:'Noto Serif CJK SC',serif;font-size:9.5pt;line-height:1.35}"
    "p{margin:3px 0}table{border-collapse:collapse;width:100%;font-size:8pt;line-height:1.2}"
    "td,th{border:1px solid #000;text-align:center;padding:1px 2px}</style>"
)


def main() -> None:
    """Write the pages of the report beside the demonstration's code."""
    publication = catalogue_pieces.pictured()
    body = render_html.body(blocks(publication, catalogue_pieces.PICTURED_SEED), publication.style)
    html = f"<html><head><meta charset='utf-8'></head><body>{_STYLE}{body}</body></html>"

    pages = rendered(printed(html), DPI)
    for number, page in enumerate(pages, start=1):
        small = page.convert("L").quantize(_SHADES, dither=Image.Dither.NONE)
        target = catalogue_pieces.PICTURES / f"{number}.png"
        small.save(target, optimize=True)
        print(Path(target).name, small.size, target.stat().st_size)


if __name__ == "__main__":
    main()
