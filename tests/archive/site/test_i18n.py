from __future__ import annotations

import re
from pathlib import Path

import pytest

import archive.site
from archive import forms
from archive.queries import QUERIES
from archive.records import VALUED
from archive.site import i18n
from archive.site.i18n import Words

SITE = Path(archive.site.__file__).parent


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.3,zh;q=0.7", "zh"),
        ("de,fr", "zh"),
        ("de, en;q=0.5", "en"),
        ("en;q=nonsense", "zh"),
        ("en;q=0", "zh"),
        (";;;,,=", "zh"),
    ],
)
def test_accept_language(header: str, lang: str) -> None:
    assert i18n.accepted(header) == lang


def test_both_languages_fill_in_the_same_names() -> None:
    for key in i18n.all_keys():
        texts = [re.findall(r"\{(\w+)\}", Words(lang)(key)) for lang in i18n.LANGS]
        assert sorted(texts[0]) == sorted(texts[1]), key


def test_templates_use_only_words_there_are() -> None:
    for template in (SITE / "templates").glob("*.html"):
        for key in re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", template.read_text(encoding="utf-8")):
            assert key in i18n.all_keys(), f"{template.name}: {key}"


@pytest.mark.parametrize(
    "status", ["exact", "blank", "dash", "inferred", "ambiguous", "unreadable", "missing"]
)
def test_every_status_is_named_and_explained(status: str) -> None:
    assert {f"status.{status}", f"legend.{status}"} <= i18n.all_keys()
    if status not in VALUED and status != "dash":
        assert f"mark.{status}" in i18n.all_keys()


def test_every_identity_has_a_sentence() -> None:
    for identity in ("R1", "R2", "R3", "V1", "Y1", "Y2", "Y3"):
        assert {f"check.{identity}", f"identity.{identity}"} <= i18n.all_keys()


def test_tables_of_the_form_are_called_as_the_form_calls_them() -> None:
    for name in forms.TABLES:
        assert Words("zh")(f"table.{name}") == forms.form("2021").tables[name].zh
    assert len(QUERIES) >= 4


def test_an_unknown_key_is_an_error_and_an_unknown_code_is_itself() -> None:
    with pytest.raises(KeyError):
        Words("zh")("no.such.key")
    assert Words("zh").code("coverage", "something_new") == "something_new"
