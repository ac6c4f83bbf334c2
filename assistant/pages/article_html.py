"""An article as HTML: every sentence in an element that knows its characters in the file.

The text of an element with data-start and data-end is byte-equal to those characters of article.md,
so that a script can highlight exactly a citation's quote. Every text is escaped; web addresses and
telephone numbers become links around their own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from assistant.article import Article

_LINE = re.compile(r"^(?P<mark>#{2,4} | *- |)(?P<text>.*?)\s*$")
_LINK = re.compile(r"https?://[^\s<>\"]+[\w/]|(?<![\w-])\d{3}-\d{3}-\d{4}(?![\w-])")


@dataclass(frozen=True)
class _Line:
    """A line of the file: its mark ("## ", "  - ", "---" or none), its text and where that begins."""

    mark: str
    text: str
    start: int

    @property
    def depth(self) -> int:
        """Level of a list item, counted from 1; 0 for any other line."""
        return len(self.mark) // 2 if self.mark.endswith("- ") else 0

    @property
    def level(self) -> int:
        """Level of a heading (2 to 4); 0 for any other line."""
        return self.mark.count("#")


def article_html(article: Article) -> str:
    """The article's text as HTML, its sections foldable; nothing that is not in the file."""
    parts = [f'<div class="text" data-article="{escape(article.id)}" lang="{escape(article.language)}">']
    parts += _body(article)
    return "".join(parts) + "</div>"


def contents(article: Article) -> list[tuple[str, str]]:
    """(element id, heading) of the article's sections, in reading order."""
    return [(_section_id(article, line), line.text) for line in _lines(article) if line.level == 2]


def _body(article: Article) -> Iterator[str]:
    depth, inside = 0, False
    for line in _lines(article):
        while depth > line.depth:
            yield "</li></ul>"
            depth -= 1
        if line.level == 2:
            yield "</details>" if inside else ""
            yield f'<details open id="{_section_id(article, line)}"><summary>'
            yield f"{_element('h3', article, line)}</summary>"
            inside = True
        elif line.level:
            yield _element(f"h{line.level + 1}", article, line)
        elif line.depth:
            yield "<ul>" * (line.depth - depth) if line.depth > depth else "</li>"
            yield f"<li>{_element('span', article, line)}"
            depth = line.depth
        elif line.mark == "---":
            yield "<hr>"
        else:
            yield _element("p", article, line)
    yield "</li></ul>" * depth + ("</details>" if inside else "")


def _lines(article: Article) -> Iterator[_Line]:
    """The lines below the front matter that are not empty."""
    position, fences = 0, 0
    for raw in article.text.split("\n"):
        start, position = position, position + len(raw) + 1
        if fences < 2:
            fences += raw == "---"
            continue
        if raw.strip() == "---":
            yield _Line("---", "", start)
        elif raw.strip():
            match = _LINE.match(raw)
            assert match  # the pattern matches every line
            yield _Line(match["mark"], match["text"], start + match.start("text"))


def _section_id(article: Article, line: _Line) -> str:
    return f"section-{article.id}-{line.start}"


def _element(tag: str, article: Article, line: _Line) -> str:
    start, end = line.start, line.start + len(line.text)
    return (
        f'<{tag} class="line" data-start="{start}" data-end="{end}">'
        f"{''.join(_sentences(article, start, end))}</{tag}>"
    )


def _sentences(article: Article, start: int, end: int) -> Iterator[str]:
    """The characters from `start` to `end`, each sentence of the article in its own element."""
    position = start
    for first, last in _spans(article, start, end):
        yield linked(article.text[position:first])
        yield f'<span class="s" data-start="{first}" data-end="{last}">'
        yield f"{linked(article.text[first:last])}</span>"
        position = last
    yield linked(article.text[position:end])


def _spans(article: Article, start: int, end: int) -> list[tuple[int, int]]:
    found = {
        (s.start, s.end)
        for passage in article.passages
        if passage.start < end and passage.end > start
        for s in passage.sentences
        if start <= s.start < s.end <= end
    }
    return sorted(found)


def linked(text: str) -> str:
    """`text` escaped, with its web addresses and telephone numbers as links."""
    parts, position = [], 0
    for match in _LINK.finditer(text):
        parts += [escape(text[position : match.start()]), _link(match[0])]
        position = match.end()
    return "".join([*parts, escape(text[position:])])


def _link(target: str) -> str:
    if target.startswith("http"):
        return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{escape(target)}</a>'
    return f'<a href="tel:{escape(target)}">{escape(target)}</a>'
