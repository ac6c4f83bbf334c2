"""The rules of a policy: concepts with their phrases, and conditions over the concepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import LEVELS, Level, Outcome
from assistant.errors import PolicyError
from assistant.policy_files import RESTORE, phrases, strings

_RULE_KEYS = {
    "id", "outcome", "level", "sources", "when", "examples", "near_misses", "notice",
}  # fmt: skip
_RULED = ("urgent", "crisis", "declined")


@dataclass(frozen=True)
class Term:
    """One condition of a rule: concepts that stand near each other; groups of such anywhere.

    It does not hold where a concept of `without` counts too.
    """

    groups: tuple[tuple[str, ...], ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A rule: any of its terms makes it apply."""

    id: str
    outcome: Outcome
    level: Level | None
    terms: tuple[Term, ...]
    sources: tuple[str, ...]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    notice: str | None


@dataclass(frozen=True)
class RuleSet:
    """Concepts with their phrases, context words, and the rules over the concepts."""

    concepts: Mapping[str, tuple[str, ...]]
    context: Mapping[str, tuple[str, ...]]
    lasting: frozenset[str]
    rules: tuple[Rule, ...]


def rule_set(path: Path, data: Any) -> RuleSet:
    """The rule set in a file's JSON value. Raises PolicyError for anything that does not fit."""
    if not isinstance(data, dict) or not {"concepts", "context", "rules"} <= set(data):
        raise PolicyError(path, "must have concepts, context and rules", RESTORE)
    for key, kind in (("concepts", dict), ("context", dict), ("rules", list)):
        if not isinstance(data[key], kind) or (key != "context" and not data[key]):
            raise PolicyError(path, f"{key} is empty or of the wrong kind", RESTORE)
    concepts = {k: phrases(path, k, v) for k, v in data["concepts"].items()}
    context = {k: phrases(path, k, v) for k, v in data["context"].items()}
    rules = tuple(_rule(path, row, concepts) for row in data["rules"])
    ids = [rule.id for rule in rules]
    if repeated := next((i for i in ids if ids.count(i) > 1), None):
        raise PolicyError(path, f"rule {repeated!r} stands twice", "remove one")
    lasting = frozenset(k for k, v in data["concepts"].items() if v.get("history"))
    return RuleSet(concepts, context, lasting, rules)


def _rule(path: Path, row: Any, concepts: Mapping[str, Any]) -> Rule:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or set(row) - _RULE_KEYS:
        raise PolicyError(path, f"not a rule: {str(row)[:50]}", "correct it")
    name, level = row["id"], row.get("level")
    if row.get("outcome") not in _RULED:
        raise PolicyError(path, f"rule {name}: outcome {row.get('outcome')!r}", "correct it")
    if (row["outcome"] == "urgent") != (level in LEVELS) or level not in (None, *LEVELS):
        raise PolicyError(path, f"rule {name}: level {level!r} does not fit", "correct it")
    terms = tuple(
        _term(path, name, text, concepts)
        for text in strings(path, f"rule {name}: when", row.get("when"))
    )
    return Rule(
        name, row["outcome"], level, terms,
        strings(path, f"rule {name}: sources", row.get("sources")),
        strings(path, f"rule {name}: examples", row.get("examples")),
        strings(path, f"rule {name}: near_misses", row.get("near_misses")),
        row.get("notice"),
    )  # fmt: skip


def _term(path: Path, name: str, text: str, concepts: Mapping[str, Any]) -> Term:
    wanted, *unwanted = (part.strip() for part in text.split(" - "))
    groups = tuple(tuple(c.strip() for c in g.split("+")) for g in wanted.split("&"))
    for concept in (*unwanted, *(c for group in groups for c in group)):
        if concept not in concepts:
            raise PolicyError(path, f"rule {name}: unknown concept {concept!r}", "add it")
    return Term(groups, tuple(unwanted))
