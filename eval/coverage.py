"""What the cases cover: every exercise, section and reference of the article needs one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.article import Article
from eval.cases import Case
from eval.scorers.spans import gold_places
from eval.vocabulary import SETS


@dataclass(frozen=True)
class Coverage:
    """How many cases show gold in each headed part, and how many name each reference."""

    parts: Mapping[str, int]
    references: Mapping[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts and references without any case."""
        both = {**self.parts, **self.references}
        return tuple(name for name, count in both.items() if count == 0)


def coverage(cases: Iterable[Case], articles: Mapping[str, Article]) -> Coverage:
    """Count cases by the headed part that their gold stands in, and by reference."""
    parts = {name: 0 for article in articles.values() for name in _headings(article)}
    references = {name: 0 for article in articles.values() for name in article.entries}
    for case in cases:
        places = gold_places(case.gold_spans, articles)
        for name in {_heading_of(articles[article], spans[0][0]) for _, article, spans in places}:
            parts[name] = parts.get(name, 0) + 1
        for name in {*case.references, *_entries_shown(case, articles)}:
            references[name] += 1
    return Coverage(parts, references)


def counts(cases: Sequence[Case]) -> str:
    """Cases by slice and set, as a table for a terminal."""
    found = Counter((case.slice, case.set) for case in cases)
    lines = [f"{'slice':16}" + "".join(f"{name:>8}" for name in SETS)]
    for name in sorted({slice_ for slice_, _ in found}):
        lines.append(f"{name:16}" + "".join(f"{found[name, which]:>8}" for which in SETS))
    totals = [sum(case.set == which for case in cases) for which in SETS]
    return "\n".join([*lines, f"{'total':16}" + "".join(f"{total:>8}" for total in totals)])


def as_text(found: Coverage) -> str:
    """The coverage as a table for a terminal."""
    lines = [f"{count:>6}  {name}" for name, count in found.parts.items()]
    lines += [f"{count:>6}  reference {name}" for name, count in found.references.items()]
    missing = ", ".join(found.missing) or "nothing"
    return "\n".join([*lines, f"without any case: {missing}"])


def _headings(article: Article) -> list[str]:
    """Headings with something under them before the next one."""
    names = []
    for unit, after in zip(article.units, article.units[1:], strict=False):
        if unit.is_heading and not after.is_heading:
            names.append(article.text[unit.start : unit.end])
    return names


def _heading_of(article: Article, place: int) -> str:
    headings = [unit for unit in article.units if unit.is_heading and unit.start <= place]
    return article.text[headings[-1].start : headings[-1].end] if headings else "(before headings)"


def _entries_shown(case: Case, articles: Mapping[str, Article]) -> set[str]:
    return {
        name
        for article in articles.values()
        for name, entry in article.entries.items()
        if any(span in entry for span in case.gold_spans)
    }
