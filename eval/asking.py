"""Asking one case and judging the answer; runs in every worker process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.article import Article, read_articles
from eval.cases import Case
from eval.policy import Policy, read_policy
from eval.records import Record, make_record, strip
from eval.scorers import MalformedAnswerError, Score, score_answer, score_error
from eval.selection import stable_hash
from eval.targets import Target, TargetSpec, open_target
from eval.wording import Wording, read_wording

REPEATED_ONE_IN = 12  # how many cases are asked a second time
_BETWEEN = "hello"  # asked in between, so that a second answer is not merely a cached first
_UNSTABLE = ("timings", "id")


@dataclass(frozen=True)
class Judge:
    """All that scoring needs beside the case and the answer."""

    articles: Mapping[str, Article]
    wording: Wording
    policy: Policy

    def scores(self, case: Case, answer: Mapping[str, Any]) -> dict[str, Score]:
        """Every score of an answer. Raises MalformedAnswerError when it is none."""
        return score_answer(case, answer, self.articles, self.wording, self.policy)


def open_judge(corpus: Path) -> Judge:
    """The judge for a corpus. Raises InputError when something of it cannot be read."""
    return Judge(read_articles(corpus), read_wording(), read_policy(corpus))


class Worker:
    """A target, opened once, and the judge of its answers."""

    def __init__(self, spec: TargetSpec) -> None:
        self._judge = open_judge(Path(spec.corpus))
        self._target: Target = open_target(spec)

    def ask(self, case: Case) -> Record:
        """The record of a case, stripped when it is sealed. Never raises for a target's fault."""
        started = time.perf_counter()
        try:
            answer = dict(self._target(case.question, case.earlier))
            timings = _timings(answer, started)
            scores = self._judge.scores(case, answer)
            repeated = self._repeated(case, answer)
            record = make_record(case, _stable(answer), None, scores, repeated, timings)
        except MalformedAnswerError as error:
            record = self._failed(case, f"malformed answer: {error}", started)
        except Exception as error:  # whatever a target raises is a finding, not our failure
            record = self._failed(case, f"{type(error).__name__}: {error}", started)
        return strip(record) if case.sealed else record

    def _failed(self, case: Case, error: str, started: float) -> Record:
        timings = _timings({}, started)
        return make_record(case, None, error, score_error(case, error), None, timings)

    def _repeated(self, case: Case, answer: Mapping[str, Any]) -> bool | None:
        if not is_repeated(case):
            return None
        self._target(_BETWEEN, ())
        again = dict(self._target(case.question, case.earlier))
        return _canonical(_stable(again)) == _canonical(_stable(answer))


def is_repeated(case: Case) -> bool:
    """Whether a case is asked twice: an authored one in twelve, by stable hash."""
    return case.variant is None and stable_hash(case.id) % REPEATED_ONE_IN == 0


def _stable(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in _UNSTABLE}


def _canonical(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, sort_keys=True, ensure_ascii=False)


def _timings(answer: Mapping[str, Any], started: float) -> dict[str, float]:
    steps = {step: float(ms) for step, ms in (answer.get("timings") or {}).items()}
    return {**steps, "asked": round(1000 * (time.perf_counter() - started), 3)}
