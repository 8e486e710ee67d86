"""Text from portals made safe to stand beside our own."""

from __future__ import annotations

import re

#: Characters that reorder or hide what stands around them (Unicode UAX #9, 2: directional formatting).
#: Markup alone does not contain them: an unclosed isolate inside <bdi> swallows the end of the <bdi>.
_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(value: object) -> object:
    """``value`` with directional controls made visible, if it is text; its kind (markup or not) is kept."""
    # Nearly no text has any, and looking is forty times faster than replacing.
    if isinstance(value, str) and _CONTROLS.search(value):
        # Shown, not dropped: a reader should see that the source had something there.
        return type(value)(_CONTROLS.sub("\ufffd", value))
    return value
