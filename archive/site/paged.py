"""Datasette's pages of a table: in an order that is whole, and found the way that is the least work. Pure.

Datasette orders the first page by the column alone and further ones by the key as well, so that rows of one
year came twice or never. SQLite takes whatever index it meets for the conditions, and sorts all that fit.
"""

from __future__ import annotations

import re

from archive import schema
from archive.derived import counts

#: A filter of Datasette's on one column, its value a parameter.
_FILTER = re.compile(r'(?P<column>"\w+"|\[\w+\]) (?:(?:=|!=|<|<=|>|>=) :\w+|is null|is not null)')

#: What the last page's place adds to the filters; always the last of the conditions.
NEXT = re.compile(
    r"(?: and |where )\("
    r"(?:\S+ is null and .+"
    r"|\S+ is not null or \(\S+ is null and .+\)"
    r"|\S+ [<>] :p\d+(?: or \S+ is null)? or \(\S+ = :p\d+ and .+\)"
    r"|\(\S+ > :p\d+\).*)\)\s*$"
    r"|(?: and |where )\S+ > :p\d+\s*$",
    re.DOTALL,
)

#: ``TableView``: a page of rows in the order of one column.
_SORTED = re.compile(
    r"select \[?\w+\]?(?:, \[?\w+\]?)* from \[?(?P<table>\w+)\]? (?P<where>where .+? )?"
    r"order by (?P<order>\[?(?P<column>\w+)\]?(?: desc)?)(?P<limit> limit \d+)\s*",
    re.DOTALL,
)
#: What a reader's own condition may hold, and with what it is no plain list of a table's rows.
_OTHER = re.compile(r"\b(?:union|intersect|except|group)\b", re.IGNORECASE)
#: Of a further page; of a column that is never empty the middle says nothing, and keeps SQLite from beginning
#: where the page before ended.
_NEVER = re.compile(
    r"(?P<column>\S+) < (?P<value>:p\d+) or (?P=column) is null or \((?P=column) = (?P=value) and "
)


def settled(sql: str) -> str:
    """The same page in an order that leaves nothing open; what is no page of a table is left as it is."""
    page = _SORTED.fullmatch(sql)
    table = known(page["table"], None) if page is not None else None
    if page is not None and table is not None and not _OTHER.search(page["where"] or ""):
        names = {column.name for column in table.columns}
        if page["column"] in names and (page["column"],) != table.key:
            key = ", ".join(f"[{name}]" for name in table.key if name != page["column"])
            sql = f"{sql[: page.end('order')]}, {key}{page['limit']}"
    later = _ROWS.fullmatch(sql)
    table = known(later["table"], None) if later is not None else None
    if later is None or table is None:
        return sql
    required = {column.name for column in table.columns if column.required}

    def shorter(found: re.Match[str]) -> str:
        if found["column"].strip('"[]') not in required:
            return found[0]
        return f"{found['column']} < {found['value']} or ({found['column']} = {found['value']} and "

    return _NEVER.sub(shorter, sql)


#: ``TableView``: a page of the rows that fit, in the order of the table's key.
_ROWS = re.compile(
    r"select \[?\w+\]?(?:, \[?\w+\]?)* from \[?(?P<table>\w+)\]? where (?P<where>.+?)"
    r" order by (?P<order>[\w\[\], ]+) limit (?P<limit>\d+)\s*",
    re.DOTALL,
)


def _order(text: str) -> list[str]:
    return [re.sub(r"[\[\]]", "", name).strip() for name in text.split(",")]


def in_order(sql: str) -> tuple[str, int, str] | None:
    """For a page of rows that fit facets alone: how to ask how many fit of how many, the page's length, and
    the page asked for so that SQLite walks the key and passes over what does not fit.

    By itself it takes the index of the facet and sorts all that fit, be they millions. Walking is better
    as soon as more fit than there are rows to walk until a page is full.
    """
    page = _ROWS.fullmatch(sql)
    # Of a further page the facets alone say how much there is to walk.
    where = NEXT.sub("", page["where"]) if page is not None else ""
    table = known(page["table"], where) if page is not None and where else None
    if page is None or table is None:
        return None
    order = _order(page["order"])
    if order != list(table.key) and not (
        order == [table.sort, *table.key] and table.column(order[0]).indexed
    ):
        return None
    count = (
        f"select coalesce(sum(case when {where} then n end), 0), coalesce(sum(n), 0)"
        f" from {counts.name(table.name)}"
    )
    walked = " and ".join(_unindexed(table, condition.strip()) for condition in where.split(" and "))
    return count, int(page["limit"]), sql.replace(f" where {where}", f" where {walked}", 1)


def _unindexed(table: schema.TableDef, condition: str) -> str:
    """A condition for which no index is taken. The plus sign ends a column's affinity too, so that a number
    would not be told from the text of an address any more; texts are texts either way.
    """
    found = _FILTER.fullmatch(condition)
    text = found is not None and table.column(found["column"].strip('"[]')).type == "text"
    return f"+{condition}" if text else condition


def narrowest(sql: str) -> tuple[str, list[str]] | None:
    """For a page of rows that fit facets alone, in the table's own order, newest first: how to ask how many
    rows each of several conditions leaves, and the page for each, in the order of whose index it is walked.

    By itself SQLite takes any of them; with that of a rare value there is little to pass over.
    """
    page = _ROWS.fullmatch(sql)
    where = NEXT.sub("", page["where"]) if page is not None else ""
    table = known(page["table"], where) if page is not None and where else None
    if page is None or table is None or table.sort is None or not table.sort.startswith("-"):
        return None
    column = table.sort.removeprefix("-")
    if _order(page["order"]) != [f"{column} desc", *table.key]:
        return None
    conditions = {condition.strip(): _column(condition) for condition in where.split(" and ")}
    led = [one for one, of in conditions.items() if (of, table.sort) in table.indices and _ONE.search(one)]
    within = [one for one, of in conditions.items() if of == column]
    if not led or len(conditions) == 1:
        return None
    asked = (f"coalesce(sum(case when {' and '.join([one, *within])} then n end), 0)" for one in led)
    pages = []
    for one in led:
        walked = " and ".join(each if each == one else _unindexed(table, each) for each in conditions)
        pages.append(sql.replace(f" where {where}", f" where {walked}", 1))
    return f"select {', '.join(asked)} from {counts.name(table.name)}", pages


#: A condition that leaves one value.
_ONE = re.compile(r" (?:= :\w+|is null)\s*$")


def _column(condition: str) -> str:
    found = _FILTER.fullmatch(condition.strip())
    return "" if found is None else found["column"].strip('"[]')


def known(name: str, where: str | None) -> schema.TableDef | None:
    """The table, if every condition is on one of its facets."""
    table = next((table for table in schema.TABLES if table.name == name), None)
    if table is None:
        return None
    for condition in (where or "").split(" and ") if where else ():
        found = _FILTER.fullmatch(condition.strip())
        if found is None or found["column"].strip('"[]') not in table.facets:
            return None
    return table
