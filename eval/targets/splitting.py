"""LangChain's recursive character splitter with its stock settings, so that no package is added.

A test holds its chunks to those that ``RecursiveCharacterTextSplitter(chunk_size=1000,
chunk_overlap=200, add_start_index=True)`` of langchain-text-splitters 1.1 gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SEPARATORS = ("\n\n", "\n", " ", "")


@dataclass(frozen=True)
class Chunk:
    """A piece of a text, ``text[start:start + len(piece)]``."""

    text: str
    start: int


def chunks(text: str, size: int = 1000, overlap: int = 200) -> tuple[Chunk, ...]:
    """The text in pieces of at most ``size`` characters, of which ``overlap`` may repeat."""
    found, start, length = [], 0, 0
    for piece in _split(text, _SEPARATORS, size, overlap):
        start = text.find(piece, max(0, start + length - overlap))
        length = len(piece)
        found.append(Chunk(piece, start))
    return tuple(found)


def _split(text: str, separators: Sequence[str], size: int, overlap: int) -> Iterator[str]:
    """Split at the first separator that occurs; what is still too long at the next ones."""
    place = next(i for i, separator in enumerate(separators) if separator in text)
    rest = separators[place + 1 :]
    fitting: list[str] = []
    for part in _parts(text, separators[place]):
        if len(part) < size:
            fitting.append(part)
            continue
        yield from _merged(fitting, size, overlap)
        fitting = []
        if rest:
            yield from _split(part, rest, size, overlap)
        else:
            yield part
    yield from _merged(fitting, size, overlap)


def _parts(text: str, separator: str) -> list[str]:
    """The parts of a text, each beginning with its separator."""
    if not separator:
        return list(text)
    pieces = re.split(f"({re.escape(separator)})", text)
    joined = [pieces[i] + pieces[i + 1] for i in range(1, len(pieces) - 1, 2)]
    return [part for part in (pieces[0], *joined) if part]


def _merged(parts: Sequence[str], size: int, overlap: int) -> Iterator[str]:
    """Parts joined up to ``size``, each joint repeating parts of the last one up to ``overlap``."""
    current: list[str] = []
    total = 0
    for part in parts:
        if total + len(part) > size and current:
            yield from _stripped(current)
            while total > overlap or (total + len(part) > size and total > 0):
                total -= len(current.pop(0))
        current.append(part)
        total += len(part)
    yield from _stripped(current)


def _stripped(parts: Sequence[str]) -> Iterator[str]:
    if whole := "".join(parts).strip():
        yield whole
