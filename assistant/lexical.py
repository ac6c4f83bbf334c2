"""Words: how text is split and stemmed, everyday words, typing errors, and BM25 over sentences."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import bm25s
import numpy as np
from rapidfuzz.distance import OSA

from assistant.corpus import Corpus, LayTerm
from assistant.embedding import package_folder

_WORD = re.compile(r"\d+(?:\s?-\s?\d+)?|[^\W\d_]+(?:['-][^\W\d_]+)*")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_QUOTES = {ord("’"): "'", ord("‘"): "'", ord("“"): '"', ord("”"): '"'}


_REMEMBERED = 4096
_LONG_NUMBER = re.compile(r"\d{4,}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_APART = re.compile(r"(?<=\d)[\s().-]+(?=\d)")


def long_numbers(text: str) -> frozenset[str]:
    """The digits of telephone, licence and other long numbers in `text`; no plain years."""
    found = frozenset(_LONG_NUMBER.findall(_APART.sub("", text)))
    return frozenset(n for n in found if not _YEAR.fullmatch(n))


def fold(text: str) -> str:
    """`text` in lower case, with plain dashes and quotes and without accents."""
    plain = unicodedata.normalize("NFKD", text.translate(_DASHES).translate(_QUOTES))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The words of `text`, folded; ranges such as "10-12" and hyphenated words stay whole."""
    return [w.replace(" ", "") for w in _WORD.findall(fold(text))]


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


_stem_lock = threading.Lock()


@cache
def stem(word: str) -> str:
    """The English stem of a folded word; numbers stay as they are."""
    if word[:1].isdigit():
        return word
    with _stem_lock:
        stemmed: str = _stemmer().stemWord(word)
    return stemmed


def stems(text: str) -> list[str]:
    """Stems of the words of `text`, hyphenated words also in their parts."""
    found = []
    for word in words(text):
        found.append(stem(word))
        if "-" in word and not word[0].isdigit():
            found += [stem(part) for part in word.split("-")]
    return found


class Lexicon:
    """Everyday words for the article's words: finds them in a question and adds the article's."""

    def __init__(self, terms: Iterable[LayTerm]) -> None:
        self._terms: dict[tuple[str, ...], tuple[str, ...]] = {}
        for term in terms:
            key = tuple(stem(w) for w in words(term.said))
            self._terms[key] = tuple(dict.fromkeys(self._terms.get(key, ()) + term.means))
        self._longest = max(map(len, self._terms), default=0)

    @property
    def vocabulary(self) -> set[str]:
        """All stems that occur in the everyday phrases."""
        return {s for key in self._terms for s in key}

    def meanings(self, text: str) -> list[str]:
        """The article's words for the everyday words in `text`, longest phrases first served."""
        return list(dict.fromkeys(m for _, means in self.matches(text) for m in means))

    def matches(self, text: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """(stems said, article's words) of the everyday phrases in `text`, in order."""
        tokens = [stem(w) for w in words(text)]
        found = []
        position = 0
        while position < len(tokens):
            size = self._match(tokens, position)
            if size:
                said = tuple(tokens[position : position + size])
                found.append((said, self._terms[said]))
            position += max(size, 1)
        return found

    def _match(self, tokens: Sequence[str], position: int) -> int:
        for size in range(min(self._longest, len(tokens) - position), 0, -1):
            if tuple(tokens[position : position + size]) in self._terms:
                return size
        return 0


class Speller:
    """Corrects typing errors to words of a vocabulary, else to words that people often write.

    A word is known if `vocabulary`, `known` or `frequent` holds it. Numbers are never touched.
    Distance: optimal string alignment, 1 edit up to 7 letters, 2 from 8 on; of words equally near
    one of the vocabulary is taken first, then the more frequent one.
    """

    def __init__(
        self, vocabulary: Iterable[str], known: Iterable[str],
        frequent: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        own = {w for w in vocabulary if len(w) >= 4 and w.isalpha()}
        often = {w: n for w, n in (frequent or {}).items() if len(w) >= 4 and w.isalpha()}
        self._known = own | set(known) | set(often)
        self._rank = {w: (w not in own, -often.get(w, 0), w) for w in own | set(often)}
        self._targets: dict[str, list[str]] = {}
        for word in sorted(self._rank):
            for letter in dict.fromkeys(word[:2]):
                self._targets.setdefault(letter, []).append(word)
        self._cache: dict[str, str] = {}

    def correct(self, text: str) -> str:
        """`text` with misspelt words replaced; everything else unchanged."""
        return re.sub(r"[^\W\d_]{4,}", lambda match: self._word(match.group()), text)

    def _word(self, word: str) -> str:
        key = fold(word)
        if key in self._known or stem(key) in self._known:
            return word
        if key not in self._cache:
            if len(self._cache) > _REMEMBERED:
                self._cache.clear()
            self._cache[key] = self._nearest(key) or word
        return self._cache[key]

    def _nearest(self, key: str) -> str | None:
        limit = 1 if len(key) < 8 else 2
        found = []
        for target in self._targets.get(key[0], ()):
            if abs(len(target) - len(key)) <= limit:
                distance = OSA.distance(key, target, score_cutoff=limit)
                if distance <= limit:
                    found.append((distance, *self._rank[target]))
        return min(found)[-1] if found else None


class Bm25:
    """BM25 over a fixed list of texts (bm25s); scores in the order of the texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._model = bm25s.BM25(method="lucene")
        self._model.index([stems(t) or ["_"] for t in texts], show_progress=False)
        self._known = set(self._model.vocab_dict)
        self._size = len(texts)

    def scores(self, tokens: Sequence[str]) -> Any:
        """One score a text for the query `tokens` (stems); zeros when none is known."""
        known = [t for t in tokens if t in self._known]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return self._model.get_scores(known)


def corpus_vocabulary(corpus: Corpus) -> set[str]:
    """All folded words of the articles and of the everyday words, for correcting typing errors."""
    text = " ".join(p.text for p in corpus.passages.values() if p.kind != "reference")
    said = " ".join(term.said for term in corpus.lay_terms)
    parts = {part for w in words(f"{text} {said}") for part in (w, *w.split("-"))}
    names = {w for r in corpus.references.values() for name in r.authors for w in words(name)}
    return parts | names


@cache
def common_words() -> frozenset[str]:
    """Everyday English words: the whole words in the sentence encoder's vocabulary."""
    path = package_folder() / "vocab.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line.isalpha() and len(line) > 2)
