"""Train the reranker: a cross-encoder over (question, sentence in its headings).

It starts from all-MiniLM-L6-v2 and learns from the corpora's question variants: the sentences that
answer against hard negatives (nearest by the untrained encoder, neighbours, chance). Seeded.
`python -m assistant.training.reranker OUT [--epochs N] [--without AUTHOR]` writes OUT.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer

from assistant.corpus import Corpus, Variant, read_corpus, sentence_ids
from assistant.embedding import MiniLM, package_folder
from assistant.index import in_context
from assistant.retrieval import expanded
from assistant.settings import Settings
from assistant.training.export import export, load_transformer
from assistant.training.quantise import quantise
from assistant.understanding import Reader, open_reader

SEED = 20261122
MAX_TOKENS = 96
BATCH = 32


class CrossEncoder(torch.nn.Module):
    """Token ids of a question and a sentence -> one logit: does the sentence answer it?"""

    def __init__(self, transformer: torch.nn.Module, width: int = 384) -> None:
        super().__init__()
        self.transformer = transformer
        self.head = torch.nn.Linear(width, 1)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        hidden = self.transformer(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return self.head(mean).squeeze(-1)  # type: ignore[no-any-return]  # torch modules are Any


class Pairs:
    """Makes training pairs: each epoch draws new negatives."""

    def __init__(self, corpus: Corpus, reader: Reader, variants: list[Variant]) -> None:
        self.texts = {
            sid: in_context(p.heading, s.shown)
            for p in corpus.passages.values()
            for sid, s in zip(sentence_ids(p), p.sentences, strict=True)
        }
        self.ids = list(self.texts)
        self.variants = variants
        self.questions = [expanded(reader.read(v.question)) for v in variants]
        self.plain = [v.question.lower() for v in variants]
        model = MiniLM(Settings.from_environment().encoder)
        sentences = np.array(model.embed_documents(list(self.texts.values())))
        asked = np.array(model.embed_documents(self.questions))
        self.near = np.argsort(-(asked @ sentences.T), axis=1)[:, :24]

    def epoch(self, chance: random.Random) -> list[tuple[str, str, float]]:
        """(question, sentence, 1 or 0) in random order."""
        found = []
        for i, variant in enumerate(self.variants):
            gold = set(variant.answers)
            hard = [self.ids[j] for j in self.near[i] if self.ids[j] not in gold]
            siblings = [
                sid for answer in variant.answers for sid in self._siblings(answer) if sid not in gold
            ]
            chosen = chance.sample(hard[:8], min(3, len(hard[:8])))
            chosen += chance.sample(hard[8:], min(1, len(hard[8:])))
            chosen += chance.sample(siblings, min(1, len(siblings)))
            chosen.append(chance.choice([s for s in self.ids if s not in gold]))
            for sid in sorted(gold) if len(gold) <= 3 else chance.sample(sorted(gold), 3):
                found.append((self._asked(i, chance), self.texts[sid], 1.0))
            for sid in dict.fromkeys(chosen):
                found.append((self._asked(i, chance), self.texts[sid], 0.0))
        chance.shuffle(found)
        return found

    def _siblings(self, answer: str) -> list[str]:
        passage = answer.partition("#")[0]
        return [sid for sid in self.ids if sid.partition("#")[0] == passage]

    def _asked(self, i: int, chance: random.Random) -> str:
        text = self.questions[i] if chance.random() < 0.85 else self.plain[i]
        return typo(text, chance) if chance.random() < 0.15 else text


def typo(text: str, chance: random.Random) -> str:
    """`text` with one typing error: a letter dropped, doubled or swapped with the next."""
    places = [m.start() for m in re.finditer(r"(?<=\w)\w(?=\w)", text)]
    if not places:
        return text
    at = chance.choice(places)
    kind = chance.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def train(pairs: Pairs, epochs: int) -> CrossEncoder:
    """Fine-tune with binary cross-entropy, AdamW, linear warm-up and decay."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(package_folder(), local_files_only=True)
    model = CrossEncoder(load_transformer(package_folder()))
    model.train()
    freeze(model.transformer)
    head = list(model.head.parameters())
    body = [p for p in model.transformer.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": body, "lr": 6e-5}, {"params": head, "lr": 1e-3}])
    first = pairs.epoch(random.Random(SEED))
    steps = epochs * (len(first) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / (0.06 * steps), max(0.02, (steps - n) / (0.94 * steps)))
    )
    step, started, losses = 0, time.time(), []
    for epoch in range(epochs):
        data = sorted_chunks(pairs.epoch(chance), chance)
        for batch in data:
            loss = _loss(model, tokenizer, batch)
            loss.backward()  # type: ignore[no-untyped-call]  # torch
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            losses.append(float(loss.detach()))
            step += 1
            if step % 20 == 0:
                mean = sum(losses[-20:]) / 20
                print(f"{epoch} {step}/{steps} {mean:.4f} {time.time() - started:.0f}s", flush=True)
    return model.eval()


def freeze(transformer: torch.nn.Module, layers: int = 2) -> None:
    """Keep the embeddings and the lowest layers as they are: faster, and nothing lost measurably."""
    for name, parameter in transformer.named_parameters():
        low = any(f"layer.{n}." in name for n in range(layers))
        if name.startswith("embeddings.") or low:
            parameter.requires_grad = False


def sorted_chunks(
    pairs: list[tuple[str, str, float]], chance: random.Random
) -> list[list[tuple[str, str, float]]]:
    """Batches of like length (less padding), in random order."""
    batches = []
    for start in range(0, len(pairs), BATCH * 16):
        chunk = sorted(pairs[start : start + BATCH * 16], key=lambda p: len(p[0]) + len(p[1]))
        batches += [chunk[i : i + BATCH] for i in range(0, len(chunk), BATCH)]
    chance.shuffle(batches)
    return batches


def _loss(model: CrossEncoder, tokenizer: object, batch: list[tuple[str, str, float]]) -> torch.Tensor:
    encoded = tokenizer(  # type: ignore[operator]  # transformers tokenizers are callable
        [q for q, _, _ in batch], [s for _, s, _ in batch], padding=True, truncation=True,
        max_length=MAX_TOKENS, return_tensors="pt",
    )  # fmt: skip
    logits = model(encoded["input_ids"], encoded["attention_mask"], encoded["token_type_ids"])
    target = torch.tensor([y for _, _, y in batch])
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, target)


def main(arguments: list[str]) -> int:
    """Train and write the quantised model; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", action="append", default=[], help="author left out")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    corpus = read_corpus(Settings.from_environment().corpus)
    chosen = [v for v in corpus.variants if not v.earlier and v.author not in options.without]
    print(f"{len(chosen)} questions", flush=True)
    model = train(Pairs(corpus, open_reader(corpus), chosen), options.epochs)
    full = options.out.with_suffix(".fp32.onnx")
    export(model, full, "logit", pairs=True)
    quantise(full, options.out)
    shutil.copyfile(package_folder() / "tokenizer.json", options.out.with_suffix(".tokenizer.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
