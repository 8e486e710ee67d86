"""The sample portals whose articles hide their report: in pieces, in files, behind scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from demo import lookalikes, publications, render_docx, render_html
from demo.body import Block, Drawn, blocks
from demo.figures import COUNTY, DEPARTMENT
from demo.issuers import Issuer
from demo.publication import Carrier, Publication, Style
from demo.render_ofd import packed
from demo.site import Attachment, Column, Entry, Site, Way

#: The pages of the pictured report, drawn once (tests/demo/draw_pictures.py): a machine that runs the
#: demonstration need have neither a browser nor a Chinese font.
PICTURES = Path(__file__).with_name("pictures")
#: Its figures are therefore those of one seed, whatever the demonstration's.
PICTURED_SEED = 1

EntryOf = Callable[[Publication, int], Entry]

_SANYE, _FUJUAN = "990341", "990342"
_ISSUERS = (
    Issuer("散页县人民政府", _SANYE, COUNTY, range(2021, 2025), "sanye"),
    Issuer("附卷县人民政府", _FUJUAN, COUNTY, range(2021, 2025), "fujuan", style=Style(tables="th")),
)
_PICTURED = Issuer("散页县教育局", _SANYE, DEPARTMENT, range(2023, 2024), "sanye")
#: How each report is hidden, and what carries it.
_WAYS: Mapping[tuple[str, int], tuple[Way, Carrier]] = {
    ("散页县人民政府", 2021): ("split", "html"),
    ("散页县人民政府", 2022): ("paged", "html"),
    ("散页县人民政府", 2023): ("nested", "html"),
    ("散页县人民政府", 2024): ("script", "html"),
    ("附卷县人民政府", 2021): ("page", "zip"),
    ("附卷县人民政府", 2022): ("page", "ofd"),
    ("附卷县人民政府", 2023): ("clicked", "pdf"),
    ("附卷县人民政府", 2024): ("unnamed", "docx"),
}
_MEDIA_TYPE = "image/png"


def sites(seed: int, entry_of: EntryOf) -> tuple[Site, ...]:
    """These portals; the same for the same seed. ``entry_of`` makes an entry of a report."""
    entries: dict[str, list[Entry]] = {"sanye": [_pictured(entry_of)], "fujuan": []}
    for issuer, publication in publications.invented(seed, _ISSUERS):
        way, carrier = _WAYS[publication.agency, publication.year]
        entry = entry_of(replace(publication, carrier=carrier), seed)
        further = _split(publication, seed) if way in ("split", "paged") else ()
        body = further[0] if further else entry.body
        entries[issuer.portal].append(
            replace(entry, way=way, body=body, further=further[1:], metas="all", source=publication.agency)
        )
    return (
        _site("sanye", "散页县", _SANYE, entries["sanye"]),
        _site("fujuan", "附卷县", _FUJUAN, [*entries["fujuan"], *tuple(_others("附卷县"))]),
    )


def pictured() -> Publication:
    """The report that is shown as pictures of its pages."""
    ((_, publication),) = publications.invented(PICTURED_SEED, (_PICTURED,))
    return replace(publication, carrier="pictures")


def zipped(content: Iterable[Block], title: str) -> bytes:
    """The report as a word processor's file in a ZIP archive, beside a file that is none."""
    readme = "本压缩包内为年度报告全文，请解压后阅读。".encode()
    return packed({f"{title}.docx": render_docx.render(content, title), "说明.txt": readme})


def _site(key: str, name: str, division: str, entries: Iterable[Entry]) -> Site:
    newest_first = sorted(entries, key=lambda entry: (entry.day, entry.title), reverse=True)
    column = Column("政府信息公开年报", "/zfxxgk/zfxxgknb/", tuple(newest_first), 4)
    return Site(
        f"demo-{key}", f"{name}人民政府", "numeric", division, "county", (column,),
        site_id_code=f"{division}0001", options={"mode": "pieces"},
    )  # fmt: skip


def _others(name: str) -> Iterable[Entry]:
    return tuple(lookalikes.of(name, f"{name}人民政府", 2023))[1:3]


def _pictured(entry_of: EntryOf) -> Entry:
    publication = pictured()
    entry = entry_of(replace(publication, carrier="html"), PICTURED_SEED)
    images = tuple(
        Attachment(path.name, _MEDIA_TYPE, path.read_bytes())
        for path in sorted(PICTURES.glob("*.png"), key=lambda path: int(path.stem))
    )
    return replace(entry, way="pictures", body="", pictures=images, metas="all", publication=publication)


def _split(publication: Publication, seed: int) -> tuple[str, ...]:
    """The report's body in three pages, cut behind its first and its second table."""
    content = list(blocks(publication, seed))
    first, second, *_ = (n + 1 for n, block in enumerate(content) if isinstance(block, Drawn))
    pieces = (content[:first], content[first:second], content[second:])
    return tuple(render_html.body(piece, publication.style) for piece in pieces)
