"""What a family may be told in a registry entry (``params``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: what it means, and the form (a regular expression) its value must have."""

    meaning: str
    form: str = r"\S.*"


#: 8-4-4-4-12 hexadecimal digits.
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
