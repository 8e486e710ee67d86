"""The later pass on real SQLite: what is laid over a report depends on nothing but the reports held."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from archive import overlay
from archive.candidates import CellKey
from archive.overlay import Overlay, SettledCell
from archive.records import Document, Report
from archive.rows import report_id
from archive.store import Store
from pipelines import confirm, decode, identities
from pipelines.across import prove
from pipelines.match import Match
from tests.archive import made
from tests.archive.made import put, rows

BUREAU = "中原区统计局"
ROW = ("issued", "repealed", "in_force")


def report(year: int, documents: tuple[int, int, int], *, run: bool = False, **more: Any) -> Report:
    """A bureau's report; its normative documents run together where ``run`` is set."""
    values: dict[tuple[str, str, str], Any] = {
        ("disclosure", "normative_documents", column): value
        for column, value in zip(ROW, documents, strict=True)
    }
    values |= more.pop("values", {})
    one = made.report(
        values,
        agency=more.pop("agency", BUREAU),
        year=year,
        title=f"{BUREAU}{year}年政府信息公开工作年度报告",
        text=more.pop("text", f"{year}年公开了信息。"),
        **more,
    )
    if run:
        raw = "".join(map(str, documents))
        readings = decode.split_readings(raw, 3)
        one = replace(
            one,
            cells=tuple(
                replace(c, value=None, raw=raw, status="ambiguous", readings=readings)
                if (c.table, c.row) == ("disclosure", "normative_documents")
                else c
                for c in one.cells
            ),
        )
    return replace(one, checks=identities.check(one.cells, one.forms))


BEFORE = report(2021, (4, 1, 119))
RUN = report(2022, (8, 7, 120), run=True)
AFTER = report(2023, (0, 11, 109))
RUN_ID = report_id(BUREAU, "410102", 2022)


def url(year: int) -> str:
    return f"http://www.zhongyuan.gov.cn/{year}.html"


def keep(store: Store, one: Report, day: int = 0, body: str | None = None, at: str | None = None) -> None:
    assert one.year is not None
    put(store, at or url(one.year), body or f"{one.year}", one, day=day)


def dump(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    db = sqlite3.connect(path)
    found = made.dump(path)
    for name in ("_base", "_unproved"):
        found[name] = sorted(db.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
    db.close()
    return found


def documents(store: Store, report_: int = RUN_ID) -> tuple[Any, ...]:
    sql = (
        "SELECT issued, repealed, in_force FROM disclosure WHERE report = ? AND line = 'normative_documents'"
    )
    return tuple(rows(store, sql, report_)[0].values())


def statuses(store: Store) -> set[tuple[str, str | None]]:
    found = rows(store, "SELECT status, evidence FROM cell_notes WHERE report = ?", RUN_ID)
    return {(row["status"], row["evidence"]) for row in found}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gongkai.db"


def test_a_line_is_settled_with_its_evidence_and_its_counts(path: Path) -> None:
    with Store(path) as store:
        for one in (BEFORE, RUN, AFTER):
            keep(store, one)
        assert documents(store) == (None, None, None)
        (base,) = rows(store, "SELECT * FROM reports WHERE id = ?", RUN_ID)
        proof = prove(store)
        assert (proof.issuers, proof.changed) == (1, 2)
        assert documents(store) == (8, 7, 120)
        ((status, evidence),) = statuses(store)
        assert status == "inferred"
        assert evidence == (
            "由2021年、2023年报告推定（Y2）：2021年现行有效119＋2022年制发8－废止7＝2022年现行有效120；"
            "2022年现行有效120＋2023年制发0－废止11＝2023年现行有效109"
        )
        (note,) = rows(store, "SELECT raw, readings FROM cell_notes WHERE column_key = 'issued'")
        assert note["raw"] == "87120"
        assert "8|7|120" in note["readings"]
        (row,) = rows(store, "SELECT * FROM reports WHERE id = ?", RUN_ID)
        assert row["figures"] == base["figures"] + 3
        # Y1 in seven columns, Y2 in two lines.
        assert row["checks_passed"] == base["checks_passed"] + 9
        assert (row["verdict"], row["content_hash"]) == ("pass", base["content_hash"])
        assert rows(store, "SELECT * FROM findings") == []


def test_doing_it_again_writes_nothing(path: Path) -> None:
    with Store(path) as store:
        for one in (BEFORE, RUN, AFTER):
            keep(store, one)
        prove(store)
        before, writes = dump(path), store.db.conn.total_changes
        assert prove(store).issuers == 0
        assert store.db.conn.total_changes == writes
        again = prove(store, store.all_agencies())
        assert (again.issuers, again.changed) == (1, 0)
        assert dump(path) == before


@pytest.mark.parametrize("often", [False, True], ids=["proved once", "proved after each"])
def test_the_order_of_the_reports_leaves_no_trace(tmp_path: Path, often: bool) -> None:
    late = report(2024, (3, 2, 111), values={("requests", "carried_in", "total"): 5})
    originals = [BEFORE, RUN, AFTER, late]
    dumps = []
    # Every third of the 24: each report comes first, and each last.
    for number, order in enumerate(list(permutations(originals))[::3]):
        path = tmp_path / str(number) / "gongkai.db"
        with Store(path) as store:
            for one in order:
                keep(store, one)
                if often:
                    prove(store)
            prove(store)
        dumps.append(dump(path))
    assert all(one == dumps[0] for one in dumps)
    assert any("Y1" in row for row in dumps[0]["findings"])


def test_a_cell_goes_back_when_its_evidence_does(path: Path) -> None:
    with Store(path) as store:
        for one in (BEFORE, RUN):
            keep(store, one)
        prove(store)
        first = dump(path)
        assert documents(store) == (8, 7, 120)
        # The issuer alters the year before: no reading fits any more.
        keep(store, report(2021, (4, 1, 700)), day=1, body="other")
        prove(store)
        assert documents(store) == (None, None, None)
        assert statuses(store) == {("ambiguous", None)}
        assert overlay.series(store.db, _agency(store))[1].rows["cell_notes"]
        # And back again: everything is as it was, but for the revisions.
        keep(store, BEFORE, day=2, body="2021")
        prove(store)
        assert documents(store) == (8, 7, 120)
        last = dump(path)
    for name in ("disclosure", "cell_notes", "findings", "_base", "_unproved"):
        assert last[name] == first[name], name


def _agency(store: Store) -> int:
    return int(rows(store, "SELECT id FROM agencies")[0]["id"])


def test_what_is_placed_anew_shows_its_base_until_it_is_proved(path: Path) -> None:
    with Store(path) as store:
        for one in (BEFORE, RUN):
            keep(store, one)
        prove(store)
        keep(store, replace(RUN, text="改过的正文。"), day=1, body="altered")
        assert documents(store) == (None, None, None)
        assert rows(store, "SELECT * FROM _base") == []
        assert rows(store, "SELECT repetition FROM reports WHERE id = ?", RUN_ID)[0]["repetition"] is None
        prove(store)
        assert documents(store) == (8, 7, 120)
        (change,) = rows(store, "SELECT cells_changed, text_changed FROM revisions WHERE number = 2")
        assert change == {"cells_changed": 0, "text_changed": 1}


def test_dedupe_weighs_readings_and_never_what_was_settled(path: Path) -> None:
    mirror = "http://www.zhengzhou.gov.cn/9.html"
    with Store(path) as store:
        for one in (BEFORE, RUN):
            keep(store, one)
        prove(store)
        (held,) = store.candidates(BUREAU, "410102", 2022)
        assert held.figures[CellKey("disclosure", "normative_documents", "issued")].status == "ambiguous"
        # The same report elsewhere: as like as ever.
        keep(store, RUN, body="mirror", at=mirror)
        assert rows(store, "SELECT reason, likeness FROM copies") == [{"reason": "mirror", "likeness": 1.0}]
        prove(store)
        assert documents(store) == (8, 7, 120)
        # One with its boundaries is the better original; nothing of the overlay is in its way.
        keep(store, report(2022, (8, 7, 120)), body="plain", at="http://www.zhengzhou.gov.cn/8.html")
        prove(store)
        assert documents(store) == (8, 7, 120)
        assert statuses(store) == set()
        assert rows(store, "SELECT DISTINCT reason FROM copies") == [{"reason": "mirror"}]


def test_a_killed_pass_is_made_good(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(path) as store:
        for one in (BEFORE, RUN):
            keep(store, one)

        def killed(*_: object) -> int:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Store, "lay", killed)
            with pytest.raises(KeyboardInterrupt):
                prove(store)
        assert len(rows(store, "SELECT * FROM _unproved")) == 1
    with Store(path) as store:
        assert prove(store).changed == 1
        assert documents(store) == (8, 7, 120)
        assert rows(store, "SELECT * FROM _unproved") == []


def test_only_issuers_with_changed_reports_are_proved(path: Path) -> None:
    other = replace(BEFORE, agency="中原区财政局")
    with Store(path) as store:
        keep(store, BEFORE)
        keep(store, other, at="http://www.zhongyuan.gov.cn/c.html")
        assert prove(store).issuers == 2
        keep(store, RUN)
        assert [issuer.name for issuer in store.to_prove()] == [BUREAU]


def test_findings_across_come_last_and_disturb_none(path: Path) -> None:
    values: dict[Any, Any] = {("requests", "received", "total"): 3, ("requests", "carried_in", "total"): 9}
    now = report(2022, (8, 7, 120), values=values)
    with Store(path) as store:
        keep(store, now)
        before = rows(store, "SELECT * FROM findings WHERE report = ? ORDER BY number", RUN_ID)
        assert {row["scope"] for row in before} == {"report"}
        keep(store, BEFORE)
        prove(store)
        after = rows(store, "SELECT * FROM findings WHERE report = ? ORDER BY number", RUN_ID)
        assert after[: len(before)] == before
        (added,) = after[len(before) :]
        assert (added["scope"], added["identity"], added["at"]) == (
            "across",
            "Y1",
            "requests.carried_in.total",
        )
        assert (added["verdict"], added["left"], added["right"], added["blame"]) == ("fail", 0, 9, "issuer")


def test_a_missing_year_is_said_and_never_passes(path: Path) -> None:
    with Store(path) as store:
        keep(store, BEFORE)
        keep(store, AFTER)
        prove(store)
        found = rows(
            store, "SELECT year, identity, f.verdict, message FROM findings f JOIN reports r ON r.id = report"
        )
        assert found == [
            {
                "year": 2023,
                "identity": i,
                "verdict": "not_assessable",
                "message": f"缺少2022年报告，{i} 无法核对",
            }
            for i in ("Y1", "Y2")
        ]
        # The report between makes both assessable.
        keep(store, report(2022, (8, 7, 120)))
        prove(store)
        assert rows(store, "SELECT * FROM findings") == []


TWO = (10, 1, 0, 1, 0, 0, 12)
APPLICANTS = identities.forms.form("2021").tables["requests"].blocks[0].columns


def _carrying(year: int, *, run: bool) -> Report:
    values = {
        ("requests", line, term.key): value
        for line in ("carried_in", "carried_out")
        for term, value in zip(APPLICANTS, TWO, strict=True)
    }
    one = report(year, (0, 0, 119), values=values)
    if not run:
        return one
    raw = "".join(map(str, TWO))
    readings = decode.summed((raw,), 7)
    cells = []
    for cell in one.cells:
        if cell.table == "requests" and cell.row in ("carried_in", "carried_out"):
            place = [term.key for term in APPLICANTS].index(cell.column)
            if len({reading[place] for reading in readings}) > 1:
                shown = tuple("|".join(map(str, reading)) for reading in readings)
                cell = replace(cell, value=None, raw=raw, status="ambiguous", readings=shown)
            else:
                cell = replace(cell, raw=raw, status="inferred")
        cells.append(cell)
    one = replace(one, cells=tuple(cells))
    return replace(one, checks=identities.check(one.cells, one.forms))


def test_a_report_s_own_checks_are_done_again_on_settled_cells(path: Path) -> None:
    with Store(path) as store:
        keep(store, _carrying(2022, run=True))
        base = rows(store, "SELECT checks_passed, checks_not_assessable FROM reports")[0]
        own = rows(store, "SELECT identity, at FROM findings")
        assert base["checks_not_assessable"] == len(own) > 0
        keep(store, _carrying(2021, run=False))
        prove(store)
        (row,) = rows(store, "SELECT * FROM reports WHERE id = ?", RUN_ID)
        assert row["checks_not_assessable"] == 0
        assert row["checks_passed"] == base["checks_passed"] + len(own) + 9
        assert rows(store, "SELECT * FROM findings WHERE report = ?", RUN_ID) == []
        line = rows(store, "SELECT * FROM requests WHERE report = ? AND line = 'carried_in'", RUN_ID)[0]
        assert tuple(line[term.key] for term in APPLICANTS) == TWO
        # The base is untouched beneath: taken off, everything of its own is back.
        agency = _agency(store)
        store.lay(agency, [(one, Overlay()) for one in store.series(agency) if one.report == RUN_ID])
        assert rows(store, "SELECT identity, at FROM findings WHERE report = ?", RUN_ID) == own
        assert rows(store, "SELECT * FROM _base WHERE report = ?", RUN_ID) == []


def _scanned(one: Report) -> Report:
    """The report as its cells come from a scan in which no table was ruled: all of it lines of text."""
    loose = tuple(replace(cell, where="line 7") for cell in one.cells)
    cells = confirm.prove(Document(kind="scan", blocks=(), text=""), Match(one.forms, loose, ())).cells
    return replace(one, cells=cells, checks=identities.check(cells, one.forms))


def test_digits_that_ocr_ran_together_are_not_taken_apart_by_other_years(path: Path) -> None:
    """2 | 20 | 101 read as 220141: of all splits 22 | 0 | 141 alone fits the year before, and it is false."""
    misread = report(2022, (22, 0, 141), run=True)
    with Store(path) as store:
        keep(store, BEFORE)
        keep(store, misread)
        prove(store)
        assert documents(store) == (22, 0, 141)  # from a page's own text, where digits are what they are
        keep(store, _scanned(misread), day=1, body="scan")
        prove(store)
        assert documents(store) == (None, None, None)
        found = rows(
            store, "SELECT DISTINCT status, raw, place FROM cell_notes WHERE line = 'normative_documents'"
        )
        assert found == [{"status": "ambiguous", "raw": "220141", "place": "picture/line 7"}]


def test_a_table_that_ocr_ran_together_is_not_taken_apart_by_other_years(path: Path) -> None:
    with Store(path) as store:
        keep(store, _carrying(2021, run=False))
        keep(store, _scanned(_carrying(2022, run=True)))
        prove(store)
        (line,) = rows(store, "SELECT * FROM requests WHERE report = ? AND line = 'carried_in'", RUN_ID)
        assert {line[term.key] for term in APPLICANTS} == {None}


@pytest.mark.parametrize("proposed", [7, 1], ids=["as it is", "misread"])
def test_a_figure_that_ocr_only_proposed_stays_open_beside_other_years(path: Path, proposed: int) -> None:
    """In Table 2 a year's identity could be solved for one unknown, but the issuer may have broken it."""
    place = CellKey("disclosure", "normative_documents", "repealed")
    where = "page[1]/picture/table[1]/row[4]/cell[3]"
    plain = report(2022, (8, 7, 120))
    cells = tuple(
        replace(
            cell, value=None, raw=str(proposed), status="ambiguous", readings=(str(proposed),), where=where
        )
        if (cell.table, cell.row, cell.column) == place
        else cell
        for cell in plain.cells
    )
    with Store(path) as store:
        for one in (BEFORE, replace(plain, cells=cells), AFTER):
            keep(store, one)
        prove(store)
        assert documents(store) == (8, None, 120)
        (note,) = rows(store, "SELECT status, readings FROM cell_notes")
        assert note == {"status": "ambiguous", "readings": f'["{proposed}"]'}
        assert rows(store, "SELECT DISTINCT verdict FROM findings WHERE identity = 'Y2'") == [
            {"verdict": "not_assessable"}
        ]


def test_only_ambiguous_cells_can_be_settled(path: Path) -> None:
    wrong = SettledCell(CellKey("disclosure", "normative_documents", "issued"), 9, "由…推定")
    with Store(path) as store:
        keep(store, BEFORE)
        [held] = store.series(agency := _agency(store))
        with pytest.raises(ValueError, match="only an ambiguous cell"):
            store.lay(agency, [(held, Overlay(settled=(wrong,)))])
        assert documents(store, report_id(BUREAU, "410102", 2021)) == (4, 1, 119)


PROSE = "\n".join(f"第{n}项工作按照年初的安排已经全部完成{'甲乙丙丁戊己'[n]}。" for n in range(6))


def test_how_much_is_last_year_s(path: Path) -> None:
    with Store(path) as store:
        keep(store, report(2021, (0, 0, 5), text=PROSE))
        keep(store, report(2022, (0, 0, 5), text=PROSE.replace("己", "庚")))
        keep(store, report(2024, (0, 0, 5), text=PROSE))
        prove(store)
        shares = {r["year"]: r["repetition"] for r in rows(store, "SELECT year, repetition FROM reports")}
        assert shares == {2021: None, 2022: 83.3, 2024: None}
        (finding,) = rows(store, "SELECT * FROM findings WHERE kind = 'repeated_prose'")
        assert finding["message"] == "正文 83.3% 的句子与2021年报告相同（不计数字）"


GOVERNMENT = "中原区人民政府"
SAYS = "本报告在汇总全区各部门、各街道年度报告的基础上编制。"


def _received(agency: str, number: int, **more: Any) -> Report:
    return report(2022, (0, 0, 5), agency=agency, values={("requests", "received", "total"): number}, **more)


def _h1(store: Store) -> list[tuple[str, str, str]]:
    sql = "SELECT at, verdict, message FROM findings WHERE identity = 'H1' ORDER BY number"
    return [(row["at"], row["verdict"], row["message"]) for row in rows(store, sql)]


def _place(store: Store, reports: Iterable[Report]) -> None:
    for number, one in enumerate(reports):
        keep(
            store,
            one,
            body=f"{one.agency}{one.year}{number}",
            at=f"http://x.gov.cn/{one.agency}/{one.year}.html",
        )


def _of_government(store: Store) -> dict[str, Any]:
    sql = "SELECT r.* FROM reports r JOIN agencies a ON a.id = r.agency WHERE a.name = ?"
    (row,) = rows(store, sql, GOVERNMENT)
    return row


def test_a_government_is_held_against_the_bodies_below_it(path: Path) -> None:
    whole = _received(GOVERNMENT, 9, text=SAYS)
    with Store(path) as store:
        _place(store, [whole, _received(BUREAU, 4), _received("中原区财政局", 5)])
        passed = _of_government(store)["checks_passed"]
        prove(store)
        assert _h1(store) == []
        assert _of_government(store)["checks_passed"] == passed + 25 + 3
        # A third issuer, known by a report for another year only: nothing can be assessed now.
        _place(store, [replace(_received("中原区审计局", 1), year=2021)])
        prove(store)
        assert [(at, verdict) for at, verdict, _ in _h1(store)] == [("requests", "not_assessable")]
        assert "中原区审计局" in _h1(store)[0][2]
        # Its report arrives: the parts are more than the whole.
        _place(store, [_received("中原区审计局", 1)])
        prove(store)
        assert [(at, verdict) for at, verdict, _ in _h1(store)] == [("requests.received.total", "fail")]
        assert _of_government(store)["verdict"] == "fail"


def test_a_government_that_does_not_say_so_is_not_checked(path: Path) -> None:
    with Store(path) as store:
        _place(store, [_received(GOVERNMENT, 9), _received(BUREAU, 4)])
        prove(store)
        assert rows(store, "SELECT count(*) AS n FROM findings WHERE identity = 'H1'") == [{"n": 0}]


def test_what_a_lower_government_consolidates_is_part_of_the_higher_one(path: Path) -> None:
    city = replace(_received("郑州市人民政府", 9, text=SAYS.replace("区", "市")), division="410100")
    with Store(path) as store:
        _place(store, [city, _received(GOVERNMENT, 9, text=SAYS), _received(BUREAU, 9)])
        assert [issuer.name for issuer in store.to_prove()] == [BUREAU, GOVERNMENT, "郑州市人民政府"]
        prove(store)
        assert _h1(store) == []
        # The county's report stops saying so: what is below it may be missing from the sum.
        put(store, f"http://x.gov.cn/{GOVERNMENT}/2022.html", "later", _received(GOVERNMENT, 9), day=3)
        prove(store)
        messages = [message for _, _, message in _h1(store)]
        assert any("下级政府的报告没有说明是否汇总" in message for message in messages)
