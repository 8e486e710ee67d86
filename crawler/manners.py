"""How the sample portals were asked, and what went wrong with them, against what they say of themselves.

Reads the archive and the portals' logs of requests.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from demo.loopback import LoggedRequest
from demo.manifest import ExpectedIssue, Manifest


def challenges(manifest: Manifest) -> list[ExpectedIssue]:
    """The answers with which portals begin to challenge, one a portal."""
    return [issue for issue in manifest.issues if issue.kind.startswith("blocked:")]


def forbidden(db: sqlite3.Connection, manifest: Manifest, requests: Sequence[LoggedRequest]) -> Iterator[str]:
    asked = {request.url for request in requests}
    recorded = {row[0] for row in db.execute("SELECT url FROM run_issues WHERE kind = 'robots'")}
    for url in manifest.forbidden:
        if url in asked:
            yield f"{url} was asked for"
        if url not in recorded:
            yield f"{url}: no issue robots"


def blocked(db: sqlite3.Connection, manifest: Manifest, requests: Sequence[LoggedRequest]) -> Iterator[str]:
    """A challenge is the last that a host was asked for; later runs, and its group, ask for nothing."""
    for issue in challenges(manifest):
        runs = db.execute(
            "SELECT * FROM runs WHERE portal = ? ORDER BY started_at", (issue.portal,)
        ).fetchall()
        kinds = [
            tuple(row)
            for row in db.execute(
                "SELECT r.id, i.kind FROM run_issues i JOIN runs r ON r.id = i.run WHERE r.portal = ?"
                " ORDER BY r.started_at, i.number",
                (issue.portal,),
            )
        ]
        want = [(run["id"], issue.kind if run is runs[0] else "resting") for run in runs]
        if not runs or kinds != want:
            yield f"{issue.portal}: issues {kinds}, expected {want}"
        if any(run["requests"] for run in runs[1:]):
            yield f"{issue.portal}: asked again in a later run"
        parts = urlsplit(issue.url)
        paths = [request.path for request in requests if request.host == parts.netloc]
        if paths.count(parts.path) != 1 or paths[-1] != parts.path:
            yield f"{issue.portal}: {parts.path} is not the one and last address asked for, of {paths}"
    for issue in manifest.issues:
        netloc = urlsplit(issue.url).netloc
        if issue.kind == "resting" and any(request.host == netloc for request in requests):
            yield f"{issue.portal}: asked although its group is at rest"


def issues(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    """What went wrong, portal by portal, both ways. What rests after a challenge is ``blocked``'s affair."""
    want = {(issue.portal, issue.kind, issue.url) for issue in manifest.issues}
    challenged = {issue.portal for issue in challenges(manifest)}
    rows = db.execute("SELECT r.portal, i.kind, i.url FROM run_issues i JOIN runs r ON r.id = i.run")
    found = {tuple(row) for row in rows if not (row["kind"] == "resting" and row["portal"] in challenged)}
    for entry in sorted(want - found, key=repr):
        yield f"{entry}: not recorded"
    for entry in sorted(found - want, key=repr):
        yield f"{entry}: recorded but not there"


def overlaps(requests: Sequence[LoggedRequest]) -> Iterator[str]:
    if not requests:
        yield "no request was made"
    last: dict[str, LoggedRequest] = {}
    for request in requests:
        before = last.get(request.host)
        if before is not None and before.time_ended is not None and request.time_started < before.time_ended:
            yield f"{request.host}: {request.path} was asked before {before.path} was answered"
        last[request.host] = request
