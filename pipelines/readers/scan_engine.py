"""The recognition models: where text stands on a page, and what one line of it says. Offline.

rapidocr's wheel carries PP-OCRv6 models; they are opened from there by path, so
that nothing is ever downloaded. Lines are recognised by the model itself, not
through rapidocr's pipeline, because the probability of every single character
is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from rapidocr import RapidOCR

from pipelines.readers import messages
from pipelines.readers.errors import UnreadableError

#: Grey image, 0 is black.
Gray = npt.NDArray[np.uint8]

#: The recogniser takes lines of this height.
HEIGHT = 48
#: Widest line in the recogniser's pixels: 60 characters; a full line of A4 has 45.
MAX_WIDTH = 48 * 60
#: Longest side of the page on which text is looked for: characters of 10 pt stay 15 pixels high.
DETECT_SIDE = 1600
#: Images recognised in one call.
BATCH = 16

#: What the recogniser takes a figure's characters for in a font without context.
LOOKALIKE = str.maketrans(
    {
        "O": "0",
        "o": "0",
        "〇": "0",
        "○": "0",
        "。": "0",
        "I": "1",
        "l": "1",
        "|": "1",
        "丨": "1",
        "一": "-",
        "—": "-",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """What the recogniser made of one image of one line."""

    text: str
    confidence: float
    """Probability of the least probable character or one that looks the same; 0 where there is none."""
    mean: float
    """Mean probability of the characters."""


@cache
def _folder() -> Path:
    return Path(str(files("rapidocr"))) / "models"


def _model(part: str) -> str:
    found = sorted(_folder().glob(f"*{part}*.onnx"))
    if not found:
        raise UnreadableError(messages.no_ocr_model(part))
    return str(found[-1])


@cache
def _recogniser() -> tuple[Any, tuple[str, ...], dict[int, list[int]]]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # waiting threads that spin take the cores from everything else on the machine
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(_model("_rec_"), options, providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    # class 0 is CTC's blank, the last one the space
    classes = ("", *characters, " ")
    return session, classes, alike(classes)


@cache
def _detector() -> Any:
    paths = {f"{part}.model_path": _model(f"_{part.lower()}_") for part in ("Det", "Rec", "Cls")}
    return RapidOCR(params={**paths, "Global.log_level": "critical"})


def recognise(images: Sequence[Gray]) -> list[Line]:
    """Each image as one line of text, in the order given."""
    found: list[Line | None] = [None] * len(images)
    # alike widths go together: a batch is padded to its widest line
    order = sorted(range(len(images)), key=lambda at: images[at].shape[1] / images[at].shape[0])
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        for at, line in zip(batch, _recognise([images[at] for at in batch]), strict=True):
            found[at] = line
    return [line or Line("", 0.0, 0.0) for line in found]


def _recognise(images: Sequence[Gray]) -> list[Line]:
    session, characters, groups = _recogniser()
    widths = [max(8, min(MAX_WIDTH, math.ceil(HEIGHT * i.shape[1] / i.shape[0]))) for i in images]
    batch = np.zeros((len(images), 3, HEIGHT, max(HEIGHT, *widths)), dtype=np.float32)
    for at, (image, width) in enumerate(zip(images, widths, strict=True)):
        shrinking = image.shape[0] > HEIGHT
        method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        batch[at, :, :, :width] = cv2.resize(image, (width, HEIGHT), interpolation=method) / 127.5 - 1.0
    (output,) = session.run(None, {session.get_inputs()[0].name: batch})
    return [decoded(steps, characters, groups) for steps in output]


def alike(characters: Sequence[str]) -> dict[int, list[int]]:
    """Class → the classes that are read as the same character of a figure, where there are several."""
    same: dict[str, list[int]] = {}
    for at, character in enumerate(characters):
        same.setdefault(character.translate(LOOKALIKE), []).append(at)
    return {at: group for group in same.values() if len(group) > 1 for at in group}


def decoded(
    steps: npt.NDArray[np.float32], characters: Sequence[str], groups: Mapping[int, list[int]]
) -> Line:
    """CTC (``steps`` × classes): the best class of every step, repetitions and blanks dropped.

    A nought that may as well be an O is no doubt about a figure, so what looks
    alike is one character to the confidence.
    """
    best = steps.argmax(axis=1)
    kept = [at for at, index in enumerate(best) if index and not (at and best[at - 1] == index)]
    if not kept:
        return Line("", 0.0, 0.0)
    text = "".join(characters[best[at]] for at in kept)
    confidence = min(float(steps[at, groups.get(int(best[at]), [int(best[at])])].sum()) for at in kept)
    mean = sum(float(steps[at, best[at]]) for at in kept) / len(kept)
    return Line(text, confidence, mean)


def boxes_of_text(page: Gray) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of the lines of text on a page, in its own pixels."""
    scale = min(1.0, DETECT_SIDE / max(page.shape))
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else page
    result = _detector()(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), use_det=True, use_cls=False, use_rec=False)
    boxes = [] if result.boxes is None else result.boxes
    return [
        (
            int(min(x for x, _ in box) / scale),
            int(min(y for _, y in box) / scale),
            math.ceil(max(x for x, _ in box) / scale),
            math.ceil(max(y for _, y in box) / scale),
        )
        for box in boxes
    ]
