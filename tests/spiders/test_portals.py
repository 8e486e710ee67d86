from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from spiders.hosts import site_of
from spiders.portals import Portal, RegistryError, families, from_entry, load, read

GOOD: dict[str, Any] = {
    "key": "shili",
    "name": "示例县人民政府",
    "family": "trs",
    "division": 990102,
    "level": "county",
    "start": ["http://www.shilixian.gov.cn/zfxxgk/zfxxgknb/"],
    "status": "unverified",
    "evidence": "http://www.shilixian.gov.cn/zfxxgk/zfxxgknb/",
}


def test_packaged_registry_is_right_and_short() -> None:
    registry = load()
    assert {portal.family for portal in registry.values()} == set(families())
    for key, portal in registry.items():
        assert portal.key == key
        assert portal.status == "unverified"
        address = re.search(r"https?://[^\s()]+", portal.evidence)
        assert address
        assert portal.owns(address[0])
        assert all(portal.owns(url) for url in portal.start)


def test_an_entry_survives_being_written() -> None:
    whole = GOOD | {
        "family": "ucap",
        "site_id_code": 9901020001,
        "params": {"channel": "0d1c2b3a49586776a5b4c3d2e1f00f1e"},
        "hosts": ["files.shili.org.cn"],
        "expect": {"reports_min": 3},
    }
    portal = from_entry(whole)
    assert (portal.division, portal.site_id_code, portal.expect.reports_min) == ("990102", "9901020001", 3)
    assert from_entry(yaml.safe_load(yaml.safe_dump(portal.entry(), allow_unicode=True))) == portal


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"family": "joomla"}, "family: no family 'joomla'; known: epoint, gkmlpt, hanweb, hebei, lonsun, "),
        ({"family": "../trs"}, "family: "),
        ({"division": "12345"}, "division: '12345'"),
        ({"division": ["990102"]}, "division: "),
        ({"division": True}, "division: True is no text"),
        ({"level": "village"}, "level: 'village' is none of ministry"),
        ({"start": []}, "start: is missing"),
        ({"start": ["ftp://www.shilixian.gov.cn/"]}, "start: 'ftp"),
        ({"start": ["http:///x"]}, "start: "),
        ({"start": ["http://user@www.shilixian.gov.cn/"]}, "start: "),
        ({"start": ["http://www.shilixian.gov.cn:port/"]}, "start: "),
        ({"start": ["http://[broken/"]}, "start: "),
        ({"start": ["http://gov.cn/"]}, "start: 'gov.cn' is a public suffix"),
        ({"start": [7]}, "start: 7 is no address"),
        ({"start": GOOD["start"] * 2}, "start: names an address twice"),
        ({"status": "fine"}, "status: 'fine'"),
        ({"status": None}, "status: is missing"),
        ({"name": "  "}, "name: '  ' is no text"),
        ({"site_id_code": 12}, "site_id_code: '12'"),
        ({"params": {"sid": 1}}, "params: 'sid' is unknown to the family; known: search, api"),
        ({"family": "vsb", "params": {"sid": 1}}, "params: 'sid' is unknown to the family; known: none"),
        ({"params": {"search": "fjdzapp"}}, "params: search: 'fjdzapp' is not of the form /"),
        ({"params": {"search": True}}, "params: search: True is no text"),
        ({"params": {"search": ["/a"]}}, "params: search: ['/a'] is no text"),
        ({"family": "epoint", "params": {"wrapper": "xml"}}, "params: wrapper: 'xml' is not of the form"),
        ({"params": [1]}, "params: "),
        ({"hosts": ["http://x.cn"]}, "hosts: "),
        ({"hosts": ["gov.cn"]}, "hosts: 'gov.cn' is a public suffix"),
        ({"hosts": ["127.0.0.1"]}, "hosts: '127.0.0.1' is no host name"),
        ({"hosts": "x.cn"}, "hosts: "),
        ({"expect": {"reports": 3}}, "expect: "),
        ({"expect": {"reports_min": 0}}, "expect: reports_min: 0"),
        ({"expect": {"reports_min": True}}, "expect: reports_min: True"),
        ({"evidence": ""}, "evidence: is missing"),
        ({"crawl_delay": 1}, "crawl_delay: no such field; known: key, name"),
    ],
)
def test_wrong_entries_are_refused_by_file_and_field(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    file = tmp_path / "shili.yml"
    file.write_text(yaml.safe_dump(GOOD | change, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RegistryError) as refused:
        load(tmp_path)
    assert str(refused.value).startswith(f"shili.yml: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key: shili\nkey: other\n", "key: given twice"),
        ("- a\n- b\n", "is no mapping of fields"),
        ("key: [", "shili.yml: "),
        ("!!python/object/apply:os.system ['true']", "shili.yml: "),
    ],
)
def test_wrong_files_are_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "shili.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match=words):
        read(file)


def test_key_and_file_must_agree(tmp_path: Path) -> None:
    tmp_path.joinpath("other.yml").write_text(yaml.safe_dump(GOOD, allow_unicode=True), encoding="utf-8")
    with pytest.raises(RegistryError, match=r"other\.yml: key: 'shili' is not the name of the file"):
        load(tmp_path)


def test_an_empty_or_missing_folder_is_no_registry(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="holds no portal"):
        load(tmp_path)
    with pytest.raises(RegistryError, match="no such folder"):
        load(tmp_path / "none")


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.shilixian.gov.cn", "shilixian.gov.cn"),
        ("a.b.shilixian.gov.cn", "shilixian.gov.cn"),
        ("www.gov.cn", "www.gov.cn"),
        ("127.0.0.11", "127.0.0.11"),
        ("localhost", "localhost"),
    ],
)
def test_sites(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://www.shilixian.gov.cn/a", True),
        ("https://czj.shilixian.gov.cn:8080/a", True),
        ("http://SHILIXIAN.gov.cn./", True),
        ("http://files.shili.org.cn/a.pdf", True),
        ("http://www.linxian.gov.cn/a", False),
        ("http://shilixian.gov.cn.example.com/", False),
        ("http://notshilixian.gov.cn/", False),
        ("http://www.shilixian.gov.cn@example.com/", False),
        ("http://example.com@www.shilixian.gov.cn/", False),
        ("http://www.shilixian.gov.cn:99999/", False),
        ("file:///etc/passwd", False),
        ("ftp://www.shilixian.gov.cn/", False),
        ("http://127.0.0.1/", False),
        ("http://[::1]/", False),
        ("http://2130706433/", False),
        ("", False),
    ],
)
def test_own_addresses(url: str, own: bool) -> None:
    assert from_entry(GOOD | {"hosts": ["files.shili.org.cn"]}).owns(url) is own


def test_where_the_portal_is_an_ip_address_the_port_counts() -> None:
    portal: Portal = from_entry(GOOD | {"start": ["http://127.0.0.1:8001/a"]})
    assert portal.owns("http://127.0.0.1:8001/b")
    assert not portal.owns("http://127.0.0.1:8002/b")
    assert not portal.owns("http://127.0.0.1/b")
