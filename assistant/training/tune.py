"""Tune the four small models from all-MiniLM-L6-v2: scope, questions, reranker, talk.

`python assistant/training/tune.py DATA OUT [--only NAME ...] [--start FOLDER]` reads the folder
that `assistant.training.prepare` wrote and leaves one `NAME.npz` a model: the transformer's layers
and head as int8 with one scale a row. The word vectors stay those of the base model, so that the
four models share them. Needs torch and transformers alone, nothing of this package, and is one file,
so that it travels to any machine; on a graphics card in minutes, on two cores in hours. Seeded: the same data on
the same machine gives the same weights.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

SEED = 20261127
TEMPERATURE = 0.05
RATE = 1.5e-4
_STEP = 16  # tokens; widths in steps, so that few shapes have to be compiled
_URGENT = ("stop_exercise", "same_day", "emergency_department", "emergency")


@dataclass(frozen=True)
class Start:
    """Tuned weights to go on from, in how many epochs, at what rate."""

    folder: Path
    epochs: int
    rate: float


@dataclass(frozen=True)
class Message:
    """A message to rule: its text, the message before it, label, author, language."""

    text: str
    before: str
    label: str
    author: str
    language: str


class Tokens:
    """Texts (or pairs of texts) -> padded tensors on the device."""

    def __init__(self, folder: Path, device: str) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._device = device

    def __call__(self, texts: Sequence[str | tuple[str, str]], longest: int) -> dict[str, Any]:
        self._tokenizer.enable_truncation(longest)
        rows = self._tokenizer.encode_batch(list(texts))
        width = -(-max(len(r.ids) for r in rows) // _STEP) * _STEP
        names = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        return {
            key: torch.from_numpy(
                np.array([getattr(r, name) + [0] * (width - len(r.ids)) for r in rows])
            ).to(self._device)
            for key, name in names.items()
        }  # fmt: skip


class Model(nn.Module):
    """The transformer, the mean over its tokens, and a head (none: a vector of length 1)."""

    def __init__(self, base: Path, outputs: int) -> None:
        super().__init__()
        from transformers import AutoModel

        self.transformer = AutoModel.from_pretrained(base, local_files_only=True).float()
        self.transformer.embeddings.requires_grad_(False)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(384, outputs) if outputs else None

    def forward(self, fed: dict[str, Any]) -> torch.Tensor:
        hidden = self.transformer(**fed).last_hidden_state
        mask = fed["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        if self.head is None:
            return functional.normalize(mean.float(), dim=-1)
        scores: torch.Tensor = self.head(self.dropout(mean))
        return scores


def fit(
    model: Model, batches: Callable[[int], Iterator[Any]], loss_of: Callable[[Any], torch.Tensor],
    epochs: int, steps: int, rate: float, extra: Sequence[nn.Parameter] = (),
) -> None:  # fmt: skip
    """AdamW over `epochs` of `batches(epoch)`; warm-up over a tenth, then linear decay."""
    body = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith("head")]
    groups = [{"params": body, "lr": rate, "weight_decay": 0.01}]
    if model.head is not None:
        groups.append({"params": list(model.head.parameters()), "lr": rate * 5, "weight_decay": 0.0})
    if extra:
        groups.append({"params": list(extra), "lr": 2e-3, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups)
    total = epochs * steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / (0.1 * total), max(0.01, (total - n) / (0.9 * total)))
    )
    device = next(model.parameters()).device.type
    started = time.monotonic()
    for epoch in range(epochs):
        model.train()
        losses = []
        for batch in batches(epoch):
            with torch.autocast(device, dtype=torch.bfloat16):
                loss = loss_of(batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(body, 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.detach())
        mean = float(torch.stack(losses).float().mean())
        print(f"  epoch {epoch + 1}/{epochs} loss {mean:.4f} {time.monotonic() - started:.0f} s", flush=True)
    model.eval()


# Scope -------------------------------------------------------------------------------------------


class Widener:
    """Each epoch sees every message in another dress: typos, asides, buried, joined with others.

    Minimising asides go to every label, so that they carry no meaning of their own.
    """

    def __init__(self, messages: Sequence[Message], asides: dict[str, list[str]]) -> None:
        self._messages = messages
        self._asides = asides
        self._plain: dict[str, list[Message]] = {}
        self._alone: dict[str, list[Message]] = {}
        for m in messages:
            if not m.before and len(m.text) < 170:
                if m.label == "general":
                    self._plain.setdefault(m.language, []).append(m)
                elif m.label == "declined":
                    self._alone.setdefault(m.language, []).append(m)

    def epoch(self, chance: random.Random) -> list[Message]:
        """All messages once, and a fifth as many made of two."""
        made = [self._one(m, chance) for m in self._messages]
        for language, plain in self._plain.items():
            alone = self._alone.get(language, [])
            for _ in range(len(alone) // 4):
                text = beside(chance.choice(alone).text, chance.choice(plain).text, chance)
                made.append(Message(text, "", "mixed", "made", language))
            for _ in range(len(plain) // 12):
                text = beside(chance.choice(plain).text, chance.choice(plain).text, chance)
                made.append(Message(text, "", "general", "made", language))
            for _ in range(len(alone) // 8):
                text = beside(chance.choice(alone).text, chance.choice(alone).text, chance)
                made.append(Message(text, "", "declined", "made", language))
        chance.shuffle(made)
        return made

    def _one(self, message: Message, chance: random.Random) -> Message:
        text, before = message.text, message.before
        dice = chance.random()
        plain = self._plain.get(message.language, [])
        if dice < 0.12:
            text = beside(text, chance.choice(self._asides[message.language]), chance)
        elif dice < 0.24 and message.label in (*_URGENT, "crisis") and plain:
            text = beside(text, chance.choice(plain).text, chance)
            if chance.random() < 0.4:
                text = beside(text, chance.choice(plain).text, chance)
        elif dice < 0.32 and not before and plain:
            before = chance.choice(plain).text  # an ordinary question before changes nothing
        if chance.random() < 0.15:
            text = mistyped(text, chance)
        if chance.random() < 0.15:
            text = re.sub(r"[.,;:!?¿¡']", "", text)
        return replace(message, text=text, before=before)


def beside(text: str, other: str, chance: random.Random) -> str:
    """Two messages as one, in either order."""
    first, second = (text, other) if chance.random() < 0.5 else (other, text)
    stop = "" if first.rstrip()[-1:] in ".!?" else chance.choice([".", ",", " "])
    return f"{first.rstrip()}{stop} {second}"


def mistyped(text: str, chance: random.Random) -> str:
    """`text` with a slip of the finger in about every forty letters."""
    letters = list(text)
    for _ in range(max(1, len(letters) // 40)):
        at = chance.randrange(len(letters))
        if at + 1 >= len(letters) or not letters[at].isalpha() or not letters[at + 1].isalpha():
            continue
        kind = chance.randrange(3)
        if kind == 0:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif kind == 1:
            del letters[at]
        else:
            letters.insert(at, letters[at])
    return "".join(letters)


class ScopeTraining:
    """Trains classifiers of messages; the student learns from several teachers together."""

    def __init__(self, data: dict[str, Any], base: Path, device: str) -> None:
        self.labels: list[str] = data["labels"]
        self.asides: dict[str, list[str]] = data["asides"]
        self.tail, self.longest = data["tail"], data["longest"]
        self.messages = [Message(**row) for row in data["messages"]]
        self.trials = [Message(**row) for row in data["trials"]]
        self.base, self.device = base, device
        self.tokens = Tokens(base, device)
        self.start: dict[str, torch.Tensor] = {}

    def feed(self, messages: Sequence[Message]) -> dict[str, Any]:
        """The inputs of messages: each with the end of the message before it."""
        texts = [f"{m.text} [SEP] {m.before[-self.tail:]}" if m.before else m.text for m in messages]
        return self.tokens(texts, self.longest)

    def train(
        self, messages: Sequence[Message], seed: int, epochs: int, rate: float,
        teachers: Sequence[Model] = (),
    ) -> Model:  # fmt: skip
        """A classifier of `messages`; with teachers, also of what these make of each text."""
        torch.manual_seed(seed)
        chance = random.Random(seed)
        model = Model(self.base, len(self.labels)).to(self.device)
        model.load_state_dict(self.start, strict=False)
        widener = Widener(messages, self.asides)
        size = 128
        first = widener.epoch(random.Random(seed))
        costs = torch.tensor(
            [1.0 if x == "general" else 1.25 if x in ("mixed", "declined") else 1.5 for x in self.labels]
        ).to(self.device)

        def batches(epoch: int) -> Iterator[list[Message]]:
            rows = widener.epoch(chance)
            order = sorted(rows, key=lambda m: len(m.text) + chance.randrange(40))
            groups = [order[i : i + size] for i in range(0, len(order), size)]
            chance.shuffle(groups)
            yield from groups

        def loss_of(batch: list[Message]) -> torch.Tensor:
            fed = self.feed(batch)
            target = torch.tensor([self.labels.index(m.label) for m in batch]).to(self.device)
            scores = model(fed).float()
            loss = functional.cross_entropy(scores, target, weight=costs, label_smoothing=0.05)
            if teachers:
                with torch.no_grad():
                    shares = torch.stack([t(fed).float().softmax(-1) for t in teachers]).mean(0)
                soft = functional.kl_div(scores.log_softmax(-1), shares, reduction="batchmean")
                loss = 0.3 * loss + soft
            return loss

        steps = math.ceil(len(first) / size)
        fit(model, batches, loss_of, epochs, steps, rate)
        return model

    @torch.no_grad()
    def shares(self, model: Model, messages: Sequence[Message]) -> np.ndarray[Any, Any]:
        """Probability of each label, one row a message."""
        found = []
        for start in range(0, len(messages), 256):
            fed = self.feed(messages[start : start + 256])
            found.append(model(fed).float().softmax(-1).cpu().numpy())
        return np.concatenate(found)

    def figures(self, shares: np.ndarray[Any, Any], messages: Sequence[Message]) -> str:
        """Recall of alarms and advice, and false ones, at three thresholds."""
        at = {label: i for i, label in enumerate(self.labels)}
        urgent = shares[:, [at[x] for x in _URGENT]].sum(1)
        crisis, individual = shares[:, at["crisis"]], shares[:, [at["mixed"], at["declined"]]].sum(1)
        label = np.array([m.label for m in messages])
        alarm = np.isin(label, (*_URGENT, "crisis"))
        asked = np.isin(label, ("mixed", "declined"))
        parts = []
        for limit in (0.3, 0.5, 0.7):
            raised = urgent + crisis >= limit
            told = individual >= limit
            parts.append(
                f"@{limit}: alarms {_share(raised[alarm])} false {_share(raised[~alarm])}"
                f" advice {_share(told[asked] | raised[asked])}"
                f" false {_share(told[label == 'general'])}"
            )
        return " | ".join(parts)


def _share(hits: np.ndarray[Any, Any]) -> str:
    return f"{int(hits.sum())}/{len(hits)}={hits.mean():.3f}" if len(hits) else "-"


def go_on_scope(data: dict[str, Any], base: Path, device: str, start: Start) -> Model:
    """The scope model of `start`, trained further on the messages of `data`."""
    training = ScopeTraining(data, base, device)
    training.start = read(start.folder / "scope.npz")
    model = training.train(training.messages, SEED, start.epochs, start.rate)
    shares = training.shares(model, training.trials)
    print(f"went on: {training.figures(shares, training.trials)}", flush=True)
    return model


def tune_scope(
    data: dict[str, Any], base: Path, device: str, scale: float, out: Path
) -> Model:
    """The scope student; prints the figures of authors left out and of the trial messages."""
    training = ScopeTraining(data, base, device)
    epochs = max(1, round(8 * scale))
    for author in data["leave_out"]:
        rest = [m for m in training.messages if m.author != author]
        mine = [m for m in training.messages if m.author == author]
        model = training.train(rest, SEED, epochs, RATE)
        print(f"without {author}: {training.figures(training.shares(model, mine), mine)}", flush=True)
    teachers = []
    for n in range(data["teachers"]):
        model = training.train(training.messages, SEED + n, epochs, RATE)
        print(f"teacher {n}: {training.figures(training.shares(model, training.trials), training.trials)}", flush=True)
        teachers.append(model)
        if not n:
            write(model, out / "scope.npz")  # so that a run cut short leaves something
    if teachers:
        mean = np.mean([training.shares(t, training.trials) for t in teachers], axis=0)
        print(f"teachers: {training.figures(mean, training.trials)}", flush=True)
    student = training.train(training.messages, SEED + 99, round(epochs * 1.5), RATE, teachers)
    shares = training.shares(student, training.trials)
    print(f"student: {training.figures(shares, training.trials)}", flush=True)
    return student


# Questions ---------------------------------------------------------------------------------------


class Questions:
    """Questions, the sentences that answer each, and all sentences of the articles."""

    def __init__(self, data: dict[str, Any], base: Path, device: str) -> None:
        self.sentences: list[str] = data["sentences"]
        self.rows: list[dict[str, Any]] = data["questions"]
        self.trials: list[dict[str, Any]] = data["trials"]
        self.homes: list[tuple[int, int]] = [(first, last) for first, last in data["homes"]]
        self.chatter: dict[str, list[str]] = data["chatter"]
        self.base, self.device = base, device
        self.tokens = Tokens(base, device)

    def batches(self, chance: random.Random, size: int) -> Iterator[list[dict[str, Any]]]:
        """All questions in batches, each about one article or collection of articles."""
        groups = []
        for home in range(len(self.homes)):
            mine = [row for row in self.rows if row["home"] == home]
            chance.shuffle(mine)
            groups += [mine[i : i + size] for i in range(0, len(mine), size)]
        chance.shuffle(groups)
        yield from groups

    def steps(self, size: int) -> int:
        """How many batches `batches` makes."""
        counts = [sum(row["home"] == home for row in self.rows) for home in range(len(self.homes))]
        return sum(math.ceil(count / size) for count in counts)

    def asked(self, row: dict[str, Any], chance: random.Random) -> str:
        """A question as the search sees it; now and then as typed, mistyped, or amid chatter."""
        text: str = row["expanded"] if chance.random() < 0.75 else row["plain"].lower()
        if chance.random() < 0.2:
            text = beside(text, chance.choice(self.chatter[row["language"]]).lower(), chance)
        return mistyped(text, chance) if chance.random() < 0.2 else text

    @torch.no_grad()
    def vectors(self, model: Model, texts: Sequence[str]) -> torch.Tensor:
        """One vector a text."""
        return torch.cat([
            model(self.tokens(texts[i : i + 256], 128)) for i in range(0, len(texts), 256)
        ])  # fmt: skip


def tune_questions(
    data: dict[str, Any], base: Path, device: str, scale: float, start: Start | None
) -> tuple[Model, Questions]:
    """The encoder of questions and sentences.

    Each question is drawn to the sentences that answer it against all other sentences, and to
    questions with the same answer; a learned "not said" score takes what the article leaves open.
    """
    work = Questions(data, base, device)
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    model = Model(base, 0).to(device)
    silent = nn.Parameter(torch.tensor(0.45, device=device))
    size, epochs = 128, max(1, round(12 * scale))
    rate = RATE
    if start:
        model.load_state_dict(read(start.folder / "questions.npz"), strict=False)
        epochs, rate = start.epochs, start.rate
    banks = [work.tokens(work.sentences[first:last], 128) for first, last in work.homes]

    def batches(epoch: int) -> Iterator[list[dict[str, Any]]]:
        yield from work.batches(chance, size)

    def loss_of(batch: list[dict[str, Any]]) -> torch.Tensor:
        home = batch[0]["home"]
        first, last = work.homes[home]
        asked = model(work.tokens([work.asked(row, chance) for row in batch], 64)).float()
        bank = model(banks[home]).float()
        column = silent.float().expand(len(batch), 1)
        scores = torch.cat([asked @ bank.T, column], dim=1) / TEMPERATURE
        right = torch.zeros_like(scores, dtype=torch.bool)
        for n, row in enumerate(batch):
            right[n, [answer - first for answer in row["answers"]] or [last - first]] = True
        rest = torch.logsumexp(scores.masked_fill(right, -1e4), dim=1, keepdim=True)
        each = scores - torch.logaddexp(scores, rest)
        loss = -(each * right).sum(1) / right.sum(1)
        return loss.mean() + 0.2 * _alike(asked, batch)

    fit(model, batches, loss_of, epochs, work.steps(size), rate, [silent])
    print(f"not said: {float(silent.detach()):.3f}", flush=True)
    _report_recall(work, model)
    return model, work


def _alike(asked: torch.Tensor, batch: list[dict[str, Any]]) -> torch.Tensor:
    """Questions with just the same answers attract each other (supervised contrast)."""
    keys = [tuple(row["answers"]) for row in batch]
    same = torch.tensor([[a == b and bool(a) for b in keys] for a in keys], device=asked.device)
    same.fill_diagonal_(False)
    scores = asked @ asked.T / TEMPERATURE
    scores = scores.masked_fill(torch.eye(len(batch), dtype=torch.bool, device=asked.device), -1e4)
    logs = scores - torch.logsumexp(scores, dim=1, keepdim=True)
    has = same.any(1)
    if not bool(has.any()):
        return asked.sum() * 0.0
    return -((logs * same).sum(1)[has] / same.sum(1)[has]).mean()


def _report_recall(work: Questions, model: Model) -> None:
    for home, (first, last) in enumerate(work.homes):
        trials = [t for t in work.trials if t["answers"] and t["home"] == home]
        if not trials:
            continue
        asked = work.vectors(model, [t["expanded"] for t in trials])
        bank = work.vectors(model, work.sentences[first:last])
        order = first + (asked @ bank.T).argsort(dim=1, descending=True).cpu().numpy()
        for k in (1, 5, 10, 16):
            found = [_recall(o[:k], t) for o, t in zip(order, trials, strict=True)]
            print(f"  home {home}: trial recall@{k} {np.mean(found):.3f}", flush=True)


def _recall(found: Sequence[int], row: dict[str, Any]) -> float:
    return len(set(found) & set(row["answers"])) / len(row["answers"])


# Reranker ----------------------------------------------------------------------------------------


def tune_reranker(
    data: dict[str, Any], base: Path, device: str, scale: float, tuned: Model | None,
    start: Start | None, talk: bool = False,
) -> Model:
    """The cross-encoder: does this sentence answer this question?

    Negatives are the sentences that search puts near: by the base encoder, by the tuned one, by
    words (given in the data), and some by chance. With `talk`, seven of ten follow-ups are read as
    they stand in their conversation; it starts from the reranker.
    """
    work = Questions(data, base, device)
    torch.manual_seed(SEED + 1)
    chance = random.Random(SEED + 1)
    encoders = [tuned] if talk and tuned else [Model(base, 0).to(device).eval(), *([tuned] if tuned else [])]
    near = _mined(work, encoders, talk)
    longest = 128 if talk else 96
    model = Model(base, 1).to(device)
    questions, epochs, rate, wrong_ones = 24, max(1, round(6 * scale)), 1.2e-4, 10
    if start:
        wrong_ones = 8 if talk else 6
        model.load_state_dict(read(start.folder / "reranker.npz"), strict=False)
        epochs, rate = start.epochs, start.rate

    def batches(epoch: int) -> Iterator[list[int]]:
        order = list(range(len(work.rows)))
        chance.shuffle(order)
        yield from (order[i : i + questions] for i in range(0, len(order), questions))

    def loss_of(batch: list[int]) -> torch.Tensor:
        pairs, wanted = [], []
        for n in batch:
            row = work.rows[n]
            told = talk and row["talk"] and chance.random() < 0.7
            text = row["talk"] if told else work.asked(row, chance)
            right = row["answers"][:6]
            wrong = [s for s in near[n] if s not in row["answers"]]
            chosen = chance.sample(wrong, min(wrong_ones, len(wrong)))
            any_two = chance.sample(range(*work.homes[row["home"]]), 2)
            chosen += [s for s in any_two if s not in row["answers"]]
            for s in (*right, *chosen):
                pairs.append((text, work.sentences[s]))
                wanted.append(float(s in row["answers"]))
        order = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
        parts = [order[i : i + 80] for i in range(0, len(order), 80)]  # of like length: less padding
        scores = torch.cat([
            model(work.tokens([pairs[i] for i in part], longest)).float().squeeze(-1) for part in parts
        ])  # fmt: skip
        target = torch.tensor([wanted[i] for i in order], device=scores.device)
        return functional.binary_cross_entropy_with_logits(scores, target * 0.96 + 0.02)

    fit(model, batches, loss_of, epochs, math.ceil(len(work.rows) / questions), rate)
    _report_ranking(work, model, _mined_for(work, [tuned] if tuned else [], work.trials))
    return model


def _started(base: Path, start: Start | None, device: str) -> Model | None:
    """The encoder of the weights to go on from, to find what search confuses."""
    if start is None or not (start.folder / "questions.npz").exists():
        return None
    model = Model(base, 0).to(device).eval()
    model.load_state_dict(read(start.folder / "questions.npz"), strict=False)
    return model


def _mined(work: Questions, encoders: Sequence[Model], talk: bool) -> list[list[int]]:
    near = _mined_for(work, encoders, work.rows)
    if not talk:
        return near
    told = [{**row, "expanded": row["talk"] or row["expanded"]} for row in work.rows]
    also = _mined_for(work, encoders, told)
    return [list(dict.fromkeys((*one, *other))) for one, other in zip(near, also, strict=True)]


def _mined_for(
    work: Questions, encoders: Sequence[Model], rows: Sequence[dict[str, Any]]
) -> list[list[int]]:
    """The sentences near each question: its data's by words, and each encoder's first twelve."""
    found = [list(row["near"]) for row in rows]
    for encoder in encoders:
        asked = work.vectors(encoder, [row["expanded"] for row in rows])
        for home, (first, last) in enumerate(work.homes):
            mine = [n for n, row in enumerate(rows) if row["home"] == home]
            if mine:
                bank = work.vectors(encoder, work.sentences[first:last])
                nearest = (asked[mine] @ bank.T).topk(12, dim=1).indices + first
                for n, order in zip(mine, nearest.tolist(), strict=True):
                    found[n] += order
    return [list(dict.fromkeys(mine)) for mine in found]


@torch.no_grad()
def _report_ranking(work: Questions, model: Model, pools: list[list[int]]) -> None:
    for home in range(len(work.homes)):
        recalls: dict[int, list[float]] = {1: [], 3: [], 5: []}
        best: dict[bool, list[float]] = {True: [], False: []}
        for row, pool in zip(work.trials, pools, strict=True):
            if row["home"] != home:
                continue
            scores = model(work.tokens([(row["expanded"], work.sentences[s]) for s in pool], 96))
            values = scores.float().squeeze(-1).cpu().numpy()
            best[bool(row["answers"])].append(float(values.max()))
            if row["answers"]:
                order = [pool[i] for i in np.argsort(-values)]
                for k, found in recalls.items():
                    found.append(_recall(order[:k], row))
        if not recalls[1]:
            continue
        shares = " ".join(f"@{k} {np.mean(found):.3f}" for k, found in recalls.items())
        said, unsaid = np.array(best[True]), np.array(best[False])
        area = float((said[:, None] > unsaid[None, :]).mean()) if len(unsaid) else float("nan")
        print(f"  home {home}: reranked trial recall {shares}, said over unsaid {area:.3f}"
              f" (n {len(said)}, {len(unsaid)})", flush=True)  # fmt: skip


# Weights -----------------------------------------------------------------------------------------


def write(model: Model, path: Path) -> None:
    """Everything but the embeddings, as `store` does."""
    store(model.state_dict(), path)


def store(weights: dict[str, torch.Tensor], path: Path) -> None:
    """Weights but the embeddings: matrices as int8 with a scale a row, the rest as fp32."""
    stored: dict[str, Any] = {}
    for name, tensor in weights.items():
        if name.startswith("transformer.embeddings") or name.startswith("transformer.pooler"):
            continue
        values = tensor.float().cpu().numpy()
        if values.ndim == 2 and values.size >= 4096:
            scale = np.maximum(np.abs(values).max(axis=1), 1e-8) / 127
            stored[f"{name}.int8"] = np.clip(np.rint(values / scale[:, None]), -127, 127).astype(np.int8)
            stored[f"{name}.scale"] = scale.astype(np.float32)
        else:
            stored[name] = values
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **stored)
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


def read(path: Path) -> dict[str, torch.Tensor]:
    """The weights that `write` stored, as fp32 tensors."""
    found = {}
    with np.load(path, allow_pickle=False) as stored:
        for name in stored.files:
            if name.endswith(".int8"):
                scale = stored[name.removesuffix(".int8") + ".scale"]
                values = stored[name].astype(np.float32) * scale[:, None]
                found[name.removesuffix(".int8")] = torch.from_numpy(values)
            elif not name.endswith(".scale"):
                found[name] = torch.from_numpy(np.array(stored[name], dtype=np.float32))
    return found


def main(arguments: list[str]) -> int:
    """Tune and write the models asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tune", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=["questions", "reranker", "talk", "scope"])
    parser.add_argument("--epochs-scale", type=float, default=1.0)
    parser.add_argument("--start", type=Path, help="folder of tuned weights to go on from")
    parser.add_argument("--epochs", type=int, default=2, help="with --start")
    parser.add_argument("--rate", type=float, default=6e-5, help="with --start")
    given = parser.parse_args(arguments)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    base = given.data / "base"
    scale = given.epochs_scale
    tuned: Model | None = None
    start = Start(given.start, given.epochs, given.rate) if given.start else None
    if "questions" in given.only:
        data = json.loads((given.data / "questions.json").read_text(encoding="utf-8"))
        tuned, _ = tune_questions(data, base, device, scale, start)
        write(tuned, given.out / "questions.npz")
    if "reranker" in given.only:
        data = json.loads((given.data / "questions.json").read_text(encoding="utf-8"))
        frozen = deepcopy(tuned) if tuned else _started(base, start, device)
        model = tune_reranker(data, base, device, scale, frozen, start)
        write(model, given.out / "reranker.npz")
    if "talk" in given.only:
        data = json.loads((given.data / "questions.json").read_text(encoding="utf-8"))
        from_reranker = start or Start(given.out, 1, 6e-5)
        frozen = _started(base, from_reranker, device)
        model = tune_reranker(data, base, device, scale, frozen, from_reranker, talk=True)
        write(model, given.out / "talk.npz")
    if "scope" in given.only:
        data = json.loads((given.data / "scope.json").read_text(encoding="utf-8"))
        model = (
            go_on_scope(data, base, device, start)
            if start else tune_scope(data, base, device, scale, given.out)
        )  # fmt: skip
        write(model, given.out / "scope.npz")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
