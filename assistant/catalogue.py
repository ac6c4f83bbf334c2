"""Questions that are computed over the parsed exercises and references, exactly.

Each handler takes a Reading and returns Picks, or None where the question is not of its kind.
A Pick names sentences of the article; with `computed`, one line that stands for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.bibliography import Bibliography
from assistant.claims import Claims
from assistant.conditions import Condition, Conditions
from assistant.corpus import Corpus, sentence_ids
from assistant.exercises import Exercise, Field
from assistant.lexical import fold, stem, words
from assistant.mentions import Mentions
from assistant.picks import Pick, field_line, line_ids
from assistant.understanding import Reading

__all__ = ["Catalogue", "Pick"]

_GROUP_FIELDS = ("hold", "sets", "repetitions", "equipment", "steps", "benefits", "position")


class Catalogue:
    """Computes answers over the exercises and references of a corpus."""

    def __init__(
        self, corpus: Corpus, positions: dict[str, tuple[str, ...]], lying: tuple[str, ...], claims: Claims
    ) -> None:
        self.corpus = corpus
        self._claims = claims
        self._conditions = Conditions(corpus, positions, lying)
        self._bibliography, self._mentions = Bibliography(corpus), Mentions(corpus)
        cues = (*lying, *(cue for many in positions.values() for cue in many))
        self._positions = frozenset(stem(w) for cue in cues for w in words(fold(cue)))
        options = (o for e in corpus.exercises for o in e.equipment_options)
        self._equipment = frozenset(stem(w) for option in options for w in words(option))

    def references(self, reading: Reading) -> list[Pick] | None:
        """ "Is Grace cited?", "DOI of the COPD paper", "which sources are undated?"."""
        return self._bibliography.picks(reading)

    def mentions(self, reading: Reading) -> list[Pick] | None:
        """ "Scoliosis, every mention", "everywhere hamstrings come up"."""
        return self._mentions.picks(reading)

    def claims(self, reading: Reading) -> list[Pick] | None:
        """ "What size of dumbbells for the plank?": the line that puts it right."""
        return self._claims.picks(reading.asking or reading)

    def exercises(self, reading: Reading, wordy: bool = False) -> list[Pick] | None:
        """ "Which need no equipment?", "what works the glutes?", "how many are there?".

        None where words are left that no condition accounts for, unless it may be `wordy`.
        """
        named = reading.exercises if reading.narrowed else ()
        among = tuple(e for e in self.corpus.exercises if e not in named) if reading.excluded else named
        groups = bool({"whole_region", "whole_group"} & reading.cues) and of_exercises(reading)
        asks = groups or among or {"catalogue", "exercise_word", "count"} & reading.cues
        if not asks or (reading.exercises and not among):
            return None
        reading = reading.narrowed or reading
        conditions = self._conditions.of(reading)
        all_of_them = {"whole_group", "exercise_noun"} <= reading.cues
        every = ("every" in reading.cues or all_of_them) and not among and "benefits" not in reading.fields
        everything = (groups or every) and "sources" not in reading.cues
        extremes = {"most", "least"} & reading.cues and reading.fields
        if not conditions and not everything and not extremes:
            return None
        if not wordy and reading.unexplained(s for c in conditions for s in c.words):
            return None
        return self._told(reading, among or self.corpus.exercises, conditions)

    def _told(
        self, reading: Reading, pool: tuple[Exercise, ...], conditions: list[Condition]
    ) -> list[Pick]:
        """What is told of the exercises of a pool that meet the conditions."""
        chosen = [e for e in pool if all(c.meets(e) for c in conditions)]
        chosen = chosen or _any_muscle(pool, conditions)
        extreme = self._extreme(reading, chosen)
        if extreme:
            chosen, conditions = extreme[0], [*conditions, extreme[1]]
        if not chosen:
            return []
        told = self._of_one(reading, chosen, conditions) or self._group(reading, chosen, conditions)
        if told:
            return told
        conditions = [*conditions, *self._amounts(reading, conditions)]
        return [*self._count(reading, chosen), *(self._line(e, conditions) for e in chosen)]

    def _of_one(
        self, reading: Reading, chosen: list[Exercise], conditions: list[Condition]
    ) -> list[Pick]:
        """What is asked of the one exercise that a question describes: "how is the neck one held?"."""
        asked = [f for f in ("hold", "sets", "repetitions", "equipment", "steps") if f in reading.fields]
        definite = "definite" in reading.cues or (
            "steps" in reading.fields and {"all_steps", "how_to"} & reading.cues
        )
        if len(chosen) != 1 or not definite or {c.name for c in conditions} & set(asked):
            return []
        lines = line_ids(chosen[0], asked)
        return [Pick(lines, chosen[0].name)] if lines else []

    def _group(
        self, reading: Reading, chosen: list[Exercise], conditions: list[Condition]
    ) -> list[Pick]:
        """What is asked of each of a group: "benefits of the core ones", "all eight, the steps"."""
        if "count" in reading.cues and not {"per", "each", "whole_group"} & reading.cues:
            return []
        used = {c.name.removeprefix("no ") for c in conditions}
        names = [f for f in _GROUP_FIELDS if f in reading.fields and f not in used]
        # "I need the benefits of each" asks for no equipment.
        gives = "benefits" in names and "each_gives" in reading.cues
        names = [n for n in names if n != ("equipment" if gives else "benefits")]
        if not {"all_steps", "whole_group"} & reading.cues or (
            len(names) > 1 and "all_steps" not in reading.cues
        ):
            names = [n for n in names if n != "steps"]
        if not {"steps", "equipment", "benefits", "position"} & set(names):
            return []
        lines = [(e.name, line_ids(e, names)) for e in chosen]
        return [Pick(ids, name) for name, ids in lines if ids]

    def _amounts(self, reading: Reading, conditions: list[Condition]) -> list[Condition]:
        """What is asked of each exercise found ("the reps of the upper body ones"), as its lines."""
        used = {c.name.removeprefix("no ") for c in conditions}
        names = [f for f in ("hold", "sets", "repetitions") if f in reading.fields and f not in used]
        if "count" in reading.cues and not {"per", "every", "each"} & reading.cues:
            names = [n for n in names if n != "repetitions"]  # "how many do I hold?" counts exercises
        return [Condition(n, lambda e: True, lambda e, n=n: field_line(e, n)) for n in names]  # type: ignore[misc]

    def _extreme(
        self, reading: Reading, chosen: list[Exercise]
    ) -> tuple[list[Exercise], Condition] | None:
        """The exercises with the longest or shortest hold, the most or fewest repetitions."""
        way = next((w for w in ("most", "least") if w in reading.cues), None)
        name = next((f for f in ("hold", "repetitions", "sets") if f in reading.fields), None)
        values = {e.id: _largest(e, name) for e in chosen} if way and name else {}
        known = {key: value for key, value in values.items() if value}
        if not known or name is None:
            return None
        best = max(known.values()) if way == "most" else min(known.values())
        return (
            [e for e in chosen if known.get(e.id) == best],
            Condition(name, lambda e: True, lambda e: field_line(e, name)),
        )

    def _count(self, reading: Reading, chosen: list[Exercise]) -> list[Pick]:
        if "count" not in reading.cues or "each" in reading.cues:
            return []
        ids = tuple(sentence_ids(e.passage)[0] for e in chosen)
        return [Pick(ids, None, str(len(chosen)))]

    def _line(self, exercise: Exercise, conditions: list[Condition]) -> Pick:
        ids = sentence_ids(exercise.passage)
        sentences = [exercise.passage.sentences[0]]
        for condition in conditions:
            if condition.meets(exercise):
                sentences += [s for s in condition.line(exercise) if s not in sentences]
        sentences.sort(key=lambda s: s.start)
        chosen = tuple(ids[exercise.passage.sentences.index(s)] for s in sentences)
        return Pick(chosen, None, "; ".join(s.shown.rstrip(".") for s in sentences) + ".")

    def fields(self, reading: Reading) -> list[Pick] | None:
        """ "Chin tuck reps", "how do you do a plank?": the lines of the exercises named."""
        if not reading.exercises:
            return None
        used = self._positions | (self._equipment if "equipment" in reading.fields else frozenset())
        if reading.unexplained(used) or ({"compare"} & reading.cues and len(reading.exercises) < 2):
            return None
        if "sources" in reading.cues:
            return [Pick(line_ids(e, ["benefits"]), e.name) for e in reading.exercises]
        if reading.fields == {"position"}:
            return [Pick(line_ids(e, ["position"]), e.name) for e in reading.exercises]
        if "position" in reading.fields and not {"hold", "sets", "repetitions"} & reading.fields:
            return None
        kinds: tuple[str, ...] = ("hold", "sets", "repetitions", "equipment", "steps", "benefits")
        names = [f for f in kinds if f in reading.fields]
        if "compare" in reading.cues and not reading.fields:
            names = ["purpose", "benefits"]
        if "hold" in names or "repetitions" in names or "sets" in names:
            names = [n for n in names if n != "steps" or "all_steps" in reading.cues]
        if "steps" in names and ("benefits" not in names or "all_steps" in reading.cues):
            names = ["steps"]
        picks = []
        for exercise in reading.exercises:
            lines = line_ids(exercise, names or ["steps"])
            if lines:
                picks.append(Pick(lines, exercise.name))
        return picks


def of_exercises(reading: Reading) -> bool:
    """Whether what is asked is told of exercises alone: amounts, or anything "of each move"."""
    asked = set(_GROUP_FIELDS) & reading.fields
    return bool(asked & {"hold", "sets", "repetitions", "equipment"}) or bool(
        asked and "exercise_noun" in reading.cues
    )


def _any_muscle(pool: Iterable[Exercise], conditions: list[Condition]) -> list[Exercise]:
    """For "the glutes and hamstrings", which nothing works together: what works either."""
    muscles = [c for c in conditions if c.name == "muscle"]
    others = [c for c in conditions if c.name != "muscle"]
    if len(muscles) < 2:
        return []
    return [
        e for e in pool
        if all(c.meets(e) for c in others) and any(c.meets(e) for c in muscles)
    ]  # fmt: skip


def _largest(exercise: Exercise, name: str | None) -> int:
    field: Field | None = getattr(exercise, name) if name else None
    return max((int(n) for n in re.findall(r"\d+", field.text)), default=0) if field else 0
