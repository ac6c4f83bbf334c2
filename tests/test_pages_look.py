"""The colours of the pages: every pair that stands together can be read, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parent.parent / "assistant" / "pages" / "static"
THEME = (STATIC / "theme.css").read_text(encoding="utf-8")
LIGHT = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", THEME.partition("@media")[0]))
DARK = {**LIGHT, **dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", THEME.partition("@media")[2]))}
TEXT = [
    ("ink", "paper"), ("ink", "panel"), ("quiet", "paper"), ("quiet", "panel"), ("accent", "paper"),
    ("accent", "panel"), ("accent", "accent-soft"), ("ink", "accent-soft"), ("on-accent", "accent"),
    ("ink", "cited"), ("amber", "amber-soft"), ("on-strong", "urgent"), ("on-strong", "crisis"),
]  # fmt: skip
EDGES = [("edge", "paper"), ("edge", "panel"), ("accent", "paper"), ("cited-edge", "cited")]


def luminance(colour: str) -> float:
    """The relative luminance of a colour as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_has_enough_contrast(colours: dict[str, str], ink: str, ground: str) -> None:
    """Each pair of text and ground has at least 4.5:1."""
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_controls_have_enough_contrast(colours: dict[str, str], edge: str, ground: str) -> None:
    """Each edge of a control has at least 3:1 to its ground."""
    assert contrast(colours[edge], colours[ground]) >= 3


def test_no_colour_stands_outside_the_tokens() -> None:
    """The styles of both pages use the tokens, and beside them white, black and shadows alone."""
    allowed = {"#fff", "#000", "#ff9c9c"}
    for name in ("chat.css", "desk.css"):
        style = (STATIC / name).read_text(encoding="utf-8")
        assert set(re.findall(r"#[0-9a-f]{3,6}\b(?=[\s;,)!])", style)) <= allowed, name


def test_the_contrast_measure_knows_its_ends() -> None:
    """Black on white is 21:1, a colour on itself 1:1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b5d5e", "#0b5d5e") == pytest.approx(1)
