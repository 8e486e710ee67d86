"""How to cite a report: a BibTeX entry with the issuer's page and the archive's own address."""

from __future__ import annotations

import re

from archive.site.rows import Row

_SPECIAL = re.compile(r"([&%$#_])")


def _value(text: object) -> str:
    """Text inside BibTeX braces: what TeX would run or what would close the braces is made plain."""
    plain = re.sub(r"[{}\\~^]", " ", str(text))
    return _SPECIAL.sub(r"\\\1", " ".join(plain.split()))


def _address(url: str) -> str:
    """A URL inside braces: percent-encoded where it could close them."""
    return url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def bibtex(report: Row, address: str) -> str:
    """One ``@techreport`` entry. ``address`` is the report page's absolute URL."""
    issuer = _value(report["agency_name"] or report["agency"])
    published = report["published_on"] or ""
    fields = {
        # A second pair of braces: a name of an organisation, not to be split into first and last name.
        "author": f"{{{issuer}}}",
        "title": f"{{{_value(report['title'])}}}",
        "institution": issuer,
        "year": published[:4] or str(report["year"]),
        "url": _address(report["url"] or address),
        "note": f"gongkai, {_address(address)}, revision {report['revision'] or 1}",
    }
    width = max(map(len, fields))
    lines = ",\n".join(f"  {name:<{width}} = {{{value}}}" for name, value in fields.items())
    return f"@techreport{{gongkai{report['id']},\n{lines}\n}}"
