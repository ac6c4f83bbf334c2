"""Is this sentence carried by the passages that it cites?

Quoted sentences are compared exactly. A rephrased one must keep every number with its unit, every
side, the negations and the hedges of its source, bring no new content word beyond a small share,
and stay near it in meaning. Numbers, units, sides and negations are never compared fuzzily.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from assistant.answer import Removed, Statement
from assistant.corpus import Corpus
from assistant.errors import CorpusError
from assistant.lexical import fold, stem, words
from assistant.sentences import split_sentences

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s?-\s?(\d+(?:\.\d+)?))?[ -]?([a-z%]+)?")
_MARKS = re.compile(r"[a-z]+://\S+|www\.\S+|[\w.]+@[\w.]+|</?[a-z!][^>]*>|\]\(", re.IGNORECASE)
# A capital letter after a small word, a comma or a bracket: no beginning of a sentence.
_NAME = re.compile(r"(?:(?<=[a-z,;&] )|(?<=[a-z,;] [(\[]))[A-ZÀ-Ý][\w'’-]+")
_TRIVIAL = frozenset(
    stem(w)
    for w in ["a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "for", "with", "by", "from", "as", "is", "are", "was", "were", "be", "been", "being", "it", "its", "this", "that", "these", "those", "which", "who", "whom", "whose", "their", "they", "them", "he", "she", "his", "her", "you", "your", "we", "our", "article", "says", "said", "states", "stated", "describes", "according", "explains", "notes", "also", "such", "than", "then", "so", "while", "when", "if", "into", "about", "do", "does", "did", "has", "have", "had", "one", "there"]
)


@dataclass(frozen=True)
class GroundingRules:
    """Word lists and cut-offs of the check (corpus/grounding.json)."""

    negations: frozenset[str]
    hedges: frozenset[str]
    strong: frozenset[str]
    sides: frozenset[str]
    opposites: tuple[tuple[str, str], ...]
    number_words: dict[str, str]
    content_recall: float
    similarity: float


@dataclass(frozen=True)
class Verdict:
    """Whether a claim is carried, and why or why not."""

    supported: bool
    because: str


@dataclass(frozen=True)
class Grounded:
    """The statements that stand, and those struck out."""

    statements: tuple[Statement, ...]
    removed: tuple[Removed, ...]


def read_grounding(path: Path) -> GroundingRules:
    """The rules in the JSON file `path`. Raises CorpusError when it cannot be used."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return GroundingRules(
            frozenset(data["negations"]),
            frozenset(stem(w) for w in data["hedges"]),
            frozenset(stem(w) for w in data["strong"]),
            frozenset(data["sides"]),
            tuple((stem(a), stem(b)) for a, b in data["opposites"]),
            dict(data["number_words"]),
            float(data["content_recall"]),
            float(data["similarity"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be used ({type(error).__name__})"
        raise CorpusError(path, what, "restore it; see corpus/README.md") from None


class Grounding:
    """Checks sentences against passages."""

    def __init__(self, corpus: Corpus, rules: GroundingRules, embeddings: Embeddings) -> None:
        self._corpus, self._rules, self._embeddings = corpus, rules, embeddings

    def check(self, claim: str, passages: Sequence[str]) -> Verdict:
        """Whether `claim` is carried by `passages` (texts), and the reason.

        Of a claim of several sentences each must be: one cannot ride on its neighbour's words.
        """
        if not claim.strip() or not any(p.strip() for p in passages):
            return Verdict(False, "nothing to check against" if claim.strip() else "empty claim")
        needle = _plain(claim)
        if any(needle in _plain(p) for p in passages if needle):
            return Verdict(True, "word for word in a passage")
        windows = [w for p in passages for w in _windows(p)]
        for sentence in [claim[a:b] for a, b in split_sentences(claim)]:
            verdict = self._words(sentence, windows)
            if not verdict.supported:
                return verdict
        verdicts = [self._against(claim, window) for window in windows]
        good = next((v for v in verdicts if v.supported), None)
        return good or self._closest(claim, windows, verdicts)

    def ground(self, statements: Sequence[Statement]) -> Grounded:
        """Keep what its own spans carry; strike out the rest with the reason."""
        kept, removed = [], []
        for statement in statements:
            verdict = self._statement(statement)
            if verdict.supported:
                kept.append(statement)
            else:
                removed.append(Removed(statement.text, verdict.because))
        return Grounded(tuple(kept), tuple(removed))

    def _statement(self, statement: Statement) -> Verdict:
        if not statement.spans:
            return Verdict(False, "no citation")
        quotes = []
        for span in statement.spans:
            try:
                quotes.append(self._corpus.article(span.article).text[span.start : span.end])
            except StopIteration:
                return Verdict(False, f"no article {span.article!r}")
        if statement.support == "verbatim":
            return self._verbatim(statement)
        if statement.support == "computed":
            return _computed(statement.text, [self._shown(s) for s in statement.spans])
        return self.check(statement.text, quotes)

    def _shown(self, span: Any) -> str:
        passage = self._corpus.passages[span.passage]
        found = next((s for s in passage.sentences if s.start == span.start), None)
        return found.shown if found and found.end == span.end else ""

    def _verbatim(self, statement: Statement) -> Verdict:
        shown = " ".join(self._shown(span) for span in statement.spans)
        if statement.text == shown:
            return Verdict(True, "word for word in its span")
        return Verdict(False, "differs from the sentence that it cites")

    def _words(self, claim: str, windows: list[str]) -> Verdict:
        verdicts = [self._worded(claim, window) for window in windows]
        good = next((v for v in verdicts if v.supported), None)
        return good or self._closest(claim, windows, verdicts)

    def _worded(self, claim: str, window: str) -> Verdict:
        for test in (_foreign, self._numbers, self._polarity, self._sides, self._opposites, self._hedges):
            because = test(claim, window)
            if because:
                return Verdict(False, because)
        return _shared(claim, window, self._rules.content_recall)

    def _against(self, claim: str, window: str) -> Verdict:
        verdict = self._worded(claim, window)
        if not verdict.supported:
            return verdict
        alike = _cosine(self._embeddings.embed_query(claim), self._embeddings.embed_query(window))
        if alike < self._rules.similarity:
            return Verdict(False, f"too far from the source in meaning ({alike:.2f})")
        return Verdict(True, f"{verdict.because}, similarity {alike:.2f}")

    def _closest(self, claim: str, windows: list[str], verdicts: list[Verdict]) -> Verdict:
        shared = [len(_content(claim) & _content(w)) for w in windows]
        return verdicts[shared.index(max(shared))] if verdicts else Verdict(False, "no passage")

    def _numbers(self, claim: str, window: str) -> str:
        missing = _amounts(claim, self._rules) - _amounts(window, self._rules)
        return f"number not in the source: {sorted(missing)[0]}" if missing else ""

    def _polarity(self, claim: str, window: str) -> str:
        negated = [len(self._rules.negations & set(_tokens(text))) > 0 for text in (claim, window)]
        if negated[0] != negated[1] and (negated[0] or _shares_negation(claim, window, self._rules)):
            return "negation differs from the source"
        return ""

    def _sides(self, claim: str, window: str) -> str:
        extra = (self._rules.sides & set(_tokens(claim))) - set(_tokens(window))
        return f"side or direction not in the source: {sorted(extra)[0]}" if extra else ""

    def _opposites(self, claim: str, window: str) -> str:
        said, source = _stems(claim), _stems(window)
        for one, two in self._rules.opposites:
            for mine, other in ((one, two), (two, one)):
                if mine in said and mine not in source and other in source:
                    return f"{mine!r} where the source has {other!r}"
        return ""

    def _hedges(self, claim: str, window: str) -> str:
        said, source = _stems(claim), _stems(window)
        strong = (self._rules.strong & said) - source
        if strong:
            return f"stronger than the source: {sorted(strong)[0]!r}"
        if self._rules.hedges & source and not self._rules.hedges & said:
            return "the hedge of the source is dropped"
        return ""


def _shared(claim: str, window: str, recall: float) -> Verdict:
    said, source = _content(claim), _content(window)
    share = len(said & source) / len(said) if said else 0.0
    if share < recall:
        extra = ", ".join(sorted(said - source)[:3])
        return Verdict(False, f"words not in the source: {extra}")
    return Verdict(True, f"{share:.0%} of its words in the source")


def _foreign(claim: str, window: str) -> str:
    """A link, markup or a name that the source does not have: never a matter of shares."""
    marks = set(_MARKS.findall(claim)) - set(_MARKS.findall(window))
    if marks:
        return f"link or markup not in the source: {sorted(marks)[0][:30]}"
    known = _stems(window) | _TRIVIAL
    names = [n for n in _NAME.findall(claim) if not {stem(t) for t in _tokens(n)} <= known]
    return f"name not in the source: {names[0]}" if names else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text)).strip().strip(".").strip()


def _windows(passage: str) -> list[str]:
    """Single sentences and pairs of neighbours."""
    lines = [line for line in passage.split("\n") if line.strip()]
    sentences = [line[a:b] for line in lines for a, b in split_sentences(line)]
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(sentences)]
    return sentences + pairs


def _tokens(text: str) -> list[str]:
    return [part for w in words(text) for part in ([w] if w[0].isdigit() else [w, *w.split("-")])]


def _stems(text: str) -> set[str]:
    return {stem(t) for t in _tokens(text)}


def _content(text: str) -> set[str]:
    return {s for s in _stems(text) if s not in _TRIVIAL and not s[0].isdigit()}


def _amounts(text: str, rules: GroundingRules) -> set[str]:
    """Numbers with the unit behind them: "10-12 repetition", "2 second"."""
    plain = fold(text)
    for word, digit in rules.number_words.items():
        plain = re.sub(rf"\b{word}\b", digit, plain)
    found = set()
    for match in _NUMBER.finditer(re.sub(r"(\d)\s+to\s+(\d)", r"\1-\2", plain)):
        low, high, unit = match.groups()
        value = f"{low}-{high}" if high else low
        found.add(f"{value} {stem(unit) if unit else ''}".strip())
    return found


def _shares_negation(claim: str, window: str, rules: GroundingRules) -> bool:
    """Whether the words around a negation of the source are what the claim speaks of."""
    tokens = _tokens(window)
    near = {
        stem(t)
        for i, token in enumerate(tokens) if token in rules.negations
        for t in tokens[i + 1 : i + 4]
    }  # fmt: skip
    return bool(near & _content(claim))


def _computed(text: str, quotes: list[str]) -> Verdict:
    """A computed line is a count, or its quotes joined, nothing else."""
    if re.fullmatch(r"\d+", text):
        same = int(text) == len(quotes)
        return Verdict(same, "counted" if same else "the count is not the number of its spans")
    rest = text
    for quote in quotes:
        if quote.rstrip(".") not in rest:
            return Verdict(False, "a part is not in its span")
        rest = rest.replace(quote.rstrip("."), "", 1)
    left = re.sub(r"[;.,\s]", "", rest)
    return Verdict(not left, "computed from its spans" if not left else f"not in its spans: {left}")


def _cosine(one: list[float], two: list[float]) -> float:
    return round(math.fsum(a * b for a, b in zip(one, two, strict=True)), 4)


def with_citations(statement: Statement, numbers: tuple[int, ...]) -> Statement:
    """`statement` with its citation numbers."""
    return replace(statement, citations=numbers)
