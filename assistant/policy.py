"""The scope policy of a corpus: red flags, advice rules, notices, word lists, sign-off.

Everything is data in `corpus/policy/` (its README.md says what each file holds). Loading checks all
of it and fails closed: one PolicyError, one line, and nothing is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.answer import LEVELS, Notice
from assistant.errors import PolicyError
from assistant.policy_files import (
    LANGUAGES,
    POLICY,
    RESTORE,
    RULE_FILES,
    SIGNOFF,
    check_manifest,
    fingerprint,
    phrases,
    read_json,
    read_lists,
    seal,
    strings,
)
from assistant.rules import Rule, RuleSet, rule_set

__all__ = [
    "LANGUAGES", "POLICY", "RULE_FILES", "Example", "Policy", "Rule", "RuleSet", "fingerprint",
    "read_lists", "read_policy", "seal",
]  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")

_PRIVACY = ("name", "titled", "after", "not_names", "birth", "phone", "social_security", "record", "street",
            "calle", "capitals", "units", "digits", "kin", "months")
_NAMES = ("names", "also_words", "never")


@dataclass(frozen=True)
class Example:
    """A training message of the policy; each is also a test."""

    text: str
    earlier: tuple[str, ...]
    label: str
    rule: str
    language: str
    author: str


@dataclass(frozen=True)
class Policy:
    """The whole policy; `fingerprint` is the sha256 over all its files."""

    path: Path
    fingerprint: str
    red_flags: RuleSet
    advice: RuleSet
    topics: tuple[Mapping[str, Any], ...]
    courtesy: Mapping[str, Mapping[str, tuple[str, ...]]]
    language: Mapping[str, frozenset[str]]
    privacy: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    notices: Mapping[str, Mapping[str, Any]]
    asides: tuple[str, ...]
    minimisers: Mapping[str, tuple[re.Pattern[str], ...]]
    signoff: tuple[Mapping[str, str], ...]

    @property
    def reviewed(self) -> bool:
        """Whether a clinician has signed exactly these files."""
        return any(entry["fingerprint"] == self.fingerprint for entry in self.signoff)

    def notice(self, notice_id: str, language: str, **values: str) -> Notice:
        """The notice in `language` (English where it is neither), its slots filled.

        Raises PolicyError for an unknown id or a slot without a value.
        """
        entry = self.notices.get(notice_id)
        if entry is None:
            raise PolicyError(self.path / "notices", f"no notice {notice_id!r}", "add it")
        text = entry[language if language in LANGUAGES else "en"]
        missing = set(_SLOT.findall(text)) - set(values)
        if missing:
            raise PolicyError(
                self.path / "notices", f"{notice_id!r} needs {min(missing)!r}", "give a value"
            )
        filled = _SLOT.sub(lambda match: values[match[1]], text)
        return Notice(notice_id, filled, entry["order"])

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """All training messages. Raises PolicyError for a line that cannot be used."""
        return tuple(_examples(self.path / "examples"))


def read_policy(path: Path) -> Policy:
    """The policy in the folder `path`. Raises PolicyError for anything missing or broken."""
    if not path.is_dir():
        raise PolicyError(path, "the policy folder is missing", "restore it")
    check_manifest(path)
    advice = read_json(path / "advice.json")
    notices = dict(_notices(path / "notices"))
    policy = Policy(
        path,
        fingerprint(path),
        rule_set(path / "red_flags.json", read_json(path / "red_flags.json")),
        rule_set(path / "advice.json", advice),
        tuple(_topics(path / "advice.json", advice)),
        _courtesy(path / "courtesy.json"),
        {k: frozenset(v) for k, v in read_lists(path / "language.json").items()},
        _lists(path / "privacy.json", _PRIVACY),
        _lists(path / "names.json", _NAMES),
        notices,
        tuple(a for many in read_lists(path / "asides.json").values() for a in many),
        _minimisers(path / "minimisers.json"),
        _signoff(path / SIGNOFF),
    )
    _check_notices(policy)
    return policy


def _lists(path: Path, wanted: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """A file of word lists in which the lists `wanted` may not be missing."""
    found = {name: tuple(words) for name, words in read_lists(path).items()}
    if missing := sorted(set(wanted) - set(found)):
        raise PolicyError(path, f"lacks the list {missing[0]!r}", RESTORE)
    return found


def _minimisers(path: Path) -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """Patterns of whole sentences by language, and under `never` words that no such sentence has."""
    found = {}
    for name, patterns in read_lists(path).items():
        try:
            found[name] = tuple(re.compile(pattern) for pattern in patterns)
        except re.error as error:
            raise PolicyError(path, f"{name} holds what is no pattern ({error})", RESTORE) from None
    if set(found) != {"en", "es", "never"}:
        raise PolicyError(path, "needs en, es and never", RESTORE)
    return found


def _topics(path: Path, data: Any) -> Iterator[Mapping[str, Any]]:
    topics = data.get("topics") if isinstance(data, dict) else None
    if not isinstance(topics, list) or not topics:
        raise PolicyError(path, "has no topics", RESTORE)
    for row in topics:
        if not isinstance(row, dict) or set(row) != {"id", "words", "suggestions"}:
            raise PolicyError(path, f"not a topic: {str(row)[:50]}", "correct it")
        words = () if row["id"] == "any" else phrases(path, row["id"], row["words"])
        for language in LANGUAGES:
            strings(path, f"topic {row['id']}", row["suggestions"].get(language), 2)
        yield {**row, "words": words}
    if topics[-1]["id"] != "any":
        raise PolicyError(path, "the last topic must be 'any'", "add it")


def _courtesy(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    data = read_json(path)
    if not isinstance(data, dict) or not data:
        raise PolicyError(path, "holds no courtesies", RESTORE)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, row in data.items():
        if not isinstance(row, dict) or set(row) != set(LANGUAGES):
            raise PolicyError(path, f"{name} must have en and es", "correct it")
        found[name] = {k: strings(path, f"{name}.{k}", v) for k, v in row.items()}
    return found


def _notices(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    seen: set[str] = set()
    files = sorted(folder.glob("*.json"))
    if not files:
        raise PolicyError(folder, "holds no notices", "restore them")
    for path in files:
        data = read_json(path)
        if not isinstance(data, dict) or not data:
            raise PolicyError(path, "holds no notices", RESTORE)
        for name, entry in data.items():
            if name in seen:
                raise PolicyError(path, f"notice {name!r} stands twice", "remove one")
            seen.add(name)
            yield name, _notice(path, name, entry)


def _notice(path: Path, name: str, entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, dict) or set(entry) != {"order", *LANGUAGES}:
        raise PolicyError(path, f"notice {name!r} must have order, en and es", "correct it")
    if not isinstance(entry["order"], int) or isinstance(entry["order"], bool):
        raise PolicyError(path, f"notice {name!r}: order must be a whole number", "correct it")
    for language in LANGUAGES:
        if not isinstance(entry[language], str) or not entry[language].strip():
            raise PolicyError(path, f"notice {name!r} has no {language} text", "write it")
    slots = [set(_SLOT.findall(entry[language])) for language in LANGUAGES]
    if slots[0] != slots[1]:
        raise PolicyError(path, f"notice {name!r}: en and es have other slots", "correct it")
    return entry


def _check_notices(policy: Policy) -> None:
    """Every notice that a rule or an outcome calls for must be there."""
    needed = {*SAFETY_NOTICES, *(f"courtesy_{name}" for name in policy.courtesy)}
    needed |= {"tell_any", *(f"tell_{rule.id}" for rule in policy.advice.rules)}
    needed |= {r.notice for s in (policy.red_flags, policy.advice) for r in s.rules if r.notice}
    missing = sorted(needed - set(policy.notices))
    if missing:
        raise PolicyError(policy.path / "notices", f"no notice {missing[0]!r}", "add it")


def _signoff(path: Path) -> tuple[Mapping[str, str], ...]:
    rows = read_json(path)
    keys = {"who", "role", "what", "when", "fingerprint"}
    if not isinstance(rows, list) or any(
        not isinstance(r, dict) or set(r) != keys or not all(isinstance(v, str) for v in r.values())
        for r in rows
    ):
        raise PolicyError(path, f"each entry needs {', '.join(sorted(keys))}", "correct it")
    return tuple(rows)


def _examples(folder: Path) -> Iterator[Example]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                yield Example(
                    row["text"], tuple(row["earlier"]), row.get("then", row["label"]),
                    row["rule"], row["language"], row["author"],
                )  # fmt: skip
            except (ValueError, KeyError, TypeError):
                raise PolicyError(path, "not an example", "correct the line", number) from None


SAFETY_NOTICES = (
    *(f"urgent_{level}" for level in LEVELS), "urgent_poison", "urgent_violence",
    "urgent_in_force", "crisis", "crisis_danger", "declined", "declined_contact",
    "partly_declined", "privacy", "unreviewed", "other_language",
)  # fmt: skip
