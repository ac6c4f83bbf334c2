"""The end of the path: what was found, or not, becomes an answer with the notices it requires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Notice, Outcome, Question, Removed, Ruling, Statement
from assistant.corpus import Corpus
from assistant.numbering import number, only_uncited
from assistant.policy import Policy
from assistant.retrieval import Retrieval
from assistant.suggestions import Suggestions

_CLOSE = 0.1  # probability of an answer from which the nearest passages are worth asking about


@dataclass(frozen=True)
class Draft:
    """One question of a message on its way: what was retrieved, written, and struck out."""

    question: Question
    retrieval: Retrieval
    statements: tuple[Statement, ...] = ()
    removed: tuple[Removed, ...] = ()


class Outcomes:
    """Completes answers: notices by outcome, nearest passages, numbered citations, suggestions."""

    def __init__(
        self, corpus: Corpus, policy: Policy, phones: tuple[str, ...], suggestions: Suggestions
    ) -> None:
        self._corpus, self._policy, self._phones = corpus, policy, phones
        self._suggestions = suggestions

    def ruled(self, answer: Answer, ruling: Ruling) -> Answer:
        """The answer where the scope rules have the last word."""
        notices = ruling.notices
        if ruling.outcome not in ("urgent", "crisis", "courtesy"):
            notices = (*notices, self._policy.notice("scope", answer.language))
        return replace(
            answer, outcome=ruling.outcome, level=ruling.level, rule=ruling.rule,
            words=ruling.words, notices=notices, suggestions=ruling.suggestions,
        )  # fmt: skip

    def notice_only(self, answer: Answer, notice: str, **values: str) -> Answer:
        """One sentence of our own and nothing else: the message cannot be worked on."""
        said = self._policy.notice(notice, answer.language, **values)
        return replace(answer, outcome="not_covered", notices=(said,))

    def silent(self, answer: Answer, ruling: Ruling, drafts: Sequence[Draft]) -> Answer:
        """The article does not say: why, what comes nearest, whom to ask."""
        language = answer.language
        if ruling.outcome == "partly_answered":
            return self.ruled(replace(answer, nearest=()), replace(ruling, outcome="declined"))
        nearest = tuple(dict.fromkeys(p for d in drafts for p in d.retrieval.nearest))[:3]
        places = "; ".join(" > ".join(self._corpus.passages[p].heading[-2:]) for p in nearest)
        notices = [self._policy.notice("not_covered", language)]
        if places.strip("; "):
            notices.append(self._policy.notice("nearest", language, places=places))
        if self._phones:
            notices.append(self._policy.notice("ask_clinic", language, phone=self._phones[0]))
        notices.append(self._policy.notice("scope", language))
        close = any(
            d.retrieval.reading.exercises or d.retrieval.said >= _CLOSE for d in drafts
        )
        general = tuple(self._policy.topics[-1]["suggestions"]["es" if language == "es" else "en"])
        return replace(
            answer, outcome="not_covered", notices=tuple(notices), nearest=nearest,
            suggestions=(self._suggestions.near(nearest, language) if close else ()) or general[:2],
        )  # fmt: skip

    def spoken(
        self, answer: Answer, ruling: Ruling, drafts: Sequence[Draft],
        statements: tuple[Statement, ...],
    ) -> Answer:  # fmt: skip
        """The article says: numbered statements with their citations and the notices around them."""
        numbered, citations = number(self._corpus, statements)
        outcome: Outcome = "answered"
        if ruling.outcome == "partly_answered":
            outcome = "partly_answered"
        return replace(
            answer, outcome=outcome, statements=numbered, citations=citations,
            notices=tuple(self._around(answer, ruling, drafts, citations)),
            suggestions=answer.suggestions or self._suggestions.after(
                numbered, citations, answer.language, answer.question),
        )  # fmt: skip

    def _around(
        self, answer: Answer, ruling: Ruling, drafts: Sequence[Draft],
        citations: Sequence[Citation],
    ) -> list[Notice]:  # fmt: skip
        language, say = answer.language, self._policy.notice
        notices = [*ruling.notices, say("says", language)]
        if language != "en":
            notices.append(say("english_only", language))
        for draft in drafts:
            if not draft.statements and len(drafts) > 1:
                notices.append(say("missing_part", language, part=draft.question.text))
        if any(d.question.asked != d.question.text for d in drafts) and answer.earlier:
            notices.append(say("understood", language, question=answer.understood_as))
        if only_uncited(self._corpus, citations):
            notices.append(say("uncited", language))
        return [*notices, say("scope", language)]
