"""Questions to ask next: each one is answered by the article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.answer import Citation, Statement
from assistant.corpus import Corpus
from assistant.exercises import Exercise
from assistant.forms import Forms
from assistant.lexical import fold

MOST = 3


class Suggestions:
    """Offers questions about what was shown: other fields of the exercise, neighbours' questions."""

    def __init__(self, corpus: Corpus, forms: Forms) -> None:
        self._corpus, self._forms = corpus, forms
        self._by_passage: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for variant in corpus.variants:
            if len(variant.answers) == 1 and not variant.earlier and _well_formed(variant.question):
                key = (variant.answers[0].partition("#")[0], variant.language)
                self._by_passage.setdefault(key, []).append((variant.answers[0], variant.question))

    def after(
        self, statements: Sequence[Statement], citations: Sequence[Citation], language: str,
        asked: str,
    ) -> tuple[str, ...]:  # fmt: skip
        """Up to three questions that go on from an answer."""
        shown = {(c.passage, c.start) for c in citations}
        passages = list(dict.fromkeys(c.passage for c in citations))[:2]
        found = [q for p in passages for q in self._about(p, shown, language)]
        return tuple(q for q in dict.fromkeys(found) if fold(q) != fold(asked))[:MOST]

    def near(self, passages: Sequence[str], language: str) -> tuple[str, ...]:
        """One question each for the passages that come nearest."""
        found = [next(self._about(p, set(), language), "") for p in passages]
        return tuple(q for q in dict.fromkeys(found) if q)[:MOST]

    def _about(
        self, passage: str, shown: set[tuple[str, int]], language: str
    ) -> Iterator[str]:
        exercise = next((e for e in self._corpus.exercises if e.id == passage), None)
        if exercise:
            yield from self._fields(exercise, shown, language)
            return
        for sid, question in self._by_passage.get((passage, language), []):
            if (passage, self._corpus.sentence(sid).start) not in shown:
                yield question

    def _fields(
        self, exercise: Exercise, shown: set[tuple[str, int]], language: str
    ) -> Iterator[str]:
        spoken = language if language == "es" else "en"
        starts = {start for passage, start in shown if passage == exercise.id}
        for name, field in (
            ("steps", exercise.steps[0]), ("hold", exercise.hold), ("benefits", exercise.benefits),
            ("equipment", exercise.equipment), ("repetitions", exercise.repetitions),
        ):  # fmt: skip
            if field and exercise.sentence(field).start not in starts:
                yield self._forms.ask[name][spoken].format(name=exercise.name)


def _well_formed(question: str) -> bool:
    return question[:1].isupper() and question.endswith("?") and 20 <= len(question) <= 90
