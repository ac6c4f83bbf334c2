"""The peer that every report is set beside: the stock LangChain and Chroma quickstart.

Chunks of 1,000 characters with 200 overlap, the same embedding model as the assistant's, the
four nearest chunks, the best of them as the answer. It knows no scope, no abstention, no
references and no conversation: that is what a quickstart gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from langchain_chroma import Chroma

from assistant import MiniLM, Settings
from eval.article import Article, read_articles
from eval.targets.splitting import chunks

NEAREST = 4


def answer(question: str, earlier: Sequence[str]) -> Mapping[str, Any]:
    """The best chunk as an answer object, one statement a line of it; ``earlier`` is ignored."""
    store, articles = _store()
    found = store.similarity_search_with_score(question, k=NEAREST)
    hits = [
        {
            "passage": f"{document.metadata['article']}/chunk-{document.metadata['start_index']}",
            "text": document.page_content,
            "start": document.metadata["start_index"],
            "end": document.metadata["start_index"] + len(document.page_content),
            "score": 1 - float(distance),
        }
        for document, distance in found
    ]
    best = found[0][0].metadata
    article = articles[str(best["article"])]
    return _answer(question, earlier, article, hits)


def _answer(
    question: str, earlier: Sequence[str], article: Article, hits: list[dict[str, Any]]
) -> Mapping[str, Any]:
    start, end = hits[0]["start"], hits[0]["end"]
    lines = _lines(article, start, end)
    return {
        "question": question, "earlier": list(earlier), "understood_as": question,
        "language": "en", "outcome": "answered", "level": None,
        "statements": [
            {"text": article.text[a:b], "citations": [n], "support": "verbatim", "group": None}
            for n, (a, b) in enumerate(lines, 1)
        ],
        "citations": [
            {
                "number": n, "article": article.id, "passage": hits[0]["passage"], "heading": [],
                "quote": article.text[a:b], "start": a, "end": b, "references": [],
            }
            for n, (a, b) in enumerate(lines, 1)
        ],
        "notices": [], "removed": [], "nearest": [], "writer": "quickstart",
        "text": article.text[start:end], "receipt": {}, "hits": hits,
    }  # fmt: skip


def _lines(article: Article, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences and list lines of a chunk, those at its ends as cut by it; no headings."""
    units = [unit for unit in article.units_of(start, end) if not unit.is_heading]
    return [(max(start, unit.start), min(end, unit.end)) for unit in units]


@cache
def _store() -> tuple[Chroma, Mapping[str, Article]]:
    settings = Settings.from_environment()
    articles = read_articles(Path(settings.corpus))
    cut = [(article, chunk) for article in articles.values() for chunk in chunks(article.text)]
    store = Chroma(
        collection_name="quickstart",
        embedding_function=MiniLM(settings.encoder),
        collection_metadata={"hnsw:space": "cosine"},
    )
    store.add_texts(
        texts=[chunk.text for _, chunk in cut],
        metadatas=[{"article": article.id, "start_index": chunk.start} for article, chunk in cut],
        ids=[f"{article.id}-{chunk.start}" for article, chunk in cut],
    )
    return store, articles
