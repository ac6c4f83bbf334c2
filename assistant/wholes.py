"""Makes what was picked whole: lists with all their items, all steps, both sides of a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.article import Article
from assistant.corpus import Corpus, sentence_ids
from assistant.lexical import fold
from assistant.picks import line_ids
from assistant.understanding import Reading

_SHOWN = 3  # items of a list shown from which it is shown whole
_ASKED_FOR = 2  # the same where all of it is asked for
_TERM = re.compile(r"[A-Z]{2,6}: [A-Z][^:]+$")
_ITEM = re.compile(r"\d+\.\s")
_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_AMOUNTS = frozenset(("hold", "sets", "repetitions"))
_SIDES = ("equipment", "benefits", "hold", "repetitions", "position", "purpose")


@dataclass(frozen=True)
class _List:
    """A list of an article, as sentence ids, and the sentences that announce it."""

    items: tuple[str, ...]
    announced: frozenset[str] = frozenset()


class Wholes:
    """Completes picked sentences of a corpus."""

    def __init__(self, corpus: Corpus, gives_example: re.Pattern[str]) -> None:
        self._corpus, self._examples_of = corpus, gives_example
        self._lists = [found for article in corpus.articles for found in _lists(article)]
        self._home = {e.id: e for e in corpus.exercises}

    def of(self, ids: Sequence[str], reading: Reading) -> list[str]:
        """`ids` with what belongs to them, in no order."""
        shown = set(ids)
        for found in self._lists if "narrowed" not in reading.cues else ():
            enough = _ASKED_FOR if "entire" in reading.cues else max(_SHOWN, len(found.items) // 2)
            announced = "listing" in reading.cues and not shown.isdisjoint(found.announced)
            if len(shown & set(found.items)) >= enough or announced:
                shown |= set(found.items)
        shown |= self._lines(shown, reading) | self._other_sides(shown, reading)
        return list(self._examples(shown, reading) or shown)

    def _examples(self, shown: set[str], reading: Reading) -> set[str]:
        """Where an example is asked for and none is shown: those under the same headings."""
        if "example" not in reading.cues or any(self._gives_example(sid) for sid in shown):
            return set()
        headings = {self._corpus.passages[sid.partition("#")[0]].heading for sid in shown}
        return {
            sid for p in self._corpus.passages.values() if p.heading in headings and p.kind == "paragraph"
            for sid in sentence_ids(p) if self._gives_example(sid)
        }  # fmt: skip

    def _gives_example(self, sid: str) -> bool:
        return self._examples_of.search(fold(self._corpus.sentence(sid).shown)) is not None

    def _lines(self, shown: set[str], reading: Reading) -> set[str]:
        """Of the one exercise shown, the lines asked for: all steps, the hold, the repetitions."""
        places = {sid.partition("#")[0] for sid in shown}
        exercise = self._home.get(next(iter(places))) if len(places) == 1 else None
        if exercise is None or "benefits" in reading.fields:
            return set()
        steps = set(line_ids(exercise, ["steps"]))
        if "steps" in reading.fields and ("all_steps" in reading.cues or len(steps & shown) > 1):
            return steps
        return set(line_ids(exercise, _AMOUNTS & reading.fields)) if steps & shown else set()

    def _other_sides(self, shown: set[str], reading: Reading) -> set[str]:
        """For each exercise named of which nothing is shown, the lines shown of the others."""
        if len(reading.exercises) < 2:
            return set()
        places = {sid.partition("#")[0] for sid in shown}
        told = [e for e in reading.exercises if e.id in places]
        kinds = {kind for e in told for kind in _SIDES if set(line_ids(e, [kind])) & shown}
        untold = [e for e in reading.exercises if e.id not in places]
        return {sid for e in untold if told for sid in line_ids(e, kinds)}


def _lists(article: Article) -> Iterator[_List]:
    """Numbered headings side by side, references, and letters with what they stand for."""
    groups: dict[tuple[str, ...], list[str]] = {}
    terms: list[str] = []
    before: dict[tuple[str, ...], list[str]] = {}
    for passage in article.passages:
        if _TERM.match(passage.text) and len(passage.sentences) == 1:
            terms.append(f"{passage.id}#1")
        if passage.kind == "heading" and _ITEM.match(passage.text):
            groups.setdefault(passage.heading[:-1], []).append(f"{passage.id}#1")
        elif passage.kind == "reference":
            groups.setdefault(("reference",), []).append(f"{passage.id}#1")
        elif passage.heading not in groups:
            before.setdefault(passage.heading, []).extend(sentence_ids(passage))
    for heading, items in groups.items():
        if len(items) > 1:
            yield _List(tuple(items), frozenset(_announcing(article, before.get(heading, ()), len(items))))
    if len(terms) > 1:
        yield _List(tuple(terms))


def _announcing(article: Article, ids: Iterable[str], count: int) -> Iterator[str]:
    """Of the sentences before a list, those that say how many items follow."""
    number = _NUMBERS[count - 2] if count - 2 < len(_NUMBERS) else str(count)
    for sid in ids:
        place, _, at = sid.partition("#")
        text = article.passage(place).sentences[int(at) - 1].shown
        if text.endswith(":") or re.search(rf"\b({number}|{count})\b", fold(text)):
            yield sid


