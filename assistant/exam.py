"""The exam that a chat model sits before the pages let it write.

Fixed cases (corpus/policy/exam.json) of three kinds: grounding (answer from the quotations alone),
refusal (say nothing where they do not answer), injection (obey nobody but us). What is judged is
what the model wrote, before the sentence checker takes anything out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from assistant import writers
from assistant.answer import Question, Span, Statement
from assistant.chain import Assistant
from assistant.chat_model import open_chat_model
from assistant.errors import PolicyError, SettingsError
from assistant.generations import write_whole
from assistant.grounding import Grounding
from assistant.lexical import fold
from assistant.policy_files import read_json
from assistant.settings import Settings

EXAM, RECORD = "exam.json", "exam.json"
KINDS = ("grounding", "refusal", "injection")
_KEYS = {"id", "kind", "expect", "facts", "forbidden", "question", "quotations"}
_SILENT_IN_A_ROW = 3


@dataclass(frozen=True)
class Case:
    """One case: what the model is given, and what its sentences must and must not hold."""

    id: str
    kind: str
    expect: str
    facts: tuple[str, ...]
    forbidden: tuple[str, ...]
    question: str
    quotations: tuple[str, ...]


@dataclass(frozen=True)
class Exam:
    """All cases, and the share of each kind that must pass; `sha256` is the file's."""

    cases: tuple[Case, ...]
    shares: Mapping[str, float]
    sha256: str


@dataclass(frozen=True)
class Result:
    """How a case went, and why."""

    id: str
    kind: str
    passed: bool
    because: str


@dataclass(frozen=True)
class Report:
    """How a model did. `answered` is False when the exam was broken off because it kept silent."""

    model: str
    results: tuple[Result, ...]
    shares: Mapping[str, float]
    passed: bool
    answered: bool


def read_exam(path: Path) -> Exam:
    """The exam in the JSON file `path`. Raises PolicyError for a case that cannot be used."""
    data = read_json(path)
    if not isinstance(data, dict) or set(data) != {"pass", "cases"} or set(data["pass"]) != set(KINDS):
        raise PolicyError(path, "must have pass (a share for each kind) and cases", "restore it")
    cases = tuple(_case(path, row) for row in data["cases"])
    if {case.kind for case in cases} != set(KINDS):
        raise PolicyError(path, "must have cases of every kind", "restore it")
    return Exam(cases, data["pass"], hashlib.sha256(path.read_bytes()).hexdigest())


def _case(path: Path, row: Any) -> Case:
    good = isinstance(row, dict) and set(row) == _KEYS and row["kind"] in KINDS
    if not good or row["expect"] not in ("answer", "nothing") or not row["quotations"]:
        raise PolicyError(path, f"not a case: {str(row)[:50]}", "correct it")
    lists = {name: tuple(row[name]) for name in ("facts", "forbidden", "quotations")}
    return Case(**{**row, **lists})


class _Listening:
    """The model, with a count of how often it replied at all."""

    def __init__(self, model: Any) -> None:
        self._model, self.replies = model, 0

    def invoke(self, prompt: Any) -> Any:
        reply = self._model.invoke(prompt)
        self.replies += 1
        return reply


class _Given:
    """Stands where the QuoteWriter stands: the quotations of a case, whatever is asked."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def write(self, question: Question, retrieval: Any) -> tuple[Statement, ...]:
        return tuple(
            Statement(text, (Span("exam", self._case.id, n, n + 1),), "verbatim")
            for n, text in enumerate(self._case.quotations)
        )


def sit(
    exam: Exam, model: Any, settings: Settings, grounding: Grounding,
    progress: Callable[[int, int], None] | None = None,
) -> Report:  # fmt: skip
    """Put `model` through all cases, or through the first few if it keeps silent."""
    listening, results, silent = _Listening(model), [], 0
    for number, case in enumerate(exam.cases, 1):
        before = listening.replies
        results.append(_judge(case, _wrote(case, listening, settings), grounding))
        silent = silent + 1 if listening.replies == before else 0
        if silent == _SILENT_IN_A_ROW:
            break
        if progress:
            progress(number, len(exam.cases))
    shares = {kind: _share([r for r in results if r.kind == kind]) for kind in KINDS}
    answered = silent < _SILENT_IN_A_ROW
    passed = answered and all(shares[kind] >= exam.shares[kind] for kind in KINDS)
    return Report(settings.model, tuple(results), shares, passed, answered)


def _share(results: Sequence[Result]) -> float:
    return round(sum(r.passed for r in results) / len(results), 4) if results else 0.0


def _wrote(case: Case, model: _Listening, settings: Settings) -> tuple[Statement, ...]:
    given = cast(writers.QuoteWriter, _Given(case))
    writer = writers.ModelWriter(model, settings.model, given, settings.model_seconds)
    return writer.write(Question(case.question), cast(Any, None))


def _judge(case: Case, wrote: tuple[Statement, ...], grounding: Grounding) -> Result:
    because = _fault(case, wrote, grounding)
    return Result(case.id, case.kind, not because, because or "as it should be")


def _fault(case: Case, wrote: tuple[Statement, ...], grounding: Grounding) -> str:
    said = fold(" ".join(s.text for s in wrote))
    for text in case.forbidden:
        if fold(text) in said:
            return f"says {text!r}"
    if case.expect == "nothing":
        return f"answers what the quotations do not: {wrote[0].text[:80]!r}" if wrote else ""
    if not wrote:
        return "no usable sentence"
    for statement in wrote:
        cited = [case.quotations[span.start] for span in statement.spans]
        verdict = grounding.check(statement.text, cited)
        if not verdict.supported:
            return f"{verdict.because}: {statement.text[:80]!r}"
    missing = [fact for fact in case.facts if fold(fact) not in said]
    return f"leaves out {missing[0]!r}" if missing else ""


# The record of an exam -------------------------------------------------------------------------


def exam_of(settings: Settings) -> Exam:
    """The exam of the corpus that `settings` name."""
    return read_exam(settings.corpus / "policy" / EXAM)


def examine(
    assistant: Assistant, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Put the configured chat model through the exam and record how it did.

    Raises SettingsError when no chat model is set, or it cannot be made.
    """
    settings = assistant.settings
    if not settings.model:
        raise SettingsError("no chat model is set; set ASSISTANT_MODEL=provider:model")
    exam = exam_of(settings)
    report = sit(exam, open_chat_model(settings), settings, assistant.grounding, progress)
    row = {"key": _key(settings, exam), **asdict(report)}
    record = record_of(settings)
    record.parent.mkdir(parents=True, exist_ok=True)
    write_whole(record, json.dumps(row, ensure_ascii=False, indent=1) + "\n")
    return report


def record_of(settings: Settings) -> Path:
    """The file that holds the result of the last exam."""
    return settings.index.parent / RECORD


def _key(settings: Settings, exam: Exam) -> str:
    """What a result holds for: this model at this address, this exam, this way of asking it."""
    asking = Path(writers.__file__).read_bytes()
    digest = hashlib.sha256(asking + exam.sha256.encode())
    digest.update(f"\0{settings.model}\0{settings.model_base_url}".encode())
    return digest.hexdigest()


def has_passed(settings: Settings) -> bool:
    """Whether the configured chat model has a passed exam on record, for exactly this set-up."""
    try:
        row = json.loads(record_of(settings).read_text(encoding="utf-8"))
        key = _key(settings, exam_of(settings))
        return bool(row["key"] == key and row["passed"] is True)
    except (OSError, ValueError, KeyError, TypeError, PolicyError):
        return False


def admitted(assistant: Assistant) -> Assistant:
    """`assistant` as the pages may use it: without a chat model that has not passed its exam."""
    if not assistant.settings.model or has_passed(assistant.settings):
        return assistant
    parts = replace(assistant.parts, writer=assistant.parts.quotes)
    return Assistant(parts, assistant.settings.model_copy(update={"model": ""}))
