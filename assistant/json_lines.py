"""JSON Lines in and out: one object a line, one object back, whatever the line is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from assistant.errors import AssistantError, InputError

LONGEST_LINE = 1_000_000


def print_json(value: Any) -> None:
    """One value as JSON on a line of standard output, flushed."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # half a character in an id, or a terminal without UTF-8
        text = json.dumps(value)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _objects(stream: Any) -> Iterator[dict[str, Any] | str]:
    """JSON objects, one a line; a text instead says what is wrong with the line."""
    for raw in stream:
        if not raw.strip():
            yield "the line is empty"
            continue
        try:
            text = raw.decode("utf-8") if len(raw) <= LONGEST_LINE else '"too long"'
            value = json.loads(text, parse_constant=_no_constant)
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            yield f"not JSON in UTF-8 ({type(error).__name__})"
            continue
        yield value if isinstance(value, dict) else "not a JSON object, or over 1,000,000 bytes"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def each_line(stream: Any, work: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Answers each line in order, flushing; 1 if a line was not valid."""
    status = 0
    for item in _objects(stream):
        if isinstance(item, str):
            status = 1
            print_json({"id": None, "error": item})
            continue
        try:
            print_json({"id": item.get("id"), **work(item)})
        except AssistantError as error:
            status = 1
            print_json({"id": item.get("id"), "error": str(error)})
    return status


def texts_of(item: dict[str, Any], name: str) -> list[str]:
    """The list of texts `name` of an object, empty where it is missing. Raises InputError."""
    value = item.get(name, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise InputError(f"{name!r} must be a list of texts")
    return value


def text_of(item: dict[str, Any], name: str) -> str:
    """The text `name` of an object. Raises InputError where there is none."""
    value = item.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name!r} is missing or no text")
    return value
