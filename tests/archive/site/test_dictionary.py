from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from archive import agencies, forms, schema
from archive.forms import indicators
from archive.site import dictionary, filing
from archive.site.i18n import Words, all_keys
from tests.archive.site.conftest import Get


def test_every_table_column_line_and_code_is_explained(get: Get) -> None:
    for lang in ("zh", "en"):
        page = get("/dictionary", lang).text
        for table in schema.TABLES:
            assert f'id="t-{table.name}"' in page
            part = page[page.index(f'id="t-{table.name}"') :].split("</table>")[0]
            for column in table.columns:
                assert f"<code>{column.name}</code>" in part, (table.name, column.name)
                assert column.zh in part or table.name in forms.TABLES
        for name in forms.TABLES:
            part = page[page.index(f'id="f-{name}"') :].split("<h3")[0]
            for kind in ("rows", "columns"):
                for key, term in forms.terms(name)[kind].items():
                    assert f"<code>{key}</code>" in part
                    assert term.en in part.replace("&#39;", "'").replace("&amp;", "&")
        for key in indicators.national().lines:
            assert f"<code>{key}</code>" in page


def test_wordings_stand_under_the_form_that_has_them() -> None:
    disclosure = next(form for form in dictionary.statutory(Words("zh")) if form.key == "disclosure")
    rows = {line.key: line.wordings for line in disclosure.rows}
    assert rows["normative_documents"] == ("规范性文件", "行政规范性文件")
    assert rows["procurement"][1] == ""
    columns = {line.key: line.wordings for line in disclosure.columns}
    assert columns["in_force"] == ("", "现行有效件数")


def test_codes_are_those_of_the_archive() -> None:
    codes = dict(dictionary.CODES)
    assert codes["kind"] == agencies.KINDS
    assert codes["coverage"] == filing.STATUSES
    for prefix, values in dictionary.CODES:
        for value in values:
            assert f"{prefix}.{value}" in all_keys()
    for identity in dictionary.IDENTITIES:
        assert f"identity.{identity}" in all_keys()
    assert {i.key for i in indicators.national().identities} <= set(dictionary.IDENTITIES)


def test_links_within_the_page_lead_somewhere(get: Get) -> None:
    page = get("/dictionary").text
    for anchor in re.findall(r'href="#([\w-]+)"', page):
        assert f'id="{anchor}"' in page, anchor


def test_codes_in_the_sample_are_all_explained(archive_db: Path) -> None:
    conn = sqlite3.connect(archive_db)
    codes = dict(dictionary.CODES)
    for sql, prefix in (
        ("select kind from agencies", "kind"),
        ("select verdict from reports", "verdict"),
        ("select status from coverage", "coverage"),
        ("select outcome from documents", "outcome"),
        ("select distinct level from divisions", "level"),
    ):
        assert {row[0] for row in conn.execute(sql)} - {None} <= set(codes[prefix])
