"""Thumbs up or down: one line with the fact, the rule and the passages, and no word of a person."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

MOST_PASSAGES = 50
MOST_BYTES = 10_000_000


class Feedback:
    """Appends to one file; ids that the corpus or the policy does not know are left out."""

    def __init__(self, path: Path, passages: Collection[str], rules: Collection[str]) -> None:
        self._path, self._passages, self._rules = path, passages, rules
        self._lock = threading.Lock()

    def add(self, sent: Any) -> bool:
        """Keep one vote; False when `sent` is none or the file is full."""
        if not isinstance(sent, dict) or not isinstance(sent.get("helpful"), bool):
            return False
        passages, rule = sent.get("passages"), sent.get("rule")
        known = [p for p in passages if isinstance(p, str) and p in self._passages] if isinstance(
            passages, list) else []
        line = json.dumps({
            "helpful": sent["helpful"],
            "rule": rule if isinstance(rule, str) and rule in self._rules else None,
            "passages": known[:MOST_PASSAGES],
        })  # fmt: skip
        return self._append(line)

    def _append(self, line: str) -> bool:
        try:
            with self._lock:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                if self._path.exists() and self._path.stat().st_size > MOST_BYTES:
                    return False
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
        except OSError:
            return False
        return True
