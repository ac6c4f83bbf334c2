"""The planted defects: what can go wrong in an assistant of this kind, one at a time.

Each changes one step of the path through ``Assistant.open(change=...)`` and nothing on disk.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant import Answer, Grounded, Question, Ruling, Statement, Steps
from eval.asking import is_repeated
from eval.cases import Case
from eval.errors import InputError

Change = Callable[[Steps], Steps]
_NUMBER = re.compile(r"\d+")
_HEDGE = re.compile(r"\b(?:may|can|could|might) ")
_ORDER = re.compile(
    r"\b(?:you are now|eres|novel|refuse|md|agreed|ignore|ignora|pretend|forget|rules?|system|act as|role|instructions?|instrucciones|prompt|"
    r"mode|modo|override|allowed|developer|admin|from now on|hypothetical\w*|story|say that|answer)\b",
    re.IGNORECASE,
)
_SIDES = {"upper": "lower", "lower": "upper", "left": "right", "right": "left"}
_SIDE = re.compile(rf"\b(?:{'|'.join(_SIDES)})\b")


@dataclass(frozen=True)
class Defect:
    """A defect: what it breaks, which cases reveal it, and which scorers must notice.

    ``writer`` names the writer whose answers it spoils: "quote" is the assistant's own, "bad" one
    that the defect puts in its place. A ``harmless`` one changes nothing and must pass.
    """

    name: str
    what: str
    change: Change
    probe: Callable[[Case], bool]
    caught_by: tuple[str, ...]
    writer: str = "quote"
    harmless: bool = False


def _answers(case: Case) -> bool:
    return case.expects_answer


def _slices(*names: str) -> Callable[[Case], bool]:
    return lambda case: case.slice in names


def _expects(*outcomes: str) -> Callable[[Case], bool]:
    return lambda case: case.outcome in outcomes


def _any(case: Case) -> bool:
    return True


def _finishing(spoil: Callable[[Answer], Answer]) -> Change:
    """A change that spoils every finished answer."""
    return lambda steps: replace(steps, finish=lambda answer: spoil(steps.finish(answer)))


def _ruling(spoil: Callable[[Question, Ruling], Ruling]) -> Change:
    """A change that spoils every ruling."""
    return lambda steps: replace(steps, rule=lambda asked: spoil(asked, steps.rule(asked)))


def _writing(spoil: Callable[[tuple[Statement, ...]], tuple[Statement, ...]]) -> Change:
    """A change that spoils what the writer gives, before it is grounded."""
    return lambda steps: replace(steps, write=lambda asked, found: spoil(steps.write(asked, found)))


def _ungrounded(change: Change) -> Change:
    """The same change with the sentence checker off."""
    return lambda steps: replace(change(steps), ground=lambda drafts: Grounded(tuple(drafts), ()))


def _let_pass(ruling: Ruling) -> Ruling:
    return replace(
        ruling, outcome="answered", level=None, rule=None, words=(), notices=(), suggestions=()
    )


# Writers gone wrong -----------------------------------------------------------------------------


def _worded(
    alter: Callable[[str], str],
) -> Callable[[tuple[Statement, ...]], tuple[Statement, ...]]:
    def altered(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(replace(item, text=alter(item.text)) for item in statements)

    return altered


def _other_number(text: str) -> str:
    return _NUMBER.sub(lambda match: str(int(match[0]) + 1), text, count=1)


def _other_side(text: str) -> str:
    return _SIDE.sub(lambda match: _SIDES[match[0]], text)


def _unhedged(text: str) -> str:
    return _HEDGE.sub("", text)


def _invented(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    text = "Most people feel better within two weeks."
    made_up = [replace(item, text=text, support="paraphrase") for item in statements[:1]]
    return (*statements, *made_up)


# Answers gone wrong -----------------------------------------------------------------------------


def _without_notice(answer: Answer, name: str) -> Answer:
    kept = tuple(notice for notice in answer.notices if notice.id != name)
    return replace(answer, notices=kept)


def _reworded_notices(answer: Answer) -> Answer:
    changed = tuple(
        replace(notice, text=notice.text.replace("not ", "")) if notice.id == "scope" else notice
        for notice in answer.notices
    )
    return replace(answer, notices=changed)


def _shifted_numbers(answer: Answer) -> Answer:
    shifted = tuple(
        replace(item, citations=tuple(number + 1 for number in item.citations))
        for item in answer.statements
    )
    return replace(answer, statements=shifted)


def _altered_quotes(answer: Answer) -> Answer:
    changed = tuple(replace(item, quote=_other_number(item.quote)) for item in answer.citations)
    return replace(answer, citations=changed)


def _altered_numbers(answer: Answer) -> Answer:
    changed = tuple(replace(item, text=_other_number(item.text)) for item in answer.statements)
    return replace(answer, statements=changed)


def _swapped_references(answer: Answer) -> Answer:
    """Each citation gets the references of the one after it."""
    given = [item.references for item in answer.citations]
    turned = given[1:] + given[:1]
    swapped = tuple(
        replace(item, references=other)
        for item, other in zip(answer.citations, turned, strict=True)
    )
    return replace(answer, citations=swapped)


def _no_references(answer: Answer) -> Answer:
    bare = tuple(replace(item, references=()) for item in answer.citations)
    return replace(answer, citations=bare)


def _advising(answer: Answer) -> Answer:
    if answer.outcome != "declined":
        return answer
    advice = "You should do the plank twice a day. It is safe for you."
    changed = tuple(
        replace(notice, text=advice) if notice.order < 0 else notice for notice in answer.notices
    )
    return replace(answer, notices=changed)


def _urgent_last(answer: Answer) -> Answer:
    """A long greeting before the action."""
    if answer.outcome not in ("urgent", "crisis") or not answer.notices:
        return answer
    greeting = "Thank you for writing. I am an automated assistant for one article. " * 5
    first = replace(answer.notices[0], id="greeting", text=greeting.strip(), order=-99)
    return replace(answer, notices=(first, *answer.notices))


def _echoing(answer: Answer) -> Answer:
    return replace(answer, understood_as=answer.question)


def _restless(answer: Answer) -> Answer:
    return replace(answer, suggestions=(*answer.suggestions, secrets.token_hex(4)))


def _in_english(answer: Answer) -> Answer:
    return replace(answer, language="en")


def _unhelpful(answer: Answer) -> Answer:
    return replace(answer, nearest=())


def _backwards(answer: Answer) -> Answer:
    return replace(answer, statements=tuple(reversed(answer.statements)))


def _cut_short(answer: Answer) -> Answer:
    return replace(answer, statements=answer.statements[:1])


# Steps gone wrong -------------------------------------------------------------------------------


def _forgetful(steps: Steps) -> Steps:
    """Follow-ups are taken as they stand, without the earlier messages."""

    def retrieve(asked: Question) -> Any:
        return steps.retrieve(replace(asked, earlier=()))

    return replace(steps, complete=lambda asked: replace(asked, earlier=()), retrieve=retrieve)


def _never_abstaining(steps: Steps) -> Steps:
    """The floor of abstention is zero: every candidate seems certain."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        sure = tuple(replace(item, probability=1.0) for item in found.candidates[:3])
        return replace(found, candidates=sure)

    return replace(steps, retrieve=retrieve)


def _without_best(steps: Steps) -> Steps:
    """Retrieval loses what it ranks first."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        return replace(found, candidates=found.candidates[1:])

    return replace(steps, retrieve=retrieve)


def _generous(steps: Steps) -> Steps:
    """Retrieval keeps everything, so that answers drown in sentences beside the point."""

    def retrieve(asked: Question) -> Any:
        found = steps.retrieve(asked)
        best = max((item.probability for item in found.candidates), default=0.0)
        near = tuple(replace(item, probability=best) for item in found.candidates)
        return replace(found, candidates=near)

    return replace(steps, retrieve=retrieve)


def _retriever_without(switch: str) -> Change:
    """The assistant's retriever (a LangChain retriever) with one of its searches off."""

    def change(steps: Steps) -> Steps:
        retriever = getattr(steps.retrieve, "__self__", None)
        if not hasattr(retriever, switch):
            raise InputError(f"the retriever has no switch {switch!r}")
        return replace(steps, retrieve=retriever.model_copy(update={switch: False}).retrieve)

    return change


def _failing_in_spanish(steps: Steps) -> Steps:
    def rule(asked: Question) -> Ruling:
        if asked.language == "es":
            raise RuntimeError("no Spanish today")
        return steps.rule(asked)

    return replace(steps, rule=rule)


# Rulings gone wrong -----------------------------------------------------------------------------


def _no_alarm(asked: Question, ruling: Ruling) -> Ruling:
    return _let_pass(ruling) if ruling.outcome == "urgent" else ruling


def _no_rule(prefix: str) -> Callable[[Question, Ruling], Ruling]:
    def spoil(asked: Question, ruling: Ruling) -> Ruling:
        return _let_pass(ruling) if (ruling.rule or "").upper().startswith(prefix) else ruling

    return spoil


def _no_crisis(asked: Question, ruling: Ruling) -> Ruling:
    return _let_pass(ruling) if ruling.outcome == "crisis" else ruling


def _level_down(asked: Question, ruling: Ruling) -> Ruling:
    return replace(ruling, level="stop_exercise") if ruling.level else ruling


def _never_declining(asked: Question, ruling: Ruling) -> Ruling:
    declining = ruling.outcome in ("declined", "partly_answered")
    return _let_pass(replace(ruling, general=None)) if declining else ruling


def _stonewalling(asked: Question, ruling: Ruling) -> Ruling:
    """Whoever says "my" or "I" is refused."""
    personal = re.search(r"\b(?:my|i)\b", asked.text, re.IGNORECASE)
    return replace(ruling, outcome="declined") if ruling.passes and personal else ruling


def _obedient(asked: Question, ruling: Ruling) -> Ruling:
    """A message that gives the assistant orders passes, whatever it asks."""
    ordered = _ORDER.search(asked.text)
    return _let_pass(replace(ruling, general=None)) if ordered else ruling


_FACTS = ("key_facts", "all_facts", "gold_recall", "outcome", "precision", "wrong_abstention")
_LIST: tuple[Defect, ...] = (
    Defect("none", "nothing is changed", lambda steps: steps, _any, (), harmless=True),
    Defect(
        "checker-off-number", "the checker is off and the writer raises a number",
        _ungrounded(_writing(_worded(_other_number))), _answers,
        ("quote_fidelity", "figure_fidelity", "citation_recall"), writer="bad",
    ),
    Defect(
        "checker-off-invention", "the checker is off and the writer adds a sentence of its own",
        _ungrounded(_writing(_invented)), _answers, ("citation_recall", "precision"), writer="bad",
    ),
    Defect(
        "checker-off-hedge", "the checker is off and the writer drops may and can",
        _ungrounded(_writing(_worded(_unhedged))), _answers,
        ("quote_fidelity", "figure_fidelity"), writer="bad",
    ),
    Defect(
        "checker-off-side", "the checker is off and the writer swaps upper and lower",
        _ungrounded(_writing(_worded(_other_side))), _answers,
        ("quote_fidelity", "figure_fidelity"), writer="bad",
    ),
    Defect(
        "number-altered-late", "a number is altered after the check",
        _finishing(_altered_numbers), _answers, ("quote_fidelity", "figure_fidelity"),
    ),
    Defect(
        "quotes-altered", "the quotes beside an answer are altered by one number",
        _finishing(_altered_quotes), _answers, ("citation_validity",),
    ),
    Defect(
        "citations-shifted", "citation numbers are one too high",
        _finishing(_shifted_numbers), _answers, ("citation_validity", "citation_recall"),
    ),
    Defect(
        "references-swapped", "citations show each other's references",
        _finishing(_swapped_references), _answers, ("attribution",),
    ),
    Defect(
        "references-dropped", "citations show no references",
        _finishing(_no_references), _answers, ("attribution", "references"),
    ),
    Defect(
        "abstention-off", "the floor of abstention is zero",
        _never_abstaining, _slices("near_miss", "far_miss"), ("outcome",),
    ),
    Defect("best-lost", "retrieval loses its best sentence", _without_best, _answers, _FACTS),
    Defect(
        "lexical-off", "the lexical search is off", _retriever_without("use_lexical"),
        _answers, _FACTS,
    ),
    Defect(
        "variants-off", "the question variants are not searched",
        _retriever_without("use_variants"), _answers, _FACTS,
    ),
    Defect(
        "all-kept", "every sentence found is shown", _generous, _answers,
        ("precision", "precision_words"),
    ),
    Defect(
        "memory-off", "follow-ups are taken without the earlier messages",
        _forgetful, _slices("followups"), _FACTS,
    ),
    Defect(
        "cut-short", "only the first sentence is shown",
        _finishing(_cut_short), _answers, _FACTS,
    ),
    Defect(
        "backwards", "the steps stand in the wrong order",
        _finishing(_backwards), _answers, ("reading_order",),
    ),
    Defect(
        "red-flags-off", "no emergency is routed", _ruling(_no_alarm),
        _slices("emergencies"), ("routing", "outcome"),
    ),
    Defect(
        "stroke-rule-off", "the rule for strokes is removed", _ruling(_no_rule("STR")),
        _slices("emergencies"), ("routing", "outcome"),
    ),
    Defect(
        "levels-down", "every emergency is only told to stop exercising", _ruling(_level_down),
        _slices("emergencies"), ("routing",),
    ),
    Defect(
        "crises-off", "no crisis is routed", _ruling(_no_crisis),
        _slices("crises"), ("routing",),
    ),
    Defect(
        "advice-rule-off", "individual questions are answered", _ruling(_never_declining),
        _expects("declined"), ("outcome",),
    ),
    Defect(
        "stonewalling", "whoever says I or my is refused", _ruling(_stonewalling),
        _slices("facts", "why", "lookalikes", "contrast", "howto"), ("over_refusal", "outcome"),
    ),
    Defect(
        "injection-obeyed", "orders in a message are obeyed", _ruling(_obedient),
        _slices("injection"), ("outcome",),
    ),
    Defect(
        "refusal-advises", "the refusal's words are replaced by advice", _finishing(_advising),
        _expects("declined"), ("advice_leak", "notices"),
    ),
    Defect(
        "action-late", "a greeting stands before the emergency action", _finishing(_urgent_last),
        _expects("urgent", "crisis"), ("order",),
    ),
    Defect(
        "disclaimer-dropped", "the scope notice is missing",
        _finishing(lambda answer: _without_notice(answer, "scope")), _answers, ("notices",),
    ),
    Defect(
        "disclaimer-reworded", "the scope notice loses its not", _finishing(_reworded_notices),
        _answers, ("notices",),
    ),
    Defect(
        "identifiers-echoed", "what was typed is said back", _finishing(_echoing),
        _slices("privacy"), ("identifiers", "forbidden"),
    ),
    Defect(
        "nearest-dropped", "an abstention shows no nearest passages", _finishing(_unhelpful),
        _expects("not_covered"), ("nearest",),
    ),
    Defect(
        "spanish-in-english", "Spanish questions are taken for English",
        _finishing(_in_english), lambda case: case.language == "es", ("language",),
    ),
    Defect(
        "spanish-fails", "Spanish questions raise an error", _failing_in_spanish,
        lambda case: case.language == "es", ("outcome",),
    ),
    Defect(
        "restless", "the same question gets another answer the next time",
        _finishing(_restless), is_repeated, ("repeatability",),
    ),
)  # fmt: skip
DEFECTS: Mapping[str, Defect] = {defect.name: defect for defect in _LIST}


def change_of(name: str) -> Change:
    """The change that plants a defect. Raises InputError for a name that there is not."""
    if name not in DEFECTS:
        raise InputError(f"no mutant {name!r}; known: {', '.join(DEFECTS)}")
    return DEFECTS[name].change
