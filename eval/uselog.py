"""The log of every use of the sealed cases, kept in the data card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from eval.errors import EvalError

CARD = Path(__file__).parent / "README.md"
_START = "<!-- use log: one line a use, newest last -->"


def note(what: str, slices: Sequence[str], target: str, card: Path = CARD) -> None:
    """Append one line: when, what was shown ("totals" or "opened"), which slices, which target.

    Raises EvalError when the card cannot be written: an unlogged use is no use.
    """
    try:
        text = card.read_text(encoding="utf-8")
        if _START not in text:
            raise EvalError(f"{card.name}: the line {_START!r} is gone; put it back")
        now = datetime.now(UTC)
        line = f"| {now:%Y-%m-%d %H:%M} | {what} | {', '.join(slices) or 'all'} | {target} |"
        card.write_text(text.rstrip("\n") + "\n" + line + "\n", encoding="utf-8")
    except OSError as error:
        raise EvalError(f"{card}: cannot log the use of the sealed cases: {error}") from error
