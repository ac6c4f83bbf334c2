"""Sentences of a paragraph, and the in-text citations that are left out where one is shown."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

from assistant.references import find_citations


@cache
def _segmenter() -> Any:
    import pysbd

    return pysbd.Segmenter(language="en", clean=False)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of the sentences of a paragraph, without the spaces between them."""
    starts = [0]
    position = 0
    for piece in _segmenter().segment(text):
        at = text.index(piece.strip(), position)
        if at > 0:
            starts.append(at)
        position = at + len(piece.strip())
    edges = [*dict.fromkeys(starts), len(text)]
    return [(a, a + len(text[a:b].rstrip())) for a, b in pairwise(edges) if text[a:b].strip()]


def without_citations(text: str) -> str:
    """`text` as it is shown: without its in-text citations in parentheses."""
    found = {c.parenthesis for c in find_citations(text) if c.parenthesis != (0, 0)}
    return cut_out(text, sorted(found))


def cut_out(text: str, cuts: list[tuple[int, int]]) -> str:
    """`text` without the parentheses at `cuts` and the space before each."""
    for start, end in reversed(cuts):
        text = text[:start].rstrip() + text[end:]
    return text
