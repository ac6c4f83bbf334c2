"""The wording that the policy allows, read straight from ``corpus/policy/notices``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.errors import InputError
from eval.folding import plain

_SLOT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Policy:
    """Every sentence that the assistant may say in its own voice, with slots such as {phone}."""

    sentences: Sequence[str]

    @cached_property
    def _templates(self) -> Sequence[tuple[re.Pattern[str], str]]:
        return tuple((_template(text), plain(_SLOT.sub("it", text))) for text in self.sentences)

    def knows(self, text: str) -> bool:
        """Whether a notice is worded as the policy has it (anything goes without a policy)."""
        folded = plain(text)
        return not self.sentences or any(item.fullmatch(folded) for item, _ in self._templates)

    def own_words(self, text: str) -> str:
        """A notice without what was put into its slots (article text, names, numbers)."""
        folded = plain(text)
        return next((bare for item, bare in self._templates if item.fullmatch(folded)), text)


def read_policy(corpus: Path) -> Policy:
    """The notices of a corpus; empty when it has none. Raises InputError if unreadable."""
    paths = sorted((corpus / "policy" / "notices").rglob("*.json"))
    texts = [text for path in paths for text in _strings(_parsed(path))]
    return Policy(tuple(dict.fromkeys(text for text in texts if text.strip())))


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _template(text: str) -> re.Pattern[str]:
    """The sentence as a pattern: a slot stands for any words."""
    pieces = [re.escape(piece) for piece in _SLOT.split(plain(text))]
    return re.compile(".*?".join(pieces), re.DOTALL)
