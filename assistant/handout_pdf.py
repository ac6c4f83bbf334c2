"""A sheet laid out as PDF: Letter or A4, 12 to 13 point, black and white, embedded open font.

Parts are measured on a scratch page first; an exercise is never torn apart. The closing sections
fill what is left of a page before the next exercise starts a new one. What this module leaves out:
words (see `sheet`) and how a figure is painted (see `figures`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, time
from datetime import date as Date
from functools import partial
from typing import get_args

from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from assistant.errors import InputError, WorkError
from assistant.figures import Figures
from assistant.paper import FITS, MARGIN, SMALL, Page, Paper, Part, paginate
from assistant.poses import POSES
from assistant.sheet import Card, Entry, Section, Sheet

_PICTURES = 60.0  # mm: width of the column of the two poses
_ACTION = 44.0  # mm: width of the column that says what to do
_GAP = 3.5  # mm
_DOSE, _HEADING = 16.0, 14.0  # points
_FILL = 235  # of 255: grey behind hold, sets and repetitions


def print_pdf(sheet: Sheet, figures: Figures, *, paper: Paper, today: Date) -> bytes:
    """The sheet as the bytes of a PDF; equal input gives equal bytes.

    Raises InputError for an unknown paper, WorkError for a letter that the font does not have and
    for an exercise longer than a page.
    """
    if paper not in get_args(Paper):
        raise InputError(f"unknown paper {paper!r}; use {' or '.join(get_args(Paper))}")
    with closing(Page(paper, sheet)) as page:
        _check_letters(page, [*sheet.texts(), *_notes(sheet, figures)])
        pages = plan_pages(page, figures)
        page.total = len(pages)
        for parts in pages:
            page.add_page()
            for part in parts:
                part.draw(page)
        page.set_title(sheet.title)
        page.set_lang(sheet.language)
        page.set_creation_date(datetime.combine(today, time(), UTC))
        return bytes(page.output())


def _notes(sheet: Sheet, figures: Figures) -> list[str]:
    return [figures.note(card.id, sheet.language) for card in sheet.cards]


def _check_letters(page: Page, texts: Iterable[str]) -> None:
    page.face(SMALL)
    font = page.current_font
    known = font.cmap if isinstance(font, TTFFont) else {}
    for text in texts:
        for letter in text:
            if ord(letter) not in known:
                what = f"the handout's font has no letter {letter!r} (U+{ord(letter):04X})"
                raise WorkError(f"{what}, in {text[:40]!r}; use the print view instead")


def plan_pages(page: Page, figures: Figures) -> list[list[Part]]:
    """The parts page by page, in the most readable of FITS that costs no further page.

    Heights are measured by setting the parts on a scratch page; `page` gets the chosen size.
    """
    with closing(page.scratch()) as scratch:
        return _best_plan(page, scratch, figures)


def _best_plan(page: Page, scratch: Page, figures: Figures) -> list[list[Part]]:
    sheet = page.sheet

    def measured(draw: Callable[[Page], None], group: int = 0) -> Part:
        scratch.set_y(MARGIN)
        draw(scratch)
        part = Part(draw, scratch.get_y() - MARGIN, group)
        if part.height > page.room:
            raise WorkError("an exercise is longer than a page; use the print view instead")
        return part

    before = [measured(_head), measured(_stop_box)]
    after = [measured(d, n) for n, s in enumerate(sheet.sections, 1) for d in _pieces(s)]

    def plan(fit: tuple[float, float]) -> list[list[Part]]:
        page.size, page.tall = scratch.size, scratch.tall = fit
        cards = [measured(partial(_card, card=card, figures=figures)) for card in sheet.cards]
        return paginate([*before, *cards, *after], page.room)

    fewest = len(plan(FITS[-1]))
    return next(pages for fit in FITS if len(pages := plan(fit)) == fewest)


def _head(page: Page) -> None:
    page.paragraph(page.sheet.title, size=20, bold=True)
    for line in page.sheet.lead:
        page.paragraph(line, size=SMALL)
    page.ln(2)


def _stop_box(page: Page) -> None:
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
            page.line(MARGIN, row - 0.4, page.w - MARGIN, row - 0.4)
        page.paragraph(entry.label, MARGIN + 2, SMALL, bold=True, width=_ACTION - 4)
        below = page.get_y()
        page.set_y(row)
        page.paragraph(entry.text, MARGIN + _ACTION, SMALL, width=page.epw - _ACTION - 2)
        page.set_y(max(below, page.get_y()))
    page.ln(0.8)
    page.set_line_width(0.7)
    page.rect(MARGIN, top, page.epw, page.get_y() - top)
    page.ln(_GAP)


def _card(page: Page, card: Card, figures: Figures) -> None:
    page.paragraph(card.title, size=_HEADING, bold=True)
    page.ln(0.6)
    _doses(page, card.doses)
    top = page.get_y()
    drawn = card.id in figures
    left = MARGIN + (_PICTURES + _GAP if drawn else 0)
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


def _doses(page: Page, doses: Iterable[Entry]) -> None:
    """Hold, sets and repetitions in large type on a grey band; a second line where too wide."""
    height = page.face(_DOSE) + 1.6
    page.set_fill_color(_FILL)
    page.rect(MARGIN, page.get_y(), page.epw, height, style="F")
    page.set_x(MARGIN + 2)
    for dose in doses:
        bold = dose.stated
        page.face(_DOSE if bold else SMALL, bold)
        wide = page.get_string_width(dose.text) + 8
        page.face(SMALL)
        label = page.get_string_width(f"{dose.label}: ") + 0.5
        if page.get_x() + label + wide - 8 > page.w - MARGIN:
            page.ln(height)
            page.rect(MARGIN, page.get_y(), page.epw, height, style="F")
            page.set_x(MARGIN + 2)
        page.cell(label, height, f"{dose.label}: ")
        page.face(_DOSE if bold else SMALL, bold)
        page.cell(wide, height, dose.text)
    page.ln(height + 1)


def _step(page: Page, number: int, text: str, left: float) -> None:
    height = page.face(page.size, bold=True)
    page.set_x(left)
    page.cell(7, height, f"{number}.")
    page.paragraph(text, left + 7)


def _pictures(page: Page, name: str, figures: Figures, top: float, height: float) -> None:
    """The two poses, one below or beside the other, whichever shows them larger."""
    _, _, wide, high = figures.by_id[name].box
    caption = page.face(SMALL)
    # A person who lies leaves the corner over the head free: there the caption needs no line.
    below, beside = (_PICTURES, height / 2 - 1), (_PICTURES / 2 - 1, height - caption)
    stacked = _scale(below, wide, high) >= _scale(beside, wide, high)
    width, room = below if stacked else beside
    tall = min(room, width / wide * high)
    lead = min(room - tall, caption) if stacked else caption
    for number, (pose, words) in enumerate(
        zip(POSES, (page.sheet.start, page.sheet.end), strict=True)
    ):
        x = MARGIN + (0 if stacked else number * (width + 2))
        y = top + (number * (height / 2) if stacked else 0)
        page.set_xy(x, y)
        page.cell(width, caption, words)
        figures.draw(page, name, pose, (x, y + lead, width, tall))


def _scale(place: tuple[float, float], wide: float, high: float) -> float:
    return min(place[0] / wide, place[1] / high)


def _pieces(section: Section) -> Iterator[Callable[[Page], None]]:
    """The section in one piece; a long list by paragraphs, the heading with the first."""
    one = len(section.paragraphs) <= 2
    for number in range(1 if one else len(section.paragraphs)):
        texts = section.paragraphs if one else section.paragraphs[number : number + 1]
        heading = "" if number else section.heading
        yield partial(_section, heading=heading, texts=texts)


def _section(page: Page, heading: str, texts: Iterable[str]) -> None:
    if heading:
        page.ln(1)
        page.paragraph(heading, size=13, bold=True)
    for text in texts:
        page.paragraph(text, size=SMALL)
        page.ln(0.7)
