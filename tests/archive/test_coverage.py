"""Who filed in time, who late, who not at all, and where nobody can know."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archive import coverage, wording
from archive.agencies import deadline, kind_of
from archive.records import Check
from archive.store import Store
from tests.archive.made import put, report, rows

TODAY = date(2025, 2, 15)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("郑州市二七区人民政府", "government"),
        ("某省人民政府", "government"),
        ("淮安市", "government"),
        ("廊坊市人民政府办公室", "office"),
        ("上海市人民政府办公厅", "office"),
        ("路桥区财政局", "department"),
        ("国家发展和改革委员会", "department"),
        ("某市卫生健康委", "department"),
        ("某县东通化街道办事处", "township"),
        ("东通化街道", "township"),
        ("某县某镇人民政府", "township"),
        ("某民族乡人民政府", "township"),
        ("长沙高新技术产业开发区管理委员会", "zone"),
        ("长沙高新区", "zone"),
        ("平潭综合实验区", "zone"),
        ("某区财政局（国资局）", "department"),
        ("某某", "other"),
    ],
)
def test_kind_of_an_issuer(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_deadlines_follow_the_regulation_in_force() -> None:
    assert deadline("department", 2023) == date(2024, 1, 31)
    assert deadline("government", 2023) == date(2024, 3, 31)
    assert deadline("township", 2019) == date(2020, 1, 31)
    assert deadline("department", 2018) == date(2019, 3, 31)  # the regulation of 2008


def test_every_year_from_the_first_to_the_archive_s_last(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        government = {"agency": "中原区人民政府"}
        put(store, "http://a/1", "1", report(year=2021, published_on=date(2022, 3, 31), **government))
        put(store, "http://a/2", "2", report(year=2022, published_on=date(2023, 4, 2), **government))
        bureau = {"agency": "中原区财政局"}
        put(store, "http://a/3", "3", report(year=2021, published_on=None, **bureau))
        put(store, "http://a/4", "4", report(year=2023, published_on=date(2024, 2, 1), **bureau))
        put(store, "http://a/5", "5", report(year=2024, published_on=date(2025, 1, 20), **bureau))
        assert store.refresh_coverage(TODAY) == 7
        sql = """
            SELECT a.name, c.year, c.status, c.days_late, c.deadline FROM coverage AS c
            JOIN agencies AS a ON a.id = c.agency ORDER BY a.name, c.year
        """
        table = [tuple(row.values()) for row in rows(store, sql)]
        assert table == [
            ("中原区人民政府", 2021, "filed", None, "2022-03-31"),
            ("中原区人民政府", 2022, "late", 2, "2023-03-31"),
            ("中原区人民政府", 2023, "missing", None, "2024-03-31"),
            # 2024 is not due before 31 March 2025, so nothing is said of it
            ("中原区财政局", 2021, "undated", None, "2022-01-31"),
            ("中原区财政局", 2022, "missing", None, "2023-01-31"),
            ("中原区财政局", 2023, "late", 1, "2024-01-31"),
            ("中原区财政局", 2024, "filed", None, "2025-01-31"),
        ]
        assert store.refresh_coverage(TODAY) == 0
        assert list(coverage.wrong(store.db, TODAY)) == []
        # Looked at in April, after a visit in April that left it as it was.
        [line] = coverage.wrong(store.db, date(2025, 4, 2))
        assert line.endswith(" 2024: nothing as stored, missing by its reports")
        # A portal that shuts us out: what is not known is not missing.
        store.set_portal_status("zhongyuan", "blocked:challenge")
        assert store.refresh_coverage(TODAY) == 2
        assert rows(store, "SELECT DISTINCT status FROM coverage WHERE report IS NULL") == [
            {"status": "blocked"}
        ]
        # Later the government's report of 2024 is overdue too.
        store.set_portal_status("zhongyuan", "ok")
        assert store.refresh_coverage(date(2025, 4, 1)) == 3


def test_sentences_quote_as_chinese_does() -> None:
    check = Check("R1", "requests.refused_public_safety", "fail", 1, 2, "issuer")
    assert wording.sentence(check) == "“3.危及‘三安全一稳定’”一行：各类申请人之和 1 ≠ 总计 2"
    column = Check("R2", "requests.*.natural_person", "fail", 3, 4)
    assert wording.sentence(column) == "自然人列：第一项加第二项之和 3 ≠ 第三项加第四项之和 4"
    procedure = Check("V1", "reviews.reconsideration", "fail", 11, 0, "issuer")
    assert wording.sentence(procedure).endswith("一行：各项结果之和 11 ≠ 总计 0")
    assert wording.sentence(Check("Z9", "somewhere", "fail", 1, None)) == "somewhere：左边 1 ≠ 右边 （无）"


def test_nothing_stored_is_nothing_covered(tmp_path: Path) -> None:
    with Store(tmp_path / "gongkai.db") as store:
        assert store.refresh_coverage(TODAY) == 0
