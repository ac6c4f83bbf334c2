"""A sheet as a print view: one self-contained HTML page, pictures inline, every text escaped.

It loads nothing and runs no script, so that it prints from any browser without a network.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from assistant.figures import Figures
from assistant.poses import POSES
from assistant.sheet import Card, Entry, Section, Sheet

STYLE = Path(__file__).with_name("handout.css").read_text(encoding="utf-8")


def print_html(sheet: Sheet, figures: Figures) -> str:
    """The sheet as an HTML document; the texts are those of the PDF."""
    parts = [
        f"<h1>{escape(sheet.title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in sheet.lead),
        _stop_box(sheet),
        *(_card(card, sheet, figures) for card in sheet.cards),
        *(_section(section) for section in sheet.sections),
    ]
    return (
        f'<!doctype html>\n<html lang="{escape(sheet.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sheet.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + f"\n</main>\n<footer>{escape(sheet.foot)}</footer>\n</body>\n</html>\n"
    )


def _stop_box(sheet: Sheet) -> str:
    rows = "".join(
        f"<div><dt>{escape(entry.label)}</dt><dd>{escape(entry.text)}</dd></div>"
        for entry in sheet.warnings
    )
    return f'<section class="stop"><h2>{escape(sheet.stop)}</h2><dl>{rows}</dl></section>'


def _card(card: Card, sheet: Sheet, figures: Figures) -> str:
    language = escape(card.language)
    doses = "".join(_dose(dose, language) for dose in card.doses)
    steps = "".join(f"<li>{escape(step)}</li>" for step in card.steps)
    pictures = _pictures(card, sheet, figures)
    plain = "" if pictures else " plain"
    note = figures.note(card.id, sheet.language)
    return (
        f'<section class="card"><h2 lang="{language}">{escape(card.title)}</h2>'
        f'<dl class="doses">{doses}</dl><div class="body{plain}">{pictures}<div>'
        f'{_labelled(card.equipment, language)}<ol lang="{language}">{steps}</ol>'
        f"{_labelled(card.benefit, language)}{f'<p>{escape(note)}</p>' if note else ''}"
        "</div></div></section>"
    )


def _dose(dose: Entry, language: str) -> str:
    kind = f' lang="{language}"' if dose.stated else ' class="missing"'
    return f"<div><dt>{escape(dose.label)}:</dt><dd{kind}>{escape(dose.text)}</dd></div>"


def _labelled(entry: Entry, language: str) -> str:
    return (
        f'<p><span class="label">{escape(entry.label)}:</span> '
        f'<span lang="{language}">{escape(entry.text)}</span></p>'
    )


def _pictures(card: Card, sheet: Sheet, figures: Figures) -> str:
    if card.id not in figures:
        return ""
    _, _, width, height = figures.by_id[card.id].box
    poses = "".join(
        f'<figure class="pose"><figcaption>{escape(words)}</figcaption>'
        f"{figures.svg(card.id, pose, sheet.language)}</figure>"
        for pose, words in zip(POSES, (sheet.start, sheet.end), strict=True)
    )
    return f'<div class="poses{" wide" if width > 1.4 * height else ""}">{poses}</div>'


def _section(section: Section) -> str:
    language = escape(section.language)
    texts = "".join(f'<p lang="{language}">{escape(text)}</p>' for text in section.paragraphs)
    return f'<section class="closing"><h2>{escape(section.heading)}</h2>{texts}</section>'
