"""Flat lines and discs, painted as SVG or into a PDF; what a figure is made of once projected.

All lengths are in the drawing's own unit (centimetres of a person), y pointing down. Three shades
only, so that a black-and-white print loses nothing. What this module leaves out: colour, text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import hypot

from fpdf import FPDF
from fpdf.drawing import PaintedPath
from fpdf.drawing_primitives import DeviceGray

Point = tuple[float, float]
Box = tuple[float, float, float, float]

# CSS custom property, its value without a style sheet, the same grey for print.
_SHADES = {
    "ink": ("var(--figure-ink, #000)", 0.0),
    "thin": ("var(--figure-thin, #595959)", 0.35),
    "far": ("var(--figure-far, #8c8c8c)", 0.55),
    "paper": ("var(--figure-paper, #fff)", 1.0),
}
_RIM = 1.6  # width of the white rim of a near limb, in line widths


@dataclass(frozen=True)
class Line:
    """A line through `points`; `rim` paints a white edge first, to part it from what is behind."""

    points: tuple[Point, ...]
    width: float
    shade: str = "ink"
    fill: str | None = None
    dashed: bool = False
    rim: bool = False


@dataclass(frozen=True)
class Disc:
    """A white disc with a rim of `width`."""

    centre: Point
    radius: float
    width: float
    shade: str = "ink"


Mark = Line | Disc


def to_svg(marks: Iterable[Mark], box: Box, label: str) -> str:
    """An SVG element showing `box` (left, top, width, height), described by `label` for readers."""
    body = "".join(_svg(mark) for mark in marks)
    view = " ".join(f"{number:.1f}" for number in box)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" '
        f'aria-label="{escape(label, quote=True)}" viewBox="{view}" fill="none" '
        f'stroke-linecap="round" stroke-linejoin="round">{body}</svg>'
    )


def _svg(mark: Mark) -> str:
    if isinstance(mark, Disc):
        x, y = mark.centre
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{mark.radius:.1f}" fill="{_SHADES["paper"][0]}" '
            f'stroke="{_SHADES[mark.shade][0]}" stroke-width="{mark.width:.1f}"/>'
        )
    rim = ""
    if mark.rim:
        rim = (
            f'<path d="{_svg_path(_inner(mark))}" stroke="{_SHADES["paper"][0]}" '
            f'stroke-linecap="butt" stroke-width="{mark.width * _RIM:.1f}"/>'
        )
    fill = f' fill="{_SHADES[mark.fill][0]}"' if mark.fill else ""
    dash = f' stroke-dasharray="{_dash(mark)[0]:.1f} {_dash(mark)[1]:.1f}"' if mark.dashed else ""
    return (
        f'{rim}<path d="{_svg_path(mark.points)}" stroke="{_SHADES[mark.shade][0]}" '
        f'stroke-width="{mark.width:.1f}"{dash}{fill}/>'
    )


def _svg_path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _dash(line: Line) -> tuple[float, float]:
    """Lengths of dash and gap; the round ends of a dash take one line width from the gap."""
    return line.width * 2, line.width * 2


def _inner(line: Line) -> tuple[Point, ...]:
    """The line without its last bit at both ends, so that its rim does not cut into joints."""
    by = line.width * 1.3
    points = line.points
    return (_cut(points[0], points[1], by), *points[1:-1], _cut(points[-1], points[-2], by))


def _cut(end: Point, inward: Point, by: float) -> Point:
    length = hypot(inward[0] - end[0], inward[1] - end[1])
    share = min(by / length, 0.5) if length else 0.0
    return end[0] + (inward[0] - end[0]) * share, end[1] + (inward[1] - end[1]) * share


def to_pdf(marks: Iterable[Mark], box: Box, pdf: FPDF, place: Box) -> None:
    """Paint `box` into `place` of the current page, centred (both: left, top, width, height)."""
    scale = min(place[2] / box[2], place[3] / box[3])
    left = place[0] + (place[2] - box[2] * scale) / 2 - box[0] * scale
    top = place[1] + (place[3] - box[3] * scale) / 2 - box[1] * scale

    def on_page(point: Point) -> Point:
        return left + point[0] * scale, top + point[1] * scale

    with pdf.drawing_context() as context:
        for mark in marks:
            if isinstance(mark, Disc):
                path = _path(mark.width * scale, mark.shade, "paper")
                path.circle(*on_page(mark.centre), mark.radius * scale)
                context.add_item(path)
                continue
            width = mark.width * scale
            if mark.rim:
                rim = _path(width * _RIM, "paper", cap="butt")
                context.add_item(_through(rim, [on_page(p) for p in _inner(mark)]))
            path = _path(width, mark.shade, mark.fill)
            if mark.dashed:
                path.style.stroke_dash_pattern = tuple(length * scale for length in _dash(mark))
            context.add_item(_through(path, [on_page(p) for p in mark.points]))


def _path(width: float, shade: str, fill: str | None = None, cap: str = "round") -> PaintedPath:
    path = PaintedPath()
    path.style.auto_close = False
    path.style.stroke_width = width
    path.style.stroke_color = DeviceGray(_SHADES[shade][1])
    path.style.fill_color = DeviceGray(_SHADES[fill][1]) if fill else None
    path.style.stroke_cap_style = cap
    path.style.stroke_join_style = "round"
    return path


def _through(path: PaintedPath, points: list[Point]) -> PaintedPath:
    path.move_to(*points[0])
    for point in points[1:]:
        path.line_to(*point)
    return path
