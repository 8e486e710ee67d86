"""HTTP content codings undone, within a bound (RFC 9110 §8.4), and charsets that may be trusted."""

from __future__ import annotations

import codecs
import importlib
import zlib
from typing import Any

from archive.errors import ArchiveError, DamagedError

#: Larger than any report seen by three orders of magnitude; what inflates beyond it is a bomb.
MAX_BODY = 256 * 1024 * 1024
#: No server applies more than two; a header that names hundreds wants work done.
_MAX_CODINGS = 3
_GZIP = ("gzip", "x-gzip")
_GZIP_MAGIC = b"\x1f\x8b"
#: Registered codings (IANA HTTP Content Coding Registry) that nothing here undoes. What is not
#: registered (``utf-8``, ``none``, ``binary``) is a server's slip, and its body is plain.
_FOREIGN = frozenset(("aes128gcm", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"))
#: Codecs of Python that no page is written in and that fail on any byte, or take quadratic time.
_NO_TEXT = frozenset(
    ("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem")
)


def text_encoding(name: str) -> str | None:
    """The Python codec of a charset label; ``None`` for one that is unknown or can hold no page."""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")  # base64, rot13 and zip are codecs too, but give no text
    except (LookupError, ValueError):  # UnicodeError is a ValueError; a NUL in the name as well
        return None
    return None if found.replace("_", "-") in _NO_TEXT else found


def decode_body(body: bytes, encoding: str | None, *, where: str, limit: int = MAX_BODY) -> bytes:
    """The body with every coding of a Content-Encoding header undone, the last applied first.

    A body that only claims to be gzip comes back as it is, and so does one under
    a name that is no coding: servers do that. Raises ``DamagedError`` for a
    broken or oversized body, ``ArchiveError`` for a coding that cannot be read here.
    """
    codings = [part.strip().lower() for part in (encoding or "").split(",")]
    if len(codings) > _MAX_CODINGS:
        raise DamagedError(f"{where}: {len(codings)} content codings one over another")
    for name in reversed(codings):
        if name in _GZIP:
            body = _inflate(body, 16 + zlib.MAX_WBITS, where, limit) if body[:2] == _GZIP_MAGIC else body
        elif name == "deflate":
            # Sent both with the zlib header the RFC asks for and, by old servers, without.
            zlib_header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] * 256 + body[1]) % 31 == 0
            body = _inflate(body, zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS, where, limit)
        elif name == "br":
            body = _brotli(body, where, limit)
        elif name == "zstd":
            body = _zstd(body, where, limit)
        elif name in _FOREIGN:
            raise ArchiveError(f"{where}: Content-Encoding {name!r} cannot be undone")
    return body


def beginning(body: bytes, encoding: str | None, size: int) -> bytes | None:
    """The first bytes of what ``decode_body`` gives, where they can be had without the rest.

    ``None``: only the whole can tell. What begins well may still be broken farther on.
    """
    name = (encoding or "").strip().lower()
    if not name or (name in _GZIP and body[:2] != _GZIP_MAGIC):
        return body[:size]
    if name not in _GZIP:
        return None
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, size)
    except zlib.error:
        return None


def _bounded(size: int, where: str, limit: int) -> None:
    if size > limit:
        raise DamagedError(f"{where}: the body inflates beyond {limit} bytes")


def _inflate(body: bytes, wbits: int, where: str, limit: int) -> bytes:
    parts, size = [], 0
    rest = body
    while rest:
        inflated = zlib.decompressobj(wbits)
        try:
            part = inflated.decompress(rest, limit + 1 - size)
        except zlib.error as error:
            raise DamagedError(f"{where}: the body is not what Content-Encoding says ({error})") from error
        size += len(part)
        parts.append(part)
        _bounded(size, where, limit)
        if not inflated.eof:
            raise DamagedError(f"{where}: the compressed body is cut short")
        rest = inflated.unused_data
        if rest[:2] != _GZIP_MAGIC:  # what follows a gzip body and is none is padding (RFC 1952 §2.2)
            break
    return b"".join(parts)


def _module(name: str, where: str, coding: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ArchiveError(f"{where}: Content-Encoding {coding!r} needs the module {name}") from error


def _brotli(body: bytes, where: str, limit: int) -> bytes:
    brotli = _module("brotli", where, "br")
    stream = brotli.Decompressor()
    parts, size = [], 0
    try:
        for start in range(0, len(body), 1 << 14):
            # output_buffer_limit keeps one step from inflating without bound.
            part = stream.process(body[start : start + (1 << 14)], output_buffer_limit=limit + 1 - size)
            size += len(part)
            _bounded(size, where, limit)
            parts.append(part)
        while not stream.can_accept_more_data():
            part = stream.process(b"", output_buffer_limit=limit + 1 - size)
            size += len(part)
            _bounded(size, where, limit)
            parts.append(part)
    except brotli.error as error:
        raise DamagedError(f"{where}: the body is no brotli ({error})") from error
    if not stream.is_finished():
        raise DamagedError(f"{where}: the compressed body is cut short")
    return b"".join(parts)


def _zstd(body: bytes, where: str, limit: int) -> bytes:
    zstd = _module("backports.zstd", where, "zstd")
    stream = zstd.ZstdDecompressor()
    try:
        part: bytes = stream.decompress(body, max_length=limit + 1)
    except zstd.ZstdError as error:
        raise DamagedError(f"{where}: the body is no zstd ({error})") from error
    _bounded(len(part), where, limit)
    if not stream.eof:
        raise DamagedError(f"{where}: the compressed body is cut short")
    return part
