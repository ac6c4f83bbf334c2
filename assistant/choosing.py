"""Which reading of a follow-up is meant: the one whose sentences answer the whole conversation.

Every reading is searched. A cross-encoder reads the conversation itself beside each sentence found;
boosted trees weigh its score with what each reading made of the sentence; and the reading is taken
whose sentences come nearest to those that are likely to answer. Where none is likely, none is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Question
from assistant.conversation import Conversation
from assistant.corpus import Corpus
from assistant.embedding import MODELS
from assistant.lexical import words
from assistant.readings import KINDS, Readings
from assistant.retrieval import Reranker, Retrieval
from assistant.talk import in_talk
from assistant.trees import Trees, read_trees
from assistant.understanding import Reader

WEIGHTS = "follow_ups.json"
LIKELY = 0.3  # probability of the best sentence below which the article does not say
_POOL = 10  # candidates of each reading that are scored beside what it shows
_PRIOR = 0.3  # right sentences not found, in the expected F measure
_RULES = 0.06  # what the reading by the rules has ahead of the others
_RECALL = 2.0  # how much more a sentence left out weighs in it than one too many
_RANKS, _WORDS = 10, 20  # from here on more makes no difference
NAMES = (
    "talk", "talk_share", "talk_margin", "talk_rank",
    *(f"{way}_{kind}" for kind in KINDS for way in ("p", "shown")),
    "p_best", "shown_share", "rule_computed", "rule_computes", "rule_said", "rule_silent",
    "computed", "shown_last", "place_last", "reference", "exercise", "talk_best", "names",
    "fields", "content", "words",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A reading of a follow-up and what it finds: sentences to show, and likely ones."""

    kinds: frozenset[str]
    question: Question
    retrieval: Retrieval
    shown: tuple[str, ...]
    computed: bool

    @property
    def likely(self) -> dict[str, float]:
        """Probabilities by sentence id."""
        return {c.sentence: c.probability for c in self.retrieval.candidates}


@dataclass(frozen=True)
class Table:
    """All readings of a follow-up, and for each sentence that any of them finds its features."""

    found: tuple[Found, ...]
    rows: dict[str, tuple[float, ...]]


class Chooser:
    """Chooses among the readings of a follow-up.

    `search` gives what is retrieved for a question, the ids to show, and whether they are computed;
    `texts` are the sentences by id, as the cross-encoder reads them.
    """

    def __init__(
        self, reader: Reader, conversation: Conversation, scorer: Reranker,
        search: Callable[[Question], tuple[Retrieval, list[str], bool]],
        texts: dict[str, str], trees: Trees | None,
    ) -> None:  # fmt: skip
        self._reader, self._conversation, self._scorer = reader, conversation, scorer
        self._search, self._texts, self._trees = search, texts, trees
        self._readings = Readings(reader, conversation)

    @property
    def corpus(self) -> Corpus:
        """The corpus that the questions are about."""
        return self._reader.corpus

    @property
    def ready(self) -> bool:
        """Whether there are weights to choose by."""
        return self._trees is not None

    def table(self, question: Question) -> Table:
        """The readings of a question after other messages, each searched."""
        found = tuple(self._found(kinds, asked) for kinds, asked in self._readings.of(question))
        pool: dict[str, None] = {}
        for one in found:
            pool |= dict.fromkeys((*one.shown, *list(one.likely)[:_POOL]))
        talk = in_talk(question.text, question.earlier, self._reader)
        ids = sorted(pool)
        scores = self._scorer.scores(talk, [self._texts[sid] for sid in ids])
        said = {sid: round(score, 3) for sid, score in zip(ids, scores, strict=True)}
        return Table(found, self._rows(question, found, said))

    def best(self, question: Question) -> Question | None:
        """The question as the likeliest reading understands it; None where nothing answers."""
        assert self._trees is not None
        table = self.table(question)
        rules = table.found[0]
        if rules.computed and rules.shown and self._plain(question.text):
            return rules.question
        likely = {sid: self._trees.probability(row) for sid, row in table.rows.items()}
        if max(likely.values(), default=0.0) < LIKELY:
            return None
        return chosen(table.found, likely).question

    def _plain(self, text: str) -> bool:
        """Whether rules alone find what is meant: "the other one", all exercises, a year's source."""
        reading = self._reader.read(text)
        whole = self._conversation.asks_for_all(reading)
        return whole or "other" in reading.cues or self._conversation.dated(reading) != ""

    def _found(self, kinds: frozenset[str], asked: Question) -> Found:
        retrieval, shown, computed = self._search(asked)
        return Found(kinds, asked, retrieval, tuple(shown), computed)

    def _rows(
        self, question: Question, found: Sequence[Found], talk: dict[str, float]
    ) -> dict[str, tuple[float, ...]]:
        """The features of every sentence, in the order of NAMES."""
        reading = self._reader.read(question.text)
        last = frozenset(self._conversation.shown_after(question.earlier))
        about = (
            float(bool(reading.exercises)), float(bool(reading.fields)),
            float(len(self._conversation.content(reading))),
            float(min(len(words(reading.text)), _WORDS)),
        )  # fmt: skip
        order = sorted(talk, key=lambda sid: (-talk[sid], sid))
        best = max(talk.values(), default=0.0)
        return {
            sid: (
                talk[sid], _share(talk[sid]), round(talk[sid] - best, 3),
                float(min(order.index(sid), _RANKS)), *_found_by(sid, found),
                *_place(sid, last), _share(best), *about,
            )
            for sid in talk
        }  # fmt: skip


def _share(logit: float) -> float:
    return round(1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, logit)))), 4)


def _found_by(sid: str, found: Sequence[Found]) -> tuple[float, ...]:
    """What each kind of reading makes of a sentence, then all of them and that of the rules."""
    by_kind = {kind: one for one in found for kind in one.kinds}
    ways = [
        (one.likely.get(sid, 0.0), float(sid in one.shown)) if (one := by_kind.get(kind)) else (0.0, 0.0)
        for kind in KINDS
    ]
    rule = by_kind["rule"]
    return (
        *(value for way in ways for value in way), max(likely for likely, _ in ways),
        round(sum(sid in one.shown for one in found) / len(found), 4),
        float(rule.computed and sid in rule.shown), float(rule.computed), rule.retrieval.said,
        float(not rule.shown), float(any(one.computed and sid in one.shown for one in found)),
    )  # fmt: skip


def _place(sid: str, last: frozenset[str]) -> tuple[float, ...]:
    """Whether a sentence, or one of its passage, was shown last; and what it is of."""
    place = sid.partition("#")[0]
    return (
        float(sid in last), float(any(other.partition("#")[0] == place for other in last)),
        float("/references/" in sid), float("/exercises/" in sid),
    )


def chosen(found: Sequence[Found], likely: dict[str, float]) -> Found:
    """The reading with the highest expected F measure of its sentences; of equals the first."""
    total = sum(likely.values())

    def measure(one: Found) -> float:
        right = sum(likely.get(sid, 0.0) for sid in one.shown)
        share = (1 + _RECALL) * right / (len(one.shown) + _RECALL * (total + _PRIOR))
        return round(share + _RULES * ("rule" in one.kinds), 6)

    return max(found, key=measure)


def open_trees(folder: Path = MODELS) -> Trees | None:
    """The shipped weights, None where there are none. Raises ModelUnavailable for unusable ones."""
    return read_trees(folder / WEIGHTS, NAMES) if (folder / WEIGHTS).exists() else None
