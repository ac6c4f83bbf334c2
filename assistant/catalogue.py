"""Questions that are computed over the parsed exercises and references, exactly.

Each handler takes a Reading and returns Picks, or None where the question is not of its kind.
A Pick names sentences of the article; with `computed`, one line that stands for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assistant.article import Sentence
from assistant.corpus import Corpus, sentence_ids
from assistant.exercises import Exercise, Field
from assistant.lexical import fold, stem, words
from assistant.references import Reference
from assistant.understanding import Reading


@dataclass(frozen=True)
class Pick:
    """Sentences to show under the heading `group`; `computed` is shown in their place if set."""

    sentences: tuple[str, ...]
    group: str | None = None
    computed: str | None = None


@dataclass(frozen=True)
class Condition:
    """Something that an exercise must meet; `line` finds the line that shows that it does.

    `words` are the stems of the question that the condition accounts for."""

    name: str
    meets: Callable[[Exercise], bool]
    line: Callable[[Exercise], list[Sentence]]
    words: tuple[str, ...] = ()


class Catalogue:
    """Computes answers over the exercises and references of a corpus."""

    def __init__(
        self, corpus: Corpus, positions: dict[str, tuple[str, ...]], lying: tuple[str, ...]
    ) -> None:
        self.corpus, self.positions, self.lying = corpus, positions, lying
        self._vocabulary = {s for e in corpus.exercises for s in _purpose_stems(e)}

    # Exercises ---------------------------------------------------------------------------------

    def exercises(self, reading: Reading) -> list[Pick] | None:
        """ "Which need no equipment?", "what works the glutes?", "how many are there?"."""
        if not {"catalogue", "exercise_word", "count"} & reading.cues or reading.exercises:
            return None
        conditions = self.conditions(reading)
        everything = bool(re.search(r"\b(exercises|ejercicios)\b", reading.text))
        extremes = {"most", "least"} & reading.cues and reading.fields
        if not conditions and not everything and not extremes:
            return None
        if reading.unexplained(s for c in conditions for s in c.words):
            return None
        chosen = [e for e in self.corpus.exercises if all(c.meets(e) for c in conditions)]
        extreme = self._extreme(reading, chosen)
        if extreme:
            chosen, conditions = extreme[0], [*conditions, extreme[1]]
        if not chosen:
            return []
        return [*self._count(reading, chosen), *(self._line(e, conditions) for e in chosen)]

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
            Condition(name, lambda e: True, lambda e: _field_line(e, name)),
        )

    def conditions(self, reading: Reading) -> list[Condition]:
        """The conditions that a question sets, by the article's own values."""
        found = [
            *self._region(reading), *self._equipment(reading), *self._amounts(reading),
            *self._missing(reading), *self._position(reading), *self._cited(reading),
            *self._purpose(reading), *self._per(reading),
        ]  # fmt: skip
        used = {s for c in found for s in c.words}
        return [*found, *self._muscles(reading, used)]

    def _region(self, reading: Reading) -> Iterable[Condition]:
        regions = dict.fromkeys(e.region for e in self.corpus.exercises if "per" not in reading.cues)
        for region in regions:
            if region and (
                re.search(rf"\b{re.escape(region)}\b", reading.text)
                or region in map(fold, reading.meant)
            ):
                yield Condition("region", lambda e, r=region: e.region == r, _title, _stems(region))  # type: ignore[misc]
                return

    def _equipment(self, reading: Reading) -> Iterable[Condition]:
        if "no_equipment" in reading.cues:
            yield Condition("equipment", lambda e: "none" in e.equipment_options, _equipment_line, _stems("equip equipment hotel room"))
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
                    _equipment_line, (*_stems(option), *_stems("lost forgot find have")),
                )  # fmt: skip
            else:
                yield Condition("equipment", lambda e, o=option: o in e.equipment_options, _equipment_line, _stems(option))  # type: ignore[misc]

    def _amounts(self, reading: Reading) -> Iterable[Condition]:
        pattern = r"\b(\d+(?:-\d+)?|(?:one|two|three|four|five|ten)\b)(?: (?:to|or|a) (\d+))?[ -]*"
        for name, unit in (("hold", r"(?:seconds?|secs?|segundos?)\b"), ("sets", r"(?:sets?|series)"),
                           ("repetitions", r"(?:reps?|repetitions?|times|repeticiones|veces)")):
            match = re.search(pattern + unit, reading.text)
            if match:
                wanted = _number(match[1], match[2])
                yield Condition(
                    name, lambda e, n=name, w=wanted: _has_amount(e, n, w), lambda e, n=name: _field_line(e, n), _stems(match.group())  # type: ignore[misc]
                )  # fmt: skip

    def _missing(self, reading: Reading) -> Iterable[Condition]:
        if "without" not in reading.cues:
            return
        for name in ("hold", "sets", "repetitions"):
            cue = {"hold": "hold|held|time|seconds", "sets": "sets?", "repetitions": "reps?|repetitions?"}
            near = rf"\b(no|not|without|don'?t|doesn'?t|lacks?|missing|sin)\b( \w+){{0,4}} ({cue[name]})"
            if re.search(near, reading.text) and not re.search(rf"\d+ ({cue[name]})", reading.text):
                yield Condition(f"no {name}", lambda e, n=name: getattr(e, n) is None, _title, _stems("lack lacks missing state stated"))  # type: ignore[misc]

    def _position(self, reading: Reading) -> Iterable[Condition]:
        for name, cues in self.positions.items():
            if _said(cues, reading.text):
                used = tuple(s for cue in cues for s in _stems(cue))
                yield Condition("position", lambda e, n=name: n in e.positions, _first_step, used)  # type: ignore[misc]
                return
        if _said(self.lying, reading.text):
            yield Condition(
                "position", lambda e: any(p.startswith("lying") for p in e.positions), _first_step,
                tuple(s for cue in self.lying for s in _stems(cue)),
            )

    def _cited(self, reading: Reading) -> Iterable[Condition]:
        if not reading.references or "exercise_word" not in reading.cues:
            return
        ids = {r.id for _, r in reading.references}
        yield Condition("source", lambda e: bool(ids & set(e.references)), _benefits,
                        tuple(s for _, r in reading.references for a in r.authors for s in _stems(f"{a} {r.year} al source study cited backed clinic own page")))

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
            yield Condition("purpose", lambda e: e.purposes == (first,), _title)

    def _per(self, reading: Reading) -> Iterable[Condition]:
        if "per" in reading.cues:
            yield Condition(
                "per side", lambda e: bool(e.repetitions and " per " in e.repetitions.text),
                lambda e: _field_line(e, "repetitions"), _stems("leg side arm either"),
            )  # fmt: skip

    def _count(self, reading: Reading, chosen: list[Exercise]) -> list[Pick]:
        if "count" not in reading.cues:
            return []
        ids = tuple(sentence_ids(e.passage)[0] for e in chosen)
        return [Pick(ids, None, str(len(chosen)))]

    def _line(self, exercise: Exercise, conditions: list[Condition]) -> Pick:
        ids = sentence_ids(exercise.passage)
        sentences = [exercise.passage.sentences[0]]
        for condition in conditions:
            sentences += [s for s in condition.line(exercise) if s not in sentences]
        sentences.sort(key=lambda s: s.start)
        chosen = tuple(ids[exercise.passage.sentences.index(s)] for s in sentences)
        return Pick(chosen, None, "; ".join(s.shown.rstrip(".") for s in sentences) + ".")

    # One exercise ------------------------------------------------------------------------------

    def fields(self, reading: Reading) -> list[Pick] | None:
        """ "Chin tuck reps", "how do you do a plank?": the lines of the exercises named."""
        if not reading.exercises:
            return None
        if reading.unexplained(()) or ({"compare"} & reading.cues and len(reading.exercises) < 2):
            return None
        if "position" in reading.fields and not {"hold", "sets", "repetitions"} & reading.fields:
            return None
        names = [f for f in ("hold", "sets", "repetitions", "equipment", "steps", "benefits")
                 if f in reading.fields]
        if "hold" in names or "repetitions" in names or "sets" in names:
            names = [n for n in names if n != "steps"]
        if "steps" in names:
            names = ["steps"]
        picks = []
        for exercise in reading.exercises:
            lines = self.lines(exercise, names or ["steps"])
            if lines:
                picks.append(Pick(lines, exercise.name))
        return picks

    def lines(self, exercise: Exercise, fields: Iterable[str]) -> tuple[str, ...]:
        """Ids of the lines that carry `fields`, in reading order, each once."""
        ids = sentence_ids(exercise.passage)
        wanted: list[Sentence] = []
        for name in fields:
            wanted += _field_line(exercise, name)
        order = sorted({exercise.passage.sentences.index(s) for s in wanted})
        return tuple(ids[i] for i in order)

    # References --------------------------------------------------------------------------------

    def references(self, reading: Reading) -> list[Pick] | None:
        """ "Is Grace cited?", "DOI of the COPD paper", "which sources are undated?"."""
        if not {"sources", "entry"} & reading.cues and not reading.references:
            return None
        if reading.references and re.search(r"\b(exercises|ejercicios|stretches|moves)\b", reading.text):
            return None
        listed = [(a.id, r) for a in self.corpus.articles for r in a.references]
        if "reference_list" in reading.cues or "count" in reading.cues:
            chosen = self._reference_list(reading, listed)
            if chosen is not None:
                return chosen
        if not reading.references:
            return self._of_exercises(reading)
        if "entry" in reading.cues or "uncited" in reading.cues or len(reading.references) > 1:
            return [Pick((self._entry(a, r),)) for a, r in reading.references]
        if "used_for" in reading.cues:
            return self._uses(*reading.references[0])
        return None

    def _of_exercises(self, reading: Reading) -> list[Pick] | None:
        """The sources of the exercises named: the line that cites them, and the entries."""
        if not reading.exercises or reading.unexplained(_stems("doi link url source study")):
            return None
        picks = []
        for exercise in reading.exercises:
            line = self.lines(exercise, ["benefits"])
            if "entry" not in reading.cues:
                picks.append(Pick(line, exercise.name))
            article = exercise.passage.article
            entries = tuple(f"{article}/references/{rid}#1" for rid in exercise.references)
            picks += [Pick((entry,)) for entry in entries]
        return picks

    def _reference_list(
        self, reading: Reading, listed: list[tuple[str, Reference]]
    ) -> list[Pick] | None:
        years = set(re.findall(r"\b(?:19|20)\d\d\b", reading.text))
        cited = {(p.article, rid) for p in self.corpus.passages.values()
                 if p.kind != "reference" for rid in p.references}
        if "undated" in reading.cues:
            chosen = [(a, r) for a, r in listed if r.undated]
        elif "uncited" in reading.cues and not reading.references:
            chosen = [(a, r) for a, r in listed if (a, r.id) not in cited]
        elif years and not any(r.year in years and reading.references for _, r in reading.references):
            chosen = [(a, r) for a, r in listed if r.year in years]
        elif reading.references or not _whole_list(reading):
            return None
        else:
            chosen = listed
        picks = [Pick((self._entry(a, r),)) for a, r in chosen]
        if "count" in reading.cues:
            every = tuple(self._entry(a, r) for a, r in chosen)
            return [Pick(every, None, str(len(chosen))), *picks]
        return picks

    def _entry(self, article: str, reference: Reference) -> str:
        return f"{article}/references/{reference.id}#1"

    def _uses(self, article: str, reference: Reference) -> list[Pick]:
        """The sentences that cite a reference, then its entry."""
        ids = [
            sid
            for p in self.corpus.article(article).passages if p.kind != "reference"
            for sid, s in zip(sentence_ids(p), p.sentences, strict=True)
            if reference.id in s.references
        ]  # fmt: skip
        return [*(Pick((sid,)) for sid in ids), Pick((self._entry(article, reference),))]


def _whole_list(reading: Reading) -> bool:
    return bool(re.search(r"\b(all|list|every|how many|number of|todas?|lista|cuant\w+)\b", reading.text))


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(part) for w in words(text) for part in (w, *w.split("-")))


def _said(cues: Iterable[str], text: str) -> bool:
    return any(re.search(rf"\b{re.escape(fold(cue))}\b", text) for cue in cues)


def _number(first: str, second: str | None) -> tuple[int, ...]:
    spelled = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}
    parts = [first, second] if second else first.split("-")
    return tuple(spelled.get(p, 0) or int(p) for p in parts if p)


def _has_amount(exercise: Exercise, name: str, wanted: tuple[int, ...]) -> bool:
    field: Field | None = getattr(exercise, name)
    if field is None:
        return False
    numbers = tuple(int(n) for n in re.findall(r"\d+", field.text))
    return numbers == wanted or (len(wanted) == 1 and wanted[0] in numbers)


def _largest(exercise: Exercise, name: str | None) -> int:
    field: Field | None = getattr(exercise, name) if name else None
    return max((int(n) for n in re.findall(r"\d+", field.text)), default=0) if field else 0


def _title(exercise: Exercise) -> list[Sentence]:
    return [exercise.passage.sentences[0]]


def _equipment_line(exercise: Exercise) -> list[Sentence]:
    return [exercise.sentence(exercise.equipment)]


def _benefits(exercise: Exercise) -> list[Sentence]:
    return [exercise.sentence(exercise.benefits)]


def _first_step(exercise: Exercise) -> list[Sentence]:
    return [exercise.sentence(exercise.steps[0])]


def _field_line(exercise: Exercise, name: str) -> list[Sentence]:
    if name == "steps":
        return [exercise.sentence(step) for step in exercise.steps]
    if name in ("purpose", "region"):
        return _title(exercise)
    if name == "position":
        return _first_step(exercise)
    field: Field | None = getattr(exercise, name)
    return [exercise.sentence(field)] if field else []


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
    return _benefits(exercise) if _holds(exercise.benefits.text, group) else _title(exercise)


def _holds(text: str, group: tuple[str, ...]) -> bool:
    found = {stem(p) for w in words(text) for p in w.split("-")}
    return set(group) <= found
