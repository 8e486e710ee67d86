"""A database of a few issuers in real divisions, with whatever reports, findings and years a test wants."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.derived import totals
from archive.store import Store

#: Division codes of 河南省, 郑州市, 二七区, 河北省: in the packaged list.
PROVINCE, CITY, DISTRICT, OTHER = "410000", "410100", "410103", "130000"
NAMES = {PROVINCE: "河南省", CITY: "河南省", DISTRICT: "河南省", OTHER: "河北省"}


@cache
def _empty() -> bytes:
    """A new archive's file: making one enters three thousand divisions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gongkai.db"
        with Store(path):
            pass
        return path.read_bytes()


class Made:
    """An archive that rows are put into."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gongkai.db"
        self.path.write_bytes(_empty())
        self.db = sqlite3.connect(self.path)

    def insert(self, table: str, **values: Any) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        self.db.execute(f'insert into "{table}" ({names}) values ({marks})', list(values.values()))

    def issuer(self, ident: int, name: str, division: str | None, kind: str = "government") -> None:
        self.insert(
            "agencies", id=ident, name=name, division=division, province=NAMES.get(division or ""), kind=kind
        )

    def report(self, ident: int, agency: int, year: int, **more: Any) -> None:
        division = self.db.execute("select division from agencies where id = ?", (agency,)).fetchone()[0]
        values = {"title": f"{year}年报告", "verdict": "pass", "published_on": f"{year + 1}-01-20", **more}
        self.insert(
            "reports",
            id=ident,
            agency=agency,
            year=year,
            division=division,
            province=NAMES.get(division or ""),
            **values,
        )

    def figures(self, report: int, table: str, lines: Mapping[str, Mapping[str, int | float | None]]) -> None:
        for line, cells in lines.items():
            self.insert(table, report=report, line=line, **cells)

    def failed(
        self, report: int, number: int, identity: str, blame: str | None = "issuer", **more: Any
    ) -> None:
        values = {
            "at": "requests.received",
            "left": 21,
            "right": 27,
            "message": f"{identity} {number}",
            **more,
        }
        self.insert(
            "findings",
            report=report,
            number=number,
            kind="identity",
            identity=identity,
            verdict="fail",
            blame=blame,
            **values,
        )
        self.db.execute("update reports set verdict = 'fail' where id = ?", (report,))

    def year(self, agency: int, year: int, status: str, **more: Any) -> None:
        self.insert("coverage", agency=agency, year=year, status=status, **more)

    def done(self) -> sqlite3.Connection:
        """Commit, and a connection that only reads."""
        totals.rebuild(Database(self.db))  # the rows were put in past the store
        self.db.commit()
        return sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)
