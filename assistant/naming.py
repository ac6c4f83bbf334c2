"""How exercises are named: by their names, by parts of them, and by what only they need or how they lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assistant.corpus import Corpus
from assistant.exercises import Exercise
from assistant.lexical import fold, stem, stems, words

_Form = tuple[str, ...]
_DETERMINERS = frozenset(["the", "that", "this", "el", "la", "ese", "esa", "este", "esta", "al", "del"])
_BETWEEN = 1  # words between what tells an exercise apart and the word for an exercise


class Names:
    """Finds the exercises that a text names.

    `near` are words for an exercise ("one", "stretch"), `positions` the cues of each position.
    """

    def __init__(
        self, corpus: Corpus, near: tuple[str, ...], positions: Mapping[str, Iterable[str]]
    ) -> None:
        self._forms = [(e, _name_forms(e, corpus, near)) for e in corpus.exercises]
        self._near = frozenset(near)
        self._apart = [(e, _telling(e, corpus, positions)) for e in corpus.exercises]

    def of(self, text: str, meant: tuple[str, ...]) -> tuple[Exercise, ...]:
        """The exercises named in a folded `text`, in its order; `meant` are the article's words for it."""
        tokens = [stem(part) for w in words(text) for part in w.split("-")]
        means = {" ".join(stem(w) for w in words(m)) for m in meant}
        told = [(place, exercise) for place, exercise, _ in self._described(text)]
        found = []
        for exercise, forms in self._forms:
            places = [p for form in forms if (p := _position(tokens, form)) is not None]
            places += [place for place, described in told if described is exercise]
            if not places and any(" ".join(form) in means for form in forms[:2]):
                places = [len(tokens)]
            if places:
                found.append((min(places), exercise))
        return tuple(e for _, e in sorted(found, key=lambda item: item[0]))

    def telling(self, text: str) -> tuple[str, ...]:
        """The words of a folded `text` that stand for an exercise: "kneeling" in "the kneeling one"."""
        return tuple(word for _, _, word in self._described(text))

    def _described(self, text: str) -> Iterable[tuple[int, Exercise, str]]:
        """ "The kneeling one", "doorway stretch", "el de la puerta": one thing only one of them has."""
        said = [part for w in words(text) for part in w.split("-")]
        for place, word in enumerate(said):
            fitting = [e for e, apart in self._apart if stem(word) in apart]
            if len(fitting) == 1 and (self._before_near(said, place) or _after_of(said, place)):
                yield place, fitting[0], word

    def _before_near(self, said: list[str], place: int) -> bool:
        after = said[place + 1 : place + 2 + _BETWEEN]
        near = next((i for i, word in enumerate(after) if word in self._near), None)
        if near is None:
            return False
        definite = _DETERMINERS & set(said[max(0, place - 2) : place])
        return bool(definite) or after[near] not in ("one", "thing")


def _after_of(said: list[str], place: int) -> bool:
    """Whether "el de (la)" stands before a word."""
    before = [w for w in said[max(0, place - 3) : place] if w not in ("la", "los", "las")]
    return before[-2:] == ["el", "de"]


def _telling(
    exercise: Exercise, corpus: Corpus, positions: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """Stems of the equipment that only this exercise uses, and of a position that only it has."""
    others = [e for e in corpus.exercises if e is not exercise]
    used = {o for e in others for o in e.equipment_options}
    own = [o for o in exercise.equipment_options if o not in used]
    alone = [
        cue for name in exercise.positions if not any(name in e.positions for e in others)
        for cue in positions.get(name, ()) if " " not in cue
    ]  # fmt: skip
    return frozenset(stem(fold(w)) for w in (*own, *alone) if " " not in w)


def _name_forms(exercise: Exercise, corpus: Corpus, near: tuple[str, ...]) -> list[_Form]:
    """Stems of the forms in which an exercise is named.

    The full name, the name without "with ...", the end of the name and its head word where they
    are all its own, and a word that stands nowhere else in the articles beside a word for an
    exercise (`near`): "the bottle one".
    """
    full, short = _full(exercise), _short(exercise)
    forms = [full, short]
    shorts = [_short(other) for other in corpus.exercises]
    for length in range(1, len(short)):
        end = short[-length:]
        if sum(end == other[-length:] for other in shorts) == 1:
            forms.append(end)
    elsewhere = _elsewhere(exercise, corpus)
    for word in short:
        if len(word) > 2 and word not in elsewhere:
            forms += [(word, stem(one)) for one in near]
    return forms


def _full(exercise: Exercise) -> _Form:
    return tuple(stem(p) for w in words(exercise.name) for p in w.split("-"))


def _elsewhere(exercise: Exercise, corpus: Corpus) -> set[str]:
    """Stems of what stands outside the passage of an exercise, and of what it is for."""
    others = [p.text for p in corpus.passages.values() if p is not exercise.passage]
    purposes = (*exercise.strengthens, *exercise.stretches, *exercise.improves)
    return set(stems(" ".join((*others, *(field.text for field in purposes)))))


def _short(exercise: Exercise) -> _Form:
    name = re.split(r"\bwith\b", exercise.name.lower())[0]
    return tuple(stem(p) for w in words(name) for p in w.split("-"))


def _position(tokens: list[str], form: _Form) -> int | None:
    for start in range(len(tokens) - len(form) + 1):
        if tuple(tokens[start : start + len(form)]) == form:
            return start
    return None
