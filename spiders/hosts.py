"""Hosts and registrable domains of addresses. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from tldextract import TLDExtract

# The list of public suffixes that comes with the package: nothing is downloaded, nothing cached on disk.
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=1024)  # asked of each request, and of the portal's own hosts for each link
def site_of(host: str) -> str:
    """The registrable domain of a host (``rsj.mouxian.gov.cn`` → ``mouxian.gov.cn``), or the host itself.

    An IP address, a bare name or a public suffix such as ``gov.cn`` is its own site.
    """
    return _suffixes(host).top_domain_under_public_suffix or host


def host_of(url: str) -> str:
    """Host of an address in lower case, without port and trailing dot; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:  # e.g. an unclosed [ of an IPv6 address
        return ""


def is_literal(host: str) -> bool:
    """Whether the host is an IP address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_suffix(host: str) -> bool:
    """Whether a host is a public suffix such as ``gov.cn``: every ``*.gov.cn`` would be its sub-domain."""
    return _suffixes(host).suffix == host


def is_host(host: str) -> bool:
    """Whether a host is an IP address or a name that can be looked up at all (RFC 1035 §2.3.4)."""
    try:
        return is_literal(host) or bool(re.fullmatch(r"[a-z0-9._-]+", host.encode("idna").decode()))
    except UnicodeError:  # an empty or overlong label
        return False


def origin_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return host_of(url), parts.port or (443 if parts.scheme == "https" else 80)
