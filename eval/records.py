"""What a run keeps of each case: one JSON object a line.

Of a sealed case only labels and scores are kept, under a hash of its id: no text, no answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.errors import InputError
from eval.scorers import BY_NAME, Score, passes


@dataclass(frozen=True)
class Record:
    """One case as asked and judged.

    ``scores`` holds every scorer that the case calls for; ``timings`` milliseconds by step, the
    only part that differs between two runs of one commit. ``repeated`` says whether a second
    asking gave the same answer byte for byte, None when it was not asked twice.
    """

    id: str
    set: str
    slice: str
    language: str
    persona: str
    tags: tuple[str, ...]
    cluster: str
    pair: str | None
    family: str | None
    variant: str | None
    variant_of: str | None
    case_sha256: str
    expected: str
    accepted: tuple[str, ...]
    level: str | None
    question: str
    earlier: tuple[str, ...]
    answer: Mapping[str, Any] | None
    shown: str
    shown_level: str | None
    error: str | None
    scores: Mapping[str, Score]
    passed: bool
    repeated: bool | None
    confidence: float | None
    timings: Mapping[str, float]

    @property
    def critical(self) -> bool:
        """Whether a new failure of this case fails the gate whatever the averages say."""
        return "critical" in self.tags

    @property
    def sealed(self) -> bool:
        """Whether only totals of this record may be shown."""
        return self.set == "sealed"


def make_record(
    case: Case,
    answer: Mapping[str, Any] | None,
    error: str | None,
    scores: Mapping[str, Score],
    repeated: bool | None,
    timings: Mapping[str, float],
) -> Record:
    """The record of a case; ``answer`` is None when there was an error."""
    return Record(
        id=case.id, set=case.set, slice=case.slice, language=case.language, persona=case.persona,
        tags=case.tags, cluster=case.cluster, pair=case.pair, family=case.family,
        variant=case.variant, variant_of=case.variant_of, case_sha256=case.sha256,
        expected=case.outcome, accepted=tuple(sorted(case.accepted)), level=case.level,
        question=case.question, earlier=case.earlier, answer=answer,
        shown="error" if answer is None else str(answer["outcome"]),
        shown_level=None if answer is None else answer.get("level"),
        error=error, scores=scores, passed=error is None and passes(scores), repeated=repeated,
        confidence=_confidence(answer), timings=timings,
    )  # fmt: skip


def strip(record: Record) -> Record:
    """A sealed record without its text: ids hashed, scores without explanations."""
    return Record(
        **{
            **{name: getattr(record, name) for name in Record.__dataclass_fields__},
            "id": _hashed(record.id), "cluster": _hashed(record.cluster),
            "pair": record.pair and _hashed(record.pair),
            "family": record.family and _hashed(record.family),
            "variant_of": record.variant_of and _hashed(record.variant_of),
            "persona": "", "question": "", "earlier": (), "answer": None,
            "error": record.error and "an error (text withheld: the case is sealed)",
            "scores": {
                name: Score(score.value, "", score.applicable)
                for name, score in record.scores.items()
            },
        }
    )  # fmt: skip


def to_line(record: Record) -> str:
    """The record as one line of JSON, keys in a fixed order."""
    values = {name: getattr(record, name) for name in Record.__dataclass_fields__}
    values["scores"] = {name: asdict(score) for name, score in sorted(record.scores.items())}
    return json.dumps(values, ensure_ascii=False)


def from_line(line: str) -> Record:
    """The record of a line. Raises ValueError, KeyError or TypeError when it is none."""
    values = json.loads(line)
    scores = {name: Score(**score) for name, score in values["scores"].items() if name in BY_NAME}
    lists = {name: tuple(values[name]) for name in ("tags", "accepted", "earlier")}
    return Record(**{**values, **lists, "scores": scores})


def read_records(path: Path) -> tuple[Record, ...]:
    """All records of a results file. Raises InputError naming the line at fault."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(from_line(line))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: not a record of a run: {error}") from error
    return tuple(records)


def authored(records: Iterable[Record]) -> list[Record]:
    """The records of cases that a person wrote, without generated variants."""
    return [record for record in records if record.variant is None]


def _confidence(answer: Mapping[str, Any] | None) -> float | None:
    """The best retrieval score of a traced answer, for the risk-coverage curve."""
    scores = [
        float(hit["score"])
        for hit in (answer or {}).get("hits") or ()
        if isinstance(hit, Mapping) and hit.get("score") is not None
    ]
    return max(scores, default=None)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
