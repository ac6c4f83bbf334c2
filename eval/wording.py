"""Words that the scorers look for, read from ``eval/wording.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eval.errors import InputError

WORDING = Path(__file__).parent / "wording.toml"


@dataclass(frozen=True)
class Wording:
    """Phrases and patterns as data, compiled.

    ``advice``: own-voice wording that would be individual advice. ``action``: by outcome or
    urgent level, what the first words must hold. ``required``: by outcome, patterns of notice
    ids that must stand there.
    """

    advice: Sequence[re.Pattern[str]]
    allowed: Sequence[re.Pattern[str]]
    action: Mapping[str, re.Pattern[str]]
    action_within: int
    required: Mapping[str, Sequence[re.Pattern[str]]]
    identifiers: Sequence[re.Pattern[str]]
    negations: frozenset[str]
    hedges: frozenset[str]
    sides: frozenset[str]
    units: frozenset[str]


@cache
def read_wording(path: Path = WORDING) -> Wording:
    """The wording file. Raises InputError naming what is missing or no pattern."""
    try:
        return _wording(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise InputError(f"{path}: {type(error).__name__}: {error}") from error


def _wording(data: Mapping[str, Any]) -> Wording:
    return Wording(
        advice=_patterns(data["advice"]["patterns"]),
        allowed=_patterns(data["advice"]["allowed"]),
        action={key: _pattern(text) for key, text in data["action"]["patterns"].items()},
        action_within=int(data["action"]["within"]),
        required={key: _patterns(texts) for key, texts in data["required"].items()},
        identifiers=_patterns(data["identifiers"]["patterns"]),
        negations=frozenset(data["exact"]["negations"]),
        hedges=frozenset(data["exact"]["hedges"]),
        sides=frozenset(data["exact"]["sides"]),
        units=frozenset(data["exact"]["units"]),
    )


def _patterns(texts: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(map(_pattern, texts))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
