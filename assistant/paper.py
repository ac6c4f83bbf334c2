"""A printed page: our type, margins and foot, and how measured parts are spread over pages.

All lengths are in mm, type sizes in points. What this module leaves out: what stands on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from assistant.sheet import Entry, Sheet

Paper = Literal["letter", "a4"]
_FONTS = Path(__file__).parent / "fonts"
MARGIN = 12.0
_FOOT = 5.0
_ENDLESS = 4000.0  # height of the page on which parts are measured
# Type size in points and least height of the poses in mm, the most readable first.
FITS = ((13.0, 46.0), (12.5, 46.0), (12.0, 46.0), (12.0, 36.0))
SMALL = 12.0  # the smallest type on the sheet, in points
_POINT = 25.4 / 72  # mm
_LEADING = 1.17  # line height in type sizes


@dataclass(frozen=True)
class Part:
    """Something that is set in one piece; a whole later group may fill the rest of a page."""

    draw: Callable[[Page], None]
    height: float
    group: int


class Page(FPDF):
    """A document in our type, and the few ways in which the sheet sets text."""

    def __init__(self, paper: str | tuple[float, float], sheet: Sheet) -> None:
        super().__init__(format=paper)
        self.sheet = sheet
        self.size, self.tall = FITS[-1]  # running text in points, poses in mm
        self.total = 0
        self.measuring = False
        self.add_font("Sheet", "", _FONTS / "LiberationSans-Regular.ttf")
        self.add_font("Sheet", "B", _FONTS / "LiberationSans-Bold.ttf")
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(False)

    @property
    def room(self) -> float:
        """Height of the running text on a page."""
        return float(self.h) - 2 * MARGIN - _FOOT

    def scratch(self) -> Page:
        """An endless page of the same width, on which parts are measured."""
        page = Page((self.w, _ENDLESS), self.sheet)
        page.measuring = True
        page.add_page()
        return page

    def close(self) -> None:
        """Close the font files."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Date, fingerprint and page number, on every page."""
        self.face(SMALL)
        self.set_xy(MARGIN, self.h - MARGIN - 4)
        self.cell(0, 5, self.sheet.foot)
        self.set_x(MARGIN)
        number = self.sheet.page.replace("{page}", str(self.page_no()))
        self.cell(0, 5, number.replace("{pages}", str(self.total)), align="R")

    def face(self, size: float, bold: bool = False) -> float:
        """Choose a type size in points; returns its line height in mm."""
        self.set_font("Sheet", "B" if bold else "", size)
        return size * _POINT * _LEADING

    def paragraph(
        self, text: str, left: float = MARGIN, size: float | None = None, bold: bool = False,
        width: float = 0,
    ) -> None:  # fmt: skip
        """Set `text` from `left` to the right margin (or `width` wide), and go below it."""
        height = self.face(size or self.size, bold)
        self.set_x(left)
        self.multi_cell(width, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def labelled(self, entry: Entry, left: float) -> None:
        """Set a bold label and its text as one paragraph."""
        self.set_left_margin(left)
        self.set_x(left)
        self.write(self.face(self.size, bold=True), f"{entry.label}: ")
        height = self.face(self.size)
        self.write(height, entry.text)
        self.ln(height)
        self.set_left_margin(MARGIN)
        self.set_x(MARGIN)


def paginate(parts: Iterable[Part], room: float) -> list[list[Part]]:
    """The parts page by page, none torn apart; `room` is the height of a page."""
    pages: list[list[Part]] = [[]]
    waiting, left = list(parts), room
    while waiting:
        chosen = _next(waiting, left)
        if not chosen:
            pages.append([])
            left = room
        for part in chosen:
            waiting.remove(part)
            pages[-1].append(part)
            left -= part.height
    return pages


def _next(waiting: list[Part], left: float) -> list[Part]:
    """What comes next on a page: the first part, else the first later group that fits whole."""
    if waiting[0].height <= left:
        return waiting[:1]
    for group in sorted({part.group for part in waiting} - {waiting[0].group}):
        parts = [part for part in waiting if part.group == group]
        if sum(part.height for part in parts) <= left:
            return parts
    return []
