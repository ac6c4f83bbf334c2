"""Finding the sentences that answer: dense and lexical search fused, then each candidate scored.

Dense search runs over sentences, passages and question variants in Chroma; lexical search is BM25
over the same sentences. Reciprocal rank fusion (Cormack et al., 2009, k = 60) picks the
candidates; a small cross-encoder and the plain scores together give each its probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.answer import Question
from assistant.calibration import FEATURES, FIRST, SAID, Calibration
from assistant.corpus import Corpus, sentence_ids
from assistant.index import QUESTIONS, Index, Near, in_context
from assistant.lexical import Bm25, long_numbers, stems
from assistant.privacy import same_number
from assistant.understanding import Reader, Reading

RRF_K = 60
RERANKED, RERANK_FLOOR = 6, 0.03  # more, or less likely ones, moved no figure and cost time
_UNRANKED = -5.0


class Reranker(Protocol):
    """Scores (question, sentence) pairs; a higher logit is a likelier answer."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]: ...


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, its probability and the features that gave it."""

    sentence: str
    probability: float
    features: tuple[float, ...]


@dataclass(frozen=True)
class Retrieval:
    """What was found for a question: candidates by falling probability, and how it was read.

    `said` is the probability that the articles answer the question at all.
    """

    reading: Reading
    candidates: tuple[Candidate, ...]
    nearest: tuple[str, ...]
    said: float = 0.0


def fuse(rankings: Iterable[Sequence[str]], k: int = RRF_K) -> list[str]:
    """Reciprocal rank fusion: ids by the sum of 1 / (k + rank), ties by id."""
    totals: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            totals[item] = totals.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(totals, key=lambda item: (-round(totals[item], 12), item))


class SentenceRetriever(BaseRetriever):
    """LangChain retriever over the sentences of a corpus, fused from dense and lexical search."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    corpus: Corpus
    index: Index
    embeddings: Embeddings
    reader: Reader
    calibration: Calibration
    reranker: Any = None
    use_dense: bool = True
    use_lexical: bool = True
    use_variants: bool = True
    pool: int = 16

    def model_post_init(self, context: Any, /) -> None:
        self._ids: list[str] = []
        texts = []
        for passage in self.corpus.passages.values():
            for sid, sentence in zip(sentence_ids(passage), passage.sentences, strict=True):
                self._ids.append(sid)
                texts.append(in_context(passage.heading, sentence.shown))
        self._texts = dict(zip(self._ids, texts, strict=True))
        self._bm25 = Bm25(texts)
        self._numbers: dict[str, list[str]] = {}
        for sid in self._ids:
            for digits in long_numbers(self.corpus.sentence(sid).text):
                self._numbers.setdefault(digits, []).append(sid)

    @property
    def texts(self) -> dict[str, str]:
        """The sentences by id, as they are ranked: under the headings above them."""
        return self._texts

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        found = self.retrieve(Question(query)).candidates
        return [
            Document(
                page_content=self.corpus.sentence(c.sentence).text,
                metadata={"id": c.sentence, "probability": c.probability},
            )
            for c in found
        ]

    def retrieve(self, question: Question) -> Retrieval:
        """Candidates for `question`, best first; ties by place in the article."""
        reading = self.reader.read(question.asked)
        exact = self._exact(question.asked)
        if exact:
            return Retrieval(reading, exact, _passages(exact), 1.0)
        text = expanded(reading)
        near = self._dense(text)
        lexical = self._lexical(reading)
        features = self._base_features(near, lexical)
        silent = max((n.similarity for n in near if n.kind == "unanswered"), default=0.0)
        pool = self._pool(features, lexical)
        scored = self._score(reading, text, pool, features, silent)
        return Retrieval(reading, tuple(scored), _passages(scored), self._said(scored))

    def _dense(self, text: str) -> list[Near]:
        if not self.use_dense:
            return []
        vector = self.embeddings.embed_query(text)
        found = self.index.search(vector, 48)
        if self.use_variants and self.corpus.variants:
            found += self.index.search(vector, 48, kind=QUESTIONS)
        return found

    def _lexical(self, reading: Reading) -> dict[str, float]:
        if not self.use_lexical:
            return {}
        tokens = stems(reading.text) + [s for m in reading.meant for s in stems(m)]
        scores = self._bm25.scores(tokens)
        return {sid: round(float(s), 5) for sid, s in zip(self._ids, scores, strict=True) if s > 0}

    def _exact(self, text: str) -> tuple[Candidate, ...]:
        """The sentences that print a long number of the question: a licence, a telephone."""
        asked = long_numbers(text) if self.use_lexical else frozenset()
        wanted = [n for n in self._numbers if any(same_number(n, digits) for digits in asked)]
        found = {sid for digits in wanted for sid in self._numbers[digits]}
        none = tuple(0.0 for _ in FEATURES)
        return tuple(Candidate(sid, 1.0, none) for sid in self._ids if sid in found)

    def _base_features(
        self, near: list[Near], lexical: dict[str, float]
    ) -> dict[str, dict[str, float]]:
        table: dict[str, dict[str, float]] = {}
        for item in near:
            for sid in item.targets:
                row = table.setdefault(sid, {})
                if item.kind == "variant":
                    row["variants"] = row.get("variants", 0.0) + max(0.0, item.similarity - 0.5)
                row[item.kind] = max(row.get(item.kind, 0.0), item.similarity)
        for sid, score in lexical.items():
            table.setdefault(sid, {})["lexical"] = score / (score + 10.0)
        return table

    def _pool(self, table: dict[str, dict[str, float]], lexical: dict[str, float]) -> list[str]:
        rankings = [
            _ranked({sid: row.get(name, 0.0) for sid, row in table.items()})
            for name in ("sentence", "variant", "lexical")
        ]
        return fuse([ranking[:30] for ranking in rankings])[: self.pool]

    def _score(
        self, reading: Reading, text: str, pool: list[str], table: dict[str, dict[str, float]],
        silent: float,
    ) -> list[Candidate]:  # fmt: skip
        top = max((table[sid].get("variant", 0.0) for sid in pool), default=0.0)
        rows = {sid: self._features(reading, sid, table[sid], (top, silent)) for sid in pool}
        logits = self._rerank(text, self._likely(rows))
        best = max(logits.values(), default=0.0)
        found = []
        for sid, row in rows.items():
            logit = logits.get(sid, _UNRANKED if logits else 0.0)
            values = {**row, "rerank": logit, "rerank_margin": logit - best if logits else 0.0}
            features = tuple(round(values[name], 4) for name in FEATURES)
            found.append(Candidate(sid, self.calibration.ranking.probability(features), features))
        return sorted(found, key=lambda c: (-c.probability, self._ids.index(c.sentence)))

    def _likely(self, rows: dict[str, dict[str, float]]) -> list[str]:
        """The few candidates worth a second look, likeliest first."""
        first = self.calibration.first
        likely = {sid: first.probability([row[n] for n in FIRST]) for sid, row in rows.items()}
        order = sorted(likely, key=lambda sid: (-likely[sid], sid))
        return [sid for sid in order[:RERANKED] if likely[sid] >= RERANK_FLOOR] or order[:1]

    def _said(self, candidates: Sequence[Candidate]) -> float:
        """Probability that the articles answer, by the best of each sign."""
        if not candidates:
            return 0.0
        return self.calibration.said.probability(said_features(candidates))

    def _rerank(self, text: str, pool: list[str]) -> dict[str, float]:
        if self.reranker is None or not pool:
            return {}
        scores = self.reranker.scores(text, [self._texts[sid] for sid in pool])
        return {sid: round(score, 4) for sid, score in zip(pool, scores, strict=True)}

    def _features(
        self, reading: Reading, sid: str, row: dict[str, float], tops: tuple[float, float]
    ) -> dict[str, float]:
        """The features of a candidate; `tops` are the nearest answered and unanswered variant."""
        passage = self.corpus.passages[sid.partition("#")[0]]
        named = {e.id for e in reading.exercises}
        where = 0.0 if not named else (1.0 if passage.id in named else -1.0)
        values = {
            "dense": row.get("sentence", 0.0), "variant": row.get("variant", 0.0),
            "variants": min(row.get("variants", 0.0), 3.0), "lexical": row.get("lexical", 0.0),
            "passage": row.get("passage", 0.0), "named": where,
            "field": float(where >= 0 and sid in self._fields(reading, passage.id)),
            "reference": float(passage.kind == "reference"),
            "notice": float(passage.kind == "notice"), "heading": float(passage.kind == "heading"),
            "variant_margin": row.get("variant", 0.0) - tops[0], "unanswered": tops[1] - tops[0],
        }  # fmt: skip
        return {name: round(value, 4) for name, value in values.items()}

    def _fields(self, reading: Reading, passage_id: str) -> set[str]:
        """Ids of the lines of an exercise that carry a field which the question names."""
        for exercise in self.corpus.exercises:
            if exercise.id == passage_id:
                ids = sentence_ids(exercise.passage)
                found = set()
                for name in ("hold", "sets", "repetitions", "equipment", "benefits"):
                    value = getattr(exercise, name)
                    if name in reading.fields and value:
                        line = exercise.passage.sentences.index(exercise.sentence(value))
                        found.add(ids[line])
                return found
        return set()


def said_features(candidates: Sequence[Candidate]) -> tuple[float, ...]:
    """What tells whether anything answers: the best of each sign over all candidates."""
    ranked = sorted((c.probability for c in candidates), reverse=True)
    top = min(max(ranked[0], 0.0001), 0.9999)

    def best(name: str) -> float:
        return max(c.features[FEATURES.index(name)] for c in candidates)

    return (
        round(math.log(top / (1 - top)), 4), ranked[1] if len(ranked) > 1 else 0.0,
        *(best(name) for name in SAID[2:]),
    )  # fmt: skip


def expanded(reading: Reading) -> str:
    """The question with the article's words for its everyday words, as search and ranking see it."""
    return f"{reading.text} ({', '.join(reading.meant)})" if reading.meant else reading.text


def _ranked(scores: dict[str, float]) -> list[str]:
    return sorted((s for s in scores if scores[s] > 0), key=lambda s: (-scores[s], s))


def _passages(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.sentence.partition("#")[0] for c in candidates))[:3]
