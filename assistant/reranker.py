"""Small cross-encoders that say whether a sentence answers a question, alone or in its conversation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.embedding import MODELS, TOKENIZER, OnnxEncoder

QUESTION = ("reranker.onnx", 96)  # file and most tokens
CONVERSATION = ("talk.onnx", 128)


class CrossEncoder:
    """Logits for (question, sentence) pairs, from an ONNX model with int8 weights."""

    def __init__(self, folder: Path, kind: tuple[str, int] = QUESTION) -> None:
        self._encoder = OnnxEncoder(folder / kind[0], folder / TOKENIZER, kind[1])

    @classmethod
    def open(cls, kind: tuple[str, int] = QUESTION, folder: Path = MODELS) -> CrossEncoder | None:
        """The cross-encoder of a kind in `folder`; None where none is shipped."""
        return cls(folder, kind) if (folder / kind[0]).exists() else None

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One logit a text, in order; each pair is independent of the others."""
        if not texts:
            return []
        return [float(x) for x in self._encoder.run([(question, text) for text in texts])]
