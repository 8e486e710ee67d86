"""``docs/portals.md``, from the registry: ``python -m spiders.coverage > docs/portals.md``."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

from archive.divisions import DEFAULT
from spiders.portals import COUNTRY, Portal, load

#: Where the list groups portals of no division.
_CENTRE = "国务院部门"
_ADDRESS = re.compile(r"https?://[^\s()]+")

_INTRODUCTION = """# Portals

Generated from `spiders/portals/*.yml` by `python -m spiders.coverage > docs/portals.md`; do not edit.

{portals} portals over {provinces} of 31 provinces and {families} CMS families, {ministries} of them of the
central government. {status}.

An entry is `unverified` until a crawl of the live portal has confirmed it: it was written from an address
that public documentation, public code or a stored page shows, and nobody has asked the portal yet.

- **address**: the evidence is the report column itself.
- **derived**: the evidence is a report; its column's address follows from it by the rule of its family
  (`/art/…/art_N_….html` → `/col/colN/index.html`, `dir/202401/t20240129_….html` → `dir/`, …).
- **named**: a report says at which address its column is.

## How to confirm one

1. `gongkai portals show KEY` says what will be asked, how fast, and who is said to be asking.
2. `GONGKAI_CONTACT=you@example.org gongkai crawl KEY --sample 3` asks for the column and three reports.
3. `gongkai portals detect URL` looks again where the column has moved, and prints an entry.
4. Set `status: ok` and, once a whole crawl is through, `expect: {{reports_min: N}}`; give the column's own
   address as `evidence`. A portal that turns robots away stays, as `blocked:robots` or `blocked:<kind>`.

A new portal of a known family is one more file of about eight lines; `gongkai portals check` validates it.
"""


def document(portals: Iterable[Portal]) -> str:
    """The whole document, in Markdown."""
    registry = sorted(portals, key=lambda portal: (portal.division, portal.key))
    provinces = Counter(province_of(portal) for portal in registry)
    families = Counter(portal.family for portal in registry)
    status = Counter(portal.status for portal in registry)
    introduction = _INTRODUCTION.format(
        portals=len(registry),
        provinces=len(provinces.keys() - {_CENTRE}),
        families=len(families),
        ministries=provinces[_CENTRE],
        status=", ".join(f"{number} {name}" for name, number in status.most_common()).capitalize(),
    )
    return "\n".join(
        (
            introduction,
            "## By province and family\n",
            _coverage(registry),
            "\n## All portals\n",
            _list(registry),
            "",
        )
    )


def province_of(portal: Portal) -> str:
    """The province a portal is in, or 国务院部门; raises ``ValueError`` for an unknown division."""
    if portal.division == COUNTRY:
        return _CENTRE
    province = DEFAULT.province(portal.division)
    if province is None:
        raise ValueError(f"{portal.key}: no division {portal.division}")
    return province


def _coverage(registry: list[Portal]) -> str:
    cells = Counter((province_of(portal), portal.family) for portal in registry)
    families = [name for name, _ in Counter(portal.family for portal in registry).most_common()]
    provinces = list(dict.fromkeys(province_of(portal) for portal in registry))
    rows = [
        [province, *(str(cells[province, family] or "") for family in families), str(_sum(cells, province))]
        for province in provinces
    ]
    totals = [str(sum(cells[province, family] for province in provinces)) for family in families]
    rows.append(["**all**", *totals, str(len(registry))])
    return _table(["", *families, "all"], rows)


def _sum(cells: Counter[tuple[str, str]], province: str) -> int:
    return sum(count for (where, _), count in cells.items() if where == province)


def _list(registry: list[Portal]) -> str:
    rows = [
        [
            f"`{portal.key}`",
            portal.name,
            province_of(portal),
            portal.family,
            "<br>".join(f"[{number}]({_safe(url)})" for number, url in enumerate(portal.start, 1)),
            _evidence(portal.evidence),
            portal.status,
        ]
        for portal in registry
    ]
    return _table(["key", "name", "province", "family", "column", "evidence", "status"], rows)


def _evidence(text: str) -> str:
    """A link whose text is how the address supports the entry."""
    address = _ADDRESS.search(text)
    if address is None:
        return text
    kind = "derived" if text.startswith("derived") else "named" if text.startswith("named") else "address"
    return f"[{kind}]({_safe(address[0])})"


def _safe(url: str) -> str:
    """An address that cannot end a Markdown link or a cell of a table."""
    return quote(url, safe=":/?#[]@!$&'*+,;=%-._~")


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(document(load().values()))
