"""Questions about the articles' references: which there are, where each is used, what they are."""

from __future__ import annotations

import re

from assistant.corpus import Corpus, sentence_ids
from assistant.lexical import words
from assistant.picks import Pick, line_ids, stems
from assistant.references import Reference
from assistant.understanding import Reading

# Words of a question that asks for nothing but the source.
_ASKING = "who says said backs study source comes from research evidence proof paper cited claim supports"

_OF_LISTS = {"reference_list", "count", "undated", "oldest", "newest", "before", "after"}
_BRIEF = 8  # words; in a longer message a year may stand for anything
_NUMBERS = ("two", "three", "four", "five", "2", "3", "4", "5", "dos", "tres", "cuatro", "cinco")
_FEW = re.compile(
    rf"\b({'|'.join(_NUMBERS)}) (?:\w+ )?(?:oldest|earliest|newest|latest|most recent|mas)\b"
    rf"|\b(?:oldest|earliest|newest|latest|most recent) ({'|'.join(_NUMBERS)})\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Bibliography:
    """Computes answers over the references of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus

    def picks(self, reading: Reading) -> list[Pick] | None:
        """The entries, or the sentences that cite them; None where the question is not of this kind."""
        if not {"sources", "entry"} & reading.cues and not reading.references:
            return None
        if self._another_year(reading):
            return []
        if reading.references and re.search(r"\b(exercises|ejercicios|stretches|moves)\b", reading.text):
            return None
        listed = [(a.id, r) for a in self.corpus.articles for r in a.references]
        about_list = _OF_LISTS & reading.cues
        if about_list and "people" not in reading.cues:
            chosen = self._reference_list(reading, listed)
            if chosen is not None:
                return chosen
        if not reading.references:
            return self._of_exercises(reading)
        if "entry" in reading.cues or "uncited" in reading.cues or len(reading.references) > 1:
            return [Pick((self._entry(a, r),)) for a, r in reading.references]
        if "used_for" in reading.cues:
            return self._uses(*reading.references[0])
        named = " ".join(r.label for _, r in reading.references)
        if "sources" in reading.cues and not reading.unexplained(stems(f"{named} {_ASKING}")):
            return [Pick((self._entry(a, r),)) for a, r in reading.references]
        return None

    def _another_year(self, reading: Reading) -> bool:
        """Whether sources of a year are asked for that no article prints: "anything from 2018?"."""
        asked = reading.text.partition(" (")[0]
        if {"before", "after"} & reading.cues or len(words(asked)) > _BRIEF:
            return False
        years = set(_YEAR.findall(reading.text))
        printed = {y for p in self.corpus.passages.values() for y in _YEAR.findall(p.text)}
        return bool(years) and not years & printed

    def _of_exercises(self, reading: Reading) -> list[Pick] | None:
        """The sources of the exercises named: the line that cites them, and the entries."""
        if not reading.exercises or reading.unexplained(stems(f"doi link url evidence {_ASKING}")):
            return None
        picks = []
        for exercise in reading.exercises:
            line = line_ids(exercise, ["benefits"])
            if "entry" not in reading.cues:
                picks.append(Pick(line, exercise.name))
            article = exercise.passage.article
            entries = tuple(f"{article}/references/{rid}#1" for rid in exercise.references)
            picks += [Pick((entry,)) for entry in entries]
        return picks

    def _reference_list(
        self, reading: Reading, listed: list[tuple[str, Reference]]
    ) -> list[Pick] | None:
        years = set(_YEAR.findall(reading.text))
        cited = {(p.article, rid) for p in self.corpus.passages.values()
                 if p.kind != "reference" for rid in p.references}
        if "undated" in reading.cues:
            chosen = [(a, r) for a, r in listed if r.undated]
        elif "uncited" in reading.cues and not reading.references:
            chosen = [(a, r) for a, r in listed if (a, r.id) not in cited]
        elif not reading.references and (by_age := _by_age(reading, listed, years)):
            chosen = by_age
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


def _by_age(
    reading: Reading, listed: list[tuple[str, Reference]], years: set[str]
) -> list[tuple[str, Reference]]:
    """The oldest or newest entries, or those before or after a year."""
    dated = [(int(r.year[:4]), (a, r)) for a, r in listed if not r.undated]
    wanted: list[tuple[str, Reference]] = []
    for cue, newest_first in (("oldest", False), ("newest", True)):
        if cue in reading.cues and dated:
            known = sorted((year for year, _ in dated), reverse=newest_first)
            last = known[min(_how_many(reading), len(known)) - 1]
            among = [year for year in known if (year >= last if newest_first else year <= last)]
            wanted += [entry for year, entry in dated if year in among]
    for year in map(int, years):
        if "before" in reading.cues:
            wanted += [entry for dates, entry in dated if dates < year]
        elif "after" in reading.cues:
            wanted += [entry for dates, entry in dated if dates > year]
    return wanted


def _how_many(reading: Reading) -> int:
    """How many of the oldest or newest are asked for: "the two oldest", "the newest three"."""
    beside = _FEW.search(reading.text)
    return _NUMBERS.index(beside[1] or beside[2]) % 4 + 2 if beside else 1


def _whole_list(reading: Reading) -> bool:
    return bool(re.search(r"\b(all|list|every|how many|number of|todas?|lista|cuant\w+)\b", reading.text))
