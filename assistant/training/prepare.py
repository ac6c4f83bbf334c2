"""Write what `tune.py` learns from: `python -m assistant.training.prepare OUT [--half]`.

From the corpus and its policy come `scope.json` (messages with labels) and `questions.json`
(questions as the search sees them, with the sentences that answer), each with the tuning cases of
the answer-quality suite as trials that are only reported, never learnt from. `base/` is the base
model's folder; `--half` stores it as 16-bit floats, to travel.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.answer import Question
from assistant.conversation import Conversation
from assistant.corpus import Corpus, read_corpus, read_lines, sentence_ids
from assistant.embedding import package_folder
from assistant.index import in_context
from assistant.language import detect_language
from assistant.lexical import Bm25, stems
from assistant.policy import read_lists
from assistant.retrieval import expanded
from assistant.scope_encoder import LABELS, MAX_TOKENS, TAIL
from assistant.settings import Settings
from assistant.talk import in_talk
from assistant.training.calibrate import right_sentences
from assistant.training.companions import companions
from assistant.understanding import open_reader

NEAR = 8
_MERGED = {"lookalike": "general", "lookalike_declined": "declined"}
_OUTCOMES = {"declined": "declined", "partly_answered": "mixed", "crisis": "crisis"}


def messages(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """The policy's examples, and as general messages the question variants; each text once.

    The companion articles' questions are among them: what is asked about other articles is no
    more an alarm or a wish for advice than what is asked about this one.
    """
    seen = set()
    for path in sorted((corpus.path / "policy" / "examples").glob("*.jsonl")):
        for _, row in read_lines(path):
            label = row.get("then", "general") if row["label"] == "injection" else row["label"]
            earlier = row.get("earlier") or [""]
            made = _message(row["text"], earlier[-1], _MERGED.get(label, label), row)
            if (key := (made["text"].casefold(), made["before"])) not in seen:
                seen.add(key)
                yield made
    others = [v for other in companions(corpus.path, "learnt") for v in other.variants]
    for variant in (*corpus.variants, *others):
        before = variant.earlier[-1] if variant.earlier else ""
        key = (variant.question.casefold(), before)
        if key not in seen:
            seen.add(key)
            row = {"author": variant.author, "language": variant.language}
            yield _message(variant.question, before, "general", row)


def thinned(rows: list[dict[str, Any]], count: int | None, keep: list[str]) -> list[dict[str, Any]]:
    """All messages of the authors `keep` and `count` others by chance; all where none is given."""
    if count is None:
        return rows
    others = [row for row in rows if row["author"] not in keep]
    chosen = random.Random(0).sample(others, min(count, len(others)))
    return [row for row in rows if row["author"] in keep] + chosen


def _message(text: str, before: str, label: str, row: dict[str, Any]) -> dict[str, Any]:
    if label not in LABELS:
        raise SystemExit(f"unknown label {label!r} of {text[:40]!r}; correct it")
    language = row.get("language", "en")
    return {"text": text, "before": before, "label": label, "author": row.get("author", ""),
            "language": "es" if language == "es" else "en"}  # fmt: skip


def trial_messages(cases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The cases as messages with the label that their expected outcome asks for."""
    for case in cases:
        label = case.get("level") or _OUTCOMES.get(case["outcome"], "general")
        earlier = case.get("earlier") or [""]
        yield _message(case["question"], earlier[-1], label, case)


def asides(corpus: Corpus) -> dict[str, list[str]]:
    """What may stand beside any message and means nothing, by language."""
    found: dict[str, list[str]] = {"en": [], "es": []}
    for many in read_lists(corpus.path / "policy" / "asides.json").values():
        for text in many:
            found["es" if detect_language(text) == "es" else "en"].append(text)
    for _, row in read_lines(corpus.path / "chatter.jsonl"):
        found[row["language"]].append(row["text"])
    return found


class Asked:
    """Questions about the articles of one corpus, as the search sees them.

    `texts` are its sentences; the sentences of a row are numbered from `first` on.
    """

    def __init__(self, corpus: Corpus, first: int) -> None:
        self._reader = open_reader(corpus)
        self._first = first
        named = {
            sid: in_context(p.heading, s.shown)
            for p in corpus.passages.values()
            for sid, s in zip(sentence_ids(p), p.sentences, strict=True)
        }
        self.texts = list(named.values())
        self._number = {sid: first + n for n, sid in enumerate(named)}
        self._bm25 = Bm25(self.texts)
        # No answers to point to before the models exist.
        self._talk = Conversation(self._reader, lambda asked: [])

    def row(
        self, text: str, earlier: tuple[str, ...], language: str, right: Iterable[str]
    ) -> dict[str, Any]:
        """A question with the numbers of the sentences that answer, and of those alike in words."""
        plain = self._talk.complete(Question(text, earlier, language, text)).asked
        reading = self._reader.read(plain)
        tokens = stems(reading.text) + [s for m in reading.meant for s in stems(m)]
        scores = self._bm25.scores(tokens)
        near = [self._first + int(n) for n in scores.argsort()[::-1][:NEAR] if scores[n] > 0]
        talk = in_talk(text, earlier, self._reader) if earlier else ""
        return {"plain": plain, "expanded": expanded(reading), "talk": talk, "near": near,
                "language": language, "answers": sorted(self._number[sid] for sid in right)}  # fmt: skip

    def variants(self, corpus: Corpus) -> list[dict[str, Any]]:
        """The corpus's own question variants."""
        return [self.row(v.question, v.earlier, v.language, v.answers) for v in corpus.variants]

    def trials(self, corpus: Corpus, cases: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The cases that are answered or not covered."""
        for case in cases:
            if case["outcome"] in ("answered", "not_covered"):
                earlier = tuple(case.get("earlier") or ())
                right = right_sentences(corpus, case.get("gold_spans", []))
                yield self.row(case["question"], earlier, case.get("language", "en"), right)


def questions(
    corpus: Corpus, cases: list[dict[str, Any]], thin: int | None, keep: list[str],
    follow_ups: bool = False,
) -> dict[str, Any]:
    """Sentences, questions with the numbers of the sentences that answer, and trials.

    `homes` are the ranges of the sentences of the corpus and of each companion article; a row's
    `home` is the one that it is asked about. Of the corpus's own questions `thin` are taken by
    chance, and those of the authors `keep`; with `follow_ups` all that follow other messages.
    """
    own = Asked(corpus, 0)
    chosen = [{"author": "follow-ups" if v.earlier and follow_ups else v.author, "variant": v} for v in corpus.variants]
    variants = tuple(row["variant"] for row in thinned(chosen, thin, [*keep, "follow-ups"]))
    rows = [{**row, "home": 0} for row in own.variants(replace(corpus, variants=variants))]
    trials = [{**row, "home": 0} for row in own.trials(corpus, cases)]
    sentences, homes = list(own.texts), [[0, len(own.texts)]]
    for kind, target in (("learnt", rows), ("held_out", trials)):
        for other in companions(corpus.path, kind):
            asked = Asked(other, len(sentences))
            target += [{**row, "home": len(homes)} for row in asked.variants(other)]
            homes.append([len(sentences), len(sentences) + len(asked.texts)])
            sentences += asked.texts
    return {"sentences": sentences, "homes": homes, "questions": rows, "trials": trials,
            "chatter": asides(corpus)}  # fmt: skip


def write_base(target: Path, half: bool) -> None:
    """The base model's folder, its weights as 16-bit floats if `half`."""
    folder = package_folder()
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(folder / name, target / name)
    if not half:
        shutil.copyfile(folder / "model.safetensors", target / "model.safetensors")
        return
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    small = {n: t.half() if t.is_floating_point() else t for n, t in weights.items()}
    save_file(small, target / "model.safetensors", metadata={"format": "pt"})


def main(arguments: list[str]) -> int:
    """Write the folder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="assistant.training.prepare", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--leave-out", action="append", default=[], metavar="AUTHOR")
    parser.add_argument("--teachers", type=int, default=5)
    parser.add_argument("--thin", type=int, metavar="N", help="N messages, and those of --keep")
    parser.add_argument("--thin-questions", type=int, metavar="N", help="the same for questions")
    parser.add_argument("--follow-ups", action="store_true", help="all follow-ups beside --thin-questions")
    parser.add_argument("--keep", nargs="*", default=[], metavar="AUTHOR")
    given = parser.parse_args(arguments)
    settings = Settings.from_environment()
    corpus = read_corpus(settings.corpus)
    paths = sorted((settings.corpus.parent / "eval" / "cases" / "tuning").glob("*.jsonl"))
    cases = [json.loads(line) for p in paths for line in p.read_text("utf-8").splitlines() if line]
    write_base(given.out / "base", given.half)
    scope = {
        "labels": LABELS, "tail": TAIL, "longest": MAX_TOKENS, "asides": asides(corpus),
        "messages": thinned(list(messages(corpus)), given.thin, given.keep),
        "trials": list(trial_messages(cases)),
        "leave_out": given.leave_out, "teachers": given.teachers,
    }  # fmt: skip
    asked = questions(corpus, cases, given.thin_questions, given.keep, given.follow_ups)
    for name, data in (("scope", scope), ("questions", asked)):
        text = json.dumps(data, ensure_ascii=False)
        (given.out / f"{name}.json").write_text(text, encoding="utf-8")
    print(f"{len(scope['messages'])} messages, {len(asked['questions'])} questions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
