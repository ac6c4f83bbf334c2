"""The scope policy of a corpus: red flags, advice rules, notices, word lists, sign-off.

Everything is data in `corpus/policy/` (its README.md says what each file holds). Loading checks all
of it and fails closed: one PolicyError, one line, and nothing is answered.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.answer import LEVELS, Level, Notice, Outcome
from assistant.errors import PolicyError
from assistant.settings import ROOT

LANGUAGES = ("en", "es")
POLICY = ROOT / "corpus" / "policy"
RULE_FILES = ("red_flags.json", "advice.json", "courtesy.json", "language.json", "privacy.json")
MANIFEST = "manifest.json"
SIGNOFF = "signoff.json"
_RESTORE = "restore the file"
_RULE_KEYS = {
    "id", "outcome", "level", "sources", "when", "examples", "near_misses", "notice",
}  # fmt: skip
_RULED = ("urgent", "crisis", "declined")
_SLOT = re.compile(r"\{(\w+)\}")


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
    notices: Mapping[str, Mapping[str, Any]]
    asides: tuple[str, ...]
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
    _check_manifest(path)
    advice = _json(path / "advice.json")
    notices = dict(_notices(path / "notices"))
    policy = Policy(
        path,
        fingerprint(path),
        _rule_set(path / "red_flags.json", _json(path / "red_flags.json")),
        _rule_set(path / "advice.json", advice),
        tuple(_topics(path / "advice.json", advice)),
        _courtesy(path / "courtesy.json"),
        {k: frozenset(v) for k, v in read_lists(path / "language.json").items()},
        {k: tuple(v) for k, v in read_lists(path / "privacy.json").items()},
        notices,
        tuple(a for many in read_lists(path / "asides.json").values() for a in many),
        _signoff(path / SIGNOFF),
    )
    _check_notices(policy)
    return policy


def fingerprint(path: Path) -> str:
    """sha256 over the names and bytes of all policy files but the sign-off."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*.json*")):
        if file.name != SIGNOFF:
            name = file.relative_to(path).as_posix()
            digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def seal(path: Path) -> None:
    """Write the manifest: the sha256 of each rule file, after somebody has edited one."""
    lines = {name: _sha256(path / name) for name in _sealed(path)}
    (path / MANIFEST).write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")


def _sealed(path: Path) -> list[str]:
    examples = sorted(p.relative_to(path).as_posix() for p in path.glob("examples/*.jsonl"))
    return [*RULE_FILES, "asides.json", "notices/safety.json", *examples]


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise PolicyError(path, "cannot be read", _RESTORE) from None


def _check_manifest(path: Path) -> None:
    manifest = _json(path / MANIFEST)
    if not isinstance(manifest, dict) or set(manifest) != set(_sealed(path)):
        raise PolicyError(path / MANIFEST, "does not list the policy's files", "seal it again")
    for name, digest in manifest.items():
        if _sha256(path / name) != digest:
            raise PolicyError(
                path / name, "was changed since it was sealed",
                "restore it, or check it and run `python -m assistant.training.seal`",
            )  # fmt: skip


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_repeats)
    except FileNotFoundError:
        raise PolicyError(path, "is missing", _RESTORE) from None
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:80]
        raise PolicyError(path, f"cannot be used ({reason})", _RESTORE) from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} stands twice")
    return dict(pairs)


def _strings(path: Path, where: str, value: Any, least: int = 1) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    if not good or len(value) < least:
        raise PolicyError(path, f"{where} must be a list of at least {least} texts", "correct it")
    return tuple(value)


def _phrases(path: Path, where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, dict) or not set(LANGUAGES) <= set(value):
        raise PolicyError(path, f"{where} must have phrases in en and es", "add them")
    found = [p for key in LANGUAGES for p in _strings(path, f"{where}.{key}", value[key], 0)]
    if not found:
        raise PolicyError(path, f"{where} has no phrase", "add one or remove it")
    return tuple(found)


def _rule_set(path: Path, data: Any) -> RuleSet:
    if not isinstance(data, dict) or not {"concepts", "context", "rules"} <= set(data):
        raise PolicyError(path, "must have concepts, context and rules", _RESTORE)
    for key, kind in (("concepts", dict), ("context", dict), ("rules", list)):
        if not isinstance(data[key], kind) or (key != "context" and not data[key]):
            raise PolicyError(path, f"{key} is empty or of the wrong kind", _RESTORE)
    concepts = {k: _phrases(path, k, v) for k, v in data["concepts"].items()}
    context = {k: _phrases(path, k, v) for k, v in data["context"].items()}
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
        for text in _strings(path, f"rule {name}: when", row.get("when"))
    )
    return Rule(
        name, row["outcome"], level, terms,
        _strings(path, f"rule {name}: sources", row.get("sources")),
        _strings(path, f"rule {name}: examples", row.get("examples")),
        _strings(path, f"rule {name}: near_misses", row.get("near_misses")),
        row.get("notice"),
    )  # fmt: skip


def _term(path: Path, name: str, text: str, concepts: Mapping[str, Any]) -> Term:
    wanted, *unwanted = (part.strip() for part in text.split(" - "))
    groups = tuple(tuple(c.strip() for c in g.split("+")) for g in wanted.split("&"))
    for concept in (*unwanted, *(c for group in groups for c in group)):
        if concept not in concepts:
            raise PolicyError(path, f"rule {name}: unknown concept {concept!r}", "add it")
    return Term(groups, tuple(unwanted))


def _topics(path: Path, data: Any) -> Iterator[Mapping[str, Any]]:
    topics = data.get("topics") if isinstance(data, dict) else None
    if not isinstance(topics, list) or not topics:
        raise PolicyError(path, "has no topics", _RESTORE)
    for row in topics:
        if not isinstance(row, dict) or set(row) != {"id", "words", "suggestions"}:
            raise PolicyError(path, f"not a topic: {str(row)[:50]}", "correct it")
        words = () if row["id"] == "any" else _phrases(path, row["id"], row["words"])
        for language in LANGUAGES:
            _strings(path, f"topic {row['id']}", row["suggestions"].get(language), 2)
        yield {**row, "words": words}
    if topics[-1]["id"] != "any":
        raise PolicyError(path, "the last topic must be 'any'", "add it")


def _courtesy(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    data = _json(path)
    if not isinstance(data, dict) or not data:
        raise PolicyError(path, "holds no courtesies", _RESTORE)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, row in data.items():
        if not isinstance(row, dict) or set(row) != set(LANGUAGES):
            raise PolicyError(path, f"{name} must have en and es", "correct it")
        found[name] = {k: _strings(path, f"{name}.{k}", v) for k, v in row.items()}
    return found


def read_lists(path: Path) -> dict[str, list[str]]:
    """A file of named word lists. Raises PolicyError for anything else."""
    data = _json(path)
    if not isinstance(data, dict) or not data:
        raise PolicyError(path, "holds no lists", _RESTORE)
    for name, words in data.items():
        _strings(path, name, words)
    return data


def _notices(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    seen: set[str] = set()
    files = sorted(folder.glob("*.json"))
    if not files:
        raise PolicyError(folder, "holds no notices", "restore them")
    for path in files:
        data = _json(path)
        if not isinstance(data, dict) or not data:
            raise PolicyError(path, "holds no notices", _RESTORE)
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
    rows = _json(path)
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
