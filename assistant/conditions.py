"""The conditions that a question sets on exercises, by the article's own values.

"Which need no equipment?", "what works the glutes?", "which are done lying down?": each condition
knows which exercises meet it, which of their lines shows so, and which words it accounts for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from assistant.article import Sentence
from assistant.corpus import Corpus
from assistant.exercises import Exercise, Field
from assistant.lexical import fold, stem, words
from assistant.picks import benefits, equipment_line, field_line, first_step, stems, title
from assistant.understanding import Reading

_SPELLED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "diez": 10, "doce": 12, "quince": 15, "veinte": 20, "treinta": 30,
}  # fmt: skip
_AMOUNT = (
    rf"\b(?P<first>\d+(?:-\d+)?|{'|'.join(_SPELLED)})\b"
    rf"(?: (?:to|or|a|o) (?P<second>\d+|{'|'.join(_SPELLED)}))?[ -]*"
)
_LIMIT = (
    r"(?P<limit>(?:less|shorter|fewer|under|below|up to|at most|no more|more|longer|over|above|at least"
    r"|menos|mas|hasta|al menos)\b(?: than| of| de)? )"
)
_AFTER = re.compile(r" (?:or|and|o|y) (?P<limit>over|more|longer|up|above|mas|less|under|fewer|shorter|below|menos)\b")
_OR_MORE = dict.fromkeys(("over", "more", "longer", "up", "above", "mas"), "at least") | dict.fromkeys(
    ("less", "under", "fewer", "shorter", "below", "menos"), "at most"
)
_MOST, _LEAST = ("up to", "at most", "no more", "hasta"), ("at least", "al menos")
_BELOW = ("less", "shorter", "fewer", "under", "below", "menos")
_UNITS = {
    "hold": r"(?:seconds?|secs?|segundos?)\b", "sets": r"(?:sets?|series)",
    "repetitions": r"(?:reps?|repetitions?|times|repeticiones|veces)",
}  # fmt: skip
_KIND_STEMS = ("strength", "stretch", "lengthen", "loosen", "flexib", "fuer", "fortal", "estir")
_SIDE = re.compile(r"\b(?:per|each|other|both|switch) (?:leg|side|arm)s?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Condition:
    """Something that an exercise must meet; `line` finds the line that shows that it does.

    `words` are the stems of the question that the condition accounts for."""

    name: str
    meets: Callable[[Exercise], bool]
    line: Callable[[Exercise], list[Sentence]]
    words: tuple[str, ...] = ()


class Conditions:
    """Finds the conditions of a question over the exercises of a corpus."""

    def __init__(
        self, corpus: Corpus, positions: dict[str, tuple[str, ...]], lying: tuple[str, ...]
    ) -> None:
        self.corpus, self.positions, self.lying = corpus, positions, lying
        self._vocabulary = {s for e in corpus.exercises for s in _purpose_stems(e)}

    def of(self, reading: Reading) -> list[Condition]:
        """The conditions that a question sets, by the article's own values."""
        position = list(self._position(reading))
        lying = {s for c in position for s in c.words}
        phrases = tuple(p for p in reading.phrases if not set(p[0]) <= lying)  # "belly down"
        if len(phrases) < len(reading.phrases):
            meant = tuple(dict.fromkeys(m for _, means in phrases for m in means))
            reading = replace(reading, phrases=phrases, meant=meant)
        found = [
            *self._region(reading), *self._equipment(reading), *self._amounts(reading),
            *self._missing(reading), *position, *self._cited(reading),
            *self._purpose(reading), *self._per(reading),
        ]  # fmt: skip
        used = {s for c in found for s in c.words}
        if not self._joined(reading, found):
            found += self._muscles(reading, used)
        return found or list(self._kind(reading))

    @staticmethod
    def _joined(reading: Reading, found: list[Condition]) -> bool:
        """Whether an everyday word for a region stands beside a part of it: "leg and hip"."""
        region = any(c.name == "region" and " ".join(c.words[:1]) for c in found)
        named = any(re.search(rf"\b{re.escape(fold(m))}\b", reading.text) for m in reading.meant)
        return region and not named and "side_by_side" in reading.cues

    def _region(self, reading: Reading) -> Iterable[Condition]:
        regions = dict.fromkeys(e.region for e in self.corpus.exercises if "per" not in reading.cues)
        for region in regions:
            if region and (
                re.search(rf"\b{re.escape(region)}\b", reading.text)
                or region in map(fold, reading.meant)
            ):
                yield Condition("region", lambda e, r=region: e.region == r, title, stems(region))  # type: ignore[misc]
                return

    def _equipment(self, reading: Reading) -> Iterable[Condition]:
        if "no_equipment" in reading.cues:
            yield Condition("equipment", lambda e: "none" in e.equipment_options, equipment_line, stems("equip equipment hotel room"))
            return
        options = {o for e in self.corpus.exercises for o in e.equipment_options if o != "none"}
        for option in sorted(options):
            last = option.split()[-1]
            named = stem(last) in reading.stems
            if not named:
                continue
            if re.search(rf"\b(without|no|not|sin|don'?t have|can'?t find|lost|forgot)\b( \w+){{0,2}} {last}", reading.text):
                yield Condition(
                    "equipment", lambda e, o=option: o not in e.equipment_options or "none" in e.equipment_options,  # type: ignore[misc]
                    equipment_line, (*stems(option), *stems("lost forgot find have")),
                )  # fmt: skip
            else:
                yield Condition("equipment", lambda e, o=option: o in e.equipment_options, equipment_line, stems(option))  # type: ignore[misc]

    def _amounts(self, reading: Reading) -> Iterable[Condition]:
        for name, unit in _UNITS.items():
            match = re.search(rf"{_LIMIT}?{_AMOUNT}{unit}", reading.text)
            if match:
                wanted = _number(match["first"], match["second"])
                after = _AFTER.match(reading.text, match.end())
                limit = match["limit"] or (_OR_MORE[after["limit"]] if after else "")
                meets = _bounded(name, limit, wanted) if limit else _has(name, wanted)
                yield Condition(name, meets, lambda e, n=name: field_line(e, n), stems(match.group()))  # type: ignore[misc]

    def _missing(self, reading: Reading) -> Iterable[Condition]:
        if "without" not in reading.cues:
            return
        for name in ("hold", "sets", "repetitions"):
            cue = {"hold": "hold|held|time|seconds", "sets": "sets?", "repetitions": "reps?|repetitions?"}
            near = rf"\b(no|not|without|don'?t|doesn'?t|lacks?|missing|sin)\b( \w+){{0,4}} ({cue[name]})"
            if re.search(near, reading.text) and not re.search(rf"\d+ ({cue[name]})", reading.text):
                yield Condition(f"no {name}", lambda e, n=name: getattr(e, n) is None, title, stems("lack lacks missing state stated"))  # type: ignore[misc]

    def _position(self, reading: Reading) -> Iterable[Condition]:
        upright = [n for n, cues in self.positions.items() if not n.startswith("lying") and _said(cues, reading.text)]
        beside = {"both", "other", "each", "whole_group"} & reading.cues
        if beside and upright and _said((*self.lying, *self._ways_of_lying()), reading.text):
            return  # "is one upright and the other lying?" sets no condition
        for name, cues in self.positions.items():
            if _said(cues, reading.text):
                used = tuple(s for cue in cues for s in stems(cue))
                yield Condition("position", lambda e, n=name: n in e.positions, first_step, used)  # type: ignore[misc]
                return
        if _said(self.lying, reading.text):
            yield Condition(
                "position", lambda e: any(p.startswith("lying") for p in e.positions), first_step,
                tuple(s for cue in (*self.lying, *self._ways_of_lying()) for s in stems(cue)),
            )

    def _ways_of_lying(self) -> Iterable[str]:
        return (c for name, cues in self.positions.items() if name.startswith("lying") for c in cues)

    def _cited(self, reading: Reading) -> Iterable[Condition]:
        if not reading.references or "exercise_word" not in reading.cues:
            return
        ids = {r.id for _, r in reading.references}
        yield Condition("source", lambda e: bool(ids & set(e.references)), benefits,
                        tuple(s for _, r in reading.references for a in r.authors for s in stems(f"{a} {r.year} al source study cited backed clinic own page")))

    def _muscles(self, reading: Reading, used: set[str]) -> Iterable[Condition]:
        wanted = [s for s in dict.fromkeys(reading.stems) if s in self._vocabulary - used]
        if not wanted:
            return
        names = _wanted_names(self.corpus.exercises, wanted)
        for group in names:
            yield Condition("muscle", lambda e, g=group: _mentions(e, g, reading), lambda e, g=group: _mention_lines(e, g), group)  # type: ignore[misc]

    def _purpose(self, reading: Reading) -> Iterable[Condition]:
        """ "Only stretches, not strengthening": exercises of one purpose and not the other."""
        if {"strengthen", "stretch", "only"} <= reading.cues:
            first = min(("strengthen", "stretch"), key=lambda n: reading.text.find(n[:7]) % 10**6)
            yield Condition("purpose", lambda e: e.purposes == (first,), title)

    def _kind(self, reading: Reading) -> Iterable[Condition]:
        """ "All the strengthening ones": exercises of one purpose, whatever the muscle."""
        kinds = {"strengthen": "for_strength" in reading.cues, "stretch": "stretch" in reading.cues}
        if sum(kinds.values()) == 1 and "exercise_word" in reading.cues:
            kind = next(name for name, said in kinds.items() if said)
            used = tuple(s for s in reading.stems if s.startswith(_KIND_STEMS))
            yield Condition("purpose", lambda e: kind in e.purposes, title, used)

    def _per(self, reading: Reading) -> Iterable[Condition]:
        if "per" in reading.cues:
            yield Condition(
                "per side", lambda e: bool(e.repetitions and " per " in e.repetitions.text),
                lambda e: field_line(e, "repetitions"), stems("leg side arm either"),
            )  # fmt: skip
        elif "side_to_side" in reading.cues:
            yield Condition("sides", lambda e: bool(_sides(e)), _sides, stems("left right leg side arm other switch"))


def _sides(exercise: Exercise) -> list[Sentence]:
    """The steps that tell of one side after the other."""
    return [line for line in field_line(exercise, "steps") if _SIDE.search(line.shown)]


def _said(cues: Iterable[str], text: str) -> bool:
    plain = text.replace("-", " ")
    return any(re.search(rf"\b{re.escape(fold(cue))}\b", t) for cue in cues for t in (text, plain))


def _number(first: str, second: str | None) -> tuple[int, ...]:
    parts = [first, second] if second else first.split("-")
    return tuple(_SPELLED.get(p, 0) or int(p) for p in parts if p)


def _numbers(exercise: Exercise, name: str) -> tuple[int, ...]:
    field: Field | None = getattr(exercise, name)
    return tuple(int(n) for n in re.findall(r"\d+", field.text)) if field else ()


def _has(name: str, wanted: tuple[int, ...]) -> Callable[[Exercise], bool]:
    """Whether an exercise has this amount, or this end of a range."""

    def meets(exercise: Exercise) -> bool:
        numbers = _numbers(exercise, name)
        return numbers == wanted or (len(wanted) == 1 and wanted[0] in numbers)

    return meets


def _bounded(name: str, limit: str, wanted: tuple[int, ...]) -> Callable[[Exercise], bool]:
    """Whether the most that an exercise has of something is below, above or at a limit."""
    bound = max(wanted)

    def meets(exercise: Exercise) -> bool:
        most = max(_numbers(exercise, name), default=None)
        if most is None:
            return False
        if limit.startswith((*_MOST, *_LEAST)):
            return most <= bound if limit.startswith(_MOST) else most >= bound
        return most < bound if limit.startswith(_BELOW) else most > bound

    return meets


def _purpose_stems(exercise: Exercise) -> set[str]:
    fields = (*exercise.strengthens, *exercise.stretches, *exercise.improves)
    text = " ".join(f.text for f in fields) + " " + exercise.benefits.text
    common = {"and", "the", "of", "strengthens", "improves", "increases", "reduces", "reducing",
              "corrects", "enhances", "balances", "counteracting", "supporting", "strain", "tight",
              "stabilizes", "flexibility", "lower", "upper", "deep", "muscles", "pressure", "tension"}
    return {stem(p) for w in words(text) for p in w.split("-")} - {stem(w) for w in common}


def _wanted_names(exercises: Iterable[Exercise], wanted: list[str]) -> list[tuple[str, ...]]:
    """Groups the wanted stems: those that stand together in a title ("hip flexor") count as one."""
    phrases = {
        tuple(stem(w) for w in words(f.text))
        for e in exercises for f in (*e.strengthens, *e.stretches, *e.improves)
    }  # fmt: skip
    groups: list[tuple[str, ...]] = []
    rest = list(wanted)
    for phrase in sorted(phrases, key=len, reverse=True):
        if len(phrase) > 1 and all(s in rest for s in phrase if s in wanted) and set(phrase) <= set(rest):
            groups.append(phrase)
            rest = [s for s in rest if s not in phrase]
    return groups + [(s,) for s in rest]


def _mentions(exercise: Exercise, group: tuple[str, ...], reading: Reading) -> bool:
    purpose = None
    if ("strengthen" in reading.cues) != ("stretch" in reading.cues):
        purpose = exercise.strengthens if "strengthen" in reading.cues else exercise.stretches
    fields = purpose if purpose is not None else (
        *exercise.strengthens, *exercise.stretches, *exercise.improves)
    if any(_holds(f.text, group) for f in fields):
        return True
    every = (*exercise.strengthens, *exercise.stretches, *exercise.improves)
    contrary = any(_holds(f.text, group) for f in every)
    return not contrary and _holds(exercise.benefits.text, group)


def _mention_lines(exercise: Exercise, group: tuple[str, ...]) -> list[Sentence]:
    return benefits(exercise) if _holds(exercise.benefits.text, group) else title(exercise)


def _holds(text: str, group: tuple[str, ...]) -> bool:
    found = {stem(p) for w in words(text) for p in w.split("-")}
    return set(group) <= found
