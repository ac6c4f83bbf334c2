"""What a question takes for granted of an exercise though the article says otherwise: its true line.

"What size of dumbbells for the plank?", "is the curl done standing?", "the chin tuck trains the
knees, right?": shown is what is really needed, how it is done, what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.corpus import Corpus
from assistant.exercises import Exercise, ExerciseWords
from assistant.lexical import fold, stem, words
from assistant.picks import Pick, line_ids, stems
from assistant.understanding import Reading

_OTHERWISE = frozenset(("sources", "entry", "compare", "among", "varied"))
_AMOUNTS = frozenset(("hold", "sets", "repetitions", "steps"))


class Claims:
    """Finds what a question wrongly takes for granted of the one exercise that it names."""

    def __init__(self, corpus: Corpus, told: ExerciseWords, lying: Iterable[str] = ()) -> None:
        options = {o.split()[-1] for e in corpus.exercises for o in e.equipment_options} - {"none"}
        self._gear = {stem(fold(w)) for w in (*told.gear, *options)}
        self._body = {stem(fold(w)) for w in told.body}
        self._positions = {name: _either(cues) for name, cues in told.positions.items()}
        self._lying = _either(lying)

    def picks(self, reading: Reading) -> list[Pick] | None:
        """The lines that put the question right; None where it takes nothing wrong for granted."""
        if len(reading.exercises) != 1 or _OTHERWISE & reading.cues:
            return None
        exercise = reading.exercises[0]
        own = set(stems(f"{exercise.name} {exercise.passage.text}"))
        said = {stem(p) for w in words(reading.text) for p in w.split("-")} - own
        wrong = []
        if said & self._gear and not _AMOUNTS & reading.fields:
            wrong.append("equipment")
        if "confirms" in reading.cues:
            if self._elsewhere_placed(reading.text, exercise):
                wrong.append("position")
            if said & self._body and {"purpose", "strengthen", "stretch"} & (reading.fields | reading.cues):
                wrong += ["purpose", "benefits"]
        return [Pick(line_ids(exercise, wrong), exercise.name)] if wrong else None

    def _elsewhere_placed(self, text: str, exercise: Exercise) -> bool:
        """Whether the text names positions, and none in which the exercise is done."""
        named = {name for name, cues in self._positions.items() if cues.search(text)}
        if not named and self._lying.search(text):
            named = {name for name in self._positions if name.startswith("lying")}
        return bool(named) and not named & set(exercise.positions)


def _either(cues: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b{re.escape(fold(cue))}\b" for cue in cues) or r"(?!)")
