"""The reranker: a small cross-encoder that says whether a sentence answers a question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.embedding import MODELS, TOKENIZER, OnnxEncoder

WEIGHTS = "reranker.onnx"
MAX_TOKENS = 96


class CrossEncoder:
    """Logits for (question, sentence) pairs, from an ONNX model with int8 weights."""

    def __init__(self, folder: Path) -> None:
        self._encoder = OnnxEncoder(folder / WEIGHTS, folder / TOKENIZER, MAX_TOKENS)

    @classmethod
    def open(cls, folder: Path = MODELS) -> CrossEncoder | None:
        """The reranker in `folder`; None where none is shipped."""
        return cls(folder) if (folder / WEIGHTS).exists() else None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One logit a text, in order; each pair is independent of the others."""
        if not texts:
            return []
        return [float(x) for x in self._encoder.run([(question, text) for text in texts])]
