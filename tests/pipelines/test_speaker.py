"""How an issuer names itself, and that reading for many issuers makes no grammar for each."""

from __future__ import annotations

import pytest

from archive import agencies
from archive.records import Section
from pipelines import speaker, statements
from pipelines.text import core, fold, squeeze


def _facts(text: str, agency: str | None) -> list[str]:
    return [one.fact for one in statements.read([Section(1, "", text)], agency=agency, year=2021)]


@pytest.mark.parametrize(
    ("agency", "own"),
    [
        ("样本县人民政府", "样本县人民政府"),
        ("样本县人民政府", "我县"),
        ("样本县审计局", "我局"),
        ("样本镇人民政府", "样本镇人民政府"),
        (None, "本机关"),
    ],
)
def test_an_issuer_speaks_of_itself(agency: str | None, own: str) -> None:
    assert _facts(f"2021年{own}共收到政府信息公开申请12件。", agency) == ["received"]


@pytest.mark.parametrize("agency", ["样本县审计局", None])
def test_another_issuers_name_is_not_its_own(agency: str | None) -> None:
    assert _facts("2021年邻县审计局共收到政府信息公开申请12件。", agency) == []


def test_the_figure_keeps_the_words_of_its_sentence() -> None:
    text = "样本县审计局收到政府信息公开申请12件。"
    assert statements.read([Section(1, "", text)], agency="样本县审计局")[0].text == text.rstrip("。")


def test_a_thousand_issuers_need_a_grammar_for_each_kind_only() -> None:
    for number in range(1000):
        assert _facts("本机关收到政府信息公开申请3件。", f"样本县第{number}局") == ["received"]
    assert statements._grammar.cache_info().currsize <= len(agencies.KINDS)
    assert speaker.names.cache_info().currsize <= len(agencies.KINDS)


def test_labels_do_not_push_a_pages_text_out_of_memory() -> None:
    text = "本机关，收到 申请。" * 100
    first = squeeze(text)
    for number in range(5000):
        squeeze(f"第（{number}）行")
    assert squeeze(text) is first


@pytest.mark.parametrize("function", [fold, squeeze, core])
def test_a_text_of_any_length_is_folded_alike(function: object) -> None:
    assert callable(function)
    for length in (1, 200, 201, 100_000, 100_001):
        assert set(function("Ａ" * length)) == {"A"}
        assert len(function("Ａ\u200b" * length)) == length
