"""Text from portals made safe to stand beside our own."""

from __future__ import annotations

import re

#: Characters that reorder or hide what stands around them (Unicode UAX #9, 2: directional formatting).
#: Markup alone does not contain them: an unclosed isolate inside <bdi> swallows the end of the <bdi>.
_CONTROLS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    # Shown, not dropped: a reader should see that the source had something there.
    "\ufffd",
)
_ANY = re.compile(f"[{''.join(map(chr, _CONTROLS))}]")


def plain(value: object) -> object:
    """``value`` with directional controls made visible, if it is text; its kind (markup or not) is kept."""
    # Looking is ten times faster than translating, and few texts have any.
    if isinstance(value, str) and not value.isascii() and _ANY.search(value):
        return type(value)(value.translate(_CONTROLS))
    return value
