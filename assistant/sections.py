"""A message in parts that are read by themselves: its sentences, or windows of a long one."""

from __future__ import annotations

import re

_WINDOW = 100  # words
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+|\s(?=\d+[.)]\s)")
_MANY_SENTENCES, _FEW_WORDS = 8, 4  # sentences; spaces of one that tells something alone


def sentences(text: str) -> list[str]:
    """The sentences of a message that has several, but not too many; else none."""
    found = [s for s in _SENTENCES.split(text) if s.count(" ") >= _FEW_WORDS]
    return found if 1 < len(found) <= _MANY_SENTENCES else []


def is_long(text: str) -> bool:
    """Whether a message has more words than a window."""
    return text.count(" ") > _WINDOW


def windows(text: str) -> list[str]:
    """A long message in overlapping windows of whole words."""
    words = text.split()
    step = _WINDOW * 2 // 3
    starts = range(0, max(1, len(words) - step // 2), step)
    return [" ".join(words[start : start + _WINDOW]) for start in starts]
