"""Make the served ONNX files from tuned weights: `python -m assistant.training.assemble TUNED OUT`.

`tune.py` left the layers of each model as int8 with a scale a row; the word vectors are the base
model's. All models of OUT share one file of word vectors (int8, one scale a token), which their
ONNX files name as external data. Weights become DequantizeLinear nodes: computing stays in fp32
and activations are never quantised, so that a text's result does not depend on its batch.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding import TOKENIZER, WORD_VECTORS, package_folder
from assistant.training.export import Encoder, export, load_transformer
from assistant.training.tune import read

HEADS = {"questions": 0, "reranker": 1, "scope": 8, "talk": 1}
PAIRS = ("reranker", "talk")
_SMALLEST = 4096


class Scorer(torch.nn.Module):
    """Token ids of a text, or of a pair -> the head's scores over the mean of the tokens."""

    def __init__(self, transformer: torch.nn.Module, outputs: int, pairs: bool) -> None:
        super().__init__()
        self.transformer, self.pairs = transformer, pairs
        self.head = torch.nn.Linear(384, outputs)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:  # fmt: skip
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        hidden = self.transformer(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=types
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        scores: torch.Tensor = self.head((hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9))
        return scores.squeeze(-1) if self.pairs else scores


def assemble(tuned: Path, name: str, out: Path) -> None:
    """Write OUT/NAME.onnx, and the shared word vectors beside it."""
    transformer = load_transformer(package_folder())
    outputs = HEADS[name]
    model: torch.nn.Module = (
        Scorer(transformer, outputs, name in PAIRS) if outputs else Encoder(transformer)
    )
    missing, unknown = model.load_state_dict(read(tuned / f"{name}.npz"), strict=False)
    lost = [m for m in missing if ".embeddings." not in m and ".pooler." not in m]
    if lost or unknown:
        raise SystemExit(f"{tuned / name}.npz: lost {lost[:2]}, unknown {unknown[:2]}")
    full = out / f"{name}.fp32.onnx"
    export(model.eval(), full, "embedding" if not outputs else "scores", pairs=name in PAIRS)
    _store(full, out / f"{name}.onnx")
    full.unlink()


def _store(source: Path, target: Path) -> None:
    """`source` with its large weights as int8, the word vectors in a file of their own."""
    model = onnx.load(str(source))
    graph = model.graph
    kept: list[Any] = []
    nodes = []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or weights.ndim != 2 or weights.size < _SMALLEST:
            kept.append(tensor)
            continue
        is_words = weights.shape[0] > 20 * weights.shape[1]
        axis = 0 if weights.shape[0] > 4 * weights.shape[1] else 1
        small, scale = _small(weights, axis)
        stored = numpy_helper.from_array(small, f"{tensor.name}.int8")
        kept += [_outside(stored, target.parent) if is_words else stored]
        kept.append(numpy_helper.from_array(scale, f"{tensor.name}.scale"))
        nodes.append(
            helper.make_node(
                "DequantizeLinear", [f"{tensor.name}.int8", f"{tensor.name}.scale"],
                [tensor.name], axis=axis,
            )
        )  # fmt: skip
    del graph.initializer[:]
    graph.initializer.extend(kept)
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *body])
    part = target.with_suffix(".part")
    part.write_bytes(model.SerializeToString())
    os.replace(part, target)
    print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB", flush=True)


def _small(weights: NDArray[Any], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric int8 with one scale along `axis`."""
    scale = np.abs(weights).max(axis=1 - axis) / 127.0
    scale = np.where(scale == 0, 1.0, scale).astype(np.float32)
    spread = scale[:, None] if axis == 0 else scale[None, :]
    return np.clip(np.rint(weights / spread), -127, 127).astype(np.int8), scale


def _outside(tensor: Any, folder: Path) -> Any:
    """`tensor` as external data in the folder's file of word vectors, the same for all models."""
    path = folder / WORD_VECTORS
    data = tensor.raw_data
    if path.exists() and path.read_bytes() != data:
        raise SystemExit(f"{path}: other word vectors; delete it and assemble all models")
    path.write_bytes(data)
    onnx.external_data_helper.set_external_data(tensor, WORD_VECTORS, 0, len(data))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    return tensor


def main(arguments: list[str]) -> int:
    """Assemble every model whose weights stand in TUNED; returns the exit status."""
    tuned, out = Path(arguments[0]), Path(arguments[1])
    out.mkdir(parents=True, exist_ok=True)
    for name in HEADS:
        if (tuned / f"{name}.npz").exists():
            assemble(tuned, name, out)
    shutil.copyfile(package_folder() / TOKENIZER, out / TOKENIZER)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
