"""The sample portals: which site holds which entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from demo import (
    catalogue_more,
    catalogue_pieces,
    catalogue_troubled,
    figures,
    issuers,
    lookalikes,
    publications,
    render_docx,
    render_html,
    render_ofd,
    render_pdf,
)
from demo.body import blocks
from demo.publication import Publication
from demo.site import Attachment, Column, Entry, Metas, Site

_COLUMN = "政府信息公开年报"
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ofd": "application/ofd",
    "zip": "application/zip",
}
_RENDER = {
    "pdf": render_pdf.render,
    "docx": render_docx.render,
    "ofd": render_ofd.render,
    "zip": catalogue_pieces.zipped,
}
#: What articles keep of the metas they should carry, and how often among twenty.
_METAS: tuple[Metas, ...] = ("all", "untitled", "none")
_METAS_WEIGHTS = (14, 4, 2)
_ROBOTS_FORBIDDING = "User-agent: *\nDisallow: /neibu/\nDisallow: /search/\n"
_ROBOTS_ALLOWING = "User-agent: *\nAllow: /\n"


def entry_of(publication: Publication, seed: int, source: str | None = None) -> Entry:
    """A report as an entry: its body, or a line that points to the file it hangs on."""
    rng = figures.generator(seed, "entry", publication.agency, publication.year)
    content = blocks(publication, seed)
    attachment = None
    html = render_html.body(content, publication.style)
    if publication.carrier != "html":
        render = _RENDER[publication.carrier]
        attachment = Attachment(
            name=f"{publication.title}.{publication.carrier}",
            media_type=_MEDIA_TYPES[publication.carrier],
            data=render(content, publication.title),
        )
        html = "<p>　　全文见附件。</p>"
    # Where the title names no issuer, the page's metas must, or nobody could know.
    nameless = publication.title.startswith(f"{publication.year}年政府信息公开")
    metas = "all" if nameless else rng.choices(_METAS, weights=_METAS_WEIGHTS)[0]
    if publication.real:
        metas = "all" if publication.headline else "untitled"
    return Entry(
        title=publication.title,
        day=publication.published_on,
        body=html,
        kind="report",
        source=source or publication.agency,
        metas=metas,
        headline=publication.headline,
        publication=publication,
        attachment=attachment,
    )


def sites(seed: int) -> tuple[Site, ...]:
    """Every portal; the same for the same seed."""
    entries: Mapping[tuple[str, int], list[Entry]] = defaultdict(list)
    copies: list[Entry] = []
    for issuer, publication in publications.invented(seed):
        entry = entry_of(publication, seed, issuer.source)
        entries[issuer.portal, issuer.column].append(entry)
        if (publication.agency, publication.year) == issuers.COPIED:
            copies.append(_copy(entry))
    own = (*_invented_sites(entries, copies, seed), _blocked_site(seed), *_real_sites(seed))
    more = (catalogue_more.sites, catalogue_troubled.sites, catalogue_pieces.sites)
    return (*own, *(site for made in more for site in made(seed, entry_of)))


def _copy(entry: Entry) -> Entry:
    """The same body on another portal; the report stays the first one's."""
    return Entry(
        title=entry.title,
        day=entry.day,
        body=entry.body,
        kind="copy",
        source=entry.source,
        publication=entry.publication,
    )


def _column(slug: str, entries: Iterable[Entry], per_page: int, name: str = _COLUMN) -> Column:
    newest_first = sorted(entries, key=lambda entry: (entry.day, entry.title), reverse=True)
    return Column(name=name, slug=slug, entries=tuple(newest_first), per_page=per_page)


def _forbidden(seed: int) -> Entry:
    """A report under a path that robots.txt forbids, linked from the list like any other."""
    issuer = issuers.Issuer("青禾市澄溪区民政局", "990102", figures.DEPARTMENT, range(2023, 2024), "chengxi")
    made = figures.series(issuer.agency, issuer.years, issuer.profile, seed)
    form_of = dict.fromkeys(made[2023], "2021")
    cells = figures.on_form(made[2023], form_of)
    publication = Publication(
        agency=issuer.agency,
        division=issuer.division,
        year=2023,
        title=f"{issuer.agency}2023年政府信息公开工作年度报告",
        published_on=date(2024, 1, 19),
        form_of=form_of,
        cells=cells,
        shown=cells,
    )
    entry = entry_of(publication, seed)
    return Entry(
        title=entry.title,
        day=entry.day,
        body=entry.body,
        kind="forbidden",
        source=entry.source,
        path=f"/neibu/202401/t20240119_{entry.number}.html",
    )


def _invented_sites(
    entries: Mapping[tuple[str, int], list[Entry]], copies: list[Entry], seed: int
) -> tuple[Site, ...]:
    qinghe = [*entries["qinghe", 0], *copies, *lookalikes.of("青禾市", "青禾市人民政府", 2022)]
    chengxi = [*entries["chengxi", 0], _forbidden(seed)]
    chengxi += lookalikes.of("澄溪区", "青禾市澄溪区人民政府", 2023)
    yangben = [*entries["yangben", 0], *lookalikes.of("样本县", "样本县人民政府", 2021)]
    mochuan = [*entries["mochuan", 0], *lookalikes.of("墨川市", "墨川市人民政府", 2020)]
    yangli = [*entries["yangli", 0], *lookalikes.circulars("墨川市样例区人民政府", range(2019, 2026))]
    shifan = [*entries["shifan", 0], *lookalikes.of("示范县", "示范县人民政府", 2022)]
    return (
        Site(
            key="demo-qinghe", name="青禾市人民政府", family="trs", division="990100", level="prefecture",
            columns=(_column("/qhs/zfxxgk/zfxxgknb/", qinghe, 10),),
            site_id_code="9901000001", robots=_ROBOTS_ALLOWING, options={"ext": "shtml", "first": 1},
        ),
        Site(
            key="demo-chengxi", name="青禾市澄溪区人民政府", family="trs", division="990102", level="county",
            columns=(_column("/zwgk/zfxxgknb/", chengxi, 8),),
            site_id_code="9901020001", robots=_ROBOTS_FORBIDDING, options={"ext": "html", "first": 0},
        ),
        Site(
            key="demo-yangben", name="样本县人民政府", family="hanweb", division="990121", level="county",
            columns=(_column("33718", yangben, 6),),
            site_id_code="9901210001", counting=True, options={"unit": 212860},
        ),
        Site(
            key="demo-mochuan", name="墨川市人民政府", family="ucap", division="990200", level="prefecture",
            columns=(
                _column("c100122", mochuan, 5),
                _column("c100123", entries["mochuan", 1], 3, "部门信息公开年报"),
            ),
            site_id_code="9902000001", options={"site": "mcs", "json": "c100123"},
        ),
        Site(
            key="demo-yangli", name="墨川市样例区人民政府", family="gkmlpt", division="990202",
            level="county",
            columns=(
                _column("#755031", yangli, 100),
                _column("/ylqtjj#755047", entries["yangli", 1], 100),
            ),
            site_id_code="9902020001",
        ),
        Site(
            key="demo-shifan", name="示范县人民政府", family="vsb", division="990221", level="county",
            columns=(_column("/zfxxgk/zfxxgknb", shifan, 6),),
            site_id_code="9902210001", charset="gb2312", options={"node": 1053},
        ),
    )  # fmt: skip


def _blocked_site(seed: int) -> Site:
    """Nothing of its only entry ever gets out."""
    hidden = lookalikes.of("演练县", "演练县人民政府", 2023)
    return Site(
        key="demo-yanlian", name="演练县人民政府", family="trs", division="990222", level="county",
        columns=(_column("/zwgk/zfxxgknb/", hidden, 10),),
        site_id_code="9902220001", options={"ext": "html", "first": 0, "challenge": "412"},
    )  # fmt: skip


#: Real report → (portal key, who runs the portal, level, family, column, options). No identification
#: code: theirs is not ours to invent.
_REAL: Mapping[str, tuple[str, str, str, str, str, Mapping[str, str | int]]] = {
    "erqi_2020": (
        "demo-erqi", "郑州市二七区人民政府", "county", "trs", "/zfxxgk/ndbg/", {"ext": "html", "first": 0},
    ),
    "langfang_office_2021": (
        "demo-langfang", "廊坊市人民政府", "prefecture", "hanweb", "20417", {"unit": 61385},
    ),
    "ziyang_2020": (
        "demo-ziyang", "益阳市资阳区人民政府", "county", "ucap", "c101536", {"site": "zyq", "json": ""},
    ),
    "dongtonghua_2020": (
        "demo-erdaojiang", "通化市二道江区人民政府", "county", "trs", "/xxgk/zfxxgknb/",
        {"ext": "html", "first": 0},
    ),
    "changsha_gaoxin_2019": (
        "demo-changsha", "长沙市人民政府", "prefecture", "vsb", "/zfxxgk/gxqnb", {"node": 2217},
    ),
}  # fmt: skip


def _real_sites(seed: int) -> Iterable[Site]:
    for report, publication in publications.published_really():
        key, name, level, family, slug, options = _REAL[report.name]
        yield Site(
            key=key,
            name=name,
            family=family,
            # The portal is the city's or county's: its code without what marks a zone.
            division=report.division[:6],
            level=level,
            columns=(_column(slug, [entry_of(publication, seed)], 15),),
            options=options,
        )
