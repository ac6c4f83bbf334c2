"""A process that opens the index of a corpus and says what it finds; a fault can be planted.

`python tests/check/index_child.py CORPUS FOLDER STEP LIMIT ENCODER` says "ready", waits for a line,
then opens the index. STEP kills the process at that call that touches a file of the index; LIMIT
lets every write beyond that size fail (-1: none); ENCODER is `real` or `synthetic`.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant import AssistantError, read_corpus
from assistant.embedding import MODELS, TOKENIZER, MiniLM
from assistant.index import QUESTIONS, Index, open_index

ASKED = ["how long do i hold a plank", "butt muscles", "which study says that", "why does sitting hurt",
         "no equipment", "phone number", "what causes muscle imbalance", "chin tuck reps"]  # fmt: skip


class Synthetic(Embeddings):
    """A vector from the hash of a text: nothing to wait for, and any exchange of two is seen.

    `batches` counts how often it was given texts to index.
    """

    identity = "synthetic"

    def __init__(self) -> None:
        self.batches = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.batches += 1
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=384).astype(np.float32)
        return [float(x) for x in vector / np.linalg.norm(vector)]


class Real(Synthetic):
    """The assistant's own encoder, with the same count."""

    def __init__(self) -> None:
        super().__init__()
        self._encoder = MiniLM(MODELS / "questions.onnx", MODELS / TOKENIZER)
        self.identity = self._encoder.identity

    def embed_query(self, text: str) -> list[float]:
        return self._encoder.embed_query(text)


def found(index: Index, encoder: Embeddings) -> list[Any]:
    """What the index finds for fixed questions, with similarities."""
    vectors = [encoder.embed_query(text) for text in ASKED]
    return [
        [near.id, near.similarity]
        for vector in vectors for kind in ("passages", QUESTIONS)
        for near in index.search(vector, 8, kind=kind)
    ]  # fmt: skip


def kill_at(step: int, folder: Path) -> None:
    """End this process, as SIGKILL does, at the `step`-th call that touches `folder`."""
    calls = 0

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal calls
        writing = event == "open" and "w" in str(arguments[1])
        if writing or event in ("os.rename", "os.mkdir", "shutil.rmtree"):
            calls += str(folder) in str(arguments[0])
            if calls == step and str(folder) in str(arguments[0]):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(heard)


def main(corpus: str, folder: str, step: str, limit: str, encoder: str) -> None:
    """Say "ready", wait, then say how many batches were embedded and what is found, or why not."""
    articles, vectors = read_corpus(Path(corpus)), Real() if encoder == "real" else Synthetic()
    print("ready", flush=True)
    sys.stdin.readline()
    if int(step):
        kill_at(int(step), Path(folder))
    if int(limit) >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    try:
        index = open_index(articles, vectors, Path(folder))
        print(json.dumps([vectors.batches, found(index, vectors)]), flush=True)
    except AssistantError as error:
        print(f"refused: {error}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
