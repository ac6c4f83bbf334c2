"""Cue patterns of questions, as read from corpus/question_forms.json."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import CorpusError
from assistant.lexical import fold, stem

FIELDS = ("hold", "sets", "repetitions", "equipment", "steps", "benefits", "purpose", "region",
          "position")
CUES = ("sources", "entry", "used_for", "reference_list", "undated", "uncited", "count",
        "catalogue", "exercise_word", "whole", "compare", "no_equipment", "with", "without",
        "strengthen", "stretch", "follow_up", "other", "only", "per", "plural", "all_steps", "people",
        "listing", "every", "for_strength", "both", "same_year",
        "oldest", "newest", "before", "after", "definite", "among", "back_to", "step_word", "kin",
        "example", "gives_example", "measured", "whole_region", "each",
        "side_by_side", "corrects", "fresh", "each_gives", "whole_group",
        "exercise_noun", "mentions", "how_to", "side_to_side", "confirms", "varied",
        "narrowed", "entire", "excludes", "contact", "singular",
        "all_exercises")


@dataclass(frozen=True)
class Forms:
    """Cue patterns by name, compiled; they match folded text."""

    fields: dict[str, re.Pattern[str]]
    cues: dict[str, re.Pattern[str]]
    ordinals: dict[int, re.Pattern[str]]
    moves: dict[int, re.Pattern[str]]
    ask: dict[str, dict[str, str]]
    joiners: re.Pattern[str]
    asks: re.Pattern[str]
    opening: re.Pattern[str]
    plain: frozenset[str]
    near: tuple[str, ...]
    light: frozenset[str]


def read_forms(path: Path) -> Forms:
    """The forms in the JSON file `path`. Raises CorpusError for anything missing or malformed."""
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Forms(
            {name: _either(data["fields"][name]) for name in FIELDS},
            {name: _either(data[name]) for name in CUES}
            | {name: _either(data["extremes"][name]) for name in ("most", "least")},
            {int(key): _either(value) for key, value in data["ordinals"].items()},
            {int(key): _either(value) for key, value in data["moves"].items()},
            data["ask"],
            re.compile("|".join(data["joiners"]), re.IGNORECASE),
            _either(data["asks"]),
            _either(data["opening"]),
            frozenset(stem(fold(w)) for w in data["plain_words"]),
            tuple(map(fold, data["near_name"])),
            frozenset(stem(fold(w)) for w in data["light_words"]),
        )
    except (OSError, ValueError, KeyError, TypeError, re.error) as error:
        what = f"cannot be used ({type(error).__name__}: {error})"
        raise CorpusError(path, what, "restore it; see corpus/README.md") from None


def _either(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns))
