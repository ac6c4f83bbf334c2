"""Export the sentence encoder from its Python package to ONNX, once, when the project is set up.

`python -m assistant.training.export FILE` writes FILE (fp32) and its tokenizer beside it. The
weights are those of sentence-transformers/all-MiniLM-L6-v2; their hash is checked first.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from pathlib import Path

import torch

from assistant.embedding import package_folder

OPSET = 17


class Encoder(torch.nn.Module):
    """Token ids -> one vector of length 1 a text: mean over the tokens that are no padding."""

    def __init__(self, transformer: torch.nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.transformer(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=-1)


def load_transformer(folder: Path) -> torch.nn.Module:
    """The transformer in `folder`, ready for export (plain attention, no dropout)."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    return model.eval()  # type: ignore[no-any-return]  # transformers is untyped here


def export(module: torch.nn.Module, path: Path, output: str, pairs: bool = False) -> None:
    """Write `module` to `path` in one step, so that no half file is left.

    Its inputs are token ids and mask; with `pairs` also the token types of text pairs.
    """
    ids = torch.ones(2, 8, dtype=torch.long)
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if pairs else [])]
    axes = {0: "batch", 1: "length"}
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, tuple(torch.ones_like(ids) for _ in names), str(part),
            input_names=names, output_names=[output],
            dynamic_axes={**dict.fromkeys(names, axes), output: {0: "batch"}},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    os.replace(part, path)


def main(target: str) -> int:
    """Export to `target` unless it is there; returns the exit status."""
    path = Path(target)
    if path.exists() and path.with_suffix(".tokenizer.json").exists():
        print(f"{path.name}: present")
        return 0
    folder = package_folder()
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "tokenizer.json", path.with_suffix(".tokenizer.json"))
    export(Encoder(load_transformer(folder)), path, "embedding")
    print(f"{path.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
