"""Why a request gave nothing, as (kind, address, words) for the record. Pure."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

# What portals answer for a page that is gone for good.
GONE = frozenset((404, 410))
#: Kinds under which a host may have said nothing at all.
SILENT = frozenset(("timeout", "dns", "refused_connection", "network"))


def describe(error: BaseException, url: str, status: int | None = None) -> tuple[str, str, str]:
    """(kind, address, message) of a failure; ``status`` is the HTTP status if an answer came."""
    if status is not None:
        return ("gone" if status in GONE else "http"), url, f"HTTP status {status}"
    return _kind(error), url, f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]


def _kind(error: BaseException) -> str:
    if isinstance(error, DownloadTimeoutError):
        return "timeout"
    if isinstance(error, CannotResolveHostError):
        return "dns"
    if isinstance(error, DownloadConnectionRefusedError):
        return "refused_connection"
    if isinstance(error, DownloadCancelledError):  # what Scrapy raises when DOWNLOAD_MAXSIZE is passed
        return "too_large"
    if isinstance(error, IgnoreRequest):
        words = str(error)
        if "DOWNLOAD_MAXSIZE" in words:  # inflated beyond it
            return "too_large"
        return "redirects" if "redirect" in words else "ignored"
    return "network"
