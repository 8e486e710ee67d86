"""Time of reading, beside the libraries a user would take, in one run on one machine.

``python -m benchmarks.run [--rounds N] [--accept]``. Contestants take turns, round by
round, so that a busy machine slows all of them; what counts is the median of their
ratios to trafilatura's default, not milliseconds. Each round reads a page that differs in
a character of every sentence, so that nothing remembered from the round before helps.
The result goes to ``benchmarks/out/latest.json``; ``--accept`` makes it the one that later
runs are held against (``benchmarks/accepted.json``).
"""

from __future__ import annotations

import gc
import io
import json
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TypeVar

import click
import lxml.html
import trafilatura

from archive.records import Context, Document, Snapshot
from benchmarks.pages import pages
from pipelines import identities, issuer, narrative, prose
from pipelines.match import match
from pipelines.readers import encoding, html, page, read
from pipelines.report import parse

OUT = Path(__file__).with_name("out")
ACCEPTED = Path(__file__).with_name("accepted.json")
#: A ratio that grew by more than this is told.
TOLERANCE = 0.15
_UNIT = "trafilatura, default"
_WHEN = datetime(2026, 1, 2, tzinfo=UTC)

Action = Callable[[bytes], object]
T = TypeVar("T")
#: page → contestant or stage → median.
Medians = dict[str, dict[str, float]]


def _parse(body: bytes) -> object:
    return parse(Snapshot(url="http://www.example.gov.cn/1.html", body=body, fetched_at=_WHEN))


def _default(body: bytes) -> object:
    return trafilatura.extract(lxml.html.document_fromstring(body))


def _fast(body: bytes) -> object:
    return trafilatura.extract(lxml.html.document_fromstring(body), fast=True)


def _pandas(body: bytes) -> object:
    import pandas

    return pandas.read_html(io.BytesIO(body), encoding="utf-8", flavor="lxml")


def contestants(body: bytes) -> dict[str, Action]:
    """Name → what is timed, from the page's bytes to what it gives."""
    if not body.startswith(b"<"):
        return {"gongkai, parse()": _parse}
    found: dict[str, Action] = {
        "gongkai, parse()": _parse,
        "lxml, bare parse": lxml.html.document_fromstring,
        _UNIT: _default,
        "trafilatura, fast": _fast,
    }
    if find_spec("pandas") is not None:
        found["pandas.read_html"] = _pandas
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
        held = list(root.iter())
        article, _ = timed("body", lambda: page.body_of(root))
        walk = html._Blocks(root, frozenset(), tuple(held))
        timed("grids, paragraphs", lambda: walk.read(article))
        timed("trafilatura on the rest", lambda: html._extract(article, walk.data))
    document: Document = timed("read, all of it", lambda: read(body))
    found = timed("match", lambda: match(document))
    timed("identities", lambda: identities.check(found.cells, found.forms))
    sections = timed("sections", lambda: prose.sections(document))
    timed("issuer", lambda: issuer.identify(document, Context()))
    timed("narrative", lambda: narrative.check(sections, found.cells, found.forms, agency=None, year=2019))
    return spent


def varied(body: bytes, number: int) -> bytes:
    """The page with another character in every sentence."""
    return body.replace("条例".encode(), f"条例{chr(0x4E00 + number)}".encode()).replace(
        "公开了".encode(), f"公开了{chr(0x4E00 + number)}".encode()
    )


def measure(bodies: Mapping[str, bytes], rounds: int) -> tuple[Medians, Medians, Medians]:
    """Medians: milliseconds, ratios to trafilatura's default, milliseconds of the stages."""
    times: Medians = {}
    ratios: Medians = {}
    steps: Medians = {}
    for name, body in bodies.items():
        actions = contestants(body)
        spent: dict[str, list[float]] = {key: [] for key in actions}
        staged: dict[str, list[float]] = {}
        for number in range(rounds + 1):
            variant = varied(body, number)
            for key, action in actions.items():
                gc.collect()
                started = time.process_time()
                action(variant)
                if number:  # the first round only warms up
                    spent[key].append((time.process_time() - started) * 1000)
            if number:
                for key, milliseconds in stages(varied(body, rounds + 1 + number)).items():
                    staged.setdefault(key, []).append(milliseconds)
        times[name] = {key: median(series) for key, series in spent.items()}
        if _UNIT in actions:
            ratios[name] = {
                key: median(a / b for a, b in zip(series, spent[_UNIT], strict=True))
                for key, series in spent.items()
            }
        steps[name] = {key: median(series) for key, series in staged.items()}
    return times, ratios, steps


def slower(ratios: Medians, accepted: Medians) -> list[str]:
    """Pages on which ``parse()`` costs more beside trafilatura than the accepted run had, in words."""
    found = []
    for name, row in ratios.items():
        now, before = row["gongkai, parse()"], accepted.get(name, {}).get("gongkai, parse()")
        if before is not None and now > before * (1 + TOLERANCE):
            found.append(f"{name}: {now:.2f} of trafilatura's time, accepted was {before:.2f}")
    return found


def _result(times: Medians, ratios: Medians, steps: Medians) -> dict[str, object]:
    def rounded(table: Medians, digits: int) -> Medians:
        return {name: {k: round(v, digits) for k, v in row.items()} for name, row in table.items()}

    libraries = ("lxml", "trafilatura", "pandas")
    return {
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in libraries if find_spec(name)},
        "milliseconds": rounded(times, 2),
        "ratios to trafilatura's default": rounded(ratios, 3),
        "stages in milliseconds": rounded(steps, 2),
    }


def _show(times: Medians, ratios: Medians, steps: Medians) -> None:
    for name, row in times.items():
        click.echo(f"\n{name}")
        for key, milliseconds in row.items():
            ratio = f"{ratios[name][key]:8.2f} ×" if name in ratios else ""
            click.echo(f"  {key:26}{milliseconds:9.1f} ms{ratio}")
        for key, milliseconds in steps[name].items():
            click.echo(f"    {key:24}{milliseconds:9.1f} ms")


@click.command(help=__doc__)
@click.option("--rounds", default=15, show_default=True)
@click.option("--accept", is_flag=True, help="Hold later runs against this one.")
def main(rounds: int, accept: bool) -> None:
    bodies = pages()
    click.echo(", ".join(f"{name}: {len(body) / 1000:.0f} kB" for name, body in bodies.items()))
    times, ratios, steps = measure(bodies, rounds)
    _show(times, ratios, steps)
    OUT.mkdir(exist_ok=True)
    text = json.dumps(_result(times, ratios, steps), ensure_ascii=False, indent=1) + "\n"
    (OUT / "latest.json").write_text(text, encoding="utf-8")
    if accept:
        ACCEPTED.write_text(text, encoding="utf-8")
        click.echo(f"\nwritten: {ACCEPTED.name}")
        return
    if ACCEPTED.exists():
        accepted = json.loads(ACCEPTED.read_text(encoding="utf-8"))["ratios to trafilatura's default"]
        for line in slower(ratios, accepted):
            click.echo(f"SLOWER: {line}")


if __name__ == "__main__":
    main()
