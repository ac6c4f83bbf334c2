"""The single path of a question: rule, complete, retrieve, write, ground, number, finish.

`Steps` names the parts of the path; a caller may exchange any of them (`Assistant.open(change=...)`):
the seam for planted defects and for other retrievers or writers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant.answer import Answer, Question, Ruling, Statement
from assistant.conversation import Conversation
from assistant.corpus import Corpus
from assistant.echo import Echo
from assistant.errors import QuestionError
from assistant.grounding import Grounded, Grounding
from assistant.language import detect_language
from assistant.outcomes import Draft, Outcomes
from assistant.parts import Parts, open_parts
from assistant.policy import Policy
from assistant.privacy import redact
from assistant.receipt import make_receipt
from assistant.render import Labels, to_dict, to_text
from assistant.retrieval import Retrieval
from assistant.settings import Settings

_SAID_BACK = ("missing_part", "understood")  # the notices that hold the person's own words
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Steps:
    """The parts of the path, in their order."""

    rule: Callable[[Question], Ruling]
    complete: Callable[[Question], Question]
    retrieve: Callable[[Question], Retrieval]
    write: Callable[[Question, Retrieval], tuple[Statement, ...]]
    ground: Callable[[Sequence[Statement]], Grounded]
    finish: Callable[[Answer], Answer]


class Assistant(Runnable[Any, Answer]):
    """Answers questions about the articles of a corpus; also a LangChain Runnable.

    `invoke` takes a question or {"question": ..., "earlier": [...]}.
    """

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self.corpus: Corpus = parts.corpus
        self.policy: Policy = parts.policy
        self.settings = settings
        self.parts = parts
        self.conversation: Conversation = parts.conversation
        self.grounding: Grounding = parts.grounding
        self.phones = phones(parts.corpus, settings.phone_first)
        self.echo = Echo(parts.corpus, parts.policy, parts.scope.counts, self.phones)
        self.printed = self.echo.printed
        self.outcomes = Outcomes(parts.corpus, parts.policy, self.phones, parts.suggestions)
        self.steps = Steps(
            rule=parts.scope.rule,
            complete=parts.conversation.complete,
            retrieve=parts.retriever.retrieve,
            write=parts.writer.write,
            ground=parts.grounding.ground,
            finish=lambda answer: answer,
        )

    @classmethod
    def open(
        cls, settings: Settings | None = None, change: Callable[[Steps], Steps] | None = None
    ) -> Assistant:
        """An assistant over the corpus of `settings`, its index opened or built first.

        Raises AssistantError, in one line, when the policy, corpus, index or model is unusable.
        """
        settings = settings or Settings.from_environment()
        assistant = cls(open_parts(settings), settings)
        if change:
            assistant.steps = change(assistant.steps)
        return assistant

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """The answer to `input`: a question, or a mapping with question and earlier."""
        if isinstance(input, str):
            return self.ask(input)
        return self.ask(input["question"], input.get("earlier", ()))

    def stream(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Answer]:
        """The whole answer as one piece: nothing is shown before it has been checked."""
        yield self.invoke(input)

    def ask(self, question: str, earlier: Sequence[str] = (), trace: bool = False) -> Answer:
        """The answer to a message after the person's own `earlier` messages, oldest first.

        Raises QuestionError when these are not texts. Same input, same answer, byte for byte.
        """
        if not isinstance(question, str) or not all(isinstance(e, str) for e in earlier):
            raise QuestionError("question and earlier must be text; send strings")
        clock = _Clock()
        asked = self._question(question, earlier)
        ruling = self._without_identifiers(self.steps.rule(asked))
        clock.lap("rule")
        start = Answer(question, tuple(earlier), asked.asked, asked.language, "answered")
        if not asked.text.strip() and ruling.passes:
            answer = self.outcomes.notice_only(start, "empty")
        elif not ruling.passes:
            answer = self.outcomes.ruled(start, ruling)
        elif len(question) > self.settings.question_limit * 8:
            answer = self.outcomes.notice_only(start, "too_long", limit=str(self.settings.question_limit))
        else:
            answer = self._answer(start, asked, ruling, clock, trace)
        return self._finished(answer, clock, trace)

    # Steps of the path -------------------------------------------------------------------------

    def _without_identifiers(self, ruling: Ruling) -> Ruling:
        """A ruling whose words are said back: personal details taken out of them."""
        words = tuple(redact(word, self.printed)[0] for word in ruling.words)
        general = redact(ruling.general, self.printed)[0] if ruling.general else None
        return replace(ruling, words=words, general=general)

    def _nameless(self, answer: Answer) -> Answer:
        """An answer that says back no name, number or code that the person typed."""
        names = self.echo.names((answer.question, *answer.earlier))
        said = tuple(
            replace(n, text=self.echo.of(n.text, names)) if n.id in _SAID_BACK else n
            for n in answer.notices
        )
        return replace(
            answer, understood_as=self.echo.of(answer.understood_as, names), notices=said,
            words=tuple(self.echo.of(word, names) for word in answer.words),
        )  # fmt: skip

    def _question(self, text: str, earlier: Sequence[str]) -> Question:
        kept = tuple(self._plain(e) for e in earlier)[-self.settings.turns_kept :]
        clean = self._plain(text)
        language = detect_language(clean)
        spoken = language if language in ("en", "es") else "en"
        if not clean.strip() and kept:
            spoken = detect_language(kept[-1])
        safe, _ = redact(clean, self.printed)
        safe_earlier = tuple(redact(e, self.printed)[0] for e in kept)
        return Question(clean, safe_earlier, spoken, safe)

    def _plain(self, text: str) -> str:
        return self.parts.scope.plain(_clean(text))

    def _answer(
        self, answer: Answer, asked: Question, ruling: Ruling, clock: _Clock, trace: bool
    ) -> Answer:
        if ruling.general:
            asked = replace(asked, text=ruling.general, understood_as=ruling.general)
        choices = self.conversation.choices(asked)
        if choices and ruling.outcome == "answered":
            said = self.policy.notice("clarify_exercise", answer.language)
            return replace(answer, outcome="clarify", choices=choices, notices=(said,))
        drafts = [self._draft(part, clock) for part in self._parts(asked)]
        statements = _in_order(dict.fromkeys(s for draft in drafts for s in draft.statements))
        understood = " ".join(dict.fromkeys(draft.question.asked for draft in drafts))
        answer = replace(answer, understood_as=understood, rule=ruling.rule, words=ruling.words)
        answer = replace(
            answer, notices=ruling.notices, suggestions=ruling.suggestions,
            removed=tuple(r for draft in drafts for r in draft.removed),
            writer=self._wrote(statements),
        )  # fmt: skip
        if trace:
            answer = replace(answer, hits=tuple(h for d in drafts for h in _hits(d.retrieval)))
        if not statements:
            return self.outcomes.silent(answer, ruling, drafts)
        return self.outcomes.spoken(answer, ruling, drafts, statements)

    def _wrote(self, statements: Sequence[Statement]) -> str:
        """Whose words are shown: the chat model's only where a sentence of its own stands."""
        own = any(s.support == "paraphrase" for s in statements)
        return self.parts.writer.name if own else "quote"

    def _parts(self, asked: Question) -> list[Question]:
        """The questions of a message with several; each after the first may lean on the one before."""
        pieces = self.parts.reader.pieces(asked.asked)
        if len(pieces) < 2:
            return [asked]
        earlier = asked.earlier
        parts = []
        for piece in pieces[:4]:
            parts.append(replace(asked, text=piece, understood_as=piece, earlier=earlier))
            earlier = (*earlier, piece)
        return parts

    def _draft(self, asked: Question, clock: _Clock) -> Draft:
        """The draft of a question; of a follow-up, as the likeliest of its readings understands it."""
        completed = self.steps.complete(asked)
        clock.lap("complete")
        draft = self._drafted(completed, clock)
        chooser = self.parts.chooser
        if chooser is None or not chooser.ready or not completed.earlier:
            return draft
        likeliest = chooser.best(replace(asked, earlier=completed.earlier))
        clock.lap("choose")
        if likeliest is None:
            return replace(draft, statements=())
        return draft if likeliest.asked == completed.asked else self._drafted(likeliest, clock)

    def _drafted(self, asked: Question, clock: _Clock) -> Draft:
        path: Runnable[Question, Draft] = RunnableLambda(self._retrieved) | RunnableLambda(
            self._written
        )
        draft = path.invoke(asked)
        clock.lap("retrieve_write")
        grounded = self.steps.ground(draft.statements)
        statements = grounded.statements
        if not statements and draft.statements and self.parts.writer.name != "quote":
            quoted = self.steps.ground(self.parts.quotes.write(asked, draft.retrieval))
            statements = quoted.statements
        clock.lap("ground")
        return replace(draft, statements=statements, removed=grounded.removed)

    def _retrieved(self, asked: Question) -> Draft:
        return Draft(asked, self.steps.retrieve(asked))

    def _written(self, draft: Draft) -> Draft:
        try:
            statements = self.steps.write(draft.question, draft.retrieval)
        except Exception:
            if self.parts.writer.name == "quote":
                raise
            statements = ()  # a chat model may fail in any way; the article's words are still there
        if not statements and self.parts.writer.name != "quote":
            statements = self.parts.quotes.write(draft.question, draft.retrieval)
        return replace(draft, statements=statements)

    def _finished(self, answer: Answer, clock: _Clock, trace: bool) -> Answer:
        answer = self._nameless(answer)
        labels = self.labels(answer.language)
        answer = self.steps.finish(answer)
        answer = replace(answer, text=to_text(answer, labels))
        receipt = make_receipt(
            self.corpus, self.policy.fingerprint, answer.citations, to_dict(answer)
        )
        clock.lap("finish")
        return replace(answer, receipt=receipt, timings=clock.laps if trace else None)

    def labels(self, language: str) -> Labels:
        """Words of the layout in `language`."""
        return Labels(
            self.policy.notice("sources", language).text,
            self.policy.notice("no_source", language).text,
        )


def _in_order(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements of several questions: groups as they came, each in the article's order."""
    groups: dict[str | None, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.group, []).append(statement)
    found: list[Statement] = []
    for group in groups.values():
        quoted = all(s.support != "computed" for s in group)
        found += sorted(group, key=lambda s: (s.spans[0].article, s.spans[0].start)) if quoted else group
    return tuple(found)


class _Clock:
    """Milliseconds spent by step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + 1000 * (now - self._last), 2)
        self._last = now


def _clean(text: str) -> str:
    """Text as it is processed: no lone surrogates, control or direction characters."""
    return _CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))


def _hits(retrieval: Retrieval) -> Iterator[dict[str, Any]]:
    for candidate in retrieval.candidates:
        yield {
            "id": candidate.sentence,
            "passage": candidate.sentence.partition("#")[0],
            "score": candidate.probability,
            "features": list(candidate.features),
        }


def phones(corpus: Corpus, first: str) -> tuple[str, ...]:
    """The articles' telephone numbers; `first` (a setting) goes to the front if it is one."""
    found = tuple(dict.fromkeys(p for article in corpus.articles for p in article.phones))
    return tuple(sorted(found, key=lambda phone: phone != first)) if first else found
