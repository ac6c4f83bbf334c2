"""The exercise handout: the article's fields word for word, on paper that can be printed."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from datetime import date
from functools import cache
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from assistant.corpus import Corpus, read_corpus
from assistant.errors import InputError, PolicyError, WorkError
from assistant.exercises import Exercise
from assistant.figures import read_figures
from assistant.handout import make_html, make_pdf
from assistant.handout_pdf import plan_pages
from assistant.paper import Page, Paper
from assistant.sheet import Sheet, make_sheet
from eval.reading import grade

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 23)
NOTICES: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "corpus" / "policy" / "notices" / "handout.json").read_text(encoding="utf-8")
)
ARTICLE = "muscle-imbalance"


@cache
def corpus() -> Corpus:
    """The repository's own corpus."""
    return read_corpus(ROOT / "corpus")


def chosen(*numbers: int) -> list[Exercise]:
    """Exercises of the corpus by their place in the article, counted from 0."""
    return [corpus().exercises[number] for number in numbers]


@cache
def pdf(*numbers: int, language: str = "en", paper: Paper = "letter") -> bytes:
    """The handout of these exercises."""
    return make_pdf(
        chosen(*numbers), corpus(), notices=NOTICES, today=TODAY, language=language, paper=paper
    )


def text_of(data: bytes) -> str:
    """The text of a PDF without its line breaks."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    return " ".join(" ".join(pages).split())


def sheet(*numbers: int, language: str = "en") -> Sheet:
    """The texts of the handout of these exercises."""
    return make_sheet(chosen(*numbers), corpus(), notices=NOTICES, today=TODAY, language=language)


def test_pdf_prints_every_field_of_every_exercise_exactly() -> None:
    """Title, hold, sets, repetitions, equipment, steps and benefit stand together, unchanged."""
    text = text_of(pdf(*range(8)))
    for exercise in corpus().exercises:
        doses = (exercise.hold, exercise.sets, exercise.repetitions)
        hold, sets, repetitions = (field.text if field else "not stated" for field in doses)
        steps = " ".join(f"{n}. {step.text}" for n, step in enumerate(exercise.steps, 1))
        benefit = corpus().article(ARTICLE).text[exercise.benefits.start : exercise.benefits.end]
        assert (
            f"{exercise.title.text} Hold: {hold} Sets: {sets} Repetitions: {repetitions} "
            f"Equipment: {exercise.equipment.text} {steps} Benefits: {benefit}"
        ) in text


def test_what_the_article_does_not_state_is_said_so() -> None:
    """Hold is missing for two exercises, sets for four, repetitions for none."""
    found = [[dose.stated for dose in card.doses] for card in sheet(*range(8)).cards]
    missing = [sum(not stated for stated in column) for column in zip(*found, strict=True)]
    assert missing == [2, 4, 0]
    assert text_of(pdf(*range(8))).count("not stated") == 6


def test_pdf_lists_exactly_the_sources_that_the_exercises_cite() -> None:
    """The printed entries of the cited references, none that is not cited."""
    text = text_of(pdf(0, 5)).replace(" ", "")
    for reference in corpus().articles[0].references:
        cited = reference.id in ("nitayarak-2021", "silvers-granelli-2021")
        assert (reference.printed.replace(" ", "") in text) is cited


def test_polish_names_and_en_dashes_survive(tmp_path: Path) -> None:
    """A benefit that cites Ginszt et al. brings "Zieliński" and "Wójcicki" into the sources."""
    below = ").\n\n#### Dead"
    other = edited(
        tmp_path, f"(Wilczyński et al., 2020{below}", f"(Ginszt et al., 2022{below}"
    )
    plank = next(e for e in other.exercises if e.name == "Plank")
    text = text_of(make_pdf([plank], other, notices=NOTICES, today=TODAY))
    assert "Zieliński, G., Szkutnik, J., Wójcicki, M., Wyszyńska, J., & Majcher" in text
    assert "20\u201360 seconds" in text


def edited(tmp_path: Path, old: str, new: str) -> Corpus:
    """The corpus with one change in its article."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    path = tmp_path / "corpus" / ARTICLE / "article.md"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return read_corpus(tmp_path / "corpus")


def test_pdf_holds_notice_contact_date_and_fingerprint() -> None:
    """The scope notice word for word, both numbers in their sentences, title, date, hash."""
    text, article = text_of(pdf(0)), corpus().articles[0]
    notice = article.passage(f"{ARTICLE}/professional-scope-of-practice/1")
    assert notice.text in text
    assert "to seek care, contact a chiropractic specialist at 915-412-6677." in text
    assert "ask Dr. Alex Jimenez, DC, APRN, FNP-BC, or contact us at 915-850-0900." in text
    assert article.title in text
    assert "A clinician chooses which exercises are right for you." in text
    assert f"Printed 2026-11-23 · Article fingerprint {article.sha256[:12]} Page 1 of 1" in text


@pytest.mark.parametrize(
    ("sign", "action"),
    [
        ("Chest, jaw or arm pain", "Call 911"), ("Fainting", "Call 911"),
        ("Bad trouble breathing", "Call 911"), ("Trouble speaking", "Call 911"),
        ("odd neck pain with dizziness", "Call 911"),
        ("Numb between the legs", "Go to the emergency room"),
        ("bladder or bowels", "Go to the emergency room"),
        ("both legs", "Go to the emergency room"), ("foot that drops", "Go to the emergency room"),
        ("unsteady walk", "Go to the emergency room"), ("fever", "Go to the emergency room"),
        ("One leg swollen", "See a doctor today"), ("new joint pain", "Call the clinic"),
        ("pregnant", "Ask a clinician first"), ("blood thinners", "Ask a clinician first"),
    ],
)  # fmt: skip
def test_each_red_flag_stands_beside_what_to_do(sign: str, action: str) -> None:
    """A sign is printed with the action of its level, and with no other."""
    rows = [entry for entry in sheet(0).warnings if sign in entry.text]
    assert [row.label for row in rows] == [action]


def test_warnings_are_the_same_rows_in_both_languages() -> None:
    """Each row has an action and signs in English and Spanish, most urgent first."""
    english, spanish = sheet(0).warnings, sheet(0, language="es").warnings
    assert len(english) == len(spanish) == 5
    assert all(entry.label and entry.text for entry in (*english, *spanish))
    assert "911" in english[0].label
    assert "911" in spanish[0].label


@pytest.mark.parametrize("language", ["en", "es"])
def test_own_voice_is_plain(language: str) -> None:
    """Every sentence of ours, and every description of a picture, reads at grade 7 or lower."""
    texts = [entry[language] for entry in NOTICES.values() if len(entry[language].split()) > 4]
    poses = [figure.poses for figure in read_figures(corpus()).by_id.values()]
    texts += [pose.says[language] for pair in poses for pose in (pair.start, pair.end)]
    texts += [pair.note[language] for pair in poses if pair.note]
    assert len(texts) > 25
    for text in texts:
        assert (grade(text, language) or 0) <= 7, text


# The sheets that need the most room: long steps, many sources.
FULLEST = [(0, 3, 5, 7), (0, 5, 6, 7), (0, 3, 4, 5), (1, 3, 5, 7)]


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("numbers", FULLEST)
def test_four_exercises_fit_on_two_pages(
    numbers: tuple[int, ...], language: str, paper: Paper
) -> None:
    """The fullest handouts of four exercises need two pages in either language and paper."""
    assert pages_of(numbers, language, paper) <= 2


def pages_of(numbers: tuple[int, ...], language: str, paper: Paper) -> int:
    """How many pages the layout plans."""
    with closing(Page(paper, sheet(*numbers, language=language))) as page:
        return len(plan_pages(page, read_figures(corpus())))


@pytest.mark.parametrize(
    ("paper", "points"), [("letter", (612.0, 792.0)), ("a4", (595.28, 841.89))]
)
def test_paper_has_its_size(paper: Paper, points: tuple[float, float]) -> None:
    """Letter and A4 have their sizes in points."""
    box = PdfReader(BytesIO(pdf(6, paper=paper))).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(points, abs=0.1)


def test_fonts_are_embedded_subsets() -> None:
    """Two weights of one open font, each embedded as a subset with a text mapping."""
    resources: Any = PdfReader(BytesIO(pdf(0, 1))).pages[0]["/Resources"]
    fonts = resources["/Font"]
    names = set()
    for font in fonts.values():
        entry = font.get_object()
        descriptor = entry["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor
        assert "/ToUnicode" in entry
        names.add(entry["/BaseFont"])
    assert len(names) == 2
    assert all(re.fullmatch(r"/[A-Z]{6}\+LiberationSans(Bold)?", name) for name in names)


def test_print_is_black_and_white_and_large() -> None:
    """No colour but grey is set, no image is placed, no type is smaller than 12 points."""
    reader = PdfReader(BytesIO(pdf(0, 3)))
    sizes = set()
    for page in reader.pages:
        resources: Any = page["/Resources"]
        assert "/XObject" not in resources
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            assert operator not in (b"k", b"K", b"sc", b"scn", b"SC", b"SCN", b"Do", b"BI")
            if operator in (b"rg", b"RG"):
                assert len({float(value) for value in operands}) == 1
            if operator == b"Tf":
                sizes.add(float(operands[1]))
    assert min(sizes) >= 12
    assert max(sizes) >= 16


def test_equal_input_gives_equal_bytes() -> None:
    """The same exercises on the same day give the same file."""
    assert pdf(2) == make_pdf(chosen(2), corpus(), notices=NOTICES, today=TODAY)


def test_an_exercise_is_printed_once_in_the_given_order() -> None:
    """Repeated choices count once; the order is the chooser's."""
    titles = [card.title for card in sheet(6, 1, 6).cards]
    assert titles == [exercise.title.text for exercise in chosen(6, 1)]


def test_spanish_sheet_keeps_the_articles_words() -> None:
    """Labels are Spanish, the article's lines English, and a line says so."""
    text = text_of(pdf(3, language="es"))
    assert "Pare y llame Llame al 911" in text
    assert "Mantener: 2 seconds Series: 3 Repeticiones: 12\u201315 repetitions" in text
    assert "El artículo está en inglés." in text
    assert "not stated" not in text


def test_an_unknown_language_is_english() -> None:
    """A language without strings gets the English sheet."""
    assert sheet(0, language="fr") == sheet(0)


def test_the_missing_review_is_printed_until_it_is_signed() -> None:
    """The sheet says that no clinician has reviewed the box, unless one has."""
    line = NOTICES["handout_unreviewed"]["en"]
    assert line in sheet(0).lead
    signed = make_sheet(chosen(0), corpus(), notices=NOTICES, today=TODAY, reviewed=True)
    assert line not in signed.lead


def test_html_has_the_same_texts_and_loads_nothing() -> None:
    """All texts of the sheet, both pictures of each exercise, no script, nothing from outside."""
    page = make_html(chosen(0, 3), corpus(), notices=NOTICES, today=TODAY)
    body = page.partition("<body>")[2]
    plain = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
    texts = sheet(0, 3)
    for text in texts.texts():
        if text != texts.page:
            assert " ".join(text.split()) in plain
    assert body.count("<svg") == 4
    assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|url\(|@import|style=", page)


@pytest.mark.parametrize(
    "payload", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "&amp;"]
)
def test_html_escapes_the_corpus(tmp_path: Path, payload: str) -> None:
    """Markup in an article's step is shown as text, in both forms of the handout."""
    other = edited(tmp_path, "Lift hips toward the ceiling", f"Lift {payload} hips")
    bridge = next(e for e in other.exercises if e.name == "Glute Bridge")
    page = make_html([bridge], other, notices=NOTICES, today=TODAY)
    assert f"Lift {payload} hips" not in page
    assert f"Lift {escape(payload)} hips" in page
    assert payload in text_of(make_pdf([bridge], other, notices=NOTICES, today=TODAY))


OTHER = """---
title: Ankles
slug: ankles
language: en
notices: Scope
---

Ankles carry us.

## Exercises

### Ankle Exercises

#### Heel Raise (Strengthens Calves)

- Equipment: None
- Instructions:
  - Stand and lift your heels.
- Benefits: Strengthens calves.

## Scope

This text is no medical advice. Call 555-010-2000.
"""


def test_another_article_prints_without_figures(tmp_path: Path) -> None:
    """An article without figures and sources gets a sheet with its own notice and phone."""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    folder = tmp_path / "corpus" / "ankles"
    folder.mkdir()
    (folder / "article.md").write_text(OTHER, encoding="utf-8")
    (folder / "references.json").write_text("[]", encoding="utf-8")
    both = read_corpus(tmp_path / "corpus")
    raise_ = next(e for e in both.exercises if e.name == "Heel Raise")
    page = make_html([raise_], both, notices=NOTICES, today=TODAY)
    assert "<svg" not in page
    assert "Call 555-010-2000." in page
    assert "915-412-6677" not in page
    text = text_of(make_pdf([raise_], both, notices=NOTICES, today=TODAY))
    assert "Hold: not stated Sets: not stated Repetitions: not stated" in text
    assert "Sources in the article The article names no source for these moves." in text
    mixed = text_of(make_pdf([raise_, *chosen(6)], both, notices=NOTICES, today=TODAY))
    assert "555-010-2000" in mixed
    assert "915-412-6677" in mixed


def test_no_exercise_is_wrong_input() -> None:
    """An empty choice is refused in one line."""
    with pytest.raises(InputError, match="at least one exercise"):
        make_pdf([], corpus(), notices=NOTICES, today=TODAY)


def test_unknown_paper_is_wrong_input() -> None:
    """A paper that we do not know is refused with the known ones."""
    with pytest.raises(InputError, match="letter or a4"):
        make_pdf(chosen(0), corpus(), notices=NOTICES, today=TODAY, paper="a5")  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("name", ["handout_stop", "handout_title", "handout_not_stated"])
def test_a_missing_string_stops_the_sheet(name: str) -> None:
    """The error names the string that is missing."""
    rest = {key: value for key, value in NOTICES.items() if key != name}
    with pytest.raises(PolicyError, match=name):
        make_sheet(chosen(1), corpus(), notices=rest, today=TODAY)


def test_a_letter_that_the_font_lacks_is_named(tmp_path: Path) -> None:
    """Nothing is printed as an empty box: the letter and its place are named."""
    other = edited(tmp_path, "Lift hips toward the ceiling", "Lift hips 向 the ceiling")
    bridge = next(e for e in other.exercises if e.name == "Glute Bridge")
    with pytest.raises(WorkError, match=r"U\+5411"):
        make_pdf([bridge], other, notices=NOTICES, today=TODAY)
    assert "向" in make_html([bridge], other, notices=NOTICES, today=TODAY)


def test_an_exercise_longer_than_a_page_is_refused(tmp_path: Path) -> None:
    """Text never runs off the paper: the error points to the print view, which can hold it."""
    other = edited(tmp_path, "Lift hips toward the ceiling", "Lift hips slowly " * 500)
    bridge = next(e for e in other.exercises if e.name == "Glute Bridge")
    with pytest.raises(WorkError, match="longer than a page"):
        make_pdf([bridge], other, notices=NOTICES, today=TODAY)
