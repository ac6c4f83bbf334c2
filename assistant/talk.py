"""A message as it stands in its conversation, for the reranker that reads conversations."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.retrieval import expanded
from assistant.understanding import Reader

TURNS = 3  # messages before it that are read with a message
_LENGTH = 110  # letters of each of them, from its end
SEPARATOR = " | "


def in_talk(text: str, earlier: Sequence[str], reader: Reader) -> str:
    """`text` after the messages before it, oldest first, parted by bars; each spelt right."""
    before = [reader.read(message).text[-_LENGTH:] for message in earlier[-TURNS:]]
    return SEPARATOR.join((*before, expanded(reader.read(text))))
