"""Reading the files of a policy: strict JSON, lists of texts, and the manifest that seals them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from assistant.errors import PolicyError
from assistant.settings import ROOT

LANGUAGES = ("en", "es")
POLICY = ROOT / "corpus" / "policy"
RULE_FILES = (
    "red_flags.json", "advice.json", "courtesy.json", "language.json", "privacy.json", "names.json",
)  # fmt: skip
MANIFEST = "manifest.json"
SIGNOFF = "signoff.json"
RESTORE = "restore the file"


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
    return [*RULE_FILES, "asides.json", "minimisers.json", "exam.json", "notices/safety.json", *examples]


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        raise PolicyError(path, "cannot be read", RESTORE) from None


def check_manifest(path: Path) -> None:
    """Compare each sealed file with the manifest. Raises PolicyError for the first that differs."""
    manifest = read_json(path / MANIFEST)
    if not isinstance(manifest, dict) or set(manifest) != set(_sealed(path)):
        raise PolicyError(path / MANIFEST, "does not list the policy's files", "seal it again")
    for name, digest in manifest.items():
        if _sha256(path / name) != digest:
            raise PolicyError(
                path / name, "was changed since it was sealed",
                "restore it, or check it and run `python -m assistant.training.seal`",
            )  # fmt: skip


def read_json(path: Path) -> Any:
    """The JSON value in a file, no key twice. Raises PolicyError for anything else."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_repeats)
    except FileNotFoundError:
        raise PolicyError(path, "is missing", RESTORE) from None
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:80]
        raise PolicyError(path, f"cannot be used ({reason})", RESTORE) from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"key {key!r} stands twice")
    return dict(pairs)


def strings(path: Path, where: str, value: Any, least: int = 1) -> tuple[str, ...]:
    """A list of at least `least` texts as a tuple. Raises PolicyError that names `where`."""
    good = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    if not good or len(value) < least:
        raise PolicyError(path, f"{where} must be a list of at least {least} texts", "correct it")
    return tuple(value)


def phrases(path: Path, where: str, value: Any) -> tuple[str, ...]:
    """The English and Spanish phrases of an entry. Raises PolicyError when there are none."""
    if not isinstance(value, dict) or not set(LANGUAGES) <= set(value):
        raise PolicyError(path, f"{where} must have phrases in en and es", "add them")
    found = [p for key in LANGUAGES for p in strings(path, f"{where}.{key}", value[key], 0)]
    if not found:
        raise PolicyError(path, f"{where} has no phrase", "add one or remove it")
    return tuple(found)


def read_lists(path: Path) -> dict[str, list[str]]:
    """A file of named word lists. Raises PolicyError for anything else."""
    data = read_json(path)
    if not isinstance(data, dict) or not data:
        raise PolicyError(path, "holds no lists", RESTORE)
    for name, words in data.items():
        strings(path, name, words)
    return data
