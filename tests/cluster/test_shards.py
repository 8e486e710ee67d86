"""Shards: whole or not at all, and never a path that leads out of where they lie."""

from __future__ import annotations

import json
import pickle
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from crawler.cluster import ClusterError
from crawler.cluster.shards import LIST, DamagedShardError, Shards

pytest.importorskip("fsspec")
pytestmark = pytest.mark.cluster

MOTO = Path(__file__).parents[2] / ".venv-moto" / "bin" / "python"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(b"one")
    (folder / "log.jsonl").write_bytes(b"two")
    return folder


@pytest.fixture
def shards(tmp_path: Path, made: Path) -> Shards:
    """A place with the shard ``s``."""
    place = Shards(str(tmp_path / "place"))
    place.put("s", made, {"kind": "archive"})
    return place


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    folder = tmp_path / "taken"
    folder.mkdir()
    return folder


def test_a_shard_comes_as_it_was_left(shards: Shards, taken: Path) -> None:
    assert shards.whole() == ["s"]
    about = shards.take("s", taken)
    assert about["kind"] == "archive"
    assert {path.name: path.read_bytes() for path in taken.iterdir()} == {
        "a.warc.gz": b"one",
        "log.jsonl": b"two",
    }
    shards.remove("s")
    assert shards.whole() == []
    shards.remove("s")  # once more is no harm


def test_one_without_its_list_is_none(shards: Shards, tmp_path: Path) -> None:
    (tmp_path / "place" / "s" / LIST).unlink()
    assert shards.whole() == []


def test_a_place_that_is_not_there_yet_has_none(tmp_path: Path) -> None:
    assert Shards(str(tmp_path / "none")).whole() == []


@pytest.mark.parametrize(
    ("file", "content"),
    [("a.warc.gz", b"oni"), ("a.warc.gz", b"on"), ("log.jsonl", b"two "), (LIST, b"{}"), (LIST, b"[")],
)
def test_one_that_is_not_what_its_list_says_is_refused(
    shards: Shards, tmp_path: Path, taken: Path, file: str, content: bytes
) -> None:
    (tmp_path / "place" / "s" / file).write_bytes(content)
    with pytest.raises(DamagedShardError, match="/s"):
        shards.take("s", taken)


@pytest.mark.parametrize("name", ["../../out", "/etc/passwd", "..", ".hidden", "a/b", "", LIST])
def test_a_list_leads_nowhere_else(shards: Shards, tmp_path: Path, taken: Path, name: str) -> None:
    (tmp_path / "out").write_bytes(b"")
    entry = {"size": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    (tmp_path / "place" / "s" / LIST).write_text(json.dumps({"kind": "archive", "files": {name: entry}}))
    with pytest.raises(DamagedShardError, match="no name of a file"):
        shards.take("s", taken)
    assert list(taken.iterdir()) == []


def test_it_travels_with_a_job(shards: Shards) -> None:
    again: Shards = pickle.loads(pickle.dumps(shards))
    assert again.whole() == ["s"]


def test_who_sees_another_place_does_not_hear(shards: Shards, tmp_path: Path) -> None:
    shards.leave_word("word")
    assert shards.hears("word")
    assert not Shards(str(tmp_path / "other")).hears("word")
    shards.take_back("word")
    assert not shards.hears("word")
    assert sorted(path.name for path in (tmp_path / "place").iterdir()) == ["s"]


def test_a_place_that_nothing_here_reaches() -> None:
    with pytest.raises(ClusterError, match="nonsense://x"):
        Shards("nonsense://x")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A store that speaks S3, on loopback, where ``s3://`` leads for now."""
    pytest.importorskip("obstore")
    if not MOTO.exists():
        pytest.skip("moto is not installed: make .venv-moto/.installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    given = {
        "ACCESS_KEY_ID": "none",
        "SECRET_ACCESS_KEY": "none",
        "REGION": "us-east-1",
        "ALLOW_HTTP": "true",
    }
    for name, value in {**given, "ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    command = [str(MOTO), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline, "the store does not begin"
            time.sleep(0.1)
        urlopen(Request(f"{endpoint}/gongkai", method="PUT"), timeout=10).close()
        yield server
    finally:
        server.kill()
        server.wait()


def test_a_bucket_is_a_place(bucket: subprocess.Popen[bytes], made: Path, taken: Path) -> None:
    place = Shards("s3://gongkai/shards")
    place.leave_word("word")
    assert place.hears("word")
    assert not Shards("s3://gongkai/other").hears("word")
    place.take_back("word")
    assert place.whole() == []
    place.put("s", made, {"kind": "archive"})
    assert place.whole() == ["s"]
    assert place.take("s", taken)["kind"] == "archive"
    assert (taken / "a.warc.gz").read_bytes() == b"one"
    place.remove("s")
    assert place.whole() == []
    place.remove("s")
    bucket.kill()
    bucket.wait()
    with pytest.raises(ClusterError, match="s3://gongkai/shards: cannot be reached"):
        place.whole()
