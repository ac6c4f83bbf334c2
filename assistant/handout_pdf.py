"""A sheet laid out as PDF: Letter or A4, 12 to 13 point, black and white, embedded open font.

Parts are measured on a scratch page first; an exercise is never torn apart. The closing sections
fill what is left of a page before the next exercise starts a new one. What this module leaves out:
words (see `sheet`) and how a figure is painted (see `figures`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from datetime import date as Date
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from assistant.errors import InputError, WorkError
from assistant.figures import Figures
from assistant.poses import POSES
from assistant.sheet import Card, Entry, Section, Sheet

Paper = Literal["letter", "a4"]
FONTS = Path(__file__).parent / "fonts"
# Type size in points and least height of the poses in mm, the most readable first.
FITS = ((13.0, 46.0), (12.5, 46.0), (12.0, 46.0), (12.0, 36.0))

_MARGIN = 12.0  # all lengths in mm, type sizes in points
_FOOT = 5.0
_PICTURES = 60.0  # width of the column of the two poses
_GAP = 3.5
_LEADING = 1.17  # line height in type sizes
_POINT = 25.4 / 72
_SMALL, _DOSE, _HEADING = 12.0, 16.0, 14.0
_ACTION = 44.0  # width of the column that says what to do
_FILL = 0.92  # grey behind hold, sets and repetitions


@dataclass(frozen=True)
class _Part:
    """Something that is set in one piece; a whole later group may fill the rest of a page."""

    draw: Callable[[_Page], None]
    height: float
    group: int


class _Page(FPDF):
    """A document in our type, and the few ways in which the sheet sets text."""

    def __init__(self, paper: str | tuple[float, float], sheet: Sheet) -> None:
        super().__init__(format=paper)
        self.sheet, self.measuring = sheet, False
        self.size, self.tall = FITS[-1]
        self.total = 0
        self.add_font("Sheet", "", FONTS / "LiberationSans-Regular.ttf")
        self.add_font("Sheet", "B", FONTS / "LiberationSans-Bold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(False)

    def footer(self) -> None:
        """Date, fingerprint and page number, on every page."""
        self.face(_SMALL)
        self.set_xy(_MARGIN, self.h - _MARGIN - 4)
        self.cell(0, 5, self.sheet.foot)
        self.set_x(_MARGIN)
        number = self.sheet.page.replace("{page}", str(self.page_no()))
        self.cell(0, 5, number.replace("{pages}", str(self.total)), align="R")

    def face(self, size: float, bold: bool = False) -> float:
        """Choose a type size in points; returns its line height in mm."""
        self.set_font("Sheet", "B" if bold else "", size)
        return size * _POINT * _LEADING

    def paragraph(
        self, text: str, left: float = _MARGIN, size: float | None = None, bold: bool = False,
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
        self.set_left_margin(_MARGIN)
        self.set_x(_MARGIN)


def print_pdf(sheet: Sheet, figures: Figures, *, paper: Paper, today: Date) -> bytes:
    """The sheet as the bytes of a PDF; equal input gives equal bytes.

    Raises InputError for an unknown paper, WorkError for a letter that the font does not have.
    """
    if paper not in get_args(Paper):
        raise InputError(f"unknown paper {paper!r}; use {' or '.join(get_args(Paper))}")
    page = _Page(paper, sheet)
    _check_letters(page, sheet)
    pages = _plan(page, figures)
    page.total = len(pages)
    for parts in pages:
        page.add_page()
        for part in parts:
            part.draw(page)
    page.set_title(sheet.title)
    page.set_lang(sheet.language)
    page.set_creation_date(datetime.combine(today, time(), UTC))
    return bytes(page.output())


def _check_letters(page: _Page, sheet: Sheet) -> None:
    page.face(_SMALL)
    font = page.current_font
    known = font.cmap if isinstance(font, TTFFont) else {}
    for text in sheet.texts():
        for letter in text:
            if ord(letter) not in known:
                what = f"the handout's font has no letter {letter!r} (U+{ord(letter):04X})"
                raise WorkError(f"{what}, in {text[:40]!r}; use the print view instead")


def _plan(page: _Page, figures: Figures) -> list[list[_Part]]:
    """The parts page by page, in the most readable of FITS that costs no further page.

    Heights are measured by setting the parts on a scratch page; `page` gets the chosen size.
    """
    sheet, room = page.sheet, page.h - 2 * _MARGIN - _FOOT
    scratch = _Page((page.w, 4000), sheet)
    scratch.measuring = True
    scratch.add_page()

    def measured(draw: Callable[[_Page], None], group: int = 0) -> _Part:
        scratch.set_y(_MARGIN)
        draw(scratch)
        return _Part(draw, scratch.get_y() - _MARGIN, group)

    before = [measured(_head), measured(_stop_box)]
    after = [measured(d, n) for n, s in enumerate(sheet.sections, 1) for d in _pieces(s)]

    def plan(fit: tuple[float, float]) -> list[list[_Part]]:
        page.size, page.tall = scratch.size, scratch.tall = fit
        cards = [measured(partial(_card, card=card, figures=figures)) for card in sheet.cards]
        return _paginate([*before, *cards, *after], room)

    fewest = len(plan(FITS[-1]))
    return next(pages for fit in FITS if len(pages := plan(fit)) == fewest)


def _paginate(parts: Iterable[_Part], room: float) -> list[list[_Part]]:
    """The parts page by page; a part that is higher than a page gets one to itself."""
    pages: list[list[_Part]] = [[]]
    waiting, left = list(parts), room
    while waiting:
        chosen = _next(waiting, left, fresh=not pages[-1])
        if not chosen:
            pages.append([])
            left = room
        for part in chosen:
            waiting.remove(part)
            pages[-1].append(part)
            left -= part.height
    return pages


def _next(waiting: list[_Part], left: float, fresh: bool) -> list[_Part]:
    """What comes next on a page: the first part, else the first later group that fits whole."""
    if waiting[0].height <= left or fresh:
        return waiting[:1]
    for group in sorted({part.group for part in waiting} - {waiting[0].group}):
        parts = [part for part in waiting if part.group == group]
        if sum(part.height for part in parts) <= left:
            return parts
    return []


def _head(page: _Page) -> None:
    page.paragraph(page.sheet.title, size=20, bold=True)
    for line in page.sheet.lead:
        page.paragraph(line, size=_SMALL)
    page.ln(2)


def _stop_box(page: _Page) -> None:
    top = page.get_y()
    page.set_fill_color(0)
    page.set_text_color(255)
    height = page.face(_HEADING, bold=True) + 2
    page.cell(0, height, f"  {page.sheet.stop}", fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.set_text_color(0)
    for number, entry in enumerate(page.sheet.warnings):
        page.ln(0.8)
        row = page.get_y()
        if number:
            page.set_line_width(0.2)
            page.line(_MARGIN, row - 0.4, page.w - _MARGIN, row - 0.4)
        page.paragraph(entry.label, _MARGIN + 2, _SMALL, bold=True, width=_ACTION - 4)
        below = page.get_y()
        page.set_y(row)
        page.paragraph(entry.text, _MARGIN + _ACTION, _SMALL, width=page.epw - _ACTION - 2)
        page.set_y(max(below, page.get_y()))
    page.ln(0.8)
    page.set_line_width(0.7)
    page.rect(_MARGIN, top, page.epw, page.get_y() - top)
    page.ln(_GAP)


def _card(page: _Page, card: Card, figures: Figures) -> None:
    page.paragraph(card.title, size=_HEADING, bold=True)
    page.ln(0.6)
    _doses(page, card.doses)
    top = page.get_y()
    drawn = card.id in figures
    left = _MARGIN + (_PICTURES + _GAP if drawn else 0)
    page.labelled(card.equipment, left)
    for number, step in enumerate(card.steps, 1):
        _step(page, number, step, left)
    page.labelled(card.benefit, left)
    if note := figures.note(card.id, page.sheet.language):
        page.paragraph(note, left)
    if drawn:
        below = max(page.get_y(), top + page.tall)
        if not page.measuring:
            _pictures(page, card.id, figures, top, below - top)
        page.set_y(below)
    page.ln(_GAP)


def _doses(page: _Page, doses: Iterable[Entry]) -> None:
    """Hold, sets and repetitions in large type on a grey band; a second line where too wide."""
    height = _DOSE * _POINT * _LEADING + 1.6
    page.set_fill_color(round(_FILL * 255))
    page.rect(_MARGIN, page.get_y(), page.epw, height, style="F")
    page.set_x(_MARGIN + 2)
    for dose in doses:
        bold = dose.stated
        page.face(_DOSE if bold else _SMALL, bold)
        wide = page.get_string_width(dose.text) + 8
        page.face(_SMALL)
        label = page.get_string_width(f"{dose.label}: ") + 0.5
        if page.get_x() + label + wide - 8 > page.w - _MARGIN:
            page.ln(height)
            page.rect(_MARGIN, page.get_y(), page.epw, height, style="F")
            page.set_x(_MARGIN + 2)
        page.cell(label, height, f"{dose.label}: ")
        page.face(_DOSE if bold else _SMALL, bold)
        page.cell(wide, height, dose.text)
    page.ln(height + 1)


def _step(page: _Page, number: int, text: str, left: float) -> None:
    height = page.face(page.size, bold=True)
    page.set_x(left)
    page.cell(7, height, f"{number}.")
    page.paragraph(text, left + 7)


def _pictures(page: _Page, name: str, figures: Figures, top: float, height: float) -> None:
    """The two poses, one below or beside the other, whichever shows them larger."""
    _, _, wide, high = figures.by_id[name].box
    caption = page.face(_SMALL)
    # A person who lies leaves the corner over the head free: there the caption needs no line.
    below, beside = (_PICTURES, height / 2 - 1), (_PICTURES / 2 - 1, height - caption)
    stacked = _scale(below, wide, high) >= _scale(beside, wide, high)
    width, room = below if stacked else beside
    tall = min(room, width / wide * high)
    lead = min(room - tall, caption) if stacked else caption
    for number, (pose, words) in enumerate(
        zip(POSES, (page.sheet.start, page.sheet.end), strict=True)
    ):
        x = _MARGIN + (0 if stacked else number * (width + 2))
        y = top + (number * (height / 2) if stacked else 0)
        page.set_xy(x, y)
        page.cell(width, caption, words)
        figures.draw(page, name, pose, (x, y + lead, width, tall))


def _scale(place: tuple[float, float], wide: float, high: float) -> float:
    return min(place[0] / wide, place[1] / high)


def _pieces(section: Section) -> Iterator[Callable[[_Page], None]]:
    """The section in one piece; a long list by paragraphs, the heading with the first."""
    one = len(section.paragraphs) <= 2
    for number in range(1 if one else len(section.paragraphs)):
        texts = section.paragraphs if one else section.paragraphs[number : number + 1]
        heading = "" if number else section.heading
        yield partial(_section, heading=heading, texts=texts)


def _section(page: _Page, heading: str, texts: Iterable[str]) -> None:
    if heading:
        page.ln(1.5)
        page.paragraph(heading, size=13, bold=True)
    for text in texts:
        page.paragraph(text, size=_SMALL)
        page.ln(1)
