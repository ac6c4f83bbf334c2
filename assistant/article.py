"""An article in Markdown -> headings, passages and sentences with exact character spans.

The conventions are in corpus/README.md, and markdown.py reads the file by them. Spans count
characters of the whole file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import CorpusError
from assistant.markdown import Block, read_blocks, read_front_matter, read_text
from assistant.references import Reference, cites, find_citations, read_references
from assistant.sentences import cut_out, split_sentences

Kind = Literal["heading", "paragraph", "item", "exercise", "reference", "notice"]
FIELD = re.compile(r"^(Equipment|Instructions|Benefits):")


@dataclass(frozen=True)
class Sentence:
    """A sentence, list line or heading of an article.

    `article.text[start:end]` is its exact text; `shown` leaves out nothing but in-text citations;
    `references` are the ids that it cites; `unresolved` are citations without an entry.
    """

    text: str
    start: int
    end: int
    shown: str
    references: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """A unit of an article that can be retrieved and cited, with a readable, stable id."""

    id: str
    article: str
    kind: Kind
    heading: tuple[str, ...]
    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]
    references: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """A parsed article; `text` is the whole file, `sha256` the hash of its bytes."""

    id: str
    title: str
    language: str
    path: Path
    text: str
    sha256: str
    passages: tuple[Passage, ...]
    references: tuple[Reference, ...]

    def passage(self, passage_id: str) -> Passage:
        """The passage with this id. Raises KeyError when there is none."""
        for passage in self.passages:
            if passage.id == passage_id:
                return passage
        raise KeyError(passage_id)

    def children(self, heading: Passage) -> tuple[Passage, ...]:
        """Passages that stand under `heading`, at any depth, in reading order."""
        path = heading.heading
        return tuple(p for p in self.passages if p != heading and p.heading[: len(path)] == path)

    @property
    def phones(self) -> tuple[str, ...]:
        """Telephone numbers in the order in which the article gives them, each once."""
        return tuple(dict.fromkeys(re.findall(r"\b\d{3}-\d{3}-\d{4}\b", self.text)))


def slug(text: str) -> str:
    """A readable id part: ASCII, lower case, words joined by hyphens, list numbers dropped."""
    plain = unicodedata.normalize("NFKD", re.sub(r"^\d+\.\s*", "", text))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")


def read_article(folder: Path, kinds: dict[str, list[str]]) -> Article:
    """The article in `folder` (article.md and references.json), checked against the conventions.

    Raises CorpusError, one line, at the first thing that is wrong.
    """
    path = folder / "article.md"
    text, digest = read_text(path)
    front, body_line = read_front_matter(path, text)
    blocks = list(read_blocks(path, text, body_line))
    if not any(block.kind == "paragraph" for block in blocks):
        raise CorpusError(path, "the article has no text", "add its paragraphs below the front matter")
    notices = [part.strip() for part in front.get("notices", "").split(";") if part.strip()]
    _check_notices(path, blocks, notices)
    own = "\n".join(_under(blocks, notices))
    references = _placed(folder, read_references(folder / "references.json", kinds, own), blocks)
    builder = _Builder(path, front["slug"], notices, references)
    passages = tuple(builder.passages(blocks))
    _check_unique(path, passages, text)
    return Article(
        front["slug"], front["title"], front["language"], path, text, digest, passages,
        tuple(references),
    )  # fmt: skip


def _check_notices(path: Path, blocks: list[Block], notices: list[str]) -> None:
    headings = {block.text for block in blocks if block.kind == "heading"}
    for name in notices:
        if name not in headings:
            raise CorpusError(path, f"notices names {name!r}, which is no heading", "correct it", 1)


def _under(blocks: list[Block], headings: list[str]) -> Iterator[str]:
    inside = False
    for block in blocks:
        if block.kind == "heading" and block.level == 2:
            inside = block.text in headings
        elif inside:
            yield block.text


def _placed(folder: Path, references: list[Reference], blocks: list[Block]) -> list[Reference]:
    """The references with the place of their printed entry; both lists must agree."""
    path = folder / "article.md"
    entries = _reference_blocks(blocks)
    by_text = {entry.text: entry for entry in entries}
    for reference in references:
        if reference.printed not in by_text:
            what = f"entry {reference.id!r} does not agree with the printed list"
            remedy = f"the article should print: {reference.printed[:60]}..."
            raise CorpusError(folder / "references.json", what, remedy)
    known = {reference.printed for reference in references}
    for entry in entries:
        if entry.text not in known:
            what = f"the reference {entry.text[:40]!r}... has no entry in references.json"
            raise CorpusError(path, what, "add the entry", entry.line)
    return [_with_place(reference, by_text[reference.printed]) for reference in references]


def _with_place(reference: Reference, entry: Block) -> Reference:
    fields: dict[str, Any] = {**reference.__dict__, "start": entry.start, "end": entry.end}
    return Reference(**fields)


def _reference_blocks(blocks: list[Block]) -> list[Block]:
    found, inside = [], False
    for block in blocks:
        if block.kind == "heading":
            inside = block.text.casefold() == "references"
        elif inside and block.kind == "item":
            found.append(block)
    return found


def _check_unique(path: Path, passages: Iterable[Passage], text: str) -> None:
    seen: set[str] = set()
    for passage in passages:
        if passage.id in seen:
            line = text.count("\n", 0, passage.start) + 1
            raise CorpusError(path, f"duplicate id {passage.id!r}", "give it another heading", line)
        seen.add(passage.id)


class _Builder:
    """Turns blocks into passages; knows where it stands in the tree of headings."""

    def __init__(
        self, path: Path, article: str, notices: list[str], references: list[Reference]
    ) -> None:
        self.path, self.article, self.notices, self.references = path, article, notices, references
        self.headings: list[tuple[int, str]] = []
        self.counts: dict[str, int] = {}

    def passages(self, blocks: list[Block]) -> Iterator[Passage]:
        waiting = list(blocks)
        while waiting:
            block = waiting.pop(0)
            if block.kind == "break":
                self.headings = self.headings[:-1]
            elif block.kind == "heading":
                self._enter(block)
                fields = _leading_items(waiting) if block.level == 4 else []
                if fields:
                    del waiting[: len(fields)]
                    yield self._passage("exercise", [block, *fields])
                else:
                    yield self._passage("heading", [block])
            else:
                yield self._passage(self._kind(block), [block])

    def _enter(self, block: Block) -> None:
        self.headings = [(n, t) for n, t in self.headings if n < block.level]
        self.headings.append((block.level, block.text))

    def _kind(self, block: Block) -> Kind:
        titles = [text for _, text in self.headings]
        if titles and titles[0] in self.notices:
            return "notice"
        if titles and titles[-1].casefold() == "references" and block.kind == "item":
            return "reference"
        return "item" if block.kind == "item" else "paragraph"

    def _passage(self, kind: Kind, blocks: list[Block]) -> Passage:
        whole = kind in ("heading", "reference")
        sentences = [s for block in blocks for s in self._sentences(block, whole)]
        heading = tuple(text for _, text in self.headings)
        cited = dict.fromkeys(name for s in sentences for name in s.references)
        if kind == "reference":
            cited = {self._entry(blocks[0]).id: None}
        first, last = blocks[0], blocks[-1]
        return Passage(
            self._id(kind, heading, blocks[0]), self.article, kind, heading, first.start, last.end,
            "\n".join(block.text for block in blocks), tuple(sentences), tuple(cited),
        )  # fmt: skip

    def _entry(self, block: Block) -> Reference:
        return next(r for r in self.references if r.start == block.start)

    def _id(self, kind: Kind, heading: tuple[str, ...], block: Block) -> str:
        if kind == "exercise":
            return f"{self.article}/exercises/{slug(block.text.split(' (')[0])}"
        if kind == "reference":
            return f"{self.article}/references/{self._entry(block).id}"
        base = "/".join([self.article, *(slug(part) or "section" for part in heading)])
        if kind == "heading":
            return base
        base = base if heading else f"{self.article}/introduction"
        self.counts[base] = self.counts.get(base, 0) + 1
        return f"{base}/{self.counts[base]}"

    def _sentences(self, block: Block, whole: bool) -> Iterator[Sentence]:
        single = whole or block.kind in ("item", "heading")
        spans = [(0, len(block.text))] if single else split_sentences(block.text)
        for start, end in spans:
            text = block.text[start:end]
            yield self._sentence(text, block.start + start, whole)

    def _sentence(self, text: str, start: int, plain: bool) -> Sentence:
        if plain:
            return Sentence(text, start, start + len(text), text)
        citations = find_citations(text, start)
        ids: dict[str, None] = {}
        lost = []
        for citation in citations:
            match = next((r for r in self.references if cites(citation, r)), None)
            if match:
                ids[match.id] = None
            else:
                lost.append(citation.label)
        cuts = sorted({c.parenthesis for c in citations if c.parenthesis != (0, 0)})
        shown = cut_out(text, [(a - start, b - start) for a, b in cuts])
        return Sentence(text, start, start + len(text), shown, tuple(ids), tuple(lost))


def _leading_items(blocks: list[Block]) -> list[Block]:
    count = 0
    while count < len(blocks) and blocks[count].kind == "item":
        count += 1
    items = blocks[:count]
    return items if any(FIELD.match(item.text) for item in items) else []
