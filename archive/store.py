"""The only writer of the database.

Every method that writes is one transaction: whole or not at all. What dedupe
decides (``pipelines.dedupe``) is carried out here and decided nowhere here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache, wraps
from pathlib import Path
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlite_utils import Database

from archive import bulk, coverage, divisions, known, ledger, lock, originals, overlay, statements, times
from archive.candidates import Arrangement, Candidate, Decision, Held, Outcome
from archive.derived import search
from archive.errors import BusyError, making, named
from archive.migrations import connect
from archive.placing import held_for, parts_of, place, place_parts, rearrange
from archive.records import Snapshot
from archive.rows import Reading, document_id
from archive.schema import SCHEMA_VERSION

#: Seconds to wait for another program's lock: longer than any checkpoint or copy takes to begin.
TIMEOUT = 5.0
#: The same for a transaction of our own process that writes beside this one: it ends, however slow the disk.
PATIENCE = 60.0


@cache
def _packaged() -> frozenset[str | None]:
    """Codes of the packaged list of divisions."""
    return frozenset(row["code"] for row in divisions.rows())


P = ParamSpec("P")
T = TypeVar("T")


def _alone(method: Callable[Concatenate[Store, P], T]) -> Callable[Concatenate[Store, P], T]:
    """A method of the store that has its connection to itself."""

    @wraps(method)
    def within(store: Store, /, *given: P.args, **named: P.kwargs) -> T:
        with store.alone():
            return method(store, *given, **named)

    return within


class Store:
    """An archive open for writing, by this process and those that it lends it to.

    Raises the errors of ``archive.errors``: ``BusyError`` while another process
    writes, ``WrongArchiveError`` where a demonstration meets real data or the
    reverse, ``NewerSchemaError``, ``ReadOnlyError``, ``DiskFullError``. Its methods may be
    called from several threads, which then wait for each other; who uses ``db`` itself
    beside other threads does so within ``alone``.

    ``lent``: the process that began this one holds the archive for both (``lend``). Each then has a
    connection and waits for the other's transactions.
    """

    def __init__(
        self, path: Path | str, *, demo: bool = False, timeout: float = TIMEOUT, lent: bool = False
    ) -> None:
        self.path = Path(path)
        self._locked = not lent
        self._patience = 0.0
        self.demo = demo
        self._users = 1
        self._turn = RLock()
        self._extra: list[dict[str, Any]] | None = None
        with making(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._locked:
            lock.acquire(self.path, timeout=timeout)
        try:
            kind = "demonstration" if demo else "archive"
            self.db: Database = connect(self.path, kind=kind, timeout=timeout)
            with self._writing():
                ledger.put_lines(self.db)
                ledger.put_divisions(self.db, divisions.rows())
                self._tell("name", "gongkai")
                self._tell("kind", kind)
                self._tell("schema_version", str(SCHEMA_VERSION))
            statements.small(self.db)
        except BaseException:
            self._unlock()
            raise

    @classmethod
    def shared(cls, path: Path | str, *, demo: bool = False) -> Store:
        """This process's one store on ``path``: opened for the first who asks, closed by the last."""
        whole = Path(path).absolute()
        store = _shared.get(whole)
        if store is None:
            store = _shared[whole] = cls(path, demo=demo)
        elif store.demo != demo:
            raise ValueError(f"{path} is open in this process with demo={store.demo}")
        else:
            store._users += 1
        return store

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive; a shared one when its last user has closed it."""
        self._users -= 1
        if self._users:
            return
        if _shared.get(self.path.absolute()) is self:
            del _shared[self.path.absolute()]
        self.db.close()
        self._unlock()

    def lend(self) -> None:
        """From now on a process of ours may write beside this one, and its transactions are waited for.

        Whoever gave up after the usual seconds would end a crawl for nothing.
        """
        self._patience = PATIENCE

    def _unlock(self) -> None:
        if self._locked:
            lock.release(self.path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other thread's statement comes in between: one connection has one transaction."""
        with self._turn:
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._turn, named(self.path), statements.transaction(self.db, patience=self._patience):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything written within is one transaction; an exception undoes it."""
        with self._writing():
            yield

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Fill a new archive within, to be thrown away unless this comes to its end (``bulk.afresh``)."""
        with self._turn, named(self.path), bulk.afresh(self.db):
            yield

    def settle(self) -> None:
        """Bring all that was written into the database's one file, so that it may be moved.

        Closing does it too, but says nothing where the disk has no room for it: the rest then stays in
        SQLite's log beside the file. Raises ``DiskFullError``, and ``BusyError`` if somebody reads.
        """
        with self._turn, named(self.path):
            busy, _, _ = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise BusyError(f"{self.path}: somebody reads it, so it cannot be brought into one file")

    # What is held

    @_alone
    def known(self, portal: str) -> frozenset[str]:
        """Addresses of a portal's originals that an incremental crawl leaves alone (``archive.known``)."""
        return known.addresses(self.db, portal)

    @_alone
    def candidates(self, agency: str, division: str | None, year: int) -> list[Candidate]:
        """The originals held for one issuer and year, as dedupe weighs them."""
        return held_for(self.db, agency, division, year)

    @_alone
    def held_at(self, url: str) -> list[Held]:
        """Everything held from one address, whatever became of it."""
        return originals.held_at(self.db, url)

    @_alone
    def report_at(self, url: str) -> tuple[str, str | None, int] | None:
        """Issuer, division code and year of the report an address shows; ``None`` where it is not certain."""
        return originals.report_at(self.db, url)

    @_alone
    def waiting_for(self, page: str) -> list[int]:
        """Files that hang on a page and are assigned to no report."""
        return originals.waiting_for(self.db, page)

    def original(self, document: int, folder: Path) -> Snapshot | None:
        """An original read back from the WARCs in ``folder``; ``None`` if it never had a WARC record."""
        with self._turn:
            row = statements.get(self.db, "documents", "id", document)
            parts = parts_of(self.db, document)
        return originals.load(row, folder, (self.original(key, folder) for key in parts))

    @_alone
    def extra_divisions(self) -> list[dict[str, Any]]:
        """Divisions of this archive that the packaged list has not, e.g. a demonstration's invented ones."""
        if self._extra is None:
            held = statements.rows(self.db, "SELECT * FROM divisions")
            self._extra = [row for row in held if row["code"] not in _packaged()]
        return [dict(row) for row in self._extra]

    # What reports say of each other

    def to_prove(self, agencies: Iterable[int] | None = None) -> list[overlay.Issuer]:
        """These issuers, or those whose reports changed, with the governments above them.

        In the order in which they have to be proved: a government after the issuers
        it adds up. All of them are noted first, so that none is lost if this ends early.
        """
        with self._writing():
            return overlay.to_prove(self.db, agencies)

    @_alone
    def issuers(self, agencies: Iterable[int]) -> list[overlay.Issuer]:
        """These issuers."""
        return overlay.issuers(self.db, agencies)

    @_alone
    def all_agencies(self) -> list[int]:
        """Every issuer's identifier."""
        return [row["id"] for row in self.db.query("SELECT id FROM agencies ORDER BY id")]

    @_alone
    def series(self, agency: int) -> list[overlay.Held]:
        """The base readings of all reports of one issuer, oldest first."""
        return overlay.series(self.db, agency)

    @_alone
    def shown(self, agency: int, year: int) -> overlay.Held | None:
        """One report as the tables show it, settled cells included."""
        return overlay.shown(self.db, agency, year)

    @_alone
    def subordinates(self, government: int) -> list[dict[str, Any]]:
        """Issuers that a government's consolidated figures add up: id, name, kind."""
        return overlay.subordinates(self.db, government)

    def lay(self, agency: int, overlays: Iterable[tuple[overlay.Held, overlay.Overlay]]) -> list[int]:
        """Lay these over the reports of one issuer and take it off the list; gives those that changed."""
        with self._writing():
            changed = [held.report for held, one in overlays if overlay.lay(self.db, held, one)]
            overlay.unmark(self.db, agency)
        return changed

    # What is written

    def apply(self, decision: Decision, snapshot: Snapshot, read: Reading) -> Outcome:
        """Carry out one decision in one transaction; ``unchanged`` writes nothing at all."""
        if decision.action == "unchanged":
            document = decision.document or document_id(snapshot.url, snapshot.sha256)
            with self._turn:
                rid = statements.get(self.db, "documents", "id", document)["report"]
            return self._outcome(decision, snapshot, document, rid, findings=0)
        document = document_id(snapshot.url, snapshot.sha256)
        with search.knowing(read.words), self._writing():
            rid = place(self.db, decision, snapshot, read)
            place_parts(self.db, snapshot, read, rid)
            self._tell("parser", read.parser)
            current = rid is not None and decision.outcome == "current"
            findings = self._findings(rid) if current else 0
            outcome = self._outcome(decision, snapshot, document, rid, findings=findings)
            self.about_to_last(outcome)
        return outcome

    def about_to_last(self, outcome: Outcome) -> None:
        """Called before what was done is committed, for who stores for another process and may be killed."""

    def _findings(self, report: int | None) -> int:
        sql = "SELECT count(*) AS n FROM findings WHERE report = ?"
        return int(statements.rows(self.db, sql, [report])[0]["n"])

    def split(
        self, report: int, document: int, reason: str, decided_at: datetime, arrangement: Arrangement
    ) -> None:
        """Take the address of a document out of its report by decision; the others stand as arranged."""
        url = self.db.table("documents").get(document)["url"]
        row = {"report": report, "url": url, "document": document, "reason": reason}
        with self._writing():
            self.db.table("splits").insert(row | {"decided_at": times.text(decided_at)})
            rearrange(self.db, arrangement, report)

    def join(self, report: int, url: str, arrangement: Arrangement) -> None:
        """Undo that decision."""
        with self._writing():
            self.db.table("splits").delete((report, url))
            rearrange(self.db, arrangement, report)

    @staticmethod
    def _outcome(
        decision: Decision, snapshot: Snapshot, document: int, report: int | None, *, findings: int
    ) -> Outcome:
        return Outcome(
            url=snapshot.url,
            action=decision.action,
            document=document,
            report=report,
            findings=findings,
            reason=decision.reason,
            portal=snapshot.context.portal,
        )

    def load_divisions(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add divisions (the columns of that table); gives how many are new or changed."""
        # Other levels move all sums.
        with self._turn, statements.large(self.db), self._writing():
            self._extra = None
            return ledger.put_divisions(self.db, rows)

    def add_portals(self, portals: Iterable[Any]) -> None:
        """Enter portals of the registry: its objects, or mappings with the same fields."""
        with self._writing():
            ledger.put_portals(self.db, portals)

    def set_portal_status(self, portal: str, status: str) -> None:
        """Record what a crawl found of a portal: ``ok``, ``blocked:…``, ``gone`` …"""
        with self._writing():
            self.db.execute(
                "UPDATE portals SET status = ? WHERE key = ? AND status IS NOT ?", [status, portal, status]
            )

    def start_run(
        self,
        portal: str | None,
        *,
        command: str = "crawl",
        started_at: datetime | None = None,
        parser: str | None = None,
        mode: str | None = None,
        log: str | None = None,
    ) -> int:
        """Open a run; gives its identifier."""
        with self._writing():
            return ledger.start_run(self.db, portal, command, started_at or times.now(), parser, mode, log)

    def finish_run(
        self,
        run: int,
        *,
        reason: str,
        finished_at: datetime | None = None,
        outcome: str | None = None,
        system: str | None = None,
        **counts: int,
    ) -> None:
        """Close a run with why it ended and its counts, named like the columns of ``runs``."""
        with self._writing():
            ledger.finish_run(
                self.db, run, reason, finished_at or times.now(), counts, outcome=outcome, system=system
            )

    def add_issue(self, run: int, kind: str, url: str | None, message: str) -> None:
        """Record what went wrong in a run."""
        with self._writing():
            ledger.add_issue(self.db, run, kind, url, message)

    @_alone
    def run_state(self, run: int) -> dict[str, Any]:
        """How a run stands, as the WARC is told (``notes.write_run``)."""
        return ledger.run_state(self.db, run) | {
            "kind": self.about["kind"],
            "divisions": self.extra_divisions(),
        }

    def refresh_coverage(self, today: date | None = None) -> int:
        """Bring ``coverage`` up to date as of ``today`` (UTC); gives the number of rows that changed."""
        with self._turn, named(self.path):
            return coverage.refresh(self.db, today or times.now().date())

    # What the archive says of itself

    @property
    @_alone
    def about(self) -> dict[str, str]:
        """name, kind (``demonstration`` or ``archive``), schema_version, parser."""
        return {row["key"]: row["value"] for row in self.db.table("about").rows}

    def _tell(self, key: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO about (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE"
            " SET value = excluded.value WHERE value IS NOT excluded.value",
            [key, value],
        )


_shared: dict[Path, Store] = {}
