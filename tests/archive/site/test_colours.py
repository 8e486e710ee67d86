"""The colours of charts: told apart with any of the common colour deficiencies, and from the ground."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from archive.site import assets

Vector = tuple[float, float, float]

#: Linear sRGB as people see it who lack one kind of cone (Machado, Oliveira, Fernandes 2009, severity 1).
SIGHT = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
#: sRGB to CIE XYZ, and the white that CIELAB is relative to (D65).
_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.9505, 1.0, 1.089)


def colours() -> list[str]:
    script = (assets.FOLDER / "charts.js").read_text(encoding="utf-8")
    found = re.search(r"COLOURS = \[(.*?)\]", script)
    assert found is not None
    return re.findall(r"#[0-9a-f]{6}", found[1])


def linear(colour: str) -> Vector:
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return r, g, b


def times(matrix: tuple[Vector, ...], vector: Vector) -> Vector:
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def lab(rgb: Vector) -> Vector:
    clipped = tuple(min(max(v, 0.0), 1.0) for v in rgb)
    relative = (v / w for v, w in zip(times(_XYZ, clipped), _WHITE, strict=True))  # type: ignore[arg-type]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in relative)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_are_alike(sight: str) -> None:
    seen = [lab(times(SIGHT[sight], linear(colour))) for colour in colours()]
    assert len(seen) == 6
    for one, other in itertools.combinations(seen, 2):
        # 2.3 is just noticeable; lines of a few pixels want ten times that.
        assert math.dist(one, other) > 25


def test_each_stands_out_from_the_page() -> None:
    for colour in colours():
        luminance = times(_XYZ, linear(colour))[1]
        assert 1.05 / (luminance + 0.05) >= 3  # WCAG 2.2, 1.4.11
