"""What a file is, told by its bytes. Pure."""

from __future__ import annotations

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
)


def kind_of(body: bytes) -> str | None:
    """html, pdf, docx, ofd, zip, a picture or text, by the bytes alone; ``None`` for anything else."""
    head = body[:1024]
    for magic, kind in _PICTURES:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        # [Content_Types].xml comes first in what Word writes, word/ anywhere (ECMA-376 part 2).
        if b"word/" in body:
            return "docx"
        # OFD.xml is the one file whose name and place are fixed (GB/T 33190-2016, 7.3); of a ZIP file's names
        # the directory at its end has all, uncompressed.
        return "ofd" if b"OFD.xml" in body else None if b"xl/" in body else "zip"
    folded = head.lower()
    if any(mark in folded for mark in (b"<html", b"<!doctype html", b"<head", b"<body", b"<table", b"<div")):
        return "html"
    return None if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else "text"
