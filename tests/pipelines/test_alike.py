"""Near copies in an archive: found whichever comes first, undone by decision, gone with their evidence."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from archive import near
from archive.merges import NotMergedError
from archive.records import Report
from archive.rows import document_id, report_id
from archive.store import Store
from pipelines import copies
from pipelines.across import prove
from tests.archive.kept import everything
from tests.archive.made import at, put, report, rows, snapshot
from tests.archive.test_store import sound
from tests.pipelines.test_likeness import long_text

FIGURES = {
    ("requests", "received", "total"): 127,
    ("requests", "granted", "total"): 64,
    ("requests", "concluded", "total"): 121,
    ("requests", "carried_out", "total"): 6,
}
TEXT = long_text(7)


@dataclass(frozen=True)
class Place:
    url: str
    report: Report

    @property
    def document(self) -> int:
        return document_id(self.url, snapshot(self.url, self.url).sha256)

    def put(self, store: Store, *, day: int = 0) -> str:
        return put(store, self.url, self.url, self.report, day=day).action


def other(name: str | None, **given: Any) -> Report:
    made = report(FIGURES, text=TEXT.replace(TEXT[300:303], "某某县", 1), agency=name)
    return replace(made, **given)


OWN = Place("http://www.zhongyuan.gov.cn/1", report(FIGURES, text=TEXT))
OFFICE = Place("http://mirror.gov.cn/8", other("中原区人民政府办公室"))
NOBODY = Place("http://mirror.gov.cn/9", other(None))
NO_YEAR = Place("http://mirror.gov.cn/10", other("中原区人民政府", year=None))
#: On the same template to the letter, with figures of its own.
TEMPLATE = Place(
    "http://www.erqi.gov.cn/1",
    report(
        {**FIGURES, ("requests", "granted", "total"): 65},
        text=TEXT,
        agency="二七区人民政府",
        division="410103",
    ),
)
LAST_YEAR = Place("http://www.zhongyuan.gov.cn/0", other("中原区人民政府", year=2022))
OFFICE_LAST_YEAR = Place("http://www.zhongyuan.gov.cn/00", other("中原区人民政府办公室", year=2022))
SMALL = [
    Place(f"http://x/{n}", report({("requests", "received", "total"): 1}, text=TEXT, agency=f"第{n}局"))
    for n in range(3)
]
REPORT = report_id("中原区人民政府", "410102", 2023)
OFFICES = report_id("中原区人民政府办公室", "410102", 2023)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gongkai.db"


def found(store: Store) -> set[tuple[int, int]]:
    return {(r["report"], r["document"]) for r in rows(store, "SELECT * FROM copies WHERE reason = 'near'")}


def test_a_report_without_an_issuer_is_found_to_be_a_known_one(path: Path) -> None:
    with Store(path) as store:
        OWN.put(store)
        prove(store)
        assert NOBODY.put(store, day=1) == "unassigned"
        assert prove(store).changed == 1
        (copy,) = rows(store, "SELECT * FROM copies")
        assert (copy["report"], copy["document"], copy["reason"]) == (REPORT, NOBODY.document, "near")
        assert copy["likeness"] == 1
        assert 0.98 < copy["text_likeness"] < 1
        assert rows(store, "SELECT * FROM findings WHERE kind = 'near_copy'") == []
        (there,) = rows(store, "SELECT outcome, report FROM documents WHERE id = ?", NOBODY.document)
        assert there == {"outcome": "unassigned", "report": None}, "by itself it is nobody's still"
        once = everything(path)
        assert prove(store, store.all_agencies()).changed == 0
    assert everything(path) == once
    sound(path)


def test_a_report_under_another_issuer_is_told_on_both_sides_and_both_stand(path: Path) -> None:
    with Store(path) as store:
        for place in (OWN, OFFICE):
            assert place.put(store) == "stored"
        prove(store)
        assert found(store) == {(REPORT, OFFICE.document), (OFFICES, OWN.document)}
        told = {r["report"]: r for r in rows(store, "SELECT * FROM findings WHERE kind = 'near_copy'")}
        assert told.keys() == {REPORT, OFFICES}
        assert "与“中原区人民政府办公室”2023年报告几乎相同" in told[REPORT]["message"]
        assert told[REPORT]["scope"] == "across"
        assert len(rows(store, "SELECT id FROM reports")) == 2


@pytest.mark.parametrize(
    "places",
    [(OWN, TEMPLATE), (OWN, LAST_YEAR), (OWN, OFFICE_LAST_YEAR), tuple(SMALL)],
    ids=["one template", "years of one issuer", "other years", "offices without telling figures"],
)
def test_what_is_not_one_report_is_never_joined(path: Path, places: tuple[Place, ...]) -> None:
    with Store(path) as store:
        for place in places:
            assert place.put(store) == "stored"
        prove(store)
        assert rows(store, "SELECT * FROM copies") == []
        assert rows(store, "SELECT * FROM findings WHERE kind = 'near_copy'") == []


def test_an_unknown_year_joins_and_a_report_without_telling_figures_is_not_kept(path: Path) -> None:
    with Store(path) as store:
        OWN.put(store)
        assert NO_YEAR.put(store) == "unassigned"
        SMALL[0].put(store)
        prove(store)
        assert found(store) == {(REPORT, NO_YEAR.document)}
        assert {r["document"] for r in rows(store, "SELECT * FROM _texts")} == {
            OWN.document,
            NO_YEAR.document,
        }


ALL = (OWN, OFFICE, NOBODY, NO_YEAR, TEMPLATE, LAST_YEAR, SMALL[0])


@pytest.mark.parametrize("seed", range(12))
def test_neither_order_nor_when_they_are_proved_leaves_a_trace(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Proved incrementally in any way, or once at the end: the same rows."""
    chance = random.Random(seed)
    paths = [tmp_path_factory.mktemp("near") / "gongkai.db" for _ in range(2)]
    with Store(paths[0]) as store:
        for place in chance.sample(ALL, len(ALL)):
            place.put(store)
            if chance.random() < 0.5:
                prove(store)
        prove(store)
    with Store(paths[1]) as store:
        for place in ALL:
            place.put(store)
        prove(store)
        assert found(store) == {
            *itertools.product([REPORT], [p.document for p in (OFFICE, NOBODY, NO_YEAR)]),
            *itertools.product([OFFICES], [p.document for p in (OWN, NOBODY, NO_YEAR)]),
            # The year before has the same text here, and which year it is of is not known.
            (report_id("中原区人民政府", "410102", 2022), NO_YEAR.document),
        }
    one, other_ = everything(paths[0]), everything(paths[1])
    for name in one:
        assert one[name] == other_[name], name


def test_when_the_evidence_goes_so_does_the_copy(path: Path) -> None:
    with Store(path) as store:
        for place in (OWN, OFFICE, NOBODY):
            place.put(store)
        prove(store)
        changed = report({**FIGURES, ("requests", "granted", "total"): 66}, text=TEXT)
        assert put(store, OWN.url, "corrected", changed, day=5).action == "revised"
        prove(store)
        assert found(store) == {(OFFICES, NOBODY.document)}
        assert rows(store, "SELECT report FROM findings WHERE kind = 'near_copy'") == []
        assert OWN.put(store, day=9) == "revised"
        prove(store)
        assert len(found(store)) == 4
    sound(path)


def test_a_better_parser_that_knows_the_issuer_joins_it_by_that(path: Path) -> None:
    with Store(path) as store:
        OWN.put(store)
        NOBODY.put(store)
        prove(store)
        known = replace(NOBODY.report, agency="中原区人民政府", parser="t2")
        assert put(store, NOBODY.url, NOBODY.url, known, day=2).action == "copied"
        prove(store)
        (copy,) = rows(store, "SELECT * FROM copies")
        # Of two equal ones the address that was known earlier as this report's carries the figures.
        assert (copy["document"], copy["reason"]) == (NOBODY.document, "mirror")
        assert 0.98 < copy["text_likeness"] < 1
        assert {r["document"] for r in rows(store, "SELECT * FROM _texts")} == {OWN.document}
    sound(path)


def test_nothing_is_compared_with_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten issuers on one template: a new one is compared with none of them, for it meets none."""
    from pipelines import alike

    with Store(path) as store:
        for n in range(10):
            values = {cell: value + 7 * n for cell, value in FIGURES.items()}
            put(store, f"http://x/{n}", f"{n}", report(values, text=TEXT, agency=f"第{n}局"))
        prove(store)
        compared: list[object] = []
        monkeypatch.setattr(alike, "decide", lambda *given: compared.append(given))
        put(
            store,
            "http://x/11",
            "11",
            report({cell: value + 1000 for cell, value in FIGURES.items()}, text=TEXT),
        )
        assert prove(store).issuers <= 2
        assert compared == []
        assert near.unsigned(store.db) == []


# -- undone by decision -----------------------------------------------------------------------------


@pytest.mark.parametrize("place", [NOBODY, OFFICE], ids=["nobody's", "another issuer's"])
def test_a_near_copy_is_taken_out_by_decision_and_put_back(path: Path, place: Place) -> None:
    with Store(path) as store:
        for one in (OWN, place):
            one.put(store)
        prove(store)
        before = everything(path)
        moved = copies.split(store, place.document, "另一份", at(5))
        assert (moved.report, moved.before, moved.after) == (REPORT, OWN.document, OWN.document)
        prove(store)
        assert REPORT not in {report for report, _ in found(store)}
        assert rows(store, "SELECT * FROM findings WHERE report = ? AND kind = 'near_copy'", REPORT) == []
        assert rows(store, "SELECT outcome FROM documents WHERE id = ?", place.document) == [
            {"outcome": "unassigned" if place is NOBODY else "current"}
        ], "it stays what it is"
        with pytest.raises(NotMergedError):
            copies.split(store, place.document, "另一份", at(6), report=REPORT)
        prove(store, store.all_agencies())
        assert REPORT not in {report for report, _ in found(store)}, "and stays out"
        copies.join(store, place.document)
        prove(store)
    assert everything(path) == before
    sound(path)


def test_of_several_reports_it_must_be_said_which(path: Path) -> None:
    with Store(path) as store:
        for one in (OWN, OFFICE, NOBODY):
            one.put(store)
        prove(store)
        with pytest.raises(NotMergedError, match="say which"):
            copies.split(store, NOBODY.document, "x", at(5))
        with pytest.raises(NotMergedError, match="no copy of 7"):
            copies.split(store, NOBODY.document, "x", at(5), report=7)
        assert copies.split(store, NOBODY.document, "x", at(5), report=OFFICES).report == OFFICES
        prove(store)
        assert (OFFICES, NOBODY.document) not in found(store)
        assert (REPORT, NOBODY.document) in found(store)
        assert copies.join(store, NOBODY.document).report == OFFICES
