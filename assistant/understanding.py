"""What a question is about, as far as its words tell: exercises, fields, references, conditions.

Cue words are data (corpus/question_forms.json); names, muscles, equipment and references come from
the parsed articles, so that the same code reads questions about any article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.corpus import Corpus
from assistant.exercises import Exercise, read_exercise_words
from assistant.forms import Forms, read_forms
from assistant.lexical import (
    Lexicon,
    Speller,
    common_words,
    corpus_vocabulary,
    fold,
    stem,
    words,
)
from assistant.naming import Names
from assistant.references import Reference

_CLAUSE = re.compile(r"[.;:!?,]+(?:\s|$)")
_OFTEN = 8  # times a word is asked from which a typing error may be taken for it
@dataclass(frozen=True)
class Reading:
    """What the words of a question name and ask.

    `text` is the question folded and with typing errors corrected; `meant` are the article's words
    for the everyday words in it; `fields` and `cues` are the names of the cues that it holds.
    `narrowed` is the question without the exercises named, where it chooses among these, or, if they
    are `excluded`, among the others; `asking` is the one clause that asks anything, where the others
    tell a story.
    """

    text: str
    meant: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    references: tuple[tuple[str, Reference], ...]
    fields: frozenset[str]
    cues: frozenset[str]
    ordinal: int | None
    phrases: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    plain: frozenset[str] = frozenset()
    narrowed: Reading | None = None
    excluded: bool = False
    asking: Reading | None = None

    def unexplained(self, used: Iterable[str]) -> list[str]:
        """Stems of the question that neither `used` stems nor plain words account for.

        An everyday phrase is accounted for when one of its meanings is. A computed answer is
        given only where nothing is left over: "how do you do a side plank" leaves "side".
        """
        known = set(used) | self.plain
        for exercise in self.exercises:
            known |= {stem(p) for w in words(exercise.name) for p in w.split("-")}
        for said, means in self.phrases:
            meant = [{stem(w) for w in words(m)} for m in means]
            if any(m <= known - self.plain or m <= known for m in meant):
                known |= set(said)
        own = [stem(p) for w in words(self.text) for p in w.split("-")]
        return [s for s in dict.fromkeys(own) if s not in known and len(s) > 1]

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Stems of the question's own words, then of the article's words for them."""
        own = [stem(w) for w in words(self.text)]
        return (*own, *(stem(w) for meaning in self.meant for w in words(meaning)))


class Reader:
    """Reads questions against a corpus."""

    def __init__(
        self, corpus: Corpus, forms: Forms, lexicon: Lexicon, speller: Speller, names: Names
    ) -> None:
        self.corpus, self.forms, self.lexicon, self.speller = corpus, forms, lexicon, speller
        self._names = names
        self._authors = _author_forms(corpus)
        self._titles = _title_words(corpus)

    def read(self, text: str) -> Reading:
        """The reading of one message."""
        reading = self._read(text)
        among = len(reading.exercises) > 2 or (len(reading.exercises) == 2 and "among" in reading.cues)
        others = "excludes" in reading.cues and 0 < len(reading.exercises) < 3
        if others and not among:
            bare = self._read(self._without(reading))
            others = bool({"catalogue", "exercise_word"} & bare.cues) and not bare.fields - {"purpose"}
            if others:
                return replace(reading, narrowed=bare, excluded=True)
        if not among:
            return replace(reading, asking=self._asking(reading))
        return replace(reading, narrowed=self._read(self._without(reading)))

    def _without(self, reading: Reading) -> str:
        """The text of a reading without the exercises that it names."""
        bare = reading.text
        for exercise in reading.exercises:
            bare = bare.replace(fold(exercise.name), " ")
        return " ".join(w for w in bare.split() if not self._names.of(w, ()))

    def _read(self, text: str) -> Reading:
        corrected = fold(self.speller.correct(text))
        meant = tuple(self.lexicon.meanings(corrected))
        cues = frozenset(n for n, p in self.forms.cues.items() if p.search(corrected))
        telling = self._names.telling(corrected)
        asked = re.sub("|".join(rf"\b{w}\b" for w in telling) or r"(?!)", " ", corrected)
        return Reading(
            corrected,
            meant,
            self._names.of(corrected, meant),
            self._references(corrected, cues),
            frozenset(n for n, p in self.forms.fields.items() if p.search(asked)),
            cues,
            next((n for n, p in self.forms.ordinals.items() if p.search(corrected)), None),
            tuple(self.lexicon.matches(corrected)),
            self.forms.plain | {stem(w) for w in telling},
        )

    def _asking(self, reading: Reading) -> Reading | None:
        """The one clause of a message that asks anything; None where there is no or only one clause."""
        if "(" in reading.text:
            return None
        clauses = [c.strip() for c in _CLAUSE.split(reading.text) if len(words(c)) > 1]
        if len(clauses) < 2:
            return None
        read = [self._read(clause) for clause in clauses]
        telling = [
            r for r in read
            if r.fields or r.exercises or r.references or {"whole_group", "exercise_noun"} <= r.cues
        ]  # fmt: skip
        if len(telling) != 1 or not (
            self.forms.asks.search(telling[0].text) or "whole_group" in telling[0].cues
        ):
            return None
        return telling[0]

    def pieces(self, text: str) -> list[str]:
        """The questions of a message that asks several; the message itself if it asks one.

        What asks nothing (a greeting, a story) stays with the question beside it.
        """
        found: list[str] = []
        told = ""
        for piece in self._cut(text):
            whole = f"{told} {piece}".strip()
            if self.forms.asks.search(fold(piece)) and len(words(piece)) >= 2:
                found.append(whole)
                told = ""
            elif found:
                found[-1] = f"{found[-1]} {piece}"
            else:
                told = whole
        return found if len(found) > 1 else [text]

    def _cut(self, text: str) -> list[str]:
        """The message cut where one question ends and another may begin."""
        cut = [m.span() for m in self.forms.joiners.finditer(text)]
        starts = [0, *(end for _, end in cut)]
        ends = [*(start for start, _ in cut), len(text)]
        parts = [text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
        return [p for p in parts if p.strip(" .,!?")]

    def _references(
        self, text: str, cues: frozenset[str]
    ) -> tuple[tuple[str, Reference], ...]:
        """References named by their first author, or by their title where an entry is asked for."""
        asked = bool({"sources", "entry"} & cues)
        tokens = set(words(text))
        parts = tokens | {part for w in tokens for part in w.split("-")}
        by_name = [
            key for key, names in self._authors.items()
            if names & parts and (asked or (len(names & parts) > 0 and not self._is_person(names)))
        ]  # fmt: skip
        years = {w for w in tokens if re.fullmatch(r"(19|20)\d\d", w)}
        if by_name:
            dated = [k for k in by_name if self.corpus.references[k].year in years]
            keys = dated or by_name
        elif {"entry", "sources"} <= cues:
            keys = self._by_title(text)
        else:
            keys = []
        return tuple((article, self.corpus.references[article, rid]) for article, rid in keys)

    def _is_person(self, names: set[str]) -> bool:
        """Whether a name also belongs to somebody whom the article's notices present."""
        notices = [p for p in self.corpus.passages.values() if p.kind == "notice"]
        present = {w for p in notices for w in words(p.text)}
        return bool(names & present)

    def _by_title(self, text: str) -> list[tuple[str, str]]:
        """References whose title shares the most telling words with the question."""
        asked = {stem(w) for w in words(text)}
        scored = []
        for key, weights in self._titles.items():
            score = sum(weight for word, weight in weights.items() if word in asked)
            scored.append((round(score, 6), key))
        best = max((score for score, _ in scored), default=0.0)
        return sorted(key for score, key in scored if best >= 1.0 and score == best)


def _author_forms(corpus: Corpus) -> dict[tuple[str, str], set[str]]:
    forms = {}
    for key, reference in corpus.references.items():
        first = reference.authors[0]
        forms[key] = {w for w in words(first)} | {words(first)[0].split("-")[0]}
    return forms


def _title_words(corpus: Corpus) -> dict[tuple[str, str], dict[str, float]]:
    """Stems of each reference's title and container, weighted by how few entries share them."""
    stems_of = {
        key: {stem(p) for w in words(f"{r.title} {r.kind}") for p in w.split("-") if len(p) > 3}
        for key, r in corpus.references.items()
    }
    counts: dict[str, int] = {}
    for found in stems_of.values():
        for word in found:
            counts[word] = counts.get(word, 0) + 1
    return {key: {w: 1.0 / counts[w] for w in found} for key, found in stems_of.items()}


def open_reader(corpus: Corpus, spelling: bool = True, lay_terms: bool = True) -> Reader:
    """A reader of questions over `corpus`; spelling correction or lay terms can be left off."""
    forms = read_forms(corpus.path / "question_forms.json")
    vocabulary = corpus_vocabulary(corpus)
    counts = Counter(w for v in corpus.variants for w in words(v.question))
    asked = {w for w, count in counts.items() if count >= 4}  # rarer ones may be typing errors
    cues = set(re.findall(r"[a-z]{3,}", (corpus.path / "question_forms.json").read_text("utf-8")))
    known = common_words() | asked | cues
    often = {w: count for w, count in counts.items() if count >= _OFTEN}
    speller = Speller(vocabulary, known, often) if spelling else Speller((), known)
    told = read_exercise_words(corpus.path / "exercise_words.json")
    names = Names(corpus, forms.near, told.positions)
    return Reader(corpus, forms, Lexicon(corpus.lay_terms if lay_terms else ()), speller, names)
