"""The key figures that the archive adds up over reports (table ``totals``), once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One sum."""

    key: str
    zh: str
    en: str
    of: str | None = None
    """The figure it is a part of: ``<key>_of`` is the sum of that over the same reports."""

    @property
    def columns(self) -> tuple[str, ...]:
        more = (f"{self.key}_of",) if self.of else ()
        return self.key, f"{self.key}_reports", *more


MEASURES = (
    Measure("received", "新收申请", "Applications received"),
    Measure("concluded", "办理结果总计", "Applications concluded"),
    Measure("granted", "予以公开与部分公开", "Granted in whole or in part", "concluded"),
    Measure("refused", "不予公开", "Refused", "concluded"),
    Measure("not_held", "本机关不掌握相关政府信息", "Information not held", "concluded"),
    Measure("reviews", "行政复议", "Administrative reconsiderations"),
    Measure("reviews_corrected", "行政复议结果纠正", "Reconsiderations that corrected the organ", "reviews"),
    Measure("lawsuits", "行政诉讼", "Administrative lawsuits"),
    Measure("lawsuits_corrected", "行政诉讼结果纠正", "Lawsuits that corrected the organ", "lawsuits"),
)


def measure(key: str) -> Measure:
    """The measure with this key; raises ``KeyError``."""
    for known in MEASURES:
        if known.key == key:
            return known
    raise KeyError(f"no measure {key!r}; known: {', '.join(m.key for m in MEASURES)}")
