"""A text as long as a report's."""

from __future__ import annotations

import random

_CHANCE = random.Random(5)
LONG = "".join(_CHANCE.choice("政府信息公开依申请办理机关单位平台群众监督保障，") for _ in range(2500)) + "。"
