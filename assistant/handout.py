"""The exercise handout that the front desk prints: a PDF or a print view of chosen exercises.

Both hold the same `sheet`: the article's own words, what the article does not state marked so, the
red flags that mean "stop and call", the scope notice, the contact, sources, date and fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.corpus import Corpus
from assistant.exercises import Exercise
from assistant.figures import Figures, read_figures
from assistant.handout_html import print_html
from assistant.handout_pdf import print_pdf
from assistant.paper import Paper
from assistant.sheet import Notices, make_sheet


def make_pdf(
    exercises: Sequence[Exercise],
    corpus: Corpus,
    *,
    notices: Notices,
    today: date,
    language: str = "en",
    paper: Paper = "letter",
    reviewed: bool = False,
    figures: Figures | None = None,
) -> bytes:
    """The handout as the bytes of a PDF; equal arguments give equal bytes.

    `notices` are the policy's own-voice strings (ids `handout_...`), `language` is en or es (else
    English), `reviewed` whether a clinician has signed the policy; `figures` are read from the
    corpus when not given. Raises InputError for no exercise or an unknown paper, PolicyError for
    a missing string, CorpusError for broken figures, WorkError for a letter the font lacks.
    """
    sheet = make_sheet(
        exercises, corpus, notices=notices, today=today, language=language, reviewed=reviewed
    )
    return print_pdf(sheet, figures or read_figures(corpus), paper=paper, today=today)


def make_html(
    exercises: Sequence[Exercise],
    corpus: Corpus,
    *,
    notices: Notices,
    today: date,
    language: str = "en",
    reviewed: bool = False,
    figures: Figures | None = None,
) -> str:
    """The handout as a self-contained HTML page for printing; arguments and errors as above."""
    sheet = make_sheet(
        exercises, corpus, notices=notices, today=today, language=language, reviewed=reviewed
    )
    return print_html(sheet, figures or read_figures(corpus))
