"""Tune the sentence encoder on a corpus's question variants.

One encoder for questions and sentences, started from all-MiniLM-L6-v2. Each question is drawn to
the sentences that answer it against all other sentences of its corpus (softmax over cosine, several
right ones share it); a learned "not said" score takes the questions that the article leaves open,
so that the best cosine also tells whether anything answers. Seeded.
`python -m assistant.training.questions OUT [--epochs N] [--without AUTHOR]` writes OUT (int8).
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from assistant.answer import Question
from assistant.conversation import Conversation
from assistant.corpus import Corpus, Variant, read_corpus, sentence_ids
from assistant.embedding import package_folder
from assistant.index import in_context
from assistant.retrieval import expanded
from assistant.settings import Settings
from assistant.training.export import Encoder, export, load_transformer
from assistant.training.quantise import quantise
from assistant.understanding import Reader, open_reader

SEED = 20261122
MAX_TOKENS = 64
BATCH = 64
TEMPERATURE = 0.05
REFRESH = 20
LOWER = 3


class Examples:
    """Questions as the search sees them, with the numbers of the sentences that answer."""

    def __init__(self, corpus: Corpus, reader: Reader, variants: list[Variant]) -> None:
        texts = {
            sid: in_context(p.heading, s.shown)
            for p in corpus.passages.values()
            for sid, s in zip(sentence_ids(p), p.sentences, strict=True)
        }
        number = {sid: n for n, sid in enumerate(texts)}
        talk = Conversation(reader)
        self.sentences = list(texts.values())
        self.answers = [[number[a] for a in v.answers] for v in variants]
        self.plain = [_complete(talk, v) for v in variants]
        self.questions = [expanded(reader.read(text)) for text in self.plain]

    def asked(self, i: int, chance: random.Random) -> str:
        """Question `i`, now and then as typed, or with a typing error."""
        text = self.questions[i] if chance.random() < 0.8 else self.plain[i].lower()
        return typo(text, chance) if chance.random() < 0.2 else text


def _complete(talk: Conversation, variant: Variant) -> str:
    asked = Question(variant.question, variant.earlier, variant.language, variant.question)
    return talk.complete(asked).asked


def typo(text: str, chance: random.Random) -> str:
    """`text` with one typing error: a letter dropped, doubled or swapped with the next."""
    places = [m.start() for m in re.finditer(r"(?<=\w)\w(?=\w)", text)]
    if not places:
        return text
    at = chance.choice(places)
    return chance.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        ]
    )


class Tuner:
    """The encoder under training, its tokenizer and the score of "not said".

    Only the upper layers learn; what the lower ones make of each text is computed once and kept,
    which makes an epoch several times cheaper.
    """

    def __init__(self, examples: Examples, chance: random.Random) -> None:
        torch.manual_seed(SEED)
        self.examples = examples
        self.tokenizer: Any = AutoTokenizer.from_pretrained(package_folder(), local_files_only=True)
        self.encoder = Encoder(load_transformer(package_folder()))
        self.silent = torch.nn.Parameter(torch.tensor(0.45))
        for parameter in self.encoder.parameters():
            parameter.requires_grad = False
        for layer in self.layers[LOWER:]:
            for parameter in layer.parameters():
                parameter.requires_grad = True
        self.sentences = self.lower(examples.sentences, 128)
        count = range(len(examples.questions))
        asked = self.lower([examples.asked(i, chance) for i in count])
        self.versions = list(zip(self.lower(examples.questions), asked, strict=True))
        self.bank = torch.zeros(len(examples.sentences), 384)

    @property
    def layers(self) -> Any:
        """The transformer's layers, lowest first."""
        return self.encoder.transformer.encoder.layer  # type: ignore[union-attr]  # torch modules

    @torch.no_grad()
    def lower(self, texts: list[str], length: int = MAX_TOKENS) -> list[torch.Tensor]:
        """What the lower layers make of each text: one row a token."""
        rows: list[torch.Tensor] = [torch.empty(0)] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            chunk = order[start : start + BATCH]
            encoded = self.tokenizer(
                [texts[i] for i in chunk], padding=True, truncation=True, max_length=length,
                return_tensors="pt",
            )  # fmt: skip
            mask = encoded["attention_mask"]
            hidden = self.encoder.transformer.embeddings(encoded["input_ids"])  # type: ignore[operator]
            for layer in self.layers[:LOWER]:
                hidden = _first(layer(hidden, attention_mask=_closed(mask.float())))
            for i, row, size in zip(chunk, hidden, mask.sum(1).tolist(), strict=True):
                rows[i] = row[:size].clone()
        return rows

    def upper(self, texts: list[torch.Tensor]) -> torch.Tensor:
        """Vectors of length 1 from the lower layers' rows, with gradients."""
        hidden = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)
        mask = torch.zeros(hidden.shape[:2])
        for row, text in enumerate(texts):
            mask[row, : len(text)] = 1.0
        closed = _closed(mask)
        for layer in self.layers[LOWER:]:
            hidden = _first(layer(hidden, attention_mask=closed))
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return torch.nn.functional.normalize(mean, dim=-1)

    @torch.no_grad()
    def refresh(self) -> None:
        """Embed all sentences anew with the encoder as it stands."""
        rows = [self.upper(self.sentences[i : i + 32]) for i in range(0, len(self.sentences), 32)]
        self.bank = torch.cat(rows)

    def loss(self, batch: list[int], chance: random.Random) -> torch.Tensor:
        """Cross-entropy of each question against all sentences and "not said".

        A few sentences of the batch are embedded with gradients, so that both sides learn.
        """
        vectors = self.upper([chance.choice(self.versions[i]) for i in batch])
        live = sorted({a for i in batch for a in self.examples.answers[i][:2]})
        live = chance.sample(live, min(8, len(live)))
        bank = self.bank.clone()
        if live:
            bank[live] = self.upper([self.sentences[n] for n in live])
        silent = self.silent.expand(len(batch), 1)
        scores = torch.cat([vectors @ bank.T, silent], dim=1) / TEMPERATURE
        losses = []
        for row, i in enumerate(batch):
            right = self.examples.answers[i] or [len(self.examples.sentences)]
            others = torch.ones(scores.shape[1], dtype=torch.bool)
            others[right] = False
            rest = torch.logsumexp(scores[row][others], dim=0)
            each = scores[row][right]
            losses.append(-(each - torch.logaddexp(each, rest)).mean())
        return torch.stack(losses).mean()


def _closed(mask: torch.Tensor) -> torch.Tensor:
    """The additive attention mask: 0 for tokens, the lowest number for padding."""
    return (1.0 - mask)[:, None, None, :] * torch.finfo(torch.float32).min


def _first(output: Any) -> torch.Tensor:
    """A layer's hidden states, whether it returns them alone or in a tuple."""
    hidden: torch.Tensor = output[0] if isinstance(output, tuple) else output
    return hidden


def tune(examples: Examples, epochs: int) -> Tuner:
    """Train for `epochs` over all examples; AdamW, linear warm-up and decay."""
    chance = random.Random(SEED)
    tuner = Tuner(examples, chance)
    print("lower layers done", flush=True)
    body = [p for p in tuner.encoder.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [{"params": body, "lr": 1.5e-4}, {"params": [tuner.silent], "lr": 2e-3}], weight_decay=0.01
    )
    count = len(examples.answers)
    steps = epochs * (count // BATCH + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / (0.1 * steps), max(0.02, (steps - n) / (0.9 * steps)))
    )
    step, started, recent = 0, time.time(), 0.0
    for epoch in range(epochs):
        for batch in _batches(examples, chance):
            if step % REFRESH == 0:
                tuner.refresh()
            loss = tuner.loss(batch, chance)
            loss.backward()  # type: ignore[no-untyped-call]  # torch
            torch.nn.utils.clip_grad_norm_(body, 1.0)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            recent = 0.95 * recent + 0.05 * float(loss.detach())
            step += 1
            if step % 20 == 0:
                took = time.time() - started
                print(f"{epoch} {step}/{steps} {recent:.4f} {took:.0f}s", flush=True)
    tuner.encoder.eval()
    return tuner


def _batches(examples: Examples, chance: random.Random) -> list[list[int]]:
    order = list(range(len(examples.answers)))
    chance.shuffle(order)
    batches = []
    for start in range(0, len(order), BATCH * 8):
        chunk = sorted(order[start : start + BATCH * 8], key=lambda i: len(examples.questions[i]))
        batches += [chunk[i : i + BATCH] for i in range(0, len(chunk), BATCH)]
    chance.shuffle(batches)
    return batches


def main(arguments: list[str]) -> int:
    """Tune and write the encoder; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", action="append", default=[], help="author left out")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    corpus = read_corpus(Settings.from_environment().corpus)
    chosen = [v for v in corpus.variants if v.author not in options.without]
    print(f"{len(chosen)} questions", flush=True)
    tuner = tune(Examples(corpus, open_reader(corpus), chosen), options.epochs)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    full = options.out.with_suffix(".fp32.onnx")
    export(tuner.encoder, full, "embedding")
    quantise(full, options.out)
    full.unlink()
    shutil.copyfile(package_folder() / "tokenizer.json", options.out.with_suffix(".tokenizer.json"))
    print(f"not said: {float(tuner.silent.detach()):.3f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
