"""The site's pages under readers at once, and its downloads, beside plain Datasette on the same file.

``python -m benchmarks.site [--reports N | --data DIR] [--rounds N] [--accept]``. A generated archive (kept
in ``benchmarks/out``; with ``--data`` one that is there already) is served by ``gongkai serve`` and by
plain Datasette, both real processes on this machine. Each round asks for every kind of page anew; of the
rounds the best counts, because other work on the machine only ever adds. The result goes to
``benchmarks/out/site.json``; ``--accept`` makes it the one that later runs are held against
(``benchmarks/site/accepted.json``).
"""

from __future__ import annotations

import json
import os
import platform
import socket
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import click

from benchmarks.site.pages import Kind, kinds
from benchmarks.site.readers import Stream, Times, download, leave, read
from benchmarks.site.servers import Server, ours, plain
from crawler import synth
from pipelines.items import DATABASE as FILE

OUT = Path(__file__).parents[1] / "out"
ACCEPTED = Path(__file__).with_name("accepted.json")
READERS = 4
#: Times as fast as plain Datasette that a whole table has to be.
TIMES_AS_FAST = 5
#: A p95 that grew by more than this over the accepted run is told.
TOLERANCE = 0.25
#: The table of a row a report and line: 2.5 million rows for 100,000 reports.
TABLE = "requests"
#: Seconds plain Datasette is read for; a whole table takes it minutes.
_PLAIN = 20.0


@dataclass(frozen=True, slots=True)
class Result:
    """One run."""

    pages: Mapping[str, Times]
    plain_page: Times
    csv: Stream
    plain_csv: Stream
    left: float
    """Processor seconds in two that go on when the reader of a download has left."""
    plain_left: float
    files: int
    """How often the database is open a second after that, beyond before."""
    memory: int


def archive(reports: int) -> Path:
    """The folder of the generated archive, made where it is not there."""
    data = OUT / "site" / str(reports)
    path = data / FILE
    if not path.exists():
        click.echo(f"making {reports:,} reports, once")
        synth.make(path, reports, workers=os.cpu_count() or 1)
    return data


def measure(data: Path, asked: Mapping[str, Kind], rounds: int) -> Result:
    """Pages and downloads of both sites."""
    with ours(data) as server:
        pages = _best(server, asked, rounds)
        whole = max((download(server, f"/download/{TABLE}.csv", 600) for _ in range(rounds)), key=_rate)
        # Who leaves for the first time may have been the first to be served by one more thread.
        leave(server, f"/download/{TABLE}.csv", size=2_000_000, after=1, watched=0)
        before = server.open_files(data / FILE)
        left = leave(server, f"/download/{TABLE}.csv", size=2_000_000, after=1, watched=2)
        files, memory = server.open_files(data / FILE) - before, server.memory()
    with plain(data / FILE, _free_port()) as server:
        listed = f"/{(data / FILE).stem}/reports"
        page = _best(server, {"reports": Kind((listed,) * len(asked["front"].paths), 0)}, rounds)["reports"]
        stream = f"/{(data / FILE).stem}/{TABLE}.csv?_stream=on"
        best = max((download(server, stream, _PLAIN) for _ in range(rounds)), key=_rate)
        plain_left = leave(server, stream, size=200_000, after=1, watched=2)
    return Result(pages, page, whole, best, left, plain_left, files, memory)


def _best(server: Server, asked: Mapping[str, Kind], rounds: int) -> dict[str, Times]:
    found: dict[str, list[Times]] = {name: [] for name in asked}
    for name, kind in asked.items():
        read(server, kind.paths[: 2 * READERS], READERS)  # what is kept from one answer to the next
        found[name] += [read(server, kind.paths, READERS) for _ in range(rounds)]
    return {name: min(times, key=lambda one: one.p95) for name, times in found.items()}


def _rate(stream: Stream) -> float:
    return stream.rate


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def missed(result: Result, asked: Mapping[str, Kind]) -> list[str]:
    """Targets that this run does not reach, in words."""
    lines = [
        f"{name}: p95 {times.p95:.0f} ms, {asked[name].target:.0f} are allowed"
        for name, times in result.pages.items()
        if times.p95 > asked[name].target
    ]
    if result.csv.rate < TIMES_AS_FAST * result.plain_csv.rate:
        lines.append(
            f"CSV: {result.csv.rate / result.plain_csv.rate:.1f} × plain Datasette, not {TIMES_AS_FAST}"
        )
    if result.left > 0.1 or result.files > 0:
        lines.append(f"CSV: {result.left:.2f} s of work, {result.files} open files after the reader left")
    return lines


def slower(result: Result, accepted: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Pages that take the processor longer than in the accepted run, in words."""
    return [
        f"{name}: {times.cpu:.1f} ms of processor time, accepted were {accepted[name]['cpu']:.1f}"
        for name, times in result.pages.items()
        if name in accepted and times.cpu > accepted[name]["cpu"] * (1 + TOLERANCE)
    ]


def _rows(data: Path) -> dict[str, int]:
    conn = sqlite3.connect(data / FILE)
    sql = "SELECT sum(n) FROM _count_{}"
    counts = {name: conn.execute(sql.format(name)).fetchone()[0] for name in ("reports", TABLE)}
    conn.close()
    return counts


def _as_json(result: Result, data: Path) -> dict[str, object]:
    def stream(one: Stream) -> dict[str, object]:
        return {**asdict(one), "megabytes_a_second": round(one.rate, 2)}

    def times(one: Times) -> dict[str, float]:
        return {name: round(value, 1) for name, value in asdict(one).items()}

    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "datasette": version("datasette"),
        "cores": os.cpu_count(),
        "readers": READERS,
        "rows": _rows(data),
        "bytes": (data / FILE).stat().st_size,
        "pages": {name: times(one) for name, one in result.pages.items()},
        "plain table page": times(result.plain_page),
        f"{TABLE}.csv": stream(result.csv),
        f"plain {TABLE}.csv": stream(result.plain_csv),
        "processor seconds after the reader left": {
            "ours": round(result.left, 2),
            "plain": round(result.plain_left, 2),
        },
        "memory": result.memory,
    }


def _show_pages(pages: Mapping[str, Times], asked: Mapping[str, Kind]) -> None:
    click.echo(f"{'':38}{'p50':>7}{'p95':>7}{'target':>8}{'cpu':>7}  ms, {READERS} readers")
    for name, one in pages.items():
        click.echo(f"{name:38}{one.p50:7.0f}{one.p95:7.0f}{asked[name].target:8.0f}{one.cpu:7.1f}")


def _show(result: Result, asked: Mapping[str, Kind]) -> None:
    _show_pages(result.pages, asked)
    page = result.plain_page
    click.echo(f"{'plain Datasette, table of reports':38}{page.p50:7.0f}{page.p95:7.0f}{'':8}{page.cpu:7.1f}")
    click.echo(f"whole {TABLE}.csv: {result.csv.rate:.1f} MB/s, {result.csv.bytes:,} bytes")
    ratio = result.csv.rate / result.plain_csv.rate
    click.echo(f"plain Datasette: {result.plain_csv.rate:.2f} MB/s; ours is {ratio:.1f} ×")
    click.echo(
        f"work after the reader left: {result.left:.2f} s in 2; plain Datasette {result.plain_left:.2f} s"
    )
    click.echo(f"memory of the site: {result.memory / 1e6:.0f} MB")


@click.command(help=__doc__)
@click.option("--reports", default=100_000, show_default=True, type=click.IntRange(100))
@click.option(
    "--data",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Folder of an archive to take instead.",
)
@click.option("--only", help="Kinds of page whose name has this (all, if empty) and no downloads.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
@click.option(
    "--each", default=80, show_default=True, type=click.IntRange(8), help="Pages of a kind and round."
)
@click.option("--accept", is_flag=True, help="Hold later runs against this one.")
def main(reports: int, data: Path | None, only: str | None, rounds: int, each: int, accept: bool) -> None:
    data = data or archive(reports)
    asked = kinds(data / FILE, each)
    if only is not None:
        with ours(data) as server:
            asked = {name: kind for name, kind in asked.items() if only in name}
            _show_pages(_best(server, asked, rounds), asked)
            click.echo(f"memory of the site: {server.memory() / 1e6:.0f} MB")
        return
    OUT.mkdir(exist_ok=True)
    result = measure(data, asked, rounds)
    _show(result, asked)
    text = json.dumps(_as_json(result, data), ensure_ascii=False, indent=1) + "\n"
    (OUT / "site.json").write_text(text, encoding="utf-8")
    for line in missed(result, asked):
        click.echo(f"MISSED: {line}")
    if accept:
        ACCEPTED.write_text(text, encoding="utf-8")
        click.echo(f"written: {ACCEPTED.parent.name}/{ACCEPTED.name}")
    elif ACCEPTED.exists():
        accepted = json.loads(ACCEPTED.read_text(encoding="utf-8"))
        if accepted["rows"] == _rows(data):
            for line in slower(result, accepted["pages"]):
                click.echo(f"SLOWER: {line}")


if __name__ == "__main__":
    main()
