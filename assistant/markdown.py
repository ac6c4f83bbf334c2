"""The file of an article -> its front matter and its blocks, each with its place in the file.

Conventions (corpus/README.md): front matter, `##` to `####` headings, list items with `- `,
one paragraph a line, `---` to end a section early. What this module leaves out: tables, images,
nested emphasis; a clinic's article needs none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import CorpusError

_FRONT_KEYS = {"title", "slug", "language", "notices"}
_HEADING = re.compile(r"^(#{2,4}) (\S.*)$")
_ITEM = re.compile(r"^(?P<indent> *)- (?P<text>\S.*)$")


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or section end; `text` begins at `start` of the file."""

    kind: Literal["heading", "paragraph", "item", "break"]
    level: int
    text: str
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def read_text(path: Path) -> tuple[str, str]:
    """The text of the file and the sha256 of its bytes. Raises CorpusError if it is no plain UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(path, f"cannot be read ({error.strerror})", "add the article") from None
    if not raw.strip():
        raise CorpusError(path, "the file is empty", "put the article's text into it")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise CorpusError(path, "is not UTF-8 text", "save the file as UTF-8", line) from None
    if "\r" in text or "\ufeff" in text or "\0" in text:
        what = "has carriage returns, a byte-order mark or NUL characters"
        raise CorpusError(path, what, "save it with plain line ends")
    return text, hashlib.sha256(raw).hexdigest()


def read_front_matter(path: Path, text: str) -> tuple[dict[str, str], int]:
    """The values between the first two `---`, and the line at which the article begins."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise CorpusError(path, "has no front matter", "begin with --- title, slug, language ---", 1)
    stop = lines.index("---", 1)
    front: dict[str, str] = {}
    for number, line in enumerate(lines[1:stop], 2):
        key, colon, value = line.partition(":")
        if not colon or not value.strip():
            raise CorpusError(path, f"broken front matter {line!r}", "write key: value", number)
        if key not in _FRONT_KEYS or key in front:
            known = ", ".join(sorted(_FRONT_KEYS))
            what = f"unknown or repeated front matter key {key!r}"
            raise CorpusError(path, what, f"use each of {known} at most once", number)
        front[key] = value.strip()
    for key in ("title", "slug", "language"):
        if key not in front:
            raise CorpusError(path, f"the front matter lacks {key!r}", f"add {key}: ...", 1)
    if front["slug"] != path.parent.name:
        what = f"the slug {front['slug']!r} is not the folder's name {path.parent.name!r}"
        raise CorpusError(path, what, "make them the same", 1)
    return front, stop + 2


def read_blocks(path: Path, text: str, first_line: int) -> Iterator[Block]:
    """The blocks of `text` from line `first_line` on. Raises CorpusError for an unusable line."""
    position = 0
    for number, line in enumerate(text.split("\n"), 1):
        start, position = position, position + len(line) + 1
        if number < first_line or not line.strip():
            continue
        yield _block(path, line, start, number)


def _block(path: Path, line: str, start: int, number: int) -> Block:
    if match := _HEADING.match(line):
        level = len(match[1])
        return Block("heading", level, match[2].rstrip(), start + level + 1, number)
    if line.startswith("#"):
        raise CorpusError(path, f"unusable heading {line!r}", "use ## to #### and a text", number)
    if line.strip() == "---":
        return Block("break", 0, "---", start, number)
    if match := _ITEM.match(line):
        text = match["text"].rstrip()
        return Block("item", len(match["indent"]) // 2, text, start + match.start("text"), number)
    if line.startswith((" ", "\t")):
        raise CorpusError(path, "an indented line that is no list item", "begin with '- '", number)
    return Block("paragraph", 0, line.rstrip(), start, number)
