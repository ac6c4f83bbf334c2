"""``python -m eval.speed``: what a ruling and an answer cost, in embeddings of the same question.

Questions are the tuning cases' own, in an order fixed by seed; each step is timed on questions that
it has not seen before, so that nothing comes from a cache. Prints medians and 95th percentiles.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import Assistant, MiniLM, Question, Settings
from eval.article import read_articles
from eval.cases import load_cases

QUESTIONS = 200
SEED = 7


def main() -> int:
    """Measure and print; returns the exit status."""
    settings = Settings.from_environment()
    assistant, embedding = Assistant.open(settings), MiniLM(settings.encoder)
    asked = _questions(settings.corpus)
    half = len(asked) // 2
    first, second = asked[:half], asked[half:]
    embed = _timed(embedding.embed_query, first)
    rule = _timed(lambda text: assistant.steps.rule(Question(text, (), "en", text)), first)
    answer = _timed(assistant.ask, second)
    print(f"{half} questions each, milliseconds: median, 95th percentile")
    for name, times in (("embedding", embed), ("ruling", rule), ("answer", answer)):
        print(f"  {name:10} {statistics.median(times):7.1f} {_high(times):7.1f}")
    base = statistics.median(embed)
    print(f"ruling / embedding {statistics.median(rule) / base:.2f} (bar: at most 1.50)")
    print(f"answer / embedding {statistics.median(answer) / base:.2f}")
    return 0


def _questions(corpus: Path) -> list[str]:
    cases = load_cases(read_articles(corpus), sets=("tuning",))
    texts = sorted({case.question for case in cases})
    random.Random(SEED).shuffle(texts)
    return texts[: 2 * QUESTIONS]


def _timed(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    work("a first question, so that nothing is opened while the clock runs")
    times = []
    for text in texts:
        started = time.perf_counter()
        work(text)
        times.append(1000 * (time.perf_counter() - started))
    return times


def _high(times: Sequence[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


if __name__ == "__main__":
    sys.exit(main())
