"""Opens everything that the path of a question needs, once, in the right order."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.answer import Question
from assistant.aspects import read_aspects
from assistant.calibration import read_calibration
from assistant.catalogue import Catalogue
from assistant.chat_model import open_chat_model
from assistant.choosing import Chooser, open_trees
from assistant.claims import Claims
from assistant.conversation import Conversation
from assistant.corpus import Corpus, read_corpus
from assistant.embedding import MODELS, TOKENIZER, Joined, MiniLM
from assistant.exercises import read_exercise_words
from assistant.grounding import Grounding, read_grounding
from assistant.index import Index, Progress, open_index
from assistant.lexical import fold
from assistant.policy import Policy, read_policy
from assistant.reranker import CONVERSATION, CrossEncoder
from assistant.retrieval import Retrieval, SentenceRetriever
from assistant.scope import Scope, open_encoder
from assistant.settings import Settings
from assistant.suggestions import Suggestions
from assistant.understanding import Reader, open_reader
from assistant.wholes import Wholes
from assistant.writers import ModelWriter, QuoteWriter, Writer


@dataclass(frozen=True)
class Parts:
    """Everything opened: corpus, policy, index, and the steps' makers."""

    corpus: Corpus
    policy: Policy
    reader: Reader
    scope: Scope
    conversation: Conversation
    chooser: Chooser | None
    index: Index
    retriever: SentenceRetriever
    quotes: QuoteWriter
    writer: Writer
    grounding: Grounding
    suggestions: Suggestions


def open_parts(
    settings: Settings, rebuild: bool = False, progress: Progress | None = None, **levers: bool
) -> Parts:
    """Open the parts for `settings`; the policy first, so that nothing starts without it.

    `levers` turn single means off for an ablation: dense, lexical, variants, lay_terms, spelling,
    reranker. Raises AssistantError, in one line, for what is unusable.
    """
    policy = read_policy(settings.corpus / "policy")
    corpus = read_corpus(settings.corpus)
    with_variants = bool(corpus.variants) and levers.get("variants", True)
    if not with_variants:
        corpus = replace(corpus, variants=())
    reader = open_reader(
        corpus, levers.get("spelling", True), levers.get("lay_terms", True)
    )
    plain = MiniLM(settings.encoder)
    tuned = MODELS / "questions.onnx"
    embeddings: MiniLM | Joined = plain
    if tuned.exists() and levers.get("tuned", True):
        embeddings = MiniLM(tuned, MODELS / TOKENIZER)
        if not with_variants:
            embeddings = Joined(embeddings, plain)
    calibration = read_calibration(settings.corpus / "calibration.json", with_variants)
    quotes = QuoteWriter(
        corpus, _catalogue(settings.corpus, corpus), calibration,
        read_aspects(settings.corpus / "aspects.json"),
        Wholes(corpus, reader.forms.cues["gives_example"]),
    )  # fmt: skip
    grounding = Grounding(corpus, read_grounding(settings.corpus / "grounding.json"), plain)
    scope, writer = Scope(policy, open_encoder(), _phones(settings, corpus)), _writer(settings, quotes)
    reranker = CrossEncoder.open() if levers.get("reranker", True) else None
    # Last, so that nothing above can fail once a new index has taken the old one's place.
    index = open_index(corpus, embeddings, settings.index, settings.chroma, rebuild, progress)
    retriever = SentenceRetriever(
        corpus=corpus, index=index, embeddings=embeddings, reader=reader, calibration=calibration,
        reranker=reranker,
        use_dense=levers.get("dense", True), use_lexical=levers.get("lexical", True),
        use_variants=with_variants,
    )  # fmt: skip
    conversation = Conversation(reader, lambda asked: _search(retriever, quotes, asked)[1])
    chooser = _chooser(reader, conversation, retriever, quotes) if levers.get("chooser", True) else None
    return Parts(
        corpus, policy, reader, scope, conversation, chooser, index, retriever, quotes, writer, grounding,
        Suggestions(corpus, reader.forms),
    )  # fmt: skip


def _search(
    retriever: SentenceRetriever, quotes: QuoteWriter, asked: Question
) -> tuple[Retrieval, list[str], bool]:
    """What is retrieved for a question, the ids of the sentences to show, and whether computed."""
    retrieval = retriever.retrieve(asked)
    ids = [sid for pick in quotes.picks(retrieval) for sid in pick.sentences]
    return retrieval, ids, quotes.computed(retrieval.reading) is not None


def _chooser(
    reader: Reader, conversation: Conversation, retriever: SentenceRetriever, quotes: QuoteWriter
) -> Chooser | None:
    scorer = CrossEncoder.open(CONVERSATION)
    if scorer is None:
        return None
    return Chooser(
        reader, conversation, scorer, lambda asked: _search(retriever, quotes, asked),
        retriever.texts, open_trees(),
    )  # fmt: skip


def _phones(settings: Settings, corpus: Corpus) -> tuple[str, ...]:
    found = dict.fromkeys(phone for article in corpus.articles for phone in article.phones)
    return tuple(sorted(found, key=lambda phone: phone != settings.phone_first))


def _catalogue(path: Path, corpus: Corpus) -> Catalogue:
    words = read_exercise_words(path / "exercise_words.json")
    lying = json.loads((path / "exercise_words.json").read_text(encoding="utf-8")).get("lying", [])
    positions = {name: tuple(map(fold, cues)) for name, cues in words.positions.items()}
    return Catalogue(corpus, positions, tuple(lying), Claims(corpus, words, lying))


def _writer(settings: Settings, quotes: QuoteWriter) -> Writer:
    if not settings.model:
        return quotes
    return ModelWriter(open_chat_model(settings), settings.model, quotes, settings.model_seconds)
