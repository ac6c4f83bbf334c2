"""Deterministic rules over a conversation: which rules apply, and the words that decided.

A rule asks for concepts near each other (`+`) or anywhere in the conversation (`&`). What is
denied ("no numbness"), long past, fiction, a figure of speech or a question about illness in
general does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.answer import LEVELS
from assistant.phrases import COMMA, STOP, Hit, Phrases, tokens
from assistant.rules import Rule, RuleSet

NEAR = 12
_SCOPE = 4
_REMEMBERED = 256  # texts: a message is read once for all questions about it
_JOINING = frozenset({"or", "nor", "and", "ni", "y", "o", "u", COMMA})


@dataclass(frozen=True)
class Alarm:
    """A rule that applies, and the words that decided."""

    rule: Rule
    words: tuple[str, ...]


class RuleReader:
    """The rules of a set, compiled once; safe to call from several threads."""

    def __init__(self, rules: RuleSet, known: frozenset[str] = frozenset()) -> None:
        self._rules = rules.rules
        self._lasting = rules.lasting
        self._context = frozenset(rules.context)
        phrases = Phrases({**rules.concepts, **rules.context}, known)
        self._read = lru_cache(_REMEMBERED)(lambda text: _read(phrases, text))
        self._raised = lru_cache(_REMEMBERED)(self._applying)

    def alarms(self, text: str, earlier: Sequence[str] = ()) -> list[Alarm]:
        """Rules that apply to the message in its conversation, the most urgent first."""
        return list(self._raised(text, tuple(earlier)))

    def _applying(self, text: str, earlier: tuple[str, ...]) -> list[Alarm]:
        hits: dict[str, list[Hit]] = {}
        words: list[str] = []
        for turn in (*earlier, text):
            self._add(hits, words, *self._read(turn))
        found = [a for rule in self._rules if (a := _applies(rule, hits, words))]
        return sorted(found, key=lambda alarm: rank(alarm.rule))

    def mentions(self, text: str, context: str) -> bool:
        """Whether a context word of this kind stands in the text."""
        return any(hit.concept == context for hit in self._read(text)[1])

    def finds(self, text: str, concept: str) -> bool:
        """Whether a concept's words stand in the text."""
        return self.mentions(text, concept)

    def _add(
        self, hits: dict[str, list[Hit]], words: list[str], turn: tuple[str, ...],
        found: tuple[Hit, ...],
    ) -> None:  # fmt: skip
        offset = len(words)
        words += [*turn, STOP]
        context = _Context(turn, found, self._context)
        for hit in context.symptoms:
            if context.counts(hit, hit.concept in self._lasting):
                moved = Hit(hit.concept, hit.start + offset, hit.end + offset)
                hits.setdefault(hit.concept, []).append(moved)


def rank(rule: Rule) -> tuple[int, int]:
    """Sort key: emergency, then crisis, then the lower levels."""
    if rule.outcome == "urgent":
        level = LEVELS.index(rule.level or LEVELS[0])
        return (0 if level == 0 else 2, level)
    return (1 if rule.outcome == "crisis" else 3, 0)


class _Context:
    """What in a turn takes the force of its words: denial, past, fiction, general questions."""

    def __init__(
        self, words: tuple[str, ...], found: tuple[Hit, ...], kinds: frozenset[str]
    ) -> None:
        self._words = words
        marks = [h for h in found if h.concept in kinds]
        masked = {i for h in marks if h.concept == "idiom" for i in range(h.start, h.end)}
        self.symptoms = [
            h for h in found
            if h.concept not in kinds and not masked.issuperset(range(h.start, h.end))
        ]  # fmt: skip
        self._sentence = _sentence_numbers(words)
        self._marked: dict[str, set[int]] = {}
        for hit in marks:
            self._marked.setdefault(hit.concept, set()).add(self._sentence[hit.start])
        self._denied = self._denials(marks)

    def counts(self, hit: Hit, lasting: bool) -> bool:
        """Whether the hit is about somebody, now (or at any time, for a lasting condition)."""
        sentence = self._sentence[hit.start]

        def marked(kind: str) -> bool:
            return sentence in self._marked.get(kind, ())

        if hit.start in self._denied or marked("fiction"):
            return False
        if marked("past") and not marked("now") and not lasting:
            return False
        return not marked("informational") or marked("self")

    def _denials(self, marks: list[Hit]) -> set[int]:
        excused = {h.start for h in marks if h.concept == "not_negation"}
        excused |= {h.start + 1 for h in marks if h.concept == "not_negation"}
        begins = {h.end - 1 for h in marks if h.concept == "negation" and h.start not in excused}
        ends = {h.start for h in marks if h.concept == "scope_end"}
        inside = {h.start: h.end for h in self.symptoms}
        begins -= {i for h in self.symptoms for i in range(h.start, h.end)}
        denied: set[int] = set()
        left = until = 0
        for at, word in enumerate(self._words):
            if word == STOP or at in ends:
                left = 0
            if left and at in inside:
                denied.add(at)
                until = max(until, inside[at])
            if at in begins:
                left = _SCOPE + 1
            elif left and (word in _JOINING or at < until):
                left = _SCOPE
            left = max(0, left - 1)
        return denied


def _read(phrases: Phrases, text: str) -> tuple[tuple[str, ...], tuple[Hit, ...]]:
    words = tokens(text)
    return tuple(words), tuple(phrases.find(words))


def _sentence_numbers(words: Sequence[str]) -> list[int]:
    numbers, current = [], 0
    for word in words:
        numbers.append(current)
        current += word == STOP
    return numbers


def _applies(rule: Rule, hits: dict[str, list[Hit]], words: list[str]) -> Alarm | None:
    for term in rule.terms:
        if any(concept in hits for concept in term.without):
            continue
        chosen: list[Hit] = []
        for group in term.groups:
            near = _near(group, hits)
            if not near:
                break
            chosen += near
        else:
            unique = dict.fromkeys(" ".join(words[h.start : h.end]) for h in chosen)
            return Alarm(rule, tuple(unique))
    return None


def _near(group: tuple[str, ...], hits: dict[str, list[Hit]]) -> list[Hit] | None:
    """One hit of each concept, all within NEAR words of the first concept's; else None."""
    if any(concept not in hits for concept in group):
        return None
    for first in hits[group[0]]:
        chosen = [first]
        for concept in group[1:]:
            best = min(
                (h for h in hits[concept] if (h.start, h.end) != (first.start, first.end)),
                key=lambda h: _distance(first, h), default=None,
            )  # fmt: skip
            if best is None or _distance(first, best) > NEAR:
                break
            chosen.append(best)
        else:
            return chosen
    return None


def _distance(one: Hit, other: Hit) -> int:
    if one.start <= other.start:
        return max(0, other.start - one.end)
    return max(0, one.start - other.end)
