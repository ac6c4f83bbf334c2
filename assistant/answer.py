"""What goes along the path of a question: Question, Ruling, Statement, Citation, Answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Outcome = Literal[
    "answered", "partly_answered", "declined", "urgent", "crisis", "not_covered", "clarify",
    "courtesy",
]  # fmt: skip
Level = Literal["emergency", "emergency_department", "same_day", "stop_exercise"]
Support = Literal["verbatim", "trimmed", "paraphrase", "computed", "translation"]
OUTCOMES: tuple[str, ...] = get_args(Outcome)
LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True)
class Question:
    """What a person asks: the message, their own earlier messages (oldest first), the language.

    `understood_as` is the message made complete from the earlier ones, without identifiers; the
    message itself, without identifiers, until then.
    """

    text: str
    earlier: tuple[str, ...] = ()
    language: str = "en"
    understood_as: str = ""

    @property
    def asked(self) -> str:
        """The text that retrieval and writing work on."""
        return self.understood_as or self.text


@dataclass(frozen=True)
class Notice:
    """A sentence in our own voice; a negative `order` stands before the statements."""

    id: str
    text: str
    order: int = 1


@dataclass(frozen=True)
class Ruling:
    """What the scope rules say of a question.

    `outcome` is `answered` where the rules let the question pass; `general` is the part of a mixed
    message that may be answered. `rule` and `words` say what decided.
    """

    outcome: Outcome
    level: Level | None = None
    rule: str | None = None
    words: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    suggestions: tuple[str, ...] = ()
    general: str | None = None

    @property
    def passes(self) -> bool:
        """Whether the question, or a general part of it, goes on to retrieval."""
        return self.outcome in ("answered", "partly_answered")


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of an article's file, in the passage `passage`."""

    article: str
    passage: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One sentence or list line of an answer, with the spans that it rests on."""

    text: str
    spans: tuple[Span, ...]
    support: Support
    group: str | None = None
    citations: tuple[int, ...] = ()


@dataclass(frozen=True)
class CitedReference:
    """A reference that the article itself gives at a cited place."""

    id: str
    label: str
    kind: str
    url: str | None


@dataclass(frozen=True)
class Citation:
    """Where in the article a statement stands, and what the article rests it on there."""

    number: int
    article: str
    passage: str
    heading: tuple[str, ...]
    quote: str
    start: int
    end: int
    references: tuple[CitedReference, ...]


@dataclass(frozen=True)
class Removed:
    """A statement that grounding struck out, and why."""

    text: str
    because: str


@dataclass(frozen=True)
class Receipt:
    """Hashes by which an answer can be proved against the article and the policy."""

    articles: dict[str, str]
    policy: str
    spans: tuple[str, ...]
    answer_sha256: str


@dataclass(frozen=True)
class Answer:
    """A whole answer, as data; render.py turns it into something to read."""

    question: str
    earlier: tuple[str, ...]
    understood_as: str
    language: str
    outcome: Outcome
    level: Level | None = None
    rule: str | None = None
    words: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    notices: tuple[Notice, ...] = ()
    removed: tuple[Removed, ...] = ()
    nearest: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    writer: str = "quote"
    text: str = ""
    receipt: Receipt | None = None
    hits: tuple[dict[str, Any], ...] | None = None
    timings: dict[str, float] | None = field(default=None, compare=False)
