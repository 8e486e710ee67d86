"""Units and lines with which a system runs the schedule: systemd service, systemd timer, cron. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["service", "timer", "cron"]

#: Between this and the next line stands what `schedule install` has written into a crontab.
_BEGIN, _END = "# gongkai schedule: begin", "# gongkai schedule: end"
#: Signs that unit files, crontabs and shells each read in their own way; a path without them means the
#: same to all.
_ODD = re.compile(r"""[\s"'\\$%`;&|<>*?!#()\[\]{}~]""")


@dataclass(frozen=True, slots=True)
class Place:
    """Where gongkai is and works; whole paths."""

    program: Path
    """The command `gongkai`."""
    config: Path
    """The file of settings."""
    data: Path
    user: str | None = None
    """The account, for units of the whole system; ``None``: units of the user who installs them."""
    shards: Path | None = None
    """A folder beside the data where workers of a cluster leave what they fetched."""

    def __post_init__(self) -> None:
        for path in filter(None, (self.program, self.config, self.data, self.shards)):
            if not path.is_absolute() or _ODD.search(str(path)):
                raise ValueError(f"{path}: has blanks or signs that unit files and crontabs read otherwise")
        if self.user is not None and not re.fullmatch(r"[a-z_][a-z0-9_-]*", self.user):
            raise ValueError(f"{self.user!r} is no name of an account")


def units(kind: Literal["service", "timer"], place: Place) -> dict[str, str]:
    """File name → content of the systemd units of a kind."""
    once = kind == "timer"
    lines = [
        "[Unit]",
        "Description=gongkai: visits to portals that are due",
        "Wants=network-online.target",
        "After=network-online.target",
        "",
        "[Service]",
        f"Type={'oneshot' if once else 'exec'}",
        *([f"User={place.user}"] if place.user else []),
        f"WorkingDirectory={place.config.parent}",
        f"ExecStart={_command(place, once=once)}",
        # The schedule tells its crawl to end in order; only what is left at the end is killed.
        "KillMode=mixed",
        # A request under way may take its time-out; what has come is then read and stored.
        "TimeoutStopSec=300",
        *([] if once else ["Restart=on-failure", "RestartSec=60"]),
        # Exit code 3 says that a portal is not as it should be; the service has done its work.
        *(["SuccessExitStatus=3"] if once else []),
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "ProtectSystem=strict",
        # A folder of shards has to be there: where it is not mounted the unit fails, and says so.
        f"ReadWritePaths={place.data}{f' {place.shards}' if place.shards else ''}",
        "RestrictSUIDSGID=yes",
    ]
    if not once:
        wanted = "multi-user.target" if place.user else "default.target"
        return {"gongkai.service": _text(*lines, "", "[Install]", f"WantedBy={wanted}")}
    timer = _text(
        "[Unit]",
        "Description=gongkai: look every hour which portals are due",
        "",
        "[Timer]",
        "OnCalendar=hourly",
        "RandomizedDelaySec=10min",
        # After a time in which the machine was off: once, not once for every hour.
        "Persistent=true",
        "",
        "[Install]",
        "WantedBy=timers.target",
    )
    return {"gongkai.service": _text(*lines), "gongkai.timer": timer}


def cron(place: Place) -> str:
    """The crontab lines of an hourly look."""
    # Not at the full hour, when everybody's jobs begin. Its log goes to the system's: cron would send a mail
    # of it after every visit, and people are told by [notify].
    once = f"{_command(place, once=True)} 2>&1 | logger -t gongkai"
    return _text(_BEGIN, f"17 * * * * cd {place.config.parent} && {once}", _END)


def into_crontab(before: str, lines: str) -> str:
    """A crontab with these lines in the place of those written earlier; the rest stays as it is."""
    kept, ours = [], False
    for line in before.splitlines():
        ours = ours or line == _BEGIN
        if not ours:
            kept.append(line)
        ours = ours and line != _END
    return _text(*kept) + lines


def _command(place: Place, *, once: bool) -> str:
    return f"{place.program} --config {place.config} schedule run{' --once' if once else ''}"


def _text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
