"""What a WARC says about its originals: ``metadata`` records from which the database is made anew.

A response alone does not tell that a list led to it, with which link text and date, on
which page it hangs, and what goes on with it. So, before an original is read, all of
that is written down beside it; a crawl or ingest writes down that it began and how it
ended; and a decision is written down before it is carried out. The database is then a function
of the WARC files: notes in the order in which they were written, the bytes they point at, and
a parser.

The block of a note is one JSON object; its key ``gongkai`` says what it is:

- ``original``: an original as it was handed on: ``url``, ``fetched_at``, ``sha256`` (of the
  body, content codings undone), ``media_type``, ``charset``, ``role``, ``context``, ``record`` (file,
  offset, length of the record with the bytes) and ``parts``, a list of the same.
- ``run``: the state of a run as it began and again as it ended: ``run``, ``issues``, ``portal``
  (rows of these tables), ``kind`` of the archive, and ``divisions`` the packaged list has not.
- ``decision``: what people decided on an address (``gongkai copies``): ``action``, ``report`` with its
  ``agency``, ``division`` and ``year``, ``url``, ``document`` and ``sha256`` of the original that was looked
  at, ``reason``, ``decided_at``, ``near``. Of several on one address the last one holds.

WARC-Target-URI is ``urn:gongkai:original:`` + address, so that no replay tool takes a note for
the page; WARC-Refers-To names the record that holds the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

from archive import times
from archive.errors import ArchiveError, DamagedError
from archive.records import Context, Role, Snapshot, WarcLocation
from archive.rows import Row, document_id, dump_context, load_context
from archive.warc import WarcWriter, target_uri
from archive.warc_files import Torn, iter_members
from archive.warc_read import read, record_headers, record_of

ORIGINAL = "original"
RUN = "run"
DECISION = "decision"
_TARGET = "urn:gongkai:"


@dataclass(frozen=True, slots=True)
class Original:
    """An original as it was handed on, without its bytes."""

    url: str
    fetched_at: datetime
    sha256: str
    media_type: str | None
    charset: str | None
    role: Role
    context: Context
    record: WarcLocation
    parts: tuple[Original, ...] = ()

    @property
    def id(self) -> int:
        """Its key in ``documents``."""
        return document_id(self.url, self.sha256)

    def load(self, folder: Path) -> Snapshot:
        """The original with its bytes, as the parser took it.

        Raises ``ArchiveError`` if the record is gone, ``DamagedError`` if it does not hold these bytes.
        """
        body = read(folder, self.record).body
        if sha256(body).hexdigest() != self.sha256:
            place = f"{self.record.file} at {self.record.offset}"
            raise DamagedError(f"{place}: not the bytes noted of {self.url}")
        return self._snapshot(body, tuple(part.load(folder) for part in self.parts))

    def like(self, same: Snapshot) -> Snapshot:
        """The original with the bytes, or what is told of them, of one that has the same in all its parts."""
        parts = zip(self.parts, same.parts, strict=True)
        return self._snapshot(same.body, tuple(part.like(other) for part, other in parts))

    def _snapshot(self, body: bytes, parts: tuple[Snapshot, ...]) -> Snapshot:
        return Snapshot(
            url=self.url,
            body=body,
            fetched_at=self.fetched_at,
            media_type=self.media_type,
            charset=self.charset,
            role=self.role,
            context=self.context,
            warc=self.record,
            parts=parts,
        )


@dataclass(frozen=True, slots=True)
class OriginalNote:
    """An original was handed on."""

    written_at: str
    original: Original


@dataclass(frozen=True, slots=True)
class RunNote:
    """A run began or ended."""

    written_at: str
    kind: str
    run: Row
    issues: tuple[Row, ...]
    portal: Row | None
    divisions: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided on an address of a report."""

    action: Literal["split", "join"]
    report: int
    agency: str
    division: str | None
    year: int
    url: str
    document: int
    """Original that was looked at."""
    sha256: str
    reason: str | None
    """Of a split; a join undoes one."""
    decided_at: str | None
    near: bool = False
    """Whether it was a near copy: by what it says an original of another report, or of none."""


@dataclass(frozen=True, slots=True)
class DecisionNote:
    """A decision was made."""

    written_at: str
    file: str
    """WARC file it stands in."""
    decided: Decided


Note = OriginalNote | RunNote | DecisionNote


def write_original(writer: WarcWriter, snapshot: Snapshot) -> None:
    """Note an original; raises ``ValueError`` for one without a WARC record, else as ``WarcWriter.write``."""
    made = original_of(snapshot)
    writer.write_note(
        target=f"{_TARGET}{ORIGINAL}:{target_uri(snapshot.url)}",
        block=_dump({"gongkai": ORIGINAL, **_as_json(made)}),
        refers_to=writer.id_of(made.record)
        or record_headers(writer.folder, made.record).get_header("WARC-Record-ID"),
    )


def write_run(writer: WarcWriter, state: Mapping[str, Any]) -> None:
    """Note how a run stands; ``state`` as ``Store.run_state`` gives it."""
    writer.write_note(target=f"{_TARGET}{RUN}:{state['run']['id']}", block=_dump({"gongkai": RUN, **state}))


def write_decision(writer: WarcWriter, decided: Decided) -> None:
    """Note a decision, before it is carried out."""
    block = _dump({"gongkai": DECISION, **asdict(decided)})
    writer.write_note(target=f"{_TARGET}{DECISION}:{target_uri(decided.url)}", block=block)


def read_notes(folder: Path, *, torn: list[Torn], unread: list[str]) -> list[Note]:
    """Every note of every WARC file, in the order in which they were written.

    What is torn or cannot be read is appended to the lists: other notes stand without it.
    """
    found = []
    for location, member in iter_members(folder, torn):
        if _is_note(member):
            try:
                found.append((location, _note(member, location)))
            except ArchiveError as error:
                unread.append(str(error))
    # Notes of one moment: in the order of their files. Two writers of one original take turns.
    found.sort(key=lambda entry: (entry[1].written_at, entry[0].file, entry[0].offset))
    return [note for _, note in found]


def original_of(snapshot: Snapshot) -> Original:
    """An original as it is noted; raises ``ValueError`` for one without a WARC record."""
    if snapshot.warc is None:
        raise ValueError(f"{snapshot.url}: it has no WARC record")
    return Original(
        url=snapshot.url,
        fetched_at=snapshot.fetched_at,
        sha256=snapshot.sha256,
        media_type=snapshot.media_type,
        charset=snapshot.charset,
        role=snapshot.role,
        context=snapshot.context,
        record=snapshot.warc,
        parts=tuple(original_of(part) for part in snapshot.parts),
    )


def _dump(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _as_json(original: Original) -> dict[str, Any]:
    record = original.record
    return {
        "url": original.url,
        "fetched_at": times.text(original.fetched_at),
        "sha256": original.sha256,
        "media_type": original.media_type,
        "charset": original.charset,
        "role": original.role,
        "context": json.loads(dump_context(original.context)),
        "record": [record.file, record.offset, record.length],
        "parts": [_as_json(part) for part in original.parts],
    }


def _from_json(content: Mapping[str, Any]) -> Original:
    if content["role"] not in get_args(Role):
        raise ValueError(f"no role {content['role']!r}")
    name, offset, length = content["record"]
    return Original(
        url=content["url"],
        fetched_at=times.read(content["fetched_at"]),
        sha256=content["sha256"],
        media_type=content["media_type"],
        charset=content["charset"],
        role=content["role"],
        context=load_context(json.dumps(content["context"])),
        record=WarcLocation(str(name), int(offset), int(length)),
        parts=tuple(_from_json(part) for part in content["parts"]),
    )


def _decided(content: Mapping[str, Any]) -> Decided:
    if content["action"] not in ("split", "join"):
        raise ValueError(f"no decision {content['action']!r}")
    # Notes of earlier versions do not say whether it was a near copy; there were none.
    known = {"near": False, **content}
    return Decided(**{field.name: known[field.name] for field in fields(Decided)})


def _is_note(member: bytes) -> bool:
    """By the head of the record alone, for most records are no notes, and large."""
    head = member[: member.find(b"\r\n\r\n")].lower()
    return b"warc-type: metadata" in head and _TARGET.encode() in head


def _note(member: bytes, location: WarcLocation) -> Note:
    record = record_of(member, location)
    where = f"{location.file} at {location.offset}"
    try:
        content = json.loads(record.body)
        written_at = times.text(record.fetched_at)
        if content["gongkai"] == ORIGINAL:
            return OriginalNote(written_at, _from_json(content))
        if content["gongkai"] == RUN:
            return RunNote(
                written_at,
                content["kind"],
                content["run"],
                tuple(content["issues"]),
                content["portal"],
                tuple(content["divisions"]),
            )
        if content["gongkai"] == DECISION:
            return DecisionNote(written_at, location.file, _decided(content))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{where}: no note that can be read ({type(error).__name__}: {error})") from error
    raise DamagedError(f"{where}: a note of a kind this gongkai does not know: {content['gongkai']!r}")
