"""Rebuild ``divisions.csv`` and ``history.csv`` from the two published lists.

    python -m archive.divisions.build SOURCE_FOLDER [TARGET_FOLDER]

SOURCE_FOLDER holds ``list.json``, ``history.json`` and ``diff.json`` of
mumuy/data_location and ``code-changes.csv`` of lizy14/division-changes (see
``README.md``). ``zones.csv`` is kept by hand and not touched.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

#: The Regulation on government information disclosure is not in force in Hong Kong,
#: Macau and Taiwan; their 中区, 东区 … would only make mainland names ambiguous.
OUTSIDE = ("71", "81", "82", "83")
#: Filler names of the code table, no divisions, or names that say nothing by themselves.
GENERIC = frozenset({"市辖区", "市区", "郊区", "城区", "新区", "矿区", "市郊区", "县", "辖区"})
SUFFIXES = ("省", "市", "县", "区", "州", "旗", "盟")
#: Divisions that ended in 2008 or later by merger, which the list of code changes has not
#: (it follows codes, and these lost theirs). Added by hand from general knowledge, not yet checked
#: one by one against the published decisions; the year is the first without the division.
ENDED = {
    "110103": 2010, "110104": 2010, "120107": 2009, "120108": 2009, "120109": 2009,
    "130103": 2014, "130421": 2016, "130521": 2020, "330621": 2013, "340221": 2020, "340721": 2015,
    "360421": 2017, "361121": 2019, "411023": 2016, "511521": 2018,
    "140202": 2018, "140203": 2018, "140402": 2018, "140411": 2018,
    "310103": 2011, "310108": 2015, "310119": 2009, "320103": 2013, "320107": 2013,
    "320202": 2015, "320203": 2015, "320204": 2015, "320304": 2010, "320405": 2015,
    "320502": 2012, "320503": 2012, "320504": 2012, "320603": 2020, "330103": 2021,
    "330104": 2021, "440116": 2014, "500105": 2026, "500112": 2026, "520114": 2012,
}  # fmt: skip

#: Where the source names the whole prefecture (or a neighbour) as successor of a county that ended
#: in 2008 or later: the district it became. Added by hand, like ``ENDED`` not yet checked.
CORRECTED = {
    "130103": ("130102", "130104"), "130421": ("130402", "130403"), "130521": ("130502", "130503"),
    "140421": ("140404",), "330621": ("330603",), "340221": ("340210",), "340721": ("340706",),
    "360421": ("360404",), "361121": ("361104",), "411023": ("411003",), "430221": ("430212",),
    "511521": ("511504",), "511721": ("511703",),
}  # fmt: skip
#: Prefectures that took a new name under their old code, which the lists do not keep.
RENAMED = {("420600", "襄樊市"): 2010}


def _inside(code: str) -> bool:
    return not code.startswith(OUTSIDE)


def level(code: str) -> str:
    """province, prefecture or county, by the zeros of a six-digit code."""
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def divisions(current: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """code, name, level, parent of every division of today.

    Counties of a municipality and those run by their province directly have no
    prefecture row above them: their parent is the province.
    """
    for code, name in sorted(current.items()):
        if not _inside(code):
            continue
        kind = level(code)
        parent = ""
        if kind == "prefecture":
            parent = code[:2] + "0000"
        elif kind == "county":
            prefecture = code[:4] + "00"
            parent = prefecture if prefecture in current else code[:2] + "0000"
        yield code, name, kind, parent


def _successors(code: str, current: Mapping[str, str], moves: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Codes of today that took over ``code``; moves are followed until a live code is reached."""
    found: list[str] = []
    seen: set[str] = set()
    queue = [code]
    while queue:
        here = queue.pop(0)
        if here in seen:
            continue
        seen.add(here)
        if here in current and here != code:
            found.append(here)
        elif here in current:
            return (code,)
        else:
            queue.extend(moves.get(here, ()))
    return tuple(sorted(found))


def history(
    current: Mapping[str, str],
    former: Mapping[str, str],
    moves: Mapping[str, list[str]],
    changes: Iterable[tuple[str, str, str, str]],
) -> Iterator[tuple[str, str, str, str]]:
    """code, name, successors of today (blank-separated), first year without it (empty if unknown)."""
    names: dict[tuple[str, str], int | None] = {
        (code, name): ENDED.get(code) for code, name in former.items() if code not in current
    }
    names.update(RENAMED)
    follow = {code: list(codes) for code, codes in moves.items()}
    for years, old, new, text in changes:
        before, _, _ = (part.strip() for part in text.partition("->"))
        names[old, before] = int(years[-4:])
        if old != new and not follow.get(old):
            follow[old] = [new]
    follow.update({code: list(codes) for code, codes in CORRECTED.items()})
    for (code, name), until in sorted(names.items()):
        if not _inside(code) or name == current.get(code):
            continue
        successors = tuple(c for c in _successors(code, current, follow) if _inside(c))
        if not successors:
            continue
        usable = name.endswith(SUFFIXES) and name not in GENERIC
        yield code, name if usable else "", " ".join(successors), str(until or "")


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        count = 0
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is the result
            writer.writerow(row)
    return count


def main(source: Path, target: Path) -> None:
    """Write both files; raises ``OSError`` or ``ValueError`` on a folder that is not the source."""

    def load(name: str) -> dict[str, object]:
        loaded = json.loads((source / name).read_text(encoding="utf-8"))
        if not isinstance(loaded, dict):
            raise ValueError(f"{name}: not an object")
        return loaded

    current = {code: str(name) for code, name in load("list.json").items()}
    former = {code: str(name) for code, name in load("history.json").items()}
    moves: dict[str, list[str]] = {}
    for code, codes in load("diff.json").items():
        if not isinstance(codes, list):
            raise ValueError(f"diff.json: {code} is no list")
        moves[code] = [str(c) for c in codes]
    with (source / "code-changes.csv").open(encoding="utf-8", newline="") as handle:
        changes = [(r[0], r[1], r[2], r[3]) for r in csv.reader(handle)]
    one = _write(target / "divisions.csv", ("code", "name", "level", "parent"), divisions(current))
    two = _write(
        target / "history.csv",
        ("code", "name", "successors", "until"),
        history(current, former, moves, changes),
    )
    print(f"divisions.csv: {one} divisions; history.csv: {two} former names and codes")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent)
