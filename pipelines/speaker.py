"""Who speaks in a report, and how it names itself. Pure."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from archive import agencies, keys

#: What stands for the issuer's name where it speaks of itself.
_ITSELF = "本机关"
_OF_KIND = {
    "government": ("[我全本][省市县区旗州]", "[省市县区旗州](?:人民)?政府"),
    "zone": ("[我全本]区", "(?:区)?管委会"),
    "township": ("[我全本][镇乡街]", "我街道", "[镇乡](?:人民)?政府", "街道办事处"),
    "office": ("我[办厅]", "本办公?[室厅]", "[省市县区旗州](?:人民)?政府办公?[室厅]?"),
    "department": ("[我本][局委办厅院处署]",),
}


class Speaker(NamedTuple):
    """The issuer as its own sentences see it."""

    name: str
    """Without white space; empty where nobody knows it."""
    kind: str
    """One of ``archive.agencies.KINDS``."""

    @property
    def governs(self) -> bool:
        """Whether its report speaks of many bodies."""
        return self.kind in ("government", "zone")

    def as_itself(self, text: str) -> str:
        """The text with 本机关 for the issuer's name, so that a grammar serves all issuers of a kind."""
        return text.replace(self.name, _ITSELF) if self.name else text


def speaker(agency: str | None) -> Speaker:
    """The speaker of an issuer's report."""
    return Speaker(keys.normalise(agency), agencies.kind_of(agency)) if agency else Speaker("", "other")


@cache
def names(kind: str) -> str:
    """What an issuer may call itself where it speaks of its own applications, as a pattern.

    Applies to text that went through ``Speaker.as_itself``.
    """
    own = (_ITSELF, "本单位", "我单位", "本级", *_OF_KIND.get(kind, _OF_KIND["department"]))
    return rf"(?:{'|'.join(own)})(?:代表[省市县区旗州](?:人民)?政府)?"
