from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

from crawler.sites import groups
from spiders.portals import from_entry

from .servers import portal

#: A reactor runs once a process, so this one has a process of its own.
_TWO_HOSTS = """
import asyncio, json, time
from twisted.internet import asyncioreactor
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
asyncioreactor.install(loop)
from twisted.internet import defer, reactor
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IResolverSimple
from zope.interface import implementer
from crawler import lanes

KNOWN = {"a.example": "198.51.100.7", "b.example": "198.51.100.7", "c.example": "198.51.100.9",
         "e.example": "198.51.100.11", "f.example": "198.51.100.12"}

@implementer(IResolverSimple)
class Names:
    def getHostByName(self, name, timeout=()):
        return defer.succeed(KNOWN[name]) if name in KNOWN else defer.fail(DNSLookupError(name))

reactor.installResolver(Names())
log = []

async def ask(host, group=None):
    async with lanes.turn(host, 0.1, group):
        log.append((host, "begins", time.monotonic()))
        await asyncio.sleep(0.05)
        log.append((host, "ends", time.monotonic()))

async def main():
    await asyncio.gather(*map(ask, ("a.example", "b.example", "c.example", "a.example", "gone.example")),
                         *(ask(host, "qinghe") for host in ("e.example", "f.example", "e.example")))
    print(json.dumps(log))
    reactor.stop()

reactor.callWhenRunning(lambda: loop.create_task(main()))
reactor.run()
"""


def test_hosts_of_one_address_wait_for_each_other_and_others_do_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TWO_HOSTS], capture_output=True, text=True, timeout=60, check=True
    )
    log = json.loads(done.stdout)
    one = [(kind, at) for host, kind, at in log if host in ("a.example", "b.example")]
    assert [kind for kind, _ in one] == ["begins", "ends"] * 3
    begun = [at for kind, at in one if kind == "begins"]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(begun))
    began_c = next(at for host, kind, at in log if host == "c.example" and kind == "begins")
    assert began_c < begun[1]
    # Two addresses of one registry group wait for each other too.
    grouped = [(kind, at) for host, kind, at in log if host in ("e.example", "f.example")]
    assert [kind for kind, _ in grouped] == ["begins", "ends"] * 3
    begun = [at for kind, at in grouped if kind == "begins"]
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(begun))
    # A name that means nothing is left for the request itself to report.
    assert [kind for host, kind, _ in log if host == "gone.example"] == ["begins", "ends"]


def test_portals_of_one_group_are_crawled_in_turn() -> None:
    one, two = (portal(key, f"http://www.{key}.gov.cn/nb/") for key in ("shilixian", "yangbenxian"))
    grouped = [from_entry(each.entry() | {"group": "qinghe"}) for each in (one, two)]
    apart = portal("qita", "http://www.qita.gov.cn/nb/")
    assert [[p.key for p in group] for group in groups([grouped[0], apart, grouped[1]])] == [
        ["qita"],
        ["shilixian", "yangbenxian"],
    ]
    assert len(groups([one, two])) == 2


def test_no_reactor_is_installed_when_the_module_is_imported() -> None:
    code = "import sys; import crawler.lanes; assert 'twisted.internet.reactor' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
