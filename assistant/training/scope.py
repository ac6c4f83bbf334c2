"""Train and export the scope encoder: message -> one probability a label.

`python -m assistant.training.scope EXAMPLES OUTPUT [--leave-out AUTHOR ...]` fine-tunes
all-MiniLM-L6-v2 on the policy's examples (JSON Lines, one file an author) and writes
`encoder.onnx` (weights as int8, one scale a channel) and `tokenizer.json` to OUTPUT. Seeded: the
same examples on the same machine give the same weights. Nothing is looked up online.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding import package_folder
from assistant.scope_encoder import LABELS, MAX_TOKENS, as_input
from assistant.training.export import export, load_transformer

SEED = 20260101
_URGENT = {"emergency", "emergency_department", "same_day", "stop_exercise"}
_MERGED = {"lookalike": "general", "lookalike_declined": "declined", "urgent": "emergency"}


@dataclass(frozen=True)
class Example:
    """A message, what came before it, the right label, and who wrote it."""

    text: str
    earlier: tuple[str, ...]
    label: str
    author: str


class Classifier(torch.nn.Module):
    """Token ids -> scores of the labels: mean over the tokens, then one linear layer."""

    def __init__(self, transformer: torch.nn.Module) -> None:
        super().__init__()
        self.transformer = transformer
        self.dropout = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(384, len(LABELS))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.transformer(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        scores: torch.Tensor = self.head(self.dropout(mean))
        return scores


def read_examples(folder: Path) -> list[Example]:
    """All examples of the JSON Lines files in `folder`, labels as the encoder knows them."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            label = row.get("then", "general") if row["label"] == "injection" else row["label"]
            label = _MERGED.get(label, label)
            if label not in LABELS:
                raise SystemExit(f"{path}: unknown label {label!r}; correct it")
            found.append(Example(row["text"], tuple(row.get("earlier", ())), label, row["author"]))
    return found


def read_questions(path: Path) -> list[Example]:
    """The article's question variants as general examples."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [
        Example(row["question"], tuple(row.get("earlier", ())), "general", row.get("author", ""))
        for row in rows
    ]


def given_examples(given: argparse.Namespace) -> list[Example]:
    """The examples that the command line names, with their versions."""
    asides = json.loads((given.examples.parent / "asides.json").read_text(encoding="utf-8"))
    examples = [e for e in read_examples(given.examples) if e.author not in given.leave_out]
    for path in given.general:
        examples += read_questions(path)
    rows = widened(examples, [a for many in asides.values() for a in many], random.Random(SEED))
    print(f"{len(examples)} examples, {len(rows)} with their versions", flush=True)
    return rows


def common_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that both training commands take."""
    parser.add_argument("examples", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--leave-out", action="append", default=[], metavar="AUTHOR")
    parser.add_argument("--general", action="append", default=[], type=Path, metavar="QUESTIONS")


def widened(examples: list[Example], asides: list[str], rng: random.Random) -> list[Example]:
    """The examples and versions of them: with asides, buried in other messages, with typos.

    Minimising asides go to every label, so that they carry no meaning of their own.
    """
    plain = [e for e in examples if e.label == "general" and len(e.text) < 160]
    alone = [e for e in examples if e.label == "declined" and len(e.text) < 160]
    made = list(examples)
    for example in examples:
        chance = rng.random()
        if chance < 0.22:
            made.append(replace(example, text=_beside(example.text, rng.choice(asides), rng)))
        elif chance < 0.40 and example.label in _URGENT | {"crisis"}:
            other = rng.choice(plain)
            made.append(replace(example, text=_beside(example.text, other.text, rng)))
        elif chance < 0.55:
            made.append(replace(example, text=_mistyped(example.text, rng)))
    for _ in range(len(alone) // 4):
        made.append(Example(
            _beside(rng.choice(alone).text, rng.choice(plain).text, rng), (), "mixed", "made"
        ))
    for _ in range(len(alone) // 6):
        made.append(Example(
            _beside(rng.choice(plain).text, rng.choice(plain).text, rng), (), "general", "made"
        ))
    return made


def _beside(text: str, other: str, rng: random.Random) -> str:
    first, second = (text, other) if rng.random() < 0.5 else (other, text)
    stop = "" if first.rstrip()[-1:] in ".!?" else rng.choice([".", ",", " "])
    return f"{first.rstrip()}{stop} {second}"


def _mistyped(text: str, rng: random.Random) -> str:
    letters = list(text.lower() if rng.random() < 0.5 else text)
    for _ in range(max(1, len(letters) // 40)):
        at = rng.randrange(len(letters))
        if at + 1 >= len(letters) or not letters[at].isalpha() or not letters[at + 1].isalpha():
            continue
        kind = rng.randrange(3)
        if kind == 0:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind == 1:
            del letters[at]
        else:
            letters.insert(at, letters[at])
    return "".join(letters)


def train(
    examples: list[Example], epochs: int, rate: float, frozen: int,
    after: Callable[[Classifier], None],
) -> None:  # fmt: skip
    """Train a classifier on `examples`; the cost of a missed red flag is raised.

    The word vectors and the first `frozen` layers stay as they are. `after` gets the classifier at
    the end of each epoch, so that a run cut short leaves its best.
    """
    from transformers import AutoTokenizer

    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    folder = package_folder()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = Classifier(load_transformer(folder)).train()
    kept = [model.transformer.embeddings, *model.transformer.encoder.layer[:frozen]]
    for part in kept if frozen else []:
        part.requires_grad_(False)
    groups = [
        {"params": [p for p in model.transformer.parameters() if p.requires_grad], "lr": rate},
        {"params": model.head.parameters(), "lr": rate * 20},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    batches = _batches(examples, 32, rng)
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [rate, rate * 20], total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    weights = torch.tensor([0.5 + 0.5 * (label in _URGENT | {"crisis", "declined"}) + 0.25
                            for label in LABELS])
    loss_of = torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=0.05)
    started = time.monotonic()
    for epoch in range(epochs):
        total = 0.0
        for batch in _batches(examples, 32, rng):
            texts = [as_input(e.text, e.earlier) for e in batch]
            fed = tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS,
                            return_tensors="pt")
            target = torch.tensor([LABELS.index(e.label) for e in batch])
            loss = loss_of(model(fed["input_ids"], fed["attention_mask"]), target)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if schedule.last_epoch < steps - 1:
                schedule.step()
            total += float(loss.detach())
            if schedule.last_epoch % 50 == 0:
                print(f"step {schedule.last_epoch} of {steps}, {time.monotonic() - started:.0f} s",
                      flush=True)
        print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}, "
              f"{time.monotonic() - started:.0f} s", flush=True)
        after(model.eval())
        model.train()


def _batches(examples: list[Example], size: int, rng: random.Random) -> list[list[Example]]:
    """Examples in batches of like length, the batches in random order."""
    order = sorted(examples, key=lambda e: len(e.text) + rng.randrange(40))
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def quantise(path: Path) -> None:
    """Store every large weight of the ONNX file as int8 with one scale a channel."""
    model = onnx.load(str(path))
    gathered = {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
    kept, nodes = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim != 2 or values.size < 4096 or values.dtype != np.float32:
            kept.append(tensor)
            continue
        axis = 0 if tensor.name in gathered else 1
        scale = np.maximum(np.abs(values).max(axis=1 - axis), 1e-8) / 127
        spread = scale[:, None] if axis == 0 else scale[None, :]
        small = np.clip(np.round(values / spread), -127, 127).astype(np.int8)
        name = tensor.name
        kept += [
            numpy_helper.from_array(small, f"{name}.int8"),
            numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"),
            helper.make_tensor(f"{name}.zero", TensorProto.INT8, scale.shape, [0] * len(scale)),
        ]
        nodes.append(helper.make_node(
            "DequantizeLinear", [f"{name}.int8", f"{name}.scale", f"{name}.zero"], [name],
            name=f"{name}.wide", axis=axis,
        ))  # fmt: skip
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    part = path.with_suffix(".part")
    onnx.save(model, str(part))
    os.replace(part, path)


def main(arguments: list[str]) -> int:
    """Train, export, quantise; returns the exit status."""
    parser = argparse.ArgumentParser(prog="assistant.training.scope")
    common_arguments(parser)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--frozen", type=int, default=0, metavar="LAYERS")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    rows = given_examples(given)
    given.output.mkdir(parents=True, exist_ok=True)
    train(rows, given.epochs, given.rate, given.frozen, lambda model: write(model, given.output))
    return 0


def write(model: Classifier, folder: Path) -> None:
    """Export the classifier and its tokenizer to `folder`."""
    path = folder / "encoder.onnx"
    export(model, path, "scores")
    quantise(path)
    shutil.copyfile(package_folder() / "tokenizer.json", folder / "tokenizer.json")
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
