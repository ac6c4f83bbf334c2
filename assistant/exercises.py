"""Exercises, parsed from the article's own lines and never typed twice.

An exercise is a `####` heading "Name (Strengthens A, Stretches B)" with the fields Equipment,
Instructions (its steps as nested items) and Benefits. Hold, sets and repetitions are read from
the steps ("Hold for 2 seconds", "3 sets", "10–12 repetitions per leg", "repeat 2–3 times").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.article import FIELD, Article, Passage, Sentence, slug
from assistant.errors import CorpusError

_NUMBER = r"\d+(?:\s*[–-]\s*\d+)?"
_HOLD = re.compile(rf"\b[Hh]old for ({_NUMBER} (?:seconds?|minutes?))")
_SETS = re.compile(rf"\b({_NUMBER}) sets?\b")
_REPETITIONS = re.compile(
    rf"\b({_NUMBER} repetitions?(?: per \w+)?)|\brepeat ({_NUMBER} times)", re.IGNORECASE
)
_TITLE = re.compile(r"^(?P<name>[^(]+?)\s*(?:\((?P<purposes>[^()]*)\))?$")
_PURPOSE = re.compile(r"^(?P<verb>Strengthens|Stretches|Improves)\s+(?P<what>.+)$")


@dataclass(frozen=True)
class Field:
    """A value of an exercise and the characters of the article's file that it stands on."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Exercise:
    """One exercise with all its fields; what the article does not state is None or empty."""

    id: str
    name: str
    region: str
    title: Field
    strengthens: tuple[Field, ...]
    stretches: tuple[Field, ...]
    improves: tuple[Field, ...]
    equipment: Field
    steps: tuple[Field, ...]
    hold: Field | None
    sets: Field | None
    repetitions: Field | None
    benefits: Field
    positions: tuple[str, ...]
    references: tuple[str, ...]
    passage: Passage

    @property
    def equipment_options(self) -> tuple[str, ...]:
        """What may be used, one item each, in lower case: ("resistance band", "none")."""
        return tuple(p.strip().lower() for p in re.split(r"\bor\b|,", self.equipment.text))

    @property
    def purposes(self) -> tuple[str, ...]:
        """`strengthen` and/or `stretch`, as the title states."""
        pairs = (("strengthen", self.strengthens), ("stretch", self.stretches))
        return tuple(name for name, fields in pairs if fields)

    def to_dict(self) -> dict[str, object]:
        """The exercise as plain data; what the article does not state is None."""
        one = {name: getattr(self, name) for name in ("hold", "sets", "repetitions")}
        many = {
            name: [field.text for field in getattr(self, name)]
            for name in ("strengthens", "stretches", "improves", "steps")
        }
        return {
            "id": self.id, "name": self.name, "title": self.title.text, "region": self.region,
            "equipment": self.equipment.text, "benefits": self.benefits.text,
            "positions": list(self.positions), "references": list(self.references),
            **many, **{name: field.text if field else None for name, field in one.items()},
        }  # fmt: skip

    def sentence(self, field: Field) -> Sentence:
        """The line of the article in which `field` stands."""
        return next(s for s in self.passage.sentences if s.start <= field.start < s.end)


@dataclass(frozen=True)
class ExerciseWords:
    """Words by which positions and "no equipment" are told (data of the corpus).

    `ignored` say nothing in a search for an exercise; `gear` and `body` are things and parts of the
    body that a question may wrongly take for granted. A corpus may do without these three.
    """

    positions: dict[str, tuple[str, ...]]
    no_equipment: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    gear: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


def read_exercise_words(path: Path) -> ExerciseWords:
    """The words in `path` (JSON). Raises CorpusError when it cannot be used."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        positions = {name: tuple(words) for name, words in data["positions"].items()}
        others = {name: tuple(data.get(name, ())) for name in ("ignored", "gear", "body")}
        return ExerciseWords(positions, tuple(data["no_equipment"]), **others)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"cannot be used ({type(error).__name__})"
        raise CorpusError(path, what, "restore it; see corpus/README.md") from None


def read_exercises(article: Article, words: ExerciseWords) -> tuple[Exercise, ...]:
    """All exercises of `article` in reading order. Raises CorpusError for a broken one."""
    return tuple(
        _read(article, passage, words) for passage in article.passages if passage.kind == "exercise"
    )


def _read(article: Article, passage: Passage, words: ExerciseWords) -> Exercise:
    title, *lines = passage.sentences
    match = _TITLE.match(title.text)
    if not match:
        raise _error(article, title, "unusable exercise title", "write Name (Strengthens ...)")
    fields = _fields(article, lines)
    purposes = _purposes(article, title, match)
    steps = tuple(Field(s.text, s.start, s.end) for s in fields["Instructions"])
    if not steps:
        raise _error(article, title, "the exercise has no steps", "nest them under Instructions:")
    equipment = _value(article, fields, "Equipment", title)
    benefits = _value(article, fields, "Benefits", title)
    text = " ".join(step.text.lower() for step in steps[:1])
    return Exercise(
        id=passage.id,
        name=match["name"],
        region=_region(passage),
        title=Field(title.text, title.start, title.end),
        strengthens=purposes["Strengthens"],
        stretches=purposes["Stretches"],
        improves=purposes["Improves"],
        equipment=equipment,
        steps=steps,
        hold=_find(_HOLD, steps),
        sets=_find(_SETS, steps),
        repetitions=_find(_REPETITIONS, steps),
        benefits=benefits,
        positions=tuple(name for name, cues in words.positions.items() if _any(cues, text)),
        references=passage.references,
        passage=passage,
    )


def _any(cues: Iterable[str], text: str) -> bool:
    return any(re.search(rf"\b{re.escape(cue)}\b", text) for cue in cues)


def _region(passage: Passage) -> str:
    parent = passage.heading[-2] if len(passage.heading) > 1 else ""
    return re.sub(r"\s*exercises$", "", parent, flags=re.IGNORECASE).lower()


def _fields(article: Article, lines: list[Sentence]) -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {"Instructions": []}
    current = ""
    for line in lines:
        match = FIELD.match(line.text)
        if match:
            current = match[1]
            if current != "Instructions" and current in found:
                raise _error(article, line, f"{current} is given twice", "keep one")
            found.setdefault(current, [])
            if current != "Instructions":
                found[current].append(line)
        elif current == "Instructions" and not re.match(r"^[A-Z][a-z]+:", line.text):
            found["Instructions"].append(line)
        else:
            known = "Equipment, Instructions or Benefits"
            raise _error(article, line, f"unknown field {line.text[:30]!r}", f"use {known}")
    return found


def _value(
    article: Article, fields: dict[str, list[Sentence]], name: str, title: Sentence
) -> Field:
    if name not in fields:
        raise _error(article, title, f"the exercise lacks {name}", f"add - {name}: ...")
    line = fields[name][0]
    text = line.shown[len(name) + 1 :].strip()
    if not text:
        raise _error(article, line, f"{name} is empty", "state it, or None")
    start = line.start + line.text.index(text.rstrip("."), len(name) + 1)
    return Field(text, start, line.end)


def _purposes(
    article: Article, title: Sentence, match: re.Match[str]
) -> dict[str, tuple[Field, ...]]:
    found: dict[str, tuple[Field, ...]] = {"Strengthens": (), "Stretches": (), "Improves": ()}
    if not match["purposes"]:
        return found
    position = match.start("purposes")
    for part in match["purposes"].split(","):
        purpose = _PURPOSE.match(part.strip())
        if not purpose:
            what = f"unknown purpose {part.strip()!r}"
            raise _error(article, title, what, "begin with Strengthens, Stretches or Improves")
        what = re.sub(r"^the ", "", purpose["what"], flags=re.IGNORECASE)
        start = title.start + title.text.index(what, position)
        found[purpose["verb"]] += (Field(what, start, start + len(what)),)
        position += len(part) + 1
    return found


def _find(pattern: re.Pattern[str], steps: tuple[Field, ...]) -> Field | None:
    for step in steps:
        if match := pattern.search(step.text):
            group = next(i for i, value in enumerate(match.groups(), 1) if value)
            return Field(match[group], step.start + match.start(group), step.start + match.end(group))
    return None


def _error(article: Article, sentence: Sentence, what: str, remedy: str) -> CorpusError:
    line = article.text.count("\n", 0, sentence.start) + 1
    return CorpusError(article.path, what, remedy, line)


def find_exercises(
    exercises: Iterable[Exercise],
    region: str | None = None,
    equipment: str | None = None,
    muscle: str | None = None,
    purpose: str | None = None,
    search: str | None = None,
) -> list[Exercise]:
    """The exercises that meet every given condition, in reading order.

    `region` and `equipment` take the article's own values ("upper body", "resistance band",
    "none"); `muscle` a word of what is strengthened, stretched or in the benefits; `purpose`
    strengthen or stretch; `search` words that must all occur somewhere in the exercise.
    """
    found = []
    for exercise in exercises:
        text = _searchable(exercise)
        if region and slug(exercise.region) != slug(region):
            continue
        if equipment and slug(equipment) not in map(slug, exercise.equipment_options):
            continue
        if muscle and not _mentions(_muscles(exercise, purpose), muscle):
            continue
        if purpose and purpose not in exercise.purposes:
            continue
        if search and not all(_mentions(text, word) for word in search.split()):
            continue
        found.append(exercise)
    return found


def _muscles(exercise: Exercise, purpose: str | None) -> str:
    by_purpose = {"strengthen": exercise.strengthens, "stretch": exercise.stretches}
    fields = by_purpose.get(purpose or "", exercise.strengthens + exercise.stretches)
    words = " ".join(field.text for field in fields)
    return words if purpose else f"{words} {exercise.name} {exercise.benefits.text}"


def _searchable(exercise: Exercise) -> str:
    return f"{exercise.region} {exercise.passage.text}"


def _mentions(text: str, word: str) -> bool:
    stem = re.sub(r"(?<=\w{3})e?s$", "", word.strip().lower())
    return re.search(rf"(?<!\w){re.escape(stem)}", text.lower()) is not None
