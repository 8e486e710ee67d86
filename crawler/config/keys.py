"""Every setting there is, once: key, kind, default, unit, meaning.

Help, ``docs/configuration.md``, the example file and all checks are made from this list. A
setting's environment variable is ``GONGKAI_`` and its key in capitals, dots as underscores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Generic, TypeVar

from crawler.config.kinds import Address, Flag, Kind, Maybe, Number, Place, Shelf, Text, Whole, Words, one_of
from crawler.night import window
from crawler.schedule.cadence import season

T = TypeVar("T")

PREFIX = "GONGKAI_"
#: Variables that begin so and are no settings.
OTHERS = {
    "GONGKAI_CONFIG": "path of the file of settings (default: gongkai.toml in the working directory)",
    "GONGKAI_RERECORD": "of the tests: write their expectations anew",
}


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting."""

    key: str
    """As in the file: ``night``, or ``table.name``."""
    kind: Kind[T]
    default: T
    meaning: str
    unit: str = ""
    secret: bool = False
    """Whether its value is shown to nobody."""

    @property
    def env(self) -> str:
        """Its environment variable."""
        return PREFIX + self.key.upper().replace(".", "_")

    @property
    def allowed(self) -> str:
        """What it may be, in words."""
        return f"{self.kind.allowed} ({self.unit})" if self.unit else self.kind.allowed


def mail_address(text: str) -> None:
    """Raises ``ValueError`` for what is no plain address."""
    if not re.fullmatch(r"[^\s@<>,;:\\\"()\[\]]+@[^\s@<>,;:\\\"()\[\]]+", text):
        raise ValueError("is no plain e-mail address")


def host_name(text: str) -> None:
    """Raises ``ValueError`` for what is no name or address of a host; a port has a setting of its own."""
    if not re.fullmatch(r"[\w.-]+", text):
        try:
            ip_address(text)
        except ValueError as error:
            raise ValueError("is no name of a host") from error


def host_and_port(address: str) -> tuple[str, int]:
    """``127.0.0.1:9105`` in two; raises ``ValueError`` for what is no such address."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError("is no address such as 127.0.0.1:9105")
    return host.strip("[]"), int(port)


_SCHEDULER = re.compile(r"(?:tcp|tls)://[^\s/:]+:\d{1,5}|(?:tcp|tls)://\[[0-9A-Fa-f:]+\]:\d{1,5}")


def scheduler(address: str) -> None:
    """Raises ``ValueError`` for what is no address of a dask scheduler.

    dask itself takes an empty one for the wish to begin a cluster here.
    """
    if not _SCHEDULER.fullmatch(address):
        raise ValueError("is no scheduler's address; it is like tcp://10.0.0.1:8786")


CONTACT = Setting(
    "contact",
    Text('one line, or "" for none'),
    "",
    "Address in the User-Agent at which a webmaster reaches whoever runs this; without it no real"
    " portal is asked.",
)
DATA = Setting("data", Place("folder"), Path("data"), "Data folder: gongkai.db, warc/, log/ …")
PORTALS: Setting[Path | None] = Setting(
    "portals",
    Maybe(Place("folder")),
    None,
    "Folder of portal entries; none: those that come with gongkai.",
)
DEMO = Setting(
    "demo",
    Flag(),
    False,
    "Ask only loopback hosts that the registry names, without delays, into a demonstration archive.",
)
NIGHT = Setting(
    "night",
    Text('HH:MM-HH:MM, or "" for any time', window),
    "",
    "Daily window in which portals may be asked, for large runs when offices are closed.",
    unit="Beijing time",
)
DAILY_BUDGET = Setting(
    "daily_budget",
    # A host that is asked every second for a day has had 86,400.
    Whole(0, 86_400),
    # A county's column with two hundred reports and their attachments takes about half of it.
    1000,
    "Requests a host may have in a day (Beijing time), over all runs; 0: no limit.",
    unit="requests",
)
REST_HOURS = Setting(
    "rest_hours",
    Number(0, 24 * 365),
    # WAFs that count requests forget them in a day, and asking sooner only lengthens the list they keep.
    24.0,
    "How long a host and its registry group are left alone after a challenge; 0: for the rest of the run.",
    unit="hours",
)
DELAY = Setting(
    "delay",
    # Below a second nobody waits for the page before: that is no guest.
    Number(1, 600),
    # County portals are small and share servers; others who crawl them wait 0.5 to 10 s. No
    # official rate is known, so this is on the slow side.
    3.0,
    "Between two requests to one site, half as long to half as long again, drawn anew each time.",
    unit="seconds",
)
AT_ONCE = Setting(
    "at_once",
    Whole(1, 64),
    # Each is waited on most of the time, so eight keep one core busy with reading.
    8,
    "Portals that are asked side by side, each on a site of its own.",
    unit="portals",
)
CLUSTER = Setting(
    "cluster",
    Text('tcp://HOST:PORT or tls://HOST:PORT, or "" for none', scheduler),
    "",
    "dask scheduler on whose workers `gongkai schedule run`, `gongkai crawl` and `gongkai reparse` work;"
    " none: they work here.",
)
SHARDS: Setting[str | None] = Setting(
    "shards",
    Maybe(Shelf()),
    None,
    "Place that this machine and all workers reach, for what they fetched; none: shards in the data folder.",
)
TIMEOUT = Setting(
    "timeout",
    Number(1, 600),
    # Slow county servers answer within half a minute or not at all.
    60.0,
    "How long an answer may take.",
    unit="seconds",
)
MAX_MEGABYTES = Setting(
    "max_megabytes",
    Whole(1, 1024),
    # Reports are below 1 MB, scans of them tens of MB; more is a video.
    64,
    "Size of an answer, before and after inflating; a larger one is not taken.",
    unit="MiB",
)
LONGEST_PAUSE = Setting(
    "longest_pause",
    Number(0, 86_400),
    900.0,
    "A server that asks for longer pauses than this, all of a run together, is left alone for the run.",
    unit="seconds",
)

WARC_SIZE = Setting(
    "warc_size",
    Whole(1, 10**12),
    # The size most crawlers rotate at (Heritrix's default): small enough to copy, large enough to be few.
    1_000_000_000,
    "Size at which a WARC file is closed and the next begun.",
    unit="bytes",
)
WARC_LISTS = Setting(
    "warc_lists",
    Flag(),
    # They show when a report was listed and what else was, which nothing else can say later.
    True,
    "Keep list pages in the WARCs as well; what came in the place of one (not status 200) is always kept.",
)
READ_SECONDS = Setting(
    "read_seconds",
    Number(1, 86_400),
    # A scan of 30 pages takes two minutes on one slow core.
    600.0,
    "How long reading one original may take.",
    unit="seconds",
)
READ_MB = Setting(
    "read_mb",
    Whole(256, 1_000_000),
    # A picture of 100 million pixels, the most that is let in, takes 2,000.
    3072,
    "Memory that reading one original may take.",
    unit="MiB",
)
LOG_DAYS = Setting(
    "log_days",
    Whole(1, 36_500),
    # A season and the one before it can be compared.
    400,
    "How long the log of a crawl is kept, in log/ of the data folder.",
    unit="days",
)

SEASON = Setting(
    "schedule.season",
    Text("MM-DD..MM-DD", season),
    # Departments publish until 31 January, governments until 31 March (Decree 711, article 49), some late.
    "01-01..04-30",
    "Days of the year, Beijing time, in which reports appear and portals are visited more often.",
)
DENSE_DAYS = Setting(
    "schedule.dense_days",
    Whole(1, 366),
    # A visit that finds nothing new costs a portal its lists, about five requests.
    7,
    "From one visit to the next in the season.",
    unit="days",
)
DAYS = Setting(
    "schedule.days",
    Whole(1, 366),
    30,
    "From one visit to the next in the rest of the year, and always for portals that are blocked or gone.",
    unit="days",
)
REFETCH_DAYS = Setting(
    "schedule.refetch_days",
    Whole(0, 3660),
    # Two hundred reports are ten minutes of a portal's time.
    180,
    "After so long a visit also fetches what is known, and finds what was altered in silence; 0: never.",
    unit="days",
)
RETRY_HOURS = Setting(
    "schedule.retry_hours",
    Number(1, 24 * 7),
    6.0,
    "Before a portal that could not be reached or read is asked again, once more after double the time.",
    unit="hours",
)
BATCH = Setting(
    "schedule.batch",
    Whole(1, 1000),
    # So that one slow portal does not keep hundreds of others waiting for the end of the crawl.
    40,
    "Portals that one crawl of the schedule visits.",
    unit="portals",
)
POLL_SECONDS = Setting(
    "schedule.poll_seconds",
    Number(1, 3600),
    60.0,
    "How often the daemon looks what is due.",
    unit="seconds",
)

METRICS = Setting(
    "schedule.metrics",
    Text('HOST:PORT, or "" for none', host_and_port),
    "",
    "Address at which the daemon answers Prometheus; `gongkai status --metrics` prints the same.",
)

NOTIFY_OUTCOMES: Setting[tuple[str, ...]] = Setting(
    "notify.outcomes",
    Words(one_of("partial", "blocked", "broken", "gone")),
    ("broken", "blocked", "gone", "partial"),
    "Outcomes of a portal that are told.",
)
MAIL_TO: Setting[tuple[str, ...]] = Setting(
    "notify.mail_to", Words(Text("an e-mail address", mail_address)), (), "Who gets an e-mail; none: nobody."
)
MAIL_FROM = Setting(
    "notify.mail_from",
    Text('an e-mail address, or "" for the first of mail_to', mail_address),
    "",
    "Sender of the e-mails.",
)
SMTP_HOST = Setting(
    "notify.smtp_host",
    Text("name of a host", host_name, needed=True),
    "localhost",
    "Server that takes the e-mails (SMTP).",
)
SMTP_PORT = Setting("notify.smtp_port", Whole(1, 65_535), 25, "Its port: 25, 587 for starttls, 465 for tls.")
SMTP_SECURITY = Setting(
    "notify.smtp_security",
    one_of("none", "starttls", "tls"),
    "none",
    "How the connection is kept from listeners; none only on this machine.",
)
SMTP_USER = Setting("notify.smtp_user", Text('one line, or "" for none'), "", "Account at the server.")
SMTP_PASSWORD = Setting(
    "notify.smtp_password", Text('one line, or "" for none'), "", "Its password.", secret=True
)
WEBHOOK = Setting(
    "notify.webhook",
    Address(),
    "",
    "Address that gets a POST of JSON; redirects are not followed.",
    secret=True,
)
NOTIFY_COMMAND: Setting[tuple[str, ...]] = Setting(
    "notify.command",
    Words(Text("a word of the command, the program first")),
    (),
    "Program that gets the JSON on its standard input; run as it stands, by no shell.",
)
NOTIFY_TIMEOUT = Setting(
    "notify.timeout",
    Number(1, 600),
    # A mail server that looks up its client in a slow DNS takes ten.
    30.0,
    "How long telling by one channel may take.",
    unit="seconds",
)
NOTIFY_RETRY_MINUTES = Setting(
    "notify.retry_minutes",
    Number(1, 1440),
    10.0,
    "Before a channel that failed is tried again, doubled each time up to a day.",
    unit="minutes",
)

SETTINGS: tuple[Setting[Any], ...] = (
    CONTACT,
    DATA,
    PORTALS,
    DEMO,
    NIGHT,
    DAILY_BUDGET,
    REST_HOURS,
    DELAY,
    AT_ONCE,
    CLUSTER,
    SHARDS,
    TIMEOUT,
    MAX_MEGABYTES,
    LONGEST_PAUSE,
    WARC_SIZE,
    WARC_LISTS,
    READ_SECONDS,
    READ_MB,
    LOG_DAYS,
    SEASON,
    DENSE_DAYS,
    DAYS,
    REFETCH_DAYS,
    RETRY_HOURS,
    BATCH,
    POLL_SECONDS,
    METRICS,
    NOTIFY_OUTCOMES,
    MAIL_TO,
    MAIL_FROM,
    SMTP_HOST,
    SMTP_PORT,
    SMTP_SECURITY,
    SMTP_USER,
    SMTP_PASSWORD,
    WEBHOOK,
    NOTIFY_COMMAND,
    NOTIFY_TIMEOUT,
    NOTIFY_RETRY_MINUTES,
)
#: What each table of the file is about.
TABLES = {
    "schedule": "When portals are visited; an entry's `visits` says otherwise for its portal.",
    "notify": "Who is told what broke; docs/operations.md says what is told and when.",
}
