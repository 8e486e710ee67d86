from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from archive.site import findings
from archive.site.findings import Filter
from archive.site.memo import Memo
from tests.archive.site.conftest import Get
from tests.archive.site.made import CITY, OTHER, Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Thirty reports of two provinces and an issuer of none, with one to three failed checks each."""
    made = Made(tmp_path)
    for ident, division in ((1, CITY), (2, OTHER), (3, None)):
        made.issuer(ident, f"机关{ident}", division)
    kinds = itertools.cycle(["R1", "R2", "V1", "Y1", "N3", "R1"])
    blames = itertools.cycle(["issuer", "possibly_ours", "issuer", None, "issuer"])
    number = 0
    for agency in (1, 2, 3):
        for year in range(2012, 2022):
            number += 1
            made.report(100 - number, agency, year)
            made.insert(
                "findings",
                report=100 - number,
                number=90,
                kind="identity",
                identity="R1",
                verdict="not_assessable",
            )
            made.insert("findings", report=100 - number, number=91, kind="unit", message="无")
            for n in range(number % 3):
                made.failed(100 - number, n + 1, next(kinds), next(blames))
    return made


FILTERS = [
    Filter(province=province, year=year, identity=identity, blame=blame)
    for province in (None, "河南省", "河北省")
    for year in (None, 2015)
    for identity in (None, "R1", "Y1")
    for blame in (None, "issuer")
] + [Filter(issuer=1), Filter(issuer=3, identity="R2"), Filter(issuer=99)]


@pytest.mark.parametrize("rare", [0, 10_000])
@pytest.mark.parametrize("chosen", FILTERS, ids=repr)
def test_paging_meets_every_failure_once_and_counts_agree(
    made: Made, chosen: Filter, rare: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 3)
    monkeypatch.setattr(findings, "_RARE", rare)
    conn = made.done()
    memo = Memo(made.path)
    expected = {
        (row[0], row[1])
        for row in conn.execute(
            "select f.report, f.number, r.province, r.year, f.identity, f.blame, r.agency "
            "from findings as f join reports as r on r.id = f.report where f.verdict = 'fail'"
        )
        if all(
            wanted in (None, value)
            for wanted, value in zip(
                (chosen.province, chosen.year, chosen.identity, chosen.blame, chosen.issuer),
                row[2:],
                strict=True,
            )
        )
    }
    seen: list[tuple[int, int]] = []
    order: list[tuple[int, int]] = []
    after = None
    while True:
        page = findings.load(conn, chosen, after, memo)
        assert page.total == len(expected)
        for one in page.reports:
            order.append((one.row["year"], one.row["id"]))
            seen += [(check["report"], check["number"]) for check in one.checks]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == expected
    assert order == sorted(order, reverse=True)
    for name, wanted in (("province", chosen.province), ("year", chosen.year), ("identity", chosen.identity)):
        if wanted is not None and expected:
            assert page.counts[name][wanted] == len(expected)
        elif wanted is None:
            assert sum(page.counts[name].values()) == len(expected)


def test_kinds_stand_in_the_order_of_the_documentation() -> None:
    kinds = ["I2", "N1", "H1", "Y2", "Y1", "V1", "R3", "R1", "Z9"]
    assert findings.sort_kinds(dict.fromkeys(kinds, 1)) == [
        "R1", "R3", "V1", "Y1", "Y2", "H1", "N1", "I2", "Z9"
    ]  # fmt: skip


def test_a_filter_that_finds_nothing_stays_chosen(get: Get) -> None:
    page = get("/findings?year=1999&identity=Z9&province=<b>").text
    assert '<option value="1999" selected>1999 (0)</option>' in page
    assert '<option value="Z9" selected>Z9 (0)</option>' in page
    assert '<option value="&lt;b&gt;" selected>&lt;b&gt; (0)</option>' in page
    assert "没有符合条件的不符之处" in page
