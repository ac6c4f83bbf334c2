"""What a question asks for that no sentence states: frequency, price, risks and their like.

An aspect has cues (in the question) and evidence (in a sentence that would answer it). A sentence
without the evidence cannot answer a question for that aspect, however near it is otherwise. The
words are data (corpus/aspects.json), and general: any article may state or lack any of them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.lexical import fold

_JOINS = re.compile(r"[,;.?!&]|\b(?:and|plus|also|y|e)\b")
_ASKS = re.compile(
    r"\b(how|what|which|who|why|where|name|list|steps?|sets?|reps?|hold|benefits?|phone|equipment"
    r"|tell|give|que|como|cual|cuant\w+|pasos|series|quien|donde)\b"
)


@dataclass(frozen=True)
class Aspect:
    """One kind of fact that may be asked for."""

    name: str
    cues: re.Pattern[str]
    evidence: re.Pattern[str]


def read_aspects(path: Path) -> tuple[Aspect, ...]:
    """The aspects in the JSON file `path`. Raises CorpusError when it cannot be used."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Aspect(
                name,
                re.compile("|".join(f"(?:{cue})" for cue in row["cues"])),
                re.compile(row["evidence"]),
            )
            for name, row in data.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        what = f"cannot be used ({type(error).__name__})"
        raise CorpusError(path, what, "restore it; see corpus/README.md") from None


def asked_aspects(aspects: tuple[Aspect, ...], question: str) -> tuple[Aspect, ...]:
    """The aspects that the folded `question` asks for, and asks for alone.

    Where another clause asks for something else, none: that part may well be answered.
    """
    asked = tuple(a for a in aspects if a.cues.search(question))
    clauses = [c for c in _JOINS.split(question) if len(c.split()) > 1]
    others = [c for c in clauses if not any(a.cues.search(c) for a in asked)]
    return () if asked and len(clauses) > 1 and any(_ASKS.search(c) for c in others) else asked


def may_answer(asked: tuple[Aspect, ...], sentence: str) -> bool:
    """Whether `sentence` holds the evidence for every aspect asked."""
    folded = fold(sentence)
    return all(a.evidence.search(folded) for a in asked)
