"""Workers in network namespaces of their own: only a wire leads from one to another, as between machines.

No rights are asked of the machine, and nothing of its network is touched: the trial is begun anew in a user
namespace (user_namespaces(7)), where it may make networks as it likes, and all of them end with its last
process. Each worker has a wire to the trial's own namespace, where scheduler and sample portals are, and over
it reaches these portals at the very loopback addresses that they have there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

#: Where the scheduler listens; the wire of worker N is 10.77.N.0/24. All of it exists in the trial only.
SCHEDULER = "10.77.0.1"
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net")
_TOOLS = ("unshare", "nsenter", "ip", "sh")
#: Loopback addresses may come and go over a wire (ip-sysctl, route_localnet).
_OVER_WIRES = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"
#: What the trial's own namespace needs.
_OWN = (
    f"ip link set lo up && ip address add {SCHEDULER}/32 dev lo && {_OVER_WIRES}"
    " && echo 1 > /proc/sys/net/ipv4/ip_forward"
)
#: Seconds that a command of a moment may take, and Python that is begun for one.
_PATIENCE, _BEGUN = 10.0, 60.0


def missing() -> str | None:
    """Why workers cannot have namespaces of their own here; ``None`` where they can."""
    if not sys.platform.startswith("linux"):
        return "only Linux has network namespaces"
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            return f"the command {tool} is not there"
    try:
        _said(_anew(__spec__.name, _here()), patience=_BEGUN)
    except (subprocess.SubprocessError, OSError) as error:
        return str(error)
    return None


def _anew(module: str, *arguments: str) -> list[str]:
    return [*_UNSHARE, sys.executable, "-P", "-m", module, *arguments]


def _here() -> str:
    """The network namespace of this process, as the system calls it."""
    return str(Path("/proc/self/ns/net").readlink())


def begin_anew(module: str, option: str, *arguments: str) -> NoReturn:
    """Begin this program anew in namespaces of its own, where none is ``missing``.

    ``option`` is given the name of the network namespace that is left, for ``prepare``.
    """
    sys.stdout.flush()
    command = _anew(module, option, _here(), *arguments)
    os.execvp(command[0], command)  # noqa: S606 - our own program


def prepare(left: str) -> None:
    """Make the network that a program which was begun anew finds itself in.

    Raises ``SubprocessError``, and changes nothing, where this is still the namespace to be ``left``, which
    is the machine's own.
    """
    if left == _here():
        raise subprocess.SubprocessError("this program was not begun in a network namespace of its own")
    _said(["sh", "-c", _OWN])


def host(worker: int) -> str:
    """The address of a worker; they are counted from 1."""
    return f"10.77.{worker}.2"


def start(worker: int, command: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
    """A worker's process in a namespace of its own, begun once its wire is there; ``how``: for ``Popen``.

    Raises ``SubprocessError`` where the wire cannot be made.
    """
    gate = ["unshare", "--net", "sh", "-c", 'read -r _ && exec "$@"', "sh", *command]
    process = subprocess.Popen(gate, stdin=subprocess.PIPE, **how)  # noqa: S603 - our own program
    assert process.stdin is not None
    try:
        _wire(worker, process.pid)
        process.stdin.write(b"\n")
        process.stdin.close()
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


def _wire(worker: int, pid: int) -> None:
    """A wire from here to the namespace of a process."""
    theirs = Path(f"/proc/{pid}/ns/net")
    deadline = time.monotonic() + _PATIENCE
    try:
        while str(theirs.readlink()) == _here():
            if time.monotonic() > deadline:
                raise subprocess.SubprocessError(f"worker {worker} got no namespace of its own")
            time.sleep(0.01)
    except OSError as error:
        raise subprocess.SubprocessError(f"worker {worker} ended before it had its wire") from error
    near, wire = f"10.77.{worker}.1", f"worker{worker}"
    _said(["ip", "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", str(pid)])
    _said(["ip", "address", "add", f"{near}/24", "dev", wire])
    _said(["ip", "link", "set", wire, "up"])
    steps = (
        "ip link set lo up",
        f"ip address add {host(worker)}/24 dev eth0",
        "ip link set eth0 up",
        f"ip route add default via {near}",
        # Of its own loopback it keeps 127.0.0.1; the sample portals have others, at the end of the wire.
        "ip route delete local 127.0.0.0/8 dev lo table local",
        f"ip route add 127.0.0.0/8 via {near} src {host(worker)}",
        _OVER_WIRES,
    )
    _said(["nsenter", f"--net={theirs}", "sh", "-c", " && ".join(steps)])


def _said(command: Sequence[str], patience: float = _PATIENCE) -> None:
    """Carry out a command; what it says last where it fails is in the ``SubprocessError``."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)  # noqa: S603
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2] or f"ended with {done.returncode}"
        raise subprocess.SubprocessError(f"{command[0]}: {said}")


if __name__ == "__main__":
    # Tried in full before it is relied upon: a namespace, and a worker in its own at the end of a wire.
    prepare(sys.argv[1])
    sys.exit(start(1, ["true"]).wait())
