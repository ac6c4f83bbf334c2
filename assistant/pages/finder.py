"""The exercises as the desk page needs them: fields, sources, pictures, words to find them by.

Everything is computed once from the corpus; the page then filters and searches by itself, so that a
result shows within a blink. A person's everyday words come from the corpus's lay terms.
"""

from __future__ import annotations

import re
from typing import Any

from assistant.chain import Assistant
from assistant.corpus import Corpus
from assistant.exercises import Exercise
from assistant.figures import read_figures
from assistant.pages.answer_html import kind
from assistant.pages.voice import Voice
from assistant.policy import LANGUAGES
from assistant.poses import POSES


def exercise_rows(assistant: Assistant) -> list[dict[str, Any]]:
    """One object an exercise, in reading order."""
    corpus = assistant.corpus
    figures = read_figures(corpus)
    voices = {language: Voice(assistant.policy, language) for language in LANGUAGES}
    rows = []
    for exercise in corpus.exercises:
        benefit = exercise.sentence(exercise.benefits)
        rows.append({
            **exercise.to_dict(),
            "language": corpus.article(exercise.passage.article).language,
            "purposes": list(exercise.purposes),
            "options": list(exercise.equipment_options),
            "benefits": benefit.shown.partition(":")[2].strip(),
            "sources": [_source(corpus, exercise, rid, voices) for rid in benefit.references],
            **_words(corpus, exercise),
            "figures": {
                language: [figures.svg(exercise.id, pose, language) for pose in POSES]
                for language in LANGUAGES
            },
        })  # fmt: skip
    return rows


def _source(
    corpus: Corpus, exercise: Exercise, reference: str, voices: dict[str, Voice]
) -> dict[str, Any]:
    found = corpus.references[exercise.passage.article, reference]
    kinds = {language: kind(found.kind, say) for language, say in voices.items()}
    return {"label": found.label, "url": found.url, "kind": kinds}


def _words(corpus: Corpus, exercise: Exercise) -> dict[str, str]:
    """What the search looks through, from near to far: title, the exercise, what introduces it."""
    own = " ".join([exercise.region, exercise.passage.text, *exercise.positions])
    around = " ".join(_introduction(corpus, exercise))
    return {
        "heading": exercise.title.text,
        "own": f"{own} {_everyday(corpus, own)}",
        "around": f"{around} {_everyday(corpus, around)}",
    }


def _introduction(corpus: Corpus, exercise: Exercise) -> list[str]:
    """The paragraphs over an exercise's region."""
    above = exercise.passage.heading[:-1]
    article = corpus.article(exercise.passage.article)
    return [p.text for p in article.passages if p.kind == "paragraph" and p.heading == above]


def _everyday(corpus: Corpus, text: str) -> str:
    """Everyday words whose meaning occurs in the article's words `text`."""
    folded = text.casefold()
    said = [
        term.said
        for term in corpus.lay_terms
        if any(re.search(rf"(?<!\w){re.escape(m.casefold())}(?!\w)", folded) for m in term.means)
    ]
    return " ".join(dict.fromkeys(said))


def facets(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The values of each filter, in order of first appearance."""
    keys = {"region": "region", "purpose": "purposes", "equipment": "options",
            "position": "positions"}  # fmt: skip
    found: dict[str, list[str]] = {}
    for name, key in keys.items():
        values = [v for row in rows for v in ([row[key]] if name == "region" else row[key])]
        found[name] = list(dict.fromkeys(values))
    return found
