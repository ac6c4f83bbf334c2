"""What an exercise handout says, in reading order, before anything is laid out.

The exercises, sources, notice and contact are the article's own words, taken from their spans; the
rest is the own voice from the policy's notices (ids `handout_...`). Both layouts (PDF, print view)
print exactly this. What this module leaves out: fonts, pages, pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.article import Article
from assistant.corpus import Corpus
from assistant.errors import InputError, PolicyError
from assistant.exercises import Exercise, Field

Notices = Mapping[str, Mapping[str, Any]]
FINGERPRINT = 12  # characters of the article's sha256 that a person can compare
_SLOT = re.compile(r"\{(\w+)\}")
_STOP = re.compile(r"^handout_stop_\d+_")


@dataclass(frozen=True)
class Entry:
    """A label and its text; `stated` is False where the article gives none."""

    label: str
    text: str
    stated: bool = True


@dataclass(frozen=True)
class Card:
    """One exercise: title, hold / sets / repetitions, equipment, steps, benefit with citation.

    `language` is the language of the article's words.
    """

    id: str
    title: str
    doses: tuple[Entry, ...]
    equipment: Entry
    steps: tuple[str, ...]
    benefit: Entry
    language: str


@dataclass(frozen=True)
class Section:
    """A heading of our own and paragraphs under it; `language` is that of the paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]
    language: str


@dataclass(frozen=True)
class Sheet:
    """All texts of a handout in the order in which they are read; `foot` stands on every page."""

    language: str
    title: str
    lead: tuple[str, ...]
    stop: str
    warnings: tuple[Entry, ...]
    cards: tuple[Card, ...]
    start: str
    end: str
    sections: tuple[Section, ...]
    foot: str
    page: str

    def texts(self) -> Iterator[str]:
        """Every text of the sheet."""
        yield from (self.title, *self.lead, self.stop, self.start, self.end, self.foot, self.page)
        for card in self.cards:
            yield from (card.title, *card.steps)
        entries = [e for c in self.cards for e in (*c.doses, c.equipment, c.benefit)]
        for entry in (*self.warnings, *entries):
            yield from (entry.label, entry.text)
        for section in self.sections:
            yield from (section.heading, *section.paragraphs)


def make_sheet(
    exercises: Sequence[Exercise],
    corpus: Corpus,
    *,
    notices: Notices,
    today: date,
    language: str = "en",
    reviewed: bool = False,
) -> Sheet:
    """The handout of `exercises`, each printed once, in the given order.

    `notices` are the policy's own-voice strings by id; `language` is en or es (English where it is
    neither); `reviewed` says whether a clinician has signed the policy's files.
    Raises InputError without an exercise, PolicyError for a missing string.
    """
    chosen = list({exercise.id: exercise for exercise in exercises}.values())
    if not chosen:
        raise InputError("a handout needs at least one exercise; choose one")
    articles = [a for a in corpus.articles if any(_is_from(e, a) for e in chosen)]
    say = _Voice(notices, language if language in ("en", "es") else "en")
    return Sheet(
        language=say.language,
        title=say("title"),
        lead=tuple(_lead(articles, reviewed, say)),
        stop=say("stop"),
        warnings=say.warnings(),
        cards=tuple(_card(exercise, corpus, say) for exercise in chosen),
        start=say("start"),
        end=say("end"),
        sections=tuple(_sections(chosen, articles, corpus, say)),
        foot=" · ".join(
            [
                say("printed", date=today.isoformat()),
                *(say("fingerprint", fingerprint=a.sha256[:FINGERPRINT]) for a in articles),
            ]
        ),
        page=say("page", page="{page}", pages="{pages}"),
    )


class _Voice:
    """The own-voice strings of the handout in one language."""

    def __init__(self, notices: Notices, language: str) -> None:
        self.notices, self.language = notices, language

    def __call__(self, name: str, **values: str) -> str:
        return self._text(f"handout_{name}", values)

    def warnings(self) -> tuple[Entry, ...]:
        """What to do and for which signs: the part before the colon, the part after it."""
        ids = [name for name in self.notices if _STOP.match(name)]
        texts = [self._text(name, {}) for name in sorted(ids, key=self._order)]
        parts = [text.partition(":") for text in texts]
        return tuple(Entry(action, capital(signs.strip())) for action, _, signs in parts)

    def _order(self, name: str) -> tuple[int, str]:
        return self.notices[name]["order"], name

    def _text(self, name: str, values: Mapping[str, str]) -> str:
        text = self.notices.get(name, {}).get(self.language)
        if not isinstance(text, str):
            raise PolicyError("notices", f"no notice {name!r} in {self.language!r}", "add it")
        missing = set(_SLOT.findall(text)) - set(values)
        if missing:
            what = f"{name!r} has the unknown slot {min(missing)!r}"
            raise PolicyError("notices", what, "remove it")
        return _SLOT.sub(lambda match: values[match[1]], text)


def capital(text: str) -> str:
    """`text` with a capital first letter, for a part of a sentence that stands by itself."""
    return text[:1].upper() + text[1:]


def _lead(articles: Sequence[Article], reviewed: bool, say: _Voice) -> Iterator[str]:
    """Where the exercises come from, who chooses them, and what nobody has checked yet."""
    for article in articles:
        yield say("from", title=article.title)
    if any(article.language != say.language for article in articles):
        yield say("english_only")
    yield say("chosen")
    if not reviewed:
        yield say("unreviewed")


def _is_from(exercise: Exercise, article: Article) -> bool:
    return exercise.passage.article == article.id


def _card(exercise: Exercise, corpus: Corpus, say: _Voice) -> Card:
    benefit = exercise.sentence(exercise.benefits).text.partition(":")[2].strip()
    return Card(
        id=exercise.id,
        title=exercise.title.text,
        doses=(
            _dose(say("hold"), exercise.hold, say),
            _dose(say("sets"), exercise.sets, say),
            _dose(say("repetitions"), exercise.repetitions, say),
        ),
        equipment=Entry(say("equipment"), exercise.equipment.text),
        steps=tuple(step.text for step in exercise.steps),
        benefit=Entry(say("benefits"), benefit),
        language=corpus.article(exercise.passage.article).language,
    )


def _dose(label: str, field: Field | None, say: _Voice) -> Entry:
    return Entry(label, field.text) if field else Entry(label, say("not_stated"), stated=False)


def _sections(
    exercises: Sequence[Exercise], articles: Sequence[Article], corpus: Corpus, say: _Voice
) -> Iterator[Section]:
    """Contact and notice, where the articles have them, and the sources or that there are none."""
    language = articles[0].language
    if contacts := tuple(_contacts(articles)):
        yield Section(say("contact"), contacts, language)
    if notices := tuple(_scope(articles)):
        yield Section(say("notice"), notices, language)
    if sources := tuple(_sources(exercises, corpus)):
        yield Section(say("sources"), sources, language)
    else:
        yield Section(say("sources"), (say("no_source"),), say.language)


def _sources(exercises: Iterable[Exercise], corpus: Corpus) -> list[str]:
    """The printed reference entries that the exercises cite, in the order of the article's list."""
    cited = {(e.passage.article, reference) for e in exercises for reference in e.references}
    return [entry.printed for key, entry in corpus.references.items() if key in cited]


def _scope(articles: Iterable[Article]) -> list[str]:
    """All that stands under the first notice heading of each article."""
    texts = []
    for article in articles:
        notices = [p for p in article.passages if p.kind == "notice"]
        texts += [p.text for p in notices if p.heading[0] == notices[0].heading[0]]
    return texts


def _contacts(articles: Iterable[Article]) -> list[str]:
    """The article's sentences that give a telephone number."""
    return [
        sentence.text
        for article in articles
        for passage in article.passages
        for sentence in passage.sentences
        if any(phone in sentence.text for phone in article.phones)
    ]
