"""Time of reading, beside the libraries a user would take.

Contestants take turns, round by round, so that a busy machine slows all of them; what counts
is the least time each needed, for other work on the machine only ever adds, and the ratios
between them. Each round reads a variant of the page that nobody has seen before. ``sum of
the parts`` is what no reading can do without, done with nothing around it: decode, parse
once, grids from the tree, trafilatura on what is left without tables.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TypeVar

import lxml.html
import trafilatura
from lxml import etree

from archive.records import Context, Document, Snapshot
from benchmarks.pages import VARIANTS, Page, divisions
from pipelines import identities, issuer, narrative, prose, structure
from pipelines.dom import look
from pipelines.grid import from_html
from pipelines.match import match
from pipelines.readers import article, encoding, html, page, read
from pipelines.report import parse

OURS = "gongkai, parse()"
LXML = "lxml, bare parse"
PARTS = "sum of the parts"
TRAFILATURA = "trafilatura, default"
METADATA = "trafilatura, with metadata"
PANDAS = "pandas.read_html"
#: What ours is divided by.
MEASURES = (TRAFILATURA, PARTS, LXML)
#: What a run is held to: the bare parse takes half a millisecond, too little to repeat.
HELD = (TRAFILATURA, PARTS)
_WHEN = datetime(2026, 1, 2, tzinfo=UTC)
#: Rounds that only warm up: caches of what is the same on every page (labels, patterns) are filled then.
WARM = 2

Action = Callable[[bytes], object]
T = TypeVar("T")
#: page → contestant, stage or measure → milliseconds or ratio.
Table = dict[str, dict[str, float]]


def _parse(body: bytes) -> object:
    return parse(Snapshot(url="http://www.example.gov.cn/1.html", body=body, fetched_at=_WHEN), divisions())


def _default(body: bytes) -> object:
    return trafilatura.extract(lxml.html.document_fromstring(body))


def _metadata(body: bytes) -> object:
    return trafilatura.extract(lxml.html.document_fromstring(body), with_metadata=True)


def _pandas(body: bytes) -> object:
    import pandas

    return pandas.read_html(io.BytesIO(body), encoding="utf-8", flavor="lxml")


def _parts(body: bytes) -> object:
    """In a known container only that is given to trafilatura, as a user who knows it would do."""
    root = lxml.html.document_fromstring(encoding.decode(body).text)
    content = next((e for e in root.iter("div") if e.get("class") == "TRS_Editor"), root)
    tree = lxml.html.Element("html")
    etree.SubElement(tree, "body").append(content)
    plain = look(tree).plain
    grids = []
    for number, table in enumerate(list(tree.iter("table")), 1):
        grids.append(from_html(table, plain=plain))
        mark = etree.Element("p")
        mark.text = f"[{number}]"
        table.addprevious(mark)
        table.drop_tree()
    return grids, trafilatura.bare_extraction(tree, fast=True, favor_recall=True, include_tables=False)


def contestants(body: bytes) -> dict[str, Action]:
    """Name → what is timed, from the page's bytes to what it gives."""
    if not body.startswith(b"<"):
        return {OURS: _parse}
    found: dict[str, Action] = {
        OURS: _parse,
        LXML: lxml.html.document_fromstring,
        PARTS: _parts,
        TRAFILATURA: _default,
        METADATA: _metadata,
    }
    if find_spec("pandas") is not None:
        found[PANDAS] = _pandas
    return found


def stages(body: bytes) -> dict[str, float]:
    """Milliseconds of each step of ``parse()``, given what the steps before it made."""
    spent: dict[str, float] = {}

    def timed(name: str, step: Callable[[], T]) -> T:
        started = time.process_time()
        result = step()
        spent[name] = (time.process_time() - started) * 1000
        return result

    if body.startswith(b"<"):
        root = timed("decode, tree", lambda: html.parse(encoding.decode(body).text))
        held = tuple(root.iter())
        content, known = timed("body", lambda: page.body_of(root))
        walk = html._Blocks(root, frozenset(), held, plain=look(content).plain)
        blocks = timed("grids, paragraphs", lambda: walk.read(content))
        own = [block.text for block in blocks if not hasattr(block, "rows")]
        timed(
            "prose",
            lambda: article.prose(content, walk.data, own, known=known, shown=frozenset(), notes=[]),
        )
    document: Document = timed("read, all of it", lambda: read(body))
    found = timed("match", lambda: match(document))
    timed("identities", lambda: identities.check(found.cells, found.forms))
    sections = timed("sections", lambda: prose.sections(document))
    who = timed("issuer", lambda: issuer.identify(document, Context(), divisions()))
    timed(
        "narrative",
        lambda: narrative.check(sections, found.cells, found.forms, agency=who.agency, year=who.year),
    )
    timed(
        "structure",
        lambda: structure.check(sections, found.cells, found.forms, text=document.text, year=who.year),
    )
    return spent


def measure(made: Mapping[str, Page], rounds: int) -> tuple[Table, Table]:
    """Least milliseconds of the contestants, and of the stages, on each page."""
    times: Table = {}
    steps: Table = {}
    for name, variant in made.items():
        actions = contestants(variant(0))
        spent: dict[str, list[float]] = {key: [] for key in actions}
        staged: dict[str, list[float]] = {}
        for number in range(rounds + WARM):
            body = variant(number)
            for key, action in actions.items():
                gc.collect()
                started = time.process_time()
                action(body)
                spent[key].append((time.process_time() - started) * 1000)
            for key, milliseconds in stages(variant(VARIANTS - 1 - number)).items():
                staged.setdefault(key, []).append(milliseconds)
        times[name] = {key: min(series[WARM:]) for key, series in spent.items()}
        steps[name] = {key: min(series[WARM:]) for key, series in staged.items()}
    return times, steps


def ratios(times: Table) -> Table:
    """Our time on each page, divided by that of each measure."""
    return {
        name: {key: row[OURS] / row[key] for key in MEASURES} for name, row in times.items() if PARTS in row
    }


def report(times: Table, steps: Table, sizes: Mapping[str, int]) -> list[str]:
    """What was measured, in lines."""
    divided, lines = ratios(times), []
    for name, row in times.items():
        lines.append(f"\n{name}: {sizes[name]:,} bytes")
        for key, milliseconds in row.items():
            ratio = f"  ours is {divided[name][key]:6.2f} ×" if key in divided.get(name, {}) else ""
            lines.append(f"  {key:28}{milliseconds:8.2f} ms{ratio}")
        lines += [f"    {key:26}{milliseconds:8.2f} ms" for key, milliseconds in steps[name].items()]
    return lines
