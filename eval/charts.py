"""Charts as inline SVG: text stays text, shapes tell apart what colours do, print is enough."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

# Okabe and Ito's palette, safe for the usual kinds of colour blindness.
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#6b7574"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "eval",
    "font.family": "sans-serif",
    "font.sans-serif": ["system-ui", "Segoe UI", "Roboto", "Arial", "DejaVu Sans"],
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#e3e6e2",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_WIDTH = 5.2  # inches
_ROW = 0.24


@dataclass(frozen=True)
class Point:
    """A share with its interval and, where there is one, the threshold that it is held to."""

    label: str
    value: float
    low: float
    high: float
    limit: float | None = None

    @property
    def fails(self) -> bool:
        """Whether the value misses its threshold."""
        return self.limit is not None and self.value < self.limit


def intervals(points: Sequence[Point], title: str) -> str:
    """Shares as dots with 95 % intervals, one a row; triangles miss their threshold (bar)."""
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH, 0.9 + _ROW * len(points)), layout="constrained")
        axes = canvas.add_subplot()
        for row, point in enumerate(points):
            colour, shape = (VERMILLION, "^") if point.fails else (BLUE, "o")
            axes.plot([point.low, point.high], [row, row], color=colour, linewidth=1.6)
            axes.plot([point.value], [row], shape, color=colour, markersize=6)
            if point.limit is not None:
                axes.plot([point.limit], [row], "|", color="black", markersize=11)
        axes.set_yticks(range(len(points)), [point.label for point in points])
        axes.invert_yaxis()
        axes.set_xlim(min([0.5, *(point.low for point in points)]) - 0.02, 1.02)
        axes.set_xlabel("share, with 95 % interval; | threshold; triangle: missed")
        axes.grid(axis="y", visible=False)
        return _svg(canvas, title)


def curve(points: Sequence[tuple[float, float]], title: str) -> str:
    """Risk against coverage as a step line."""
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH, 2.8), layout="constrained")
        axes = canvas.add_subplot()
        axes.step([x for x, _ in points], [y for _, y in points], color=BLUE, where="post")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, max(0.1, *(1.1 * y for _, y in points)))
        axes.set_xlabel("share of questions answered, best retrieval score first")
        axes.set_ylabel("share of them wrong")
        return _svg(canvas, title)


def histogram(milliseconds: Sequence[float], title: str) -> str:
    """How long answers took."""
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH, 2.4), layout="constrained")
        axes = canvas.add_subplot()
        axes.hist(milliseconds, bins=40, color=BLUE, edgecolor="white")
        axes.set_xlabel("milliseconds a question")
        axes.set_ylabel("questions")
        return _svg(canvas, title)


def _svg(canvas: Canvas, title: str) -> str:
    """The drawing as an element to put into a page, scaling with it and named for all readers."""
    drawn = io.StringIO()
    canvas.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    element = drawn.getvalue()
    element = element[element.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", element, count=1)
    element = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", element, count=1)
    named = f'<svg role="img" aria-label="{title}"'
    return element.replace("<svg", named, 1)
