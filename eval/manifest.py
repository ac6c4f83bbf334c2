"""What a run was made of: enough to make it again, and to tell two runs apart."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from eval import scorers
from eval.cases import Case
from eval.statistics import SEED
from eval.targets import TargetSpec
from eval.wording import WORDING

ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("chromadb", "langchain-core", "langchain-chroma", "numpy", "onnxruntime")


def describe(
    cases: Sequence[Case], spec: TargetSpec, selection: Mapping[str, Any], corpus: Path
) -> dict[str, Any]:
    """The manifest of a run, without its times; ``config`` is the hash of all that matters."""
    made_of = {
        "commit": _git("rev-parse", "HEAD") or "none",
        "changed": bool(_git("status", "--porcelain", "--", "assistant", "eval", "corpus")),
        "code": files_sha256(_code()),
        "corpus": files_sha256(path for path in corpus.rglob("*") if path.is_file()),
        "cases": _sha256("".join(f"{case.id} {case.sha256}\n" for case in cases)),
        "target": spec.name,
        "mutant": spec.mutant,
        "selection": dict(selection),
        "settings": _settings(spec),
        "scorers": scorers.VERSION,
        "seed": SEED,
    }
    machine = {"python": platform.python_version(), "packages": _versions()}
    return {"config": _sha256(json.dumps(made_of, sort_keys=True))[:12], **made_of, **machine}


def files_sha256(paths: Iterable[Path]) -> str:
    """One hash over the names and bytes of files."""
    whole = hashlib.sha256()
    for path in sorted(paths):
        whole.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _code() -> list[Path]:
    found = [path for name in ("assistant", "eval") for path in (ROOT / name).rglob("*.py")]
    return [*found, WORDING]


def _settings(spec: TargetSpec) -> dict[str, str]:
    """The assistant's settings, secrets masked; nothing for another target."""
    if spec.name != "assistant":
        return {}
    from assistant import Settings

    return {name: value for name, value, _ in Settings.from_environment().rows()}


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
