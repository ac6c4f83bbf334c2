"""A corpus: its articles, their exercises and question variants, and the everyday words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

from assistant.article import Article, Passage, Sentence, read_article
from assistant.errors import CorpusError
from assistant.exercises import Exercise, read_exercise_words, read_exercises
from assistant.references import Reference

_VARIANT_KEYS = {"question", "answers", "language", "author", "reviewed", "earlier"}


@dataclass(frozen=True)
class Variant:
    """A question that people ask, in everyday words, and what of the article answers it.

    `answers` are sentence ids (`passage-id#3`, counted from 1); none: the article does not say.
    `earlier` are the person's messages before a follow-up question.
    """

    question: str
    answers: tuple[str, ...]
    language: str
    author: str
    reviewed: bool
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayTerm:
    """An everyday word or phrase and the article's words for it."""

    said: str
    means: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Corpus:
    """Everything that questions are answered from."""

    path: Path
    articles: tuple[Article, ...]
    exercises: tuple[Exercise, ...]
    variants: tuple[Variant, ...]
    lay_terms: tuple[LayTerm, ...]
    fingerprint: str

    @cached_property
    def passages(self) -> dict[str, Passage]:
        """All passages by id."""
        return {p.id: p for article in self.articles for p in article.passages}

    @cached_property
    def references(self) -> dict[tuple[str, str], Reference]:
        """All references by (article id, reference id)."""
        return {(a.id, r.id): r for a in self.articles for r in a.references}

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises KeyError when there is none."""
        return next(a for a in self.articles if a.id == article_id)

    def sentence(self, sentence_id: str) -> Sentence:
        """The sentence with the id `passage-id#n`, n counted from 1. Raises KeyError."""
        passage_id, _, number = sentence_id.partition("#")
        sentences = self.passages[passage_id].sentences
        if not number.isdigit() or not 1 <= int(number) <= len(sentences):
            raise KeyError(sentence_id)
        return sentences[int(number) - 1]


def sentence_ids(passage: Passage) -> list[str]:
    """The ids of a passage's sentences, in reading order."""
    return [f"{passage.id}#{n}" for n in range(1, len(passage.sentences) + 1)]


def read_corpus(path: Path) -> Corpus:
    """The corpus in the folder `path`. Raises CorpusError, in one line, for what is wrong."""
    if not path.is_dir():
        raise CorpusError(path, "is not a folder", "give the folder of a corpus")
    kinds = _read_kinds(path / "source_kinds.json")
    words = read_exercise_words(path / "exercise_words.json")
    folders = sorted(p.parent for p in path.glob("*/article.md"))
    if not folders:
        raise CorpusError(path, "holds no article", "add NAME/article.md; see corpus/README.md")
    articles = tuple(read_article(folder, kinds) for folder in folders)
    corpus = Corpus(
        path,
        articles,
        tuple(e for article in articles for e in read_exercises(article, words)),
        tuple(v for folder in folders for v in _read_variants(folder / "questions.jsonl")),
        tuple(_read_lay_terms(path / "lay_terms.jsonl")),
        _fingerprint(path),
    )
    _check_answers(corpus)
    return corpus


def _read_kinds(path: Path) -> dict[str, list[str]]:
    try:
        kinds = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError(path, f"cannot be used ({type(error).__name__})", "restore it") from None
    if not isinstance(kinds, dict) or not all(map(_texts, kinds.values())):
        raise CorpusError(path, "must have lists of texts by kind", "restore it")
    return kinds


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of a JSON Lines file; nothing if the file is not there.

    Raises CorpusError for a line that is not a JSON object.
    """
    if not path.exists():
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CorpusError(path, "is not UTF-8 text", "save it as UTF-8") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(path, f"is not JSON ({error.msg})", "correct it", number) from None
        if not isinstance(value, dict):
            raise CorpusError(path, "is not a JSON object", "write {...}", number)
        yield number, value


def _read_variants(path: Path) -> Iterator[Variant]:
    for number, row in read_lines(path):
        if unknown := sorted(set(row) - _VARIANT_KEYS):
            raise CorpusError(path, f"unknown key {unknown[0]!r}", "remove it", number)
        question, answers, earlier = row.get("question"), row.get("answers"), row.get("earlier", [])
        if not isinstance(question, str) or not _texts(answers):
            raise CorpusError(path, "lacks question or answers", "add them, as texts", number)
        language, author, reviewed = (
            row.get("language", "en"), row.get("author", ""), row.get("reviewed", False))
        named = isinstance(language, str) and isinstance(author, str)
        if not _texts(earlier) or not named or not isinstance(reviewed, bool):
            what = "earlier, language, author or reviewed is of the wrong kind"
            raise CorpusError(path, what, "see corpus/README.md", number)
        yield Variant(question, tuple(answers), language, author, reviewed, tuple(earlier))


def _texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _read_lay_terms(path: Path) -> Iterator[LayTerm]:
    for number, row in read_lines(path):
        said, means = row.get("said"), row.get("means")
        if not isinstance(said, str) or not _texts(means) or not means:
            raise CorpusError(path, "lacks said or means", "write both", number)
        yield LayTerm(said.casefold(), tuple(means), row.get("language", "en"))


def _check_answers(corpus: Corpus) -> None:
    for variant in corpus.variants:
        for answer in variant.answers:
            try:
                corpus.sentence(answer)
            except KeyError:
                what = f"{variant.question[:40]!r} points to {answer!r}, which is not there"
                name = corpus.path / answer.split("/")[0] / "questions.jsonl"
                raise CorpusError(name, what, "point to a sentence of the article") from None


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.glob("**/*")):
        if file.is_file() and "policy" not in file.relative_to(path).parts[:1]:
            digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
