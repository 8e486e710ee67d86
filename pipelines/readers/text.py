"""Plain text → Document: the lines as they are, blank ones included.

Flattened tables are read by counting lines, so nothing is trimmed or joined in
the one block; only ``Document.text`` is cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.records import Document, Paragraph
from pipelines.readers import lines, messages
from pipelines.readers.errors import UnreadableError
from pipelines.readers.flatlines import without_tables
from pipelines.text import calm

#: Characters of one text: a long report has 60,000.
MAX_CHARACTERS = 2 * 1024 * 1024
#: Lines at the top where ``标题:`` and the like may stand.
_HEAD = 15
_FIELD = re.compile(
    r"\s*(?P<key>标\s*题|发布时间|发布日期|文\s*号|发布机构|栏\s*目|来\s*源|原文链接|链接|作者|索\s*引\s*号|发文机关|成文日期|"
    r"本地目录|目录名称|URL|Title|Date|Source)\s*[:：]\s*(?P<value>.*)",
    re.I,
)
_RULE = re.compile(r"\s*[=＝—*#_-]{5,}.*|页面链接.*links\.tsv.*|\s*#(?:URL|NOTE)\b.*")
_TITLE_KEYS = ("标题", "title")
_DATE_KEYS = ("发布时间", "发布日期", "date")
_SOURCE_KEYS = ("发布机构", "来源", "发文机关", "source")


def read(text: str, notes: Sequence[str] = ()) -> Document:
    """Read decoded plain text; raises ``UnreadableError`` if it is too long."""
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(messages.text_too_large(len(text), MAX_CHARACTERS))
    whole = calm(text.replace("\r\n", "\n").replace("\r", "\n"))
    rows = whole.split("\n")
    fields, start = _fields(rows)
    body = rows[start:]
    return Document(
        kind="text",
        blocks=(Paragraph(whole, "line 1"),),
        text="\n".join(without_tables(lines.without_chrome(body))),
        title=_first(fields, _TITLE_KEYS) or lines.find_title(body),
        published=_first(fields, _DATE_KEYS) or lines.published(whole),
        source=_first(fields, _SOURCE_KEYS) or lines.source("\n".join(body)),
        meta=fields,
        breadcrumb=next((steps for steps in map(lines.breadcrumb, body[:20]) if steps), ()),
        notes=tuple(notes),
    )


def _fields(rows: Sequence[str]) -> tuple[dict[str, str], int]:
    """``key: value`` lines at the top, and the index of the line after them.

    Only an unbroken run from the first line on counts, and only if it is more
    than a single line: a report may begin with 来源：… on a page's own line.
    """
    fields: dict[str, str] = {}
    end = 0
    for index, row in enumerate(rows[:_HEAD]):
        match = _FIELD.fullmatch(row)
        if match:
            fields.setdefault(re.sub(r"\s", "", match["key"]).lower(), match["value"].strip())
        elif not _RULE.fullmatch(row) and row.strip():
            break
        end = index + 1
    return (fields, end) if len(fields) >= 2 else ({}, 0)


def _first(fields: dict[str, str], keys: Sequence[str]) -> str | None:
    return next((fields[key] for key in keys if fields.get(key)), None)
