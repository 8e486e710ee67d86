"""The daemon in another time: ``python simulated.py FILE`` runs it as `gongkai schedule run` does.

FILE holds the seconds that it is ahead of the clock; whoever started it may change them at any
moment. After each look at what is due, FILE.looks is as many bytes long as there were looks.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from crawler import config, logs
from crawler.config import keys
from crawler.notify.telling import Notifier
from crawler.schedule import daemon
from crawler.schedule.registry import Registry
from crawler.schedule.rounds import Round, Rounds, alone

#: Seconds between two looks; the time that is simulated goes by a thousand times faster.
EVERY = 0.1


class Looking(Rounds):
    """Rounds that say when they have looked."""

    looks: Path

    def run(self) -> Round:
        done = super().run()
        if done.summary is None:
            with self.looks.open("ab") as stream:
                stream.write(b".")
        return done


def main(ahead: Path) -> None:
    settings = config.current()
    logs.configure(terminal=False)
    rounds = Looking(
        settings,
        Registry(settings[keys.PORTALS]),
        ahead=lambda: timedelta(seconds=float(ahead.read_text())),
        after=Notifier.of(settings).after,
    )
    rounds.looks = ahead.with_suffix(".looks")
    alone(settings[keys.DATA])
    daemon.serve(rounds, EVERY)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
