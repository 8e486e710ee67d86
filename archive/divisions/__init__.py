"""Administrative divisions of China, their former names, and development zones.

``DEFAULT`` is the packaged registry; the functions below ask it. Code that may
meet other divisions (the demonstration's are invented) takes a ``Divisions``
object instead: ``DEFAULT.with_extra(rows)``. Sources and codes: ``README.md``.
"""

from __future__ import annotations

from archive.divisions.registry import Division, Divisions, Match

__all__ = [
    "DEFAULT",
    "Division",
    "Divisions",
    "Match",
    "chain",
    "find",
    "full_name",
    "get",
    "province",
    "resolve",
    "rows",
    "with_extra",
]

DEFAULT = Divisions.load()

rows = DEFAULT.rows
get = DEFAULT.get
chain = DEFAULT.chain
province = DEFAULT.province
full_name = DEFAULT.full_name
find = DEFAULT.find
resolve = DEFAULT.resolve
with_extra = DEFAULT.with_extra
