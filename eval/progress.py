"""A progress bar on standard error, for people at a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")
_WIDTH = 30
_PAUSE = 0.2  # seconds between two drawings


def progress(
    items: Iterable[_Item], total: int, done: int = 0, unit: str = "case", quiet: bool = False
) -> Iterator[_Item]:
    """The same items; meanwhile a bar grows, unless ``quiet`` or nobody watches."""
    watched = not quiet and sys.stderr.isatty()
    started, drawn, first = time.monotonic(), 0.0, done
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if watched and (now - drawn > _PAUSE or done == total):
            drawn = now
            _draw(done, total, unit, (now - started) / (done - first) * (total - done))
    if watched:
        print(file=sys.stderr)


def _draw(done: int, total: int, unit: str, left: float) -> None:
    filled = "#" * (_WIDTH * done // max(1, total))
    line = f"\r[{filled:{_WIDTH}}] {done}/{total} {unit}s, {left:.0f} s left "
    print(line, end="", file=sys.stderr, flush=True)
