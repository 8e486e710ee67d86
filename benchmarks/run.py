"""What gongkai takes, beside the limit and beside what a user would do instead: in one run on one machine.

``python -m benchmarks.run``: reading a page by layout (``parsing``), a whole crawl beside Scrapy that only
downloads and beside reading the same WARCs anew (``throughput``), rows a second of the store beside
executemany (``storing``), and what a report costs in archives of several sizes (``dedupe``), each but the
first in processes of their own. The result goes to ``benchmarks/out/latest.json`` and is held against
``benchmarks/accepted.json``; ``--accept`` puts it there.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from benchmarks import child, memory, parsing, throughput
from benchmarks.pages import REPORTS, VARIANTS, pages

OUT = Path(__file__).with_name("out")
ACCEPTED = Path(__file__).with_name("accepted.json")
#: By how much a figure may be worse before it is told: what is timed by processors within one process
#: repeats, and rates of several processes less so.
TOLERANCE, TOLERANCE_OF_RATES = 0.15, 0.3
#: Archives to which reports come; the last is made with ``--large`` only, in ten minutes.
_HELD, _LARGE = (2_000, 10_000), 100_000

Result = dict[str, Any]
PARTS = ("parsing", "throughput", "storing", "dedupe")


def _rounded(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {name: _rounded(value) for name, value in found.items()}
    return round(found, 3) if isinstance(found, float) else found


def _parsing(rounds: int) -> tuple[Result, list[str]]:
    made = pages()
    sizes = {name: len(variant(0)) for name, variant in made.items()}
    times, steps = parsing.measure(made, rounds)
    result = {
        "bytes": sizes,
        "milliseconds": times,
        "ratios": parsing.ratios(times),
        "stages in milliseconds": steps,
    }
    return result, parsing.report(times, steps, sizes)


def _throughput(reports: int, turns: int) -> tuple[Result, list[str]]:
    found, sizes = throughput.measure(OUT / "course", reports, turns)
    result = {
        "pages": reports,
        "turns": {name: asdict(one) for name, one in found.items()},
        "ratios": throughput.ratios(found),
        "bytes a report": sizes,
    }
    return result, throughput.report(found, sizes)


def _storing(reports: int) -> tuple[Result, list[str]]:
    ran = child.run("benchmarks.storing", OUT, reports, log=OUT / "storing.log")
    found = json.loads((OUT / "storing.json").read_text(encoding="utf-8"))
    found["megabytes"] = ran.peak / 1e6
    return found, ["\nthe store", *(f"  {name:24}{value:12,.2f}" for name, value in found.items())]


def _dedupe(large: bool) -> tuple[Result, list[str]]:
    lines = ["\na report that comes, milliseconds of processor"]
    result: Result = {}
    for size in (*_HELD, *([_LARGE] if large else [])):
        child.run("benchmarks.dedupe", OUT, size, "make", log=OUT / "dedupe.log")
        ran = child.run("benchmarks.dedupe", OUT, size, log=OUT / "dedupe.log")
        found = json.loads((OUT / "dedupe.json").read_text(encoding="utf-8"))
        found["megabytes"] = ran.peak / 1e6
        result[str(size)] = found
        told = ", ".join(f"{name} {value:,.2f}" for name, value in found.items())
        lines.append(f"  to {size:7,} held: {told}")
    return result, lines


def held(result: Result) -> dict[str, tuple[float, bool, float]]:
    """What a run is held to: name → figure, whether more is better, what is tolerated."""
    found: dict[str, tuple[float, bool, float]] = {}
    for page, ratios in result.get("parsing", {}).get("ratios", {}).items():
        for key in parsing.HELD:
            found[f"{page} × {key}"] = (ratios[key], False, TOLERANCE)
    if whole := result.get("throughput"):
        for name, ratio in whole["ratios"].items():
            if name == throughput.MACHINE:
                continue
            found[name] = (ratio, True, TOLERANCE_OF_RATES)
        for name, size in whole["bytes a report"].items():
            found[f"bytes a report, {name}"] = (size, False, TOLERANCE)
        for name, one in whole["turns"].items():
            found[f"{name}: megabytes at most"] = (one["peak"], False, TOLERANCE_OF_RATES)
        crawl = whole["turns"][throughput.CRAWL]
        found["reactor: milliseconds of work at a stretch"] = (crawl["worked"], False, TOLERANCE_OF_RATES)
    if store := result.get("storing"):
        found["store beside executemany"] = (store["beside executemany"], True, TOLERANCE_OF_RATES)
    if dedupe := result.get("dedupe"):
        few, many = (dedupe[str(size)] for size in _HELD)
        for name in (name for name in few if name in many):
            found[f"{name}: {_HELD[1]:,} held beside {_HELD[0]:,}"] = (
                many[name] / few[name],
                False,
                TOLERANCE_OF_RATES,
            )
    return found


def slower(now: Result, accepted: Result) -> list[str]:
    """Figures that are worse than those of the accepted run, in words."""
    was = held(accepted)
    lines = []
    for name, (figure, more_is_better, tolerated) in held(now).items():
        if name not in was:
            continue
        before = was[name][0]
        worse = figure < before / (1 + tolerated) if more_is_better else figure > before * (1 + tolerated)
        if worse:
            lines.append(f"{name}: {figure:,.2f}, accepted was {before:,.2f}")
    return lines


def _about() -> Result:
    libraries = ("lxml", "trafilatura", "pandas", "scrapy", "sqlite-utils", "warcio")
    return {
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "libraries": {name: version(name) for name in libraries if find_spec(name.replace("-", "_"))},
    }


@click.command(help=__doc__)
@click.option(
    "--rounds",
    default=15,
    show_default=True,
    type=click.IntRange(1, VARIANTS // 2 - parsing.WARM),
    help="Turns of each that reads a page.",
)
@click.option("--pages", "reports", default=400, show_default=True, type=click.IntRange(50), help="Crawled.")
@click.option("--turns", default=2, show_default=True, type=click.IntRange(1), help="Of each crawl.")
@click.option("--large", is_flag=True, help=f"Dedupe beside {_LARGE:,} reports as well.")
@click.option(
    "--memory",
    "long",
    type=click.IntRange(100, REPORTS),
    metavar="N",
    help="Only: memory of a crawl of N pages.",
)
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this; may come again.")
@click.option("--accept", is_flag=True, help="Hold later runs against this one.")
def main(
    rounds: int, reports: int, turns: int, large: bool, long: int | None, parts: tuple[str, ...], accept: bool
) -> None:
    OUT.mkdir(exist_ok=True)
    if long is not None:
        found = memory.measure(OUT / "course", long)
        click.echo("\n".join(memory.report(found)))
        said = json.dumps([asdict(one) for one in found], indent=1)
        (OUT / "memory.json").write_text(said + "\n", encoding="utf-8")
        return
    measures: dict[str, Callable[[], tuple[Result, list[str]]]] = {
        "parsing": lambda: _parsing(rounds),
        "throughput": lambda: _throughput(reports, turns),
        "storing": lambda: _storing(min(reports, 200)),
        "dedupe": lambda: _dedupe(large),
    }
    result = _about()
    for name in parts or PARTS:
        result[name], lines = measures[name]()
        click.echo("\n".join(lines))
    text = json.dumps(_rounded(result), ensure_ascii=False, indent=1) + "\n"
    (OUT / "latest.json").write_text(text, encoding="utf-8")
    if accept:
        was = json.loads(ACCEPTED.read_text(encoding="utf-8")) if parts and ACCEPTED.exists() else {}
        text = json.dumps(was | _rounded(result), ensure_ascii=False, indent=1) + "\n"
        ACCEPTED.write_text(text, encoding="utf-8")
        click.echo(f"\nwritten: {ACCEPTED.name}")
    elif ACCEPTED.exists():
        for line in slower(result, json.loads(ACCEPTED.read_text(encoding="utf-8"))):
            click.echo(f"SLOWER: {line}")


if __name__ == "__main__":
    main()
