"""Sort-friendly form of an address (SURT): the key by which CDXJ indices are searched.

As the Internet Archive's ``surt`` makes it, which pywb and OpenWayback ask with: host
reversed and without ``www``, path and query in lower case, parameters in order, session ids
and fragments gone. Our own because that package states no licence; a test compares the keys with
those of Webrecorder's cdxj-indexer where it is installed.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WWW = re.compile(r"^www\d*\.")
#: Parameters that number a visitor, and the folder ASP.NET numbers one with.
_SESSIONS = re.compile(
    r"(?:(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}|cfid=[^&]+&cftoken=[^&]+)"
    r"(?:&|$)",
    re.IGNORECASE,
)
_ASPX = re.compile(r"^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$", re.IGNORECASE)


def surt(url: str) -> str:
    """The key of an address; what is not on a host keeps its scheme."""
    url = re.sub(r"[\t\r\n]", "", url).strip()
    scheme, _, rest = url.partition(":")
    if scheme.lower() not in _DEFAULT_PORTS or not rest.startswith("//"):
        return f"{scheme}:{_escaped(rest)}".lower() if rest else url.lower()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number, half an IPv6 address
        return url.lower()
    host = _host(parts.hostname or "")
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host += f":{port}"
    query = _query(parts.query)
    return f"{host}){_path(parts.path)}" + (f"?{query}" if query else "")


def _host(name: str) -> str:
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            name = _escaped(name)
    name = _WWW.sub("", re.sub(r"\.{2,}", ".", name.lower().strip(".")))
    return ",".join(reversed(name.split(".")))


def _path(path: str) -> str:
    kept: list[str] = []
    for step in _unescaped(path).split("/"):
        if step == ".." and kept:
            kept.pop()
        elif step not in ("", "."):
            kept.append(step)
    folded = "/" + _quoted("/".join(kept)).lower()
    session = _ASPX.match(folded)
    return session[1] + session[2] if session else folded


def _query(query: str) -> str:
    text = _SESSIONS.sub("", _escaped(query)).lower().rstrip() if query else ""
    return "&".join(sorted(text.split("&")))


def _escaped(text: str) -> str:
    return _quoted(_unescaped(text))


def _unescaped(text: str) -> str:
    """Every %XX undone, also one under another; one character a byte."""
    found = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(found)) != found:
        found = plain
    return found.decode("latin-1")


def _quoted(text: str) -> str:
    return "".join(c if 0x20 < ord(c) < 0x7F and c not in "#%" else f"%{ord(c):02X}" for c in text)
